"""A snapshot: the whole world at one moment, as frozen values.

Comes in: nothing; these are values. Goes out: the same values, to everyone who looks.
A snapshot holds all that the fold needs to go on from it, so any snapshot can serve as a checkpoint.
Next door: ``labq.snapshot.draft`` is the same world while it is being drawn.
Celery: ``celery.events.state.State`` with its ``Task`` and ``Worker``.

Moments are whole microseconds since the lab began (``us``), as everywhere inside the lab.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from labq.kernel.clock import MICROSECONDS
from labq.log.record import Record
from labq.snapshot.call import call


class Stage(StrEnum):
    """How far a task has come, as the lab sees it.

    A *state* is what a backend stores and ``result.state`` shows; most of a task's life is PENDING there.
    """

    SENT = "sent"
    """Published; its exchange has not routed it yet."""
    QUEUED = "queued"
    DELIVERED = "delivered"
    """On its way into a worker."""
    RECEIVED = "received"
    RESERVED = "reserved"
    """Waits in a worker for a free slot: prefetched."""
    SCHEDULED = "scheduled"
    """Waits in a worker for its ETA."""
    LIMITED = "limited"
    """Waits in a worker for its rate limit."""
    STARTED = "started"
    RETRY = "retry"
    """Ended with the wish to run again; the new message follows."""
    SUCCESS = "success"
    FAILURE = "failure"
    IGNORED = "ignored"
    REJECTED = "rejected"
    REVOKED = "revoked"
    EXPIRED = "expired"
    UNREGISTERED = "unregistered"
    UNROUTABLE = "unroutable"
    DEAD_LETTERED = "dead-lettered"
    PURGED = "purged"
    LOST = "lost"
    """Its worker stopped while the body ran, and the message had been acknowledged already."""


ENDED = frozenset(list(Stage)[list(Stage).index(Stage.SUCCESS) :])
"""The stages after which nothing more happens to a task by itself."""


@dataclass(frozen=True, slots=True)
class Message:
    """A task message as the broker knows it; a retried task is a new message with the old task id."""

    broker: str
    serial: int
    task_id: str | None
    name: str | None = None
    args: str | None = None
    kwargs: str | None = None
    exchange: str = ""
    routing_key: str = ""
    retries: int = 0
    size: int = 0
    published: int = 0
    priority: int | None = None

    @property
    def call(self) -> str:
        """The call that it asks for, ``add(2, 3)``."""
        return call(self.name, self.args, self.kwargs)


@dataclass(frozen=True, slots=True)
class Transit:
    """A message on its way from a publisher into *queues* (None while no exchange has seen it)."""

    message: Message
    queues: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Unacked:
    """A message that was delivered and not yet acknowledged."""

    message: Message
    consumer: str
    tag: int
    since: int
    redelivered: bool


def highest_priority(arguments: str | None) -> int | None:
    """Return what a queue's *arguments*, as the log tells them, say about priorities."""
    for argument in (arguments or "").split():
        name, _, value = argument.partition("=")
        if name == "x-max-priority" and value.isdigit():
            return int(value)
    return None


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue with its messages in order."""

    broker: str
    name: str
    ready: tuple[Message, ...] = ()
    unacked: tuple[Unacked, ...] = ()
    queued: int = 0
    """How many messages have ever come in, not counting those that came back."""
    arguments: str | None = None
    """What it was declared with, ``x-max-priority=10``; None for nothing."""

    @property
    def max_priority(self) -> int | None:
        """The highest priority that it tells apart; None when it tells none."""
        return highest_priority(self.arguments)


class Purpose(StrEnum):
    """What waits in a queue."""

    TASKS = "tasks"
    COMMANDS = "commands"
    """What clients tell a worker to do (Celery's remote control)."""
    REPLIES = "replies"
    """What workers answer a client."""
    EVENTS = "events"
    """What workers tell who monitors them."""


EVENTS = "celeryev"
"""The exchange of monitoring events."""
COMMANDS = ".pidbox"
"""What the names of the exchanges of commands and of replies end with."""


def purpose_of(exchange: str) -> Purpose:
    """Return what goes through an exchange, which its name tells."""
    if exchange == EVENTS:
        return Purpose.EVENTS
    if exchange.endswith(COMMANDS):
        return Purpose.REPLIES if exchange.startswith("reply.") else Purpose.COMMANDS
    return Purpose.TASKS


@dataclass(frozen=True, slots=True)
class Binding:
    """A way from an exchange to a queue."""

    queue: str
    exchange: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker: its exchanges with their types, bindings, queues, and the messages on their way."""

    url: str
    exchanges: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    bindings: tuple[Binding, ...] = ()
    queues: Mapping[str, Queue] = field(default_factory=lambda: MappingProxyType({}))
    transit: tuple[Transit, ...] = ()
    published: int = 0
    unroutable: int = 0


@dataclass(frozen=True, slots=True)
class Shelved:
    """A message that waits inside a worker until a moment: for its ETA, or (*limited*) for its rate limit."""

    message: Message
    until: int | None
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where one body can run."""

    number: int
    """From 1."""
    child: int | None = None
    """The number of the process in it, as a pid would be; None while there is none."""
    generation: int = 1
    """How many children it has had."""
    message: Message | None = None
    """What runs in it."""
    since: int = 0
    until: int | None = None
    """The end of the sleep or computation in which the body is."""
    sleeping: bool = False

    @property
    def busy(self) -> bool:
        """True while a body runs here."""
        return self.message is not None


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker with everything that is inside it."""

    hostname: str
    broker: str = ""
    pool: str = ""
    concurrency: int = 0
    prefetch: int = 0
    """How many unacknowledged messages it asked for; 0 is no limit."""
    queues: tuple[str, ...] = ()
    online: bool = True
    since: int = 0
    """When it started; after it stopped, when that was."""
    how: str = ""
    """How it stopped."""
    prefetched: tuple[Message, ...] = ()
    shelf: tuple[Shelved, ...] = ()
    slots: tuple[Slot, ...] = ()

    @property
    def window(self) -> int:
        """How many unacknowledged messages it may hold now; 0 is no limit.

        Celery adds one for each message that waits for its ETA, so that waiting tasks do not keep others out.
        """
        return self.prefetch + sum(not kept.limited for kept in self.shelf) if self.prefetch else 0

    @property
    def idle(self) -> int:
        """How many slots have nothing to do."""
        return sum(not slot.busy for slot in self.slots)


class Passage(NamedTuple):
    """A stage that a task reached."""

    stage: Stage
    us: int
    where: str | None
    """The exchange, queue or worker in which it did."""


@dataclass(frozen=True, slots=True)
class Task:
    """One task and how far it has come."""

    id: str
    name: str | None = None
    args: str | None = None
    kwargs: str | None = None
    origin: str | None = None
    """Who sent it first."""
    stage: Stage = Stage.SENT
    broker: str = ""
    exchange: str = ""
    routing_key: str = ""
    queue: str | None = None
    worker: str | None = None
    slot: int | None = None
    retries: int = 0
    until: int | None = None
    """The end of its present wait, if that is known."""
    reason: str | None = None
    """What the last failure, retry, rejection or revocation said."""
    result: str | None = None
    """What the body returned, as text."""
    runs: int = 0
    """How often its body was started."""
    forgotten: int | None = None
    """When its result was forgotten."""
    times: tuple[Passage, ...] = ()
    """Each stage that it reached, when and where, in order."""

    @property
    def call(self) -> str:
        """The call, ``add(2, 3)``."""
        return call(self.name, self.args, self.kwargs)

    @property
    def since(self) -> int:
        """When it reached its present stage."""
        return self.times[-1].us if self.times else 0


@dataclass(frozen=True, slots=True)
class Result:
    """What a backend has stored about a task."""

    backend: str
    task_id: str
    state: str
    result: str
    us: int
    size: int


@dataclass(frozen=True, slots=True)
class Beat:
    """A beat: it sends what is due, and runs nothing."""

    name: str
    online: bool = True
    since: int = 0
    """When it started; after it stopped, when that was."""
    how: str = ""
    """How it stopped."""
    sent: int = 0
    """How many tasks it has sent."""
    entry: str = ""
    """The entry of its schedule that was due last."""
    last: int | None = None
    """When that was."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The world after the first *records* records."""

    start: datetime
    """The aware datetime at which the lab began."""
    records: int = 0
    us: int = 0
    last: Record | None = None
    """The record that led here."""
    brokers: Mapping[str, Broker] = field(default_factory=lambda: MappingProxyType({}))
    workers: Mapping[str, Worker] = field(default_factory=lambda: MappingProxyType({}))
    tasks: Mapping[str, Task] = field(default_factory=lambda: MappingProxyType({}))
    results: Mapping[str, Mapping[str, Result]] = field(default_factory=lambda: MappingProxyType({}))
    """By backend, then by task id."""
    beats: Mapping[str, Beat] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def time(self) -> float:
        """Seconds since the lab began."""
        return self.us / MICROSECONDS

    @property
    def now(self) -> datetime:
        """The moment as an aware datetime."""
        return self.start + timedelta(microseconds=self.us)

    def later(self, us: int) -> Snapshot:
        """Return the same world at the moment *us*: time has passed, and nothing more has happened."""
        return replace(self, us=max(self.us, us))

    def queue(self, broker: str, name: str) -> Queue | None:
        """Return a queue by its broker's address and its name."""
        home = self.brokers.get(broker)
        return home.queues.get(name) if home else None

    def queues(self) -> tuple[Queue, ...]:
        """Return the queues of all brokers, in the order in which they were declared."""
        return tuple(queue for broker in self.brokers.values() for queue in broker.queues.values())

    def purpose(self, queue: Queue) -> Purpose:
        """Return what waits in *queue*, which the exchange tells from which it is fed."""
        home = self.brokers.get(queue.broker)
        for binding in home.bindings if home else ():
            if binding.queue == queue.name:
                return purpose_of(binding.exchange)
        return Purpose.TASKS

    def task_queues(self) -> tuple[Queue, ...]:
        """Return the queues in which tasks wait, and no commands, replies or events."""
        return tuple(queue for queue in self.queues() if self.purpose(queue) is Purpose.TASKS)

    def consumers(self, broker: str, queue: str) -> tuple[Worker, ...]:
        """Return the running workers that consume from *queue*."""
        return tuple(
            worker
            for worker in self.workers.values()
            if worker.online and worker.broker == broker and queue in worker.queues
        )

    def unacked(self, worker: str) -> tuple[Unacked, ...]:
        """Return all that *worker* holds without having acknowledged it."""
        return tuple(held for queue in self.queues() for held in queue.unacked if held.consumer == worker)

    def result(self, task_id: str) -> Result | None:
        """Return what any backend has stored about a task; the newest when several have."""
        known = [stored[task_id] for stored in self.results.values() if task_id in stored]
        return max(known, key=lambda result: result.us, default=None)
