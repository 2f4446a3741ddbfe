"""A worker takes messages, holds some ahead of time, waits for their moment, runs and acknowledges them."""

from __future__ import annotations

import logging
import time

import pytest

from labq.exceptions import LabError, Reject


def test_a_task_goes_through_every_door_in_order(lab, app, kinds):
    """From the publisher to the result each door leaves its record; the acknowledgement comes before the run."""
    add = app.task(name="add")(lambda_free)
    lab.start_worker(app, hostname="w1@lab")
    result = add.delay(1, 2)
    assert result.get() == 3
    assert kinds(result) == [
        *("message-published", "message-routed", "message-queued", "message-delivered", "task-received"),
        *("task-reserved", "message-acked", "task-started", "result-stored", "task-succeeded"),
    ]


def lambda_free(x, y):
    """Add two numbers."""
    return x + y


def test_a_late_ack_comes_after_the_result(lab, app, kinds):
    """With acks_late the message is the broker's until the task has ended."""
    add = app.task(name="add", acks_late=True)(lambda_free)
    lab.start_worker(app)
    result = add.delay(1, 2)
    lab.run()
    assert kinds(result)[-3:] == ["result-stored", "task-succeeded", "message-acked"]


@pytest.mark.parametrize(("late", "runs"), [(True, 2), (False, 1)])
def test_a_worker_that_stops_cold_loses_what_it_acknowledged(lab, app, late, runs):
    """A late message comes back to the next worker, marked as redelivered; an early one is gone."""
    seen = []

    @app.task(bind=True, acks_late=late)
    def nap(self):
        seen.append(self.request.delivery_info["redelivered"])
        time.sleep(60)

    first = lab.start_worker(app, hostname="w1@lab")
    nap.delay()
    lab.advance(10)
    first.stop(how="cold")
    lab.start_worker(app, hostname="w2@lab")
    lab.run()
    assert seen == [False, True][:runs]


def test_a_worker_that_stops_warm_lets_its_bodies_end(lab, app):
    """What runs is finished, what was only reserved goes back to the queue."""

    @app.task
    def nap():
        time.sleep(60)
        return "woke"

    worker = lab.start_worker(app, concurrency=1)
    results = [nap.delay(), nap.delay()]
    lab.advance(10)
    worker.stop()
    lab.run()
    assert [result.state for result in results] == ["SUCCESS", "PENDING"]
    assert not worker.online
    lab.start_worker(app, hostname="w2@lab")
    assert results[1].get() == "woke"


def test_a_worker_holds_its_prefetch_and_no_more(lab, app):
    """Four messages for each child by default: the rest stays with the broker."""

    @app.task
    def nap():
        time.sleep(60)

    lab.start_worker(app, concurrency=2)
    results = [nap.delay() for _ in range(20)]
    lab.advance(10)
    delivered = [record for record in lab.log if record.kind == "message-delivered"]
    # each of the two running tasks is acknowledged already and makes room for one more
    assert len(delivered) == 2 * 4 + 2
    lab.run()
    assert all(result.successful() for result in results)


def test_a_task_for_later_does_not_take_anothers_place(lab, app):
    """While tasks wait for their moment the prefetch window grows by them, so the others come through."""
    add = app.task(name="add")(lambda_free)
    lab.start_worker(app, concurrency=1)
    for _ in range(10):
        add.apply_async((1, 1), countdown=3600)
    assert add.delay(1, 2).get(timeout=1) == 3
    assert lab.time < 1


def test_a_task_runs_at_its_moment(lab, app, kinds):
    """A countdown is kept to the second, on the shelf of the worker."""
    add = app.task(name="add")(lambda_free)
    lab.start_worker(app)
    result = add.apply_async((1, 2), countdown=90)
    result.get()
    assert lab.time == 90
    assert "task-scheduled" in kinds(result)


def test_a_task_that_expires_while_it_waits_never_runs(lab, app, kinds):
    """A slot that is free too late finds the task revoked."""

    @app.task
    def nap():
        time.sleep(60)

    add = app.task(name="add")(lambda_free)
    lab.start_worker(app, concurrency=1)
    nap.delay()
    lab.advance(1)
    result = add.apply_async((1, 2), expires=30)
    lab.run()
    assert result.state == "REVOKED"
    assert "task-started" not in kinds(result)


def test_a_solo_worker_reads_nothing_while_it_works(lab, app):
    """A sleeping body has the only thread: the next message is received when it has ended."""

    @app.task
    def nap():
        time.sleep(60)

    lab.start_worker(app, pool="solo")
    nap.delay()
    lab.advance(1)
    second = nap.delay()
    lab.run()
    received = next(record for record in lab.log if record.kind == "task-received" and record.task_id == second.id)
    assert received.time == 60


def test_prefork_children_sleep_side_by_side(lab, app):
    """Two children sleep an hour in one hour, three tasks take two."""

    @app.task
    def nap():
        time.sleep(3600)

    lab.start_worker(app, concurrency=2)
    for _ in range(3):
        nap.delay()
    lab.run()
    assert lab.time == 7200


def test_two_workers_share_a_queue_in_turns(lab, app):
    """The broker deals messages out round robin."""

    @app.task(bind=True)
    def where(self):
        return self.request.hostname

    for name in ("w1@lab", "w2@lab"):
        lab.start_worker(app, hostname=name)
    results = [where.delay() for _ in range(4)]
    assert [result.get() for result in results] == ["w1@lab", "w2@lab", "w1@lab", "w2@lab"]


def test_a_worker_reads_the_queues_it_was_given(lab, app):
    """A task in another queue waits for another worker."""
    add = app.task(name="add")(lambda_free)
    lab.start_worker(app, queues=["slow"])
    slow, fast = add.apply_async((1, 2), queue="slow"), add.delay(1, 2)
    lab.run()
    assert [slow.state, fast.state] == ["SUCCESS", "PENDING"]


def test_an_unknown_pool_names_the_known_ones(lab, app):
    """The error is the lab's own and helps."""
    with pytest.raises(LabError, match=r"(?s)unknown pool 'nope'.*prefork.*solo"):
        lab.start_worker(app, pool="nope")


def test_a_lost_child_is_replaced_and_the_next_task_runs(lab, app):
    """SystemExit ends the process, not the worker."""

    @app.task
    def leave():
        raise SystemExit(3)

    add = app.task(name="add")(lambda_free)
    lab.start_worker(app, concurrency=1)
    lost, next_one = leave.delay(), add.delay(1, 2)
    assert next_one.get() == 3
    assert str(lost.result) == "Worker exited prematurely: exitcode 3."
    kinds = [str(record.kind) for record in lab.log]
    assert kinds.index("child-lost") < kinds.index("child-started")


def test_a_lost_child_gives_its_message_back_when_asked_to(lab, app):
    """With acks_late and reject_on_worker_lost the task runs again."""
    runs = []

    @app.task(acks_late=True, reject_on_worker_lost=True)
    def leave():
        runs.append(1)
        if len(runs) == 1:
            raise SystemExit(3)
        return "second"

    lab.start_worker(app, concurrency=1)
    assert leave.delay().get() == "second"


def test_an_interrupt_reaches_the_user_and_the_lab_lives_on(lab, app):
    """Ctrl-C in a body ends the cell; the task has failed, the next one runs."""

    @app.task
    def interrupted():
        raise KeyboardInterrupt

    add = app.task(name="add")(lambda_free)
    lab.start_worker(app)
    result = interrupted.delay()
    with pytest.raises(KeyboardInterrupt):
        lab.run()
    assert add.delay(1, 2).get() == 3
    assert str(result.result) == "Worker exited prematurely: KeyboardInterrupt."


def test_a_rejected_message_is_recorded_with_its_reason(lab, app, kinds):
    """Nothing disappears without a word."""

    @app.task(acks_late=True)
    def refusing():
        raise Reject("why", requeue=False)

    lab.start_worker(app)
    result = refusing.delay()
    lab.run()
    assert kinds(result)[-3:] == ["task-rejected", "result-stored", "message-rejected"]
    assert "why" in lab.log[-1].fact("reason")
    assert result.state == "FAILURE"


def test_callbacks_that_sleep_cost_virtual_time(lab, app):
    """A callback is part of the body: the slot is free when it has ended."""

    class Slow(app.Task):
        def on_success(self, *_):
            time.sleep(60)

    add = app.task(name="add", base=Slow)(lambda_free)
    lab.start_worker(app, concurrency=1)
    first, second = add.delay(1, 2), add.delay(3, 4)
    assert [first.get(), lab.time, second.get(), lab.time] == [3, 0, 7, 60]


def test_a_failing_callback_after_the_end_is_logged(lab, app, caplog):
    """The result stays, the log tells."""

    class Bad(app.Task):
        def after_return(self, *_):
            raise KeyError("late")

    add = app.task(name="add", base=Bad)(lambda_free)
    lab.start_worker(app)
    with caplog.at_level(logging.ERROR, "celery.app.trace"):
        assert add.delay(1, 2).get() == 3
        lab.run()
    told = [record.getMessage().partition("]")[2] for record in caplog.records if record.name == "celery.app.trace"]
    assert told == [" after_return handler raised: KeyError('late')"]
