"""kombu's loggers: ``from labq.kombu.log import get_logger``.

Celery: ``kombu/log.py``.
"""

from __future__ import annotations

import logging

__all__ = ("get_logger",)


def get_logger(logger: str | logging.Logger) -> logging.Logger:
    """Return the logger called *logger*, silent unless somebody listens."""
    found = logging.getLogger(logger) if isinstance(logger, str) else logger
    if not found.handlers:
        found.addHandler(logging.NullHandler())
    return found
