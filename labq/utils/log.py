"""The door to loggers: ``get_task_logger`` and what else is known under this path.

Next door: ``labq.loggers``.
Celery: ``celery/utils/log.py``.
"""

from __future__ import annotations

from labq.app.lines import ColorFormatter, LoggingProxy
from labq.loggers import (
    LOG_LEVELS,
    base_logger,
    get_logger,
    get_task_logger,
    in_sighandler,
    iter_open_logger_fds,
    logger_isa,
    mlevel,
    set_in_sighandler,
    task_logger,
    worker_logger,
)

logger = base_logger

__all__ = (
    "LOG_LEVELS", "ColorFormatter", "LoggingProxy", "base_logger", "get_logger", "get_task_logger", "in_sighandler",
    "iter_open_logger_fds", "logger", "logger_isa", "mlevel", "set_in_sighandler", "task_logger", "worker_logger",
)  # fmt: skip
