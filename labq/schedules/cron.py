"""A crontab: the minutes, hours and days at which a clock on the wall lets a task run.

Comes in: five fields, and when the task ran last. Goes out: whether it is due, and in how many seconds to ask again.
Next door: ``fields`` reads what stands in them; ``labq.calendar`` turns clocks' hands into real time.
Celery: ``crontab`` in ``celery/schedules.py``.
"""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

from labq.calendar import ffwd, remaining, timezone
from labq.schedules.fields import expand
from labq.schedules.interval import BaseSchedule, schedstate

LONGEST_MONTHS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""The most days that a month has; February in a leap year."""

MOST_MONTHS = 2000
"""How many months are looked through for a day that fits."""


class crontab(BaseSchedule):  # noqa: N801 - Celery's name
    """At these minutes of these hours of these days.

    A day must be in all three fields that speak of days: ``day_of_week=1, day_of_month="1-7"`` is the first Monday.
    Each field is a number, an iterable of numbers, or text like ``*``, ``*/15``, ``1,13,30-45``, ``50-59/2``,
    ``mon-fri``.

    Arguments:
        minute: 0-59.
        hour: 0-23.
        day_of_week: 0-6, Sunday being 0.
        day_of_month: 1-31.
        month_of_year: 1-12.
        kwargs: ``nowfun`` and ``app``; see ``BaseSchedule``.

    Raises:
        ParseException, ValueError, TypeError: when a field cannot be read, or such a day never comes.
    """

    def __init__(
        self,
        minute: Any = "*",
        hour: Any = "*",
        day_of_week: Any = "*",
        day_of_month: Any = "*",
        month_of_year: Any = "*",
        **kwargs: Any,
    ) -> None:
        self._orig_minute = _written(minute)
        self._orig_hour = _written(hour)
        self._orig_day_of_week = _written(day_of_week)
        self._orig_day_of_month = _written(day_of_month)
        self._orig_month_of_year = _written(month_of_year)
        self._orig_kwargs = kwargs
        self.hour = self._expand_cronspec(hour, 24)
        self.minute = self._expand_cronspec(minute, 60)
        self.day_of_week = self._expand_cronspec(day_of_week, 7)
        self.day_of_month = self._expand_cronspec(day_of_month, 31, 1)
        self.month_of_year = self._expand_cronspec(month_of_year, 12, 1)
        if not any(min(self.day_of_month, default=99) <= LONGEST_MONTHS[month] for month in self.month_of_year):
            raise ValueError(
                f"Invalid crontab: day_of_month {self._orig_day_of_month!r} never occurs in month_of_year "
                f"{self._orig_month_of_year!r}."
            )
        super().__init__(**kwargs)

    @classmethod
    def from_string(cls, crontab: str) -> Self:
        """Return the crontab of a line like ``0 4 1 * mon``: minute, hour, day of month, month, day of week."""
        minute, hour, day_of_month, month_of_year, day_of_week = crontab.split(" ")
        return cls(minute, hour, day_of_week, day_of_month, month_of_year)

    _expand_cronspec = staticmethod(expand)

    # -- when ----------------------------------------------------------------------------------------------------------
    def is_due(self, last_run_at: datetime) -> tuple[bool, float]:
        """Return whether the task is due, and in how many seconds to ask again.

        A task whose last run was missed is due too, but not longer than ``beat_cron_starting_deadline`` seconds after.
        """
        left = self.remaining_estimate(last_run_at).total_seconds()
        if left > 0:
            return schedstate(is_due=False, next=left)
        deadline = self.app.conf.beat_cron_starting_deadline
        due = deadline is None or left == 0 or self._ran_within(deadline)
        return schedstate(due, max(self.remaining_estimate(self.now()).total_seconds(), 0))

    def _ran_within(self, seconds: float) -> bool:
        """Tell whether one of its moments was not longer than *seconds* ago."""
        now = self.maybe_make_aware(self.now())
        # a microsecond more, so that the very edge still counts
        since = now.astimezone(UTC) - timedelta(seconds=seconds, microseconds=1)
        return self.remaining_estimate(since.astimezone(now.tzinfo)).total_seconds() <= 0

    def remaining_estimate(self, last_run_at: datetime, ffwd: Callable[..., Any] = ffwd) -> timedelta:
        """Return how long it is until the task is due again; negative when it is late."""
        return remaining(*self.remaining_delta(last_run_at, ffwd=ffwd))

    def remaining_delta(
        self, last_run_at: datetime, tz: Any = None, ffwd: Callable[..., Any] = ffwd
    ) -> tuple[datetime, Any, datetime]:
        """Return the last run, what to add to it, and the present, on the clock on the wall.

        Arguments:
            last_run_at: when the task ran last.
            tz: the zone in which the crontab is meant; the app's by default.
            ffwd: what makes the second part of the answer.
        """
        zone = timezone.get_timezone(tz or self.tz)
        last, now = last_run_at, self.now()
        if last.tzinfo is not zone:
            last = self.maybe_make_aware(last).astimezone(zone)
        if now.tzinfo is not zone:
            now = self.maybe_make_aware(now).astimezone(zone)
        minutes, hours = self.minute, self.hour
        this_day = self._includes(last)
        if this_day and last.hour in hours and (last.minute + 1 in minutes or last.minute < max(minutes)):
            return last, ffwd(minute=_next(minutes, last.minute), second=0, microsecond=0), now
        minute = min(minutes)
        if this_day and last.hour < max(hours):
            return last, ffwd(hour=_next(hours, last.hour), minute=minute, second=0, microsecond=0), now
        hour = min(hours)
        if self._orig_day_of_month == "*" and self._orig_month_of_year == "*":
            return last, self._to_weekday(last, hour, minute, ffwd), now
        return last, self._delta_to_next(last, hour, minute, ffwd), now

    def _includes(self, day: datetime) -> bool:
        return (
            day.month in self.month_of_year
            and day.day in self.day_of_month
            and day.isoweekday() % 7 in self.day_of_week
        )

    def _to_weekday(self, last: datetime, hour: int, minute: int, ffwd: Callable[..., Any]) -> Any:
        """Return the way to the next day of the week that fits; a week on if that is the same day again."""
        today = last.isoweekday() % 7
        later = [day for day in self.day_of_week if day > today]
        day = min(later or self.day_of_week)
        return ffwd(
            weeks=int(day == today), weekday=(day - 1) % 7, hour=hour, minute=minute, second=0, microsecond=0
        )  # fmt: skip

    def _delta_to_next(
        self, last_run_at: datetime, next_hour: int, next_minute: int, ffwd: Callable[..., Any] = ffwd
    ) -> Any:
        """Return the way to the next day that fits all three fields.

        Raises:
            RuntimeError: when there is none in a hundred and sixty years.
        """
        for year, month, day in self._days_from(last_run_at, next_hour, next_minute):
            if date(year, month, day).isoweekday() % 7 in self.day_of_week:
                return ffwd(
                    year=year, month=month, day=day, hour=next_hour, minute=next_minute, second=0, microsecond=0
                )  # fmt: skip
        raise RuntimeError("unable to rollover, time specification is probably invalid")

    def _days_from(self, last: datetime, hour: int, minute: int) -> Iterator[tuple[int, int, int]]:
        """Yield the days after *last* that fit the fields of day and month, as year, month, day."""
        days, months, year = sorted(self.day_of_month), sorted(self.month_of_year), last.year
        if last.month in self.month_of_year:
            day, month = bisect(days, last.day), bisect_left(months, last.month)
        else:
            day, month = 0, bisect(months, last.month) % len(months)
        tried = 0
        while tried < MOST_MONTHS:
            if day < len(days) and self._comes_after(last, year, months[month], days[day], hour, minute):
                yield year, months[month], days[day]
                day, tried = day + 1, 0
            else:
                day, month, tried = 0, month + 1, tried + 1
                if month == len(months):
                    month, year = 0, year + 1

    def _comes_after(self, last: datetime, *figures: int) -> bool:
        try:
            moment = datetime(*figures)  # type: ignore[arg-type]  # noqa: DTZ001 - the hour on the wall, anywhere
        except ValueError:
            return False  # no such day in that month
        return not self.maybe_make_aware(moment, naive_as_utc=False) < last

    # -- what it is ----------------------------------------------------------------------------------------------------
    def __eq__(self, other: object) -> Any:
        """Compare the numbers of the fields, however they were written."""
        if not isinstance(other, crontab):
            return NotImplemented
        if other is self:
            return True
        return (
            other.month_of_year == self.month_of_year
            and other.day_of_month == self.day_of_month
            and other.day_of_week == self.day_of_week
            and other.hour == self.hour
            and other.minute == self.minute
            and super().__eq__(other)
        )

    __hash__ = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the fields as they were written."""
        fields = (
            self._orig_minute, self._orig_hour, self._orig_day_of_week, self._orig_day_of_month,
            self._orig_month_of_year,
        )  # fmt: skip
        return self.__class__, fields, self._orig_kwargs

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Take what was given beside the fields out of a pickle."""
        super().__init__(**state)
        self._orig_kwargs = dict(state)

    def __repr__(self) -> str:
        """Return ``<crontab: */15 * * * mon-fri (m/h/dM/MY/d)>``."""
        return (
            f"<crontab: {self._orig_minute} {self._orig_hour} {self._orig_day_of_month} {self._orig_month_of_year} "
            f"{self._orig_day_of_week} (m/h/dM/MY/d)>"
        )


def _written(field: Any) -> Any:
    return "*" if field is None else field


def _next(numbers: set[int], after: int) -> int:
    """Return the least of *numbers* that is greater than *after*; there is one."""
    number = after + 1
    while number not in numbers:
        number += 1
    return number
