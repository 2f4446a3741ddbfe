"""Why is this task not ready? The answer in words, with the steps that led there.

Comes in: a snapshot and a task id. Goes out: ``Why``: one sentence with the reason, and the facts before it in order.
Next door: ``result.get()`` raises with the reason when nothing can make a task ready; ``labq.views`` shows all of it.
Celery: none; there the answer is PENDING, whatever the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labq.i18n import Text, ntext, text
from labq.snapshot.model import Queue, Snapshot, Stage, Task, Worker
from labq.snapshot.moment import seconds
from labq.states import READY_STATES


@dataclass(frozen=True, slots=True)
class Why:
    """Why a task is where it is."""

    task_id: str
    reason: Text
    steps: tuple[Text, ...] = ()
    """What led to it, in order."""
    ready: bool = False
    """True when the task is not waiting at all: its result is there."""


def explain(snapshot: Snapshot, task_id: str) -> Why:
    """Say why a task is not ready, or that it is.

    Arguments:
        snapshot: the world at the moment that is asked about.
        task_id: the task.
    """
    result = snapshot.result(task_id)
    task = snapshot.tasks.get(task_id)
    steps = _way_so_far(task) if task else ()
    if result is not None and result.state in READY_STATES:
        reason = text(
            "the task is ready: {state}, stored at {seconds} s",
            state=result.state, seconds=seconds(result.us),
        )  # fmt: skip
        return Why(task_id, reason, steps, ready=True)
    if task is None:
        return Why(task_id, text(
            "no task with id {id} was sent in this lab; Celery shows PENDING for an id it knows nothing about",
            id=task_id,
        ))  # fmt: skip
    if task.forgotten is not None:
        return Why(task_id, text("its result was forgotten at {seconds} s", seconds=seconds(task.forgotten)), steps)
    reason, more = ANSWERS[task.stage](snapshot, task)
    return Why(task_id, reason, (*steps, *more))


Answer = tuple[Text, tuple[Text, ...]]


# -- before a worker has it --------------------------------------------------------------------------------------------
def _sent(_: Snapshot, task: Task) -> Answer:
    if not task.exchange:
        return text("it was published, and the default exchange has not routed it yet"), ()
    return text("it was published, and exchange '{exchange}' has not routed it yet", exchange=task.exchange), ()


def _unroutable(_: Snapshot, task: Task) -> Answer:
    if not task.exchange:
        return text("there is no queue '{queue}', so the broker dropped the message", queue=task.routing_key), ()
    return text(
        "no queue is bound to exchange '{exchange}' with routing key '{key}', so the broker dropped the message",
        exchange=task.exchange, key=task.routing_key,
    ), ()  # fmt: skip


def _queued(snapshot: Snapshot, task: Task) -> Answer:
    name = task.queue or ""
    consumers = snapshot.consumers(task.broker, name)
    if not consumers:
        return text(
            "no worker consumes from queue '{queue}'; Celery would wait here for ever", queue=name
        ), _who_runs_instead(snapshot, task.broker, name)  # fmt: skip
    steps = tuple(_how_full(snapshot, worker) for worker in consumers)
    place = _place(snapshot.queue(task.broker, name), task.id)
    if all(_is_full(snapshot, worker) for worker in consumers):
        return text("it waits in queue '{queue}': no worker may take more messages now", queue=name), steps
    if place:
        return ntext(
            "it waits in queue '{queue}' behind {count} other message",
            "it waits in queue '{queue}' behind {count} other messages",
            place, queue=name,
        ), steps  # fmt: skip
    return text("it is the first in queue '{queue}' and will be delivered next", queue=name), steps


def _who_runs_instead(snapshot: Snapshot, broker: str, queue: str) -> tuple[Text, ...]:
    steps: list[Text] = []
    for worker in snapshot.workers.values():
        if worker.broker != broker:
            continue
        if not worker.online and queue in worker.queues:
            steps.append(text(
                "{worker} consumed from it and stopped at {seconds} s",
                worker=worker.hostname, seconds=seconds(worker.since),
            ))  # fmt: skip
        elif worker.online:
            steps.append(text(
                "{worker} runs, but consumes only from {queues}",
                worker=worker.hostname, queues=", ".join(worker.queues),
            ))  # fmt: skip
    return tuple(steps) or (text("no worker has been started for this broker"),)


def _place(queue: Queue | None, task_id: str) -> int:
    ready = queue.ready if queue else ()
    return next((place for place, message in enumerate(ready) if message.task_id == task_id), 0)


def _is_full(snapshot: Snapshot, worker: Worker) -> bool:
    return bool(worker.window) and len(snapshot.unacked(worker.hostname)) >= worker.window


def _how_full(snapshot: Snapshot, worker: Worker) -> Text:
    held = len(snapshot.unacked(worker.hostname))
    if not worker.window:
        return ntext(
            "{worker} holds {count} unacknowledged message",
            "{worker} holds {count} unacknowledged messages",
            held, worker=worker.hostname,
        )  # fmt: skip
    return text(
        "{worker} holds {held} of the {limit} unacknowledged messages that its prefetch allows",
        worker=worker.hostname, held=held, limit=worker.window,
    )  # fmt: skip


def _purged(_: Snapshot, task: Task) -> Answer:
    return text("it was thrown away when queue '{queue}' was purged", queue=task.queue), ()


def _dead_lettered(_: Snapshot, task: Task) -> Answer:
    return text("it became a dead letter: {reason}", reason=task.reason or "?"), ()


# -- in a worker -------------------------------------------------------------------------------------------------------
def _in_worker(snapshot: Snapshot, task: Task) -> Answer:
    worker = snapshot.workers.get(task.worker or "")
    if worker is None or not worker.slots:
        return text("it was delivered to {consumer}", consumer=task.worker), ()
    if not worker.online:
        return text("{worker} had it and stopped", worker=worker.hostname), ()
    busy = tuple(
        text(
            "{worker} slot {slot} is busy with {call} since {seconds} s",
            worker=worker.hostname, slot=slot.number, call=_short(slot.message.call), seconds=seconds(slot.since),
        )
        for slot in worker.slots
        if slot.message
    )  # fmt: skip
    if worker.idle:
        return text("{worker} has it and will start it next", worker=worker.hostname), busy
    return ntext(
        "it waits in {worker}, which took it ahead of time (prefetch), because its only slot is busy",
        "it waits in {worker}, which took it ahead of time (prefetch), because all its {count} slots are busy",
        len(worker.slots), worker=worker.hostname,
    ), (*busy, *_idle_elsewhere(snapshot, task, worker))  # fmt: skip


def _short(call: str) -> str:
    return call if len(call) <= 60 else f"{call[:59]}…"


def _idle_elsewhere(snapshot: Snapshot, task: Task, holder: Worker) -> tuple[Text, ...]:
    others = snapshot.consumers(task.broker, task.queue or "")
    return tuple(
        ntext(
            "{worker} has {count} idle slot and nothing to do",
            "{worker} has {count} idle slots and nothing to do",
            worker.idle, worker=worker.hostname,
        )
        for worker in others
        if worker.idle and not worker.prefetched and worker is not holder
    )  # fmt: skip


def _scheduled(snapshot: Snapshot, task: Task) -> Answer:
    if task.until is None:
        return text("{worker} keeps it until its ETA", worker=task.worker), ()
    facts = {"worker": task.worker, "moment": seconds(task.until), "left": seconds(max(0, task.until - snapshot.us))}
    if task.retries:
        return text("{worker} keeps it until it is time to try again: {moment} s, in {left} s", **facts), ()
    return text("{worker} keeps it until its ETA: {moment} s, in {left} s", **facts), ()


def _limited(snapshot: Snapshot, task: Task) -> Answer:
    left = seconds(max(0, (task.until or snapshot.us) - snapshot.us))
    return text("{worker} holds it back for its rate limit, for {left} s more", worker=task.worker, left=left), ()


def _started(snapshot: Snapshot, task: Task) -> Answer:
    worker = snapshot.workers.get(task.worker or "")
    slot = next((slot for slot in worker.slots if slot.number == task.slot), None) if worker else None
    reason = text(
        "it is running on {worker} slot {slot} since {seconds} s",
        worker=task.worker, slot=task.slot, seconds=seconds(task.since),
    )  # fmt: skip
    if slot is None or slot.until is None:
        return reason, ()
    if slot.sleeping:
        return reason, (text("its body sleeps until {seconds} s", seconds=seconds(slot.until)),)
    return reason, (text("its body computes until {seconds} s", seconds=seconds(slot.until)),)


def _retry(snapshot: Snapshot, task: Task) -> Answer:
    ended = text("try {number} ended with {reason}", number=task.retries, reason=task.reason or "?")
    queue = snapshot.queue(task.broker, task.queue or "")
    if queue and any(message.task_id == task.id for message in queue.ready):
        reason, steps = _queued(snapshot, task)
        return reason, (ended, *steps)
    if task.until is None:
        return text("it asked to be tried again, and its new message is on its way"), (ended,)
    return text(
        "it asked to be tried again at {moment} s, and its new message is on its way", moment=seconds(task.until)
    ), (ended,)  # fmt: skip


# -- at its end --------------------------------------------------------------------------------------------------------
def _ran(_: Snapshot, task: Task) -> Answer:
    return text(
        "it ran to its end at {seconds} s, but no result was stored: ignore_result is set, or no result backend is "
        "configured",
        seconds=seconds(task.since),
    ), ()  # fmt: skip


def _ignored(_: Snapshot, _task: Task) -> Answer:
    return text("its body raised Ignore, so no state is stored and it stays PENDING"), ()


def _rejected(_: Snapshot, task: Task) -> Answer:
    if task.reason:
        return text("its message was rejected: {reason}", reason=task.reason), ()
    return text("its message was rejected, and the broker dropped it"), ()


def _revoked(_: Snapshot, _task: Task) -> Answer:
    return text("it was revoked before it could run"), ()


def _expired(_: Snapshot, _task: Task) -> Answer:
    return text("it expired before it could run"), ()


def _unregistered(_: Snapshot, task: Task) -> Answer:
    return text(
        "{worker} knows no task named '{name}' and threw the message away", worker=task.worker, name=task.name
    ), (text("import the module that defines it in the worker's app"),)  # fmt: skip


def _lost(_: Snapshot, task: Task) -> Answer:
    return text(
        "{worker} stopped at {seconds} s while the body ran; its message had been acknowledged before (acks_late is "
        "off), so no other worker gets it",
        worker=task.worker, seconds=seconds(task.since),
    ), ()  # fmt: skip


ANSWERS: dict[Stage, Callable[[Snapshot, Task], Answer]] = {
    Stage.SENT: _sent,
    Stage.QUEUED: _queued,
    Stage.DELIVERED: _in_worker,
    Stage.RECEIVED: _in_worker,
    Stage.RESERVED: _in_worker,
    Stage.SCHEDULED: _scheduled,
    Stage.LIMITED: _limited,
    Stage.STARTED: _started,
    Stage.RETRY: _retry,
    Stage.SUCCESS: _ran,
    Stage.FAILURE: _ran,
    Stage.IGNORED: _ignored,
    Stage.REJECTED: _rejected,
    Stage.REVOKED: _revoked,
    Stage.EXPIRED: _expired,
    Stage.UNREGISTERED: _unregistered,
    Stage.UNROUTABLE: _unroutable,
    Stage.DEAD_LETTERED: _dead_lettered,
    Stage.PURGED: _purged,
    Stage.LOST: _lost,
}
"""How to answer for a task at each stage. Every stage is here."""


# -- what led there ----------------------------------------------------------------------------------------------------
def _way_so_far(task: Task) -> tuple[Text, ...]:
    steps: list[Text] = []
    for stage, us, where in task.times:
        if stage in MILESTONES:
            steps.append(MILESTONES[stage](where or "", seconds(us)))
    return tuple(steps)


def _was_sent(exchange: str, at: str) -> Text:
    if not exchange:
        return text("sent to the default exchange at {seconds} s", seconds=at)
    return text("sent to exchange '{exchange}' at {seconds} s", exchange=exchange, seconds=at)


MILESTONES: dict[Stage, Callable[[str, str], Text]] = {
    Stage.SENT: _was_sent,
    Stage.QUEUED: lambda queue, at: text("put into queue '{queue}' at {seconds} s", queue=queue, seconds=at),
    Stage.DELIVERED: lambda worker, at: text("delivered to {worker} at {seconds} s", worker=worker, seconds=at),
    Stage.STARTED: lambda worker, at: text("started on {worker} at {seconds} s", worker=worker, seconds=at),
    Stage.RETRY: lambda _, at: text("asked to be tried again at {seconds} s", seconds=at),
    Stage.SUCCESS: lambda _, at: text("succeeded at {seconds} s", seconds=at),
    Stage.FAILURE: lambda _, at: text("failed at {seconds} s", seconds=at),
}
"""The stages that are worth a step of their own."""
