"""A beat in the lab: it sends what is due, as time passes, and nothing else."""

# ruff: noqa: ARG001, ARG002 - a fixture that works in the background; methods with Celery's arguments

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from labq import Celery
from labq.beat import BeatLazyFunc, Scheduler, Service
from labq.exceptions import ImproperlyConfigured, LabError
from labq.schedules import crontab, schedule
from labq.signals import beat_embedded_init


@pytest.fixture
def runs(lab, app):
    """A list of the seconds at which the task ``tick`` ran, with its argument, and a worker that runs it."""
    seen = []

    @app.task(name="tick")
    def tick(what="tick"):
        seen.append((lab.time, what))

    lab.start_worker(app, pool="solo")
    return seen


def entry(every, *args, **more):
    """Return an entry for ``tick``."""
    return {"task": "tick", "schedule": every, "args": args, **more}


# -- sending -----------------------------------------------------------------------------------------------------------
def test_what_is_due_is_sent_as_time_passes(lab, app, runs):
    """The first run comes one interval after the start, at the very second."""
    app.conf.beat_schedule = {"ten": entry(10), "minute": entry(crontab(), "minute")}
    lab.start_beat(app)
    lab.advance(61)
    assert runs == [(10, "tick"), (20, "tick"), (30, "tick"), (40, "tick"), (50, "tick"), (60, "minute"), (60, "tick")]


def test_a_year_of_mondays_takes_a_moment(lab, app, runs):
    """Virtual time is free."""
    app.conf.beat_schedule = {"mondays": entry(crontab(hour=7, minute=30, day_of_week="mon"))}
    lab.start_beat(app, max_interval=86400)
    lab.advance(86400 * 365)
    assert len(runs) == 52
    assert all((lab.clock.start + timedelta(seconds=when)).strftime("%a %H:%M") == "Mon 07:30" for when, _ in runs)


def test_a_beat_does_not_keep_the_lab_running(lab, app, runs):
    """``run()`` ends when nobody has anything to do; a beat always waits."""
    app.conf.beat_schedule = {"ten": entry(10)}
    lab.start_beat(app)
    lab.run()
    assert (lab.time, runs) == (0, [])


def test_two_beats_send_everything_twice(lab, app, runs):
    """A beat does not look whether somebody else has sent the same."""
    app.conf.beat_schedule = {"ten": entry(10)}
    beats = [lab.start_beat(app), lab.start_beat(app)]
    lab.advance(20)
    assert len(runs) == 4
    assert [beat.name for beat in beats] == ["celerybeat@lab", "celerybeat2@lab"]


def test_beat_sends_also_when_no_worker_runs(lab, app):
    """Tasks that nobody takes wait in the queue, and all run at once later."""
    app.conf.beat_schedule = {"ten": {"task": "nobody.knows", "schedule": 10}}
    lab.start_beat(app)
    lab.advance(100)
    assert len(lab.snapshot().queues()[0].ready) == 10


def test_options_of_an_entry_are_those_of_a_call(lab, app):
    """``expires`` counts from the moment of sending; ``queue`` says where to."""
    app.conf.beat_schedule = {"ten": entry(10, options={"queue": "slow", "expires": 5})}
    lab.start_beat(app)
    lab.advance(10)
    (queue,) = lab.snapshot().queues()
    assert queue.name == "slow"


def test_a_task_knows_that_beat_has_sent_it(lab, app):
    """A header says so."""
    seen = []

    @app.task(name="tick", bind=True)
    def tick(self):
        seen.append(self.request.headers["celery_beat_task"])

    lab.start_worker(app)
    app.conf.beat_schedule = {"ten": entry(10)}
    lab.start_beat(app)
    lab.advance(10)
    assert seen == [True]


def test_lazy_arguments_are_worked_out_each_time(lab, app, runs):
    """And only once for each: a rewind does not ask again."""
    asked = []

    def ask():
        asked.append(lab.time)
        return len(asked)

    app.conf.beat_schedule = {"ten": entry(10, BeatLazyFunc(ask))}
    lab.start_beat(app, scheduler=Scheduler)
    lab.advance(30)
    assert [what for _, what in runs] == [1, 2, 3]
    lab.rewind(len(lab.log) - 1)
    assert len(asked) == 3


def test_periodic_tasks_of_signals_are_sent(lab):
    """``on_after_configure`` and ``on_after_finalize`` are the documented places for them."""
    app = Celery("proj", broker="amqp://", backend="cache+memory://")
    seen = []

    @app.on_after_configure.connect
    def configure(sender, **_):
        sender.add_periodic_task(10, tick.s("configure"))

    @app.on_after_finalize.connect
    def finalize(sender, **_):
        sender.add_periodic_task(15, tick.s("finalize"), expires=3)

    @app.task
    def tick(what):
        seen.append((lab.time, what))

    lab.start_worker(app, pool="solo")
    lab.start_beat(app)
    lab.advance(30)
    assert seen[:3] == [(10, "configure"), (15, "finalize"), (20, "configure")]
    assert sorted(seen[3:]) == [(30, "configure"), (30, "finalize")]


# -- its life ----------------------------------------------------------------------------------------------------------
def test_a_beat_that_stops_sends_no_more_and_remembers(lab, app, runs):
    """The next beat knows what was missed, and sends it once, at once."""
    app.conf.beat_schedule = {"hour": entry(3600)}
    beat = lab.start_beat(app)
    lab.advance(4000)
    beat.stop()
    lab.advance(5 * 3600)
    assert len(runs) == 1
    lab.start_beat(app)
    lab.advance(1)
    assert [round(when) for when, _ in runs] == [3600, 22000]
    assert repr(beat) == "<Beat: celerybeat@lab (running, 1 entry)>"


def test_a_scheduler_that_keeps_nothing_begins_anew(lab, app, runs):
    """What was missed is not known."""
    app.conf.beat_schedule = {"hour": entry(3600)}
    lab.start_beat(app, scheduler="celery.beat:Scheduler").stop()
    lab.advance(5 * 3600)
    lab.start_beat(app, scheduler=Scheduler)
    lab.advance(1)
    assert runs == []


def test_two_beats_of_one_name_are_refused(lab, app):
    """A name is given once."""
    lab.start_beat(app, hostname="b@lab")
    with pytest.raises(LabError, match="running already"):
        lab.start_beat(app, hostname="b@lab")


def test_a_scheduler_that_is_not_there_is_an_error_of_the_start(lab, app):
    """And the lab lives on, without that beat."""
    with pytest.raises(ModuleNotFoundError, match="no_such"):
        lab.start_beat(app, scheduler="no_such:Scheduler")
    assert not lab.world.beats["celerybeat@lab"].online
    lab.start_beat(app)
    lab.advance(400)


def test_a_mapping_is_no_file(lab, app):
    """The hint says where entries belong."""
    with pytest.raises(LabError, match="no mapping"):
        lab.start_beat(app, schedule={"ten": entry(10)})


def test_a_beat_is_a_with_block(lab, app, runs):
    """It stops at the end."""
    app.conf.beat_schedule = {"ten": entry(10)}
    with app.Beat() as beat:
        lab.advance(10)
        assert beat.online
    lab.advance(100)
    assert (len(runs), beat.online) == (1, False)


def test_a_schedule_that_changes_is_seen_when_beat_wakes_up(lab, app, runs):
    """Celery's beat sleeps until the next entry is due, or for five minutes: it is not woken by a change."""
    app.conf.beat_schedule = {"minute": entry(60)}
    beat = lab.start_beat(app)
    lab.advance(50)
    beat.update_from_dict({"second": entry(1, "second")})
    lab.advance(9)
    assert runs == []
    lab.advance(4)
    assert [what for _, what in runs].count("second") > 1
    beat.merge_inplace({})
    lab.advance(600)
    assert beat.scheduler.schedule == {}


def test_an_entry_can_be_added(lab, app, runs):
    """The entry comes back."""
    beat = lab.start_beat(app, max_interval=5)
    added = beat.add(name="new", task="tick", schedule=10)
    lab.advance(20)
    assert (added.name, [when for when, _ in runs]) == ("new", [10, 20])


def test_one_entry_that_fails_does_not_stop_the_others(lab, app, runs, caplog):
    """It is asked again after the longest rest."""

    class Broken(schedule):
        def is_due(self, last_run_at):
            raise RuntimeError

    app.conf.beat_schedule = {"broken": entry(Broken(5)), "sound": entry(10)}
    lab.start_beat(app, scheduler=Scheduler)
    lab.advance(30)
    assert len(runs) == 3
    assert "Cannot calculate the next run of 'broken', trying again in 5.00 minutes." in caplog.text


def test_an_entry_that_cannot_be_sent_is_said_and_recorded(lab, app, runs, caplog):
    """The arguments do not fit: beat says so, and goes on."""
    app.conf.beat_schedule = {"wrong": entry(10, 1, 2, 3)}
    lab.start_beat(app)
    lab.advance(20)
    assert runs == []
    assert "Couldn't apply scheduled task wrong" in caplog.text
    assert [record["sent"] for record in lab.log.select(kind="schedule-due")] == [False, False]


@pytest.mark.parametrize("interval", [0, -1])
def test_an_entry_that_is_always_due_lets_time_pass(lab, app, interval):
    """Celery would send as fast as it can; in the lab time would stand still and ``advance`` never return."""
    app.add_periodic_task(interval, app.signature("shop.count"))
    lab.start_beat(app)
    lab.advance(1)
    assert lab.time == 1
    assert 100 < len(lab.log.select(kind="message-published")) < 200


def test_a_beat_that_spins_lets_time_pass(lab, app):
    """A scheduler that never rests must not stop the lab's clock."""

    class Restless(Scheduler):
        def tick(self):
            return 0

    lab.start_beat(app, scheduler=Restless)
    lab.advance(1)
    assert lab.time == 1


def test_an_error_of_the_loop_ends_the_beat(lab, app, caplog):
    """As it ends Celery's process; the record says how."""

    class Fragile(Scheduler):
        def tick(self):
            if self.app.now() > self.app.now().replace(hour=9, minute=0, second=5):
                raise ZeroDivisionError("broken")
            return 1

    beat = lab.start_beat(app, scheduler=Fragile)
    lab.advance(60)
    assert not beat.online
    assert lab.log.select(kind="beat-stopped")[0]["how"] == "ZeroDivisionError: broken"
    assert "beat raised exception" in caplog.text


def test_an_interrupt_in_a_beat_reaches_the_notebook(lab, app):
    """It ends the beat, as Ctrl-C ends Celery's; the lab lives on, and can go back."""

    class Interrupted(Scheduler):
        def tick(self):
            if self.app.world.clock.time > 5:
                raise KeyboardInterrupt
            return 1

    beat = lab.start_beat(app, scheduler=Interrupted)
    with pytest.raises(KeyboardInterrupt):
        lab.advance(60)
    assert not beat.online
    lab.advance(60)
    lab.rewind(len(lab.log))
    assert not beat.online


def test_a_service_that_is_started_by_hand_beats_in_the_lab(lab, app, runs):
    """Celery's ``start()`` does not come back; the lab's does, and time is the lab's."""
    app.conf.beat_schedule = {"ten": entry(10)}
    service = Service(app)
    service.start()
    lab.advance(25)
    assert len(runs) == 2
    service.stop()
    lab.advance(25)
    assert len(runs) in (2, 3)
    assert service._is_stopped.is_set()


def test_beat_says_what_celerys_says(lab, app, runs, caplog):
    """People search logs for these words."""
    app.conf.beat_schedule = {"each ten": entry(10)}
    with caplog.at_level(logging.DEBUG, "celery.beat"):
        lab.start_beat(app, scheduler=Scheduler)
        lab.advance(10)
    said = [record.getMessage() for record in caplog.records if record.name == "celery.beat"]
    assert said[:4] == [
        "beat: Starting...",
        "beat: Ticking with max interval->5.00 minutes",
        "beat: Waking up in 9.99 seconds.",
        "beat: Synchronizing schedule...",
    ]
    assert "Scheduler: Sending due task each ten (tick)" in said


# -- records -----------------------------------------------------------------------------------------------------------
def test_the_log_and_the_picture_tell_of_beats(lab, app, runs):
    """Who sent what, and how often."""
    app.conf.beat_schedule = {"ten": entry(10)}
    beat = lab.start_beat(app)
    lab.advance(25)
    beat.stop()
    picture = lab.snapshot().beats["celerybeat@lab"]
    assert (picture.sent, picture.entry, picture.online, picture.how) == (2, "ten", False, "stopped")
    record = lab.log.select(kind="schedule-due")[0]
    assert "celerybeat@lab found ten due and sent tick()" in lab.story(record.task_id).text()


def test_the_overview_names_the_beats_that_run(lab, app, runs):
    """In its first lines."""
    app.conf.beat_schedule = {"ten": entry(10)}
    beat = lab.start_beat(app)
    lab.advance(25)
    assert "celerybeat@lab sent 2 tasks" in lab.gallery.lab().text()
    beat.stop()
    assert "celerybeat@lab" not in lab.gallery.lab().text()


# -- back in time ------------------------------------------------------------------------------------------------------
def test_a_rewind_restores_a_beat(lab, app, runs):
    """What comes after it comes again, at the same moments, under the same ids."""
    app.conf.beat_schedule = {"ten": entry(10), "minute": entry(crontab(), "minute")}
    beat = lab.start_beat(app)
    lab.advance(45)
    place = len(lab.log)
    lab.advance(100)
    before = [str(record) for record in lab.log]
    lab.rewind(place)
    assert beat.online
    assert beat.scheduler.schedule["ten"].total_run_count == 4
    lab.advance(145 - lab.time)
    assert [str(record) for record in lab.log] == before


def test_a_rewind_takes_starts_stops_and_changes_back(lab, app, runs):
    """They are deeds of the user."""
    app.conf.beat_schedule = {"ten": entry(10)}
    beat = lab.start_beat(app)
    lab.advance(30)
    place = len(lab.log)
    beat.update_from_dict({"more": entry(20)})
    lab.advance(60)
    beat.stop()
    end = len(lab.log)
    lab.rewind(end)
    assert not beat.online
    lab.rewind(place)
    assert beat.online
    assert list(beat.scheduler.schedule) == ["ten"]
    lab.rewind(0)
    assert not beat.online
    assert lab.advance(100)[:] == ()


def test_a_rewind_restores_what_the_lab_keeps(lab, app, runs):
    """A beat that starts after a rewind knows what was kept then, not what was kept later."""
    app.conf.beat_schedule = {"ten": entry(10)}
    beat = lab.start_beat(app)
    lab.advance(15)
    beat.stop()
    place = len(lab.log)
    beat.start()
    lab.advance(100)
    beat.stop()
    lab.rewind(place)
    beat.start()
    assert beat.scheduler.schedule["ten"].total_run_count in (1, 2)


# -- beside a worker ---------------------------------------------------------------------------------------------------
def test_a_worker_starts_and_stops_its_own_beat(lab, app):
    """As ``celery worker -B`` does."""
    seen, told = [], []

    @app.task(name="tick")
    def tick():
        seen.append(lab.time)

    def embedded(sender, **_):
        told.append(sender.remote_control)

    beat_embedded_init.connect(embedded)
    app.conf.beat_schedule = {"ten": {"task": "tick", "schedule": 10}}
    worker = app.Worker(beat=True).start()
    lab.advance(25)
    assert (seen, told, worker.beat.online) == ([10, 20], [False], True)
    worker.stop()
    lab.advance(100)
    assert (len(seen), worker.beat.online) == (2, False)


def test_a_beat_ends_with_the_worker_to_which_it_belongs(lab, app):
    """However that ends."""
    app.conf.beat_schedule = {"ten": {"task": "tick", "schedule": 10}}
    worker = lab.start_worker(app, beat=True)
    lab.advance(15)
    lab.stop_worker(worker, "cold")
    lab.advance(15)
    assert (worker.beat.online, len(lab.log.select(kind="schedule-due"))) == (False, 1)


def test_green_pools_have_no_beat(lab, app):
    """It would stand in their way; the words are Celery's."""
    with pytest.raises(ImproperlyConfigured, match="use standalone beat instead"):
        lab.start_worker(app, pool="gevent", beat=True)


def test_a_beat_answers_ping_when_it_is_told_to(lab, app):
    """``beat_enable_remote_control`` is off by default."""
    app.conf.beat_enable_remote_control = True
    lab.start_beat(app)
    assert app.control.inspect().ping() == {"celerybeat@lab": {"ok": "pong"}}
    assert app.control.inspect().active() is None


def test_a_beat_that_is_run_prints_celerys_banner(lab, app, capsys):
    """With the lab's time; ``quiet`` prints nothing."""
    app.Beat(loglevel="INFO").run()
    assert capsys.readouterr().out == (
        "celery beat v5.7.0 (collider) is starting.\n"
        "__    -    ... __   -        _\n"
        "LocalTime -> 2030-01-01 09:00:00\n"
        "Configuration ->\n"
        "    . broker -> amqp://guest:**@localhost:5672//\n"
        "    . loader -> celery.loaders.app.AppLoader\n"
        "    . scheduler -> celery.beat.PersistentScheduler\n"
        "    . db -> celerybeat-schedule\n"
        "    . logfile -> [stderr]@%INFO\n"
        "    . maxinterval -> 5.00 minutes (300s)\n\n"
    )
    app.Beat(quiet=True).run()
    assert capsys.readouterr().out == ""


# -- what it costs -----------------------------------------------------------------------------------------------------
def test_a_schedule_is_asked_once_for_each_run(lab, app):
    """And once at the start: sleeping is exact here, so nobody is asked too early and again."""
    asked = []

    class Counted(crontab):
        def is_due(self, last_run_at):
            asked.append(lab.time)
            return super().is_due(last_run_at)

    app.conf.beat_schedule = {"minute": {"task": "nobody.knows", "schedule": Counted()}}
    lab.start_beat(app, scheduler=Scheduler)
    lab.advance(3600)
    assert asked == [60 * minute for minute in range(61)]


def test_beat_wakes_up_when_something_is_due_and_no_more_often(lab, app):
    """Or after its longest rest."""
    app.conf.beat_schedule = {"hour": {"task": "nobody.knows", "schedule": 3600}}
    lab.start_beat(app, max_interval=1000)
    before = lab.world.kernel.steps
    lab.advance(3599)
    assert lab.world.kernel.steps - before == 3


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1, 7.777, 59.999999])
def test_intervals_of_any_length_are_kept_exactly(lab, app, seconds):
    """Not a microsecond is lost or won in a hundred runs."""
    app.conf.beat_schedule = {"often": {"task": "nobody.knows", "schedule": seconds}}
    lab.start_beat(app)
    lab.advance(100 * seconds)
    moments = [record.us for record in lab.log.select(kind="schedule-due")]
    assert moments == [round((number + 1) * seconds * 1_000_000) for number in range(100)]
