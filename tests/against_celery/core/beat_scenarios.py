"""Beat: entries, the heap and its ticks, what is sent with which headers, what is kept and what is forgotten."""

# ruff: noqa: ARG002, D102, E501, S301, S311 - a scenario writes its steps out; dice and pickles are steps

from __future__ import annotations

import datetime as dt
import pickle
import random
import shelve
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from core_means import Side, got, listening, logged, scenario, tried, written
from schedule_scenarios import at, schedules


def beat(e: Side) -> Any:
    """Return the module ``beat`` of either side."""
    return import_module(f"{e.name}.beat")


class Present:
    """A clock that a scenario sets; the apps and schedules of both sides read it."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment

    def __call__(self) -> dt.datetime:
        return self.moment

    def pass_seconds(self, seconds: float) -> None:
        self.moment = (self.moment.astimezone(dt.UTC) + dt.timedelta(seconds=seconds)).astimezone(self.moment.tzinfo)


def app_at(e: Side, present: Present, **settings: Any) -> Any:
    """Return an app whose clock is *present*."""

    class App(e.root.Celery):  # type: ignore[name-defined, misc]
        def now(self) -> dt.datetime:
            return present()

    settings = {"broker": "memory://", "backend": "cache+memory://", **settings}
    return App("proj", **settings)


def scheduler_of(e: Side, app: Any, base: str = "Scheduler", **options: Any) -> Any:
    """Return a scheduler that notes what it sends instead of sending it."""

    class Noting(getattr(beat(e), base)):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.sent: list[Any] = []
            super().__init__(*args, **kwargs)

        def send_task(self, name: Any = None, args: Any = None, kwargs: Any = None, **more: Any) -> Any:
            more.pop("producer", None)
            self.sent.append([name, args, kwargs, more])
            return app.AsyncResult("an-id")

    return Noting(app=app, **options)


def ticked(scheduler: Any, present: Present, seconds: float, step: float) -> list[Any]:
    """Tick until nothing more is due, let *step* seconds pass, and so on; return what was sent when.

    Of what is due at the same moment the order is sorted: in Celery it is left to chance.
    """
    seen = []
    for _ in range(int(seconds / step)):
        first, rest = len(scheduler.sent), 0
        for _ in range(50):
            before = len(scheduler.sent)
            rest = scheduler.tick()
            if len(scheduler.sent) == before and rest > 0:
                break
        seen.append([present().isoformat(), sorted(each[0] for each in scheduler.sent[first:]), round(rest, 3)])
        present.pass_seconds(step)
    return seen


# -- entries ----------------------------------------------------------------------------------------------------------
@scenario
def an_entry_says_what_it_is(e: Side) -> Any:
    entry = beat(e).ScheduleEntry
    app, when = e.app(), at(2030, 1, 1)
    given = ({"name": "n", "task": "t", "schedule": 10}, {"name": "n", "task": "t", "schedule": dt.timedelta(days=2), "args": (1, "x")},
             {"name": "n", "task": "t", "schedule": schedules(e).crontab("*/5"), "kwargs": {"a": 1}, "args": None, "options": {"queue": "q"}},
             {"name": None, "schedule": 1, "relative": True})  # fmt: skip
    made = [entry(app=app, last_run_at=when, **each) for each in given]
    return [[repr(each), each.args, each.kwargs, each.options, each.total_run_count, each.last_run_at, each.schedule.app is app]
            for each in made] + [made[3].schedule.relative, sorted(dict(made[0])), len(made[0].__reduce__()[1])]  # fmt: skip


@scenario
def an_entry_counts_its_runs(e: Side) -> Any:
    present = Present(at(2030, 1, 1))
    entry = beat(e).ScheduleEntry(name="n", task="t", schedule=10, app=app_at(e, present))
    present.pass_seconds(60)
    following = next(entry)
    later = following.next(at(2031, 1, 1))
    return [entry.last_run_at, entry.total_run_count, entry.is_due(), following.last_run_at, following.total_run_count,
            following.is_due(), later.last_run_at, later.total_run_count, later == entry, entry.default_now()]  # fmt: skip


@scenario
def entries_are_compared_by_what_the_configuration_says(e: Side) -> Any:
    entry, app = beat(e).ScheduleEntry, e.app()
    base = {
        "name": "n",
        "task": "t",
        "schedule": 10,
        "args": (1,),
        "kwargs": {"a": 1},
        "options": {"queue": "q"},
        "app": app,
    }
    one = entry(**base)
    other = [entry(**{**base, **change}) for change in ({}, {"name": "m"}, {"task": "u"}, {"schedule": 11}, {"args": (2,)}, {"kwargs": {}},
             {"options": {}}, {"total_run_count": 5}, {"last_run_at": at(2000, 1, 1)}, {"args": [1]})]  # fmt: skip
    return [[one == each, one != each, one.editable_fields_equal(each)] for each in other] + [
        tried(lambda: hash(one)),
        tried(lambda: one < 5),
    ]


@scenario
def an_entry_takes_over_what_is_said_anew(e: Side) -> Any:
    entry, app = beat(e).ScheduleEntry, e.app()
    one = entry(name="n", task="t", schedule=10, app=app, last_run_at=at(2030, 1, 1), total_run_count=7)
    one.update(entry(name="m", task="u", schedule=20, args=(1,), kwargs={"a": 1}, options={"queue": "q"}, app=app))
    return [repr(one), one.options, one.total_run_count, one.last_run_at]


@scenario
def an_entry_travels_in_a_pickle(e: Side) -> Any:
    entry = beat(e).ScheduleEntry
    one = entry(
        name="n",
        task="t",
        schedule=schedules(e).crontab("*/5"),
        args=(1,),
        last_run_at=at(2030, 1, 1),
        total_run_count=3,
    )
    again = pickle.loads(pickle.dumps(one))
    return [repr(again), again == one, again.app, again.last_run_at, again.total_run_count]


@scenario
def lazy_arguments_are_worked_out(e: Side) -> Any:
    lazy = beat(e).BeatLazyFunc(lambda a, b=0: a + b, 1, b=2)
    present = Present(at(2030, 1, 1))
    s = scheduler_of(e, app_at(e, present))
    s.apply_async(s.Entry(name="n", task="t", schedule=1, args=(lazy, 5), kwargs={"x": lazy}, app=s.app))
    return [lazy(), lazy.delay(), s.sent]


# -- the scheduler ----------------------------------------------------------------------------------------------------
@scenario
def what_beat_sends_says_so(e: Side) -> Any:
    s = scheduler_of(e, app_at(e, Present(at(2030, 1, 1))))
    for options in ({}, {"queue": "q", "expires": 5}, {"headers": {"own": 1}}):
        s.apply_async(s.Entry(name="n", task="t", schedule=1, args=(1,), options=options, app=s.app), advance=False)
    return s.sent


@scenario
def a_header_of_beat_reaches_the_task(e: Side) -> Any:
    app = e.app()
    seen = []

    @app.task(name="t", bind=True)
    def t(self: Any, a: int) -> int:
        seen.append(
            [a, (self.request.headers or {}).get("celery_beat_task"), self.request.delivery_info["routing_key"]]
        )
        return a

    s = beat(e).Scheduler(app=app)
    with e.working(app):
        value = got(s.apply_async(s.add(name="n", task="t", schedule=10, args=(4,))))
    return [value, seen, s.schedule["n"].total_run_count]


@scenario
def what_cannot_be_sent_is_an_error_of_scheduling(e: Side) -> Any:
    app = e.app()

    @app.task(name="t")
    def t() -> None: ...

    s = beat(e).Scheduler(app=app)
    with logged("celery.beat") as records:
        error = tried(
            lambda: s.apply_async(s.Entry(name="n", task="t", schedule=1, args=(1, 2), app=app), advance=False)
        )
        s.add(name="due", task="t", schedule=0, args=(1,))
        rest = s.tick()
    return [
        error,
        rest,
        [[each.levelname, each.getMessage().splitlines()[0]] for each in records if each.levelname != "DEBUG"],
    ]


@scenario
def ticks_send_what_is_due_in_order(e: Side) -> Any:
    present = Present(at(2030, 1, 1, 9, 0, 5))
    s = scheduler_of(e, app_at(e, present))
    s.add(name="ten", task="t10", schedule=10)
    s.add(name="half", task="t.5", schedule=0.5)
    s.add(name="minute", task="t60", schedule=schedules(e).crontab())
    s.add(name="whole", task="tr", schedule=60, relative=True)
    return ticked(s, present, 130, 0.25)


@scenario
def a_day_of_crontabs_is_sent(e: Side) -> Any:
    crontab = schedules(e).crontab
    present = Present(at(2030, 3, 30, 12, zone="Europe/Berlin"))
    s = scheduler_of(e, app_at(e, present, timezone="Europe/Berlin"))
    for number, each in enumerate((crontab(0, "*/3"), crontab(30, 2), crontab("15,45", "1-4"), crontab(0, 0, "sun"))):
        s.add(name=f"c{number}", task=f"t{number}", schedule=each)
    s.add(name="daily", task="td", schedule=dt.timedelta(days=1), relative=True)
    s.add(name="hours", task="th", schedule=dt.timedelta(hours=5))
    return ticked(s, present, 2 * 86400, 300)


@scenario
def random_schedules_send_the_same(e: Side) -> Any:
    dice, answers = random.Random(5), []
    for _ in range(12):
        zone = dice.choice(("UTC", "America/New_York", "Australia/Lord_Howe"))
        start = at(2030, 4, 6, 12, zone="UTC") + dt.timedelta(minutes=dice.randrange(60 * 24 * 300))
        present = Present(start.astimezone(ZoneInfo(zone)))
        s = scheduler_of(e, app_at(e, present, timezone=zone))
        for number in range(dice.randint(1, 6)):
            every = dice.choice((7, 60, 61, 600, 3600, 5400))
            each = dice.choice(
                (
                    every,
                    schedules(e).crontab(f"*/{dice.randint(2, 40)}"),
                    schedules(e).crontab(dice.randrange(60), "*/2"),
                )
            )
            s.add(name=f"n{number}", task=f"t{number}", schedule=each, relative=dice.random() < 0.3)
        answers.append(ticked(s, present, 20000, dice.choice((40, 59.5, 200))))
    return answers


@scenario
def a_tick_never_rests_too_long(e: Side) -> Any:
    present, answers = Present(at(2030, 1, 1)), []
    for interval, settings in (
        (None, {}),
        (20, {}),
        (None, {"beat_max_loop_interval": 7}),
        (30, {"beat_max_loop_interval": 7}),
    ):
        s = scheduler_of(e, app_at(e, present, **settings), max_interval=interval)
        empty = s.tick()
        s.add(name="n", task="t", schedule=3600)
        answers.append(
            [s.max_interval, empty, s.tick(), s.adjust(5), s.adjust(0), s.adjust(-1), s.adjust(None), s.adjust(0.004)]
        )
    return answers


@scenario
def a_change_of_the_schedule_is_seen_at_the_next_tick(e: Side) -> Any:
    present = Present(at(2030, 1, 1))
    s = scheduler_of(e, app_at(e, present))
    entries = {"a": {"task": "ta", "schedule": 10}, "b": {"task": "tb", "schedule": 20}}
    s.merge_inplace(entries)
    seen = [ticked(s, present, 30, 5)]
    s.merge_inplace({"b": {"task": "tb", "schedule": 5}, "c": {"task": "tc", "schedule": 10, "args": (1,)}})
    seen += [sorted(s.schedule), s.schedule["b"].total_run_count, ticked(s, present, 30, 5)]
    s.update_from_dict({"b": {"task": "tb2", "schedule": 15}})
    seen += [sorted(s.schedule), s.schedule["b"].total_run_count, ticked(s, present, 40, 5)]
    s.schedule = {}
    return [*seen, s.tick()]


@scenario
def schedules_are_the_same_or_not(e: Side) -> Any:
    s = scheduler_of(e, e.app())
    one, two = ({"a": s.Entry(name="a", task="t", schedule=each, app=s.app)} for each in (5, 10))
    same = {"a": s.Entry(name="a", task="t", schedule=5, app=s.app)}
    return [
        s.schedules_equal(*pair)
        for pair in ((one, one), (one, same), (one, two), (None, None), (None, one), (one, None), (one, {}), ({}, {}))
    ]


@scenario
def entries_that_cannot_tell_do_not_stop_the_others(e: Side) -> Any:
    present = Present(at(2030, 1, 1))
    s = scheduler_of(e, app_at(e, present))

    class Broken(schedules(e).schedule):  # type: ignore[name-defined, misc]
        def is_due(self, last_run_at: Any) -> Any:
            raise RuntimeError("no idea")

    s.add(name="broken", task="tb", schedule=Broken(5))
    s.add(name="sound", task="ts", schedule=10)
    with logged("celery.beat") as records:
        seen = ticked(s, present, 40, 10)
    return [seen, [each for each in written(records) if each[1] == "ERROR"]]


@scenario
def answers_of_ones_own_schedule_are_believed(e: Side) -> Any:
    answers = []
    for due, again in (
        (True, 1),
        (False, 1),
        (False, 0.01),
        (False, None),
        (False, 0),
        (True, 0),
        (False, 10000),
        (True, -5),
    ):
        present = Present(at(2030, 1, 1))
        s = scheduler_of(e, app_at(e, present))

        class Mine(schedules(e).schedule):  # type: ignore[name-defined, misc]
            def is_due(self, last_run_at: Any, due: Any = due, again: Any = again) -> Any:
                return due, again

        s.add(name="n", task="t", schedule=Mine(1))
        rests = [tried(s.tick) for _ in range(3)]
        answers.append(
            [due, again, rests, len(s.sent), [round(each[0] - present().timestamp(), 4) for each in s._heap]]
        )
    return answers


@scenario
def beat_says_what_it_does(e: Side) -> Any:
    present = Present(at(2030, 1, 1))
    s = scheduler_of(e, app_at(e, present))
    s.add(name="each ten", task="proj.t", schedule=10)
    s.tick()
    present.pass_seconds(10)
    with logged("celery.beat") as records:
        s.tick()
    return written(records)


@scenario
def expired_results_are_thrown_away_at_night(e: Side) -> Any:
    answers = []
    for settings in ({}, {"result_expires": None}, {"backend": "rpc://"}, {"backend": None}):
        app = app_at(e, Present(at(2030, 1, 1)), **settings)
        app.backend.supports_autoexpire = settings.get("backend") == "rpc://"
        s = beat(e).Scheduler(app=app)
        answers.append([[repr(each), each.options] for each in s.schedule.values()])
    mine = app_at(
        e,
        Present(at(2030, 1, 1)),
        backend=None,
        beat_schedule={"celery.backend_cleanup": {"task": "own", "schedule": 5}},
    )
    return [*answers, [repr(each) for each in beat(e).Scheduler(app=mine).schedule.values()]]


@scenario
def a_lazy_scheduler_is_empty(e: Side) -> Any:
    app = e.app(beat_schedule={"a": {"task": "t", "schedule": 5}})
    lazy, full = scheduler_of(e, app, lazy=True), scheduler_of(e, app)
    custom = {"x": 1}
    return [lazy.schedule, sorted(full.schedule), lazy.info, scheduler_of(e, app, schedule=custom, lazy=True).data is custom,
            callable(scheduler_of(e, app, schedule=dict, lazy=True).data)]  # fmt: skip


@scenario
def a_schedule_is_written_down_after_so_many_tasks(e: Side) -> Any:
    answers = []
    for given, setting in ((None, 0), (2, 0), (None, 3), (0, 3)):
        s = scheduler_of(e, e.app(beat_sync_every=setting), sync_every_tasks=given)
        synced: list[int] = []
        s.sync = lambda s=s, synced=synced: synced.append(len(s.sent))
        s._last_sync = 1e18  # long ago is not yet
        for _ in range(7):
            s.apply_async(s.Entry(name="n", task="t", schedule=1, app=s.app), advance=False)
            s._last_sync = 1e18
        answers.append([s.sync_every_tasks, s.sync_every, synced])
    return answers


# -- add_periodic_task ------------------------------------------------------------------------------------------------
@scenario
def periodic_tasks_are_added_under_keys(e: Side) -> Any:
    app = e.app()

    @app.task
    def add(x: int, y: int) -> int:
        return x + y

    crontab = schedules(e).crontab
    keys = [app.add_periodic_task(10.0, add.s(1, 2)), app.add_periodic_task(20, add.s(1, 2), name="named", expires=10),
            app.add_periodic_task(crontab(hour=7), add.s(2).set(queue="q"), args=(1,), kwargs={"z": 3}, priority=5),
            app.add_periodic_task(dt.timedelta(hours=1), add, args=(5, 6)), app.add_periodic_task(30, add.si(7, 8), args=(9,))]  # fmt: skip
    return [
        keys,
        {key: {name: repr(value) for name, value in entry.items()} for key, entry in app.conf.beat_schedule.items()},
    ]


@scenario
def a_second_nameless_periodic_task_casts_a_shadow(e: Side) -> Any:
    app = e.app()
    app.conf.timezone  # noqa: B018 - loads the configuration

    @app.task
    def add(x: int) -> int:
        return x

    with logged("celery.app.base") as records:
        for every in (1, 2):
            app.add_periodic_task(every, add.s(1))
            app.add_periodic_task(every, add.s(1), name="named")
    return [written(records), {key: entry["schedule"] for key, entry in app.conf.beat_schedule.items()}]


@scenario
def periodic_tasks_are_added_when_the_app_is_ready(e: Side) -> Any:
    app = e.app()
    told = []

    @app.on_after_configure.connect
    def configured(sender: Any, **_: Any) -> None:
        told.append("configured")
        sender.add_periodic_task(10, t.s("a"), name="from configure")

    @app.on_after_finalize.connect
    def finalized(sender: Any, **_: Any) -> None:
        told.append("finalized")
        sender.add_periodic_task(20, t.s("b"), name="from finalize")

    @app.task
    def t(a: str) -> str:
        return a

    app.add_periodic_task(5, t.s("c"), name="at once")
    app.finalize()
    return [told, sorted(app.conf.beat_schedule), sorted(beat(e).Scheduler(app=app).schedule)]


@scenario
def apps_do_not_share_their_schedules(e: Side) -> Any:
    one, two = e.app(), e.app()

    @one.task(name="t")
    def t() -> None: ...

    one.add_periodic_task(5, t.s())
    return [sorted(one.conf.beat_schedule), sorted(two.conf.beat_schedule)]


# -- what is kept -----------------------------------------------------------------------------------------------------
def _persistent(e: Side, present: Present, folder: str, **settings: Any) -> Any:
    return scheduler_of(
        e, app_at(e, present, **settings), "PersistentScheduler", schedule_filename=str(Path(folder) / "kept")
    )


@scenario
def a_new_beat_knows_what_the_last_one_missed(e: Side) -> Any:
    present = Present(at(2030, 1, 1, 9))
    entries = {"hour": {"task": "th", "schedule": 3600}, "day": {"task": "td", "schedule": schedules(e).crontab(0, 12)}}
    with tempfile.TemporaryDirectory() as folder:
        s = _persistent(e, present, folder, beat_schedule=entries)
        seen = [ticked(s, present, 7300, 1800)]
        s.close()
        present.pass_seconds(10 * 3600)
        s = _persistent(e, present, folder, beat_schedule=entries)
        seen += sorted([repr(each), each.total_run_count, each.last_run_at.isoformat()] for each in s.schedule.values())
        seen.append(ticked(s, present, 7200, 1800))
        s.close()
        s.close()
    return seen


@scenario
def what_is_kept_follows_the_configuration(e: Side) -> Any:
    present, seen = Present(at(2030, 1, 1, 9)), []
    first = {"a": {"task": "ta", "schedule": 60}, "b": {"task": "tb", "schedule": 60}}
    second = {"b": {"task": "tb", "schedule": 30, "args": (1,)}, "c": {"task": "tc", "schedule": 60}}
    with tempfile.TemporaryDirectory() as folder:
        for entries in (first, second):
            s = _persistent(e, present, folder, beat_schedule=entries)
            ticked(s, present, 130, 10)
            seen.append(sorted([repr(each), each.total_run_count] for each in s.schedule.values()))
            s.close()
    return seen


@scenario
def another_clock_resets_what_is_kept(e: Side) -> Any:
    present, seen = Present(at(2030, 1, 1, 9)), []
    entries = {"a": {"task": "ta", "schedule": 60}}
    ways: tuple[dict[str, Any], ...] = (
        {},
        {},
        {"timezone": "Asia/Tokyo"},
        {"timezone": "Europe/Paris"},
        {"timezone": "Europe/Paris", "enable_utc": False},
    )
    with tempfile.TemporaryDirectory() as folder:
        for settings in ways:
            with logged("celery.beat") as records:
                s = _persistent(e, present, folder, beat_schedule=entries, **settings)
            ticked(s, present, 130, 10)
            seen.append([s.schedule["a"].total_run_count, [each for each in written(records) if each[1] == "WARNING"]])
            s.close()
    return seen


@scenario
def a_broken_file_is_replaced(e: Side) -> Any:
    present = Present(at(2030, 1, 1, 9))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "kept").write_bytes(b"this is no shelf")
        with logged("celery.beat") as records:
            s = _persistent(e, present, folder, beat_schedule={"a": {"task": "ta", "schedule": 60}})
        said = [[each.levelname, each.getMessage().split(folder)[0]] for each in records if each.levelno > 20]
        seen = [said, sorted(s.schedule)]
        s.close()
    return seen


@scenario
def the_keys_on_the_shelf_are_these(e: Side) -> Any:
    present = Present(at(2030, 1, 1, 9))
    with tempfile.TemporaryDirectory() as folder:
        s = _persistent(e, present, folder, timezone="Asia/Tokyo", beat_schedule={"a": {"task": "ta", "schedule": 60}})
        info = s.info.replace(folder, "")
        s.close()
        with shelve.open(str(Path(folder) / "kept")) as kept:
            return [sorted(kept), kept["__version__"], kept["tz"], kept["utc_enabled"], info]


@scenario
def shelves_of_old_versions_are_emptied(e: Side) -> Any:
    present, seen = Present(at(2030, 1, 1, 9)), []
    for values in (
        {"entries": {}},
        {"entries": {}, "__version__": "3.0"},
        {"entries": {}, "__version__": "3.0", "tz": "UTC"},
        {"entries": 5},
    ):
        with tempfile.TemporaryDirectory() as folder:
            with shelve.open(str(Path(folder) / "kept")) as kept:
                kept.update(values)
            with logged("celery.beat") as records:
                s = _persistent(e, present, folder)
            seen.append([written(records), sorted(s.schedule)])
            s.close()
    return seen


# -- the service ------------------------------------------------------------------------------------------------------
@scenario
def a_service_knows_how_it_was_made(e: Side) -> Any:
    app = e.app(beat_max_loop_interval=5)
    given: tuple[dict[str, Any], ...] = (
        {},
        {"max_interval": 9, "schedule_filename": "x", "hostname": "h", "remote_control": True},
        {"scheduler_cls": "a:B"},
    )
    made = [beat(e).Service(app, **each) for each in given]
    again = [cls(*args) for cls, args in (each.__reduce__() for each in made)]
    return [[each.max_interval, each.schedule_filename, each.scheduler_cls, each.remote_control, each.hostname, each.effective_max_interval]
            for each in (*made, *again)]  # fmt: skip


@scenario
def a_service_finds_its_scheduler(e: Side) -> Any:
    app = e.app()
    plain = beat(e).Service(app, scheduler_cls="celery.beat:Scheduler" if e.name == "celery" else "labq.beat:Scheduler")
    lazy = beat(e).Service(app).get_scheduler(lazy=True)
    return [type(plain.scheduler).__name__, plain.scheduler is plain.scheduler, type(lazy).__name__, lazy.max_interval,
            plain.scheduler.max_interval, tried(lambda: type(beat(e).Service(app, scheduler_cls="no_such:Thing").scheduler))]  # fmt: skip


@scenario
def a_beat_has_a_name(e: Side) -> Any:
    nodename = beat(e).beat_nodename
    host = nodename().split("@")[1]
    return [nodename(each).replace(host, "<host>") for each in (None, "", "example.com", "b@example.com", "b@%h")]


@scenario
def a_beat_starts_and_stops_with_signals_and_words(e: Side) -> Any:
    app = e.app(beat_schedule={"n": {"task": "no.such", "schedule": 60}})

    class Once(beat(e).Scheduler):  # type: ignore[name-defined, misc]
        def tick(self) -> float:
            service.stop()
            return 0.0

    service = beat(e).Service(app, scheduler_cls=Once)
    with listening(e.signals, "beat_init", "beat_embedded_init") as heard, logged("celery.beat") as records:
        service.start(embedded_process=True)
    return [[[name, sender is service, sorted(facts)] for name, sender, facts in heard], written(records), service._is_shutdown.is_set(),
            service._is_stopped.is_set(), service.effective_max_interval]  # fmt: skip
