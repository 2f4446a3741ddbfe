"""A request: one task message in a worker, from its arrival to its acknowledgement.

Comes in: what was read from a delivery. Goes out: an ack or a reject, early or late as the task wishes.
Next door: ``labq.worker.strategy`` decides about requests, ``labq.worker.outcomes`` deals with their ends.
Celery: ``celery/worker/request.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labq.app.context import Context, is_ignored
from labq.brokers.broker import Delivery
from labq.wire.reading import TaskMessage, read_task_message

if TYPE_CHECKING:
    from labq.worker.worker import Worker

EMBEDDED = ("callbacks", "errbacks", "chain", "chord")
"""What a message says about what comes after its task."""


class Request:
    """A task message that a worker has taken on.

    Arguments:
        delivery: how it came.
        message: what it says.
        task: the registered task.
        worker: whose request it is.
    """

    __slots__ = (
        "_told", "acknowledged", "already_cancelled", "already_revoked", "context", "delivery", "id", "message",
        "serial", "started_us", "task", "terminate_signal", "worker", "worker_pid",
    )  # fmt: skip

    def __init__(self, delivery: Delivery, message: TaskMessage, task: Any, worker: Worker) -> None:
        self.delivery = delivery
        self.message = message
        self.task = task
        self.worker = worker
        self.id = message.id
        """The task's id."""
        self.serial = delivery.held.serial
        """The message's number in its broker."""
        self.acknowledged = False
        self.already_revoked = False
        """Whether it was said of this very request that it is revoked."""
        self.already_cancelled = False
        """Whether a cold shutdown ended its run."""
        self.worker_pid: int | None = None
        """The child that runs it."""
        self.started_us: int | None = None
        """When it began to run, in microseconds since the lab began."""
        self.terminate_signal: int | None = None
        """The signal to end it with as soon as it runs."""
        self._told: Context | None = None
        embed, properties = message.embed, message.properties
        values = message.headers
        values["args"] = message.args
        values["kwargs"] = message.kwargs
        values["hostname"] = worker.hostname
        values["called_directly"] = False
        values["delivery_info"] = delivery.info
        values["reply_to"] = properties.get("reply_to")
        values["correlation_id"] = properties.get("correlation_id")
        values["properties"] = properties
        if any(embed.values()) or embed.get("chain") is not None:
            for word in EMBEDDED:
                values[word] = embed.get(word)
        self.context = Context.of(values)
        """What the task sees as its request: from its start on, the body's own."""

    @property
    def told(self) -> Context:
        """What the message said, whatever a body has added to its context or made of its arguments.

        In Celery that stays in the child process; and a body that is played from its tape in a rewind adds nothing.
        """
        if self.started_us is None:
            return self.context
        if self._told is None:
            again = read_task_message(self.delivery.message, self.worker.accept)
            self._told = Request(self.delivery, again, self.task, self.worker).context
        return self._told

    # -- who it is ---------------------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        """The name that logs show."""
        return self.context.shadow or self.message.name

    @property
    def type(self) -> str:
        """The task's name."""
        return self.message.name

    @property
    def task_id(self) -> str:
        """The same as ``id``."""
        return self.id

    @property
    def task_name(self) -> str:
        """The same as ``name``."""
        return self.name

    @property
    def app(self) -> Any:
        """The worker's app."""
        return self.worker.app

    @property
    def hostname(self) -> str | None:
        """The worker's name."""
        return self.context.hostname

    @property
    def root_id(self) -> str | None:
        """The first task of the family."""
        return self.context.root_id

    @property
    def parent_id(self) -> str | None:
        """The task that sent this one."""
        return self.context.parent_id

    @property
    def correlation_id(self) -> str | None:
        """What a reply is known by."""
        return self.context.correlation_id

    @property
    def reply_to(self) -> str | None:
        """Where a reply goes."""
        return self.context.reply_to

    @property
    def group(self) -> str | None:
        """The id of the group it belongs to."""
        return self.context.group

    @property
    def group_index(self) -> int | None:
        """Its place in the group."""
        return self.context.group_index

    @property
    def groups(self) -> Any:
        """The ids of all groups around it."""
        return self.context.get("groups", [])

    @property
    def chord(self) -> Any:
        """The body of the chord it belongs to."""
        return self.context.chord

    @property
    def errbacks(self) -> Any:
        """What is called when it fails."""
        return self.context.errbacks

    @property
    def replaced_task_nesting(self) -> int:
        """How often it was replaced by another task."""
        return self.context.replaced_task_nesting

    @property
    def stamped_headers(self) -> list[str]:
        """The names of its stamps."""
        return self.context.stamped_headers or []

    @property
    def stamps(self) -> dict[str, Any]:
        """Its stamps by name."""
        stamps = self.context.stamps or {}
        return {header: stamps.get(header) for header in self.stamped_headers}

    # -- what it says ------------------------------------------------------------------------------------------
    @property
    def args(self) -> Any:
        """The positional arguments."""
        return self.told.args

    @property
    def kwargs(self) -> Any:
        """The keyword arguments."""
        return self.told.kwargs

    @property
    def argsrepr(self) -> str:
        """The positional arguments as people see them."""
        return str(self.message.headers.get("argsrepr"))

    @property
    def kwargsrepr(self) -> str:
        """The keyword arguments as people see them."""
        return str(self.message.headers.get("kwargsrepr"))

    @property
    def body(self) -> bytes:
        """The message's bytes."""
        return self.delivery.message.body

    @property
    def content_type(self) -> str:
        """What the bytes are."""
        return self.delivery.message.content_type

    @property
    def content_encoding(self) -> str:
        """How text became bytes."""
        return self.delivery.message.content_encoding

    @property
    def eta(self) -> datetime | None:
        """When to run it; None for now."""
        return self.message.eta

    @property
    def expires(self) -> datetime | None:
        """When it is too late; None for never."""
        return self.message.expires

    @property
    def utc(self) -> bool:
        """Whether its moments are UTC: those of protocol 2 are."""
        return True

    @property
    def time_limits(self) -> Any:
        """The hard and the soft limit that the call asked for, in seconds."""
        return self.context.timelimit or (None, None)

    @property
    def ignore_result(self) -> bool:
        """Whether nobody wants its result."""
        return is_ignored(self.task, self.context)

    @property
    def store_errors(self) -> bool:
        """Whether its failure is stored."""
        return not self.ignore_result or bool(self.task.store_errors_even_if_ignored)

    @property
    def request_dict(self) -> dict[str, Any]:
        """Everything that ``task.request`` will show."""
        return vars(self.told)

    @property
    def delivery_info(self) -> dict[str, Any]:
        """How the message came: exchange, routing key, priority, redelivered."""
        return self.context.delivery_info or {}

    # -- its run -----------------------------------------------------------------------------------------------
    @property
    def time_start(self) -> float | None:
        """When it began to run, in seconds since 1970; None before."""
        if self.started_us is None:
            return None
        return self.worker.kernel.clock.start.timestamp() + self.started_us / 1_000_000

    def revoked(self) -> bool:
        """Tell whether it must not run, because it was revoked or is too late; deal with it then."""
        return self.worker.revocations.revoked(self)

    def terminate(self, pool: Any = None, signal: Any = None) -> None:
        """End its run with *signal* (a name or a number), or as soon as it begins, and let it be revoked."""
        del pool  # a request knows its worker
        self.worker.revocations.terminate(self, signal)

    def cancel(self, pool: Any = None, signal: Any = None, emit_retry: bool = True) -> None:
        """End its run without revoking it; *emit_retry* tells everybody that it will be tried again."""
        del pool
        self.worker.revocations.cancel(self, signal, emit_retry=emit_retry)

    def send_event(self, type: str, **fields: Any) -> None:
        """Tell those who monitor the worker, if it tells anybody, what happens to the task."""
        events = self.worker.events
        if events is not None and self.task.send_events:
            events.send(type, uuid=self.id, **fields)

    def info(self, safe: bool = False) -> dict[str, Any]:
        """Return what remote control shows; *safe* shows arguments as text."""
        return {
            "id": self.id,
            "name": self.name,
            "args": self.argsrepr if safe else self.args,
            "kwargs": self.kwargsrepr if safe else self.kwargs,
            "type": self.type,
            "hostname": self.hostname,
            "time_start": self.time_start,
            "acknowledged": self.acknowledged,
            "delivery_info": self.delivery_info,
            "worker_pid": self.worker_pid,
        }

    def humaninfo(self) -> str:
        """Return ``proj.add[id]``."""
        return f"{self.name}[{self.id}]"

    # -- its message -------------------------------------------------------------------------------------------
    @property
    def on_ack(self) -> Callable[..., None]:
        """What acknowledges the message."""
        return lambda *_: self.delivery.ack()

    @property
    def on_reject(self) -> Callable[..., None]:
        """What gives the message back; its third argument says whether into the queue."""
        return lambda _log=None, _errors=None, requeue=False: self.delivery.reject(requeue=requeue)

    def acknowledge(self) -> None:
        """Tell the broker that the message is dealt with, once."""
        if not self.acknowledged:
            self.acknowledged = True
            delivery = self.delivery
            delivery.channel.ack(delivery.tag)

    def reject(self, requeue: bool = False, reason: str = "") -> None:
        """Give the message back to the broker, once: into the queue again, or away."""
        if not self.acknowledged:
            self.acknowledged = True
            self.delivery.reject(requeue=requeue, reason=reason)

    def __str__(self) -> str:
        """Return ``proj.add[id]``, with the moments at which it is due and too late."""
        said = [self.humaninfo()]
        if self.eta:
            said.append(f" ETA:[{self.eta}]")
        if self.expires:
            said.append(f" expires:[{self.expires}]")
        return " ".join(said)

    def __repr__(self) -> str:
        """Return ``<Request: proj.add[id] [2, 2] {}>``."""
        return f"<Request: {self.name}[{self.id}] {self.argsrepr} {self.kwargsrepr}>"
