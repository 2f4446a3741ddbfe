"""Stepping, running, advancing, waiting: how the user drives the lab, and what is refused."""

from __future__ import annotations

import signal
import time
import traceback
from datetime import UTC, datetime, timedelta

import pytest

import labq
from labq import Celery, Lab, chain, current_lab, group, signals
from labq.exceptions import LabError, NeverReady, ReentrantStep, TimeoutError, UnknownScheme  # noqa: A004
from labq.result import allow_join_result

START = "2030-01-01T09:00:00Z"


@pytest.fixture
def lab():
    """A lab that begins at a round moment."""
    with Lab(seed=7, start=START) as lab:
        yield lab


@pytest.fixture
def app():
    """An app whose tasks are nobody else's."""
    return Celery("proj", broker="amqp://", backend="cache+memory://", set_as_current=False)


def task(app, function, **options):
    """Make *function* a task of *app*."""
    return app.task(shared=False, name=f"proj.{function.__name__}", **options)(function)


@pytest.fixture
def nap(app):
    """A task that sleeps."""

    def nap(seconds):
        time.sleep(seconds)
        return seconds

    return task(app, nap)


# -- step, run, advance ----------------------------------------------------------------------------------------------
def test_a_step_is_one_hop_and_returns_its_records(lab, app, nap):
    """Several steps may be asked for; when nothing is left they stop."""
    app.Worker(hostname="w1@lab").start()
    nap.delay(0)
    assert [record.kind for record in lab.step()] == ["message-routed", "message-queued"]
    assert lab.step(2)[0].kind == "message-delivered"
    before = len(lab.log)
    assert lab.step(1000) == lab.log[before:]
    assert lab.step() == ()


def test_run_goes_on_until_nothing_is_left(lab, app, nap):
    """However long the bodies sleep, and at once."""
    lab.start_worker(app)
    result = nap.delay(3600)
    lab.run()
    assert (result.result, lab.time, lab.now) == (3600, 3600, datetime(2030, 1, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize("until", [5, 5.0, datetime(2030, 1, 1, 9, 0, 5, tzinfo=UTC)])
def test_run_until_a_moment_stops_there(lab, app, nap, until):
    """Doing everything that is due by then and nothing after it."""
    lab.start_worker(app)
    first, second = nap.delay(5), nap.delay(6)
    lab.run(until=until)
    assert (lab.time, first.state, second.state) == (5, "SUCCESS", "PENDING")
    lab.run(until=until)
    assert lab.time == 5


def test_run_until_a_condition_stops_as_soon_as_it_holds(lab, app, nap):
    """It is asked between steps; one that never holds ends with the work."""
    lab.start_worker(app)
    result = nap.delay(5)
    lab.run(until=lambda: lab.log.select(kind="body-slept"))
    assert (lab.time, result.state) == (0, "PENDING")
    lab.run(until=lambda: False)
    assert result.state == "SUCCESS"


def test_advance_lets_time_pass_with_or_without_work(lab, app, nap):
    """The clock shows exactly the sum."""
    lab.advance(0.1)
    lab.start_worker(app)
    result = nap.delay(1)
    happened = lab.advance(10)
    assert lab.time == 10.1
    assert [record.time for record in happened if record.kind == "task-succeeded"] == [1.1]
    assert result.ready()
    for _ in range(9):
        lab.advance(0.1)
    assert lab.time == 11.0


def test_time_cannot_go_back(lab):
    """The error says how to look at the past."""
    with pytest.raises(LabError, match="time cannot go back by 5 seconds") as told:
        lab.advance(-5)
    assert "lab.rewind" in str(told.value)
    assert lab.time == 0


@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_no_time_that_is_no_number_passes(lab, seconds):
    """The clock stays where it is."""
    with pytest.raises(ValueError, match="is not a number of seconds"):
        lab.advance(seconds)
    assert lab.time == 0


def test_time_ends_with_the_calendar_and_the_lab_lives_on(lab, app, nap):
    """A body that sleeps longer wakes on the last day; nobody can go further."""
    lab.start_worker(app)
    assert nap.delay(1e18).get() == 1e18
    assert lab.now == datetime(9999, 12, 31, tzinfo=UTC)
    for drive in (lambda: lab.advance(1), lambda: lab.run(until=1e300)):
        with pytest.raises(LabError, match="virtual time ends in the year 9999"):
            drive()
    assert nap.delay(5).get(timeout=1e300) == 5
    assert nap.apply((5,)).get() == 5
    assert lab._repr_mimebundle_()


@pytest.mark.parametrize("place", [-1, 1])
def test_a_room_that_the_log_has_not_is_refused_at_the_call(lab, place):
    """Not when it is shown."""
    with pytest.raises(LabError, match=f"no place {place}"):
        lab.room(at=place)


@pytest.mark.parametrize("place", ["before_task_publish", "after_task_publish", "task_received", "task_prerun"])
def test_an_interrupt_breaks_off_no_step_and_no_deed(lab, app, nap, place):
    """It reaches the user as soon as that has ended; nothing is lost, and the world can be built again."""
    announced = getattr(signals, place)

    def press(**_):
        announced.disconnect(press)
        signal.raise_signal(signal.SIGINT)

    lab.start_worker(app)
    announced.connect(press)

    def send_and_step():
        nap.delay(1)
        while True:  # the interrupt comes a moment after the step that must not be broken off
            lab.step()

    with pytest.raises(KeyboardInterrupt):
        send_and_step()
    result = nap.delay(2)
    lab.run()
    assert result.get() == 2
    length, kinds = len(lab.log), [record.kind for record in lab.log]
    lab.rewind(to=length - 1)
    lab.run()
    assert [record.kind for record in lab.log] == kinds


def test_a_driver_inside_a_body_is_refused_and_the_lab_lives_on(lab, app, nap):
    """Step, run, advance and close belong to the notebook; the body gets the error, the next task runs."""
    refused = []

    def meddle():
        for act in (lab.step, lab.run, lambda: lab.advance(1), lambda: lab.rewind(to=0), lambda: lab.run(until=5),
                    lab.close):  # fmt: skip
            try:
                act()
            except ReentrantStep as exc:
                refused.append(str(exc))
        return len(refused)

    lab.start_worker(app)
    assert task(app, meddle).delay().get() == 6
    assert "in the middle of a step" in refused[0]
    assert nap.delay(1).get() == 1


def test_a_closed_lab_can_be_looked_at_and_nothing_else(lab, app, nap):
    """Whatever would change it says that it is closed."""
    lab.start_worker(app)
    result = nap.delay(5)
    lab.advance(1)
    lab.close()
    before = len(lab.log)
    for act in (lab.step, lab.run, lambda: lab.advance(1), lambda: nap.delay(1), result.get, lambda: lab.rewind(to=0),
                lambda: lab.start_worker(app, hostname="w2@lab"), lambda: nap.apply((1,))):  # fmt: skip
        with pytest.raises(LabError, match="this lab is closed"):
            act()
    assert (len(lab.log), result.state) == (before, "PENDING")
    assert str(lab.story(result))
    lab.close()


# -- get() -----------------------------------------------------------------------------------------------------------
def why(result):
    """Return the reason that ``get`` gives at once."""
    with pytest.raises(NeverReady) as told:
        result.get()
    return str(told.value)


def test_get_drives_the_lab_and_returns(lab, app, nap):
    """As far as it needs to, and no further."""
    lab.start_worker(app)
    first, second = nap.delay(1), nap.delay(2)
    assert (first.get(), lab.time, second.state) == (1, 1, "PENDING")


def test_get_says_that_nobody_works(lab, nap):
    """Celery would wait for ever; the lab says so at once and can go on."""
    result = nap.delay(1)
    assert "no worker consumes from queue 'celery'" in why(result)
    assert "for ever" in why(result)
    assert lab.time == 0


def test_get_says_that_nobody_reads_that_queue(lab, app, nap):
    """A worker of other queues is no help; one that comes later is."""
    lab.start_worker(app)
    result = nap.apply_async((1,), queue="mail")
    assert "no worker consumes from queue 'mail'" in why(result)
    lab.start_worker(app, hostname="w2@lab", queues=["mail"])
    assert result.get() == 1


@pytest.mark.usefixtures("lab")
def test_get_says_that_it_knows_no_such_task(app):
    """A mistyped id is not a slow task."""
    assert "no-such-id" in why(app.AsyncResult("no-such-id"))


def test_get_says_that_the_message_went_nowhere(lab, app, nap):
    """No queue is bound for its key."""
    lab.start_worker(app)
    result = nap.apply_async((1,), exchange="celery", routing_key="nowhere")
    said = why(result)
    assert "celery" in said
    assert "nowhere" in said
    assert lab.log.select(kind="message-unroutable", task_id=result.id)


def test_get_of_an_ignored_result_returns_nothing(lab, app, nap):
    """Celery returns None without waiting."""
    lab.start_worker(app)
    assert nap.apply_async((1,), ignore_result=True).get() is None
    assert lab.time == 0


def test_a_timeout_lets_virtual_time_pass_and_raises_celerys_error(lab, app, nap):
    """Doing what is due meanwhile; a result that comes in time is returned."""
    result = nap.delay(5)
    with pytest.raises(TimeoutError, match="The operation timed out"):
        result.get(timeout=60)
    assert lab.time == 60
    lab.start_worker(app)
    with pytest.raises(TimeoutError):
        result.get(timeout=4.999)
    assert result.get(timeout=0.001) == 5
    assert lab.time == 65


def test_a_timeout_of_zero_looks_and_gives_up(lab, nap):
    """No time passes."""
    with pytest.raises(TimeoutError):
        nap.delay(1).get(timeout=0)
    assert lab.time == 0


# -- inside bodies ---------------------------------------------------------------------------------------------------
def test_get_inside_a_task_is_celerys_error(lab, app, nap):
    """Waiting for another task can lock a worker up."""

    def wait():
        return nap.delay(1).get()

    lab.start_worker(app)
    with pytest.raises(RuntimeError, match=r"Never call result\.get"):
        task(app, wait).delay().get()


def test_get_inside_a_task_works_where_it_is_allowed(lab, app, nap):
    """The body looks every half second, as Celery does."""

    def wait():
        with allow_join_result():
            return nap.delay(1.2).get()

    lab.start_worker(app)
    assert task(app, wait).delay().get() == 1.2
    assert lab.time == 1.5


def test_a_task_that_waits_wakes_for_a_result_that_comes_late(lab, app, nap):
    """The lab had nothing left to do; then a worker came, and nobody may say that the task never ends."""

    def wait():
        with allow_join_result():
            return nap.apply_async((0,), queue="other").get()

    lab.start_worker(app)
    waiting = task(app, wait).delay()
    lab.run()
    assert waiting.state == "PENDING"
    lab.start_worker(app, hostname="w2@lab", queues=["other"])
    lab.run()
    assert waiting.state == "SUCCESS"


def test_a_timeout_inside_a_task_passes(lab, app, nap):
    """Though nothing else happens, the lab runs on until then."""

    def wait():
        with allow_join_result():
            try:
                nap.apply_async((1,), queue="nobody").get(timeout=7)
            except TimeoutError:
                return "gave up"

    lab.start_worker(app)
    assert task(app, wait).delay().get() == "gave up"
    assert lab.time == 7


def test_two_tasks_that_wait_for_each_others_slot_never_end(lab, app, nap):
    """The deadlock of production, said at once."""

    def wait():
        with allow_join_result():
            return nap.delay(1).get()

    lab.start_worker(app, concurrency=1)
    assert "running" in why(task(app, wait).delay())


def test_bodies_send_tasks(lab, app, nap):
    """With ids of their own and the sender as parent."""

    def fan(_, count):
        return [nap.delay(number).id for number in range(count)]

    lab.start_worker(app)
    sender = task(app, fan, bind=True).delay(3)
    ids = sender.get()
    lab.run()
    assert [app.AsyncResult(task_id).result for task_id in ids] == [0, 1, 2]
    assert len({sender.id, *ids}) == 4


# -- eager -----------------------------------------------------------------------------------------------------------
def test_apply_sleeps_in_virtual_time(lab, nap):
    """An hour passes at once and the clock shows it."""
    assert nap.apply((3600,)).get() == 3600
    assert lab.time == 3600


def test_apply_lets_the_rest_of_the_lab_work_meanwhile(lab, app, nap):
    """What is due while the body sleeps happens."""
    lab.start_worker(app)
    result = nap.delay(10)
    nap.apply((3,))
    assert (lab.time, result.state) == (3, "PENDING")
    nap.apply((7,))
    assert result.ready()


def test_an_eager_body_may_wait_for_a_worker(lab, app, nap):
    """It is the user's own time that passes."""

    def ask():
        time.sleep(1)
        with allow_join_result():
            return nap.delay(2).get()

    lab.start_worker(app)
    assert task(app, ask).apply().get() == 2
    assert lab.time == 3
    assert nap.delay(1).get() == 1


# -- labs side by side -----------------------------------------------------------------------------------------------
def test_labs_side_by_side_have_their_own_clock_broker_and_results(app, nap):
    """The app works in the one that is current."""
    one = Lab(seed=1, start=START)
    one.start_worker(app)
    first = nap.delay(5)
    two = Lab(seed=2, start=START)
    two.start_worker(app)
    second = nap.delay(7)
    assert first.id != second.id
    two.run()
    assert (two.time, one.time) == (7, 0)
    one.run()
    assert (two.time, one.time) == (7, 5)
    assert current_lab() is two
    assert not [record for record in one.log if record.task_id == second.id]
    one.close()
    two.close()


def test_a_result_is_waited_for_in_the_lab_where_it_was_sent(app, nap):
    """Whichever is current now: bodies find themselves in the lab that runs them."""
    seen = []

    def look():
        seen.append((current_lab(), time.monotonic()))
        time.sleep(1)
        seen.append((current_lab(), nap.delay(0).id))

    one = Lab(seed=1, start=START)
    one.start_worker(app)
    result = task(app, look).delay()
    two = Lab(seed=2, start=START)
    two.advance(100)
    result.get()
    assert (one.time, two.time) == (1, 100)
    assert [lab for lab, _ in seen] == [one, one]
    assert seen[0][1] == 0
    assert len(one.log.story(seen[1][1])) > 0
    assert current_lab() is two
    one.rewind(to=len(one.log))
    assert current_lab() is two


def test_a_with_block_restores_the_lab_before_it():
    """Nested, and when it is entered again."""
    outer = Lab(seed=1, start=START)
    with Lab(seed=2, start=START) as inner:
        assert current_lab() is inner
        with Lab(seed=3, start=START) as third:
            assert current_lab() is third
        assert current_lab() is inner
    assert current_lab() is outer
    assert (inner.closed, outer.closed) == (True, False)


def test_a_lab_made_earlier_can_be_entered_later():
    """It is the current one in the block and nowhere else."""
    one, two = Lab(seed=1, start=START), Lab(seed=2, start=START)
    with one:
        assert current_lab() is one
    assert current_lab() is two


def test_a_lab_made_in_passing_is_not_kept_for_ever():
    """Who makes a thousand labs does not keep them all alive."""
    labs = [Lab(seed=number, start=START) for number in range(5)]
    assert labs[-1]._previous is labs[-2]
    assert labs[-2]._previous is None


# -- addresses -------------------------------------------------------------------------------------------------------
def test_two_apps_of_one_address_share_its_queues(lab):
    """However the address is written."""
    sender = Celery("proj", broker="amqp://", backend="cache+memory://", set_as_current=False)
    address = "pyamqp://guest:guest@localhost:5672//"
    worker = Celery("proj", broker=address, backend="cache+memory://", set_as_current=False)

    def echo(x):
        return x

    task(worker, echo)
    lab.start_worker(worker)
    assert sender.send_task("proj.echo", (5,)).get() == 5
    assert len(lab.world.brokers) == 1


def test_apps_of_two_addresses_do_not_meet(lab, nap):
    """A worker there does not help here."""
    other = Celery("other", broker="amqp://elsewhere//", backend="cache+memory://", set_as_current=False)
    lab.start_worker(other)
    assert "no worker consumes" in why(nap.delay(1))
    assert len(lab.world.brokers) == 2


@pytest.mark.parametrize(
    ("setting", "url", "known"),
    [("broker", "sqs://", "amqp://, pyamqp://, memory://"), ("backend", "mongodb://", "cache+memory://, rpc://")],
)
def test_an_unknown_scheme_names_the_known_ones(lab, setting, url, known):
    """At the call, not in a worker's log; and nothing was lost."""
    app = Celery("proj", **{"broker": "amqp://", "backend": "cache+memory://", setting: url}, set_as_current=False)
    with pytest.raises(UnknownScheme, match="the lab has no") as told:
        app.send_task("proj.add").get()
    assert known in str(told.value)
    assert lab.advance(1) == ()


SECRET = "hunter2"  # noqa: S105 - it opens nothing


def test_a_password_is_shown_nowhere(lab):
    """Neither in records, nor in texts, nor in what a notebook shows."""
    app = Celery("proj", broker=f"amqp://ann:{SECRET}@rabbit//", backend="rpc://", set_as_current=False)

    def add(x):
        return x

    added = task(app, add)
    worker = lab.start_worker(app)
    result = added.delay(1)
    assert result.get() == 1
    shown = [str(record) for record in lab.log] + [repr(each) for each in (lab, worker, result, app.backend, app)]
    shown += [repr(lab.snapshot()), str(lab.story(result.id)), app.conf.humanize()]
    for view in (lab, worker, lab.queues(), lab.workers(), lab.story(result.id), lab.step()):
        shown += map(str, view._repr_mimebundle_().values())
    assert [text for text in shown if SECRET in text] == []
    assert "ann:**@rabbit" in " ".join(shown)


def test_a_password_in_a_refused_address_is_not_shown():
    """Errors are copied into mails."""
    with Lab(seed=1, start=START):
        broker, backend = f"sqs://ann:{SECRET}@queue//", f"mongodb://ann:{SECRET}@db"
        app = Celery("proj", broker=broker, backend=backend, set_as_current=False)
        with pytest.raises(LabError) as told:
            app.send_task("proj.add", ignore_result=True)
        assert SECRET not in str(told.value)


@pytest.mark.parametrize("url", [f"ann:{SECRET}@rabbit", f"amqp://ann:{SECRET}/x@rabbit", f"amqp://ann:{SECRET}@[::1"])
@pytest.mark.usefixtures("lab")
def test_a_password_in_an_address_that_cannot_be_read_is_not_shown(url):
    """Neither in the error, nor in those before it, nor among the settings."""
    app = Celery("proj", broker=url, backend="cache+memory://", set_as_current=False)
    with pytest.raises(LabError) as told:
        app.send_task("proj.add")
    shown = [*traceback.format_exception(told.value), repr(app.conf), app.conf.humanize()]
    assert [line for line in shown if SECRET.lower() in line.lower()] == []


def test_of_several_brokers_the_first_is_used(lab):
    """As Celery does when it answers."""
    app = Celery("proj", broker=["amqp://one", "amqp://two"], backend="rpc://", set_as_current=False)

    def add(x):
        return x

    lab.start_worker(app)
    assert task(app, add).delay(1).get() == 1
    assert [broker.url for broker in lab.world.brokers] == ["amqp://guest:**@one:5672//"]


# -- the world's own -------------------------------------------------------------------------------------------------
def test_the_lab_says_in_one_line_what_it_is(lab):
    """Seed, time, records."""
    lab.advance(1.5)
    assert repr(lab) == "<Lab seed=7 t=1.5 records=0>"


def test_a_snapshot_looks_and_changes_nothing(lab, app, nap):
    """At any record, without running anything."""
    lab.start_worker(app)
    nap.delay(5)
    lab.run()
    before = len(lab.log)
    seen = [lab.snapshot(at=number) for number in range(before + 1)]
    assert (len(lab.log), lab.time) == (before, 5)
    assert seen[0] != seen[-1]
    assert seen[-1] == lab.snapshot()


def test_a_lab_without_a_start_begins_now():
    """Lessons and tests give a start; a quick trial need not."""
    with Lab() as lab:
        assert abs(lab.now - datetime.now(UTC)) < timedelta(minutes=1)
        assert (lab.time, lab.seed) == (0, 0)


def test_importing_labq_is_enough_for_a_lab():
    """The current lab is made when it is first needed."""
    assert labq.current_lab() is not None


def test_why_a_chain_or_a_group_waits_is_why_its_first_unfinished_task_does(lab, app):
    """The last task of a chain was never sent, and a group is no task."""

    @app.task(name="step", shared=False)
    def step(*args):
        return args

    waiting = chain(step.s(), step.s())()
    both = group(step.s(), step.s())()
    lab.run()
    for result in (waiting, both):
        assert "no worker consumes from queue 'celery'" in lab.why(result).text()
    lab.start_worker(app)
    lab.run()
    assert waiting.get() == [[]]
    assert lab.why(waiting).text() == lab.why(waiting.id).text()
