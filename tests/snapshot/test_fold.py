"""Folding records into the picture of the world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from labq.exceptions import LabError
from labq.log.record import (
    BEAT_STARTED,
    BEAT_STOPPED,
    BODY_COMPUTED,
    BODY_SLEPT,
    CHILD_LOST,
    CHILD_STARTED,
    EXCHANGE_DELETED,
    KINDS,
    MESSAGE_DEAD_LETTERED,
    MESSAGE_DELIVERED,
    MESSAGE_PUBLISHED,
    MESSAGE_QUEUED,
    MESSAGE_REDELIVERED,
    MESSAGE_REJECTED,
    MESSAGE_ROUTED,
    MESSAGE_UNROUTABLE,
    QUEUE_DECLARED,
    QUEUE_PURGED,
    QUEUE_UNBOUND,
    RESULT_FORGOTTEN,
    RESULT_STORED,
    SCHEDULE_DUE,
    TASK_EXPIRED,
    TASK_FAILED,
    TASK_IGNORED,
    TASK_LIMITED,
    TASK_REJECTED,
    TASK_RETRIED,
    TASK_REVOKED,
    TASK_SCHEDULED,
    TASK_UNREGISTERED,
    WORKER_STOPPED,
)
from labq.snapshot.fold import STEPS, Fold, fold
from labq.snapshot.model import ENDED, Stage

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
BROKER = "amqp://guest:**@localhost:5672//"


def picture(chronicle):
    """Return the snapshot of the whole log."""
    return fold(chronicle.log, START)


def test_every_kind_of_record_has_its_place_in_the_fold():
    """A kind that the fold does not know would be a thing that no view can show."""
    assert set(STEPS) == set(KINDS)


def test_the_picture_of_nothing_is_empty_and_shows_the_start():
    """A lab in which nothing happened can be looked at."""
    empty = fold([], START)
    assert (empty.records, empty.time, empty.now, dict(empty.tasks)) == (0, 0.0, START, {})
    assert empty.last is None


def test_the_picture_shows_when_it_was_taken(chronicle):
    """Time is that of the last record, as seconds and as a date."""
    chronicle.at(63.2)
    chronicle.queue()
    seen = picture(chronicle)
    assert (seen.records, seen.time, seen.now) == (3, 63.2, START + timedelta(seconds=63.2))


def test_time_can_pass_without_a_record(chronicle):
    """The clock moves on while nobody does anything; it never moves back."""
    chronicle.at(2)
    chronicle.worker()
    seen = picture(chronicle)
    assert (seen.later(9_000_000).time, seen.later(9_000_000).workers) == (9.0, seen.workers)
    assert seen.later(1_000_000) == seen


def test_exchanges_queues_and_bindings_are_seen_as_declared(chronicle):
    """The way that a message can go is part of the picture."""
    chronicle.queue("celery")
    broker = picture(chronicle).brokers[BROKER]
    assert dict(broker.exchanges) == {"celery": "direct"}
    assert [(binding.queue, binding.routing_key) for binding in broker.bindings] == [("celery", "celery")]
    assert broker.queues["celery"].ready == ()


def test_a_message_is_on_its_way_until_every_queue_has_it(chronicle):
    """Between two steps a message belongs to no queue, and is still somewhere."""
    chronicle.publish("a")
    assert [transit.message.task_id for transit in picture(chronicle).brokers[BROKER].transit] == ["a"]
    chronicle.append(MESSAGE_ROUTED, "a", BROKER, 1, "celery", "celery", ("one", "two"))
    chronicle.append(MESSAGE_QUEUED, "a", BROKER, 1, "one", 1)
    broker = picture(chronicle).brokers[BROKER]
    assert [transit.queues for transit in broker.transit] == [("two",)]
    chronicle.append(MESSAGE_QUEUED, "a", BROKER, 1, "two", 1)
    assert picture(chronicle).brokers[BROKER].transit == ()


def test_a_queue_shows_its_messages_in_order_with_their_calls(chronicle):
    """First in, first drawn."""
    chronicle.send("a", "proj.add", "(1, 2)")
    chronicle.send("b", "proj.add", "(3, 4)", ready=2)
    queue = picture(chronicle).queue(BROKER, "celery")
    assert [message.call for message in queue.ready] == ["add(1, 2)", "add(3, 4)"]
    assert queue.queued == 2


def test_a_delivered_message_is_unacknowledged_and_prefetched(chronicle):
    """The broker counts it as unacked, the worker holds it."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    seen = picture(chronicle)
    queue, worker = seen.queue(BROKER, "celery"), seen.workers["w1@lab"]
    assert queue.ready == ()
    assert [(held.consumer, held.tag, held.redelivered) for held in queue.unacked] == [("w1@lab", 1, False)]
    assert [message.task_id for message in worker.prefetched] == ["a"]
    assert seen.unacked("w1@lab") == queue.unacked


def test_a_redelivered_message_is_marked(chronicle):
    """A worker can see that somebody had it before."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.append(MESSAGE_REDELIVERED, "a", BROKER, 1, "celery", "w1@lab", 1)
    assert picture(chronicle).queue(BROKER, "celery").unacked[0].redelivered


def test_a_message_that_comes_back_goes_before_those_published_after_it(chronicle):
    """RabbitMQ puts a requeued message back where it was."""
    chronicle.worker()
    for task_id in "abc":
        chronicle.send(task_id)
    chronicle.deliver("a")
    chronicle.deliver("b")
    chronicle.give_back("b", tag=2)
    chronicle.give_back("a", tag=1)
    seen = picture(chronicle)
    assert [message.task_id for message in seen.queue(BROKER, "celery").ready] == ["a", "b", "c"]
    assert seen.workers["w1@lab"].prefetched == ()
    assert (seen.tasks["a"].stage, seen.tasks["a"].worker) == (Stage.QUEUED, None)


def test_an_early_acknowledgement_leaves_the_task_where_it_is(chronicle):
    """The broker forgets the message while the body goes on."""
    chronicle.worker()
    chronicle.run("a")
    seen = picture(chronicle)
    assert seen.queue(BROKER, "celery").unacked == ()
    assert seen.workers["w1@lab"].slots[0].message.task_id == "a"
    assert seen.tasks["a"].stage is Stage.STARTED


def test_a_slot_shows_what_runs_in_it_and_since_when(chronicle):
    """Slots are numbered from one and know their child."""
    chronicle.worker()
    chronicle.at(8)
    chronicle.run("a", slot=2)
    first, second = picture(chronicle).workers["w1@lab"].slots
    assert (first.number, first.child, first.busy) == (1, 11, False)
    assert (second.number, second.child, second.busy, second.since) == (2, 12, True, 8_000_000)


@pytest.mark.parametrize(("kind", "sleeping"), [(BODY_SLEPT, True), (BODY_COMPUTED, False)])
def test_a_body_that_waits_shows_until_when(chronicle, kind, sleeping):
    """Sleeping and computing look different and both end at a known moment."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.at(2)
    chronicle.append(kind, "a", "w1@lab", 1, 3.5)
    slot = picture(chronicle).workers["w1@lab"].slots[0]
    assert (slot.until, slot.sleeping, slot.since) == (5_500_000, sleeping, 0)


def test_a_task_that_returned_frees_its_slot_and_has_a_result(chronicle):
    """Success is seen in three places: the slot, the task, the backend."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.succeed("a", "4")
    seen = picture(chronicle)
    assert not seen.workers["w1@lab"].slots[0].busy
    assert (seen.tasks["a"].stage, seen.tasks["a"].result, seen.tasks["a"].runs) == (Stage.SUCCESS, "4", 1)
    assert (seen.result("a").state, seen.result("a").result) == ("SUCCESS", "4")


@pytest.mark.parametrize(
    ("kind", "facts", "stage", "reason"),
    [
        (TASK_FAILED, ("ValueError('no')", 0.5), Stage.FAILURE, "ValueError('no')"),
        (TASK_RETRIED, ("OSError()", 40.0), Stage.RETRY, "OSError()"),
        (TASK_REJECTED, (False,), Stage.REJECTED, None),
        (TASK_IGNORED, (), Stage.IGNORED, None),
    ],
)
def test_every_end_of_a_run_frees_the_slot_and_is_remembered(chronicle, kind, facts, stage, reason):
    """However a body ends, its slot is free and its task says how."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.append(kind, "a", "w1@lab", 1, *facts)
    seen = picture(chronicle)
    assert not seen.workers["w1@lab"].slots[0].busy
    assert (seen.tasks["a"].stage, seen.tasks["a"].reason) == (stage, reason)


def test_a_retry_that_is_published_while_the_body_runs_does_not_hide_that_it_runs(chronicle):
    """Celery sends the next try before the present one has ended."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.send("a", retries=1)
    running = picture(chronicle)
    assert (running.tasks["a"].stage, running.tasks["a"].worker) == (Stage.STARTED, "w1@lab")
    assert [message.retries for message in running.queue(BROKER, "celery").ready] == [1]
    chronicle.append(TASK_RETRIED, "a", "w1@lab", 1, "OSError()", 40.0)
    task = picture(chronicle).tasks["a"]
    assert (task.stage, task.retries, task.until) == (Stage.RETRY, 1, 40_000_000)


def test_an_eta_puts_the_message_on_the_shelf_and_opens_the_window(chronicle):
    """Celery asks for one more message for each that waits for its time."""
    chronicle.worker(prefetch=8)
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(TASK_SCHEDULED, "a", "w1@lab", 1, "2030-01-01T09:01:20+00:00")
    seen = picture(chronicle)
    worker = seen.workers["w1@lab"]
    assert [(kept.message.task_id, kept.until, kept.limited) for kept in worker.shelf] == [("a", 80_000_000, False)]
    assert (worker.prefetched, worker.window) == ((), 9)
    assert (seen.tasks["a"].stage, seen.tasks["a"].until) == (Stage.SCHEDULED, 80_000_000)


def test_a_rate_limit_puts_the_message_on_the_shelf_and_leaves_the_window(chronicle):
    """A task that is held back still counts against the prefetch limit."""
    chronicle.worker(prefetch=8)
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(TASK_LIMITED, "a", "w1@lab", 1, 6.0)
    worker = picture(chronicle).workers["w1@lab"]
    assert [(kept.until, kept.limited) for kept in worker.shelf] == [(6_000_000, True)]
    assert worker.window == 8


def test_a_message_leaves_the_shelf_when_its_time_has_come(chronicle):
    """From the shelf it is reserved, from there it starts."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(TASK_SCHEDULED, "a", "w1@lab", 1, "2030-01-01T09:00:05+00:00")
    chronicle.at(5)
    chronicle.start("a")
    worker = picture(chronicle).workers["w1@lab"]
    assert (worker.shelf, worker.prefetched, worker.slots[0].message.call) == ((), (), "add(2, 2)")


@pytest.mark.parametrize(
    ("kind", "facts", "stage"),
    [
        (TASK_REVOKED, ("revoked",), Stage.REVOKED),
        (TASK_EXPIRED, ("2030-01-01T09:00:00+00:00",), Stage.EXPIRED),
        (TASK_UNREGISTERED, ("proj.gone",), Stage.UNREGISTERED),
    ],
)
def test_a_message_that_will_not_run_leaves_the_worker(chronicle, kind, facts, stage):
    """Revoked, expired and unknown tasks are held by nobody."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(kind, "a", "w1@lab", 1, *facts)
    seen = picture(chronicle)
    assert seen.workers["w1@lab"].prefetched == ()
    assert seen.tasks["a"].stage is stage


def test_an_unroutable_message_is_counted_and_gone(chronicle):
    """Nobody holds it; the broker remembers that there was one."""
    chronicle.publish("a")
    chronicle.append(MESSAGE_UNROUTABLE, "a", BROKER, 1, "celery", "nowhere")
    seen = picture(chronicle)
    assert (seen.brokers[BROKER].transit, seen.brokers[BROKER].unroutable) == ((), 1)
    assert seen.tasks["a"].stage is Stage.UNROUTABLE


def test_a_rejected_message_ends_its_task_unless_that_has_an_end_already(chronicle):
    """A failure stays a failure when its message is thrown away after it."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.deliver("a")
    chronicle.append(MESSAGE_REJECTED, "a", BROKER, 1, "celery", "w1@lab", 1, "not json")
    seen = picture(chronicle)
    assert (seen.tasks["a"].stage, seen.tasks["a"].reason) == (Stage.REJECTED, "not json")
    assert seen.unacked("w1@lab") == ()
    chronicle.run("b")
    chronicle.append(TASK_FAILED, "b", "w1@lab", 1, "ValueError()", 0.0)
    chronicle.append(MESSAGE_REJECTED, "b", BROKER, 2, "celery", "w1@lab", 2, "failed")
    assert picture(chronicle).tasks["b"].stage is Stage.FAILURE


def test_a_purge_empties_the_queue_and_says_what_became_of_the_tasks(chronicle):
    """Purged tasks never run."""
    chronicle.send("a")
    chronicle.append(QUEUE_PURGED, None, BROKER, "celery", 1)
    seen = picture(chronicle)
    assert seen.queue(BROKER, "celery").ready == ()
    assert seen.tasks["a"].stage is Stage.PURGED


def test_a_dead_letter_leaves_its_queue_for_another_exchange(chronicle):
    """It is on its way again."""
    chronicle.send("a")
    chronicle.append(MESSAGE_DEAD_LETTERED, "a", BROKER, 1, "celery", "expired", "dlx")
    seen = picture(chronicle)
    assert seen.queue(BROKER, "celery").ready == ()
    assert [transit.message.task_id for transit in seen.brokers[BROKER].transit] == ["a"]
    assert (seen.tasks["a"].stage, seen.tasks["a"].reason) == (Stage.DEAD_LETTERED, "expired")


def test_a_stopped_worker_holds_nothing_and_a_body_that_ran_is_lost(chronicle):
    """With early acknowledgement nobody gets the message again."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.at(3)
    chronicle.append(WORKER_STOPPED, None, "w1@lab", "cold")
    seen = picture(chronicle)
    worker = seen.workers["w1@lab"]
    assert (worker.online, worker.how, worker.since, worker.idle) == (False, "cold", 3_000_000, 2)
    assert seen.tasks["a"].stage is Stage.LOST
    assert seen.consumers(BROKER, "celery") == ()


def test_a_body_whose_message_went_back_is_not_lost_with_its_worker(chronicle):
    """With late acknowledgement the message returns to the queue before the worker is gone."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.reserve("a")
    chronicle.start("a")
    chronicle.give_back("a")
    chronicle.append(WORKER_STOPPED, None, "w1@lab", "cold")
    assert picture(chronicle).tasks["a"].stage is Stage.QUEUED


def test_a_worker_that_starts_again_is_new(chronicle):
    """Nothing of its earlier life is left."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.append(WORKER_STOPPED, None, "w1@lab", "cold")
    chronicle.worker(first_child=21)
    worker = picture(chronicle).workers["w1@lab"]
    assert (worker.online, [slot.child for slot in worker.slots], worker.idle) == (True, [21, 22], 2)


def test_a_lost_child_is_replaced_by_the_next_generation(chronicle):
    """The slot says how many children it has had."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.append(CHILD_LOST, None, "w1@lab", 1, 11, "signal 9")
    slot = picture(chronicle).workers["w1@lab"].slots[0]
    assert (slot.child, slot.busy) == (None, False)
    chronicle.append(TASK_FAILED, "a", "w1@lab", 1, "WorkerLostError('signal 9')", 0.0)
    chronicle.append(CHILD_STARTED, None, "w1@lab", 1, 13)
    seen = picture(chronicle)
    assert (seen.workers["w1@lab"].slots[0].child, seen.workers["w1@lab"].slots[0].generation) == (13, 2)
    assert seen.tasks["a"].stage is Stage.FAILURE


def test_a_failure_after_the_message_went_back_leaves_the_task_queued(chronicle):
    """With reject_on_worker_lost the run has failed and the task has not."""
    chronicle.worker()
    chronicle.send("a")
    chronicle.reserve("a")
    chronicle.start("a")
    chronicle.append(CHILD_LOST, None, "w1@lab", 1, 11, "signal 9")
    chronicle.give_back("a")
    chronicle.append(TASK_FAILED, "a", "w1@lab", 1, "WorkerLostError('signal 9')", 0.0)
    task = picture(chronicle).tasks["a"]
    assert (task.stage, task.reason) == (Stage.QUEUED, "WorkerLostError('signal 9')")


def test_a_forgotten_result_is_gone_and_the_task_remembers_when(chronicle):
    """After forget() the backend has nothing."""
    chronicle.worker()
    chronicle.run("a")
    chronicle.succeed("a")
    chronicle.at(9)
    chronicle.append(RESULT_FORGOTTEN, "a", "cache+memory://")
    seen = picture(chronicle)
    assert (seen.result("a"), seen.tasks["a"].forgotten) == (None, 9_000_000)


def test_the_newest_of_several_results_counts(chronicle):
    """Two backends may know the same task."""
    chronicle.append(RESULT_STORED, "a", "one://", "SUCCESS", "1", 9)
    chronicle.at(1)
    chronicle.append(RESULT_STORED, "a", "two://", "SUCCESS", "2", 9)
    assert picture(chronicle).result("a").result == "2"


def test_a_consumer_that_is_no_worker_takes_messages_too(chronicle):
    """A client reads the replies of rpc:// from a queue of its own."""
    chronicle.append(MESSAGE_PUBLISHED, None, BROKER, 1, "", "reply", None, None, None, None, None, None, 50)
    chronicle.append(MESSAGE_QUEUED, None, BROKER, 1, "reply", 1)
    chronicle.append(MESSAGE_DELIVERED, None, BROKER, 1, "reply", "client 1a2b", 1, False)
    seen = picture(chronicle)
    assert [held.consumer for held in seen.queue(BROKER, "reply").unacked] == ["client 1a2b"]
    assert (dict(seen.workers), dict(seen.tasks)) == ({}, {})


def test_a_log_that_begins_in_the_middle_gives_a_picture_with_gaps(chronicle):
    """A real cluster's events may have begun before anybody listened."""
    chronicle.append(MESSAGE_DELIVERED, "a", BROKER, 7, "celery", "w1@lab", 1, False)
    chronicle.append(TASK_FAILED, "a", "w1@lab", 2, "ValueError()", 0.1)
    seen = picture(chronicle)
    assert seen.tasks["a"].stage is Stage.FAILURE
    assert seen.queue(BROKER, "celery").unacked[0].message.call == "?()"


def test_the_stages_of_an_end_are_those_from_success_on():
    """No stage of waiting or running counts as an end."""
    assert Stage.STARTED not in ENDED
    assert Stage.RETRY not in ENDED
    assert {Stage.SUCCESS, Stage.FAILURE, Stage.UNROUTABLE, Stage.LOST} <= ENDED


# -- any moment --------------------------------------------------------------------------------------------------------
def lives(chronicle, count):
    """Write *count* whole lives of tasks."""
    chronicle.queue()
    chronicle.worker()
    for number in range(count):
        chronicle.at(number)
        chronicle.run(f"t{number}")
        chronicle.succeed(f"t{number}", str(number))


def test_looking_anywhere_gives_the_fold_of_that_many_records(chronicle):
    """Going forward, back, and back again never changes what is seen."""
    lives(chronicle, 20)
    moments = Fold(chronicle.log, START, every=7, most=5)
    length = len(chronicle.log)
    for n in [length, 0, 3, length // 2, length // 3, length - 1, 1, length]:
        assert moments.at(n) == fold(chronicle.log[:n], START)


def test_looking_at_a_log_that_grows_shows_what_is_new(chronicle):
    """The same fold follows the log."""
    lives(chronicle, 2)
    moments = Fold(chronicle.log, START)
    before = moments.at()
    chronicle.run("late")
    assert "late" not in before.tasks
    assert moments.at().tasks["late"].stage is Stage.STARTED
    assert "late" not in before.tasks


def test_the_same_moment_twice_is_the_same_picture(chronicle):
    """Nothing is drawn again when nothing has happened."""
    lives(chronicle, 2)
    moments = Fold(chronicle.log, START)
    assert moments.at() is moments.at()


def test_there_are_never_more_checkpoints_than_allowed(chronicle):
    """A long log costs a bounded number of checkpoints, spread over all of it."""
    lives(chronicle, 100)
    moments = Fold(chronicle.log, START, every=5, most=8)
    moments.at()
    places = [checkpoint.records for checkpoint in moments._checkpoints]
    assert len(places) <= 8
    assert places[0] == 0
    assert places[-1] > len(chronicle.log) / 2


@pytest.mark.parametrize("n", [-1, 4])
def test_a_place_that_the_log_does_not_have_is_an_error_that_names_the_last(chronicle, n):
    """The hint says which places there are."""
    chronicle.queue()
    with pytest.raises(LabError, match=rf"The log has no place {n}(.|\n)*from 0 .* to 3 "):
        Fold(chronicle.log, START).at(n)


def test_no_picture_can_be_changed(chronicle):
    """Two people who look at the same moment see the same."""
    lives(chronicle, 1)
    seen = picture(chronicle)
    with pytest.raises(AttributeError):
        seen.tasks["t0"].stage = Stage.LOST
    with pytest.raises(TypeError):
        seen.tasks["t1"] = seen.tasks["t0"]


def test_a_beat_counts_what_it_sends_until_it_stops(chronicle):
    """What could not be sent was due, and is not counted."""
    chronicle.append(BEAT_STARTED, None, "celerybeat@lab")
    chronicle.append(SCHEDULE_DUE, "a", "celerybeat@lab", "ten", "tick", True)
    chronicle.append(SCHEDULE_DUE, None, "celerybeat@lab", "wrong", "tick", False)
    beat = picture(chronicle).beats["celerybeat@lab"]
    assert (beat.online, beat.sent, beat.entry) == (True, 1, "wrong")
    chronicle.append(BEAT_STOPPED, None, "celerybeat@lab", "stopped")
    beat = picture(chronicle).beats["celerybeat@lab"]
    assert (beat.online, beat.sent, beat.how) == (False, 1, "stopped")


def test_a_queue_with_priorities_is_drawn_in_its_order(chronicle):
    """The most urgent first; a message that comes back keeps its place among its equals."""
    chronicle.append(QUEUE_DECLARED, None, BROKER, "celery", "x-max-priority=5 x-foo=1")
    for number, priority in enumerate((0, 9, 3, 5), start=1):
        chronicle.append(
            MESSAGE_PUBLISHED, f"t{number}", BROKER, number, "", "celery", "t", "()", "{}", None, 0, "gen", 90, priority
        )
        chronicle.append(MESSAGE_QUEUED, f"t{number}", BROKER, number, "celery", number)
    seen = picture(chronicle).queue(BROKER, "celery")
    assert [message.task_id for message in seen.ready] == ["t2", "t4", "t3", "t1"]
    assert (seen.max_priority, seen.arguments) == (5, "x-max-priority=5 x-foo=1")


def test_a_message_that_is_dropped_is_nowhere_any_more(chronicle):
    """Without a dead letter exchange it is on no way; a message that a full queue refuses neither."""
    chronicle.send("a")
    chronicle.append(MESSAGE_DEAD_LETTERED, "a", BROKER, 1, "celery", "expired", None)
    chronicle.publish("b")
    chronicle.append(MESSAGE_ROUTED, "b", BROKER, 2, "celery", "celery", ("celery",))
    chronicle.append(MESSAGE_DEAD_LETTERED, "b", BROKER, 2, "celery", "maxlen", None)
    seen = picture(chronicle)
    assert (seen.queue(BROKER, "celery").ready, seen.brokers[BROKER].transit) == ((), ())


def test_what_is_unbound_or_deleted_is_drawn_no_more(chronicle):
    """Bindings go with their exchange."""
    chronicle.queue("a")
    chronicle.queue("b")
    chronicle.append(QUEUE_UNBOUND, None, BROKER, "a", "a", "a")
    assert [binding.queue for binding in picture(chronicle).brokers[BROKER].bindings] == ["b"]
    chronicle.append(EXCHANGE_DELETED, None, BROKER, "b")
    seen = picture(chronicle).brokers[BROKER]
    assert (seen.bindings, list(seen.exchanges)) == ((), ["a"])
