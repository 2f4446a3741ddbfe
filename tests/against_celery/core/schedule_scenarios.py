"""Schedules: when a periodic task is due, how long it is until then, how schedules look, compare and travel."""

# ruff: noqa: DTZ001, E501, FBT003, S301, S311 - a scenario writes its steps out; dice, pickles and naive moments are steps

from __future__ import annotations

import datetime as dt
import pickle
import random
from collections.abc import Callable
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from core_means import Side, scenario, shown, tried

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "America/St_Johns")
YEARS = 10


def schedules(e: Side) -> Any:
    """Return the module ``schedules`` of either side."""
    return import_module(f"{e.name}.schedules")


def times(e: Side) -> Any:
    """Return the module ``utils.time`` of Celery, or what stands for it."""
    return import_module("celery.utils.time" if e.name == "celery" else "labq.calendar")


def at(*figures: int, zone: str = "UTC", fold: int = 0) -> dt.datetime:
    """Return an aware moment."""
    return dt.datetime(*figures, tzinfo=ZoneInfo(zone), fold=fold)


def app_in(e: Side, zone: str, **settings: Any) -> Any:
    """Return an app in a time zone."""
    return e.app(timezone=zone, **settings)


def made(make: Callable[[], Any]) -> Any:
    """Return the repr of what is made, or the error."""
    return shown(tried(lambda: repr(make())))


def fields(crontab: Any) -> list[Any]:
    """Return what the fields of a crontab stand for."""
    names = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")
    return [sorted(getattr(crontab, name)) for name in names]


# -- crontab: its fields ----------------------------------------------------------------------------------------------
@scenario
def a_crontab_reads_every_form_of_a_field(e: Side) -> Any:
    crontab = schedules(e).crontab
    written = (
        "*", "*/15", "*/7", "1", "1,2,3", "1-5", "5-1", "22-2", "0-5,22-2", "1-10/3", "10-20/4,3", "*/2,*/3", "0",
        "00", "07", "*,1", "1-1", "3-3/2", "0-23/6", "*/59", "2-1/3",
    )  # fmt: skip
    shown_as = {each: [made(lambda each=each, name=name: crontab(**{name: each})) for name in ("minute", "hour")]
                for each in written}  # fmt: skip
    return [shown_as, {each: shown(tried(lambda each=each: fields(crontab(hour=each)))) for each in written}]


@scenario
def a_crontab_reads_names_of_days_and_months(e: Side) -> Any:
    crontab = schedules(e).crontab
    days = (
        "sun",
        "sunday",
        "Mon",
        "mon-fri",
        "fri-mon",
        "thu,fri",
        "sat-sun",
        "0",
        "6",
        "7",
        "mondays",
        "*/2",
        "tue/2",
    )
    months = ("jan", "January", "jan-mar", "nov-feb", "2-12/2", "dec", "13", "0", "*/3", "jan-dec/4", "sun", "may,1")
    return [
        {each: shown(tried(lambda each=each: fields(crontab(day_of_week=each)))) for each in days},
        {each: shown(tried(lambda each=each: fields(crontab(month_of_year=each)))) for each in months},
        {each: shown(tried(lambda each=each: fields(crontab(day_of_month=each)))) for each in ("*", "2-30/2", "1-7,15-21", "31-3", "0", "32", "l")},
    ]  # fmt: skip


@scenario
def a_crontab_refuses_what_is_no_field(e: Side) -> Any:
    crontab = schedules(e).crontab
    wrong = (
        "", ",", "1,", "*/", "1-", "5-", "-5", "1--2", "a", "1-x", "60", "24", "99", "1/2", "*/x", "*/0", "1-5/", "1-5/0",
        "* ", " 1", "**", "1.5", "?", "L", "#", "5-70", "x-5",
    )  # fmt: skip
    things = (
        60,
        -1,
        3.2,
        None,
        [60],
        [-1],
        {61},
        (1, "2"),
        object,
        [1, 2],
        (3,),
        {4},
        frozenset([5]),
        range(2),
        [],
        {},
    )
    return [
        {each: [made(lambda each=each, name=name: crontab(**{name: each})) for name in ("minute", "hour", "day_of_month")] for each in wrong},
        [made(lambda each=each: crontab(minute=each)) for each in things],
        [made(lambda each=each: fields(crontab(minute=each))) for each in things],
    ]  # fmt: skip


@scenario
def a_crontab_refuses_a_day_that_never_comes(e: Side) -> Any:
    crontab = schedules(e).crontab
    pairs = ((30, 2), (31, 4), ("31", "2,4,6"), (29, 2), ("30-31", "feb"), ("31", "apr-jun"), (31, "sep,nov"))
    return [made(lambda day=day, month=month: crontab(day_of_month=day, month_of_year=month)) for day, month in pairs]


@scenario
def a_parser_reads_for_other_ranges(e: Side) -> Any:
    module = schedules(e)
    cases = ((60, 0, "*/15"), (24, 0, "*/4"), (7, 0, "*"), (31, 1, "*/3"), (12, 1, "*/2"), (12, 1, "2-12/2"), (10, 5, "13-6"),
             (5, 0, "4-1/2"), (3, 0, "0-9"), (31, 1, "0"))  # fmt: skip
    read = [shown(tried(lambda case=case: sorted(module.crontab_parser(*case[:2]).parse(case[2])))) for case in cases]
    error = tried(lambda: module.crontab_parser(60).parse("*/"))
    return [
        read,
        isinstance(error, module.ParseException),
        module.crontab_parser.ParseException is module.ParseException,
    ]


@scenario
def a_crontab_comes_from_a_line_of_cron(e: Side) -> Any:
    crontab = schedules(e).crontab
    lines = ("* * * * *", "0 12 1 6 mon", "*/5 0-5 1,15 * 1-5", "0 0 0 0 0", "* * * *", "*  * * * *", "1 2 3 4 5 6", "")
    return [made(lambda line=line: crontab.from_string(line)) for line in lines] + [
        crontab.from_string("1 2 3 4 5") == crontab(1, 2, 5, 3, 4)
    ]


@scenario
def a_crontab_is_shown_as_it_was_written(e: Side) -> Any:
    crontab = schedules(e).crontab
    given = (
        {},
        {"minute": [1, 2]},
        {"hour": {3}},
        {"minute": "*/5", "day_of_week": "mon"},
        {"minute": 1},
        {"minute": (4, 5)},
    )
    return [repr(crontab(**each)) for each in given] + [str(crontab()), f"{crontab('1')}"]


# -- equality, hashes, pickles ----------------------------------------------------------------------------------------
@scenario
def schedules_are_equal_by_what_they_mean(e: Side) -> Any:
    m = schedules(e)
    seconds = dt.timedelta(seconds=10)

    def now() -> dt.datetime:
        return at(2030, 1, 1)

    pairs = [
        (m.crontab(minute=1), m.crontab(minute="1")), (m.crontab("*/30"), m.crontab([0, 30])), (m.crontab(1), m.crontab(2)),
        (m.crontab(), m.crontab(nowfun=now)), (m.crontab(nowfun=now), m.crontab(nowfun=now)), (m.crontab(), object()),
        (m.schedule(10), m.schedule(10)), (m.schedule(10), m.schedule(seconds)), (m.schedule(10), seconds),
        (m.schedule(10), 10), (m.schedule(10), m.schedule(11)), (m.schedule(10), m.schedule(10, relative=True)),
        (m.schedule(10), m.crontab()), (m.crontab(), m.schedule(10)), (m.schedule(10, nowfun=now), m.schedule(10)),
        (m.crontab(), "* * * * *"), (m.schedule(None), m.schedule(None)),
    ]  # fmt: skip
    return [[one == other, one != other] for one, other in pairs]


@scenario
def schedules_cannot_be_hashed(e: Side) -> Any:
    m = schedules(e)
    return [tried(lambda each=each: hash(each)) for each in (m.schedule(1), m.crontab())]


@scenario
def schedules_travel_in_pickles(e: Side) -> Any:
    m = schedules(e)
    given = [m.schedule(30), m.schedule(60, relative=True), m.crontab("*/5", "1-3", "mon", "1", "jan"), m.crontab([1, 2]),
             m.crontab(nowfun=dt.datetime.now)]  # fmt: skip
    loaded = [pickle.loads(pickle.dumps(each)) for each in given]
    return [[repr(each), each == before, each.nowfun is before.nowfun] for each, before in zip(loaded, given, strict=True)] + [
        loaded[1].relative, given[2].__reduce__()[1], given[0].__reduce__()[1], [len(each.__reduce__()) for each in given],
    ]  # fmt: skip


@scenario
def numbers_become_schedules(e: Side) -> Any:
    m = schedules(e)
    app = e.app()
    crontab = m.crontab()
    answers = [
        repr(tried(lambda each=each: m.maybe_schedule(each, app=app)))
        for each in (10, 2.5, dt.timedelta(days=2), None, True)
    ]
    same = m.maybe_schedule(crontab, app=app)
    return [answers, same is crontab, crontab.app is app, m.maybe_schedule(5, relative=True).relative,
            m.maybe_schedule(5, app=app).app is app, type(tried(lambda: m.maybe_schedule("10"))).__name__]  # fmt: skip


# -- schedule ---------------------------------------------------------------------------------------------------------
@scenario
def a_frequency_is_said_in_words(e: Side) -> Any:
    m = schedules(e)
    given = (0, 0.004, 0.5, 0.996, 1, 1.5, 30, 59.999, 60, 90, 3599, 3600, 5400, 86399, 86400, 100000, 1e7, -5)
    return [[repr(m.schedule(each)), m.schedule(each).seconds, m.schedule(each).human_seconds] for each in given]


@scenario
def seconds_are_said_in_words(e: Side) -> Any:
    humanize = times(e).humanize_seconds
    plain = [
        humanize(each)
        for each in (0, 0.001, 0.01, 0.5, 0.994, 0.995, 0.999, 1, 1.004, 1.006, 59.99, 59.996, 60, 61, 7200, 90061)
    ]
    return [plain, humanize(10, prefix="in "), humanize(10, prefix="in", sep=" "), humanize(0.5, prefix="in "),
            humanize(0.5, now="soon"), humanize(0.523, microseconds=True), humanize(0, microseconds=True),
            humanize(0.5, "in", "-", microseconds=True)]  # fmt: skip


@scenario
def a_schedule_is_due_after_its_interval(e: Side) -> Any:
    m = schedules(e)
    last = at(2030, 1, 1, 9)
    answers = []
    for every in (0.5, 10, 60, 3600, 86400, 0, -1):
        for passed in (-5, 0, 0.25, 0.5, 9.999999, 10, 59, 60, 61, 3599.5, 100000):
            now = last + dt.timedelta(seconds=passed)
            for relative in (False, True):
                due = m.schedule(every, relative, nowfun=lambda now=now: now, app=e_app(e)).is_due(last)
                answers.append([every, passed, relative, due])
    return answers


_apps: dict[str, Any] = {}


def e_app(e: Side, zone: str = "UTC") -> Any:
    """Return one app for each zone, for scenarios that ask thousands of times."""
    if zone not in _apps:
        _apps[zone] = app_in(e, zone, set_as_current=False)
    return _apps[zone]


@scenario
def a_state_is_a_named_pair(e: Side) -> Any:
    m = schedules(e)
    state = m.crontab(app=e.app(), nowfun=lambda: at(2030, 1, 1, 9, 0, 30)).is_due(at(2030, 1, 1, 9))
    return [repr(state), state.is_due, state.next, tuple(state), state._fields, m.schedstate(True, 5)]


@scenario
def a_schedule_without_an_end_is_left_to_its_subclass(e: Side) -> Any:
    base = schedules(e).BaseSchedule()
    return [tried(lambda: base.is_due(at(2030, 1, 1))), tried(lambda: base.remaining_estimate(at(2030, 1, 1))),
            base == schedules(e).BaseSchedule(), base == 5]  # fmt: skip


@scenario
def a_schedule_asks_its_own_clock(e: Side) -> Any:
    m = schedules(e)
    app = e.app()
    mine = m.schedule(10, nowfun=lambda: at(2031, 5, 5), app=app)
    other = m.crontab(app=app)
    other.nowfun = lambda: at(2032, 6, 6)
    return [
        mine.now(),
        other.now(),
        mine.app is app,
        m.schedule(5).app is app,
        m.crontab().utc_enabled,
        str(m.crontab().tz),
    ]


@scenario
def a_schedule_knows_its_apps_zone(e: Side) -> Any:
    m = schedules(e)
    answers = []
    for settings in (
        {},
        {"timezone": "Europe/Moscow"},
        {"timezone": "Asia/Shanghai", "enable_utc": False},
        {"timezone": ZoneInfo("UTC")},
    ):
        app = e.app(**settings)
        s = m.schedule(10, app=app)
        naive = dt.datetime(2030, 3, 1, 12)
        answers.append([str(s.tz), s.utc_enabled, s.maybe_make_aware(naive).isoformat(),
                        s.maybe_make_aware(naive, naive_as_utc=False).isoformat(),
                        s.maybe_make_aware(at(2030, 1, 1, zone="Asia/Tokyo")).isoformat(),
                        s.to_local(naive).isoformat() if s.utc_enabled else "", str(app.timezone)])  # fmt: skip
    return answers


@scenario
def a_zone_is_asked_for_once(e: Side) -> Any:
    app = app_in(e, "Europe/Moscow")
    s = schedules(e).crontab(app=app)
    before = [str(s.tz), str(app.timezone)]
    app.conf.timezone = "Asia/Tokyo"
    return [before, str(s.tz), str(app.timezone), str(schedules(e).crontab(app=app).tz)]


# -- crontab: when ----------------------------------------------------------------------------------------------------
def _asked(e: Side, zone: str, last: dt.datetime, now: dt.datetime, **given: Any) -> Any:
    s = schedules(e).crontab(nowfun=lambda: now, app=e_app(e, zone), **given)
    start, delta, present = s.remaining_delta(last)
    state = tried(lambda: s.is_due(last))
    return [s.remaining_estimate(last).total_seconds(), start.isoformat(), repr(delta), present.isoformat(),
            list(state) if isinstance(state, tuple) else state]  # fmt: skip


@scenario
def a_crontab_looks_for_the_next_minute_hour_and_day(e: Side) -> Any:
    given = (
        {}, {"minute": "*/15"}, {"minute": 30}, {"minute": "5,42", "hour": 12}, {"hour": "9-17", "day_of_week": "mon-fri", "minute": 0},
        {"minute": 30, "hour": 7, "day_of_week": "thu"}, {"minute": 30, "hour": 14, "day_of_week": "sat", "day_of_month": 29},
        {"minute": 30, "hour": 14, "day_of_week": "thu", "day_of_month": "1-7"}, {"minute": 0, "hour": 0, "month_of_year": 2, "day_of_month": 29},
        {"minute": 5, "hour": 4, "month_of_year": "3,11"}, {"minute": 1, "day_of_month": 31}, {"hour": 3, "minute": 0, "day_of_month": "28-31"},
    )  # fmt: skip
    lasts = (at(2030, 1, 3, 14, 29, 30), at(2031, 12, 31, 23, 59), at(2032, 2, 29, 14, 30), at(2030, 6, 30, 9, 0, 0, 5))
    return [_asked(e, "UTC", last, last + dt.timedelta(seconds=passed), **each)
            for each in given for last in lasts for passed in (0, 90, 86400 * 40)]  # fmt: skip


@scenario
def a_crontab_goes_with_summer_time(e: Side) -> Any:
    answers = []
    changes = {
        "Europe/Berlin": ((2030, 3, 31), (2030, 10, 27)), "America/New_York": ((2030, 3, 10), (2030, 11, 3)),
        "Australia/Lord_Howe": ((2030, 10, 6), (2030, 4, 7)), "Asia/Shanghai": ((1991, 4, 14), (1991, 9, 15)),
        "America/St_Johns": ((2006, 4, 2), (2006, 10, 29)), "Africa/Casablanca": ((2030, 1, 6), (2030, 2, 10)),
    }  # fmt: skip
    given = (
        {"minute": "*/20"},
        {"hour": 2, "minute": 30},
        {"hour": "1-3", "minute": 0},
        {"hour": 0, "minute": 1},
        {"hour": 2, "minute": 30, "day_of_month": "*/2"},
    )
    for zone, days in changes.items():
        for day in days:
            for hour in (0, 1, 2, 3):
                for fold in (0, 1):
                    last = at(*day, hour, 15, zone=zone, fold=fold)
                    for passed in (60, 3700, 10000, 90000):
                        now = (last.astimezone(dt.UTC) + dt.timedelta(seconds=passed)).astimezone(last.tzinfo)
                        answers += [_asked(e, zone, last, now, **each)[0] for each in given]
    return answers


@scenario
def a_crontab_takes_moments_of_other_zones(e: Side) -> Any:
    last, now = at(2025, 5, 20, 9, 25, 8, zone="Europe/Vilnius"), at(2025, 5, 20, 9, 26, 8, zone="Asia/Tokyo")
    naive = dt.datetime(2025, 5, 20, 6, 25)
    given = {"minute": 40, "hour": "8-10"}
    return [_asked(e, "UTC", last, now, **given), _asked(e, "America/New_York", last, now, **given),
            _asked(e, "Europe/Berlin", naive, naive + dt.timedelta(hours=7), **given),
            schedules(e).crontab(app=e_app(e), nowfun=lambda: now, **given).remaining_delta(last, tz="Asia/Tokyo")[0].isoformat()]  # fmt: skip


@scenario
def a_crontab_that_was_missed_is_late_up_to_the_deadline(e: Side) -> Any:
    answers = []
    for deadline in (None, 0, 1, 1800, 3600):
        app = e.app(beat_cron_starting_deadline=deadline)
        for minute in (0, 10, 20, 30, 30.0001, 35, 45, 59):
            now = at(2022, 12, 5, 10) + dt.timedelta(minutes=minute)
            crontab = schedules(e).crontab(minute="0,45", nowfun=lambda now=now: now, app=app)
            answers.append([deadline, minute, list(crontab.is_due(at(2022, 12, 5, 8, 45)))])
    return answers


@scenario
def a_crontab_with_a_last_run_in_the_future_waits(e: Side) -> Any:
    now = at(2030, 5, 10, 10, 30)
    return [_asked(e, "UTC", now + dt.timedelta(seconds=ahead), now, minute=30) for ahead in (1, 3600, 86400, 864000)]


@scenario
def random_crontabs_are_due_at_the_same_instants_for_ten_years(e: Side) -> Any:
    """Hundreds of expressions, each asked again and again from the moment that it named last, in zones with summer time."""
    dice = random.Random(20300101)
    answers = []
    for number in range(420):
        zone = ZONES[number % len(ZONES)]
        given = {name: _field(dice, *span) for name, span in SPANS.items() if dice.random() < 0.6}
        start = at(2024, 1, 1, zone=zone) + dt.timedelta(minutes=dice.randrange(60 * 24 * 365))
        answers.append(
            [zone, {name: str(each) for name, each in given.items()}, _instants(e, zone, given, start, dice)]
        )
    return answers


SPANS = {"minute": (0, 59), "hour": (0, 23), "day_of_week": (0, 6), "day_of_month": (1, 31), "month_of_year": (1, 12)}


def _field(dice: random.Random, least: int, most: int) -> Any:
    first, last = dice.randint(least, most), dice.randint(least, most)
    step = dice.randint(1, max(1, (most - least) // 2))
    forms = (
        f"{first}",
        f"{first}-{last}",
        f"*/{step}",
        f"{first}-{last}/{step}",
        f"{first},{last}",
        first,
        [first, last],
    )
    return dice.choice(forms)


def _instants(e: Side, zone: str, given: dict[str, Any], start: dt.datetime, dice: random.Random) -> Any:
    """Return the instants of a crontab: a few in a row, a leap somewhere else in ten years, again a few in a row."""
    clock = [start]
    made = tried(lambda: schedules(e).crontab(nowfun=lambda: clock[0], app=e_app(e, zone), **given))
    if isinstance(made, Exception):
        return shown(made)
    found = []
    for _ in range(4):
        last = clock[0]
        for _ in range(5):
            left = tried(lambda last=last: made.remaining_estimate(last))
            if isinstance(left, Exception):
                found.append(shown(left))
                break
            last = (clock[0].astimezone(dt.UTC) + left).astimezone(last.tzinfo)
            found.append(last.isoformat())
        leap = dt.timedelta(minutes=dice.randrange(60 * 24 * 365 * YEARS // 4))
        clock[0] = (clock[0].astimezone(dt.UTC) + leap).astimezone(start.tzinfo)
    return found


@scenario
def random_intervals_end_at_the_same_instants(e: Side) -> Any:
    """Relative and plain intervals around changes of summer time, asked at random moments."""
    dice = random.Random(77)
    days = {"Europe/Berlin": (2030, 3, 31), "America/New_York": (2030, 11, 3), "Australia/Lord_Howe": (2030, 4, 7),
            "Asia/Shanghai": (1991, 9, 15), "America/St_Johns": (2006, 10, 29), "UTC": (2030, 1, 1)}  # fmt: skip
    answers = []
    for _ in range(900):
        zone = dice.choice(list(days))
        around = at(*days[zone], zone="UTC") + dt.timedelta(seconds=dice.randrange(-90000, 172800))
        last = around.astimezone(ZoneInfo(zone))
        now = (around + dt.timedelta(seconds=dice.randrange(-10, 200000))).astimezone(ZoneInfo(zone))
        every = dice.choice((0.25, 1, 7, 30, 60, 90, 600, 1800, 3600, 5400, 7200, 43200, 86400, 100000, 172800))
        s = schedules(e).schedule(every, dice.random() < 0.7, nowfun=lambda now=now: now, app=e_app(e, zone))
        answers.append([zone, every, s.relative, s.remaining_estimate(last).total_seconds(), list(s.is_due(last))])
    return answers


# -- the calendar -----------------------------------------------------------------------------------------------------
@scenario
def days_and_months_are_numbers(e: Side) -> Any:
    t = times(e)
    names = ("sun", "sunday", "MON", "Tuesday", "we", "x", "")
    return [[tried(lambda each=each: t.weekday(each)) for each in names],
            [tried(lambda each=each: t.yearmonth(each)) for each in ("jan", "January", "DEC", "ma", "")]]  # fmt: skip


@scenario
def rates_are_seconds(e: Side) -> Any:
    return [
        tried(lambda each=each: times(e).rate(each))
        for each in ("10", "100/m", "2/h", "0.5/s", 3, 2.5, None, "", 0, "0/m", "1/x", "x")
    ]


@scenario
def moments_are_cut_off_to_the_unit_of_an_interval(e: Side) -> Any:
    moment = at(2030, 3, 31, 14, 35, 27, 123456, zone="Europe/Berlin")
    spans = (0, 1, 30, 59, 60, 90, 3599, 3600, 86399, 86400, 864000, -5)
    return [times(e).delta_resolution(moment, dt.timedelta(seconds=each)).isoformat() for each in spans]


@scenario
def clocks_hands_go_forward(e: Side) -> Any:
    ffwd = times(e).ffwd
    moment = dt.datetime(2031, 1, 31, 14, 35, 27, 5)
    steps = ({"hour": 9, "minute": 30}, {"weekday": 0}, {"weekday": 4, "weeks": 1}, {"month": 2}, {"month": 2, "day": 30, "year": 2032},
             {"day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0}, {"weeks": 2}, {"minute": 0}, {}, {"year": 2040})  # fmt: skip
    return [[(moment + ffwd(**each)).isoformat(), repr(ffwd(**each))] for each in steps] + [
        (dt.date(2030, 1, 31) + ffwd(month=2)).isoformat(), tried(lambda: 5 + ffwd(month=2)), ffwd(weeks=2).days,
    ]  # fmt: skip


@scenario
def naive_moments_get_a_zone(e: Side) -> Any:
    t = times(e)
    naive = [
        dt.datetime(2030, 1, 1, 12),
        dt.datetime(2030, 3, 31, 2, 30),
        dt.datetime(2030, 10, 27, 2, 30),
        dt.datetime(2030, 10, 27, 2, 30, fold=1),
    ]
    berlin = ZoneInfo("Europe/Berlin")
    return [[[t.make_aware(each, berlin).isoformat(), t.localize(each, berlin).isoformat(), t.to_utc(each).isoformat(),
              t.maybe_make_aware(each).isoformat(), t.maybe_make_aware(each, berlin).isoformat(),
              t.maybe_make_aware(each, "Europe/Berlin", naive_as_utc=False).isoformat(), t.is_naive(each)] for each in naive],
            t.localize(at(2030, 1, 1), berlin).isoformat(), t.localize(dt.datetime(2030, 1, 1, tzinfo=dt.UTC), berlin).isoformat(),
            t.is_naive(at(2030, 1, 1)), t.timezone.to_local(naive[0], berlin).isoformat(), str(t.timezone.get_timezone("Asia/Tokyo")),
            str(t.timezone.tz_or_local(berlin)), t.timezone.get_timezone(berlin) is berlin]  # fmt: skip


@scenario
def seconds_really_pass(e: Side) -> Any:
    t = times(e)
    before = at(2030, 3, 31, 0, 30, zone="Europe/Berlin")
    after = t.add_seconds_to_datetime(before, 7200)
    return [after.isoformat(), t.subtract_datetimes(after, before).total_seconds(),
            t.add_seconds_to_datetime(dt.datetime(2030, 1, 1), 1.5).isoformat(),
            t.subtract_datetimes(dt.datetime(2030, 1, 2), dt.datetime(2030, 1, 1)).total_seconds(),
            t.remaining(before, dt.timedelta(hours=5), after).total_seconds(),
            t.remaining(before, dt.timedelta(days=1), after, relative=True).total_seconds(),
            t.remaining(before, t.ffwd(hour=12, minute=0), after).total_seconds(),
            t.maybe_timedelta(30), t.maybe_timedelta(2.5), t.maybe_timedelta(dt.timedelta(days=1)), t.maybe_timedelta("x")]  # fmt: skip


# -- the sun ----------------------------------------------------------------------------------------------------------
EVENTS = (
    "dawn_astronomical",
    "dawn_nautical",
    "dawn_civil",
    "sunrise",
    "solar_noon",
    "sunset",
    "dusk_civil",
    "dusk_nautical",
    "dusk_astronomical",
)


@scenario
def the_sun_rises_and_sets_at_the_same_instants(e: Side) -> Any:
    solar, answers = schedules(e).solar, []
    for event in EVENTS:
        for place in ((60, 30), (-37.8, 144.96), (0, 0), (69.6, 18.9), (-90, 0)):
            for month in (3, 6, 12):
                now = at(2030, month, 21, 9)
                s = solar(event, *place, nowfun=lambda now=now: now, app=e_app(e))
                answers.append(
                    [round(s.remaining_estimate(now).total_seconds(), 3), list(s.is_due(now - dt.timedelta(days=2)))]
                )
    return answers


@scenario
def a_solar_schedule_is_shown_compared_and_pickled(e: Side) -> Any:
    solar = schedules(e).solar
    s = solar("sunrise", 60, 30)
    again = pickle.loads(pickle.dumps(s))
    return [repr(s), again == s, repr(again), s == solar("sunset", 60, 30), s == solar("sunrise", 60, 31), s == 5, s.__reduce__()[1],
            s.method, s.use_center, sorted(solar._all_events), s.max_search_days]  # fmt: skip


@scenario
def a_solar_schedule_refuses_what_is_not_on_earth(e: Side) -> Any:
    solar = schedules(e).solar
    given = (
        ("moonrise", 0, 0),
        ("sunrise", 91, 0),
        ("sunrise", -91, 0),
        ("sunrise", 0, 181),
        ("sunrise", 0, -181),
        ("sunrise", 90, 180),
    )
    return [made(lambda each=each: solar(*each)) for each in given]
