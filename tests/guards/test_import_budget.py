"""``import labq`` stays light: what it loads is counted in modules, which do not depend on the machine."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "IPython", "aiohttp", "asyncio", "babel", "celery", "fakeredis", "ipywidgets", "jupyterlab", "kombu", "matplotlib",
    "multiprocessing", "nbformat", "numpy", "polib", "redis", "tornado", "traitlets", "yaml", "zmq",
}  # fmt: skip
"""What a script that only runs tasks must not pay for."""

BUDGET = 350
"""How many modules ``import labq`` may load beyond those of a bare interpreter: about 220 are labq's own small rooms.

Raise it with a reason.
"""

REPORT = "import sys; before = set(sys.modules); {}; import json; print(json.dumps(sorted(set(sys.modules) - before)))"


def _loaded_by(statement: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", REPORT.format(statement)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    """The modules that a fresh process loads for ``import labq``."""
    return _loaded_by("import labq")


def test_import_labq_loads_no_heavy_library(loaded):
    """Redis, Jupyter, Matplotlib and real Celery are loaded when somebody asks for what needs them."""
    assert sorted(HEAVY & {name.split(".")[0] for name in loaded}) == []


def test_import_labq_stays_within_its_budget(loaded):
    """The number of modules is watched, for time grows with it and differs from machine to machine."""
    assert len(loaded) <= BUDGET, f"{len(loaded)} modules; of other projects: {_strangers(loaded)}"


def test_the_budget_sees_a_heavy_import():
    """The measurement itself is tried: a process that imports asyncio is caught."""
    loaded = _loaded_by("import labq, asyncio")
    assert "asyncio" in loaded
    assert "labq" in loaded


def _strangers(loaded: list[str]) -> list[str]:
    libraries = {name.split(".")[0] for name in loaded}
    return sorted(libraries - set(sys.stdlib_module_names) - {"labq"})
