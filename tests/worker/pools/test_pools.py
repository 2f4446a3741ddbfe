"""What sleeping and computing block tells the pools apart; children are killed, replaced, added and taken away."""

from __future__ import annotations

import pytest

import labq
from labq import signals
from labq.exceptions import LabError, WorkerLostError


@pytest.fixture
def burn(app):
    """A task that needs the processor."""

    @app.task(name="burn")
    def burn(seconds):
        labq.compute(seconds)
        return "burnt"

    return burn


@pytest.mark.parametrize(
    ("pool", "both_sleep", "both_burn", "sleep_and_burn"),
    [
        ("prefork", 2.0, 2.0, 2.0),
        ("threads", 2.0, 4.0, 2.0),
        ("gevent", 2.0, 4.0, 2.0),
        ("eventlet", 2.0, 4.0, 2.0),
        ("solo", 4.0, 4.0, 4.0),
    ],
)
def test_the_pools_differ_in_what_blocks(
    lab, app, nap, burn, back_and_forth, pool, both_sleep, both_burn, sleep_and_burn
):
    """Processes block nobody, threads share a processor, green threads stand still when one computes, solo always."""
    lab.start_worker(app, pool=pool, concurrency=2)
    took = []
    for first, second in ((nap, nap), (burn, burn), (nap, burn)):
        began = lab.time
        first.delay(2)
        second.delay(2)
        lab.run()
        took.append(lab.time - began)
    assert took == [both_sleep, both_burn, sleep_and_burn]
    back_and_forth()


def test_threads_take_turns_at_the_processor(lab, app, burn):
    """Who needs little is not held up by all that the other needs."""
    lab.start_worker(app, pool="threads", concurrency=2)
    short, long = burn.delay(1), burn.delay(2)
    lab.run()
    ended = {record.task_id: record.time for record in lab.log.select("task-succeeded")}
    assert (ended[short.id], ended[long.id]) == (2.0, 3.0)


def test_a_green_thread_that_computes_holds_up_the_worker_itself(lab, app, burn, nap):
    """What arrives meanwhile is not even received."""
    lab.start_worker(app, pool="gevent", concurrency=10)
    burn.delay(5)
    lab.advance(1)
    result = nap.delay(1)
    lab.run()
    (received,) = lab.log.select("task-received", result.id)
    assert (received.time, lab.time) == (5.0, 6.0)


def test_a_killed_child_loses_its_task(lab, app, nap, back_and_forth):
    """The words are those that people search for."""
    worker = lab.start_worker(app, concurrency=1)
    result = nap.delay(60)
    lab.advance(1)
    worker.kill_child(1, 9)
    with pytest.raises(WorkerLostError, match=r"Worker exited prematurely: signal 9 \(SIGKILL\) Job: 0\."):
        result.get()
    assert nap.delay(1).get() == "woke"
    back_and_forth()


def test_a_killed_child_without_a_task_is_replaced(lab, app, nap):
    """Nothing else happens."""
    worker = lab.start_worker(app, concurrency=1)
    worker.kill_child(1)
    assert nap.delay(1).get() == "woke"
    assert len(lab.log.select("child-lost")) == 1


def test_a_lost_task_can_be_given_back_or_tried_again(lab, app, back_and_forth):
    """``reject_on_worker_lost`` for its message, ``retry_on_worker_lost`` for the task."""
    import time

    @app.task(bind=True, acks_late=True, reject_on_worker_lost=True)
    def returning(self):
        if not self.request.delivery_info["redelivered"]:
            time.sleep(60)
        return "returned"

    @app.task(bind=True, retry_on_worker_lost=True, default_retry_delay=3)
    def retried(self):
        if not self.request.retries:
            time.sleep(60)
        return "retried"

    worker = lab.start_worker(app, concurrency=2)
    results = [returning.delay(), retried.delay()]
    lab.advance(1)
    worker.kill_child(1)
    worker.kill_child(2)
    lab.run()
    assert ([result.get() for result in results], lab.time) == (["returned", "retried"], 4.0)
    back_and_forth()


def test_only_a_prefork_pool_has_children(lab, app):
    """And only those that it has."""
    with pytest.raises(LabError, match="no children"):
        lab.start_worker(app, hostname="w1@lab", pool="threads").kill_child()
    with pytest.raises(LabError, match="no slot 7"):
        lab.start_worker(app, hostname="w2@lab").kill_child(7)


def test_children_are_replaced_after_so_many_tasks(lab, app, nap, back_and_forth):
    """With signals for the one that goes and the one that comes."""
    told = []
    signals.worker_process_shutdown.connect(
        lambda pid, exitcode, **_: told.append((pid, exitcode)), weak=False, dispatch_uid="t"
    )
    try:
        lab.start_worker(app, concurrency=1, max_tasks_per_child=2)
        for _ in range(5):
            nap.delay(1)
        lab.run()
    finally:
        signals.worker_process_shutdown.disconnect(dispatch_uid="t")
    assert told == [(11, 155), (12, 155)]
    assert [record["child"] for record in lab.log.select("child-started")] == [12, 13]
    back_and_forth()


def test_a_pool_grows_and_shrinks_with_its_window(lab, app, nap, back_and_forth):
    """A shrinking pool lets idle children go; busy ones it does not touch."""
    worker = lab.start_worker(app, concurrency=1)
    worker.tell("grow", 2)
    assert (worker.worker.pool.num_processes, worker.worker.consumer.qos.value) == (3, 12)
    for _ in range(3):
        nap.delay(5)
    lab.run()
    assert lab.time == 5.0
    worker.tell("shrink", 1)
    assert (worker.worker.pool.num_processes, worker.worker.consumer.qos.value) == (2, 8)
    for _ in range(2):
        nap.delay(5)
    lab.advance(1)
    with pytest.raises(ValueError, match=r"Can't shrink pool\. All processes busy!"):
        worker.tell("shrink", 1)
    assert len(lab.snapshot().workers["celery@lab"].slots) == 2
    back_and_forth()


def test_a_pool_can_be_restarted(lab, nap):
    """Idle children at once, busy ones when they are done."""
    worker = lab.start_worker(nap.app, concurrency=2)
    nap.delay(5)
    lab.advance(1)
    worker.tell("restart_pool")
    assert len(lab.log.select("child-started")) == 1
    lab.run()
    assert len(lab.log.select("child-started")) == 2
    nap.delay(5)
    lab.run()
    assert len(lab.log.select("child-started")) == 2


def test_a_worker_scales_with_its_work(lab, app, nap, back_and_forth):
    """More children at once, fewer after half a minute of quiet."""
    worker = lab.start_worker(app, autoscale="3,1")
    for _ in range(6):
        nap.delay(5)
    lab.run()
    assert (lab.time, worker.worker.pool.num_processes) == (10.0, 3)
    lab.advance(100)
    assert worker.worker.pool.num_processes == 1
    assert worker.tell("autoscale", 5, 2) == (5, 2)
    assert worker.worker.pool.num_processes == 2
    back_and_forth()


def test_a_pool_of_ones_own_is_refused(lab, app):
    """It would bring threads or processes along."""
    for name, said in (("custom", "cannot work in a lab"), ("nothing", "unknown pool 'nothing'")):
        with pytest.raises(LabError, match=said):
            lab.start_worker(app, pool=name)
