"""The rules of a queue: what its arguments ask for, read and checked once.

In comes the table of arguments that a queue is declared with; out go the rules by which the broker treats it, or the
refusal that RabbitMQ would send. A queue without arguments has no rules at all, and nobody asks for them again.
Celery: ``queue_arguments`` of a kombu queue; on RabbitMQ, ``rabbit_amqqueue:check_declare_arguments``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from labq.brokers.refusals import PreconditionFailed, amqp_type, inequivalent, invalid_argument
from labq.i18n import text

HIGHEST_PRIORITY = 255
OVERFLOWS = ("drop-head", "reject-publish", "reject-publish-dlx")
KINDS = ("classic", "quorum", "stream")

CLASSIC_ONLY = ("x-max-priority", "x-queue-mode", "x-queue-master-locator")
QUORUM_ONLY = ("x-delivery-limit", "x-quorum-initial-group-size", "x-dead-letter-strategy")


@dataclass(frozen=True, slots=True)
class QueueRules:
    """How a queue differs from a plain one. Times are in milliseconds; None is no limit.

    Attributes:
        max_priority: the highest priority it tells apart.
        message_ttl: how long a message may wait in it.
        expires: how long it stays when nobody uses it.
        max_length, max_length_bytes: how many messages, or bytes of bodies, may be ready.
        overflow: what happens to one more: ``drop-head`` throws out the first, ``reject-publish`` the new one.
        dead_letter_exchange: where dropped messages go.
        dead_letter_routing_key: with which key; None for the message's own.
        single_active: whether only the first of its consumers gets anything.
        quorum: whether it is a quorum queue.
        delivery_limit: how often a quorum queue takes a message back.
    """

    max_priority: int | None = None
    message_ttl: int | None = None
    expires: int | None = None
    max_length: int | None = None
    max_length_bytes: int | None = None
    overflow: str = "drop-head"
    dead_letter_exchange: str | None = None
    dead_letter_routing_key: str | None = None
    single_active: bool = False
    quorum: bool = False
    delivery_limit: int | None = None

    @property
    def hands_on(self) -> bool:
        """Whether messages that have waited for their time go on to another exchange: it is there to delay them."""
        return self.message_ttl is not None and self.dead_letter_exchange is not None

    @property
    def limited(self) -> bool:
        """Whether there is a limit to what may be ready."""
        return self.max_length is not None or self.max_length_bytes is not None


def read_rules(queue: str, arguments: Mapping[str, Any]) -> QueueRules:
    """Return the rules that *arguments* ask for.

    Raises:
        PreconditionFailed: when one of them cannot be, in RabbitMQ's words.
    """
    kind = arguments.get("x-queue-type", "classic")
    if kind not in KINDS:
        raise invalid_argument("x-queue-type", queue, f": \"unsupported queue type '{kind}'\"")
    if kind == "stream":
        msg = f"NOT_IMPLEMENTED - the lab has no streams, and queue '{queue}' would be one"
        raise PreconditionFailed(msg, text("Use a classic or a quorum queue."), "Queue.declare")
    for argument in QUORUM_ONLY if kind == "classic" else CLASSIC_ONLY:
        if argument in arguments:
            raise invalid_argument(argument, queue, f" of queue type rabbit_{kind}_queue")
    for argument, check in _CHECKS.items():
        if argument in arguments:
            check(queue, argument, arguments[argument])
    if "x-dead-letter-routing-key" in arguments and "x-dead-letter-exchange" not in arguments:
        raise invalid_argument("x-dead-letter-routing-key", queue, ": routing_key_but_no_dlx_defined")
    get = arguments.get
    return QueueRules(
        max_priority=get("x-max-priority"),
        message_ttl=get("x-message-ttl"),
        expires=get("x-expires"),
        max_length=get("x-max-length"),
        max_length_bytes=get("x-max-length-bytes"),
        overflow=get("x-overflow", "drop-head"),
        dead_letter_exchange=get("x-dead-letter-exchange"),
        dead_letter_routing_key=get("x-dead-letter-routing-key"),
        single_active=bool(get("x-single-active-consumer", False)),
        quorum=kind == "quorum",
        delivery_limit=get("x-delivery-limit"),
    )


def check_same(name: str, received: Mapping[str, Any], current: Mapping[str, Any]) -> None:
    """Check that a queue may be declared again with the arguments *received*.

    Raises:
        PreconditionFailed: for the first argument that counts and differs.
    """
    for argument in COMPARED:
        one, other = received.get(argument), current.get(argument)
        if argument == "x-queue-type" and {one, other} <= {None, "classic"}:
            continue
        if one != other:
            raise inequivalent("queue", name, argument, one, other)


def _whole_number(queue: str, argument: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid_argument(argument, queue, f': "expected integer, got {amqp_type(value)}"')
    if value < 0:
        raise invalid_argument(argument, queue, f": {{value_negative,{value}}}")


def _positive(queue: str, argument: str, value: Any) -> None:
    _whole_number(queue, argument, value)
    if value == 0:
        raise invalid_argument(argument, queue, ": {value_zero,0}")


def _priority(queue: str, argument: str, value: Any) -> None:
    _whole_number(queue, argument, value)
    if value > HIGHEST_PRIORITY:
        raise invalid_argument(argument, queue, f": {{max_value_exceeded,{value}}}")


def _overflow(queue: str, argument: str, value: Any) -> None:
    if value not in OVERFLOWS:
        raise invalid_argument(argument, queue, ": invalid_overflow")


def _name(queue: str, argument: str, value: Any) -> None:
    if not isinstance(value, str):
        kind = amqp_type(value)
        msg = f"PRECONDITION_FAILED - invalid type '{kind}' for arg '{argument}' in queue '{queue}' in vhost '/'"
        raise PreconditionFailed(msg, text("It is a name."), "Queue.declare")


def _truth(queue: str, argument: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise invalid_argument(argument, queue, f": {{unacceptable_type,{amqp_type(value)}}}")


_CHECKS: dict[str, Callable[[str, str, Any], None]] = {
    "x-expires": _positive,
    "x-message-ttl": _whole_number,
    "x-dead-letter-exchange": _name,
    "x-dead-letter-routing-key": _name,
    "x-max-length": _whole_number,
    "x-max-length-bytes": _whole_number,
    "x-max-priority": _priority,
    "x-overflow": _overflow,
    "x-single-active-consumer": _truth,
}

COMPARED = (
    *("x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-max-length"),
    *("x-max-length-bytes", "x-max-priority", "x-overflow", "x-single-active-consumer", "x-queue-type"),
    "x-delivery-limit",
)
"""The arguments that a queue must be declared with again; RabbitMQ passes over all others."""
