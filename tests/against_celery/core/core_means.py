"""What the scenarios are written with: both sides under one set of names, a list to stand on, ways to show things."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any, NamedTuple

ADDRESS = re.compile(r"0x[0-9a-f]+")
SECONDS = re.compile(r"\bin [\d.]+(?:e-\d+)?s\b(?=:)")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MIRRORED = {"labq.messaging_errors": "kombu.exceptions", "labq.pickleable": "celery.utils.serialization"}
LOGGERS = (
    "celery.app.base",
    "celery.app.trace",
    "celery.worker.strategy",
    "celery.worker.request",
    "celery.worker.consumer.consumer",
)
SHORT = 1
"""Seconds after which a dead worker is known to be dead."""
LONG = 20
"""Seconds after which a result is no longer waited for: on Celery's side these are real ones."""


class Side(NamedTuple):
    """Celery or labq: what a scenario may touch."""

    name: str
    root: ModuleType
    exceptions: ModuleType
    messaging_errors: ModuleType
    signals: ModuleType
    results: ModuleType
    local: ModuleType
    task: ModuleType
    """The module that defines ``Task`` and ``Context``."""
    working: Callable[..., AbstractContextManager[Any]]
    """``working(app, **options)`` has a worker for a while; afterwards everything it began has ended."""
    publish: Callable[..., None]
    """``publish(app, body, content_type, headers, properties)`` puts a strange message into the queue ``celery``."""
    stored: Callable[[Any, str], bytes]
    """``stored(app, task_id)`` gives the very bytes that a backend keeps."""
    read_error: Callable[[Any], Any]
    """``read_error(written)`` makes an exception of what is stored as one."""
    renew: Callable[[], None]
    """Forget every queue, result and app."""

    def app(self, **keywords: Any) -> Any:
        """Make an app called proj on a broker and a backend in memory."""
        settings = {"broker": "memory://", "backend": "cache+memory://", **keywords}
        if self.name == "celery":
            settings.setdefault("broker_transport_options", {"polling_interval": 0.005})
        return self.root.Celery("proj", **settings)


Scenario = Callable[[Side], Any]
SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    """Put *function* on the list; its name is the scenario's."""
    assert function.__name__ not in SCENARIOS
    SCENARIOS[function.__name__] = function
    return function


def seen(side: Side, names: list[str]) -> dict[str, Any]:
    """Run scenarios on one side."""
    answers = {}
    for name in names:
        side.renew()
        answers[name] = shown(tried(lambda name=name: SCENARIOS[name](side)))
    return answers


# -- showing -----------------------------------------------------------------------------------------------------------


def masked(text: str) -> str:
    """Return *text* without what differs from run to run, both packages under one name."""
    text = ID.sub("<id>", ADDRESS.sub("0x...", text))
    for ours, celerys in MIRRORED.items():
        text = text.replace(ours, celerys)
    return re.sub(r"\blabq\b(?=\.)", "celery", SECONDS.sub("in <t>s", text))


def shown(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    """Return *value* as JSON can carry it; what JSON has no word for is shown by its repr."""
    if isinstance(value, dict):
        return {str(key): shown(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shown(entry) for entry in value]
    if isinstance(value, tuple):
        return {"tuple": [shown(entry) for entry in value]}
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, BaseException):
        return said(value)
    if isinstance(value, type):
        return masked(f"{value.__module__}.{value.__qualname__}")
    return masked(f"{type(value).__name__} {value!r}")


def said(error: BaseException) -> str:
    """Return the class, the module and the words of *error*."""
    kind = type(error)
    return masked(f"{kind.__module__}.{kind.__qualname__}: {error}")


def tried(action: Callable[[], Any]) -> Any:
    """Return what *action* returns, or the error it raises."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - which one it is, is what the scenario asks
        return error


def warned(action: Callable[[], Any]) -> list[Any]:
    """Return the warnings that *action* gives, and what came of it."""
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        outcome = tried(action)
    return [[[type(each.message).__name__, str(each.message)] for each in given], outcome]


def got(result: Any, **options: Any) -> Any:
    """Wait for *result*; an error is an answer too."""
    return tried(lambda: result.get(timeout=LONG, interval=0.005, **options))


def traced(traceback: str | None) -> Any:
    """Return the frame of a traceback that matters: its header, its functions, its last line."""
    if traceback is None:
        return None
    lines = traceback.splitlines()
    frames = [line.rpartition(", in ")[2] for line in lines if line.startswith("  File ")]
    return [lines[0], [name for name in frames if name not in INNER], lines[-1]]


INNER = (
    "trace_task",
    "trace",
    "_run_body",
    "run",
    "retry",
    "__protected_call__",
    "<lambda>",
    "raise_with_context",
    "_raise_in_context",
    "__call__",
)
"""Functions of either side that may stand in a traceback before or after the user's own."""


def bare(error: BaseException) -> BaseException:
    """Return *error* itself: Celery hands it to callbacks in a wrapper that makes it travel between processes."""
    inner = getattr(error, "exc", None)
    return inner if type(error).__name__ == "ExceptionWithTraceback" and isinstance(inner, BaseException) else error


@contextmanager
def listening(signals: ModuleType, *names: str) -> Iterator[list[list[Any]]]:
    """Collect what these signals say, in order: the name, the sender, the other arguments by name."""
    heard: list[list[Any]] = []
    receivers = []
    for name in names:

        def hear(sender: Any = None, name: str = name, **said: Any) -> None:
            said.pop("signal", None)
            heard.append([name, sender, said])

        receivers.append((getattr(signals, name), hear))
        getattr(signals, name).connect(hear, weak=False)
    try:
        yield heard
    finally:
        for signal, hear in receivers:
            signal.disconnect(hear)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def logged(*names: str) -> Iterator[list[logging.LogRecord]]:
    """Collect what these loggers say (those of tasks by default), from INFO on."""
    collector = _Collector()
    chosen = [logging.getLogger(name) for name in names or LOGGERS]
    before = [logger.level for logger in chosen]
    for logger in chosen:
        logger.setLevel(logging.INFO)
        logger.addHandler(collector)
    try:
        yield collector.records
    finally:
        for logger, level in zip(chosen, before, strict=True):
            logger.setLevel(level)
            logger.removeHandler(collector)


def written(records: list[logging.LogRecord]) -> list[list[Any]]:
    """Return the logger, the level and the text of each record."""
    return [[record.name, record.levelname, masked(record.getMessage())] for record in records]
