"""labq's configuration and real Celery's, taken through the same steps: what is seen must be equal, to the letter.

The steps are in the folder ``configuration`` beside this file.
"""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

STEPS = Path(__file__).with_name("configuration")
steps = runpy.run_path(str(STEPS), run_name="configuration")

if find_spec("celery") is None:
    pytest.skip("Celery is not installed, there is nothing to compare with", allow_module_level=True)


@pytest.fixture(scope="module")
def celery_saw() -> dict[str, Any]:
    """Run the steps on real Celery, in a process of its own: labq and Celery never meet in one."""
    done = subprocess.run([sys.executable, str(STEPS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def labq_saw() -> dict[str, Any]:
    """Run the steps on labq, here."""
    return json.loads(json.dumps(steps["seen"](steps["labqs_side"]())))


@pytest.mark.parametrize("scenario", steps["SCENARIOS"])
def test_a_configuration_behaves_as_in_celery(
    scenario: str, celery_saw: dict[str, Any], labq_saw: dict[str, Any]
) -> None:
    """Whatever the steps show on Celery they show on labq: values, texts, errors, and when they come."""
    assert labq_saw[scenario] == celery_saw[scenario]


def test_no_scenario_stumbles_over_itself(celery_saw: dict[str, Any]) -> None:
    """Each scenario comes to its end on Celery: one that breaks at its first step would compare nothing."""
    assert celery_saw.keys() == steps["SCENARIOS"].keys()
    assert {name: what for name, what in celery_saw.items() if isinstance(what, str) and "Error: " in what} == {}
