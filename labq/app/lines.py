"""Lines of a log: how a record becomes one, in colour, and how a printed text becomes a record.

Comes in: records of ``logging``; what is written to a stream. Goes out: text; records.
Next door: ``labq.app.log`` puts these in their places.
Celery: ``ColorFormatter`` and ``LoggingProxy`` in ``celery/utils/log.py``.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from labq import _state, loggers

CODES = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "magenta": 35, "cyan": 36}
"""The numbers by which terminals know their colours."""


def paint(code: int, said: object) -> str:
    """Return *said* as a terminal shows it in a colour."""
    return f"\x1b[1;{code}m{said}\x1b[0m"


def as_text(said: object) -> str:
    """Return *said* as text, whatever it is."""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


class ColorFormatter(logging.Formatter):
    """Writes warnings yellow and errors red.

    Arguments:
        fmt: the form of a line, in the words of ``logging``.
        use_color: whether there are colours at all.
        datefmt: the form of its moment, for ``strftime``.
    """

    COLORS: dict[str, Callable[[object], str]] = {name: partial(paint, code) for name, code in CODES.items()}  # noqa: RUF012 - Celery's name for it
    colors: dict[str, Callable[[object], str]] = {  # noqa: RUF012 - the same
        "DEBUG": COLORS["blue"],
        "WARNING": COLORS["yellow"],
        "ERROR": COLORS["red"],
        "CRITICAL": COLORS["magenta"],
    }

    def __init__(self, fmt: str | None = None, use_color: Any = True, datefmt: str | None = None) -> None:
        super().__init__(fmt, datefmt)
        self.use_color = use_color

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Return the traceback; anything but a triple stands for the exception that is being handled."""
        return super().formatException(ei if not ei or isinstance(ei, tuple) else sys.exc_info())

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a record that cannot be shown says so itself."""
        said = super().format(record)
        color = self.colors.get(record.levelname) if self.use_color else None
        try:
            return as_text(said) if color is None else color(as_text(said))
        except Exception as exc:  # noqa: BLE001 - a log must not stop the program
            return f"<Unrepresentable {type(said)!r}: {exc!r}>"


class TaskFormatter(ColorFormatter):
    """Knows which task speaks: its form of a line may use ``task_id`` and ``task_name``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        task = _state.get_current_task()
        if task is not None:
            vars(record).update(task_id=task.request.id, task_name=task.name)
        else:
            vars(record).setdefault("task_name", "???")
            vars(record).setdefault("task_id", "???")
        return super().format(record)


class LoggingProxy:
    """A stream whose text goes to a logger.

    Arguments:
        logger: the logger.
        loglevel: the level of the lines, a name or a number.
    """

    mode = "w"
    name = None
    closed = False
    loglevel: Any = logging.ERROR
    _thread = threading.local()

    def __init__(self, logger: logging.Logger, loglevel: Any = None) -> None:
        self.logger = logger
        self.loglevel = loggers.mlevel(loglevel or logger.level or type(self).loglevel)

    def write(self, data: object) -> int:
        """Log *data* unless it is empty; return how many characters that were."""
        if loggers.in_signal():
            print(as_text(data), file=sys.__stderr__)
            return len(as_text(data))
        if getattr(self._thread, "recurse_protection", False) or not data or self.closed:
            return 0  # the logger itself writes here: it would never end
        self._thread.recurse_protection = True
        try:
            said = as_text(data).rstrip("\n")
            if said:
                self.logger.log(self.loglevel, said)
            return len(said)
        finally:
            self._thread.recurse_protection = False

    def writelines(self, sequence: Iterable[object]) -> None:
        """Log each of *sequence*."""
        for part in sequence:
            self.write(part)

    def flush(self) -> None:
        """Do nothing: nothing is kept back."""

    def close(self) -> None:
        """Log no more."""
        self.closed = True

    def isatty(self) -> bool:
        """Return False: nobody sits before it."""
        return False
