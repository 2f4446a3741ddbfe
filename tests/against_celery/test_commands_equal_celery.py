"""``labq celery …`` says what ``celery …`` says: the same lines, run by both engines, give the same output.

The lines are in the folder ``commands`` beside this file. What differs on purpose stands here with both answers;
``labq/DIVERGENCES.md`` gives the reasons.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from divergences import Divergence

RUNNER = Path(__file__).with_name("commands")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds after which a side that hangs is given up."""

sys.path.insert(0, str(RUNNER))
from lines import ANSWERED, LINES  # noqa: E402 - the folder is a program, and no package

sys.path.remove(str(RUNNER))


def _gave(exit: int = 0, out: str = "", err: str = "", raised: str | None = None) -> dict[str, Any]:
    return {"exit": exit, "out": out, "err": err, "raised": raised}


CONNECTED = "-> connecting to memory://:**@localhost//.\n-> connected.\n"
DIFFERENT: dict[str, Divergence] = {
    # Celery meant to say a sentence here, and falls over its own slip
    "an autoscale that is none": Divergence(
        "Slips on the line",
        _gave(1, raised="AttributeError"),
        _gave(
            2,
            err="Usage: celery worker [OPTIONS]\nTry 'celery worker --help' for help.\n\nError: Invalid value for "
            "'--autoscale': Expected two comma separated integers. Got a,b instead.\n",
        ),
    ),
    # memory:// is a RabbitMQ in the lab: with RabbitMQ Celery says what labq says, with memory:// it does not
    "a message is published": Divergence(
        "memory:// is a RabbitMQ",
        _gave(out=CONNECTED * 2, err="ERROR: string indices must be integers, not 'str'\n"),
        _gave(out=f"{CONNECTED}OK\n"),
    ),
    "an empty queue is read": Divergence(
        "memory:// is a RabbitMQ",
        _gave(out=f"{CONNECTED}No messages in queue. basic.publish something.\nOK\n"),
        _gave(out=CONNECTED * 2, err="ERROR: Basic.get: (404) NOT_FOUND - no queue 'nothing_here' in vhost '/'\n"),
    ),
    "a queue is purged": Divergence(
        "memory:// is a RabbitMQ",
        _gave(out=f"{CONNECTED}0 messages deleted.\nOK\n"),
        _gave(out=f"{CONNECTED}1 messages deleted.\nOK\n"),
    ),
    "a queue is deleted": Divergence(
        "memory:// is a RabbitMQ",
        _gave(out=f"{CONNECTED}None messages deleted.\nOK\n"),
        _gave(out=f"{CONNECTED}0 messages deleted.\nOK\n"),
    ),
}
"""What differs on purpose."""

OPTIONS_APART = {"options of celery events": [["Snapshot", "-d, --detach"], ["Snapshot", "--detach"]]}
"""Options that are written differently: Celery's, labq's. In Celery ``-d`` means two options, of which the wrong one
wins."""


def _side(engine: str, folder: Path) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for part in ("alone", "answered"):
        (folder / part).mkdir(parents=True)
        answers.update(_part(engine, part, folder / part))
    return answers


def _part(engine: str, part: str, folder: Path) -> dict[str, Any]:
    environment = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("CELERY", "LABQ")) and name not in ("APP", "BROKER_URL", "RESULT_BACKEND", "LOADER")
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(RUNNER), engine, part, str(folder)], capture_output=True, text=True,
        check=False, timeout=PATIENCE, env={**environment, "PYTHONPATH": str(ROOT), "LABQ_LANG": "en"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


@pytest.fixture(scope="module")
def celery(tmp_path_factory):
    """What real Celery gave."""
    return _side("celery", tmp_path_factory.mktemp("commands"))


@pytest.fixture(scope="module")
def labq(tmp_path_factory):
    """What labq gave."""
    return _side("labq", tmp_path_factory.mktemp("commands"))


@pytest.mark.parametrize("name", sorted((LINES.keys() | ANSWERED.keys()) - DIFFERENT.keys()))
def test_a_line_gives_what_it_gives_in_celery(name, celery, labq):
    """Exit code, standard output and standard error."""
    assert labq[name] == celery[name]


@pytest.mark.parametrize("name", sorted(DIFFERENT))
def test_what_differs_does_so_as_it_is_written_down(name, celery, labq):
    """Neither side's answer can change unseen."""
    meant = DIFFERENT[name]
    assert (celery[name], labq[name]) == (meant.celery, meant.labq)
    assert meant.explained


def test_every_command_has_celerys_options_under_celerys_headings(celery, labq):
    """Names, values and headings of all options of all commands, and no command too few or too many."""
    names = {name for name in (*celery, *labq) if name.startswith("options of ")}
    assert len(names) > 20
    for name in sorted(names):
        theirs, ours = celery.get(name, []), labq.get(name, [])
        expected = [
            [option for option in theirs if option not in ours],
            [option for option in ours if option not in theirs],
        ]
        apart = OPTIONS_APART.get(name)
        assert expected == ([[apart[0]], [apart[1]]] if apart else [[], []]), name


def test_many_lines_are_compared(celery):
    """At least forty outputs, besides the options."""
    assert sum(not name.startswith("options of ") for name in celery) >= 40
