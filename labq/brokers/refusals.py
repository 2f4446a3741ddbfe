"""Refusals: what a broker says when it will not do something, in RabbitMQ's words and with py-amqp's names.

Comes in: what was asked. Goes out: an exception that is both a ``LabError``, with a hint, and py-amqp's own kind.
Next door: everything in this room raises them; ``labq.messaging_errors`` has the kinds.
Celery: ``amqp/exceptions.py``, and the texts of RabbitMQ's server.
"""

from __future__ import annotations

from typing import Any

from labq import messaging_errors
from labq.exceptions import LabError
from labq.i18n import Text, spoken, text

NUMBERS = {
    "Exchange.declare": (40, 10),
    "Exchange.delete": (40, 20),
    "Exchange.bind": (40, 30),
    "Exchange.unbind": (40, 40),
    "Queue.declare": (50, 10),
    "Queue.bind": (50, 20),
    "Queue.purge": (50, 30),
    "Queue.delete": (50, 40),
    "Queue.unbind": (50, 50),
    "Basic.consume": (60, 20),
    "Basic.publish": (60, 40),
    "Basic.get": (60, 70),
    "Basic.ack": (60, 80),
    "Basic.reject": (60, 90),
}
"""AMQP's numbers of the methods: of the class and within it."""


class Refusal(LabError, messaging_errors.AMQPError):
    """The broker refuses.

    Arguments:
        reply_text: the broker's words.
        hint: what to do about it.
        method_name: the AMQP method that was refused, such as ``Queue.declare``; empty when nobody knows.
    """

    message: str
    breaks_connection = False
    """Whether the broker closes the whole connection, not only the channel."""

    def __init__(self, reply_text: str, hint: Text | str | None = None, method_name: str = "") -> None:
        super().__init__(reply_text, hint)
        self.reply_text = reply_text
        self.reply_code = self.code
        self.method_name = method_name
        self.method_sig = NUMBERS.get(method_name)
        self.args = (self.code, reply_text, self.method_sig, method_name)

    def __str__(self) -> str:
        """Return py-amqp's line: method, number, words."""
        return messaging_errors.AMQPError.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it travel: a task that fails with it stores it."""
        return type(self), (self.reply_text, None, self.method_name)

    def _render_traceback_(self) -> list[str]:
        """Show IPython, which asks, the broker's words and the hint."""
        said = f"{type(self).__name__}: {self}"
        return [said if self.hint is None else f"{said}\n{spoken().say(self.hint)}"]


class NotFound(Refusal, messaging_errors.NotFound):
    """There is no such queue or exchange."""


class AccessRefused(Refusal, messaging_errors.AccessRefused):
    """Nobody may do that, or somebody else has it to themselves."""


class ResourceLocked(Refusal, messaging_errors.ResourceLocked):
    """The queue belongs to another connection."""


class PreconditionFailed(Refusal, messaging_errors.PreconditionFailed):
    """It is there, but otherwise than it was asked for; or what was asked for cannot be."""


class CommandInvalid(Refusal, messaging_errors.IrrecoverableConnectionError):
    """The broker does not know what that is."""

    code = 503
    breaks_connection = True


class NotImplementedByBroker(Refusal, messaging_errors.IrrecoverableConnectionError):
    """RabbitMQ knows what that is and does not do it."""

    code = 540
    breaks_connection = True


def no_exchange(name: str, method: str) -> NotFound:
    """Return the refusal of something to or from an exchange that is not there."""
    hint = text("Declare the exchange first; kombu does so when a queue names it.")
    return NotFound(f"NOT_FOUND - no exchange '{name}' in vhost '/'", hint, method)


def no_queue(name: str, method: str) -> NotFound:
    """Return the refusal of something with a queue that is not there."""
    hint = text("Declare the queue first: a worker does so for the queues it consumes.")
    return NotFound(f"NOT_FOUND - no queue '{name}' in vhost '/'", hint, method)


def locked(name: str, method: str) -> ResourceLocked:
    """Return the refusal of something with a queue that another connection has to itself."""
    msg = (
        f"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '{name}' in vhost '/'. It could be "
        "originally declared on another connection or the exclusive property value does not match that of the "
        "original declaration."
    )
    return ResourceLocked(msg, text("An exclusive queue is for the connection that declared it."), method)


def reserved(kind: str, name: str, method: str) -> AccessRefused:
    """Return the refusal of a name that only the broker itself may give."""
    msg = f"ACCESS_REFUSED - {kind} name '{name}' contains reserved prefix 'amq.*'"
    return AccessRefused(msg, text("Choose a name that does not begin with 'amq.'."), method)


def of_default_exchange(method: str) -> AccessRefused:
    """Return the refusal to change what the default exchange does by itself."""
    msg = "ACCESS_REFUSED - operation not permitted on the default exchange"
    return AccessRefused(msg, text("The default exchange leads to every queue by its name."), method)


def invalid_argument(argument: str, queue: str, why: str) -> PreconditionFailed:
    """Return the refusal of a queue's argument that cannot be."""
    msg = f"PRECONDITION_FAILED - invalid arg '{argument}' for queue '{queue}' in vhost '/'{why}"
    return PreconditionFailed(msg, text("RabbitMQ's guide to queues lists what each argument takes."), "Queue.declare")


def inequivalent(kind: str, name: str, argument: str, received: Any, current: Any) -> PreconditionFailed:
    """Return the refusal to declare again, with another *argument*, what is there already.

    Arguments:
        kind: ``queue`` or ``exchange``.
        name: of which one.
        argument: what differs.
        received: what was asked for; None for an argument that was not given.
        current: what it has; None for an argument that it has not.
    """
    if received is None or current is None:
        told = f"received {_described(received)} but current is {_described(current)}"
    else:
        told = f"received '{_spelled(received)}' but current is '{_spelled(current)}'"
    msg = f"PRECONDITION_FAILED - inequivalent arg '{argument}' for {kind} '{name}' in vhost '/': {told}"
    hint = text("What was declared keeps its arguments; use another name, or delete it first.")
    return PreconditionFailed(msg, hint, f"{kind.capitalize()}.declare")


def _described(value: Any) -> str:
    return "none" if value is None else f"the value '{_spelled(value)}' of type '{amqp_type(value)}'"


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def amqp_type(value: Any) -> str:
    """Return AMQP's name for the type of *value* in a table."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "signedint"
    return "double" if isinstance(value, float) else "longstr"
