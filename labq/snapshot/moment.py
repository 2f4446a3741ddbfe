"""Moments as people read them, and as messages carry them.

Comes in: microseconds since the lab began. Goes out: text without a unit, which belongs to the sentence around it.
The other way round: the time in a message's header becomes microseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from labq.kernel.clock import MICROSECONDS


def seconds(us: int) -> str:
    """Write a moment or a span in seconds, with at least one and at most three decimals.

    >>> seconds(21_000_000), seconds(1_250_000), seconds(400)
    ('21.0', '1.25', '0.0')
    """
    whole, _, decimals = f"{us / MICROSECONDS:.3f}".partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


def clock_face(us: int) -> str:
    """Write a moment as a clock shows it: hours, minutes, seconds and milliseconds since the lab began.

    >>> clock_face(63_200_000), clock_face(90_000_000_000)
    ('00:01:03.200', '25:00:00.000')
    """
    milliseconds = us // 1000
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def moment(written: str | None, start: datetime) -> int | None:
    """Read a time as the headers of a message carry it; return microseconds since *start*.

    Arguments:
        written: ISO 8601, in UTC when it names no zone. None, and text that is no time, give None.
        start: the aware datetime at which the lab began.
    """
    try:
        when = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    if when is None:
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return (aware - start) // timedelta(microseconds=1)
