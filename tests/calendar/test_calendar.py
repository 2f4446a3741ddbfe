"""The calendar: hours that come twice or never, and spans in words."""

# ruff: noqa: DTZ001 - moments without a zone are what is asked about

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from labq.calendar import (
    ffwd,
    humanize_seconds,
    localize,
    make_aware,
    maybe_make_aware,
    rate,
    remaining,
    weekday,
    yearmonth,
)

BERLIN = ZoneInfo("Europe/Berlin")


def test_an_hour_that_never_comes_becomes_the_one_after():
    """Clocks jump from two to three."""
    assert make_aware(datetime(2030, 3, 31, 2, 30), BERLIN).isoformat() == "2030-03-31T03:30:00+02:00"


def test_an_hour_that_comes_twice_is_the_first():
    """Summer time first, then winter time."""
    assert make_aware(datetime(2030, 10, 27, 2, 30), BERLIN).isoformat() == "2030-10-27T02:30:00+02:00"


def test_only_utc_is_translated():
    """A moment that has another zone already keeps it."""
    moment = datetime(2030, 1, 1, 12, tzinfo=ZoneInfo("UTC"))
    assert localize(moment, BERLIN).hour == 13
    assert localize(moment.astimezone(ZoneInfo("Asia/Tokyo")), BERLIN).hour == 21
    assert maybe_make_aware(datetime(2030, 1, 1, 12), BERLIN).hour == 13
    assert maybe_make_aware(datetime(2030, 1, 1, 12), BERLIN, naive_as_utc=False).hour == 12


def test_spans_are_counted_in_real_time():
    """From midnight to noon it is eleven hours on the day on which clocks are put forward."""
    midnight = datetime(2030, 3, 31, tzinfo=BERLIN)
    assert remaining(midnight, ffwd(hour=12, minute=0, second=0), midnight) == timedelta(hours=11)
    assert remaining(midnight, timedelta(hours=12), midnight.astimezone(UTC)) == timedelta(hours=12)


def test_the_present_is_the_labs(lab):
    """Who gives no present means the lab's."""
    lab.advance(10)
    assert remaining(datetime(2030, 1, 1, 9, tzinfo=UTC), timedelta(minutes=1)) == timedelta(seconds=50)


def test_words_and_numbers():
    """What people write, and what they read."""
    assert (weekday("Sunday"), yearmonth("dec"), rate("30/m"), rate("2/h"), rate(None)) == (0, 12, 0.5, 2 / 3600, 0)
    assert [humanize_seconds(span) for span in (0.2, 1, 90, 100000)] == [
        "now",
        "1.00 second",
        "1.50 minutes",
        "1.16 days",
    ]
    with pytest.raises(KeyError, match="mondy"):
        yearmonth("mondy")
