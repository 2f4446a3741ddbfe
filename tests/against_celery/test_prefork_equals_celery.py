"""Child processes that end, and what clients and logs are told: the lab's pool says what ``celery worker`` says.

The tasks and the two ways to run them are in the folder ``prefork`` beside this file.
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

PROGRAM = Path(__file__).with_name("prefork")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds after which a side that hangs is given up."""


def rabbitmq_answers() -> bool:
    """Tell whether there is a RabbitMQ on this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", 5672)) == 0


def ask(side: str) -> Any:
    """Let one side run the tasks, in a process of its own."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = {name: value for name, value in os.environ.items() if not name.startswith("PREFORK_")}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), side],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={**env, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.servers
def test_a_process_that_ends_tells_client_and_log_what_celerys_tells() -> None:
    """SystemExit, an interrupt, a message put back, get() in a task, a failing callback: the same answers and log."""
    if find_spec("celery") is None:
        pytest.skip("Celery is not installed, there is nothing to compare with")
    if not rabbitmq_answers():
        pytest.skip("no RabbitMQ answers on 127.0.0.1:5672")
    (celerys, celerys_errors), (labqs, labqs_errors) = ask("celery"), ask("labq")
    assert labqs == celerys
    assert labqs_errors == celerys_errors
    assert len(celerys) > 10
    assert len(celerys_errors) > 5
