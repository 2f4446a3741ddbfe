"""The virtual clock: microseconds inside, seconds and aware datetimes outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from labq.kernel.clock import Clock, to_microseconds

START = datetime(2030, 1, 1, 9, tzinfo=UTC)


def test_the_clock_begins_at_its_start():
    """Seconds are counted from there."""
    clock = Clock(START)
    assert (clock.us, clock.time, clock.now, clock.epoch) == (0, 0.0, START, START.timestamp())


def test_a_naive_start_is_taken_as_utc():
    """The lab has no local time of its own."""
    assert Clock(datetime(2030, 1, 1, 9)).start == START  # noqa: DTZ001 - this is what is tested


def test_a_start_in_another_zone_is_the_same_moment():
    """Shown in UTC."""
    clock = Clock(datetime(2030, 1, 1, 12, tzinfo=timezone(timedelta(hours=3))))
    assert (clock.now, clock.now.tzinfo) == (START, UTC)


def test_ten_tenths_of_a_second_are_a_second():
    """Which they are not in floating point."""
    assert sum([0.1] * 10) != 1
    assert sum(to_microseconds(0.1) for _ in range(10)) == to_microseconds(1)


@given(some.integers(-(10**15), 10**15))
def test_a_moment_becomes_a_datetime_and_comes_back(us):
    """Exactly, before the start and after it."""
    clock = Clock(START)
    assert clock.moment(clock.at(us)) == us


def test_a_naive_moment_is_taken_as_utc_and_any_zone_is_understood():
    """Both mean a number of microseconds since the start."""
    clock = Clock(START)
    assert clock.moment(datetime(2030, 1, 1, 9, 0, 1)) == 1_000_000  # noqa: DTZ001 - this is what is tested
    assert clock.moment(datetime(2030, 1, 1, 8, tzinfo=timezone(timedelta(hours=-1)))) == 0


@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_no_clock_shows_that(seconds):
    """The value is in the error."""
    with pytest.raises(ValueError, match=repr(seconds)):
        to_microseconds(seconds)
