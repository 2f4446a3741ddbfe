"""The log: append, look, listen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labq.kernel.clock import Clock
from labq.log.log import Log
from labq.log.record import (
    BODY_SLEPT,
    KINDS,
    MESSAGE_DELIVERED,
    QUEUE_DECLARED,
    TASK_STARTED,
    TASK_SUCCEEDED,
    WORKER_STOPPED,
    Kind,
)


@pytest.fixture
def clock() -> Clock:
    """A clock at its beginning."""
    return Clock(datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture
def log(clock) -> Log:
    """An empty log."""
    return Log(clock)


def test_a_record_has_its_number_moment_kind_task_and_facts(log, clock):
    """By place, by attribute and by name."""
    clock.move(1_500_000)
    log.append(BODY_SLEPT, "a", "w1@lab", 2, 3.5)
    record = log[0]
    assert tuple(record) == (0, 1_500_000, "body-slept", "a", ("w1@lab", 2, 3.5))
    assert (record.time, record["seconds"], record[3], record[:2]) == (1.5, 3.5, "a", (0, 1_500_000))
    assert record.named() == {"worker": "w1@lab", "slot": 2, "seconds": 3.5}


def test_each_record_keeps_the_moment_at_which_it_was_written(log, clock):
    """Also when nothing happened at some moments, and whichever way the log is read."""
    for us in (0, 0, 10, 20, 20, 30, 40):
        clock.move(us)
        if us != 30:
            log.append(QUEUE_DECLARED, None, "amqp://", str(us))
    moments = [0, 0, 10, 20, 20, 40]
    assert [record.us for record in log] == [log[place].us for place in range(6)] == moments
    assert [record.us for record in log[1:]] == moments[1:]
    assert log[-1].us == 40


def test_a_fact_that_a_kind_has_not_is_an_error(log):
    """And not silently nothing."""
    log.append(QUEUE_DECLARED, None, "amqp://", "celery")
    with pytest.raises(KeyError):
        log[0]["exchange"]


def test_nobody_changes_a_record(log):
    """It is a value."""
    log.append(QUEUE_DECLARED, None, "amqp://", "celery")
    with pytest.raises(AttributeError):
        log[0].us = 5
    assert log[0] == log[0]


def test_a_record_reads_as_one_line(log):
    """Number, time, kind, task, facts."""
    log.append(QUEUE_DECLARED, None, "amqp://", "celery")
    log.append(WORKER_STOPPED, None, "w1@lab", "warm")
    assert str(log[0]).split() == ["0", "0.000", "queue-declared", "broker='amqp://'", "queue='celery'"]
    assert "\n" not in str(log[1])


def test_a_log_is_a_sequence(log):
    """Length, places from both ends, slices, iteration."""
    for name in "abc":
        log.append(QUEUE_DECLARED, None, "amqp://", name)
    assert len(log) == 3
    assert [record["queue"] for record in log] == ["a", "b", "c"]
    assert (log[-1]["queue"], [record["queue"] for record in log[1:]]) == ("c", ["b", "c"])
    assert log[-1].number == 2
    with pytest.raises(IndexError):
        log[3]


def test_select_by_kind_by_task_and_by_both(log):
    """Neither gives everything."""
    log.append(TASK_STARTED, "a", "w1@lab", 1, 1, 0)
    log.append(TASK_STARTED, "b", "w1@lab", 2, 2, 0)
    log.append(TASK_SUCCEEDED, "a", "w1@lab", 1, "3", 0.0)

    def numbers(**wanted):
        return [record.number for record in log.select(**wanted)]

    assert numbers() == [0, 1, 2]
    assert numbers(kind="task-started") == [0, 1]
    assert numbers(task_id="a") == [0, 2]
    assert numbers(kind="task-started", task_id="a") == [0]
    assert numbers(task_id="nobody") == []


def test_a_story_grows_with_the_log(log):
    """Asked for twice, with something in between."""
    log.append(TASK_STARTED, "a", "w1@lab", 1, 1, 0)
    assert len(log.story("a")) == 1
    log.append(QUEUE_DECLARED, None, "amqp://", "celery")
    log.append(TASK_SUCCEEDED, "a", "w1@lab", 1, "3", 0.0)
    assert [record.number for record in log.story("a")] == [0, 2]
    assert log.story("b") == ()


def test_the_vocabulary_is_closed_and_every_kind_names_its_facts():
    """A kind is its name; no two are alike."""
    assert all(isinstance(kind, Kind) and kind == name and kind.fields for name, kind in KINDS.items())
    assert MESSAGE_DELIVERED.places["queue"] == MESSAGE_DELIVERED.fields.index("queue")
    with pytest.raises(KeyError):
        KINDS["something-else"]


# -- listening -------------------------------------------------------------------------------------------------------
def test_a_subscriber_hears_each_record_until_it_leaves(log):
    """Leaving twice is no mistake."""
    heard = []
    leave = log.subscribe(heard.append)
    log.append(QUEUE_DECLARED, None, "amqp://", "a")
    leave()
    leave()
    log.append(QUEUE_DECLARED, None, "amqp://", "b")
    assert [record["queue"] for record in heard] == ["a"]


def test_a_subscriber_that_raises_is_removed_and_a_record_says_so(log):
    """The others go on hearing, that record too."""
    heard = []

    def broken(_):
        raise ValueError("no more")

    log.subscribe(broken)
    log.subscribe(heard.append)
    log.append(QUEUE_DECLARED, None, "amqp://", "a")
    log.append(QUEUE_DECLARED, None, "amqp://", "b")
    assert [record.kind for record in log] == ["queue-declared", "subscriber-removed", "queue-declared"]
    assert "broken" in log[1]["subscriber"]
    assert log[1]["error"] == "ValueError: no more"
    assert sorted(record.number for record in heard) == [0, 1, 2]


def test_two_subscribers_that_raise_are_removed_once_each(log):
    """The second hears of the removal of the first, and raises then."""

    def first(_):
        raise ValueError("first")

    def second(_):
        raise ValueError("second")

    log.subscribe(first)
    log.subscribe(second)
    log.append(QUEUE_DECLARED, None, "amqp://", "a")
    assert [record["error"] for record in log.select(kind="subscriber-removed")] == [
        "ValueError: first",
        "ValueError: second",
    ]


def test_a_subscriber_that_left_while_the_others_were_told_hears_nothing(log):
    """Leaving counts at once."""
    heard, leaves = [], []
    log.subscribe(lambda _: leaves[0]())
    leaves.append(log.subscribe(heard.append))
    log.append(QUEUE_DECLARED, None, "amqp://", "a")
    assert heard == []


def test_where_two_logs_part(log):
    """The first record that differs or is missing; none when one begins with the other."""
    other = Log(Clock(datetime(2030, 1, 1, tzinfo=UTC)))
    for each in (log, other):
        each.append(QUEUE_DECLARED, None, "amqp://", "a")
    other.append(QUEUE_DECLARED, None, "amqp://", "b")
    assert (log.parts_from(other), other.parts_from(log)) == (None, 1)
    log.append(QUEUE_DECLARED, None, "amqp://", "c")
    assert log.parts_from(other) == 1
