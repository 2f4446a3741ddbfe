"""A record, and the closed vocabulary of its kinds.

A record says what happened, when, to which task, and with which facts. The kind names the facts, so that a record is
a small tuple and still reads like a sentence: ``record["queue"]``. The words are those of AMQP and of Celery.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from labq.kernel.clock import MICROSECONDS

_FIELDS: dict[str, tuple[str, ...]] = {}
_PLACES: dict[str, dict[str, int]] = {}


class Kind(str):
    """The name of a kind of record, with the names of its facts in order.

    An instance is nothing but text, and what belongs to it is kept beside it: so the rows of a log, which all begin
    with a kind, hold only plain values, and the garbage collector walks over each of them once.
    """

    __slots__ = ()

    def __new__(cls, name: str, *fields: str) -> Self:
        """Make the kind *name* whose records carry *fields*."""
        _FIELDS[name] = fields
        _PLACES[name] = {field: place for place, field in enumerate(fields)}
        return super().__new__(cls, name)

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the facts, in order."""
        return _FIELDS[self]

    @property
    def places(self) -> dict[str, int]:
        """The place of each fact by its name."""
        return _PLACES[self]


class Record(NamedTuple):
    """One thing that happened."""

    number: int
    """Its place in the log, from 0."""
    us: int
    """The moment, in microseconds since the lab began."""
    kind: Kind
    """What happened."""
    task_id: str | None
    """The task it happened to, if it happened to one."""
    facts: tuple[Any, ...]
    """The facts, in the order of ``kind.fields``."""

    @property
    def time(self) -> float:
        """The moment in seconds since the lab began."""
        return self.us / MICROSECONDS

    def __getitem__(self, place: Any) -> Any:
        """Return the fact called *place*; a number or a slice means the record as a tuple."""
        return self.fact(place) if isinstance(place, str) else tuple.__getitem__(self, place)

    def fact(self, name: str) -> Any:
        """Return the fact called *name*; raise KeyError when this kind has no such fact."""
        return self.facts[self.kind.places[name]]

    def named(self) -> dict[str, Any]:
        """Return the facts by name; facts that a kind was given later are missing in older logs."""
        return dict(zip(self.kind.fields, self.facts, strict=False))

    def __str__(self) -> str:
        """Return one line: number, time, kind, task, facts."""
        facts = " ".join(f"{name}={value!r}" for name, value in self.named().items())
        subject = f" {self.task_id}" if self.task_id else ""
        return f"{self.number:>5} {self.time:>10.3f} {self.kind}{subject} {facts}".rstrip()


# A message is known by its serial number in its broker: a retried task is a new message with the old task id.

# -- the broker ----------------------------------------------------------------------------------------------------
EXCHANGE_DECLARED = Kind("exchange-declared", "broker", "exchange", "type")
EXCHANGE_DELETED = Kind("exchange-deleted", "broker", "exchange")
QUEUE_DECLARED = Kind("queue-declared", "broker", "queue", "arguments")
QUEUE_DELETED = Kind("queue-deleted", "broker", "queue")
QUEUE_BOUND = Kind("queue-bound", "broker", "queue", "exchange", "routing_key")
QUEUE_UNBOUND = Kind("queue-unbound", "broker", "queue", "exchange", "routing_key")
MESSAGE_PUBLISHED = Kind(
    "message-published", "broker", "message", "exchange", "routing_key", "task", "args", "kwargs", "eta", "retries",
    "origin", "size", "priority",
)  # fmt: skip
MESSAGE_ROUTED = Kind("message-routed", "broker", "message", "exchange", "routing_key", "queues")
MESSAGE_UNROUTABLE = Kind("message-unroutable", "broker", "message", "exchange", "routing_key")
MESSAGE_QUEUED = Kind("message-queued", "broker", "message", "queue", "ready")
MESSAGE_DELIVERED = Kind("message-delivered", "broker", "message", "queue", "consumer", "delivery_tag", "redelivered")
MESSAGE_ACKED = Kind("message-acked", "broker", "message", "queue", "consumer", "delivery_tag")
MESSAGE_REJECTED = Kind("message-rejected", "broker", "message", "queue", "consumer", "delivery_tag", "reason")
MESSAGE_REQUEUED = Kind("message-requeued", "broker", "message", "queue", "consumer", "delivery_tag")
MESSAGE_REDELIVERED = Kind("message-redelivered", "broker", "message", "queue", "consumer", "delivery_tag")
MESSAGE_DEAD_LETTERED = Kind("message-dead-lettered", "broker", "message", "queue", "reason", "exchange")
QUEUE_PURGED = Kind("queue-purged", "broker", "queue", "messages")

# -- the worker ----------------------------------------------------------------------------------------------------
WORKER_STARTED = Kind("worker-started", "worker", "broker", "pool", "concurrency", "prefetch", "queues", "children")
WORKER_STOPPED = Kind("worker-stopped", "worker", "how")
CHILD_LOST = Kind("child-lost", "worker", "slot", "child", "reason")
CHILD_STARTED = Kind("child-started", "worker", "slot", "child")
CHILD_STOPPED = Kind("child-stopped", "worker", "slot", "child")
COMMAND_RECEIVED = Kind("command-received", "worker", "command", "arguments")
WORKER_CHANGED = Kind("worker-changed", "worker", "concurrency", "prefetch", "queues")
TASK_RECEIVED = Kind("task-received", "worker", "message", "task", "args", "kwargs", "eta", "expires", "retries")
TASK_UNREGISTERED = Kind("task-unregistered", "worker", "message", "task")
TASK_RESERVED = Kind("task-reserved", "worker", "message")
TASK_SCHEDULED = Kind("task-scheduled", "worker", "message", "eta")
TASK_EXPIRED = Kind("task-expired", "worker", "message", "expires")
TASK_REVOKED = Kind("task-revoked", "worker", "message", "reason")
TASK_LIMITED = Kind("task-limited", "worker", "message", "seconds")
TASK_STARTED = Kind("task-started", "worker", "slot", "message", "retries")
BODY_SLEPT = Kind("body-slept", "worker", "slot", "seconds")
BODY_COMPUTED = Kind("body-computed", "worker", "slot", "seconds")
TASK_SUCCEEDED = Kind("task-succeeded", "worker", "slot", "result", "runtime")
TASK_FAILED = Kind("task-failed", "worker", "slot", "exception", "runtime")
TASK_RETRIED = Kind("task-retried", "worker", "slot", "exception", "seconds")
TASK_REJECTED = Kind("task-rejected", "worker", "slot", "requeue")
TASK_IGNORED = Kind("task-ignored", "worker", "slot")

# -- the result backend --------------------------------------------------------------------------------------------
RESULT_STORED = Kind("result-stored", "backend", "state", "result", "size")
RESULT_FORGOTTEN = Kind("result-forgotten", "backend")
CHORD_COUNTED = Kind("chord-counted", "backend", "group", "count", "size")

# -- beat ----------------------------------------------------------------------------------------------------------
BEAT_STARTED = Kind("beat-started", "beat")
BEAT_STOPPED = Kind("beat-stopped", "beat", "how")
SCHEDULE_DUE = Kind("schedule-due", "beat", "entry", "task", "sent")

# -- the lab itself ------------------------------------------------------------------------------------------------
SUBSCRIBER_REMOVED = Kind("subscriber-removed", "subscriber", "error")

KINDS: dict[str, Kind] = {kind: kind for kind in list(globals().values()) if isinstance(kind, Kind)}
"""Every kind by its name. Nothing else is ever recorded."""
