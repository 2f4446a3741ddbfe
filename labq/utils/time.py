"""The door to time zones, spans of time and how they are said.

Next door: ``labq.calendar``.
Celery: ``celery/utils/time.py``.
"""

from __future__ import annotations

import random
import time as _time
from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

from labq.app.retries import backoff_interval
from labq.calendar import (
    DAYNAMES,
    WEEKDAYS,
    LocalTimezone,
    add_seconds_to_datetime,
    delta_resolution,
    ffwd,
    humanize_seconds,
    is_naive,
    localize,
    make_aware,
    maybe_make_aware,
    maybe_timedelta,
    rate,
    remaining,
    subtract_datetimes,
    timezone,
    to_utc,
    weekday,
    yearmonth,
)
from labq.prose import pluralize

__all__ = (
    "DAYNAMES", "WEEKDAYS", "LocalTimezone", "add_seconds_to_datetime", "adjust_timestamp", "delta_resolution",
    "ffwd", "get_exponential_backoff_interval", "humanize_seconds", "is_naive", "localize", "make_aware",
    "maybe_iso8601", "maybe_make_aware", "maybe_timedelta", "pluralize", "rate", "remaining", "subtract_datetimes",
    "timezone", "to_utc", "utcoffset", "weekday", "yearmonth",
)  # fmt: skip


def maybe_iso8601(dt: Any) -> Any:
    """Return the moment that ISO 8601 text tells; a datetime, and nothing, as it is."""
    return datetime.fromisoformat(dt) if isinstance(dt, str) and dt else dt or None


def utcoffset(time: ModuleType = _time, localtime: Callable[[], Any] = _time.localtime) -> float:
    """Return how many hours UTC is ahead of the computer's clock."""
    seconds: float = time.altzone if localtime().tm_isdst else time.timezone
    return seconds / 3600


def adjust_timestamp(ts: float, offset: float, here: Callable[[], float] = utcoffset) -> float:
    """Return a timestamp made where UTC is *offset* hours ahead as it would have been made *here*."""
    return ts - (offset - here()) * 3600


def get_exponential_backoff_interval(factor: int, retries: int, maximum: int, full_jitter: bool = False) -> int:
    """Return how many seconds to wait before the next try; with *full_jitter*, Python's own dice are thrown.

    A task's retries throw the lab's dice instead.
    """
    return backoff_interval(factor, retries, maximum, random if full_jitter else None)  # type: ignore[arg-type]
