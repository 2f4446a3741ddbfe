"""Spans: how long it is until something is due, across changes of summer time.

Comes in: when something ran last, how long to wait, the present. Goes out: the span that is left, in real time.
Next door: ``zones`` knows which hours there are; ``labq.schedules`` asks.
Celery: ``remaining``, ``ffwd`` and ``delta_resolution`` in ``celery/utils/time.py``.

Python subtracts two datetimes of one zone as clocks on the wall would, and loses the hour of summer time. So what
really passes is always counted in UTC.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from numbers import Real
from typing import Any

from labq._state import get_current_lab
from labq.calendar.zones import UTC as ALWAYS
from labq.calendar.zones import is_imaginary, is_naive, maybe_make_aware, resolved

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def maybe_timedelta(delta: Any) -> Any:
    """Return a number of seconds as a timedelta; anything else as it is."""
    return timedelta(seconds=float(delta)) if isinstance(delta, Real) else delta


def add_seconds_to_datetime(dt: datetime, seconds: float) -> datetime:
    """Return the moment *seconds* after *dt*; with a zone, they really pass."""
    delta = timedelta(seconds=seconds)
    return dt + delta if is_naive(dt) else (dt.astimezone(UTC) + delta).astimezone(dt.tzinfo)


def subtract_datetimes(end: datetime, start: datetime) -> timedelta:
    """Return what really passes from *start* to *end*; without a zone they are meant in UTC."""
    return maybe_make_aware(end).astimezone(UTC) - maybe_make_aware(start).astimezone(UTC)


def delta_resolution(dt: datetime, delta: timedelta) -> datetime:
    """Return *dt* cut off to the day, the hour or the minute, whichever is the longest that *delta* fills."""
    if delta >= DAY:
        return dt.replace(hour=0, minute=0, second=0, microsecond=0)
    if delta >= HOUR:
        return dt.replace(minute=0, second=0, microsecond=0)
    if delta >= MINUTE:
        return dt.replace(second=0, microsecond=0)
    return dt


class ffwd:  # noqa: N801 - Celery's name
    """The next time a clock shows certain figures: ``moment + ffwd(hour=9, minute=30)``.

    Arguments:
        year, month, day, hour, minute, second, microsecond: the figures; None is left as it is.
        weekday: a day of the week, Monday being 0, to go forward to.
        weeks: how many weeks to add.
    """

    __slots__ = ("day", "days", "figures", "month", "weekday", "weeks", "year")

    def __init__(
        self,
        year: int | None = None,
        month: int | None = None,
        weeks: int = 0,
        weekday: int | None = None,
        day: int | None = None,
        hour: int | None = None,
        minute: int | None = None,
        second: int | None = None,
        microsecond: int | None = None,
        **_: Any,
    ) -> None:
        self.year, self.month, self.day = year, month, day
        self.weeks, self.weekday, self.days = weeks, weekday, weeks * 7
        self.figures: dict[str, Any] = {}
        if hour is not None:
            self.figures["hour"] = hour
        if minute is not None:
            self.figures["minute"] = minute
        if second is not None:
            self.figures["second"] = second
        if microsecond is not None:
            self.figures["microsecond"] = microsecond

    @property
    def hour(self) -> int | None:
        """The hour."""
        return self.figures.get("hour")

    @property
    def minute(self) -> int | None:
        """The minute."""
        return self.figures.get("minute")

    @property
    def second(self) -> int | None:
        """The second."""
        return self.figures.get("second")

    @property
    def microsecond(self) -> int | None:
        """The microsecond."""
        return self.figures.get("microsecond")

    def __radd__(self, other: Any) -> Any:
        """Return *other*, a date or datetime, moved forward; a day that its month has not becomes the month's last."""
        if not isinstance(other, date):
            return NotImplemented
        if self.year is None and self.month is None and self.day is None:
            moved = other.replace(**self.figures)
        else:
            year, month = self.year or other.year, self.month or other.month
            day = min(monthrange(year, month)[1], self.day or other.day)
            moved = other.replace(year=year, month=month, day=day, **self.figures)
        days = self.days
        if self.weekday is not None:
            days += (7 - moved.weekday() + self.weekday) % 7
        return moved + timedelta(days=days)  # also for none: adding forgets which of two equal hours it was

    def __repr__(self) -> str:
        """Return ``ffwd(weekday=0, hour=9, …)``, the figures that are not left as they are."""
        written = self._fields(weeks=self.weeks, weekday=self.weekday)
        return f"ffwd({', '.join(f'{name}={value!r}' for name, value in written.items())})"

    def _fields(self, **more: Any) -> dict[str, Any]:
        """Return the figures that are not left as they are, by name; with *more* of them."""
        fields = {"year": self.year, "month": self.month, "day": self.day, **self.figures, **more}
        return {name: value for name, value in fields.items() if value is not None}


def remaining(start: datetime, ends_in: Any, now: datetime | None = None, relative: bool = False) -> timedelta:
    """Return how long it really is from *now* to the moment *ends_in* after *start*; negative when it has passed.

    Arguments:
        start: where the span begins, aware.
        ends_in: a timedelta, which really passes, or an ``ffwd``, which clocks on the wall show.
        now: the present, aware; that of the current lab by default.
        relative: whether to end at a whole minute, hour or midnight: whichever is the longest that *ends_in* fills.
    """
    if now is None:
        now = get_current_lab().clock.now
    if relative:
        return _next_whole(start, ends_in) - now.astimezone(UTC)
    if isinstance(ends_in, timedelta):
        if start.tzinfo is now.tzinfo is ALWAYS:
            return start + ends_in - now
        if is_naive(start):
            return (start + ends_in).astimezone(UTC) - now.astimezone(UTC)
        return start.astimezone(UTC) + ends_in - now.astimezone(UTC)
    end: datetime = start + ends_in
    if end.tzinfo is now.tzinfo is ALWAYS:
        return end - now
    return end.astimezone(UTC) - now.astimezone(UTC)


def _next_whole(start: datetime, ends_in: Any) -> datetime:
    """Return the last whole unit not later than *ends_in* after *start*, but after *start*; in UTC."""
    start_utc = start.astimezone(UTC)
    if not isinstance(ends_in, timedelta) or ends_in >= DAY:
        # days are those of the calendar: 23, 24 or 25 hours
        end: datetime = start + ends_in
        future = [moment for moment in _occurrences(end, ends_in) if moment > start_utc]
        return min(future, default=end.astimezone(UTC))
    end = add_seconds_to_datetime(start, ends_in.total_seconds())
    end_utc = start_utc + ends_in
    candidates = _occurrences(end, ends_in)
    whole = _last_before(candidates, end_utc) or min(candidates)
    if ends_in >= MINUTE and whole <= start_utc:
        # clocks were put back by part of an hour, and cutting off has led before the start: look one unit further
        candidates += _occurrences(end + (HOUR if ends_in >= HOUR else MINUTE), ends_in)
        candidates += _occurrences(start + ends_in, ends_in)
        future = [moment for moment in candidates if moment > start_utc]
        whole = _last_before(future, end_utc) or min(future, default=end_utc)
    return whole


def _last_before(moments: list[datetime], end: datetime) -> datetime | None:
    return max((moment for moment in moments if moment <= end), default=None)


def _occurrences(dt: datetime, delta: timedelta) -> list[datetime]:
    """Return both moments, in UTC, at which clocks may show *dt* cut off to the unit of *delta*."""
    whole = delta_resolution(dt, delta).replace(microsecond=0)
    moments = []
    for fold in (0, 1):
        moment = whole.replace(fold=fold)
        if is_imaginary(moment, moment.tzinfo):
            later = resolved(moment)
            # some zones take an hour that comes twice for one that never comes; a real gap leads forward
            moment = max(moment, later)
        moments.append(moment.astimezone(UTC))
    return moments
