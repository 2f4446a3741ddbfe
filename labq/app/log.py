"""``app.log``: sets Python's logging up as Celery's programs do.

Comes in: a level, a file, a form of the lines. Goes out: handlers on the root logger and on ``celery.task``.
A lab does this only for whoever asks for it: by ``app.log.setup()``, or by a worker's ``loglevel`` or ``logfile``.
Logging belongs to the whole process, a notebook's say, and not to a lab.
Next door: ``lines`` makes records text; ``labq.loggers`` knows the loggers.
Celery: ``celery/app/log.py``.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from logging.handlers import WatchedFileHandler
from typing import TYPE_CHECKING, Any, ClassVar

from labq import signals
from labq.app.lines import ColorFormatter, LoggingProxy, TaskFormatter
from labq.exceptions import CDeprecationWarning, CPendingDeprecationWarning
from labq.loggers import get_logger, mlevel
from labq.nodes import node_format

if TYPE_CHECKING:
    from labq.app.base import Celery

__all__ = ("Logging", "TaskFormatter")

HIJACKED = ("celery", "celery.task", "celery.redirected")
"""Loggers whose handlers go, with those of the root, when the setting ``worker_hijack_root_logger`` is on."""


class Logging:
    """Sets logging up for one app.

    Arguments:
        app: the app whose settings say how.
    """

    _setup: ClassVar[bool] = False
    """Whether logging was set up already: there is one logging in a process."""

    def __init__(self, app: Celery) -> None:
        self.app = app
        conf = app.conf
        self.loglevel = logging.WARNING
        self.format = conf.worker_log_format
        self.datefmt = conf.worker_log_datefmt
        self.task_format = conf.worker_task_log_format
        self.task_datefmt = conf.worker_task_log_datefmt
        self.colorize = conf.worker_log_color

    @property
    def already_setup(self) -> bool:
        """Whether logging was set up already; set it to False to do it again."""
        return self._setup

    @already_setup.setter
    def already_setup(self, was_setup: bool) -> None:
        type(self)._setup = was_setup

    # -- setting up --------------------------------------------------------------------------------------------
    def setup(
        self,
        loglevel: Any = None,
        logfile: Any = None,
        redirect_stdouts: bool = False,
        redirect_level: Any = "WARNING",
        colorize: bool | None = None,
        hostname: str | None = None,
    ) -> Any:
        """Set logging up, once; return what receivers of ``setup_logging`` answered, who then did it themselves.

        Arguments:
            loglevel: a name or a number.
            logfile: a file's name, a stream, or None for the standard error.
            redirect_stdouts: whether what is printed becomes lines of the log.
            redirect_level: the level of those.
            colorize: whether lines are coloured; None is if somebody sits at a terminal.
            hostname: the worker's name, for ``%n``, ``%h`` and ``%d`` in the file's name.
        """
        handled = self.setup_logging_subsystem(mlevel(loglevel), logfile, colorize=colorize, hostname=hostname)
        if not handled and redirect_stdouts:
            self.redirect_stdouts(redirect_level)
        for category in (CDeprecationWarning, CPendingDeprecationWarning):
            warnings.filterwarnings("always", category=category)
        logging.captureWarnings(capture=True)
        return handled

    def setup_logging_subsystem(
        self,
        loglevel: Any = None,
        logfile: Any = None,
        format: str | None = None,
        colorize: bool | None = None,
        hostname: str | None = None,
        datefmt: str | None = None,
        **options: Any,
    ) -> Any:
        """Set the root logger and ``celery.task`` up, unless it was done or a receiver of ``setup_logging`` does it."""
        if self.already_setup:
            return None
        if logfile and hostname:
            logfile = node_format(logfile, hostname)
        self.already_setup = True
        loglevel = mlevel(loglevel or self.loglevel)
        format = format or self.format  # noqa: A001 - Celery's name
        datefmt = self.datefmt if datefmt is None else datefmt
        colorize = self.supports_color(colorize, logfile)
        facts = {"loglevel": loglevel, "logfile": logfile, "format": format, "colorize": colorize}
        receivers = signals.setup_logging.send(sender=None, **facts)
        for _, answer in receivers:
            if isinstance(answer, Exception):
                self.already_setup = False
                raise answer
        if not receivers:
            self._setup_root(loglevel, logfile, format, colorize, datefmt, options)
            signals.after_setup_logger.send(sender=None, logger=logging.getLogger(), **facts)
            self.setup_task_loggers(loglevel, logfile, colorize=colorize)
        return receivers

    def _setup_root(
        self, loglevel: Any, logfile: Any, format: str, colorize: Any, datefmt: Any, options: Any
    ) -> None:  # fmt: skip
        root = logging.getLogger()
        if self.app.conf.worker_hijack_root_logger:
            root.handlers = []
            for name in HIJACKED:
                get_logger(name).handlers = []
        self._configure_logger(root, logfile, loglevel, format, colorize, datefmt=datefmt, **options)

    def _configure_logger(
        self, logger: Any, logfile: Any, loglevel: Any, format: str, colorize: Any, **options: Any
    ) -> None:  # fmt: skip
        if logger is not None:
            self.setup_handlers(logger, logfile, format, colorize, **options)
            if loglevel:
                logger.setLevel(loglevel)

    def setup_task_loggers(
        self,
        loglevel: Any = None,
        logfile: Any = None,
        format: str | None = None,
        colorize: bool | None = None,
        propagate: bool = False,
        datefmt: str | None = None,
        **options: Any,
    ) -> logging.Logger:
        """Set up the logger from which those of ``get_task_logger`` descend, and return it."""
        loglevel = mlevel(loglevel or self.loglevel)
        format = format or self.task_format  # noqa: A001 - Celery's name
        datefmt = self.task_datefmt if datefmt is None else datefmt
        colorize = self.supports_color(colorize, logfile)
        logger = self.setup_handlers(
            get_logger("celery.task"), logfile, format, colorize, formatter=TaskFormatter, datefmt=datefmt, **options
        )
        logger.setLevel(loglevel)
        logger.propagate = bool(propagate)
        signals.after_setup_task_logger.send(
            sender=None, logger=logger, loglevel=loglevel, logfile=logfile, format=format, colorize=colorize
        )
        return logger

    def setup_handlers(
        self,
        logger: logging.Logger,
        logfile: Any,
        format: str,
        colorize: Any,
        formatter: type[ColorFormatter] = ColorFormatter,
        datefmt: str | None = None,
        **_: Any,
    ) -> logging.Logger:
        """Give *logger* a handler, unless it has one; return it."""
        if not any(not isinstance(known, logging.NullHandler) for known in logger.handlers):
            handler = self._detect_handler(logfile)
            handler.setFormatter(formatter(format, use_color=colorize, datefmt=datefmt))
            logger.addHandler(handler)
        return logger

    @staticmethod
    def _detect_handler(logfile: Any = None) -> logging.Handler:
        stream: Any = sys.__stderr__ if logfile is None else logfile
        if hasattr(stream, "write"):
            return logging.StreamHandler(stream)
        return WatchedFileHandler(os.fspath(stream), encoding="utf-8")

    def get_default_logger(self, name: str = "celery", **_: Any) -> logging.Logger:
        """Return the logger of that name."""
        return get_logger(name)

    # -- what is printed ---------------------------------------------------------------------------------------
    def redirect_stdouts(self, loglevel: Any = None, name: str = "celery.redirected") -> None:
        """Let what is printed from now on become lines of the logger *name*."""
        self.redirect_stdouts_to_logger(get_logger(name), loglevel=loglevel)

    def redirect_stdouts_to_logger(
        self, logger: logging.Logger, loglevel: Any = None, stdout: bool = True, stderr: bool = True
    ) -> LoggingProxy:
        """Put a stream that logs in the place of the standard ones, and return it."""
        proxy = LoggingProxy(logger, loglevel)
        if stdout:
            sys.stdout = proxy
        if stderr:
            sys.stderr = proxy
        return proxy

    def supports_color(self, colorize: bool | None = None, logfile: Any = None) -> bool:
        """Tell whether lines are coloured: on a terminal, unless somebody said otherwise."""
        colorize = self.colorize if colorize is None else colorize
        if colorize or colorize is None:
            return logfile is None and bool(getattr(sys.stderr, "isatty", bool)())
        return bool(colorize)

    def colored(self, logfile: Any = None, enabled: bool | None = None) -> bool:
        """Tell the same for a program's other output."""
        return self.supports_color(enabled, logfile)
