"""What is done with apps, tasks, results and workers, and what is seen: the same steps for Celery and for labq.

``test_core_equals_celery`` runs this folder as a program twice, once for each side (``celery``, ``labq``), and compares
what is printed as JSON. Names of scenarios may follow; with no argument at all the program prints the names.
"""

from __future__ import annotations

import json
import sys

import app_scenarios  # noqa: F401 - puts its scenarios on the list
import beat_scenarios  # noqa: F401 - the same
import calling_scenarios  # noqa: F401 - the same
import canvas_run_scenarios  # noqa: F401 - the same
import canvas_scenarios  # noqa: F401 - the same
import chord_scenarios  # noqa: F401 - the same
import control_scenarios  # noqa: F401 - the same
import eager_scenarios  # noqa: F401 - the same
import event_scenarios  # noqa: F401 - the same
import hook_scenarios  # noqa: F401 - the same
import link_scenarios  # noqa: F401 - the same
import log_scenarios  # noqa: F401 - the same
import option_scenarios  # noqa: F401 - the same
import refused_scenarios  # noqa: F401 - the same
import replace_scenarios  # noqa: F401 - the same
import result_scenarios  # noqa: F401 - the same
import result_set_scenarios  # noqa: F401 - the same
import retry_scenarios  # noqa: F401 - the same
import routing_scenarios  # noqa: F401 - the same
import schedule_scenarios  # noqa: F401 - the same
import stored_scenarios  # noqa: F401 - the same
import strange_scenarios  # noqa: F401 - the same
import surface_scenarios  # noqa: F401 - the same
import task_scenarios  # noqa: F401 - the same
from core_means import SCENARIOS, seen
from core_sides import celerys_side, labqs_side

__all__ = ("SCENARIOS",)

SIDES = {"celery": celerys_side, "labq": labqs_side}

if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.stdout.write("\n".join(SCENARIOS))
    else:
        chosen = sys.argv[2:] or list(SCENARIOS)
        json.dump(seen(SIDES[sys.argv[1]](), chosen), sys.stdout)
