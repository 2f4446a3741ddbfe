"""Workers whose tasks are limited, killed, revoked and stopped: the lab's does what ``celery worker`` does.

The steps are in the folder ``workers`` beside this file; real workers are processes on a real RabbitMQ with a real
Redis for the results. Where the two differ on purpose, ``labq/DIVERGENCES.md`` says so,
and no scenario asks.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("workers")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300
"""Seconds after which a side that hangs is given up."""
SERVERS = {"RabbitMQ": 5672, "Redis": 6379}


def answers(*port: int) -> bool:
    """Tell whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", *port)) == 0


def ran(*words: str) -> str:
    """Run the program and return what it prints."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = {name: value for name, value in os.environ.items() if not name.startswith("WORKERS_")}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *words], capture_output=True, text=True, check=False, timeout=PATIENCE,
        env={**env, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


NAMES = ran().split()


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, Any], dict[str, Any]]:
    """What real workers show, and what the lab's show."""
    if find_spec("celery") is None:
        pytest.skip("Celery is not installed, there is nothing to compare with")
    for name, port in SERVERS.items():
        if not answers(port):
            pytest.skip(f"no {name} answers on 127.0.0.1:{port}")
    return json.loads(ran("celery")), json.loads(ran("labq"))


@pytest.mark.servers
@pytest.mark.parametrize("scenario", NAMES)
def test_a_worker_does_the_same(scenario: str, both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Results, states, signals, hooks, logs, and what is left in the queue."""
    celery_saw, labq_saw = both
    assert labq_saw[scenario] == celery_saw[scenario]
    assert not str(celery_saw[scenario]).startswith("Error: ")


def test_the_comparison_asks_enough() -> None:
    """Nobody empties the folder unseen."""
    assert len(NAMES) >= 35
