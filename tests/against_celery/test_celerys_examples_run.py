"""Celery's own example programs run in the lab as they stand, with the results that they document."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from distribution import celerys_source

HERE = Path(__file__).with_name("examples")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds after which an example that hangs is given up."""

if find_spec("celery") is None:
    pytest.skip("Celery is not installed, so its version is not known", allow_module_level=True)

RESULTS: dict[str, Any] = {
    "app": [32, 10.0],
    "tutorial": ["tasks.add", 8],
    "next-steps": [4, 64, 6],
    "pydantic": [{"value": "example: 1"}, {"value": "example: 2"}],
    "periodic-tasks": ["hello", "hello", "hello"],
    "quorum-queues": [
        [
            "Task type: identity", "Payload: Hello, Quorum Queue!", "Group of tasks sent.", "Task 1 type: add",
            "Payload: (1, 2)", "Task 2 type: add", "Payload: (3, 4)", "Task 3 type: add", "Payload: (5, 6)",
            "  - celery",
        ],
        ["'Hello, Quorum Queue!'", "11", "3", "7"],
    ],
    "django": [4, 1, "second", "FAILURE", 35.0],
}  # fmt: skip
"""What each example gives, by its folder."""

NEEDS = {"django": "django", "pydantic": "pydantic"}
"""Libraries without which an example is nothing."""

LEFT_OUT = {
    "celery_http_gateway": "written for Celery 3: imports `celery.task`, which Celery 5 refuses as well",
    "eventlet": "fetches pages over the network, with libraries of its own",
    "gevent": "written for Celery 4: imports `celery.task`, which Celery 5 refuses as well",
    "resultgraph": "written for Celery 4: imports `celery.task`, which Celery 5 refuses as well",
    "security": "signs messages with certificates, which labq does not mirror",
}
"""Examples that cannot run here, with the reason."""


@pytest.fixture(scope="module")
def examples() -> Path:
    """The folder of Celery's examples."""
    try:
        return celerys_source() / "examples"
    except LookupError as exc:
        pytest.skip(str(exc))


def _used(name: str, folder: Path) -> Any:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    ended = subprocess.run(
        [sys.executable, str(HERE), name, str(folder)],
        capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "PYTHONPATH": path}, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


@pytest.mark.parametrize("name", [*RESULTS, "stamping"])
def test_an_example_runs_as_it_stands(name, examples, tmp_path):
    """Used as its own comments say, it gives what they say."""
    library = NEEDS.get(name)
    if library and find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    shutil.copytree(examples / name, tmp_path / name)
    given = _used(name, tmp_path)
    if name == "stamping":
        assert given["received"] >= given["stamped"] > 0
        assert given["waited"] == 0  # the task that would have waited was revoked by its stamp
        assert given["failed"] == []
        assert given["revoked"] == 1
    else:
        assert given == RESULTS[name]


def test_every_example_runs_or_is_named_with_its_reason(examples):
    """No folder is forgotten."""
    folders = {path.name for path in examples.iterdir() if path.is_dir()}
    assert folders == RESULTS.keys() | LEFT_OUT.keys() | {"stamping"}


@pytest.mark.parametrize("name", ["gevent", "resultgraph"])
def test_an_example_that_is_left_out_as_old_is_refused_by_celery_too(name, examples):
    """The reason is true: real Celery cannot import it."""
    ended = subprocess.run(
        [sys.executable, "-c", "import sys; sys.modules['requests'] = sys; import tasks"],
        capture_output=True, text=True, timeout=PATIENCE, cwd=examples / name, check=False,
    )  # fmt: skip
    assert "ImportError: cannot import name 'task' from 'celery'" in ended.stderr
