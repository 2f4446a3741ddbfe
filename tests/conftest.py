"""What every test starts from: no settings of the developer's own reach the lab, the kernels or Celery."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

import pytest

PRIVATE = (
    "LABQ_LANG",
    "CELERY_CONFIG_MODULE",
    "CELERY_LOADER",
    "CELERY_BROKER_URL",
    "CELERY_RESULT_BACKEND",
    "C_FORCE_ROOT",
)
"""Variables that would change what a test or a lesson prints."""


def pytest_configure(config: pytest.Config) -> None:
    """Give the notebooks' kernels a home without a profile, and forget the developer's variables."""
    for name in PRIVATE:
        os.environ.pop(name, None)
    home = tempfile.TemporaryDirectory(prefix="labq-tests-")
    config.add_cleanup(home.cleanup)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR"):
        os.environ[name] = str(Path(home.name, name.lower()))


def _loggers() -> list[logging.Logger]:
    """Return the loggers that a worker may set up, the root's first."""
    known = logging.root.manager.loggerDict.items()
    return [logging.root, *(each for name, each in known if name.startswith("celery") and hasattr(each, "handlers"))]


def _looks_of(logger: logging.Logger) -> tuple[int, bool, bool, list[logging.Handler]]:
    return logger.level, logger.propagate, logger.disabled, list(logger.handlers)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol():
    """Leave nothing current behind: a shared task would reach every app that a later test makes."""
    from labq import _state
    from labq.i18n import default_language, speak

    finalizers, lab, app = set(_state._on_app_finalizers), _state.labs.current, _state._tls.current_app
    try:
        return (yield)
    finally:
        _state._on_app_finalizers.clear()
        _state._on_app_finalizers.update(finalizers)
        _state.set_current_lab(lab)
        _state.set_current_app(app)
        if lab is None:
            speak(default_language())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Let a report be written down whatever a test has printed: lone surrogates cannot leave a process as they are."""
    report = yield
    report.sections = [(name, shown.encode("utf-8", "backslashreplace").decode()) for name, shown in report.sections]
    return report


@pytest.fixture
def lab(monkeypatch):
    """A lab whose ids and clock are known. Tasks stay within the test: else they would reach every app made later."""
    from labq import Lab, _state

    monkeypatch.setattr(_state, "_on_app_finalizers", set(_state._on_app_finalizers))
    with Lab(seed=1, start="2030-01-01T09:00:00Z") as lab:
        yield lab


@pytest.fixture
def app(lab):  # noqa: ARG001 - the lab in which it lives
    """An app on AMQP in that lab."""
    from labq import Celery

    return Celery("proj", broker="amqp://", backend="cache+memory://")


@pytest.fixture
def kinds(lab):
    """Tell which kinds of records there are about a result's task, in order."""
    return lambda result: [str(record.kind) for record in lab.log if record.task_id == result.id]
