"""Celery's fixtures for pytest, on the lab: ``celery_app``, ``celery_worker``, and those that one overrides.

Comes in: the settings that a project's ``conftest.py`` gives in ``celery_config``, or a test in its marker
``celery(...)``. Goes out: apps and workers.
Next door: ``labq.testing.plugin`` brings them when pytest is run with ``--labq``; ``labq.contrib.testing`` makes them.
Celery: ``celery/contrib/pytest.py``; its user guide, "Testing with Celery".
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from labq.app.base import Celery
from labq.contrib.testing.app import TestApp, setup_default_app
from labq.contrib.testing.worker import start_worker
from labq.lab.handle import RunningWorker

NO_WORKER = os.environ.get("NO_WORKER")
"""Set by people who start real workers by hand: then no test starts one."""


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest about the marker."""
    config.addinivalue_line("markers", "celery(**overrides): override celery configuration for a test case")


@contextmanager
def _create_app(
    enable_logging: bool, use_trap: bool, parameters: Mapping[str, Any] | None, config: Mapping[str, Any]
) -> Iterator[Celery]:
    app = TestApp(set_as_current=False, enable_logging=enable_logging, config=config, **(parameters or {}))
    with setup_default_app(app, use_trap=use_trap):
        yield app


def _configured(request: pytest.FixtureRequest, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a test: those of its marker above those of the project."""
    marker = request.node.get_closest_marker("celery")
    return {**config, **(marker.kwargs if marker else {})}


# -- what a project overrides ----------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def use_celery_app_trap() -> bool:
    """Override it with True to raise whenever a test uses the current or the default app."""
    return False


@pytest.fixture(scope="session")
def celery_enable_logging() -> bool:
    """Override it with True to let workers set logging up."""
    return False


@pytest.fixture(scope="session")
def celery_includes() -> Sequence[str]:
    """Override it with the names of modules that a worker imports."""
    return ()


@pytest.fixture(scope="session")
def celery_worker_pool() -> Any:
    """Override it with the name of another pool."""
    return "solo"


@pytest.fixture(scope="session")
def celery_config() -> Mapping[str, Any]:
    """Override it with settings for the apps."""
    return {}


@pytest.fixture(scope="session")
def celery_parameters() -> Mapping[str, Any]:
    """Override it with arguments for ``Celery``."""
    return {}


@pytest.fixture(scope="session")
def celery_worker_parameters() -> Mapping[str, Any]:
    """Override it with options for the workers."""
    return {}


@pytest.fixture(scope="session")
def celery_class_tasks() -> Sequence[Any]:
    """Override it with tasks written as classes, for the app of the session."""
    return []


# -- what a test asks for --------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def celery_session_app(
    request: pytest.FixtureRequest,
    celery_config: Mapping[str, Any],
    celery_parameters: Mapping[str, Any],
    celery_enable_logging: bool,
    use_celery_app_trap: bool,
) -> Iterator[Celery]:
    """Return an app that all tests share."""
    config = _configured(request, celery_config)
    with _create_app(celery_enable_logging, use_celery_app_trap, celery_parameters, config) as app:
        if not use_celery_app_trap:
            app.set_default()
            app.set_current()
        yield app


@pytest.fixture(scope="session")
def celery_session_worker(
    celery_session_app: Celery,
    celery_includes: Sequence[str],
    celery_class_tasks: Sequence[Any],
    celery_worker_pool: Any,
    celery_worker_parameters: Mapping[str, Any],
) -> Iterator[RunningWorker | None]:
    """Return a worker that works for all tests."""
    if NO_WORKER:
        yield None
        return
    for module in celery_includes:
        celery_session_app.loader.import_task_module(module)
    for task in celery_class_tasks:
        celery_session_app.register_task(task)
    with start_worker(celery_session_app, pool=celery_worker_pool, **celery_worker_parameters) as worker:
        yield worker


@pytest.fixture
def celery_app(
    request: pytest.FixtureRequest,
    celery_config: Mapping[str, Any],
    celery_parameters: Mapping[str, Any],
    celery_enable_logging: bool,
    use_celery_app_trap: bool,
) -> Iterator[Celery]:
    """Return an app for one test."""
    config = _configured(request, celery_config)
    with _create_app(celery_enable_logging, use_celery_app_trap, celery_parameters, config) as app:
        yield app


@pytest.fixture
def celery_worker(
    celery_app: Celery,
    celery_includes: Sequence[str],
    celery_worker_pool: Any,
    celery_worker_parameters: Mapping[str, Any],
) -> Iterator[RunningWorker | None]:
    """Return a worker that works for one test."""
    if NO_WORKER:
        yield None
        return
    for module in celery_includes:
        celery_app.loader.import_task_module(module)
    with start_worker(celery_app, pool=celery_worker_pool, **celery_worker_parameters) as worker:
        yield worker


@pytest.fixture
def depends_on_current_app(celery_app: Celery) -> None:
    """Make the test's app the current one."""
    celery_app.set_current()
