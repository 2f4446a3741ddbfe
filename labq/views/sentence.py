"""A record in words: one sentence that says what happened.

Comes in: a record, and the snapshot right after it, which knows the names. Goes out: a ``Text``, still to be said in
some language.
Next door: ``labq.views.room`` says the step that was made; ``records`` and ``story`` are lists of such sentences.
Celery: ``celery.events.dumper.humanize_type`` names the types of events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from labq.i18n import Text, Words, ntext, text
from labq.kernel.clock import to_microseconds
from labq.log import record as kinds
from labq.log.record import Record
from labq.snapshot.model import Snapshot
from labq.snapshot.moment import moment, seconds
from labq.views.escape import tidy

Facts = dict[str, Any]


def sentence(record: Record, snapshot: Snapshot) -> Text:
    """Say what *record* tells.

    Arguments:
        record: what happened.
        snapshot: the world after it (or later); it knows what the tasks are called.
    """
    facts: Facts = {name: _shown(value) for name, value in record.named().items()}
    task = snapshot.tasks.get(record.task_id or "")
    retries = facts.get("retries")
    if task is not None and retries:
        facts["call"] = text("{call}, try {number}", call=tidy(task.call, 60), number=retries + 1)
    elif task is not None:
        facts["call"] = tidy(task.call, 60)
    elif record.task_id is not None:
        facts["call"] = tidy(record.task_id, 60)
    else:
        facts["call"] = text("message {number}", number=facts.get("message"))
    return SENTENCES[record.kind](facts, snapshot)


def say(record: Record, snapshot: Snapshot, words: Words) -> str:
    """Return the sentence of *record* in the language of *words*, sentences inside it included."""
    told = sentence(record, snapshot)
    values = {name: words.say(value) if isinstance(value, Text) else value for name, value in told.values.items()}
    return words.say(replace(told, values=values))


def _shown(value: Any) -> Any:
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, tuple):
        return tuple(_shown(part) for part in value)
    return tidy(value, 60)


def _span(value: float) -> str:
    return seconds(to_microseconds(value))


# -- the broker --------------------------------------------------------------------------------------------------------
def _exchange_declared(facts: Facts, _: Snapshot) -> Text:
    return text("exchange {exchange} ({type}) was declared", **facts)


def _exchange_deleted(facts: Facts, _: Snapshot) -> Text:
    return text("exchange {exchange} was deleted", **facts)


def _queue_declared(facts: Facts, _: Snapshot) -> Text:
    if facts.get("arguments"):
        return text("queue {queue} was declared with {arguments}", **facts)
    return text("queue {queue} was declared", **facts)


def _queue_deleted(facts: Facts, _: Snapshot) -> Text:
    return text("queue {queue} was deleted", **facts)


def _queue_bound(facts: Facts, _: Snapshot) -> Text:
    return text("queue {queue} was bound to exchange {exchange} with routing key {routing_key}", **facts)


def _queue_unbound(facts: Facts, _: Snapshot) -> Text:
    return text("queue {queue} gets nothing more from exchange {exchange} with routing key {routing_key}", **facts)


def _published(facts: Facts, _: Snapshot) -> Text:
    if not facts["exchange"]:
        return text("{call} was sent to the default exchange with routing key {routing_key}", **facts)
    return text("{call} was sent to exchange {exchange} with routing key {routing_key}", **facts)


def _routed(facts: Facts, _: Snapshot) -> Text:
    facts["names"] = ", ".join(facts["queues"])
    if not facts["exchange"]:
        return text("the default exchange routed {call} to {names}", **facts)
    return text("exchange {exchange} routed {call} to {names}", **facts)


def _unroutable(facts: Facts, _: Snapshot) -> Text:
    return text("no queue takes {call} with routing key {routing_key}: the broker dropped it", **facts)


def _queued(facts: Facts, _: Snapshot) -> Text:
    return ntext(
        "{call} waits in queue {queue} ({count} message ready)",
        "{call} waits in queue {queue} ({count} messages ready)",
        facts["ready"], **facts,
    )  # fmt: skip


def _delivered(facts: Facts, snapshot: Snapshot) -> Text:
    worker = snapshot.workers.get(facts["consumer"])
    if worker is None or not worker.window:
        return text("{consumer} took {call} from queue {queue}", **facts)
    facts["held"], facts["limit"] = len(snapshot.unacked(worker.hostname)), worker.window
    return text("{consumer} prefetched {call} from queue {queue} ({held} of {limit})", **facts)


def _redelivered(facts: Facts, _: Snapshot) -> Text:
    return text("{consumer} got {call} from queue {queue}, which had been delivered before", **facts)


def _acked(facts: Facts, _: Snapshot) -> Text:
    return text("{consumer} acknowledged {call}: queue {queue} forgets it", **facts)


def _rejected(facts: Facts, _: Snapshot) -> Text:
    if facts["reason"]:
        return text("{consumer} rejected {call}: {reason}", **facts)
    return text("{consumer} rejected {call}", **facts)


def _requeued(facts: Facts, _: Snapshot) -> Text:
    return text("{call} went back from {consumer} to its place in queue {queue}", **facts)


def _dead_lettered(facts: Facts, _: Snapshot) -> Text:
    if facts.get("exchange") is None:
        return text("{call} was dropped from queue {queue}, which has no dead letter exchange: {reason}", **facts)
    return text("{call} left queue {queue} as a dead letter: {reason}", **facts)


def _purged(facts: Facts, _: Snapshot) -> Text:
    return ntext(
        "{count} message was thrown out of queue {queue}",
        "{count} messages were thrown out of queue {queue}",
        facts["messages"], **facts,
    )  # fmt: skip


# -- the worker --------------------------------------------------------------------------------------------------------
def _worker_started(facts: Facts, _: Snapshot) -> Text:
    facts["names"] = ", ".join(facts["queues"])
    return text("{worker} started: pool {pool} × {concurrency}, consuming from {names}", **facts)


def _worker_stopped(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} stopped ({how})", **facts)


def _command_received(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} got the command {command}({arguments})", **facts)


def _child_lost(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} lost child {child} in slot {slot}: {reason}", **facts)


def _child_started(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} started child {child} in slot {slot}", **facts)


def _child_stopped(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} stopped child {child}: slot {slot} is gone", **facts)


def _worker_changed(facts: Facts, _: Snapshot) -> Text:
    queues = ", ".join(facts["queues"])
    return text(
        "{worker} runs {concurrency} tasks at once now, may hold {prefetch} messages and reads {queues}",
        **{**facts, "queues": queues},
    )


def _received(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} received {call}", **facts)


def _unregistered(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} knows no task named {task}", **facts)


def _reserved(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} reserved {call} for its next free slot", **facts)


def _scheduled(facts: Facts, snapshot: Snapshot) -> Text:
    due = moment(facts["eta"], snapshot.start)
    facts["moment"] = "?" if due is None else seconds(due)
    return text("{worker} put {call} on its ETA shelf until {moment} s", **facts)


def _expired(facts: Facts, _: Snapshot) -> Text:
    return text("{call} expired before {worker} could start it", **facts)


def _revoked(facts: Facts, _: Snapshot) -> Text:
    if facts["reason"]:
        return text("{worker} revoked {call}: {reason}", **facts)
    return text("{worker} revoked {call}", **facts)


def _limited(facts: Facts, _: Snapshot) -> Text:
    facts["span"] = _span(facts["seconds"])
    return text("{worker} holds {call} back for {span} s: its rate limit", **facts)


def _started(facts: Facts, _: Snapshot) -> Text:
    return text("{worker} slot {slot} started {call}", **facts)


def _slept(facts: Facts, _: Snapshot) -> Text:
    facts["span"] = _span(facts["seconds"])
    return text("{call} sleeps for {span} s", **facts)


def _computed(facts: Facts, _: Snapshot) -> Text:
    facts["span"] = _span(facts["seconds"])
    return text("{call} computes for {span} s", **facts)


def _succeeded(facts: Facts, _: Snapshot) -> Text:
    facts["span"] = _span(facts["runtime"])
    return text("{call} returned {result} after {span} s", **facts)


def _failed(facts: Facts, _: Snapshot) -> Text:
    facts["span"] = _span(facts["runtime"])
    return text("{call} failed after {span} s: {exception}", **facts)


def _retried(facts: Facts, _: Snapshot) -> Text:
    if facts["seconds"] is None:
        return text("{call} asks to be tried again ({exception})", **facts)
    facts["span"] = _span(facts["seconds"])
    return text("{call} asks to be tried again in {span} s ({exception})", **facts)


def _task_rejected(facts: Facts, _: Snapshot) -> Text:
    if facts["requeue"]:
        return text("{call} raised Reject and wants to be queued again", **facts)
    return text("{call} raised Reject and is given up", **facts)


def _ignored(facts: Facts, _: Snapshot) -> Text:
    return text("{call} raised Ignore: no state will be stored", **facts)


# -- results, and the lab ----------------------------------------------------------------------------------------------
def _stored(facts: Facts, _: Snapshot) -> Text:
    return text("{backend} stored {state} for {call}: {result}", **facts)


def _forgotten(facts: Facts, _: Snapshot) -> Text:
    return text("{backend} forgot the result of {call}", **facts)


def _counted(facts: Facts, _: Snapshot) -> Text:
    if facts["count"] == facts["size"]:
        return text("{backend} counted {call}: all {size} parts of the chord have ended", **facts)
    return text("{backend} counted {call}: {count} of {size} parts of the chord have ended", **facts)


def _beat_started(facts: Facts, _: Snapshot) -> Text:
    return text("{beat} began to look after its schedule", **facts)


def _beat_stopped(facts: Facts, _: Snapshot) -> Text:
    return text("{beat} no longer looks after its schedule ({how})", **facts)


def _schedule_due(facts: Facts, _: Snapshot) -> Text:
    if not facts["sent"]:
        return text("{beat} found {entry} due, and could not send {task}", **facts)
    return text("{beat} found {entry} due and sent {call}", **facts)


def _subscriber_removed(facts: Facts, _: Snapshot) -> Text:
    return text("{subscriber} no longer listens to the log: {error}", **facts)


SENTENCES: dict[str, Callable[[Facts, Snapshot], Text]] = {
    kinds.EXCHANGE_DECLARED: _exchange_declared,
    kinds.EXCHANGE_DELETED: _exchange_deleted,
    kinds.QUEUE_DECLARED: _queue_declared,
    kinds.QUEUE_DELETED: _queue_deleted,
    kinds.QUEUE_BOUND: _queue_bound,
    kinds.QUEUE_UNBOUND: _queue_unbound,
    kinds.MESSAGE_PUBLISHED: _published,
    kinds.MESSAGE_ROUTED: _routed,
    kinds.MESSAGE_UNROUTABLE: _unroutable,
    kinds.MESSAGE_QUEUED: _queued,
    kinds.MESSAGE_DELIVERED: _delivered,
    kinds.MESSAGE_REDELIVERED: _redelivered,
    kinds.MESSAGE_ACKED: _acked,
    kinds.MESSAGE_REJECTED: _rejected,
    kinds.MESSAGE_REQUEUED: _requeued,
    kinds.MESSAGE_DEAD_LETTERED: _dead_lettered,
    kinds.QUEUE_PURGED: _purged,
    kinds.WORKER_STARTED: _worker_started,
    kinds.WORKER_STOPPED: _worker_stopped,
    kinds.CHILD_LOST: _child_lost,
    kinds.CHILD_STARTED: _child_started,
    kinds.CHILD_STOPPED: _child_stopped,
    kinds.WORKER_CHANGED: _worker_changed,
    kinds.COMMAND_RECEIVED: _command_received,
    kinds.TASK_RECEIVED: _received,
    kinds.TASK_UNREGISTERED: _unregistered,
    kinds.TASK_RESERVED: _reserved,
    kinds.TASK_SCHEDULED: _scheduled,
    kinds.TASK_EXPIRED: _expired,
    kinds.TASK_REVOKED: _revoked,
    kinds.TASK_LIMITED: _limited,
    kinds.TASK_STARTED: _started,
    kinds.BODY_SLEPT: _slept,
    kinds.BODY_COMPUTED: _computed,
    kinds.TASK_SUCCEEDED: _succeeded,
    kinds.TASK_FAILED: _failed,
    kinds.TASK_RETRIED: _retried,
    kinds.TASK_REJECTED: _task_rejected,
    kinds.TASK_IGNORED: _ignored,
    kinds.RESULT_STORED: _stored,
    kinds.RESULT_FORGOTTEN: _forgotten,
    kinds.CHORD_COUNTED: _counted,
    kinds.BEAT_STARTED: _beat_started,
    kinds.BEAT_STOPPED: _beat_stopped,
    kinds.SCHEDULE_DUE: _schedule_due,
    kinds.SUBSCRIBER_REMOVED: _subscriber_removed,
}
"""The sentence of each kind. Every kind is here."""
