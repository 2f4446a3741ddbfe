"""Why a task is not ready: the reason for every way of waiting."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labq.i18n import Words
from labq.log.record import (
    BODY_COMPUTED,
    BODY_SLEPT,
    MESSAGE_DEAD_LETTERED,
    MESSAGE_REJECTED,
    MESSAGE_UNROUTABLE,
    QUEUE_PURGED,
    RESULT_FORGOTTEN,
    RESULT_STORED,
    TASK_EXPIRED,
    TASK_FAILED,
    TASK_IGNORED,
    TASK_LIMITED,
    TASK_RETRIED,
    TASK_REVOKED,
    TASK_SCHEDULED,
    TASK_SUCCEEDED,
    TASK_UNREGISTERED,
    WORKER_STOPPED,
)
from labq.snapshot.fold import fold
from labq.snapshot.model import Stage
from labq.snapshot.why import ANSWERS, explain

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
BROKER = "amqp://guest:**@localhost:5672//"
ENGLISH = Words("en")


def why(chronicle, task_id="a"):
    """Return the reason and the steps in English."""
    explained = explain(fold(chronicle.log, START), task_id)
    return ENGLISH.say(explained.reason), [ENGLISH.say(step) for step in explained.steps]


def test_every_stage_has_an_answer():
    """There is no way of waiting that cannot be explained."""
    assert set(ANSWERS) == set(Stage)


def test_a_result_that_is_there_is_said_to_be_there(chronicle):
    """Nothing is waited for."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.at(2)
    chronicle.succeed("a")
    explained = explain(fold(chronicle.log, START), "a")
    assert explained.ready
    assert ENGLISH.say(explained.reason) == "the task is ready: SUCCESS, stored at 2.0 s"


def test_an_id_that_nobody_sent_is_pending_for_ever(chronicle):
    """Celery cannot tell it from a task that waits."""
    reason, steps = why(chronicle, "nobody")
    assert "no task with id nobody was sent in this lab" in reason
    assert steps == []


def test_a_task_on_its_way_waits_for_its_exchange(chronicle):
    """It has only just been published."""
    chronicle.publish("a")
    assert why(chronicle)[0] == "it was published, and exchange 'celery' has not routed it yet"


def test_a_task_on_its_way_to_the_default_exchange_waits_for_it_too(chronicle):
    """That exchange has no name to show."""
    chronicle.publish("a", queue="")
    assert why(chronicle)[0] == "it was published, and the default exchange has not routed it yet"


def test_a_queue_without_a_worker_would_wait_for_ever(chronicle):
    """The words of get() when nothing can make it ready."""
    chronicle.send("a")
    reason, steps = why(chronicle)
    assert reason == "no worker consumes from queue 'celery'; Celery would wait here for ever"
    assert steps[-1] == "no worker has been started for this broker"


def test_a_worker_that_consumes_from_elsewhere_is_named(chronicle):
    """The usual reason: the wrong -Q."""
    chronicle.worker(queues=("hipri", "low"))
    chronicle.send("a")
    reason, steps = why(chronicle)
    assert reason.startswith("no worker consumes from queue 'celery'")
    assert steps[-1] == "w1@lab runs, but consumes only from hipri, low"


def test_a_worker_that_has_stopped_is_named_with_the_moment(chronicle):
    """Another usual reason."""
    chronicle.worker()
    chronicle.at(3)
    chronicle.append(WORKER_STOPPED, None, "w1@lab", "warm")
    chronicle.send("a")
    reason, steps = why(chronicle)
    assert reason.startswith("no worker consumes from queue 'celery'")
    assert steps[-1] == "w1@lab consumed from it and stopped at 3.0 s"


@pytest.mark.parametrize(("before", "said"), [(1, "behind 1 other message"), (2, "behind 2 other messages")])
def test_a_task_waits_behind_those_that_came_before(chronicle, before, said):
    """How many there are is said in the right number."""
    chronicle.worker()
    for number in range(before):
        chronicle.send(f"earlier{number}")
    chronicle.send("a")
    assert why(chronicle)[0] == f"it waits in queue 'celery' {said}"


def test_the_first_in_the_queue_is_next(chronicle):
    """Nothing holds it up."""
    chronicle.worker()
    chronicle.send("a")
    assert why(chronicle)[0] == "it is the first in queue 'celery' and will be delivered next"


def test_full_prefetch_keeps_messages_in_the_queue(chronicle):
    """All that a worker may hold, it holds."""
    chronicle.worker(prefetch=1)
    chronicle.send("first")
    chronicle.reserve("first")
    chronicle.send("a")
    reason, steps = why(chronicle)
    assert reason == "it waits in queue 'celery': no worker may take more messages now"
    assert steps[-1] == "w1@lab holds 1 of the 1 unacknowledged messages that its prefetch allows"


def test_without_a_prefetch_limit_a_worker_is_never_full(chronicle):
    """Zero means no limit."""
    chronicle.worker(prefetch=0)
    chronicle.send("first")
    chronicle.reserve("first")
    chronicle.send("a")
    reason, steps = why(chronicle)
    assert reason == "it is the first in queue 'celery' and will be delivered next"
    assert steps[-1] == "w1@lab holds 1 unacknowledged message"


def test_a_prefetched_task_waits_for_busy_slots_while_another_worker_is_idle(chronicle):
    """The classic: one worker took more than it can run."""
    chronicle.worker("w1@lab", slots=1)
    chronicle.worker("w2@lab", slots=2, first_child=21)
    chronicle.at(8)
    chronicle.run("report")
    chronicle.at(21)
    chronicle.send("a")
    chronicle.reserve("a")
    reason, steps = why(chronicle)
    assert reason == "it waits in w1@lab, which took it ahead of time (prefetch), because its only slot is busy"
    assert steps == [
        "sent to exchange 'celery' at 21.0 s",
        "put into queue 'celery' at 21.0 s",
        "delivered to w1@lab at 21.0 s",
        "w1@lab slot 1 is busy with add(2, 2) since 8.0 s",
        "w2@lab has 2 idle slots and nothing to do",
    ]


def test_a_reserved_task_with_a_free_slot_is_next(chronicle):
    """It starts in the next step."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.reserve("a")
    assert why(chronicle)[0] == "w1@lab has it and will start it next"


def test_an_eta_in_the_future_is_waited_for(chronicle):
    """With the moment and with what is left."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.at(2)
    chronicle.append(TASK_SCHEDULED, "a", "w1@lab", 1, "2030-01-01T09:00:10+00:00")
    assert why(chronicle)[0] == "w1@lab keeps it until its ETA: 10.0 s, in 8.0 s"


def test_the_next_try_is_waited_for(chronicle):
    """A retry is an ETA too, and is called by its name."""
    chronicle.worker()
    chronicle.send("a", retries=1)
    chronicle.deliver("a")
    chronicle.append(TASK_SCHEDULED, "a", "w1@lab", 1, "2030-01-01T09:00:10+00:00")
    assert why(chronicle)[0] == "w1@lab keeps it until it is time to try again: 10.0 s, in 10.0 s"


def test_an_eta_that_cannot_be_read_is_still_waited_for(chronicle):
    """A strange header does not break the answer."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(TASK_SCHEDULED, "a", "w1@lab", 1, "soon")
    assert why(chronicle)[0] == "w1@lab keeps it until its ETA"


def test_a_rate_limit_holds_a_task_back(chronicle):
    """For so many seconds."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(TASK_LIMITED, "a", "w1@lab", 1, 6.0)
    assert why(chronicle)[0] == "w1@lab holds it back for its rate limit, for 6.0 s more"


@pytest.mark.parametrize(
    ("kind", "said"), [(BODY_SLEPT, "its body sleeps until 62.0 s"), (BODY_COMPUTED, "its body computes until 62.0 s")]
)
def test_a_running_task_is_running(chronicle, kind, said):
    """Where, since when, and what its body does."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.append(kind, "a", "w1@lab", 1, 62.0)
    reason, steps = why(chronicle)
    assert reason == "it is running on w1@lab slot 1 since 0.0 s"
    assert steps[-1] == said


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        (40.0, "it asked to be tried again at 40.0 s, and its new message is on its way"),
        (None, "it asked to be tried again, and its new message is on its way"),
    ],
)
def test_between_two_tries_the_last_exception_is_told(chronicle, wait, said):
    """The state is RETRY there."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.publish("a", retries=1)
    chronicle.append(TASK_RETRIED, "a", "w1@lab", 1, "OSError('down')", wait)
    reason, steps = why(chronicle)
    assert reason == said
    assert steps[-1] == "try 1 ended with OSError('down')"


def test_the_next_try_waits_in_its_queue_like_any_other_message(chronicle):
    """When no worker is left to take it, that is the reason."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.send("a", retries=1)
    chronicle.append(TASK_RETRIED, "a", "w1@lab", 1, "OSError('down')", 40.0)
    chronicle.append(WORKER_STOPPED, None, "w1@lab", "warm")
    reason, steps = why(chronicle)
    assert reason == "no worker consumes from queue 'celery'; Celery would wait here for ever"
    assert steps[-2:] == ["try 1 ended with OSError('down')", "w1@lab consumed from it and stopped at 0.0 s"]


@pytest.mark.parametrize("kind", [TASK_SUCCEEDED, TASK_FAILED])
def test_a_run_whose_result_nobody_kept_is_never_ready(chronicle, kind):
    """ignore_result, or no result backend."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.append(kind, "a", "w1@lab", 1, "4", 0.5)
    assert why(chronicle)[0] == (
        "it ran to its end at 0.0 s, but no result was stored: ignore_result is set, or no result backend is configured"
    )


def test_a_state_that_is_not_final_does_not_make_a_task_ready(chronicle):
    """STARTED is stored too."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.append(RESULT_STORED, "a", "cache+memory://", "STARTED", "{}", 9)
    assert why(chronicle)[0].startswith("it is running")


def test_a_task_that_raised_ignore_stays_pending(chronicle):
    """That is what Ignore is for."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.append(TASK_IGNORED, "a", "w1@lab", 1)
    assert why(chronicle)[0] == "its body raised Ignore, so no state is stored and it stays PENDING"


@pytest.mark.parametrize(
    ("told", "said"),
    [("not json", "its message was rejected: not json"), ("", "its message was rejected, and the broker dropped it")],
)
def test_a_rejected_message_is_gone(chronicle, told, said):
    """With the reason if there is one."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(MESSAGE_REJECTED, "a", BROKER, 1, "celery", "w1@lab", 1, told)
    assert why(chronicle)[0] == said


@pytest.mark.parametrize(
    ("kind", "fact", "said"),
    [
        (TASK_REVOKED, "revoked", "it was revoked before it could run"),
        (TASK_EXPIRED, "2030-01-01T09:00:00+00:00", "it expired before it could run"),
        (TASK_UNREGISTERED, "proj.add", "w1@lab knows no task named 'proj.add' and threw the message away"),
    ],
)
def test_a_task_that_no_worker_will_run_says_so(chronicle, kind, fact, said):
    """Called off, too late, or unknown."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(kind, "a", "w1@lab", 1, fact)
    assert why(chronicle)[0] == said


def test_an_unroutable_message_names_its_exchange_and_key(chronicle):
    """Nobody bound a queue for it."""
    chronicle.publish("a")
    chronicle.append(MESSAGE_UNROUTABLE, "a", BROKER, 1, "celery", "celery")
    assert why(chronicle)[0] == (
        "no queue is bound to exchange 'celery' with routing key 'celery', so the broker dropped the message"
    )


def test_an_unroutable_message_of_the_default_exchange_names_the_queue(chronicle):
    """There the key is the name of a queue."""
    chronicle.publish("a", queue="")
    chronicle.append(MESSAGE_UNROUTABLE, "a", BROKER, 1, "", "")
    assert why(chronicle)[0] == "there is no queue '', so the broker dropped the message"


def test_purged_and_dead_lettered_tasks_say_what_became_of_them(chronicle):
    """They were in a queue and left it without running."""
    chronicle.send("a")
    chronicle.append(QUEUE_PURGED, None, BROKER, "celery", 1)
    assert why(chronicle)[0] == "it was thrown away when queue 'celery' was purged"
    chronicle.send("b")
    chronicle.append(MESSAGE_DEAD_LETTERED, "b", BROKER, 2, "celery", "maxlen", "dlx")
    assert why(chronicle, "b")[0] == "it became a dead letter: maxlen"


def test_a_body_lost_with_its_worker_is_run_by_nobody(chronicle):
    """The price of early acknowledgement."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.at(3)
    chronicle.append(WORKER_STOPPED, None, "w1@lab", "cold")
    assert why(chronicle)[0].startswith("w1@lab stopped at 3.0 s while the body ran")


def test_a_forgotten_result_says_when(chronicle):
    """It was there once."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.succeed("a")
    chronicle.at(7)
    chronicle.append(RESULT_FORGOTTEN, "a", "cache+memory://")
    assert why(chronicle)[0] == "its result was forgotten at 7.0 s"


def test_a_message_taken_by_a_stranger_is_said_to_be_there(chronicle):
    """A consumer that is no worker of this lab has it."""
    chronicle.send("a")
    chronicle.deliver("a", "stranger")
    assert why(chronicle)[0] == "it was delivered to stranger"


def test_a_long_call_is_cut_in_an_explanation(chronicle):
    """A megabyte of arguments does not fill the answer."""
    chronicle.worker(slots=1)
    chronicle.send("long", args="(" + "1" * 5000 + ")")
    chronicle.reserve("long")
    chronicle.start("long")
    chronicle.send("a")
    chronicle.reserve("a")
    assert all(len(step) < 150 for step in why(chronicle)[1])
