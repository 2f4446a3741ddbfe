"""Workers in the lab: pools, windows, shelves, bad messages, interrupts, and how they stop."""

from __future__ import annotations

import time

import pytest
from greenlet import GreenletExit

from labq import Celery, Lab
from labq.exceptions import LabError, NotRegistered, TaskRevokedError, WorkerLostError
from labq.wire.message import Message

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


def spans(lab):
    """Return when each task ran, in the order in which they began."""
    begins = lab.log.select(kind="task-started")
    ends = {record.task_id: record.time for record in lab.log.select(kind="task-succeeded")}
    return [(record.time, ends.get(record.task_id)) for record in begins]


def unacked(lab, hostname):
    """Return how many deliveries a worker holds."""
    return len(lab.world.workers[hostname]._channel.unacked)


def depth(lab, queue="celery"):
    """Return how many messages wait in *queue*."""
    return lab.world.brokers[0].depth(queue)


# -- pools -----------------------------------------------------------------------------------------------------------
def test_a_solo_worker_does_one_thing_at_a_time(lab, app, nap):
    """While a body sleeps nothing is received: the worker's only thread is away."""
    lab.start_worker(app, pool="solo")
    for _ in range(3):
        nap.delay(2)
    lab.run()
    assert spans(lab) == [(0, 2), (2, 4), (4, 6)]
    assert [record.time for record in lab.log.select(kind="task-received")] == [0, 2, 4]


def test_a_prefork_worker_blocks_a_child_and_not_itself(lab, app, nap):
    """As many bodies at once as there are children, and all are received at once."""
    lab.start_worker(app, concurrency=2)
    for _ in range(3):
        nap.delay(2)
    lab.run()
    assert spans(lab) == [(0, 2), (0, 2), (2, 4)]
    assert {record.time for record in lab.log.select(kind="task-received")} == {0}


def test_computing_keeps_a_child_as_busy_as_sleeping(lab, app):
    """In a prefork pool there is no difference."""
    from labq import compute

    def work():
        compute(3)

    worker = lab.start_worker(app, concurrency=1)
    busy = task(app, work)
    busy.delay()
    busy.delay()
    lab.run()
    assert spans(lab) == [(0, 3), (3, 6)]
    assert [record["seconds"] for record in lab.log.select(kind="body-computed")] == [3, 3]
    assert worker.concurrency == 1


def test_an_unknown_pool_is_refused_and_the_known_are_named(lab, app):
    """Nothing has started then."""
    with pytest.raises(LabError, match="unknown pool 'fast'") as told:
        lab.start_worker(app, pool="fast")
    assert "prefork" in str(told.value)
    assert "solo" in str(told.value)
    assert not lab.log.select(kind="worker-started")
    lab.start_worker(app)


# -- names -----------------------------------------------------------------------------------------------------------
def test_two_workers_of_one_name_are_refused(lab, app):
    """Until the first has stopped."""
    first = lab.start_worker(app, hostname="w1@lab")
    with pytest.raises(LabError, match="'w1@lab' is running already"):
        lab.start_worker(app, hostname="w1@lab")
    first.stop()
    assert lab.start_worker(app, hostname="w1@lab").online


def test_celerys_own_way_to_start_a_worker(lab, app, nap):
    """``app.Worker(...).start()`` comes back at once; a with block stops it."""
    with app.Worker(hostname="w1@lab", concurrency=1) as worker:
        assert (worker.online, worker.hostname) == (True, "w1@lab")
        assert nap.delay(1).get() == 1
    assert not worker.online
    assert repr(worker) == "<Worker: w1@lab (stopped)>"
    assert lab.log[-1].kind == "worker-stopped"


# -- the window ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("concurrency", "multiplier", "window"), [(1, 1, 1), (2, 4, 8), (3, 2, 6), (1, None, 4)])
def test_a_worker_holds_as_many_as_the_multiplier_times_its_children(lab, app, nap, concurrency, multiplier, window):
    """Tasks that acknowledge late fill the window; the rest waits in the queue."""
    nap.acks_late = True
    lab.start_worker(app, concurrency=concurrency, prefetch_multiplier=multiplier)
    for _ in range(20):
        nap.delay(10)
    lab.advance(1)
    assert (unacked(lab, "celery@lab"), depth(lab)) == (window, 20 - window)
    lab.run()
    assert len(lab.log.select(kind="task-succeeded")) == 20


def test_tasks_that_acknowledge_early_leave_the_window_when_they_start(lab, app, nap):
    """So a worker holds its window on top of what runs."""
    lab.start_worker(app, concurrency=2, prefetch_multiplier=1)
    for _ in range(9):
        nap.delay(10)
    lab.advance(1)
    assert (unacked(lab, "celery@lab"), depth(lab)) == (2, 5)


def test_a_multiplier_of_zero_is_no_limit(lab, app, nap):
    """The worker takes everything."""
    lab.start_worker(app, concurrency=1, prefetch_multiplier=0)
    for _ in range(50):
        nap.delay(1)
    lab.advance(0.5)
    assert (unacked(lab, "celery@lab"), depth(lab)) == (49, 0)


def test_tasks_on_the_shelf_do_not_fill_the_window(lab, app, nap):
    """Each that waits for its time makes room for one more."""
    lab.start_worker(app, concurrency=1, prefetch_multiplier=1)
    for _ in range(5):
        nap.apply_async((1,), countdown=60)
    late = nap.delay(1)
    lab.advance(2)
    assert (unacked(lab, "celery@lab"), late.state) == (5, "SUCCESS")
    lab.run()
    assert spans(lab)[1:] == [(60 + number, 61 + number) for number in range(5)]
    assert unacked(lab, "celery@lab") == 0


def test_a_worker_passes_over_a_full_one(lab, app, nap):
    """Fair in turns, and not in work: the free worker gets the rest."""
    nap.acks_late = True
    lab.start_worker(app, hostname="w1@lab", concurrency=1, prefetch_multiplier=1)
    nap.delay(100)
    lab.advance(1)
    lab.start_worker(app, hostname="w2@lab", concurrency=1, prefetch_multiplier=1)
    for _ in range(3):
        nap.delay(1)
    lab.advance(10)
    assert [record["worker"] for record in lab.log.select(kind="task-succeeded")] == ["w2@lab"] * 3


# -- time ------------------------------------------------------------------------------------------------------------
def test_a_task_with_a_countdown_runs_then_and_not_before(lab, app, nap):
    """It is received at once and waits on the worker's shelf."""
    lab.start_worker(app)
    result = nap.apply_async((0,), countdown=90)
    lab.run(until=89.9)
    assert (result.state, len(lab.log.select(kind="task-scheduled"))) == ("PENDING", 1)
    lab.run()
    assert (result.state, lab.time) == ("SUCCESS", 90)


def test_a_task_that_expires_in_a_worker_is_revoked(lab, app, nap):
    """It waited too long for a free child."""
    lab.start_worker(app, concurrency=1)
    nap.delay(30)
    result = nap.apply_async((1,), expires=10)
    lab.run()
    assert result.state == "REVOKED"
    assert isinstance(result.result, TaskRevokedError)
    kinds = [record.kind for record in lab.log.story(result.id)]
    assert kinds[-3:] == ["task-expired", "result-stored", "message-acked"]
    with pytest.raises(TaskRevokedError, match="expired"):
        result.get()


def test_a_task_that_expires_in_the_queue_is_dropped_by_the_broker(lab, app, nap):
    """The message has a time to live; nobody stores a result then, as with RabbitMQ."""
    result = nap.apply_async((1,), expires=10)
    lab.advance(11)
    assert lab.log[-1].kind == "message-dead-lettered"
    lab.start_worker(app)
    lab.run()
    assert result.state == "PENDING"


@pytest.mark.parametrize("countdown", [float("nan"), float("inf")])
def test_a_countdown_that_is_no_time_is_refused_at_the_call(lab, nap, countdown):
    """And no message leaves."""
    with pytest.raises((ValueError, OverflowError)):
        nap.apply_async((1,), countdown=countdown)
    assert not lab.log.select(kind="message-published")


# -- bad messages ----------------------------------------------------------------------------------------------------
def put(lab, app, body, headers=None, content_type="application/json", encoding="utf-8"):
    """Put a message into the queue that nobody's publisher wrote."""
    properties = {"correlation_id": "x", "delivery_mode": 2}
    message = Message(body, content_type, encoding, headers or {}, properties)
    lab.send(app.sending.broker_url, None, "", "celery", message)


TASK = {"lang": "py", "task": "proj.nap", "id": "bad-1", "argsrepr": "()", "kwargsrepr": "{}"}


@pytest.mark.parametrize(
    ("body", "headers", "content_type", "encoding"),
    [
        (b"\x00\xff garbage", {}, "application/octet-stream", "binary"),
        (b"\x00\xff garbage", TASK, "application/json", "utf-8"),
        (b"not json", TASK, "application/json", "utf-8"),
        (b"5", TASK, "application/json", "utf-8"),
        (b"[1]", TASK, "application/json", "utf-8"),
        (b'{"a": 1}', TASK, "application/json", "utf-8"),
        (b"[5, 6, 7]", TASK, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "id": None}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "id": 5}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "task": None}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "task": ["x"]}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "eta": "tomorrow"}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "eta": 5}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "expires": {"a": 1}}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "retries": "many"}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "retries": None}, "application/json", "utf-8"),
        (b"[[1], {}, {}]", {**TASK, "lang": 5, "root_id": [], "parent_id": {}}, "application/json", "utf-8"),
        (b"[[1], {}, 5]", TASK, "application/json", "utf-8"),
        (b"[5, {}, {}]", TASK, "application/json", "utf-8"),
        (b"[[1], 5, {}]", TASK, "application/json", "utf-8"),
        (b"[[1], {}, {}]", TASK, "application/x-python-serialize", "binary"),
        (b"[[1], {}, {}]", TASK, "application/json", "no-such-encoding"),
        (b"[[1], {}, {}]", {"task": "proj.nap"}, "application/json", "utf-8"),
        (b"{}", {}, "application/json", "utf-8"),
        (b"null", {}, "application/json", "utf-8"),
        (b'{"task": "proj.nap", "id": "p1", "args": 5}', {}, "application/json", "utf-8"),
    ],
)
def test_no_message_stops_a_worker(lab, app, nap, body, headers, content_type, encoding):
    """Whatever it is, it is dealt with, a record says how, and the next task runs."""
    lab.start_worker(app)
    put(lab, app, body, headers, content_type, encoding)
    lab.run()
    assert (unacked(lab, "celery@lab"), depth(lab)) == (0, 0)
    ends = {"message-rejected", "message-acked"}
    assert ends & {record.kind for record in lab.log}
    assert nap.delay(1).get() == 1


def test_garbage_is_rejected_and_the_record_says_why(lab, app):
    """It does not come back."""
    lab.start_worker(app)
    put(lab, app, b"not json", TASK)
    lab.run()
    assert [record["reason"].split(":")[0] for record in lab.log.select(kind="message-rejected")] == ["DecodeError"]


def test_an_unregistered_task_is_rejected_recorded_and_stored_as_failed(lab, app, nap, caplog):
    """With the text that people search for; the worker lives."""
    lab.start_worker(app)
    result = app.send_task("proj.typo", (1,))
    lab.run()
    assert "Received unregistered task of type 'proj.typo'" in caplog.text
    kinds = [record.kind for record in lab.log.story(result.id)]
    assert "task-unregistered" in kinds
    assert "message-rejected" in kinds
    with pytest.raises(NotRegistered, match=r"proj\.typo"):
        result.get()
    assert nap.delay(1).get() == 1


# -- bodies that end badly -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ring", [1, 2])
def test_an_exception_that_is_its_own_cause_is_an_exception(lab, app, nap, ring):
    """Its chain has no end, the task has one."""
    errors = [ValueError(place) for place in range(ring)]
    for place, error in enumerate(errors):
        error.__cause__ = errors[place - 1]

    def fail():
        raise errors[0]

    lab.start_worker(app)
    result = task(app, fail).delay()
    with pytest.raises(ValueError, match="0"):
        result.get()
    assert nap.delay(1).get() == 1


def test_a_body_that_raises_what_ends_a_greenlet_loses_its_child(lab, app, nap):
    """As one that raises SystemExit."""

    def leave():
        raise GreenletExit

    lab.start_worker(app, concurrency=1)
    with pytest.raises(WorkerLostError):
        task(app, leave).delay().get()
    assert nap.delay(1).get() == 1


def test_a_failure_keeps_the_worker_and_its_child(lab, app):
    """The exception comes back to the client with its traceback."""

    def fail():
        raise KeyError("no such order")

    lab.start_worker(app)
    result = task(app, fail).delay()
    with pytest.raises(KeyError, match="no such order"):
        result.get()
    assert (result.state, result.failed()) == ("FAILURE", True)
    assert "in fail" in result.traceback
    assert "labq/" not in result.traceback
    assert not lab.log.select(kind="child-lost")


@pytest.mark.parametrize(("code", "status"), [(None, 0), (3, 3), ("bye", 1)])
def test_a_body_that_exits_loses_its_child_and_not_the_worker(lab, app, nap, code, status):
    """The task has failed as in production, and a new child takes the slot."""

    def leave():
        raise SystemExit(code)

    lab.start_worker(app, concurrency=1)
    result = task(app, leave).delay()
    with pytest.raises(WorkerLostError, match=f"exitcode {status}"):
        result.get()
    children = lab.log.select(kind="child-started")
    assert [record.kind for record in lab.log.select(kind="child-lost")] == ["child-lost"]
    assert (len(children), children[0]["slot"]) == (1, 1)
    assert nap.delay(1).get() == 1


@pytest.mark.parametrize("pool", ["prefork", "solo"])
def test_an_interrupt_reaches_the_user_and_the_lab_lives_on(lab, app, nap, pool):
    """The body is dead as if its child were killed; the cell ends with KeyboardInterrupt."""

    def stop():
        time.sleep(1)
        raise KeyboardInterrupt

    lab.start_worker(app, pool=pool)
    result = task(app, stop).delay()
    with pytest.raises(KeyboardInterrupt):
        result.get()
    assert result.state == "FAILURE"
    assert isinstance(result.result, WorkerLostError)
    assert nap.delay(1).get() == 1


def test_a_lost_task_that_acknowledges_late_may_come_back(lab, app):
    """With ``reject_on_worker_lost`` the message returns, marked as redelivered."""
    tries = []

    def fragile(self):
        tries.append(self.request.delivery_info["redelivered"])
        if len(tries) == 1:
            raise SystemExit(1)
        return "done"

    lab.start_worker(app)
    result = task(app, fragile, bind=True, acks_late=True, reject_on_worker_lost=True).delay()
    assert result.get() == "done"
    assert tries == [False, True]


def test_a_retry_is_a_new_message_of_the_old_task(lab, app):
    """Two messages, one id, one result."""

    def again(self):
        if self.request.retries == 0:
            raise self.retry(countdown=5)
        return self.request.retries

    lab.start_worker(app)
    result = task(app, again, bind=True).delay()
    lab.advance(1)
    assert result.state == "RETRY"
    assert result.get() == 1
    assert lab.time == 5
    assert len({record["message"] for record in lab.log.select(kind="message-published", task_id=result.id)}) == 2


def test_a_result_that_cannot_be_written_is_a_failure(lab, app):
    """As in production: the task ran, its result does not fit through JSON."""

    def odd():
        return {1, 2}

    lab.start_worker(app)
    result = task(app, odd).delay()
    lab.run()
    assert result.state == "FAILURE"
    assert "EncodeError" in type(result.result).__name__


# -- stopping --------------------------------------------------------------------------------------------------------
def test_a_warm_stop_lets_running_tasks_end_and_gives_the_others_back(lab, app, nap):
    """What was reserved and had not started returns to the queue."""
    worker = lab.start_worker(app, concurrency=2)
    results = [nap.delay(10) for _ in range(5)]
    lab.advance(1)
    worker.stop()
    assert lab.time == 10
    assert [result.state for result in results] == ["SUCCESS"] * 2 + ["PENDING"] * 3
    assert (depth(lab), len(lab.log.select(kind="message-requeued"))) == (3, 3)
    assert (lab.log[-1].kind, lab.log[-1]["how"]) == ("worker-stopped", "warm")
    lab.start_worker(app, hostname="w2@lab")
    assert [result.get() for result in results] == [10] * 5


def test_a_worker_that_stops_takes_nothing_new(lab, app, nap):
    """From the moment it was told."""
    worker = lab.start_worker(app, concurrency=1)
    nap.delay(10)
    lab.advance(1)
    nap.delay(1)
    worker.stop()
    assert depth(lab) == 1
    nap.delay(1)
    lab.run()
    assert depth(lab) == 2


def test_a_cold_stop_ends_bodies_where_they_are(lab, app, nap):
    """A task that had acknowledged early is lost, though its state promises a retry; one that is late returns."""

    def careful():
        time.sleep(10)

    worker = lab.start_worker(app, concurrency=2)
    early, late = nap.delay(10), task(app, careful, acks_late=True).delay()
    lab.advance(1)
    worker.stop("cold")
    lab.run()
    assert (lab.time, early.state, late.state, depth(lab)) == (1, "RETRY", "PENDING", 1)
    lab.start_worker(app)
    lab.run()
    assert (early.state, late.state) == ("RETRY", "SUCCESS")


def test_a_warm_stop_can_become_a_cold_one(lab, app):
    """When a body never ends, a second signal ends the waiting."""
    from labq.result import allow_join_result

    def wait():
        with allow_join_result():
            app.AsyncResult("never").get()

    worker = lab.start_worker(app)
    task(app, wait).delay()
    lab.run()
    worker.stop()
    assert worker.online
    worker.stop("cold")
    assert not worker.online


def test_what_waits_on_the_shelf_goes_back_when_the_worker_stops(lab, app, nap):
    """And another worker does it in time."""
    worker = lab.start_worker(app)
    result = nap.apply_async((1,), countdown=60)
    lab.advance(1)
    worker.stop()
    assert depth(lab) == 1
    lab.start_worker(app, hostname="w2@lab")
    lab.run()
    assert (result.get(), lab.time) == (1, 61)


def test_a_solo_worker_gives_back_what_lay_unread(lab, app, nap):
    """It had been delivered and not yet looked at."""
    worker = lab.start_worker(app, pool="solo")
    nap.delay(10)
    unread = nap.delay(1)
    lab.advance(1)
    worker.stop()
    assert (lab.time, depth(lab), unread.state) == (10, 1, "PENDING")
    assert not [record for record in lab.log.story(unread.id) if record.kind == "task-received"]


def test_stopping_twice_and_stopping_what_never_worked_changes_nothing(lab, app):
    """Nothing is recorded."""
    worker = app.Worker(hostname="w1@lab")
    worker.stop()
    assert len(lab.log) == 0
    worker.start()
    worker.stop()
    before = len(lab.log)
    worker.stop()
    assert len(lab.log) == before


def test_a_way_to_stop_that_nobody_knows_is_refused(lab, app, nap):
    """The worker works on."""
    worker = lab.start_worker(app)
    with pytest.raises(LabError, match="no worker stops 'hot'"):
        worker.stop("hot")
    assert nap.delay(1).get() == 1


def test_a_worker_without_slots_is_refused(lab, app):
    """It would take messages and never run them."""
    with pytest.raises(LabError, match="cannot run -1 tasks"):
        lab.start_worker(app, concurrency=-1)
    assert not lab.log.select(kind="worker-started")


def test_purging_drops_what_waits(lab, nap):
    """And says how much that was."""
    for _ in range(3):
        nap.delay(1)
    lab.run()
    assert lab.purge() == 3
    assert depth(lab) == 0
