"""The calendar: time zones, the moments that clocks on the wall show twice or never, and spans said in words.

``zones`` knows the hour everywhere, ``spans`` counts from one moment to another, ``words`` reads and says. No wall
clock is read here: the present comes in.
Celery: ``celery/utils/time.py``.
"""

from labq.calendar.spans import (
    add_seconds_to_datetime,
    delta_resolution,
    ffwd,
    maybe_timedelta,
    remaining,
    subtract_datetimes,
)
from labq.calendar.words import DAYNAMES, MONTHNAMES, WEEKDAYS, YEARMONTHS, humanize_seconds, rate, weekday, yearmonth
from labq.calendar.zones import (
    LocalTimezone,
    exists,
    is_ambiguous,
    is_naive,
    localize,
    make_aware,
    maybe_make_aware,
    timezone,
    to_utc,
)

__all__ = (
    "DAYNAMES",
    "MONTHNAMES",
    "WEEKDAYS",
    "YEARMONTHS",
    "LocalTimezone",
    "add_seconds_to_datetime",
    "delta_resolution",
    "exists",
    "ffwd",
    "humanize_seconds",
    "is_ambiguous",
    "is_naive",
    "localize",
    "make_aware",
    "maybe_make_aware",
    "maybe_timedelta",
    "rate",
    "remaining",
    "subtract_datetimes",
    "timezone",
    "to_utc",
    "weekday",
    "yearmonth",
)
