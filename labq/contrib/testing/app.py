"""Apps for tests: with settings that need no server, and without traces when the test is over.

Comes in: settings. Goes out: an app.
Next door: ``labq.contrib.pytest`` makes fixtures of it.
Celery: ``celery/contrib/testing/app.py``.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, NoReturn

from labq import _state
from labq.app.base import Celery
from labq.app.log import Logging
from labq.contrib.testing import tasks

__all__ = ("DEFAULT_TEST_CONFIG", "TestApp", "Trap", "UnitLogging", "set_trap", "setup_default_app")

DEFAULT_TEST_CONFIG: dict[str, Any] = {
    "worker_hijack_root_logger": False,
    "worker_log_color": False,
    "accept_content": {"json"},
    "enable_utc": True,
    "timezone": "UTC",
    "broker_url": "memory://",
    "result_backend": "cache+memory://",
    "broker_heartbeat": 0,
}


class Trap:
    """Stands in for the current app, and raises when somebody asks it anything."""

    def __getattr__(self, name: str) -> None:
        if name in {"_is_coroutine", "__func__"}:  # unittest.mock looks whether it may patch this
            return
        self._spring()

    def _spring(self) -> NoReturn:
        msg = "Test depends on current_app"
        raise RuntimeError(msg)


class UnitLogging(Logging):
    """Logging that is set up already, so that a test's app leaves the handlers alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.already_setup = True


def TestApp(  # noqa: N802 - Celery's name
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
    enable_logging: bool = False,
    set_as_current: bool = False,
    log: Any = UnitLogging,
    backend: str | None = None,
    broker: str | None = None,
    **kwargs: Any,
) -> Celery:
    """Return an app for a test.

    Arguments:
        name: its main name.
        config: settings above those of ``DEFAULT_TEST_CONFIG``.
        enable_logging: whether workers set logging up as they do outside tests.
        kwargs: others of ``Celery``.
    """
    settings = {**deepcopy(DEFAULT_TEST_CONFIG), **(config or {})}
    if broker is not None:
        settings.pop("broker_url", None)
    if backend is not None:
        settings.pop("result_backend", None)
    app = Celery(
        name or "celery.tests",
        set_as_current=set_as_current,
        log=None if enable_logging else log,
        broker=broker,
        backend=backend,
        **kwargs,
    )
    app.add_defaults(settings)
    return app


TestApp.__test__ = False  # type: ignore[attr-defined]  # pytest takes the name for that of a test

TASKS = tasks
"""Imported for its task ``celery.ping``, which every app of a test has."""


@contextmanager
def set_trap(app: Any) -> Iterator[None]:
    """Raise for a while when somebody asks for the current or the default app."""
    del app
    trap: Any = Trap()
    current = _state._tls.current_app
    _state.set_default_app(trap)
    _state.set_current_app(trap)
    try:
        yield
    finally:
        _state.set_current_app(current)


@contextmanager
def setup_default_app(app: Celery, use_trap: bool = False) -> Iterator[None]:
    """Put back, at the end of the block, which apps are there, which one is current, and which tasks are shared."""
    current, default = _state.get_current_app(), _state.get_default_app()
    finalizers = set(_state._on_app_finalizers)
    apps = weakref.WeakSet(_state.get_active_apps())
    try:
        if use_trap:
            with set_trap(app):
                yield
        else:
            yield
    finally:
        _state.set_default_app(default)
        _state.set_current_app(current)
        if app is not current:
            app.close()
        _state._on_app_finalizers.clear()
        _state._on_app_finalizers.update(finalizers)
        _state.get_active_apps().clear()
        _state.get_active_apps().update(apps)
