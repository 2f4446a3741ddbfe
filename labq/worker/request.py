"""A request: one task message in a worker, from its arrival to its acknowledgement.

Comes in: what was read from a delivery. Goes out: an ack or a reject, early or late as the task wishes.
Celery: ``celery/worker/request.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from labq.app.context import Context
from labq.brokers.broker import Delivery
from labq.wire.reading import TaskMessage

EMBEDDED = ("callbacks", "errbacks", "chain", "chord")
"""What a message says about what comes after its task."""


class Request:
    """A task message that a worker has taken on.

    Arguments:
        delivery: how it came.
        message: what it says.
        task: the registered task.
        hostname: the worker's name.
    """

    __slots__ = ("acknowledged", "context", "delivery", "id", "message", "serial", "task")

    def __init__(self, delivery: Delivery, message: TaskMessage, task: Any, hostname: str) -> None:
        self.delivery = delivery
        self.message = message
        self.task = task
        self.id = message.id
        """The task's id."""
        self.serial = delivery.held.serial
        """The message's number in its broker."""
        self.acknowledged = False
        embed, properties = message.embed, message.properties
        values = message.headers
        values["args"] = message.args
        values["kwargs"] = message.kwargs
        values["hostname"] = hostname
        values["called_directly"] = False
        values["delivery_info"] = delivery.info
        values["reply_to"] = properties.get("reply_to")
        values["correlation_id"] = properties.get("correlation_id")
        values["properties"] = properties
        if any(embed.values()):
            for word in EMBEDDED:
                values[word] = embed.get(word)
        self.context = Context.of(values)

    @property
    def name(self) -> str:
        """The name that logs show."""
        return self.context.shadow or self.message.name

    @property
    def task_id(self) -> str:
        """The same as ``id``."""
        return self.id

    @property
    def task_name(self) -> str:
        """The same as ``name``."""
        return self.name

    @property
    def args(self) -> Any:
        """The positional arguments."""
        return self.context.args

    @property
    def kwargs(self) -> Any:
        """The keyword arguments."""
        return self.context.kwargs

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
    def eta(self) -> datetime | None:
        """When to run it; None for now."""
        return self.message.eta

    @property
    def expires(self) -> datetime | None:
        """When it is too late; None for never."""
        return self.message.expires

    @property
    def request_dict(self) -> dict[str, Any]:
        """Everything that ``task.request`` will show."""
        return vars(self.context)

    @property
    def argsrepr(self) -> str:
        """The positional arguments as people see them."""
        return str(self.message.headers.get("argsrepr"))

    @property
    def kwargsrepr(self) -> str:
        """The keyword arguments as people see them."""
        return str(self.message.headers.get("kwargsrepr"))

    @property
    def delivery_info(self) -> dict[str, Any]:
        """How the message came: exchange, routing key, priority, redelivered."""
        return self.context.delivery_info or {}

    def acknowledge(self) -> None:
        """Tell the broker that the message is dealt with, once."""
        if not self.acknowledged:
            self.acknowledged = True
            delivery = self.delivery
            delivery.channel.ack(delivery.tag)

    def reject(self, *, requeue: bool, reason: str = "") -> None:
        """Give the message back to the broker, once: into the queue again, or away."""
        if not self.acknowledged:
            self.acknowledged = True
            self.delivery.reject(requeue=requeue, reason=reason)

    def __str__(self) -> str:
        """Return ``proj.add[id]``."""
        return f"{self.name}[{self.id}]"

    def __repr__(self) -> str:
        """Return ``<Request: proj.add[id] [2, 2] {}>``."""
        return f"<Request: {self.name}[{self.id}] {self.argsrepr} {self.kwargsrepr}>"
