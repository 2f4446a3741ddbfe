# ruff: noqa: ARG002 - programs give arguments that a lab has no use for
"""The frame of a program that consumes: a class says which consumers it has, and ``run`` hands them what comes.

Comes in: a connection. Goes out: messages to the consumers' callbacks.
Next door: ``labq.kombu.connection`` lets time pass.
Celery: ``kombu/mixins.py``. Nothing interrupts a program in a lab: ``run`` ends when ``should_stop`` says so, or when
nothing can come any more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from typing import Any

from labq.exceptions import NeverReady
from labq.kombu.common import ignore_errors
from labq.kombu.messaging import Consumer, Producer
from labq.wire.saferepr import saferepr

__all__ = ("ConsumerMixin", "ConsumerProducerMixin")

logger = logging.getLogger("kombu.mixins")


class ConsumerMixin:
    """A program that consumes; a subclass sets ``connection`` and writes ``get_consumers``."""

    connection: Any
    connect_max_retries: int | None = None
    should_stop: bool = False

    def get_consumers(self, Consumer: Any, channel: Any) -> list[Any]:  # noqa: N803 - kombu's name
        """Return the consumers; for overriding.

        Arguments:
            Consumer: makes one on the program's channel.
            channel: that channel.
        """
        raise NotImplementedError("Subclass responsibility")

    def on_connection_revived(self) -> None:
        """Be told that the connection is there; for overriding."""

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kwargs: Any) -> None:
        """Be told that messages can come; for overriding."""

    def on_consume_end(self, connection: Any, channel: Any) -> None:
        """Be told that no more messages come; for overriding."""

    def on_iteration(self) -> None:
        """Be told before each wait for a message; for overriding."""

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Log a message that cannot be decoded, and acknowledge it."""
        logger.error(
            "Can't decode message body: %r (type:%r encoding:%r raw:%r')",
            exc, message.content_type, message.content_encoding, saferepr(message.body),
        )  # fmt: skip
        message.ack()

    def on_connection_error(self, exc: Exception, interval: float) -> None:
        """Log that the connection cannot be made."""
        logger.warning("Broker connection error, trying again in %s seconds: %r.", interval, exc, exc_info=exc)

    @contextmanager
    def extra_context(self, connection: Any, channel: Any) -> Iterator[None]:
        """Surround the consuming; for overriding."""
        yield

    def run(self, _tokens: int = 1, **kwargs: Any) -> None:
        """Consume until ``should_stop``, or until nothing can come any more."""
        try:
            for _ in self.consume(limit=None, **kwargs):
                pass
        except NeverReady:
            logger.debug("nothing can come any more")

    @contextmanager
    def consumer_context(self, **kwargs: Any) -> Iterator[tuple[Any, Any, Any]]:
        """Connect and begin to consume."""
        with self.Consumer() as (connection, channel, consumers), self.extra_context(connection, channel):
            self.on_consume_ready(connection, channel, consumers, **kwargs)
            yield connection, channel, consumers

    def consume(
        self, limit: int | None = None, timeout: float | None = None, safety_interval: float = 1, **kwargs: Any
    ) -> Iterator[None]:
        """Consume, and yield after each message.

        Arguments:
            limit: how many times to wait for one; None for ever.
            timeout: seconds without a message after which to raise TimeoutError.
            safety_interval: seconds of one wait.
        """
        elapsed = 0.0
        with self.consumer_context(**kwargs) as (connection, _, _):
            for _ in range(limit) if limit else count():
                if self.should_stop:
                    break
                self.on_iteration()
                try:
                    # without an end to the waiting, the lab says when there is nothing left to wait for
                    connection.drain_events(timeout=safety_interval if timeout or limit else None)
                except TimeoutError:
                    elapsed += safety_interval
                    if timeout and elapsed >= timeout:
                        raise
                else:
                    yield
                    elapsed = 0.0

    def maybe_conn_error(self, fun: Any) -> Any:
        """Call *fun* and pass over errors of the connection."""
        return ignore_errors(self, fun)

    def create_connection(self) -> Any:
        """Return a connection of its own."""
        return self.connection.clone()

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        """Connect, and close the connection in the end."""
        with self.create_connection() as connection:
            connection.ensure_connection(self.on_connection_error, self.connect_max_retries)
            yield connection

    @contextmanager
    def Consumer(self) -> Iterator[tuple[Any, Any, Any]]:  # noqa: N802 - kombu's name
        """Connect and let the consumers of ``get_consumers`` consume."""
        with self.establish_connection() as connection:
            self.on_connection_revived()
            logger.info("Connected to %s", connection.as_uri())
            channel = connection.default_channel
            make = partial(Consumer, channel, on_decode_error=self.on_decode_error)
            with ExitStack() as stack:
                consumers = [stack.enter_context(each) for each in self.get_consumers(make, channel)]
                yield connection, channel, consumers
            self.on_consume_end(connection, channel)

    @property
    def connection_errors(self) -> Any:
        """What may go wrong with the connection."""
        return self.connection.connection_errors

    @property
    def channel_errors(self) -> Any:
        """What may go wrong with a channel."""
        return self.connection.channel_errors


class ConsumerProducerMixin(ConsumerMixin):
    """A program that consumes and sends, on a connection for each."""

    _producer_connection: Any = None

    def on_consume_end(self, connection: Any, channel: Any) -> None:
        """Close the connection for sending."""
        if self._producer_connection is not None:
            self._producer_connection.close()
            self._producer_connection = None

    @property
    def producer(self) -> Producer:
        """A producer on that connection."""
        return Producer(self.producer_connection)

    @property
    def producer_connection(self) -> Any:
        """The connection for sending."""
        if self._producer_connection is None:
            connection = self.connection.clone()
            connection.ensure_connection(self.on_connection_error, self.connect_max_retries)
            self._producer_connection = connection
        return self._producer_connection
