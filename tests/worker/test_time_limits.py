"""A body is warned by its soft limit of time and ended by its hard one, in pools that can."""

from __future__ import annotations

import logging

import pytest

from labq import signals
from labq.exceptions import SoftTimeLimitExceeded, TimeLimitExceeded


def test_a_hard_limit_ends_the_body_and_its_child(lab, app, nap, heard, back_and_forth):
    """The task fails, the body is unwound as a signal does it, a new child takes the slot."""
    lab.start_worker(app, concurrency=1)
    result = nap.apply_async((60,), time_limit=5)
    with pytest.raises(TimeLimitExceeded) as error:
        result.get()
    assert (error.value.args, lab.time, result.state) == ((5,), 5.0, "FAILURE")
    assert heard == ["SystemExit(-241)"]
    assert [record["child"] for record in lab.log.select("child-started")] == [12]
    back_and_forth()


def test_a_soft_limit_warns_the_body(lab, app, nap, heard, back_and_forth):
    """Who catches the warning may end well; who does not, fails by it."""
    lab.start_worker(app, concurrency=2)
    careful = nap.apply_async((60, True), soft_time_limit=2, time_limit=9)
    careless = nap.apply_async((60,), soft_time_limit=3)
    lab.run()
    assert (careful.result, type(careless.result), lab.time) == ("careful", SoftTimeLimitExceeded, 3.0)
    lab.rewind(len(lab.log))
    assert heard == ["warned", "warned"], "what has ended is played, not run"
    back_and_forth()


def test_a_body_that_ends_in_time_is_left_alone(lab, app, nap):
    """And its limits keep the clock from nothing."""
    lab.start_worker(app)
    result = nap.apply_async((1,), soft_time_limit=50, time_limit=60)
    lab.run()
    assert (result.result, lab.time) == ("woke", 1.0)


@pytest.mark.parametrize(
    ("call", "task", "worker", "ends"),
    [({"time_limit": 1}, 2, 3, 1.0), ({}, 2, 3, 2.0), ({}, None, 3, 3.0), ({}, None, None, 9.0)],
)
def test_the_call_counts_before_the_task_and_the_task_before_the_worker(lab, app, nap, call, task, worker, ends):
    """What none of them says is no limit."""
    nap.time_limit = task
    lab.start_worker(app, time_limit=worker)
    nap.apply_async((9,), **call)
    lab.run()
    assert lab.time == ends


def test_the_setting_is_every_tasks_limit(lab, app, nap):
    """``task_time_limit`` reaches tasks and workers."""
    app.conf.task_time_limit = 4
    lab.start_worker(app)
    nap.delay(9)
    lab.run()
    assert lab.time == 4.0


def test_a_limit_without_an_acknowledgement_brings_the_message_back(lab, app, back_and_forth):
    """With acks_on_timeout off the next child runs it again."""

    @app.task(bind=True, acks_late=True, acks_on_timeout=False, time_limit=1)
    def again(self):
        if self.request.delivery_info["redelivered"]:
            return "came back"
        __import__("time").sleep(9)
        return None

    lab.start_worker(app)
    result = again.delay()
    lab.run()
    assert (result.state, result.result) == ("SUCCESS", "came back")
    back_and_forth()


@pytest.mark.parametrize("pool", ["solo", "threads", "eventlet"])
def test_pools_that_cannot_end_a_body_keep_no_limit(lab, app, nap, pool):
    """Threads and the worker's own thread run on."""
    lab.start_worker(app, pool=pool)
    result = nap.apply_async((9,), soft_time_limit=1, time_limit=2)
    lab.run()
    assert (result.result, lab.time) == ("woke", 9.0)


def test_gevent_ends_a_body_but_does_not_warn_it(lab, app, nap, back_and_forth):
    """A green thread can be ended where it waits."""
    lab.start_worker(app, pool="gevent")
    hard, soft = nap.apply_async((9,), time_limit=2), nap.apply_async((3,), soft_time_limit=1)
    lab.run()
    assert (type(hard.result), soft.result) == (TimeLimitExceeded, "woke")
    back_and_forth()


def test_the_log_says_what_celerys_says(lab, app, nap, caplog):
    """Both lines of a hard limit, and the one of a soft one."""
    caplog.set_level(logging.WARNING)
    lab.start_worker(app)
    result = nap.apply_async((9,), soft_time_limit=1, time_limit=2)
    other = nap.apply_async((9, True), time_limit=2)
    lab.run()
    said = [record.getMessage() for record in caplog.records if record.name == "celery.worker.request"]
    assert said == [
        f"Soft time limit (1s) exceeded for nap[{result.id}]",
        "Task handler raised error: TimeLimitExceeded(2)",
        f"Hard time limit (2s) exceeded for nap[{other.id}]",
    ]


def test_listeners_are_told_of_a_hard_limit_as_celery_tells_them(lab, app, nap):
    """Twice: once as a lost job, once as a timeout."""
    told = []
    signals.task_failure.connect(lambda exception, **_: told.append(repr(exception)), weak=False, dispatch_uid="t")
    try:
        lab.start_worker(app)
        nap.apply_async((9,), time_limit=2)
        lab.run()
    finally:
        signals.task_failure.disconnect(dispatch_uid="t")
    assert told == ["TimeLimitExceeded(2)"] * 2
