"""A message as the program that got it holds it: its body, and the ways to be done with it.

Comes in: what a channel received. Goes out: the decoded body; an acknowledgement or a refusal.
Next door: ``labq.kombu.channel`` makes them, ``labq.kombu.messaging`` hands them to callbacks.
Celery: ``kombu/message.py``.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Mapping
from typing import Any

from labq.messaging_errors import MessageStateError
from labq.wire.compression import decompress
from labq.wire.serializers import loads

__all__ = ("Message",)

ENDED = frozenset(("ACK", "REJECTED", "REQUEUED"))


class Message:
    """A message that was received.

    Arguments:
        body: its body, encoded; it is unpacked here when it was compressed.
        delivery_tag: by which the channel knows it.
        content_type, content_encoding: how the body was encoded.
        delivery_info: exchange, routing key, consumer's tag, whether it was redelivered.
        properties: AMQP's.
        headers: the sender's.
        postencode: in which encoding a body that is text becomes bytes.
        accept: content types that may be decoded; None for all that are not disabled.
        channel: where it came from, and where it is acknowledged.
    """

    MessageStateError = MessageStateError

    def __init__(
        self,
        body: Any = None,
        delivery_tag: Any = None,
        content_type: str | None = None,
        content_encoding: str | None = None,
        delivery_info: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        postencode: str | None = None,
        accept: Collection[str] | None = None,
        channel: Any = None,
        **_: Any,
    ) -> None:
        self.errors: list[Any] = []
        self.channel = channel
        self.delivery_tag = delivery_tag
        self.content_type = content_type
        self.content_encoding = content_encoding
        self.delivery_info = dict(delivery_info or {})
        self.properties = dict(properties or {})
        self.headers = dict(headers or {})
        self.accept = accept
        self._state = "RECEIVED"
        self._decoded: Any = None
        compression = self.headers.get("compression")
        try:
            if compression:
                body = decompress(body, compression)
            if postencode and isinstance(body, str):
                body = body.encode(postencode)
        except Exception:  # noqa: BLE001 - whatever is wrong with the bytes is said when the message is read
            self.errors.append(sys.exc_info())
        self.body = body

    def _reraise_error(self, callback: Any = None) -> None:
        error = self.errors[0][1]
        if callback is None:
            raise error
        callback(self, error)

    # -- being done with it ------------------------------------------------------------------------------------
    @property
    def acknowledged(self) -> bool:
        """Whether it was acknowledged, rejected or requeued."""
        return self._state in ENDED

    def ack(self, multiple: bool = False) -> None:
        """Acknowledge it; with *multiple* everything before it as well.

        Raises:
            MessageStateError: when that was done before.
        """
        self._check_channel()
        if self.delivery_info.get("consumer_tag") in (self.channel.no_ack_consumers or ()):
            return
        self._check_state()
        self.channel.basic_ack(self.delivery_tag, multiple=multiple)
        self._state = "ACK"

    def reject(self, requeue: bool = False) -> None:
        """Refuse it: away for good, or with *requeue* back into its queue."""
        self._check_channel()
        self._check_state()
        self.channel.basic_reject(self.delivery_tag, requeue=requeue)
        self._state = "REJECTED"

    def requeue(self) -> None:
        """Give it back to its queue."""
        self._check_channel()
        self._check_state()
        self.channel.basic_reject(self.delivery_tag, requeue=True)
        self._state = "REQUEUED"

    def ack_log_error(
        self, logger: logging.Logger, errors: type[Exception] | tuple[type[Exception], ...], multiple: bool = False
    ) -> None:
        """Acknowledge it; one of *errors* is only logged."""
        try:
            self.ack(multiple=multiple)
        except errors as exc:
            logger.critical("Couldn't ack %r, reason:%r", self.delivery_tag, exc, exc_info=True)

    def reject_log_error(
        self, logger: logging.Logger, errors: type[Exception] | tuple[type[Exception], ...], requeue: bool = False
    ) -> None:
        """Refuse it; one of *errors* is only logged."""
        try:
            self.reject(requeue=requeue)
        except errors as exc:
            logger.critical("Couldn't reject %r, reason: %r", self.delivery_tag, exc, exc_info=True)

    def _check_channel(self) -> None:
        if self.channel is None:
            raise self.MessageStateError("This message does not have a receiving channel")

    def _check_state(self) -> None:
        if self.acknowledged:
            raise self.MessageStateError(f"Message already acknowledged with state: {self._state}")

    # -- reading it --------------------------------------------------------------------------------------------
    def decode(self) -> Any:
        """Return the decoded body; it is decoded once.

        Raises:
            ContentDisallowed, DecodeError: when it may not be, or cannot be.
        """
        if not self._decoded:
            self._decoded = loads(self.body, self.content_type, self.content_encoding, accept=self.accept)
        return self._decoded

    @property
    def payload(self) -> Any:
        """The decoded body."""
        return self.decode()

    def __repr__(self) -> str:
        told = {
            "state": self._state,
            "content_type": self.content_type,
            "delivery_tag": self.delivery_tag,
            "body_length": None if self.body is None else len(self.body),
            "properties": _told(self.properties, "correlation_id", "type"),
            "delivery_info": _told(self.delivery_info, "exchange", "routing_key"),
        }
        shown = {word: value for word, value in told.items() if value is not None}
        return f"<{type(self).__name__} object at {id(self):#x} with details {shown!r}>"


def _told(table: Mapping[str, Any], *words: str) -> dict[str, Any]:
    return {word: table[word] for word in words if table.get(word) is not None}
