"""A worker's banner says what real Celery's says, line by line, except what differs on every run."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

SCENARIOS = {
    "plain": {"options": {"concurrency": 2}, "level": "WARNING"},
    "with its tasks": {"options": {"concurrency": 3}, "level": "INFO"},
    "with built-in tasks": {"options": {"concurrency": 1}, "level": "DEBUG"},
    "solo": {"options": {"concurrency": 5, "pool": "solo"}, "level": "WARNING"},
    "of two queues": {"options": {"concurrency": 2, "queues": "zebra,ant"}, "level": "WARNING"},
    "with events": {"options": {"concurrency": 2, "task_events": True}, "level": "WARNING"},
    "of another broker": {
        "broker": "pyamqp://ann:secret@rabbit:5673/shop", "options": {"concurrency": 2}, "level": "WARNING",
    },
    "with results in memory": {"backend": "cache+memory://", "options": {"concurrency": 2}, "level": "WARNING"},
    "without results": {"backend": None, "options": {"concurrency": 2}, "level": "WARNING"},
    "with queues of its own": {
        "options": {"concurrency": 2}, "level": "WARNING", "queues": [["mail", "letters", "topic", "mail.#"]],
    },
}  # fmt: skip

APP = """
import json, logging, sys
scenario = json.loads(sys.argv[1])
options, level = scenario["options"], getattr(logging, scenario["level"])
from {package} import Celery
from {queues} import Exchange, Queue
app = Celery("proj", broker=scenario.get("broker", "amqp://"), backend=scenario.get("backend", "rpc://"))
if "queues" in scenario:
    app.conf.task_queues = [Queue(n, Exchange(e, type=t), routing_key=k) for n, e, t, k in scenario["queues"]]

@app.task(name="proj.add")
def add(x, y):
    return x + y
"""

CELERYS = (
    APP.format(package="celery", queues="kombu")
    + """
pool = options.pop("pool", "prefork")
worker = app.Worker(hostname="w1@lab", loglevel=level, pool=pool, **options)
print(worker.startup_info(artlines=False) + (worker.extra_info() or ""))
"""
)

LABQS = (
    APP.format(package="labq", queues="labq.kombu")
    + """
from labq.bin.celery import run_celery
line = ["-A", "app", "worker", "-n", "w1@lab", "-l", scenario["level"], "-c", str(options["concurrency"])]
line += ["-P", options["pool"]] if "pool" in options else []
line += ["-Q", options["queues"]] if "queues" in options else []
line += ["-E"] if options.get("task_events") else []
run_celery(line, {"app": app})
"""
)

DRAWN = 16
"""How wide the drawing is."""


def _said(script: str, scenario: dict[str, object]) -> list[str]:
    """Return the lines of a banner without its drawing, with what differs on every run made equal."""
    argv = [sys.executable, "-W", "ignore", "-c", script, json.dumps(scenario)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    text = re.sub(r"^\[20.*\n?", "", done.stdout, flags=re.MULTILINE)  # the log, which is compared elsewhere
    text = re.sub(r":0x[0-9a-f…]+", ":0x…", text)
    text = re.sub(r" v5\.7\.\d+ \(\w+\)", " v5.7 (name)", text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
def test_the_banner_has_celerys_lines_in_celerys_order(scenario):
    """Only the second line differs, which names the system and the date."""
    celerys = _said(CELERYS, scenario)
    drawn, listed = _split(_said(LABQS, scenario))
    labqs = [line for line in (each[DRAWN:].rstrip() for each in drawn) if line] + listed
    assert labqs[0] == celerys[0] == "w1@lab v5.7 (name)"
    assert re.fullmatch(r"Lab-seed-\d+ 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", labqs[1])
    assert labqs[2:] == celerys[2:]


def _split(lines: list[str]) -> tuple[list[str], list[str]]:
    """Divide the lines beside the drawing from the list of tasks, which stands below it."""
    place = lines.index("[tasks]") if "[tasks]" in lines else len(lines)
    return lines[:place], lines[place:]
