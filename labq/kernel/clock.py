"""The lab's clock: a whole number of microseconds that only the kernel moves.

Inside the lab a moment is an ``int`` (microseconds since the lab began), so that adding a tenth of a second ten times
gives exactly one second. Outside, people see seconds and aware datetimes.
Celery: the wall clock, read through ``app.now()`` and ``time.monotonic()``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MICROSECONDS = 1_000_000
"""Microseconds in a second."""

LAST_DAY = datetime(9999, 12, 31, tzinfo=UTC)
"""Where virtual time ends: the calendar has one more day, for time zones east of Greenwich."""


def to_microseconds(seconds: float) -> int:
    """Turn *seconds* into whole microseconds; raise ValueError for what no clock can show (NaN, infinity)."""
    if not math.isfinite(seconds):
        msg = f"{seconds!r} is not a number of seconds"
        raise ValueError(msg)
    return round(seconds * MICROSECONDS)


class Clock:
    """Virtual time, counted from *start*.

    Arguments:
        start: the aware datetime at which the lab begins; a naive one is taken as UTC.
    """

    __slots__ = ("_epoch", "_watcher", "last", "start", "us")

    def __init__(self, start: datetime) -> None:
        self.start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
        self._epoch = self.start.timestamp()
        self.last = (LAST_DAY - self.start) // timedelta(microseconds=1)
        """The last moment the clock can show, in microseconds; what should come later comes then."""
        self.us = 0
        """Microseconds since the lab began. The kernel alone moves them, by ``move``."""
        self._watcher: Callable[[int], object] | None = None

    def move(self, us: int) -> None:
        """Show the moment *us* from now on; one that has passed changes nothing."""
        if us > self.us:
            self.us = us
            if self._watcher is not None:
                self._watcher(us)

    def watch(self, watcher: Callable[[int], object]) -> None:
        """Call *watcher* with each new moment: much happens at one moment, so the log need not ask at each record."""
        self._watcher = watcher

    @property
    def time(self) -> float:
        """Seconds since the lab began."""
        return self.us / MICROSECONDS

    @property
    def now(self) -> datetime:
        """The present moment as an aware datetime in UTC."""
        return self.start + timedelta(microseconds=self.us)

    @property
    def epoch(self) -> float:
        """The present moment as a Unix timestamp in seconds, what ``time.time()`` means inside a body."""
        return self._epoch + self.us / MICROSECONDS

    def at(self, us: int) -> datetime:
        """Return the aware datetime of the moment *us* microseconds after the start."""
        return self.start + timedelta(microseconds=us)

    def moment(self, when: datetime) -> int:
        """Return *when* (aware, or naive in UTC) as microseconds since the start; negative if it lies before it."""
        aware = when.replace(tzinfo=UTC) if when.tzinfo is None else when
        return (aware - self.start) // timedelta(microseconds=1)
