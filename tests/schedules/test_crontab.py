"""A crontab: what its fields mean, and when a clock on the wall shows them next."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from labq.schedules import ParseException, crontab, crontab_parser, maybe_schedule, schedule


def at(*figures, zone="UTC", fold=0):
    """Return an aware moment."""
    return datetime(*figures, tzinfo=ZoneInfo(zone), fold=fold)


@pytest.fixture
def next_run(app):
    """Tell when a crontab is due next after a moment, in that moment's zone."""

    def find(last, **fields):
        app.timezone = last.tzinfo
        made = crontab(nowfun=lambda: last, app=app, **fields)
        return (last.astimezone(UTC) + made.remaining_estimate(last)).astimezone(last.tzinfo)

    return find


@pytest.mark.parametrize(
    ("spec", "numbers"),
    [
        ("*/20", {0, 20, 40}),
        ("58-1", {58, 59, 0, 1}),
        ("1-10/3", {1, 4, 7, 10}),
        ("3,*/30,50-52", {0, 3, 30, 50, 51, 52}),
    ],
)
def test_a_field_stands_for_numbers(spec, numbers):
    """Lists, ranges that go over the top, and steps can be mixed."""
    assert crontab_parser(60).parse(spec) == crontab(minute=spec).minute == numbers


def test_days_and_months_have_names():
    """Three letters are enough."""
    made = crontab(day_of_week="mon-wed,SAT", month_of_year="jan,february")
    assert (made.day_of_week, made.month_of_year) == ({1, 2, 3, 6}, {1, 2})


@pytest.mark.parametrize(("spec", "words"), [("", "empty part"), ("*/", "empty filter"), ("-5", "negative")])
def test_a_field_that_cannot_be_read_says_why(spec, words):
    """The words are Celery's."""
    with pytest.raises(ParseException, match=words):
        crontab(minute=spec)


def test_a_day_that_never_comes_is_refused():
    """Nobody should wait for the thirtieth of February."""
    with pytest.raises(ValueError, match="never occurs in month_of_year 'feb'"):
        crontab(day_of_month="30-31", month_of_year="feb")


def test_the_first_monday_of_a_month_is_a_day_in_both_fields(next_run):
    """All fields that speak of days must agree, unlike in cron."""
    fields = {"minute": 0, "hour": 9, "day_of_week": "mon", "day_of_month": "1-7"}
    assert next_run(at(2030, 1, 8), **fields) == at(2030, 2, 4, 9)


def test_a_leap_day_is_waited_for(next_run):
    """It may take years."""
    assert next_run(at(2030, 1, 1), minute=0, hour=0, day_of_month=29, month_of_year=2) == at(2032, 2, 29)


def test_an_hour_that_clocks_jump_over_comes_an_hour_later(next_run):
    """At two o'clock it is three in Berlin."""
    berlin = {"zone": "Europe/Berlin"}
    assert next_run(at(2030, 3, 31, 1, **berlin), minute=30, hour=2) == at(2030, 3, 31, 3, 30, **berlin)


def test_an_hour_that_comes_twice_counts_once(next_run):
    """Two thirty is the first of the two; after it the next one is tomorrow's."""
    first = next_run(at(2030, 10, 27, 1, zone="Europe/Berlin"), minute=30, hour=2)
    assert (first.fold, first.hour, first.minute) == (0, 2, 30)
    assert next_run(first, minute=30, hour=2).day == 28


def test_a_run_that_was_missed_is_due_at_once_unless_the_deadline_has_passed(app):
    """``beat_cron_starting_deadline`` counts from the moment that was missed."""
    made = crontab(minute=0, nowfun=lambda: at(2030, 1, 1, 9, 20), app=app)
    assert made.is_due(at(2030, 1, 1, 7)) == (True, 2400)
    app.conf.beat_cron_starting_deadline = 600
    assert made.is_due(at(2030, 1, 1, 7)) == (False, 2400)
    app.conf.beat_cron_starting_deadline = 1200
    assert made.is_due(at(2030, 1, 1, 7)) == (True, 2400)


def test_a_crontab_reads_the_clock_of_the_lab(lab, app):
    """Nothing here looks at the wall."""
    made = crontab(minute=30, app=app)
    assert made.is_due(lab.now) == (False, 1800)
    lab.advance(1799)
    assert made.is_due(at(2030, 1, 1, 9)) == (False, 1)


def test_schedules_are_shown_and_travel_as_celerys(app):
    """The names in a pickle are those of the public modules."""
    made = crontab("*/15", "1", app=None)
    assert repr(made) == "<crontab: */15 1 * * * (m/h/dM/MY/d)>"
    assert pickle.loads(pickle.dumps(made)) == made == crontab([0, 15, 30, 45], 1)  # noqa: S301 - its own
    assert (type(made).__module__, type(maybe_schedule(90, app=app)).__module__) == ("labq.schedules",) * 2
    assert repr(schedule(timedelta(seconds=90))) == "<freq: 1.50 minutes>"


def test_a_relative_day_ends_at_midnight_whatever_its_length(app):
    """The day on which clocks are put forward has twenty-three hours."""
    app.timezone = ZoneInfo("Europe/Berlin")
    last = at(2030, 3, 31, 0, 0, zone="Europe/Berlin")
    daily = schedule(timedelta(days=1), relative=True, nowfun=lambda: last, app=app)
    assert daily.remaining_estimate(last) == timedelta(hours=23)
    assert schedule(timedelta(days=1), nowfun=lambda: last, app=app).remaining_estimate(last) == timedelta(hours=24)
