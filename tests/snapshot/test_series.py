"""The task stream's bars and the depth of queues, from records."""

from __future__ import annotations

import pytest

from labq.log.record import (
    QUEUE_PURGED,
    TASK_FAILED,
    TASK_LIMITED,
    TASK_REVOKED,
    TASK_SCHEDULED,
    WORKER_STOPPED,
)
from labq.snapshot.model import Stage
from labq.snapshot.series import Doing, Row, depths, stream

BROKER = "amqp://guest:**@localhost:5672//"


def test_each_slot_has_a_row_even_when_nothing_ran_in_it(chronicle):
    """An idle slot is seen to be idle."""
    chronicle.worker(slots=2)
    assert stream(chronicle.log).rows == (Row("w1@lab", 1), Row("w1@lab", 2))


def test_a_run_is_a_bar_with_its_call_and_its_outcome(chronicle):
    """From the start of the body to its end, in its slot."""
    chronicle.worker()
    chronicle.at(1)
    chronicle.run("a")
    chronicle.at(3)
    chronicle.succeed("a")
    (bar,) = stream(chronicle.log).bars
    assert (bar.row, bar.doing, bar.call) == (Row("w1@lab", 1), Doing.RUNNING, "add(2, 2)")
    assert (bar.start, bar.end, bar.outcome) == (1_000_000, 3_000_000, Stage.SUCCESS)


def test_a_run_that_goes_on_has_no_end(chronicle):
    """The picture is drawn up to the last record."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.at(5)
    chronicle.send("b")
    series = stream(chronicle.log)
    running = next(bar for bar in series.bars if bar.doing is Doing.RUNNING)
    assert (running.end, running.outcome, series.us) == (None, None, 5_000_000)


def test_waiting_in_the_queue_and_in_the_worker_are_two_bars_on_the_queues_row(chronicle):
    """One sees where the time went."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.at(2)
    chronicle.reserve("a")
    chronicle.at(5)
    chronicle.acknowledge("a")
    chronicle.start("a")
    waits = [bar for bar in stream(chronicle.log).bars if bar.doing is not Doing.RUNNING]
    assert [(bar.row, bar.doing, bar.start, bar.end) for bar in waits] == [
        (Row(queue="celery"), Doing.QUEUED, 0, 2_000_000),
        (Row(queue="celery"), Doing.PREFETCHED, 2_000_000, 5_000_000),
    ]


def test_a_wait_of_no_time_is_no_bar(chronicle):
    """A task that starts at once shows only that it ran."""
    chronicle.worker()
    chronicle.run("a")
    assert [bar.doing for bar in stream(chronicle.log).bars] == [Doing.RUNNING]


@pytest.mark.parametrize(("retries", "doing"), [(0, Doing.ETA_WAIT), (2, Doing.RETRY_WAIT)])
def test_waiting_for_an_eta_and_for_the_next_try_look_different(chronicle, retries, doing):
    """Both are an ETA in the message; who looks wants to know which it is."""
    chronicle.worker()
    chronicle.send("a", retries=retries)
    chronicle.deliver("a")
    chronicle.append(TASK_SCHEDULED, "a", "w1@lab", 1, "2030-01-01T09:00:40+00:00")
    chronicle.at(40)
    chronicle.start("a")
    wait = next(bar for bar in stream(chronicle.log).bars if bar.doing is not Doing.RUNNING)
    assert (wait.doing, wait.end, wait.retries) == (doing, 40_000_000, retries)


def test_a_rate_limit_is_a_wait_of_its_own(chronicle):
    """It is the worker that waits, not the queue."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(TASK_LIMITED, "a", "w1@lab", 1, 6.0)
    chronicle.at(6)
    chronicle.start("a")
    assert Doing.RATE_WAIT in {bar.doing for bar in stream(chronicle.log).bars}


def test_a_wait_ends_when_the_task_is_called_off_or_purged(chronicle):
    """No bar is left open for a task that will never run."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.send("b")
    chronicle.at(4)
    chronicle.append(TASK_REVOKED, "a", "w1@lab", 1, "revoked")
    chronicle.append(QUEUE_PURGED, None, BROKER, "celery", 1)
    assert {(bar.task_id, bar.end) for bar in stream(chronicle.log).bars} == {("a", 4_000_000), ("b", 4_000_000)}


def test_a_worker_that_stops_ends_what_ran_in_it(chronicle):
    """The bar ends there, and not as done."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.at(2)
    chronicle.append(WORKER_STOPPED, None, "w1@lab", "cold")
    (bar,) = stream(chronicle.log).bars
    assert (bar.end, bar.outcome) == (2_000_000, Stage.LOST)


def test_bars_at_the_same_time_lie_on_different_lines_of_their_row(chronicle):
    """And a line is used again when it is free."""
    chronicle.send("a")
    chronicle.send("b")
    chronicle.at(3)
    chronicle.append(QUEUE_PURGED, None, BROKER, "celery", 2)
    chronicle.at(4)
    chronicle.send("c")
    chronicle.at(5)
    chronicle.send("d")
    series = stream(chronicle.log)
    assert {bar.task_id: bar.lane for bar in series.bars} == {"a": 0, "b": 1, "c": 0, "d": 1}
    assert series.lanes() == {Row(queue="celery"): 2}


def test_the_next_run_in_a_slot_is_a_bar_of_its_own(chronicle):
    """Failure and success in the same slot keep their outcomes."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.at(1)
    chronicle.append(TASK_FAILED, "a", "w1@lab", 1, "ValueError()", 1.0)
    chronicle.run("b")
    chronicle.at(2)
    chronicle.succeed("b")
    assert [bar.outcome for bar in stream(chronicle.log).bars] == [Stage.FAILURE, Stage.SUCCESS]


def test_the_depth_of_a_queue_counts_ready_and_unacked_messages(chronicle):
    """One point for each moment at which something changed, and one for the end."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.send("b")
    chronicle.at(1)
    chronicle.deliver("a")
    chronicle.at(2)
    chronicle.acknowledge("a")
    chronicle.at(9)
    chronicle.worker("w2@lab", first_child=21)
    (series,) = depths(chronicle.log)
    assert series.queue == "celery"
    assert series.points == ((0, 2, 0), (1_000_000, 1, 1), (2_000_000, 1, 0), (9_000_000, 1, 0))


def test_a_message_that_comes_back_makes_the_queue_deeper_again(chronicle):
    """Requeued is ready again; purged is gone."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.give_back("a")
    assert depths(chronicle.log)[0].points == ((0, 1, 0),)
    chronicle.at(1)
    chronicle.append(QUEUE_PURGED, None, BROKER, "celery", 1)
    assert depths(chronicle.log)[0].points[-1] == (1_000_000, 0, 0)
