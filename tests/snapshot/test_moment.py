"""Moments, written for people and read from messages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labq.snapshot.moment import clock_face, moment, seconds

START = datetime(2030, 1, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("us", "shown"), [(0, "0.0"), (21_000_000, "21.0"), (1_234_567, "1.235"), (3_600_000_000, "3600.0")]
)
def test_seconds_have_at_least_one_and_at_most_three_decimals(us, shown):
    """Short where nothing is lost."""
    assert seconds(us) == shown


@pytest.mark.parametrize(
    ("us", "shown"), [(0, "00:00:00.000"), (63_200_000, "00:01:03.200"), (359_999_999_999, "99:59:59.999")]
)
def test_a_clock_shows_hours_minutes_seconds_and_milliseconds(us, shown):
    """It never jumps ahead of what has passed."""
    assert clock_face(us) == shown


@pytest.mark.parametrize(
    ("written", "us"),
    [
        ("2030-01-01T09:00:05+00:00", 5_000_000),
        ("2030-01-01T12:00:05+03:00", 5_000_000),
        ("2030-01-01T09:00:05", 5_000_000),
        ("2030-01-01T08:59:59Z", -1_000_000),
        ("tomorrow", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_in_a_message_counts_from_the_start_of_the_lab(written, us):
    """Any zone will do; what is no time is none."""
    assert moment(written, START) == us
