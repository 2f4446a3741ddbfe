# ruff: noqa: ARG002 - programs give arguments that a lab has no use for
"""Producers and consumers: programs that send and get messages by hand.

Comes in: values to send; messages that have come. Goes out: messages to a channel; decoded bodies to callbacks.
Next door: ``labq.kombu.channel`` carries, ``labq.wire.serializers`` encodes.
Celery: ``kombu/messaging.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Self

from labq.kombu.common import maybe_declare
from labq.sequences import maybe_list
from labq.wire.compression import compress
from labq.wire.exchange import Exchange, delivery_mode_number
from labq.wire.queue import Queue
from labq.wire.serializers import dumps, prepare_accept_content

__all__ = ("Consumer", "Exchange", "Producer", "Queue")


def _channel_of(channel: Any) -> Any:
    return getattr(channel, "default_channel", channel)


class Producer:
    """Sends messages.

    Arguments:
        channel: a channel, or a connection, whose default channel is taken when it is needed.
        exchange: where to, unless ``publish`` says otherwise; the default exchange by default.
        routing_key, serializer, compression: the same for each message.
        auto_declare: whether to declare *exchange* before sending to it.
        on_return: told of a mandatory message that no queue takes: error, exchange, routing key, message.
    """

    exchange: Any = None
    routing_key: str = ""
    serializer: str | None = None
    compression: str | None = None
    auto_declare: bool = True
    on_return: Callable[..., Any] | None = None
    __connection__: Any = None

    def __init__(
        self,
        channel: Any,
        exchange: Any = None,
        routing_key: str | None = None,
        serializer: str | None = None,
        auto_declare: bool | None = None,
        compression: str | None = None,
        on_return: Callable[..., Any] | None = None,
    ) -> None:
        self.exchange = Exchange(exchange) if isinstance(exchange, str) else exchange or Exchange("")
        self.routing_key = routing_key or self.routing_key
        self.serializer = serializer or self.serializer
        self.compression = compression or self.compression
        self.on_return = on_return or self.on_return
        if auto_declare is not None:
            self.auto_declare = auto_declare
        self._channel: Any = None
        self._pool: Any = None
        if channel is not None:
            self.revive(channel)

    def revive(self, channel: Any) -> None:
        """Use another channel, or the default channel of another connection."""
        if hasattr(channel, "default_channel"):
            self.__connection__, self._channel = channel, None
        else:
            self._channel = channel
            self._take_up()

    @property
    def channel(self) -> Any:
        """The channel it sends on."""
        line = self._channel
        if self.__connection__ is not None and (line is None or not line.is_open):
            self._channel = self.__connection__.default_channel
            self._take_up()
        return self._channel

    @channel.setter
    def channel(self, channel: Any) -> None:
        self._channel = channel

    def _take_up(self) -> None:
        self.exchange = self.exchange(self._channel)
        if self.on_return is not None:
            self._channel.events["basic_return"].add(self.on_return)

    @property
    def connection(self) -> Any:
        """The connection it sends on; None when there is none any more."""
        if self.__connection__ is not None:
            return self.__connection__
        connection = getattr(self.channel, "connection", None)
        return None if connection is None else connection.client

    def declare(self) -> None:
        """Declare its exchange."""
        if self.exchange.name:
            self.exchange(self.channel).declare()

    def maybe_declare(self, entity: Any, retry: bool = False, **retry_policy: Any) -> Any:
        """Declare *entity* unless that was done on this connection before."""
        return maybe_declare(entity, self.channel, retry, **retry_policy) if entity else None

    def publish(
        self,
        body: Any,
        routing_key: str | None = None,
        delivery_mode: int | str | None = None,
        mandatory: bool = False,
        immediate: bool = False,
        priority: int | None = 0,
        content_type: str | None = None,
        content_encoding: str | None = None,
        serializer: str | None = None,
        headers: dict[str, Any] | None = None,
        compression: str | None = None,
        exchange: Any = None,
        retry: bool = False,
        retry_policy: dict[str, Any] | None = None,
        declare: Iterable[Any] | None = None,
        expiration: float | None = None,
        timeout: float | None = None,
        confirm_timeout: float | None = None,
        **properties: Any,
    ) -> None:
        """Send *body*.

        Arguments:
            body: any value that the serializer can write; with a *content_type*, text or bytes that go as they are.
            routing_key, serializer, compression, exchange: other ones than the producer's.
            delivery_mode: 1 or ``transient``, 2 or ``persistent``; by default what the exchange says, else 2.
            mandatory: whether to hear of it (``on_return``) when no queue takes the message.
            declare: exchanges and queues that have to be there first.
            expiration: seconds that the message may wait in a queue.
            properties: more of AMQP's properties: ``correlation_id``, ``reply_to`` … The rest is taken as in kombu.

        Raises:
            EncodeError: when *body* cannot be written.
            NotFound: when there is no such exchange.
        """
        headers = {} if headers is None else headers
        if compression is None:
            compression = self.compression
        target = self.exchange if exchange is None or exchange == "" else exchange
        source = target if isinstance(target, Exchange) or hasattr(target, "delivery_mode") else self.exchange
        properties["delivery_mode"] = delivery_mode_number(delivery_mode or source.delivery_mode)
        if expiration is not None:
            properties["expiration"] = str(int(expiration * 1000))
        if isinstance(properties.get("reply_to"), Queue):
            properties["reply_to"] = properties["reply_to"].name
        encoded, content_type, content_encoding = self._encoded(body, serializer, content_type, content_encoding)
        if compression:
            encoded, headers["compression"] = compress(encoded, compression)
        wanted = list(declare or ())
        if self.auto_declare and self.exchange.name and self.exchange not in wanted:
            wanted.append(self.exchange)
        key = self.routing_key if routing_key is None else routing_key
        send = self.connection.ensure(self, self._send, **(retry_policy or {})) if retry else self._send
        send(
            (encoded, priority, content_type, content_encoding, headers, properties),
            {"exchange": getattr(target, "name", target), "routing_key": key, "mandatory": mandatory},
            wanted,
        )

    def _send(self, message: tuple[Any, ...], target: dict[str, Any], wanted: list[Any]) -> None:
        for entity in wanted:
            self.maybe_declare(entity)
        channel = self.channel
        channel.basic_publish(channel.prepare_message(*message), **target)

    def _encoded(
        self, body: Any, serializer: str | None, content_type: str | None, content_encoding: str | None
    ) -> tuple[bytes, str, str]:
        if not content_type:
            written, encoding, encoded = dumps(body, serializer or self.serializer)
            return encoded, written, encoding
        if isinstance(body, str):
            content_encoding = content_encoding or "utf-8"
            return body.encode(content_encoding), content_type, content_encoding
        return bytes(body), content_type, content_encoding or "binary"

    def release(self) -> None:
        """Give it back to its pool, if it comes from one."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.release(self)

    close = release

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<Producer: {self._channel or self.__connection__}>"


class Consumer:
    """Gets messages; as a ``with`` block it consumes inside.

    Arguments:
        channel: a channel, or a connection, whose default channel is taken.
        queues: one queue or several; they are declared now.
        no_ack: whether messages count as acknowledged when they are delivered.
        auto_declare: whether to declare the queues.
        callbacks: called with the decoded body and the message.
        on_decode_error: called with message and error instead of raising it.
        on_message: called with the message alone, not decoded, instead of *callbacks*.
        accept: content types or names of serializers to decode; None for all that are not disabled.
        prefetch_count: how many unacknowledged messages it may hold of each queue.
        tag_prefix: how its consumers' tags begin.
    """

    no_ack: bool | None = None
    auto_declare: bool = True
    callbacks: list[Callable[[Any, Any], Any]] | None = None
    on_message: Callable[[Any], Any] | None = None
    on_decode_error: Callable[[Any, Exception], Any] | None = None

    def __init__(
        self,
        channel: Any,
        queues: Any = None,
        no_ack: bool | None = None,
        auto_declare: bool | None = None,
        callbacks: list[Callable[[Any, Any], Any]] | None = None,
        on_decode_error: Callable[[Any, Exception], Any] | None = None,
        on_message: Callable[[Any], Any] | None = None,
        accept: Iterable[str] | None = None,
        prefetch_count: int | None = None,
        tag_prefix: str | None = None,
    ) -> None:
        self.channel = channel
        self.queues = maybe_list(queues or [])
        self.no_ack = self.no_ack if no_ack is None else no_ack
        self.callbacks = (self.callbacks or []) if callbacks is None else callbacks
        self.on_message = on_message
        self.tag_prefix = tag_prefix
        self.accept = prepare_accept_content(maybe_list(accept))
        self.prefetch_count = prefetch_count
        self._active_tags: dict[str, str] = {}
        if auto_declare is not None:
            self.auto_declare = auto_declare
        if on_decode_error is not None:
            self.on_decode_error = on_decode_error
        if self.channel:
            self.revive(self.channel)

    @property
    def queues(self) -> list[Any]:
        """The queues it consumes from."""
        return list(self._queues.values())

    @queues.setter
    def queues(self, queues: Iterable[Any]) -> None:
        self._queues = {queue.name: queue for queue in queues}

    def revive(self, channel: Any) -> None:
        """Use another channel; what was consumed from before is consumed from again."""
        active, self._active_tags = dict(self._active_tags), {}
        self.channel = _channel_of(channel)
        bound = [queue(self.channel) for queue in self._queues.values()]
        if self.auto_declare:
            for queue in bound:
                queue.declare()
        self._queues = {queue.name: queue for queue in bound}  # a queue without a name has been given one
        if self.prefetch_count is not None:
            self.qos(prefetch_count=self.prefetch_count)
        for name in active:
            self._consume(self._queues[name], self.no_ack)

    def declare(self) -> None:
        """Declare its queues."""
        for queue in self._queues.values():
            queue.declare()

    def register_callback(self, callback: Callable[[Any, Any], Any]) -> None:
        """Call *callback* too, with body and message."""
        self.callbacks = [*(self.callbacks or ()), callback]

    def add_queue(self, queue: Any) -> Any:
        """Take another queue in; ``consume`` begins with it. Returns the queue, bound to the channel."""
        bound = queue(self.channel)
        if self.auto_declare:
            bound.declare()
        self._queues[bound.name] = bound
        return bound

    def consume(self, no_ack: bool | None = None) -> None:
        """Begin to consume, where that was not begun yet."""
        for queue in self._queues.values():
            self._consume(queue, self.no_ack if no_ack is None else no_ack)

    def _consume(self, queue: Any, no_ack: bool | None) -> None:
        if queue.name not in self._active_tags:
            tag = f"{self.tag_prefix}{self.channel.new_consumer_number()}"
            self._active_tags[queue.name] = tag
            queue.consume(tag, self._receive_callback, no_ack=no_ack)

    def cancel(self) -> None:
        """Consume no more; what was delivered can still be acknowledged."""
        for tag in self._active_tags.values():
            self.channel.basic_cancel(tag)
        self._active_tags.clear()

    close = cancel

    def cancel_by_queue(self, queue: Any) -> None:
        """Consume no more from *queue*, and forget it."""
        name = getattr(queue, "name", queue)
        tag = self._active_tags.pop(name, None)
        self._queues.pop(name, None)
        if tag is not None:
            self.channel.basic_cancel(tag)

    def consuming_from(self, queue: Any) -> bool:
        """Tell whether it consumes from *queue* now."""
        return getattr(queue, "name", queue) in self._active_tags

    def purge(self) -> int:
        """Throw away what is ready in its queues; return how many messages that were."""
        return sum(queue.purge() for queue in self._queues.values())

    def flow(self, active: bool) -> None:
        """Ask the broker to pause; see ``Channel.flow``."""
        self.channel.flow(active)

    def qos(self, prefetch_size: int = 0, prefetch_count: int = 0, apply_global: bool = False) -> None:
        """Limit how many unacknowledged messages it may hold."""
        self.channel.basic_qos(prefetch_size, prefetch_count, apply_global)

    def recover(self, requeue: bool = False) -> None:
        """Give back everything that is not acknowledged."""
        self.channel.basic_recover(requeue=requeue)

    def receive(self, body: Any, message: Any) -> None:
        """Hand a decoded message to the callbacks.

        Raises:
            NotImplementedError: when there are none.
        """
        if not self.callbacks:
            raise NotImplementedError("Consumer does not have any callbacks")
        for callback in tuple(self.callbacks):
            callback(body, message)

    def _receive_callback(self, message: Any) -> Any:
        if self.accept is not None:
            message.accept = self.accept
        if message.errors:
            return message._reraise_error(self.on_decode_error)
        if self.on_message is not None:
            return self.on_message(message)
        try:
            decoded = message.decode()
        except Exception as exc:
            if self.on_decode_error is None:
                raise
            return self.on_decode_error(message, exc)
        return self.receive(decoded, message)

    @property
    def connection(self) -> Any:
        """The connection it consumes on; None when there is none any more."""
        connection = getattr(self.channel, "connection", None)
        return None if connection is None else connection.client

    def __enter__(self) -> Self:
        self.consume()
        return self

    def __exit__(self, *_: object) -> None:
        if self.channel and self.channel.connection:
            self.cancel()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.queues}>"
