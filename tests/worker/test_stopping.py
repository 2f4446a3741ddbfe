"""Warm, cold and soft: who may end, what returns to the queue, and who is told."""

from __future__ import annotations

import logging

import pytest

from labq import signals
from labq.exceptions import LabError


@pytest.fixture
def told():
    """The signals of a worker's end, in order."""
    heard = []
    for name in ("worker_shutting_down", "worker_process_shutdown", "worker_shutdown"):
        signal = getattr(signals, name)
        signal.connect(
            lambda name=name, **facts: heard.append((name, facts.get("how"), facts.get("exitcode"))),
            weak=False, dispatch_uid="t",
        )  # fmt: skip
    yield heard
    for name in ("worker_shutting_down", "worker_process_shutdown", "worker_shutdown"):
        getattr(signals, name).disconnect(dispatch_uid="t")


def depth(lab):
    """Return how many messages wait."""
    return lab.world.brokers[0].depth("celery")


def test_a_warm_stop_lets_bodies_end(lab, app, nap, late, told, back_and_forth):
    """What was reserved, scheduled or limited goes back."""
    worker = lab.start_worker(app, concurrency=2)
    running = [nap.delay(5), late.delay(5)]
    nap.delay(5)
    nap.apply_async((5,), countdown=100)
    lab.advance(1)
    worker.stop()
    lab.run()
    assert ([result.state for result in running], lab.time, depth(lab)) == (["SUCCESS", "SUCCESS"], 5.0, 2)
    assert told == [
        ("worker_shutting_down", "Warm", 0), ("worker_process_shutdown", None, 0),
        ("worker_process_shutdown", None, 0), ("worker_shutdown", None, None),
    ]  # fmt: skip
    back_and_forth()


def test_a_cold_stop_says_that_lost_tasks_will_be_retried(lab, app, nap, late, heard, told, back_and_forth):
    """A late message returns without a word."""
    worker = lab.start_worker(app, concurrency=3)
    early, unacked = nap.delay(60), late.delay(60)
    lab.advance(1)
    worker.stop("cold")
    lab.run()
    assert (early.state, unacked.state, depth(lab), lab.time) == ("RETRY", "PENDING", 1, 1.0)
    assert heard == ["SystemExit(-241)"]
    assert told == [
        *[("worker_process_shutdown", None, code) for code in (-241, -241, 0)], ("worker_shutting_down", "Cold", 1),
    ]  # fmt: skip
    back_and_forth()


def test_a_soft_stop_gives_some_time(lab, app, nap, late, caplog, back_and_forth):
    """``worker_soft_shutdown_timeout`` seconds, but no longer than there is something to wait for."""
    caplog.set_level(logging.WARNING)
    app.conf.worker_soft_shutdown_timeout = 10
    worker = lab.start_worker(app, concurrency=4)
    results = [nap.delay(5), late.delay(5), nap.delay(60), late.delay(60)]
    lab.advance(1)
    worker.stop("soft")
    lab.run()
    assert [result.state for result in results] == ["SUCCESS", "SUCCESS", "RETRY", "PENDING"]
    assert (lab.time, depth(lab)) == (11.0, 1)
    assert "Initiating Soft Shutdown, terminating in 10 seconds" in caplog.messages
    back_and_forth()


@pytest.mark.parametrize(("waits", "until"), [(False, 1.0), (True, 11.0)])
def test_an_idle_worker_stops_softly_at_once_unless_told_otherwise(lab, app, waits, until):
    """``worker_enable_soft_shutdown_on_idle``."""
    app.conf.update(worker_soft_shutdown_timeout=10, worker_enable_soft_shutdown_on_idle=waits)
    worker = lab.start_worker(app)
    lab.advance(1)
    worker.stop("soft")
    assert lab.time == until


def test_a_second_signal_ends_those_who_were_given_time(lab, app, nap):
    """The worker itself waits its time out, as Celery's does."""
    app.conf.worker_soft_shutdown_timeout = 10
    worker = lab.start_worker(app)
    result = nap.delay(60)
    lab.advance(1)
    worker.tell("stop", "soft")
    lab.advance(2)
    worker.tell("stop", "cold")
    assert (result.state, worker.online) == ("RETRY", True)
    lab.run()
    assert (lab.time, worker.online) == (11.0, False)


def test_a_cold_stop_waits_for_threads(lab, app, nap, late, told, back_and_forth):
    """Nobody can end them, so it is a warm one, but for the signals."""
    worker = lab.start_worker(app, pool="threads", concurrency=2)
    results = [nap.delay(5), late.delay(5), nap.delay(5)]
    lab.advance(1)
    worker.stop("cold")
    assert ([result.state for result in results], lab.time) == (["SUCCESS", "SUCCESS", "PENDING"], 5.0)
    assert told == [("worker_shutdown", None, None)]
    back_and_forth()


@pytest.mark.parametrize("pool", ["gevent", "eventlet", "solo"])
def test_a_cold_stop_ends_green_threads_and_a_solo_workers_body(lab, app, nap, late, heard, pool):
    """As it ends children."""
    worker = lab.start_worker(app, pool=pool, concurrency=2)
    results = [nap.delay(5), late.delay(5)]
    lab.advance(1)
    worker.stop("cold")
    lab.run()
    assert ([result.state for result in results], lab.time) == (["RETRY", "PENDING"], 1.0)
    assert (heard, depth(lab)) == (["GreenletExit()"], 1)


def test_a_worker_can_be_started_anew(lab, app, nap, back_and_forth):
    """With the options it had."""
    worker = lab.start_worker(app, hostname="w1@lab", concurrency=1)
    nap.delay(5)
    nap.delay(5)
    lab.advance(1)
    worker.restart()
    lab.run()
    assert (lab.time, len(lab.log.select("worker-started"))) == (10.0, 2)
    back_and_forth()


def test_a_stopped_worker_takes_no_orders(lab, app):
    """It says so."""
    worker = lab.start_worker(app, hostname="w1@lab")
    worker.stop()
    with pytest.raises(LabError, match="no worker called 'w1@lab' is running"):
        worker.tell("grow", 1)
