"""labq and its peers in one run: what does one task cost, through labq, through Celery in memory, through Celery eager?

Comes in: ``python tests/bench/peers.py [--quick] [--json]``. Goes out: a table, or JSON. Each measurement is a fresh
process; the rounds are interleaved (A B C A B C), so that a busy minute of the machine falls on all of them; what is
shown is the median. How to read it stands in ``README.md`` beside this file.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

TASKS = 2000
"""Tasks in a throughput measurement."""
TRIPS = 400
"""Round trips, one after another."""
WARM_UP = 200
"""Tasks that run before anything is measured."""
POLL = 0.001
"""How often Celery looks for messages and results in memory, in seconds."""
CLOCK = time.perf_counter

MESSAGE = [[2, 3], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
META = {
    "status": "SUCCESS",
    "result": 5,
    "traceback": None,
    "children": [],
    "date_done": "2030-01-01T09:00:00+00:00",
    "task_id": "fbba9cda-33bc-40d4-976c-fe66c64c6809",
}
"""What any task queue with JSON has to write and read for one call of ``add(2, 3)``."""


def add(x: int, y: int) -> int:
    """Do next to nothing: what is measured is the way there and back."""
    return x + y


# -- what is measured ------------------------------------------------------------------------------------------------
def read_at_once(result: Any) -> Any:
    """Wait for *result* in the usual way."""
    return result.get()


def measure(
    send: Callable[[], Any], read: Callable[[Any], Any] = read_at_once, tasks: int = TASKS, trips: int = TRIPS
) -> dict[str, float]:
    """Return µs per task when all are sent before the first is read, and µs per round trip, median and 99th of 100."""
    for _ in range(WARM_UP):
        read(send())
    began = CLOCK()
    for result in [send() for _ in range(tasks)]:
        assert read(result) == 5
    each = (CLOCK() - began) / tasks
    lengths = []
    for _ in range(trips):
        began = CLOCK()
        read(send())
        lengths.append(CLOCK() - began)
    return {"task": each * 1e6, "p50": median(lengths) * 1e6, "p99": quantiles(lengths, n=100)[98] * 1e6}


def through_labq() -> dict[str, float]:
    """Publish, route, deliver, run, store, read; every record is kept."""
    from labq import Celery, Lab

    lab = Lab(seed=1, start="2030-01-01T00:00:00Z")
    app = Celery("bench", broker="memory://", backend="cache+memory://")
    task = app.task(add)
    lab.start_worker(app, concurrency=2)
    return measure(lambda: task.delay(2, 3))


def through_celery_memory() -> dict[str, float]:
    """Real Celery in one process: kombu's memory transport and a worker in a thread.

    Messages and results are both looked for every millisecond: with the usual half second nothing could be compared.
    """
    from celery import Celery
    from celery.contrib.testing.worker import start_worker

    app = Celery("bench", broker="memory://", backend="cache+memory://")
    app.conf.broker_transport_options = {"polling_interval": POLL}
    task = app.task(add)
    with start_worker(app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
        return measure(lambda: task.delay(2, 3), lambda result: result.get(interval=POLL), TASKS // 4, TRIPS // 4)


def through_celery_eager() -> dict[str, float]:
    """Real Celery with ``task_always_eager``: no message, no worker, a call."""
    from celery import Celery

    app = Celery("bench")
    app.conf.task_always_eager = True
    task = app.task(add)
    return measure(lambda: task.delay(2, 3))


def through_nothing() -> dict[str, float]:
    """The floor: the call itself, and JSON written and read for a message's body and a result."""

    class Result:
        def __init__(self, value: int) -> None:
            self.stored = json.dumps({**META, "result": value})

        def get(self) -> Any:
            return json.loads(self.stored)["result"]

    def send() -> Result:
        args, kwargs, _ = json.loads(json.dumps(MESSAGE))
        return Result(add(*args, **kwargs))

    return measure(send)


PEERS: dict[str, tuple[str, Callable[[], dict[str, float]]]] = {
    "labq": ("labq", through_labq),
    "memory": ("Celery memory://", through_celery_memory),
    "eager": ("Celery eager", through_celery_eager),
    "floor": ("floor (call + json)", through_nothing),
}


# -- the run ---------------------------------------------------------------------------------------------------------
def in_a_fresh_process(peer: str) -> dict[str, float]:
    """Measure *peer* once, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--only", peer], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{peer} could not be measured:\n{done.stderr}")
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def interleaved(rounds: int, say: Callable[[str], object]) -> dict[str, dict[str, float]]:
    """Measure every peer once a round, and return the median of the rounds."""
    found: dict[str, list[dict[str, float]]] = {peer: [] for peer in PEERS}
    for number in range(1, rounds + 1):
        for peer in PEERS:
            say(f"round {number} of {rounds}: {PEERS[peer][0]}")
            found[peer].append(in_a_fresh_process(peer))
    return {
        peer: {name: median(each[name] for each in measured) for name in measured[0]}
        for peer, measured in found.items()
    }


def ratios(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return how the peers compare, by µs per task, and by µs per round trip where a name says so."""
    task = {peer: measured["task"] for peer, measured in found.items()}
    trip = {peer: measured["p50"] for peer, measured in found.items()}
    return {
        "labq/eager": task["labq"] / task["eager"],
        "memory/labq": task["memory"] / task["labq"],
        "labq/floor": task["labq"] / task["floor"],
        "round trip labq/eager": trip["labq"] / trip["eager"],
        "round trip memory/labq": trip["memory"] / trip["labq"],
    }


def show(found: dict[str, dict[str, float]], rounds: int, console: Console) -> None:
    """Print the table and the ratios."""
    table = Table(title=f"A no-op task, µs, median of {rounds} rounds, Python {platform.python_version()}")
    table.add_column("through")
    for heading in ("per task", "round trip p50", "round trip p99"):
        table.add_column(heading, justify="right")
    for peer, measured in found.items():
        table.add_row(PEERS[peer][0], *(f"{measured[name]:,.1f}" for name in ("task", "p50", "p99")))
    console.print(table)
    for name, ratio in ratios(found).items():
        console.print(f"{name:>24}  {ratio:,.2f}")


def main() -> None:
    """Run the measurement that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 rounds instead of 7")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--only", choices=sorted(PEERS), help="measure one peer once, here, and print JSON")
    asked = parser.parse_args()
    if asked.only:
        print(json.dumps(PEERS[asked.only][1]()))
        return
    rounds = 3 if asked.quick else 7
    console = Console()
    with Console(stderr=True).status("") as status:
        found = interleaved(rounds, status.update)
    if asked.json:
        print(json.dumps({"rounds": rounds, "microseconds": found, "ratios": ratios(found)}, indent=2))
    else:
        show(found, rounds, console)


if __name__ == "__main__":
    main()
