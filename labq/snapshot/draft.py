"""The world while it is being drawn: the same things as in ``model``, but changeable.

Comes in: changes, from the fold. Goes out: a frozen ``Snapshot``.
Next door: ``labq.snapshot.fold`` decides what each record changes.

Why not frozen values all the way: a task is touched about ten times in its life, and making a new frozen value each
time would cost more than running the task did. So a thing is thawed when a record first touches it, changed in place,
and frozen when somebody looks. Things that no record touched in between are shared by all snapshots, which makes
checkpoints small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Generic, TypeVar

from labq.log.record import Record
from labq.snapshot.model import (
    Beat,
    Binding,
    Broker,
    Message,
    Passage,
    Queue,
    Result,
    Shelved,
    Slot,
    Snapshot,
    Stage,
    Task,
    Transit,
    Unacked,
    Worker,
)

Key = TypeVar("Key")
Frozen = TypeVar("Frozen")
Thawed = TypeVar("Thawed")


class Ledger(Generic[Key, Frozen, Thawed]):
    """Frozen values by key, of which those being changed are thawed.

    Arguments:
        values: what is known already.
        new: makes the frozen value of a key not seen before.
        thaw: makes the changeable form of a frozen value.
        freeze: makes the frozen form again.
    """

    __slots__ = ("_freeze", "_new", "_thaw", "thawed", "values")

    def __init__(
        self,
        values: dict[Key, Frozen],
        new: Callable[[Key], Frozen],
        thaw: Callable[[Frozen], Thawed],
        freeze: Callable[[Thawed], Frozen],
    ) -> None:
        self.values = values
        self.thawed: dict[Key, Thawed] = {}
        self._new = new
        self._thaw = thaw
        self._freeze = freeze

    def __contains__(self, key: Key) -> bool:
        """Tell whether *key* is known."""
        return key in self.values

    def __getitem__(self, key: Key) -> Thawed:
        """Return the changeable form of *key*, which comes to be known by this."""
        draft = self.thawed.get(key)
        if draft is None:
            value = self.values.get(key)
            if value is None:
                value = self.values[key] = self._new(key)
            draft = self.thawed[key] = self._thaw(value)
        return draft

    def discard(self, key: Key) -> None:
        """Forget *key*, if it is known."""
        self.thawed.pop(key, None)
        self.values.pop(key, None)

    def freeze(self) -> dict[Key, Frozen]:
        """Freeze what was thawed; return all values."""
        for key, draft in self.thawed.items():
            self.values[key] = self._freeze(draft)
        self.thawed.clear()
        return self.values


@dataclass(slots=True)
class TaskDraft:
    """A task being drawn; the fields are those of ``Task``."""

    id: str
    name: str | None
    args: str | None
    kwargs: str | None
    origin: str | None
    stage: Stage
    broker: str
    exchange: str
    routing_key: str
    queue: str | None
    worker: str | None
    slot: int | None
    retries: int
    until: int | None
    reason: str | None
    result: str | None
    runs: int
    forgotten: int | None
    times: list[Passage]

    def reach(self, stage: Stage, us: int, where: str | None = None) -> None:
        """Come to *stage* at the moment *us*, in the exchange, queue or worker *where*; a wait that was on is over."""
        self.stage = stage
        self.until = None
        self.times.append(Passage(stage, us, where))

    def leave(self, stage: Stage, us: int, where: str | None = None) -> None:
        """Come to *stage* outside any worker: whichever had the task has it no longer."""
        self.reach(stage, us, where)
        self.worker = self.slot = None

    def freeze(self) -> Task:
        """Return the task as it is now."""
        return Task(
            self.id, self.name, self.args, self.kwargs, self.origin, self.stage, self.broker, self.exchange,
            self.routing_key, self.queue, self.worker, self.slot, self.retries, self.until, self.reason, self.result,
            self.runs, self.forgotten, tuple(self.times),
        )  # fmt: skip


def thaw_task(task: Task) -> TaskDraft:
    """Return *task* in its changeable form."""
    return TaskDraft(
        task.id, task.name, task.args, task.kwargs, task.origin, task.stage, task.broker, task.exchange,
        task.routing_key, task.queue, task.worker, task.slot, task.retries, task.until, task.reason, task.result,
        task.runs, task.forgotten, list(task.times),
    )  # fmt: skip


@dataclass(slots=True)
class QueueDraft:
    """A queue being drawn."""

    broker: str
    name: str
    ready: dict[int, Message]
    unacked: dict[tuple[str, int], Unacked]
    queued: int
    arguments: str | None

    def freeze(self) -> Queue:
        """Return the queue as it is now."""
        return Queue(
            self.broker, self.name, tuple(self.ready.values()), tuple(self.unacked.values()), self.queued,
            self.arguments,
        )  # fmt: skip


def thaw_queue(queue: Queue) -> QueueDraft:
    """Return *queue* in its changeable form."""
    return QueueDraft(
        queue.broker,
        queue.name,
        {message.serial: message for message in queue.ready},
        {(held.consumer, held.tag): held for held in queue.unacked},
        queue.queued,
        queue.arguments,
    )


@dataclass(slots=True)
class WorkerDraft:
    """A worker being drawn. ``shell`` is the worker without the things that change at each message."""

    shell: Worker
    prefetched: dict[int, Message]
    shelf: dict[int, Shelved]
    slots: dict[int, Slot]

    def take(self, serial: int) -> Message | None:
        """Take a waiting message out, wherever in the worker it waits."""
        message = self.prefetched.pop(serial, None)
        shelved = self.shelf.pop(serial, None)
        return message or (shelved.message if shelved else None)

    def freeze(self) -> Worker:
        """Return the worker as it is now."""
        shell = self.shell
        return Worker(
            shell.hostname, shell.broker, shell.pool, shell.concurrency, shell.prefetch, shell.queues, shell.online,
            shell.since, shell.how, tuple(self.prefetched.values()), tuple(self.shelf.values()),
            tuple(self.slots[number] for number in sorted(self.slots)),
        )  # fmt: skip


def thaw_worker(worker: Worker) -> WorkerDraft:
    """Return *worker* in its changeable form."""
    return WorkerDraft(
        worker,
        {message.serial: message for message in worker.prefetched},
        {shelved.message.serial: shelved for shelved in worker.shelf},
        {slot.number: slot for slot in worker.slots},
    )


@dataclass(slots=True)
class BrokerDraft:
    """A broker being drawn."""

    url: str
    exchanges: dict[str, str]
    bindings: list[Binding]
    queues: Ledger[str, Queue, QueueDraft]
    transit: dict[int, Transit] = field(default_factory=dict)
    published: int = 0
    unroutable: int = 0

    def freeze(self) -> Broker:
        """Return the broker as it is now."""
        return Broker(
            self.url,
            MappingProxyType(dict(self.exchanges)),
            tuple(self.bindings),
            MappingProxyType(dict(self.queues.freeze())),
            tuple(self.transit.values()),
            self.published,
            self.unroutable,
        )


def thaw_broker(broker: Broker) -> BrokerDraft:
    """Return *broker* in its changeable form."""
    return BrokerDraft(
        broker.url,
        dict(broker.exchanges),
        list(broker.bindings),
        Ledger(dict(broker.queues), lambda name: Queue(broker.url, name), thaw_queue, QueueDraft.freeze),
        {transit.message.serial: transit for transit in broker.transit},
        broker.published,
        broker.unroutable,
    )


class Draft:
    """A snapshot being drawn.

    Arguments:
        snapshot: from where to go on.
    """

    __slots__ = ("beats", "brokers", "last", "results", "start", "tasks", "workers")

    def __init__(self, snapshot: Snapshot) -> None:
        self.start: datetime = snapshot.start
        self.last: Record | None = snapshot.last
        self.brokers = Ledger(dict(snapshot.brokers), Broker, thaw_broker, BrokerDraft.freeze)
        self.workers = Ledger(dict(snapshot.workers), Worker, thaw_worker, WorkerDraft.freeze)
        self.tasks = Ledger(dict(snapshot.tasks), Task, thaw_task, TaskDraft.freeze)
        self.results: dict[str, dict[str, Result]] = {name: dict(kept) for name, kept in snapshot.results.items()}
        self.beats: dict[str, Beat] = dict(snapshot.beats)

    def task(self, task_id: str | None) -> TaskDraft | None:
        """Return a task that was seen before; None for others."""
        return self.tasks[task_id] if task_id is not None and task_id in self.tasks else None

    @property
    def records(self) -> int:
        """How many records have been drawn."""
        return self.last.number + 1 if self.last else 0

    def freeze(self) -> Snapshot:
        """Return the world as it is now; the draft can go on."""
        return Snapshot(
            self.start,
            self.records,
            self.last.us if self.last else 0,
            self.last,
            MappingProxyType(dict(self.brokers.freeze())),
            MappingProxyType(dict(self.workers.freeze())),
            MappingProxyType(dict(self.tasks.freeze())),
            MappingProxyType({name: MappingProxyType(dict(kept)) for name, kept in self.results.items()}),
            MappingProxyType(dict(self.beats)),
        )
