"""A worker's options: Celery's names, and the settings where they are left open; what a worker tells of itself."""

from __future__ import annotations

import pytest

from labq import signals
from labq.lab.worker_options import autoscale_of, worker_options


def read(app, **given):
    """Return the options of a worker."""
    return worker_options(app, "lab", **given)


@pytest.mark.parametrize(
    ("setting", "option", "name"),
    [
        ({"worker_concurrency": 7}, {"concurrency": 3}, "concurrency"),
        ({"worker_max_tasks_per_child": 7}, {"max_tasks_per_child": 3}, "max_tasks_per_child"),
        ({"task_time_limit": 7}, {"time_limit": 3}, "time_limit"),
        ({"task_time_limit": 7}, {"task_time_limit": 3}, "time_limit"),
        ({"task_soft_time_limit": 7}, {"soft_time_limit": 3}, "soft_time_limit"),
        ({"worker_state_db": "7"}, {"statedb": "3"}, "statedb"),
        ({"worker_prefetch_multiplier": 7}, {"prefetch_multiplier": 3}, "multiplier"),
    ],
)
def test_an_option_counts_before_its_setting(app, setting, option, name):
    """And the setting before nothing."""
    app.conf.update(setting)
    (asked,), (set_,) = option.values(), setting.values()
    assert getattr(read(app, **option), name) == asked
    assert getattr(read(app), name) == set_


def test_the_window_is_as_wide_as_the_pool_can_become(app):
    """Four messages for each body, the most with autoscaling."""
    assert [read(app, **given).prefetch for given in ({"concurrency": 3}, {"pool": "solo"}, {"autoscale": "5,2"})] == [
        12, 4, 20,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "means"), [("10,3", (10, 3)), ("10", (10, 0)), ((4, 2), (4, 2)), ([6], (6, 0)), (None, None)]
)
def test_bounds_are_read_as_celery_reads_them(said, means):
    """The most comes first."""
    assert autoscale_of(said) == means


def test_celerys_other_options_are_taken_and_ignored(app):
    """They mean something for processes and sockets."""
    assert read(app, optimization="fair", pidfile="x", without_gossip=True, use_eventloop=True, purge=False)


def test_listeners_of_celeryd_init_may_change_the_settings(lab, app):
    """They are told before anything is read, under the worker's name."""
    told = []

    def change(sender, conf, options, **_):
        told.append((sender, dict(options)))
        conf.worker_concurrency = 5

    signals.celeryd_init.connect(change, sender="w1@lab", weak=False, dispatch_uid="t")
    try:
        others, mine = (
            lab.start_worker(app, hostname="w0@lab"),
            lab.start_worker(app, hostname="w1@lab", pool="threads"),
        )
    finally:
        signals.celeryd_init.disconnect(sender="w1@lab", dispatch_uid="t")
    assert told == [("w1@lab", {"hostname": "w1@lab", "pool": "threads"})]
    assert (others.concurrency, mine.concurrency) == (2, 5)


def test_a_worker_tells_of_itself(lab, app, nap):
    """What remote control shows."""
    worker = lab.start_worker(app, hostname="w1@lab", concurrency=1)
    running, reserved, scheduled = nap.delay(5), nap.delay(6), nap.apply_async((7,), countdown=60)
    lab.advance(1)
    tell = worker.tell
    (shown,) = tell("active")
    assert (shown["id"], shown["args"], shown["acknowledged"], shown["worker_pid"]) == (running.id, [5], True, 11)
    assert shown["time_start"] == lab.clock.start.timestamp()
    assert [request["id"] for request in tell("reserved")] == [reserved.id]
    assert [entry["request"]["id"] for entry in tell("scheduled")] == [scheduled.id]
    assert tell("scheduled", safe=True)[0]["request"]["args"] == "(7,)"
    told = tell("stats")
    assert (told["total"], told["prefetch_count"], told["pool"]["processes"]) == ({"nap": 1}, 5, [11])


def test_queues_can_be_added_and_given_up(lab, app, nap):
    """A queue that is not there is made; what waits in the other one waits on."""
    worker = lab.start_worker(app, concurrency=1)
    worker.tell("add_queue", "hot")
    worker.tell("cancel_queue", "celery")
    hot, cold = nap.apply_async((1,), queue="hot"), nap.delay(1)
    lab.run()
    assert (hot.state, cold.state) == ("SUCCESS", "PENDING")
    assert lab.snapshot().workers["celery@lab"].queues == ("hot",)
    lab.rewind(len(lab.log) // 2)


@pytest.mark.parametrize(("limit", "wide"), [(None, 11), (9, 9), (4, 4)])
def test_scheduled_tasks_widen_the_window_as_far_as_that_is_allowed(lab, app, nap, limit, wide):
    """``worker_eta_task_limit``; what comes due narrows it by one each, as in Celery."""
    app.conf.worker_eta_task_limit = limit
    worker = lab.start_worker(app, concurrency=2)
    for _ in range(3):
        nap.apply_async((1,), countdown=5)
    lab.advance(1)
    assert worker.worker.consumer.qos.value == wide
    lab.run()
    assert worker.worker.consumer.qos.value == wide - 3
