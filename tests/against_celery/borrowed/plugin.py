"""What Celery's own tests need around them, for a run in which ``celery`` is labq: a pytest plugin of its own process.

Comes in: test modules from Celery's source distribution. Goes out: a report as JSON, in the file that ``LABQ_REPORT``
names: what became of each test, and one line that says why.
The fixtures carry the names that those tests ask for. What labq does not have is an ``Absent`` thing, so that a module
that imports thirty names can be imported, and only the tests that use a missing one fail.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, Mock, patch

import pytest

import labq
from labq import alias

STANDING = labq.as_celery()

from celery.contrib.testing.app import TestApp, setup_default_app  # noqa: E402 - the alias stands now
from kombu import Queue  # noqa: E402 - the same

TestApp.__test__ = False
START = "2030-01-01T00:00:00Z"
QUEUE = "testcelery"


class _Stage:
    running = False
    """Whether a test runs; before that, a missing thing that is called at the top of a module lets it go on."""


# -- what is missing -------------------------------------------------------------------------------------------------
class Missing(Exception):
    """A test uses something that labq does not have."""


class Absent:
    """Stands for something of Celery's that labq does not have.

    Arguments:
        name: its full name.
    """

    def __init__(self, name: str) -> None:
        self.__dict__["absent"] = name

    def _use(self, *args: Any) -> Any:
        if _Stage.running:
            raise Missing(self.absent)
        return args[0] if len(args) == 1 and callable(args[0]) else self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Be called: as a decorator it changes nothing."""
        return self._use(*args) if not kwargs else self._use()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{self.absent}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._use()

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        """Be a base class: of nothing."""
        return ()

    def __iter__(self) -> Iterator[Any]:
        self._use()
        return iter(())

    def __getitem__(self, key: Any) -> Any:
        return self._use()

    def __or__(self, other: Any) -> Any:
        return self._use()

    __ror__ = __or__

    def __repr__(self) -> str:
        return f"<absent: {self.absent}>"


class AbsentModules(MetaPathFinder, Loader):
    """Finds a module for each name under ``celery`` and ``kombu`` that labq does not have."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return how to import *fullname*, or None if somebody else knows it or it is none of ours."""
        del path, target
        project = fullname.partition(".")[0]
        if project not in {"celery", "kombu", "labq"} or fullname == project:
            return None
        above, _, name = fullname.rpartition(".")
        held = getattr(sys.modules.get(above), "__dict__", {}).get(name)
        if held is not None and not isinstance(held, types.ModuleType):
            return None  # unittest.mock asks whether celery.canvas.Signature is a module
        return None if self.knows(fullname) else ModuleSpec(fullname, self, is_package=True)

    def knows(self, fullname: str) -> bool:
        """Tell whether there is such a module in labq."""
        sys.meta_path.remove(self)
        try:
            return importlib.util.find_spec(fullname) is not None
        except ImportError:
            return False
        finally:
            sys.meta_path.insert(0, self)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """Return a module in which everything is absent."""
        module = types.ModuleType(spec.name)
        module.__getattr__ = _absent_in(spec.name)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Leave it empty."""


def _absent_in(module: str) -> Any:
    def absent(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Absent(f"{module}.{name}")

    return absent


ABSENT_MODULES = AbsentModules()
sys.meta_path.insert(0, ABSENT_MODULES)

transport = types.ModuleType("kombu.transport.memory")
transport.Channel = types.SimpleNamespace(queues={})  # cleared between tests; here each test has a lab of its own
transport.__getattr__ = _absent_in(transport.__name__)
sys.modules[transport.__name__] = transport


def _plant_absent_names(path: Path) -> None:
    """Let the imports at the top of a test module succeed: name in labq's modules what they lack as absent."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in alias.HOMES and not node.level:
            with suppress(
                ImportError
            ):  # below a plain module of labq nothing can be planted: the test's own import says so
                _plant(node.module or "", [each.name for each in node.names])


def _plant(path: str, names: list[str]) -> None:
    module = importlib.import_module(path)
    for name in names:
        if not hasattr(module, name) and not ABSENT_MODULES.knows(f"{path}.{name}"):
            setattr(module, name, Absent(f"{path}.{name}"))


# -- Celery's own conftest modules, as far as its tests import from them ---------------------------------------------
class WhateverIO(StringIO):
    """A file in memory that takes bytes for text."""

    def write(self, text: Any) -> int:
        """Write text or bytes."""
        return super().write(text.decode() if isinstance(text, bytes) else text)


@contextmanager
def assert_signal_called(signal: Any, **expected: Any) -> Iterator[Mock]:
    """Hold that *signal* is sent with these facts."""
    heard = Mock()

    def hear(**said: Any) -> Any:
        return heard(**said)

    signal.connect(hear)
    try:
        yield heard
    finally:
        signal.disconnect(hear)
    heard.assert_called_with(signal=signal, **expected)


conftest = types.ModuleType("t.unit.conftest")
conftest.__dict__.update(WhateverIO=WhateverIO, assert_signal_called=assert_signal_called, TestApp=TestApp)
conftest.__getattr__ = _absent_in("t.unit.conftest")
sys.modules[conftest.__name__] = conftest


# -- pytest ----------------------------------------------------------------------------------------------------------
def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest about the markers of those tests."""
    for marker in (
        "celery", "masked_modules", "patched_environ", "patched_module", "sleepdeprived_patched_module", "timeout",
        "flaky", "amqp",
    ):  # fmt: skip
        config.addinivalue_line("markers", f"{marker}: used by Celery's own tests")


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Make a test module ready to be imported."""
    _plant_absent_names(module_path)


def pytest_collection_finish() -> None:
    """From here on a missing thing is an error."""
    _Stage.running = True


REPORT: dict[str, list[str]] = {}


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a module that could not be imported."""
    if report.failed:
        REPORT[report.nodeid] = ["failed", str(report.longrepr).strip().splitlines()[-1]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    """Note what became of a test; what goes wrong after it counts too."""
    report = yield
    known = REPORT.setdefault(item.nodeid, ["passed", ""])
    if report.failed or (report.skipped and known[0] == "passed"):
        why = f"{call.excinfo.typename}: {call.excinfo.value}" if call.excinfo else str(report.longrepr)
        REPORT[item.nodeid] = [report.outcome, next(iter(why.splitlines()), "")[:200]]
    return report


def pytest_sessionfinish() -> None:
    """Write the report."""
    Path(os.environ["LABQ_REPORT"]).write_text(json.dumps(REPORT), encoding="utf-8")


# -- fixtures --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def celery_config() -> dict[str, Any]:
    """Return the settings of every test's app."""
    return {
        "broker_url": "memory://",
        "broker_transport_options": {"polling_interval": 0.1},
        "result_backend": "cache+memory://",
        "task_default_queue": QUEUE,
        "task_default_exchange": QUEUE,
        "task_default_routing_key": QUEUE,
        "task_queues": (Queue(QUEUE, routing_key=QUEUE),),
        "accept_content": ("json", "pickle"),
    }


@pytest.fixture
def celery_app(request: pytest.FixtureRequest, celery_config: dict[str, Any]) -> Iterator[Any]:
    """Return an app in a lab of its own; who uses the current app instead is trapped."""
    marker = request.node.get_closest_marker("celery")
    with labq.Lab(seed=0, start=START):
        app = TestApp(config={**celery_config, **(marker.kwargs if marker else {})})
        with setup_default_app(app, use_trap=True):
            yield app


@pytest.fixture
def app(celery_app: Any) -> Any:
    """Return the same app under its short name."""
    return celery_app


@pytest.fixture
def depends_on_current_app(celery_app: Any) -> None:
    """Let a test use the current app."""
    celery_app.set_current()


class Patching:
    """Patches by dotted name, with mocks where no value is given.

    Arguments:
        monkeypatch: does the work, and undoes it.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monkeypatch, name)

    def __call__(self, path: str, value: Any = ..., name: str | None = None, new: Any = MagicMock, **more: Any) -> Any:
        """Patch what *path* names."""
        made = new(name=name or path, **more) if value is ... else value
        self._monkeypatch.setattr(path, made)
        return made

    def object(self, target: Any, attribute: str, *args: Any, **more: Any) -> Any:
        """Patch an attribute of an object, as ``unittest.mock`` does."""
        patched = patch.object(target, attribute, *args, **more)
        made = patched.start()
        self._monkeypatch.setattr(patched, "labq_started", True, raising=False)
        UNDO.append(patched.stop)
        return made

    def setattr(self, target: Any, name: Any = ..., value: Any = ..., **more: Any) -> Any:
        """Patch an attribute, or what a dotted name names."""
        if value is ... and isinstance(target, str):
            return self(target, name, **more)
        made = MagicMock(name=name) if value is ... else value
        self._monkeypatch.setattr(target, name, made)
        return made

    def setitem(self, dic: Any, name: Any, value: Any = ..., new: Any = MagicMock, **more: Any) -> Any:
        """Patch an entry of a mapping."""
        made = new(name=name, **more) if value is ... else value
        self._monkeypatch.setitem(dic, name, made)
        return made


UNDO: list[Any] = []


@pytest.fixture
def patching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Patching]:
    """Return what patches by dotted names."""
    yield Patching(monkeypatch)
    while UNDO:
        UNDO.pop()()


@pytest.fixture(autouse=True)
def shortcuts(request: pytest.FixtureRequest) -> None:
    """Give a class of tests the attributes that Celery's give theirs."""
    if request.instance is None:
        return
    app = request.getfixturevalue("app")

    @app.task
    def add(x: Any, y: Any) -> Any:
        return x + y

    mine = {"app": app, "Celery": TestApp, "assert_signal_called": assert_signal_called, "add": add}
    for name, value in {**mine, "CELERY_TEST_CONFIG": request.getfixturevalue("celery_config")}.items():
        setattr(request.instance, name, value)
    request.instance.patching = request.getfixturevalue("patching")


@pytest.fixture
def mask_modules(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the modules that the marker names be missing."""
    for name in request.node.get_closest_marker("masked_modules").args:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def environ(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the variable that the marker names."""
    monkeypatch.setenv(*request.node.get_closest_marker("patched_environ").args)


@pytest.fixture
def sleepdeprived(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``sleep`` in the module that the marker names do nothing."""
    (module,) = request.node.get_closest_marker("sleepdeprived_patched_module").args
    monkeypatch.setattr(module, "sleep", lambda *_: None)


@pytest.fixture
def module(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put mocks in the place of the modules that the marker names."""
    for name in request.node.get_closest_marker("patched_module").args:
        monkeypatch.setitem(sys.modules, name, MagicMock(name=name))


@pytest.fixture
def restore_logging() -> None:
    """Leave logging as it is; each test runs in a process that does nothing else."""
