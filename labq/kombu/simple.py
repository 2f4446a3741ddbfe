"""Simple queues: ``put`` and ``get``, as Python's own queues have them, on a broker.

Next door: ``labq.kombu.connection`` makes them: ``connection.SimpleQueue("name")``.
Celery: ``kombu/simple.py``.
"""

from __future__ import annotations

from collections import deque
from queue import Empty
from typing import Any, ClassVar, Self

from labq.kombu.messaging import Consumer, Producer
from labq.wire.exchange import Exchange
from labq.wire.queue import Queue

__all__ = ("SimpleBuffer", "SimpleQueue")


class SimpleQueue:
    """A queue that keeps its messages.

    Arguments:
        channel: a channel or a connection.
        name: of queue, exchange and routing key; or a queue.
        no_ack: whether a message counts as acknowledged when it is got.
        queue_opts, queue_args, exchange_opts: more for the queue, its arguments, the exchange.
        serializer, compression: of what is put in.
        accept: content types or serializers that may be decoded.
    """

    Empty = Empty
    no_ack: bool = False
    queue_opts: ClassVar[dict[str, Any]] = {}
    queue_args: ClassVar[dict[str, Any]] = {}
    exchange_opts: ClassVar[dict[str, Any]] = {"type": "direct"}

    def __init__(
        self,
        channel: Any,
        name: Any,
        no_ack: bool | None = None,
        queue_opts: dict[str, Any] | None = None,
        queue_args: dict[str, Any] | None = None,
        exchange_opts: dict[str, Any] | None = None,
        serializer: str | None = None,
        compression: str | None = None,
        accept: Any = None,
    ) -> None:
        if no_ack is not None:
            self.no_ack = no_ack
        queue = name
        if not hasattr(queue, "queue_arguments"):
            exchange = Exchange(name, **{**self.exchange_opts, **(exchange_opts or {})})
            arguments = {**self.queue_args, **(queue_args or {})}
            options = {**self.queue_opts, **(queue_opts or {})}
            queue = Queue(name, exchange, name, queue_arguments=arguments, **options)
        self.channel = getattr(channel, "default_channel", channel)
        self.consumer = Consumer(channel, queue, accept=accept)
        self.producer = Producer(
            channel, queue.exchange, serializer=serializer, routing_key=queue.routing_key, compression=compression
        )
        self.queue = self.consumer.queues[0]
        self.buffer: deque[Any] = deque()
        self._consuming = False
        self.consumer.register_callback(lambda _, message: self.buffer.append(message))

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Return the next message; wait for it *timeout* seconds, or as long as it takes.

        Raises:
            Empty: when there is none.
        """
        if not block:
            return self.get_nowait()
        if not self._consuming:
            self.consumer.consume(no_ack=self.no_ack)
            self._consuming = True
        while not self.buffer:
            try:
                self.channel.connection.client.drain_events(timeout=timeout)
            except TimeoutError:
                raise self.Empty from None
        return self.buffer.popleft()

    def get_nowait(self) -> Any:
        """Return the next message if there is one; raise Empty if not."""
        message = self.queue.get(no_ack=self.no_ack, accept=self.consumer.accept)
        if message is None:
            raise self.Empty
        return message

    def put(
        self,
        message: Any,
        serializer: str | None = None,
        headers: dict[str, Any] | None = None,
        compression: str | None = None,
        routing_key: str | None = None,
        **options: Any,
    ) -> None:
        """Send *message*; for the options see ``Producer.publish``."""
        self.producer.publish(
            message, serializer=serializer, routing_key=routing_key, headers=headers, compression=compression, **options
        )

    def clear(self) -> int:
        """Throw away what is ready; return how many messages that were."""
        return self.consumer.purge()

    def qsize(self) -> int:
        """Return how many messages are ready."""
        return int(self.queue.queue_declare(passive=True)[1])

    def close(self) -> None:
        """Get nothing more."""
        self.consumer.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return self.qsize()

    def __bool__(self) -> bool:
        return True


class SimpleBuffer(SimpleQueue):
    """A queue that keeps nothing: for one connection, gone with it, and nothing is acknowledged."""

    no_ack = True
    queue_opts: ClassVar[dict[str, Any]] = {"durable": False, "auto_delete": True, "exclusive": True}
    exchange_opts: ClassVar[dict[str, Any]] = {"durable": False, "delivery_mode": "transient", "auto_delete": True}
