"""Words: names of days and months to numbers, rates to seconds, seconds to something to read.

Comes in: what people write in schedules and settings. Goes out: numbers; and the other way round.
Celery: ``weekday``, ``yearmonth``, ``rate`` and ``humanize_seconds`` in ``celery/utils/time.py``.
"""

from __future__ import annotations

from typing import Any

DAYNAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHNAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = {name: number for number, name in enumerate(DAYNAMES)}
"""Sunday is 0, as in cron."""
YEARMONTHS = {name: number for number, name in enumerate(MONTHNAMES, start=1)}

UNITS = (("day", 86400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0))
"""What spans are said in, longest first, with their seconds."""

SECONDS_PER = {"s": 1.0, "m": 60.0, "h": 3600.0}
"""What a rate may be counted by."""


def weekday(name: str) -> int:
    """Return the number of a day of the week, Sunday being 0; three letters are enough, in any case.

    >>> weekday("sunday"), weekday("Mon")
    (0, 1)

    Raises:
        KeyError: for what is no day.
    """
    return _look_up(WEEKDAYS, name)


def yearmonth(name: str) -> int:
    """Return the number of a month from 1; three letters are enough, in any case.

    Raises:
        KeyError: for what is no month.
    """
    return _look_up(YEARMONTHS, name)


def _look_up(numbers: dict[str, int], name: str) -> int:
    number = numbers.get(name[:3].lower())
    if number is None:
        raise KeyError(name)
    return number


def rate(r: Any) -> float:
    """Return how many a second *r* means: ``"100/m"``, ``"2/h"``, ``"0.5/s"`` or a number; nothing is 0.

    Raises:
        KeyError: for another unit.
    """
    if not r:
        return 0
    if not isinstance(r, str):
        return r  # type: ignore[no-any-return]
    count, _, unit = r.partition("/")
    seconds = SECONDS_PER[unit or "s"]
    return (float(count) / 60.0 / 60.0 if unit == "h" else float(count) / seconds) or 0


def humanize_seconds(secs: float, prefix: str = "", sep: str = "", now: str = "now", microseconds: bool = False) -> str:
    """Say a span of *secs* seconds in the longest unit that it fills.

    Arguments:
        secs: the seconds; they are rounded to hundredths first.
        prefix: what comes before it, ``"in "`` say; not before *now*.
        sep: what stands between the two.
        now: what less than a second is called.
        microseconds: whether less than a second is said in hundredths instead.

    >>> humanize_seconds(90), humanize_seconds(1), humanize_seconds(0.5)
    ('1.50 minutes', '1.00 second', 'now')
    """
    secs = round(float(secs), 2)
    for unit, seconds in UNITS:
        if secs >= seconds:
            count = secs / seconds
            return f"{prefix}{sep}{count:.2f} {unit}{'s' if count > 1 else ''}"
    return f"{prefix}{sep}{secs:.2f} seconds" if microseconds and secs > 0 else now
