# ruff: noqa: ARG002 - programs give arguments that a lab has no use for
"""A channel: AMQP's methods, as kombu and py-amqp spell them, on one line to a broker of the lab.

Comes in: declarations, messages to publish, acknowledgements. Goes out: the broker's answers, and messages for the
callbacks of consumers.
Next door: ``labq.kombu.connection`` opens channels; the lab does the calls, so that they are in its journal.
Celery: ``kombu/transport/pyamqp.py`` and ``amqp/channel.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Self

from labq.kombu.message import Message
from labq.messaging_errors import ChannelError, RecoverableConnectionError
from labq.wire.message import Message as WireMessage
from labq.wire.message import carried, copied
from labq.wire.publishing import BASIC_PROPERTIES

QUEUE_ARGUMENTS = {
    "expires": ("x-expires", 1000),
    "message_ttl": ("x-message-ttl", 1000),
    "max_length": ("x-max-length", 1),
    "max_length_bytes": ("x-max-length-bytes", 1),
    "max_priority": ("x-max-priority", 1),
}
NO_ROUTE = 312


class Channel:
    """One channel of a connection.

    Arguments:
        connection: the connection; ``connection.client`` is the same one.
        line: the line to the broker.
    """

    message_class = Message

    def __init__(self, connection: Any, line: Any) -> None:
        self._client = connection
        self._line = line
        self.channel_id: int = line.open_channel()
        self.no_ack_consumers: set[str] = set()
        self.events: dict[str, set[Callable[..., Any]]] = defaultdict(set)
        """Who is told of what the broker does unasked: ``basic_return``."""
        self.callbacks: dict[str, Callable[[Message], Any]] = {}
        self._numbers = count(1)

    @property
    def connection(self) -> Any:
        """The connection; None when the channel is closed."""
        return self._client.connection if self.is_open else None

    @property
    def is_open(self) -> bool:
        """Whether it can be used."""
        return bool(self._line.has_channel(self.channel_id))

    @property
    def closed(self) -> bool:
        """Whether it cannot be used any more, as channels of kombu's virtual transports say it."""
        return not self.is_open

    def new_consumer_number(self) -> int:
        """Return a number for another consumer."""
        return next(self._numbers)

    def _call(self, method: str, **arguments: Any) -> Any:
        if not self.is_open:
            raise RecoverableConnectionError("Channel is closed")
        return self._line.call(self.channel_id, method, arguments)

    # -- exchanges ---------------------------------------------------------------------------------------------
    def exchange_declare(
        self,
        exchange: str,
        type: str,
        passive: bool = False,
        durable: bool = False,
        auto_delete: bool = True,
        nowait: bool = False,
        arguments: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Any:
        """Make an exchange; *passive* only checks that it is there."""
        options = {"durable": durable, "auto_delete": auto_delete, "arguments": arguments}
        return self._call("exchange.declare", exchange=exchange, type=type, passive=passive, **options)

    def exchange_delete(self, exchange: str, if_unused: bool = False, nowait: bool = False) -> Any:
        """Delete an exchange."""
        return self._call("exchange.delete", exchange=exchange, if_unused=if_unused)

    def exchange_bind(
        self, destination: str, source: str = "", routing_key: str = "", nowait: bool = False, arguments: Any = None
    ) -> Any:
        """Let *source* hand on to *destination*."""
        names = {"destination": destination, "source": source}
        return self._call("exchange.bind", **names, routing_key=routing_key, arguments=arguments)

    def exchange_unbind(
        self, destination: str, source: str = "", routing_key: str = "", nowait: bool = False, arguments: Any = None
    ) -> Any:
        """Undo ``exchange_bind``."""
        names = {"destination": destination, "source": source}
        return self._call("exchange.unbind", **names, routing_key=routing_key, arguments=arguments)

    # -- queues ------------------------------------------------------------------------------------------------
    def queue_declare(
        self,
        queue: str = "",
        passive: bool = False,
        durable: bool = False,
        exclusive: bool = False,
        auto_delete: bool = True,
        nowait: bool = False,
        arguments: Mapping[str, Any] | None = None,
    ) -> Any:
        """Make a queue; *passive* only checks that it is there.

        Returns: its name, how many messages are ready, how many consumers it has.
        """
        options = {"durable": durable, "exclusive": exclusive, "auto_delete": auto_delete, "arguments": arguments}
        return self._call("queue.declare", queue=queue, passive=passive, **options)

    def prepare_queue_arguments(self, arguments: Mapping[str, Any] | None, **options: Any) -> dict[str, Any]:
        """Return a queue's *options* among its *arguments*, in RabbitMQ's words and milliseconds."""
        told = dict(arguments or {})
        for option, value in options.items():
            if value is not None:
                argument, unit = QUEUE_ARGUMENTS[option]
                told[argument] = int(value * unit)
        return told

    def queue_bind(
        self,
        queue: str,
        exchange: str = "",
        routing_key: str = "",
        nowait: bool = False,
        arguments: Mapping[str, Any] | None = None,
    ) -> Any:
        """Let *exchange* put messages into *queue*."""
        names = {"queue": queue, "exchange": exchange}
        return self._call("queue.bind", **names, routing_key=routing_key or "", arguments=arguments)

    def queue_unbind(
        self,
        queue: str,
        exchange: str,
        routing_key: str = "",
        nowait: bool = False,
        arguments: Mapping[str, Any] | None = None,
    ) -> Any:
        """Undo ``queue_bind``."""
        names = {"queue": queue, "exchange": exchange}
        return self._call("queue.unbind", **names, routing_key=routing_key or "", arguments=arguments)

    def queue_purge(self, queue: str = "", nowait: bool = False) -> int:
        """Throw away what is ready; return how many messages that were."""
        return int(self._call("queue.purge", queue=queue))

    def queue_delete(
        self, queue: str = "", if_unused: bool = False, if_empty: bool = False, nowait: bool = False
    ) -> int:
        """Delete a queue; return how many messages went with it."""
        return int(self._call("queue.delete", queue=queue, if_unused=if_unused, if_empty=if_empty))

    # -- messages out ------------------------------------------------------------------------------------------
    def prepare_message(
        self,
        body: Any,
        priority: int | None = None,
        content_type: str | None = None,
        content_encoding: str | None = None,
        headers: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> WireMessage:
        """Return a message for ``basic_publish``; what AMQP has no place for is dropped from its properties."""
        encoded = body.encode(content_encoding or "utf-8") if isinstance(body, str) else bytes(body)
        kept = {word: value for word, value in (properties or {}).items() if word in BASIC_PROPERTIES}
        if priority is not None:
            kept["priority"] = priority
        given = {word: value for word, value in kept.items() if value is not None}
        kind = content_type or ("text/plain" if isinstance(body, str) else "application/data")
        return WireMessage(encoded, kind, content_encoding or "binary", carried(headers or {}), carried(given))

    def basic_publish(
        self,
        message: WireMessage,
        exchange: str = "",
        routing_key: str | None = "",
        mandatory: bool = False,
        immediate: bool = False,
        **_: Any,
    ) -> None:
        """Send *message*; with *mandatory* it comes back when no queue takes it.

        Raises:
            NotFound: when there is no such exchange.
        """
        names = {"exchange": exchange, "routing_key": routing_key or ""}
        self._call("basic.publish", message=message, **names, mandatory=mandatory)

    # -- messages in -------------------------------------------------------------------------------------------
    def basic_get(self, queue: str = "", no_ack: bool = False, **_: Any) -> Message | None:
        """Take one message out of *queue*, or return None."""
        received = self._call("basic.get", queue=queue, no_ack=no_ack)
        return None if received is None else self._message(received)

    def basic_consume(
        self,
        queue: str = "",
        consumer_tag: str = "",
        no_ack: bool = False,
        exclusive: bool = False,
        callback: Callable[[Message], Any] | None = None,
        **_: Any,
    ) -> str:
        """Ask for the messages of *queue*; return the consumer's tag."""
        options = {"no_ack": bool(no_ack), "exclusive": exclusive}
        tag = str(self._call("basic.consume", queue=queue, tag=consumer_tag, **options))
        if callback is not None:
            self.callbacks[tag] = callback
        if no_ack:
            self.no_ack_consumers.add(tag)
        return tag

    def basic_cancel(self, consumer_tag: str, **_: Any) -> None:
        """Ask for no more messages under *consumer_tag*."""
        self._call("basic.cancel", tag=consumer_tag)
        self.callbacks.pop(consumer_tag, None)
        self.no_ack_consumers.discard(consumer_tag)

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        """Acknowledge a delivery."""
        self._call("basic.ack", tag=delivery_tag, multiple=multiple)

    def basic_reject(self, delivery_tag: int, requeue: bool = False) -> None:
        """Refuse a delivery."""
        self._call("basic.reject", tag=delivery_tag, requeue=requeue)

    def basic_recover(self, requeue: bool = False) -> None:
        """Give back everything that is not acknowledged."""
        self._call("basic.recover", requeue=requeue)

    def basic_qos(self, prefetch_size: int = 0, prefetch_count: int = 0, a_global: bool = False) -> None:
        """Limit how many unacknowledged messages a consumer holds, or (*a_global*) all of the channel's together."""
        self._call("basic.qos", prefetch=prefetch_count, shared=bool(a_global))

    def flow(self, active: bool) -> None:
        """Do nothing: RabbitMQ does not let clients stop a flow either; prefetch does."""

    def message_to_python(self, raw_message: Message) -> Message:
        """Return the message as it is: it is made on arrival."""
        return raw_message

    def after_reply_message_received(self, queue: str) -> None:
        """Do nothing; other transports delete the queue here."""

    def receive(self, received: Any) -> None:
        """Hand what came to whoever waits for it."""
        if received.consumer_tag is None:
            error = ChannelError("NO_ROUTE", (60, 50), None, NO_ROUTE)
            for told in tuple(self.events["basic_return"]):
                told(error, received.exchange, received.routing_key, self._message(received))
            return
        callback = self.callbacks.get(received.consumer_tag)
        if callback is not None:
            callback(self._message(received))

    def _message(self, received: Any) -> Message:
        message = received.message
        info = {
            "consumer_tag": received.consumer_tag,
            "delivery_tag": received.delivery_tag,
            "redelivered": received.redelivered,
            "exchange": received.exchange,
            "routing_key": received.routing_key,
        }
        if received.ready is not None:
            del info["consumer_tag"]
            info["message_count"] = received.ready
        return self.message_class(
            body=message.body,
            delivery_tag=received.delivery_tag,
            content_type=message.content_type,
            content_encoding=message.content_encoding,
            delivery_info=info,
            properties={
                "content_type": message.content_type,
                "content_encoding": message.content_encoding,
                "application_headers": copied(message.headers),
                **copied(message.properties),
            },
            headers=copied(message.headers),
            channel=self,
        )

    def close(self) -> None:
        """Close it: what is not acknowledged goes back."""
        if self.is_open:
            self._call("channel.close")
        self.callbacks.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
