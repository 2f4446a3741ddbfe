"""``celery amqp`` on a real RabbitMQ, and ``labq celery amqp`` on the lab's: the same commands give the same lines."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

ADDRESS = ("127.0.0.1", 5672)
ROOT = Path(__file__).resolve().parents[2]

LINES = """
queue.declare shelf
queue.declare shelf true
queue.declare nowhere true
exchange.declare books direct
exchange.declare books topic
queue.bind shelf books new
basic.publish hello books new
basic.publish again books new
basic.get shelf true
queue.declare shelf true
queue.purge shelf
basic.get shelf
basic.get nowhere
queue.purge nowhere
queue.bind nowhere books x
queue.bind shelf nowhere x
queue.declare amq.mine
queue.delete shelf true
queue.delete shelf
exchange.delete books false
exchange.delete nowhere true
""".strip().splitlines()
"""The commands; the names in them get a prefix that nobody else has."""

SCRIPT = """
import json, sys
from importlib import import_module
from click.testing import CliRunner
engine, lines = sys.argv[1], json.loads(sys.argv[2])
import_module(engine).Celery("shelves", broker="amqp://")
celery = import_module(f"{engine}.bin.celery").celery
done = [CliRunner().invoke(celery, ["amqp", *line.split()]) for line in lines]
print(json.dumps([[each.exit_code, each.stdout, each.stderr] for each in done]))
"""


def _answers() -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(ADDRESS) == 0


pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not _answers(), reason=f"no RabbitMQ answers on {ADDRESS[0]}:{ADDRESS[1]}"),
]


@pytest.fixture(scope="module")
def prefix() -> str:
    """What the names of everything that is made begin with."""
    return f"labq-{uuid.uuid4().hex[:8]}-"


def _side(engine: str, prefix: str, folder: Path) -> list[list[object]]:
    named = [
        " ".join(prefix + word if word in ("shelf", "books", "nowhere") else word for word in line.split())
        for line in LINES
    ]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, engine, json.dumps(named)],
        capture_output=True, text=True, check=False, timeout=60, cwd=folder, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = done.stdout.replace("127.0.0.1:5672", "localhost:5672")  # what Celery calls the server after connecting
    answers: list[list[object]] = json.loads(said)
    return answers


def test_each_command_gives_the_same(prefix, tmp_path):
    """Answers and refusals, word by word."""
    celery, labq = _side("celery", prefix, tmp_path), _side("labq", prefix, tmp_path)
    assert dict(zip(LINES, labq, strict=True)) == dict(zip(LINES, celery, strict=True))


@pytest.mark.parametrize("line", ["basic.publish hello nowhere new", "basic.ack 3"])
def test_what_real_celery_learns_too_late_is_said_at_once(tmp_path, line):
    """RabbitMQ's refusal comes when the command has ended."""
    said = {
        engine: json.loads(
            subprocess.run(
                [sys.executable, "-W", "ignore", "-c", SCRIPT, engine, json.dumps([line])],
                capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)},
            ).stdout
        )[0]
        for engine in ("celery", "labq")
    }  # fmt: skip
    assert said["celery"][1].endswith("OK\n")
    assert said["labq"][2].startswith("ERROR: Basic.")
