"""From seconds to moments and back, on the clock of the caller."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from labq.exceptions import InvalidTaskError
from labq.wire.moments import after, eta_text, expires_text, read, seconds_until

NOW = datetime(2030, 1, 1, 9, tzinfo=UTC)


def test_a_countdown_is_counted_from_the_given_present_in_its_zone():
    """The header tells the zone of the app, not of the machine."""
    moscow = NOW.astimezone(timezone(timedelta(hours=3)))
    assert eta_text(moscow, 10, None) == "2030-01-01T12:00:10+03:00"
    assert eta_text(NOW, -0.25, None) == "2030-01-01T08:59:59.750000+00:00"


def test_seconds_pass_through_a_change_of_summer_time():
    """An hour after 01:30 is the second 01:30 in the night when the hands go back."""
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2030, 10, 27, 2, 30, tzinfo=berlin)
    later = after(first, 3600, "countdown")
    assert (later.hour, later.minute, later.fold) == (2, 30, 1)
    assert later.isoformat() == "2030-10-27T02:30:00+01:00"


def test_no_countdown_leaves_the_eta_as_it_was_given():
    """Text is not even read: the worker will."""
    assert eta_text(None, None, None) is None
    assert eta_text(None, 0, NOW) == "2030-01-01T09:00:00+00:00"
    assert eta_text(None, None, "whenever") == "whenever"


def test_expires_takes_numbers_where_eta_does_not():
    """And 0 is a number of seconds too."""
    assert expires_text(NOW, 0) == "2030-01-01T09:00:00+00:00"
    assert expires_text(NOW, 1.5) == "2030-01-01T09:00:01.500000+00:00"
    assert expires_text(None, None) is None
    with pytest.raises(TypeError, match="eta must be a datetime or ISO 8601 text, not 5"):
        eta_text(NOW, None, 5)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf"), 1e20, 1e12, -(2**31) - 1, 10**400])
def test_a_number_no_calendar_holds_is_one_clear_error(seconds):
    """Celery stops with whatever the conversion raises."""
    with pytest.raises(ValueError, match="countdown is out of range: "):
        after(NOW, seconds, "countdown")


def test_what_is_no_number_is_a_type_error():
    """Also for who forgot to say what time it is."""
    with pytest.raises(TypeError, match="countdown must be a number of seconds, not '10'"):
        after(NOW, "10", "countdown")
    with pytest.raises(TypeError, match="expires is counted from the present"):
        expires_text(None, 5)


def test_a_header_is_read_as_an_aware_moment():
    """Without a zone it is meant in UTC; Celery's own times always have one."""
    assert read("2030-01-01T12:00:00+03:00", "ETA") == NOW
    assert read("2030-01-01T09:00:00", "ETA") == NOW
    assert read("2030-01-01T09:00:00Z", "ETA") == NOW
    assert read(NOW, "ETA") is NOW
    assert read(None, "ETA") is None


@pytest.mark.parametrize("value", ["rubbish", 5, ["2030"]])
def test_a_header_that_is_no_moment_makes_the_task_invalid(value):
    """The worker rejects such a message and goes on."""
    with pytest.raises(InvalidTaskError, match="invalid ETA value "):
        read(value, "ETA")


def test_the_time_left_is_told_for_each_form_of_expires():
    """Negative when it is past."""
    assert seconds_until(5, NOW) == 5
    assert seconds_until(NOW + timedelta(seconds=7), NOW) == 7
    assert seconds_until("2030-01-01T08:59:00", NOW) == -60
    with pytest.raises(TypeError, match="expires must be"):
        seconds_until([5], NOW)
    with pytest.raises(ValueError, match="rubbish"):
        seconds_until("rubbish", NOW)
