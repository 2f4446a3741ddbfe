"""A real worker with child processes on RabbitMQ, and the lab's: the same tasks end their processes in every way.

``test_prefork_equals_celery`` runs this folder as a program twice, once for each side (``celery``, ``labq``), and
compares what clients and logs say, printed as JSON. Celery's worker is the program ``celery worker`` itself.
"""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

LONG = 30
QUEUE = os.environ.setdefault("PREFORK_QUEUE", f"labq-prefork-{os.getpid()}")
SIDE = os.environ.setdefault("PREFORK_SIDE", sys.argv[1] if len(sys.argv) > 1 else "celery")
FOLDER = Path(__file__).parent

from prefork_tasks import CALLS, app  # noqa: E402 - it reads the two variables

ERROR = re.compile(r"ERROR/MainProcess\] (Task handler raised error: .*)")


def answer(result: Any) -> list[Any]:
    """Return what a client sees of one call."""
    try:
        value = result.get(timeout=LONG)
    except BaseException as error:  # noqa: BLE001 - KeyboardInterrupt is one of the ways
        if isinstance(error, KeyboardInterrupt):  # the lab hands it to the user, whose key it was
            error = result.get(timeout=LONG, propagate=False)
        value = f"{type(error).__name__}: {error}"
    return [value, result.state]


@contextmanager
def real_worker() -> Iterator[list[str]]:
    """Have ``celery worker`` for a while; its log's errors are in the list afterwards."""
    errors: list[str] = []
    command = [sys.executable, "-m", "celery", "-A", "prefork_tasks", "worker", "-P", "prefork", "-c", "1"]
    command += ["-n", "w1@lab", "-l", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    with tempfile.TemporaryFile("w+") as log:
        worker = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=log)
        try:
            yield errors
        finally:
            worker.terminate()
            worker.wait(LONG)
            with app.connection() as connection:
                connection.default_channel.queue_delete(QUEUE)
        log.seek(0)
        errors += ERROR.findall(log.read())


@contextmanager
def labs_worker() -> Iterator[list[str]]:
    """Have the lab's worker for a while."""
    import labq

    errors: list[str] = []
    collector = logging.Handler()
    collector.emit = lambda record: errors.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("celery.worker.request")
    logger.setLevel(logging.ERROR)
    logger.addHandler(collector)
    lab = labq.Lab(seed=1, start="2030-01-01T09:00:00Z")
    lab.start_worker(app, hostname="w1@lab", pool="prefork", concurrency=1)
    yield errors


if __name__ == "__main__":
    with (real_worker if SIDE == "celery" else labs_worker)() as errors:
        seen = {name: answer(call()) for name, call in CALLS.items()}
    json.dump([seen, errors], sys.stdout)
