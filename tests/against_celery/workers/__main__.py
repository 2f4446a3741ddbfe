"""Workers with children, limits and revokes: the same steps for ``celery worker`` and for the lab's worker.

``test_workers_equal_celery`` runs this folder as a program twice, once for each side (``celery``, ``labq``), and
compares what is printed as JSON. Names of scenarios may follow; with no argument at all the program prints the names.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("WORKERS_SIDE", sys.argv[1] if len(sys.argv) > 1 else "labq")
SIDE = os.environ["WORKERS_SIDE"]
AT_ONCE = 4
"""How many real workers there are at a time: most of their time is waiting."""

from worker_scenarios import SCENARIOS  # noqa: E402 - the same place as the next
from worker_sides import working  # noqa: E402 - it reads the variable


def seen(name: str) -> Any:
    """Take the steps of one scenario."""
    from worker_tasks import app

    function, options, conf = SCENARIOS[name]
    try:
        with working(app, SIDE, options, conf) as worker:
            return function(worker)
    except Exception:  # noqa: BLE001 - a scenario that breaks is an answer
        return f"Error: {traceback.format_exc()}"


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.stdout.write("\n".join(SCENARIOS))
    else:
        chosen = sys.argv[2:] or list(SCENARIOS)
        with ThreadPoolExecutor(AT_ONCE if SIDE == "celery" else 1) as threads:
            told = (
                dict(zip(chosen, threads.map(seen, chosen), strict=True))
                if SIDE == "celery"
                else {name: seen(name) for name in chosen}
            )
        json.dump(told, sys.stdout)
