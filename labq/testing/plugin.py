"""The pytest plugin: ``pytest --labq`` runs a project's own tests with labq in the place of Celery.

Comes in: the command line. Goes out: the alias, in place before the first ``conftest.py`` is imported, and Celery's
fixtures on the lab. Without ``--labq`` the plugin does nothing.
Next door: ``labq.alias``, ``labq.contrib.pytest``.
Celery: ``celery/contrib/pytest.py`` is its own plugin, which pytest finds as ``celery`` where Celery is installed.
"""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from labq import alias
from labq.exceptions import LabError

CELERYS_PLUGIN = "celery"
FIXTURES = "celery.contrib.pytest"
"""Under this name a project may ask for the fixtures, as in ``pytest_plugins = ("celery.contrib.pytest",)``."""

ASIDE: pytest.StashKey[dict[str, ModuleType]] = pytest.StashKey()
"""Modules of real Celery that its plugin had imported before it was sent away."""
ALIAS: pytest.StashKey[alias.Alias] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("labq")
    group.addoption(
        "--labq", action="store_true", help="run the tests in the lab: import celery and import kombu give labq"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Put labq in Celery's place, before any module of the user's is imported."""
    del args
    if not early_config.known_args_namespace.labq:
        return
    plugins = early_config.pluginmanager
    celerys_own_was_there = plugins.get_plugin(CELERYS_PLUGIN) is not None
    plugins.set_blocked(CELERYS_PLUGIN)  # which sends it away if it is there, and keeps it out if it comes
    aside: dict[str, ModuleType] = _put_aside() if celerys_own_was_there else {}
    early_config.stash[ASIDE] = aside
    try:
        early_config.stash[ALIAS] = alias.as_celery()
    except LabError as error:
        raise pytest.UsageError(str(error)) from error
    fixtures = __import__(FIXTURES, fromlist=["pytest_configure"])
    plugins.register(fixtures, FIXTURES)
    plugins.set_blocked(fixtures.__name__)  # asked for under labq's own name, they are here already


def _put_aside() -> dict[str, ModuleType]:
    """Forget what Celery's plugin imported; nothing of the user's has seen it yet."""
    names = [name for name in sys.modules if name.partition(".")[0] == "celery"]
    return {name: sys.modules.pop(name) for name in names}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take labq out of Celery's place."""
    standing = config.stash.get(ALIAS, None)
    if standing is not None:
        standing.undo()
        aside = config.stash[ASIDE]
        sys.modules.update(aside)
