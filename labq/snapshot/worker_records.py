"""What the workers' records change in the picture of the world: one small function for each kind.

Comes in: a record and the draft it is drawn into. Goes out: the changed draft.
Next door: ``labq.snapshot.fold`` has the table of all kinds; ``broker_records`` draws the way to and from a worker.
"""

from __future__ import annotations

from dataclasses import replace

from labq.kernel.clock import to_microseconds
from labq.log.record import (
    BODY_COMPUTED,
    BODY_SLEPT,
    CHILD_LOST,
    CHILD_STARTED,
    CHILD_STOPPED,
    COMMAND_RECEIVED,
    TASK_EXPIRED,
    TASK_FAILED,
    TASK_IGNORED,
    TASK_LIMITED,
    TASK_RECEIVED,
    TASK_REJECTED,
    TASK_RESERVED,
    TASK_RETRIED,
    TASK_REVOKED,
    TASK_SCHEDULED,
    TASK_STARTED,
    TASK_SUCCEEDED,
    TASK_UNREGISTERED,
    WORKER_CHANGED,
    WORKER_STARTED,
    WORKER_STOPPED,
    Record,
)
from labq.snapshot.broker_records import Step
from labq.snapshot.draft import Draft, TaskDraft
from labq.snapshot.model import Message, Shelved, Slot, Stage, Worker
from labq.snapshot.moment import moment


# -- the worker itself -------------------------------------------------------------------------------------------------
def _worker_started(draft: Draft, record: Record) -> None:
    hostname, broker, pool, concurrency, prefetch, queues, children, *_ = record.facts
    worker = draft.workers[hostname]
    worker.shell = Worker(hostname, broker, pool, concurrency, prefetch, tuple(queues), since=record.us)
    worker.prefetched.clear()
    worker.shelf.clear()
    worker.slots = {number: Slot(number, child) for number, child in enumerate(children, 1)}


def _command_received(draft: Draft, record: Record) -> None:
    """Change nothing: what a command does is told by records of its own."""


def _worker_stopped(draft: Draft, record: Record) -> None:
    hostname, how, *_ = record.facts
    worker = draft.workers[hostname]
    worker.shell = replace(worker.shell, online=False, since=record.us, how=how)
    for slot in worker.slots.values():
        task = draft.task(slot.message.task_id) if slot.message else None
        if task and task.stage is Stage.STARTED and task.worker == hostname:
            # a message that was not acknowledged comes back to its queue by a record of its own
            task.reach(Stage.LOST, record.us, hostname)
    worker.prefetched.clear()
    worker.shelf.clear()
    worker.slots = {number: Slot(number, None, slot.generation) for number, slot in worker.slots.items()}


def _child_lost(draft: Draft, record: Record) -> None:
    hostname, number, _child, reason, *_ = record.facts
    slots = draft.workers[hostname].slots
    slot = slots.get(number, Slot(number))
    task = draft.task(slot.message.task_id) if slot.message else None
    if task:
        task.reason = reason
    slots[number] = Slot(number, None, slot.generation, since=record.us)


def _child_started(draft: Draft, record: Record) -> None:
    hostname, number, child, *_ = record.facts
    slots = draft.workers[hostname].slots
    known = slots.get(number)
    generation = known.generation + 1 if known else 1
    slots[number] = Slot(number, child, generation, since=record.us)


def _child_stopped(draft: Draft, record: Record) -> None:
    hostname, number, *_ = record.facts
    draft.workers[hostname].slots.pop(number, None)


def _worker_changed(draft: Draft, record: Record) -> None:
    hostname, concurrency, prefetch, queues, *_ = record.facts
    worker = draft.workers[hostname]
    worker.shell = replace(worker.shell, concurrency=concurrency, prefetch=prefetch, queues=tuple(queues))


# -- a message in the worker -------------------------------------------------------------------------------------------
def _received(draft: Draft, record: Record) -> None:
    hostname, serial, name, args, kwargs, _eta, _expires, retries, *_ = record.facts
    if record.task_id is None:
        return
    task = draft.tasks[record.task_id]
    task.name, task.args, task.kwargs, task.retries = name, args, kwargs, retries or 0
    task.reach(Stage.RECEIVED, record.us, hostname)
    task.worker = hostname
    _hold(draft, record, hostname, serial)


def _reserved(draft: Draft, record: Record) -> None:
    hostname, serial, *_ = record.facts
    _hold(draft, record, hostname, serial)
    _in_worker(draft, record, Stage.RESERVED)


def _hold(draft: Draft, record: Record, hostname: str, serial: int) -> None:
    worker = draft.workers[hostname]
    if serial not in worker.prefetched:  # what waits already keeps its place
        worker.prefetched[serial] = worker.take(serial) or _message(draft, hostname, serial, record)


def _scheduled(draft: Draft, record: Record) -> None:
    _shelve(draft, record, Stage.SCHEDULED, moment(record.fact("eta"), draft.start))


def _limited(draft: Draft, record: Record) -> None:
    _shelve(draft, record, Stage.LIMITED, _after(record, record.fact("seconds")))


def _shelve(draft: Draft, record: Record, stage: Stage, until: int | None) -> None:
    hostname, serial, *_ = record.facts
    worker = draft.workers[hostname]
    message = worker.take(serial) or _message(draft, hostname, serial, record)
    worker.shelf[serial] = Shelved(message, until, stage is Stage.LIMITED)
    task = _in_worker(draft, record, stage)
    if task:
        task.until = until


def _unregistered(draft: Draft, record: Record) -> None:
    hostname, serial, name, *_ = record.facts
    draft.workers[hostname].take(serial)
    task = _in_worker(draft, record, Stage.UNREGISTERED)
    if task:
        task.reason = name


def _expired(draft: Draft, record: Record) -> None:
    hostname, serial, *_ = record.facts
    draft.workers[hostname].take(serial)
    _in_worker(draft, record, Stage.EXPIRED)


def _revoked(draft: Draft, record: Record) -> None:
    hostname, serial, reason, *_ = record.facts
    draft.workers[hostname].take(serial)
    task = _in_worker(draft, record, Stage.REVOKED)
    if task:
        task.reason = reason or None


# -- a body ------------------------------------------------------------------------------------------------------------
def _started(draft: Draft, record: Record) -> None:
    hostname, number, serial, retries, *_ = record.facts
    worker = draft.workers[hostname]
    message = worker.take(serial) or _message(draft, hostname, serial, record)
    slot = worker.slots.get(number)
    child, generation = (slot.child, slot.generation) if slot else (None, 1)
    worker.slots[number] = Slot(number, child, generation, message, record.us)
    task = _in_worker(draft, record, Stage.STARTED)
    if task:
        task.slot, task.retries = number, retries or 0
        task.runs += 1


def _slept(draft: Draft, record: Record) -> None:
    _ask(draft, record, sleeping=True)


def _computed(draft: Draft, record: Record) -> None:
    _ask(draft, record, sleeping=False)


def _ask(draft: Draft, record: Record, *, sleeping: bool) -> None:
    hostname, number, seconds, *_ = record.facts
    slots = draft.workers[hostname].slots
    slot = slots.get(number, Slot(number))
    slots[number] = Slot(
        number, slot.child, slot.generation, slot.message, slot.since, _after(record, seconds), sleeping
    )  # fmt: skip


def _succeeded(draft: Draft, record: Record) -> None:
    hostname, number, result, *_ = record.facts
    task = _finish(draft, record, hostname, number, Stage.SUCCESS)
    if task:
        task.result = result


def _failed(draft: Draft, record: Record) -> None:
    hostname, number, exception, *_ = record.facts
    gone_back = draft.task(record.task_id)
    if gone_back and gone_back.stage is Stage.QUEUED:  # its child was lost, and the message will be run again
        gone_back.reason = exception
        return
    task = _finish(draft, record, hostname, number, Stage.FAILURE)
    if task:
        task.reason = exception


def _retried(draft: Draft, record: Record) -> None:
    hostname, number, exception, seconds, *_ = record.facts
    task = _finish(draft, record, hostname, number, Stage.RETRY)
    if task:
        task.reason, task.until = exception, _after(record, seconds)


def _rejected(draft: Draft, record: Record) -> None:
    hostname, number, *_ = record.facts
    _finish(draft, record, hostname, number, Stage.REJECTED)


def _ignored(draft: Draft, record: Record) -> None:
    hostname, number, *_ = record.facts
    _finish(draft, record, hostname, number, Stage.IGNORED)


def _finish(draft: Draft, record: Record, hostname: str, number: int | None, stage: Stage) -> TaskDraft | None:
    slots = draft.workers[hostname].slots
    slot = slots.get(number) if number is not None else None
    if slot is not None:
        slots[slot.number] = Slot(slot.number, slot.child, slot.generation, since=record.us)
    return _in_worker(draft, record, stage)


# -- shared ------------------------------------------------------------------------------------------------------------
def _in_worker(draft: Draft, record: Record, stage: Stage) -> TaskDraft | None:
    if record.task_id is None:
        return None
    task = draft.tasks[record.task_id]
    hostname = record.facts[0]
    task.reach(stage, record.us, hostname)
    task.worker = hostname
    return task


def _message(draft: Draft, hostname: str, serial: int, record: Record) -> Message:
    # only for a log that begins in the middle: what is known of the task stands in for the message
    broker = draft.workers[hostname].shell.broker
    if record.task_id is None:
        return Message(broker, serial, None)
    task = draft.tasks[record.task_id]
    return Message(broker, serial, record.task_id, task.name, task.args, task.kwargs, retries=task.retries)


def _after(record: Record, seconds: float | None) -> int | None:
    return None if seconds is None else record.us + to_microseconds(seconds)


WORKER_STEPS: dict[str, Step] = {
    WORKER_STARTED: _worker_started,
    WORKER_STOPPED: _worker_stopped,
    CHILD_LOST: _child_lost,
    CHILD_STARTED: _child_started,
    CHILD_STOPPED: _child_stopped,
    WORKER_CHANGED: _worker_changed,
    COMMAND_RECEIVED: _command_received,
    TASK_RECEIVED: _received,
    TASK_UNREGISTERED: _unregistered,
    TASK_RESERVED: _reserved,
    TASK_SCHEDULED: _scheduled,
    TASK_EXPIRED: _expired,
    TASK_REVOKED: _revoked,
    TASK_LIMITED: _limited,
    TASK_STARTED: _started,
    BODY_SLEPT: _slept,
    BODY_COMPUTED: _computed,
    TASK_SUCCEEDED: _succeeded,
    TASK_FAILED: _failed,
    TASK_RETRIED: _retried,
    TASK_REJECTED: _rejected,
    TASK_IGNORED: _ignored,
}
