"""Declaring what a description says: the queue, its exchange, its bindings.

Comes in: a kombu queue or exchange (labq's own or kombu's: only their attributes are read). Goes out: declarations.
Celery: ``Queue.declare`` and ``Exchange.declare`` in ``kombu/entity.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from labq.brokers.refusals import no_exchange

OPTIONS = {
    "expires": ("x-expires", 1000),
    "message_ttl": ("x-message-ttl", 1000),
    "max_length": ("x-max-length", 1),
    "max_length_bytes": ("x-max-length-bytes", 1),
    "max_priority": ("x-max-priority", 1),
}
"""The options of a queue that are arguments to the broker: under which name, and by what its unit is multiplied."""

INTERNAL = "amq."
"""What the names of the broker's own exchanges begin with; nobody declares them."""


class Declares(Protocol):
    """The part of a broker that declaring needs."""

    def declare_exchange(
        self,
        name: str,
        kind: str,
        *,
        durable: bool = True,
        auto_delete: bool = False,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        """Make an exchange unless it is there; what it is cannot change."""

    def declare_queue(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        auto_delete: bool = False,
        durable: bool = True,
        owner: object = None,
    ) -> None:
        """Make a queue unless it is there; what it is cannot change."""

    def bind(self, queue: str, exchange: str, routing_key: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Let *exchange* put messages that match *routing_key* into *queue*."""

    def has_exchange(self, name: str) -> bool:
        """Tell whether there is an exchange of that name."""


def queue_arguments(queue: Any) -> dict[str, Any]:
    """Return what a broker is told about *queue*: its arguments, and its options in RabbitMQ's words."""
    told = dict(queue.queue_arguments or {})
    for option, (argument, unit) in OPTIONS.items():
        value = getattr(queue, option, None)
        if value is not None:
            told[argument] = int(value * unit)
    return told


def declare(broker: Declares, queue: Any, owner: object = None) -> None:
    """Make *queue* with its exchange and bindings at *broker*, as kombu does before using it.

    Arguments:
        broker: where.
        queue: its description; one that says ``no_declare`` is left alone.
        owner: who declares it: an exclusive queue is for them alone.

    Raises:
        Refusal: when the broker will not.
    """
    if getattr(queue, "no_declare", None):
        return
    exchange = queue.exchange
    if exchange is not None:
        declare_exchange(broker, exchange)
    broker.declare_queue(
        queue.name,
        queue_arguments(queue),
        auto_delete=bool(queue.auto_delete),
        durable=bool(queue.durable),
        owner=owner if queue.exclusive else None,
    )
    if exchange is not None and exchange.name:
        broker.bind(queue.name, exchange.name, queue.routing_key or "", queue.binding_arguments)
    for binding in queue.bindings or ():
        declare_exchange(broker, binding.exchange)
        broker.bind(queue.name, binding.exchange.name, binding.routing_key or "", binding.arguments)


def declare_entity(broker: Declares, entity: Any, owner: object = None) -> None:
    """Make *entity*, a queue or an exchange, at *broker*; see ``declare``."""
    if hasattr(entity, "queue_arguments"):
        declare(broker, entity, owner)
    else:
        declare_exchange(broker, entity)


def declare_exchange(broker: Declares, exchange: Any) -> None:
    """Make *exchange* at *broker*; the default one and the broker's own need no making."""
    name = exchange.name
    if not name or name.startswith(INTERNAL) or exchange.no_declare:
        return
    if exchange.passive:
        if not broker.has_exchange(name):
            raise no_exchange(name, "Exchange.declare")
        return
    broker.declare_exchange(
        name,
        exchange.type,
        durable=bool(exchange.durable),
        auto_delete=bool(exchange.auto_delete),
        arguments=exchange.arguments,
    )
