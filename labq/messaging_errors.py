"""What goes wrong between an app and its broker: with the connection, with a channel, with the content of a message.

Comes in: what went wrong. Goes out: an exception with the name that kombu or py-amqp gives it.
Next door: ``labq.wire`` and ``labq.brokers`` raise them; ``labq.exceptions`` shows the ones that Celery's users meet.
Celery: ``kombu/exceptions.py``, ``amqp/exceptions.py``.

An AMQP broker reports a mistake with a number, the *reply code*, and closes the channel or even the connection: 404 for
a queue that is not there, 406 for one that is declared again with other arguments. (AMQP 0-9-1, "Reply Codes")
"""

from __future__ import annotations


class KombuError(Exception):
    """The parent of kombu's errors."""


class OperationalError(KombuError):
    """The broker cannot be reached; trying again may help."""


class BatchPublishError(KombuError):
    """Nobody knows how much of a batch of messages has reached the broker."""


class SerializationError(KombuError):
    """The content of a message cannot be turned into bytes or back."""


class EncodeError(SerializationError):
    """The value cannot be turned into bytes."""


class DecodeError(SerializationError):
    """The bytes cannot be turned into a value."""


class NotBoundError(KombuError):
    """An exchange or queue was asked to act without a channel."""


class MessageStateError(KombuError):
    """The message has already been acknowledged, rejected or requeued."""


class LimitExceeded(KombuError):
    """A pool is empty."""


class ConnectionLimitExceeded(LimitExceeded):
    """Too many connections at the same time."""


class ChannelLimitExceeded(LimitExceeded):
    """Too many channels at the same time."""


class VersionMismatch(KombuError):
    """A library has the wrong version."""


class SerializerNotInstalled(KombuError):
    """Nobody here can write or read this content type."""


class ContentDisallowed(SerializerNotInstalled):
    """The content type could be read, but ``accept_content`` forbids it."""


class AMQPError(Exception):
    """The parent of what an AMQP broker reports.

    Arguments:
        reply_text: the broker's words.
        method_sig: numbers of the AMQP class and method that caused it.
        method_name: their name, such as "Queue.declare".
        reply_code: the broker's number; by default that of the class.
    """

    code = 0

    def __init__(
        self,
        reply_text: str | None = None,
        method_sig: tuple[int, int] | None = None,
        method_name: str | None = None,
        reply_code: int | None = None,
    ) -> None:
        self.message = reply_text
        self.reply_code = reply_code or self.code
        self.reply_text = reply_text
        self.method_sig = method_sig
        self.method_name = method_name or ""
        super().__init__(reply_code, reply_text, method_sig, self.method_name)

    @property
    def method(self) -> str | tuple[int, int] | None:
        """What the broker was doing: the name of the AMQP method, or its numbers."""
        return self.method_name or self.method_sig

    def __str__(self) -> str:
        if self.method:
            return f"{self.method}: ({self.reply_code}) {self.reply_text}"
        return self.reply_text or f"<{type(self).__name__}: unknown error>"


class ConnectionError(AMQPError):  # noqa: A001 - py-amqp's name
    """The broker closes the connection, and every channel with it."""


class ChannelError(AMQPError):
    """The broker closes the channel; the connection lives."""


class RecoverableConnectionError(ConnectionError):
    """Connecting again may help."""


class IrrecoverableConnectionError(ConnectionError):
    """Connecting again will not help."""


class RecoverableChannelError(ChannelError):
    """Opening the channel again may help."""


class IrrecoverableChannelError(ChannelError):
    """Opening the channel again will not help."""


class InconsistencyError(ConnectionError):
    """What the broker holds does not fit together; it may after a while."""


class ConnectionForced(RecoverableConnectionError):
    """An operator closed the connection, or the broker is shutting down."""

    code = 320


class AccessRefused(IrrecoverableChannelError):
    """This user may not do that."""

    code = 403


class NotFound(IrrecoverableChannelError):
    """There is no such queue or exchange."""

    code = 404


class ResourceLocked(RecoverableChannelError):
    """The queue belongs to another connection (it is exclusive)."""

    code = 405


class PreconditionFailed(IrrecoverableChannelError):
    """It exists, but with other arguments; or the delivery tag is unknown."""

    code = 406


class ResourceError(RecoverableConnectionError):
    """The broker is out of memory or disk."""

    code = 506
