"""Loggers: who logs under which name, and whose child that name is.

Comes in: a module's name. Goes out: a logger of Python's ``logging`` whose lines pass the one called ``celery``, so
that whoever sets that one up hears everybody.
Next door: ``labq.worker`` sets them up when a worker starts.
Celery: ``celery/utils/log.py``, ``kombu/log.py``. The loggers carry Celery's names: people filter by them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = (
    "LOG_LEVELS", "base_logger", "get_logger", "get_task_logger", "in_sighandler", "iter_open_logger_fds",
    "logger_isa", "mlevel", "set_in_sighandler",
)  # fmt: skip

LOG_LEVELS: dict[Any, Any] = {**logging._nameToLevel, **logging._levelToName}
"""Numbers of levels by name, and names by number."""

RESERVED_LOGGER_NAMES = {"celery", "celery.task"}

base_logger = logging.getLogger("celery")


def _quiet(name: str) -> logging.Logger:
    """Return the logger *name*, silent until somebody sets logging up."""
    found = logging.getLogger(name)
    if not found.handlers:
        found.addHandler(logging.NullHandler())
    return found


def _below(parent: logging.Logger, child: logging.Logger) -> logging.Logger:
    if not logger_isa(child, parent):
        child.parent = parent
    return child


def get_logger(name: Any) -> logging.Logger:
    """Return the logger *name* (or the logger itself), as a child of ``celery`` unless it has another parent."""
    found: logging.Logger = _quiet(name) if isinstance(name, str) else name
    if logging.root not in (found, found.parent) and found is not base_logger:
        return _below(base_logger, found)
    return found


def get_task_logger(name: str) -> logging.Logger:
    """Return the logger *name* as a child of ``celery.task``: its lines say which task speaks.

    Raises:
        RuntimeError: for the names that Celery keeps to itself.
    """
    if name in RESERVED_LOGGER_NAMES:
        msg = f"Logger name {name!r} is reserved!"
        raise RuntimeError(msg)
    return _below(task_logger, get_logger(name))


def logger_isa(l: logging.Logger, p: logging.Logger, max: int = 1000) -> bool:  # noqa: E741 - Celery's name
    """Tell whether *p* is *l* or one of its parents.

    Raises:
        RuntimeError: when the parents go round in a circle, or there are more than *max* of them.
    """
    this: logging.Logger | None = l
    seen: set[logging.Logger] = set()
    for _ in range(max):
        if this is p:
            return True
        if this is None:
            return False
        if this in seen:
            msg = f"Logger {l.name!r} parents recursive"
            raise RuntimeError(msg)
        seen.add(this)
        this = this.parent
    msg = f"Logger hierarchy exceeds {max}"
    raise RuntimeError(msg)


def mlevel(level: Any) -> Any:
    """Return the number of a level given by name; a number, and nothing, as it is."""
    return LOG_LEVELS[level.upper()] if level and isinstance(level, str) else level


def iter_open_logger_fds() -> Iterator[Any]:
    """Yield the streams that loggers write to."""
    loggers: list[Any] = [*logging.Logger.manager.loggerDict.values(), logging.getLogger()]
    seen: set[Any] = set()
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):  # a name that was only passed through has none
            if handler not in seen and hasattr(handler, "stream"):
                seen.add(handler)
                yield handler.stream


class _signals:  # noqa: N801 - a place with a name
    inside = False


def set_in_sighandler(value: bool) -> None:
    """Say whether a signal is being handled: then nothing is logged that could lock."""
    _signals.inside = value


def in_signal() -> bool:
    """Tell whether a signal is being handled."""
    return _signals.inside


@contextmanager
def in_sighandler() -> Iterator[None]:
    """Say so for a while."""
    set_in_sighandler(True)
    try:
        yield
    finally:
        set_in_sighandler(False)


task_logger = get_logger("celery.task")
worker_logger = get_logger("celery.worker")
