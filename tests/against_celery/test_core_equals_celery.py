"""Apps, tasks, calls, results, retries, hooks and workers: taken through the same steps, Celery and labq show the same.

The steps are in the folder ``core`` beside this file. What differs on purpose stands here with both answers, so that
neither can change unseen, and with its section of ``labq/DIVERGENCES.md``, which gives the reason.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from divergences import Divergence

STEPS = Path(__file__).with_name("core")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 480
"""Seconds after which a side that hangs is given up."""

CULPRIT = "celery.exceptions.ChordError: Dependency <id> raised"
TIMED_OUT = "celery.exceptions.TimeoutError: The operation timed out."
AFTER_A_FAILED_CALLBACK = [
    ["task_postrun", ["args", "kwargs", "retval", "state", "task", "task_id"]],
    ["task_internal_error", ["args", "einfo", "exception", "kwargs", "request", "task_id", "traceback"]],
]
TOLD_BY_THE_WORKER = ["task_failure", ["args", "einfo", "exception", "kwargs", "task_id", "traceback"]]
DIFFERENT: dict[str, Divergence] = {
    # three messages that end a real worker: no lesson is in that, the lab's worker goes on
    "an_empty_task_ends_a_real_worker": Divergence(
        "Messages that end a real worker", ["PENDING", TIMED_OUT], ["PENDING", 5]
    ),
    "an_old_task_without_an_id_ends_a_real_worker": Divergence("Messages that end a real worker", TIMED_OUT, 5),
    # with the prefork pool Celery goes on too, and tells the same as labq
    "a_callback_that_fails_after_a_failure_ends_a_real_solo_worker": Divergence(
        "Messages that end a real worker",
        [TIMED_OUT, AFTER_A_FAILED_CALLBACK],
        [1, [*AFTER_A_FAILED_CALLBACK, TOLD_BY_THE_WORKER]],
    ),
    # Celery forgets to tell the client
    "keyword_arguments_that_are_no_mapping": Divergence(
        "Keyword arguments that are no mapping",
        ["PENDING", None],
        ["FAILURE", "builtins.TypeError: strange_scenarios.plain() argument after ** must be a mapping, not int"],
    ),
    # as with Redis, the part of a chord that has failed is named
    "the_culprit_is_named_by_default": Divergence(
        "Chords in memory count as those in Redis",
        "celery.exceptions.ChordError: ValueError('boom')",
        "celery.exceptions.ChordError: Dependency h1 raised ValueError('boom')",
    ),
    # as with Redis, a chord can be given one more part
    "a_part_can_be_added_on_redis_only": Divergence(
        "Chords in memory count as those in Redis",
        [
            "builtins.ValueError: Current task is not member of any chord",
            f"{CULPRIT} NotImplementedError('Backend does not support add_to_chord')",
        ],
        ["builtins.ValueError: Current task is not member of any chord", 2],
    ),
    # the same refusal, in words that name the option
    "countdowns_that_are_no_moment": Divergence(
        "Countdowns that are no moment",
        {
            "{'countdown': nan}": "builtins.ValueError: cannot convert float NaN to integer",
            "{'countdown': inf}": "builtins.OverflowError: cannot convert float infinity to integer",
            "{'countdown': 1000000000000}": "builtins.OverflowError: date value out of range",
            "{'expires': nan}": "builtins.ValueError: cannot convert float NaN to integer",
            "{'eta': 5}": "builtins.AttributeError: 'int' object has no attribute 'isoformat'",
            "{'countdown': 'soon'}": "builtins.TypeError: '<' not supported between instances of 'str' and 'int'",
        },
        {
            "{'countdown': nan}": "builtins.ValueError: countdown is out of range: nan",
            "{'countdown': inf}": "builtins.ValueError: countdown is out of range: inf",
            "{'countdown': 1000000000000}": "builtins.ValueError: countdown is out of range: 1000000000000",
            "{'expires': nan}": "builtins.ValueError: expires is out of range: nan",
            "{'eta': 5}": "builtins.TypeError: eta must be a datetime or ISO 8601 text, not 5",
            "{'countdown': 'soon'}": "builtins.TypeError: countdown must be a number of seconds, not 'soon'",
        },
    ),
}
"""Scenarios that differ on purpose."""

if find_spec("celery") is None:
    pytest.skip("Celery is not installed, there is nothing to compare with", allow_module_level=True)


def started(side: str) -> subprocess.Popen[str]:
    """Let one side take all the steps, in a process of its own: labq and Celery never meet in one."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, str(STEPS), side], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


def answers(side: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what a side has seen."""
    try:
        seen, said = side.communicate(timeout=PATIENCE)
    finally:
        side.kill()
    assert side.returncode == 0, said
    return json.loads(seen)


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, Any], dict[str, Any]]:
    """What Celery shows, and what labq shows."""
    celery, labq = started("celery"), started("labq")
    return answers(celery), answers(labq)


def names() -> list[str]:
    """Return the names of all scenarios, without running any."""
    done = subprocess.run([sys.executable, str(STEPS)], capture_output=True, text=True, check=True, timeout=PATIENCE)
    return done.stdout.split()


NAMES = names()


@pytest.mark.parametrize("scenario", [name for name in NAMES if name not in DIFFERENT])
def test_a_scenario_shows_the_same(scenario: str, both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Whatever the steps show on Celery they show on labq: values, texts, errors, and their order."""
    celery_saw, labq_saw = both
    assert labq_saw[scenario] == celery_saw[scenario]


@pytest.mark.parametrize("scenario", DIFFERENT)
def test_a_difference_is_the_one_that_is_meant(scenario: str, both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """A difference on purpose is held on both sides: should Celery change, it may be one no more."""
    celery_saw, labq_saw = both
    meant = DIFFERENT[scenario]
    assert (celery_saw[scenario], labq_saw[scenario]) == (meant.celery, meant.labq)
    assert meant.explained


def test_no_scenario_stumbles_over_itself(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Each scenario comes to its end on Celery: one that breaks at its first step would compare nothing."""
    celery_saw, labq_saw = both
    assert celery_saw.keys() == labq_saw.keys() == set(NAMES)
    broken = {name: what for name, what in celery_saw.items() if isinstance(what, str) and "Error: " in what}
    assert broken.keys() <= {"getting_inside_a_task_is_refused", *DIFFERENT}


def test_the_comparison_asks_enough() -> None:
    """Nobody empties the folder unseen."""
    assert len(NAMES) > 500
