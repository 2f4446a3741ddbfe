"""Celery's own tests pass on labq: those of its public behaviour, taken from its source distribution when they are run.

None of them is in this repository. They run in a process of their own in which ``celery`` and ``kombu`` are labq; the
plugin ``borrowed/plugin.py`` gives them the fixtures they ask for. ``borrowed/left_out.txt`` names each test that does
not pass and says why, and a test that passes again has to be taken off it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
from distribution import celerys_source

HERE = Path(__file__).with_name("borrowed")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600
"""Seconds after which a run that hangs is given up."""

if find_spec("celery") is None:
    pytest.skip("Celery is not installed, so its version is not known", allow_module_level=True)

MODULES = (
    "app/test_amqp", "app/test_annotations", "app/test_app", "app/test_beat", "app/test_builtins",
    "app/test_control", "app/test_defaults", "app/test_exceptions", "app/test_loaders", "app/test_registry",
    "app/test_routes", "app/test_schedules", "app/test_utils", "bin/test_upgrade", "contrib/django/test_task",
    "contrib/test_abortable", "events/test_dumper", "events/test_events", "events/test_snapshot",
    "events/test_state", "tasks/test_canvas", "tasks/test_chord", "tasks/test_context", "tasks/test_result",
    "tasks/test_stamping", "tasks/test_states", "tasks/test_tasks", "test_canvas", "test_generics",
    "utils/test_collections", "utils/test_dispatcher", "utils/test_functional", "utils/test_graph",
    "utils/test_imports", "utils/test_local", "utils/test_nodenames", "utils/test_objects", "utils/test_pickle",
    "utils/test_saferepr", "utils/test_serialization", "utils/test_text", "utils/test_time", "utils/test_utils",
    "worker/test_revoke", "worker/test_state",
)  # fmt: skip
"""Modules of Celery's ``t/unit`` that test what users see; the others test parts that a lab has otherwise or not."""
LEAST = 1500
"""How many functions pass at least: nobody empties the list of modules unseen."""


class LeftOut(NamedTuple):
    """One line of the list."""

    test: str
    reason: str


def left_out() -> list[LeftOut]:
    """Return the list: paragraphs of a reason, which begins with ``#``, and the names of tests under it."""
    found: list[LeftOut] = []
    reason = ""
    for line in (HERE / "left_out.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            reason = line.removeprefix("#").strip()
        elif line.strip():
            found.append(LeftOut(f"t/unit/{line.strip()}", reason))
    return found


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, list[str]]:
    """What became of each test: its outcome, and one line that says why."""
    try:
        source = celerys_source()
    except LookupError as error:
        pytest.skip(str(error))  # printed with -ra, and red where nothing may be skipped
    report = tmp_path_factory.mktemp("borrowed") / "report.json"
    settings = tmp_path_factory.mktemp("settings") / "pytest.ini"
    settings.write_text("[pytest]\npython_classes = test_*\n", encoding="utf-8")
    path = os.pathsep.join(filter(None, [str(HERE), str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-c", str(settings), f"--rootdir={source}", "--noconftest",
            "-p", "plugin", "-p", "no:cacheprovider", "-p", "no:celery", "-p", "no:randomly", "-W", "ignore",
            "--tb=short", "--continue-on-collection-errors", *(f"t/unit/{name}.py" for name in MODULES),
        ],
        cwd=source, check=False, capture_output=True, text=True, timeout=PATIENCE,
        env={**environment, "PYTHONPATH": path, "LABQ_REPORT": str(report)},
    )  # fmt: skip
    assert report.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(report.read_text(encoding="utf-8"))


def _failed(outcomes: dict[str, list[str]]) -> dict[str, str]:
    """Return each function of which a case failed, and why."""
    return {name.partition("[")[0]: why for name, (outcome, why) in outcomes.items() if outcome == "failed"}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_celerys_tests_passes(module, outcomes):
    """All of it but what is left out with a reason."""
    path = f"t/unit/{module}.py"
    known = {each.test for each in left_out()}
    assert any(name.startswith(path) for name in outcomes), f"{path} was not run"
    unexpected = {name: why for name, why in _failed(outcomes).items() if name.startswith(path) and name not in known}
    assert unexpected == {}


def test_what_is_left_out_does_not_pass(outcomes):
    """A permission that nobody needs any more is taken back."""
    assert sorted({each.test for each in left_out()} - set(_failed(outcomes))) == []


def test_each_test_is_left_out_once_and_for_a_reason():
    """The list says why."""
    listed = left_out()
    assert len({each.test for each in listed}) == len(listed)
    assert [each.test for each in listed if len(each.reason) < len("a reason")] == []


def test_most_of_celerys_tests_of_these_modules_run(outcomes):
    """The comparison asks enough."""
    functions = {name.partition("[")[0] for name in outcomes} - set(_failed(outcomes))
    assert len(functions) >= LEAST
