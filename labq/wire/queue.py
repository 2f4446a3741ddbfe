"""Queue: where messages wait, said in advance.

In come the names and options people write in ``task_queues`` and ``task_routes``; out go descriptions that a broker
declares when somebody publishes to them or consumes from them. Bound to a channel, a description acts there.
Next door: ``exchange`` has what a queue is bound to; ``labq.app.routes`` chooses among queues, brokers declare them.
Celery: ``kombu/entity.py``. Here the bindings of a queue keep the order they were given in, so that a run can be
repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Self

from labq.wire.exchange import Arguments, Bindable, Exchange, bare, binding
from labq.wire.serializers import prepare_accept_content

_SECONDS = ("expires", "message_ttl")
_BROKER_ARGUMENTS = {
    "expires": "x-expires",
    "message_ttl": "x-message-ttl",
    "max_length": "x-max-length",
    "max_length_bytes": "x-max-length-bytes",
    "max_priority": "x-max-priority",
}


class Queue(Bindable):
    """Where messages wait for a worker.

    Arguments (None means the default, and words not named here are taken and forgotten, as in kombu):
        name: its name.
        exchange: an exchange or the name of one; or several ``binding``s, and then ``exchange`` is None.
        routing_key: the key of the messages it gets from that exchange.
        bindings: more ways into it.
        on_declared: called with name, messages and consumers once it is declared.
        durable, auto_delete, no_declare: as of an exchange.
        exclusive: for one connection only, and gone with it; implies *auto_delete*.
        no_ack: messages count as acknowledged when they are delivered.
        alias: another name, for the program's own use.
        expires: seconds without a consumer after which the broker deletes it.
        message_ttl: seconds a message may wait in it.
        max_length, max_length_bytes: how much fits in.
        max_priority: the highest priority it tells apart; None for one row in the order of arrival.
        queue_arguments, binding_arguments, consumer_arguments: more for the broker.
    """

    attrs: ClassVar[tuple[str, ...]] = (
        *("name", "exchange", "routing_key", "queue_arguments", "binding_arguments", "consumer_arguments"),
        *("durable", "exclusive", "auto_delete", "no_ack", "alias", "bindings", "no_declare"),
        *("expires", "message_ttl", "max_length", "max_length_bytes", "max_priority"),
    )

    name: str = ""
    exchange: Exchange | None = Exchange("")
    routing_key: str = ""
    queue_arguments: Arguments | None = None
    binding_arguments: Arguments | None = None
    consumer_arguments: Arguments | None = None
    durable: bool = True
    exclusive: bool = False
    auto_delete: bool = False
    no_ack: bool = False
    alias: str | None = None
    no_declare: bool | None = None
    expires: float | None = None
    message_ttl: float | None = None
    max_length: int | None = None
    max_length_bytes: int | None = None
    max_priority: int | None = None

    def __init__(
        self,
        name: str | None = "",
        exchange: Exchange | str | Iterable[binding] | None = None,
        routing_key: str | None = "",
        channel: Any = None,
        bindings: Iterable[binding] | None = None,
        on_declared: Callable[[str, int, int], Any] | None = None,
        **options: Any,
    ) -> None:
        for word, meaning in _QUEUE_OPTIONS.items():
            if options.get(word) is not None:
                setattr(self, word, meaning(options[word]))
        self.name = name or self.name
        self.routing_key = routing_key or self.routing_key
        self.on_declared = on_declared
        ways = list(bindings or ())
        if isinstance(exchange, str):
            self.exchange = Exchange(exchange)
        elif isinstance(exchange, Exchange):
            self.exchange = exchange
        elif exchange is not None:
            ways.extend(exchange)
        self.bindings = tuple(dict.fromkeys(ways))
        if self.bindings:
            self.exchange = None
        if self.exclusive:
            self.auto_delete = True
        self.maybe_bind(channel)

    @property
    def can_cache_declaration(self) -> bool:
        """Whether it is still there once it was declared."""
        return not self.auto_delete and "x-expires" not in (self.queue_arguments or {})

    @property
    def broker_arguments(self) -> dict[str, Any]:
        """The arguments a broker is given: ``queue_arguments``, and the options in RabbitMQ's words, milliseconds."""
        told = dict(self.queue_arguments or {})
        for word, broker_word in _BROKER_ARGUMENTS.items():
            value = getattr(self, word)
            if value is not None:
                told[broker_word] = int(value * 1000) if word in _SECONDS else int(value)
        return told

    # -- on a channel ------------------------------------------------------------------------------------------
    def when_bound(self) -> None:
        """Bind its exchange to the same channel."""
        if self.exchange is not None:
            self.exchange = self.exchange(self._channel)

    def declare(self, nowait: bool = False, channel: Any = None) -> str:
        """Make exchange, queue and bindings at the broker, unless ``no_declare``; return the name of the queue."""
        if not self.no_declare:
            if self.exchange is not None:
                self.exchange.declare(nowait=nowait, channel=channel)
            self.queue_declare(nowait=nowait, channel=channel)
            if self.exchange is not None and self.exchange.name:
                self.queue_bind(nowait=nowait, channel=channel)
            for way in self.bindings:
                way.declare(channel or self.channel, nowait=nowait)
                way.bind(self, nowait=nowait, channel=channel)
        return self.name

    def queue_declare(self, nowait: bool = False, passive: bool = False, channel: Any = None) -> Any:
        """Make the queue alone; a queue without a name is given one.

        Returns: its name, how many messages are ready, how many consumers it has.
        """
        answer = (channel or self.channel).queue_declare(
            queue=self.name, passive=passive, durable=self.durable, exclusive=self.exclusive,
            auto_delete=self.auto_delete, arguments=self.broker_arguments, nowait=nowait,
        )  # fmt: skip
        if not self.name:
            self.name = answer[0]
        if self.on_declared:
            self.on_declared(*answer)
        return answer

    def queue_bind(self, nowait: bool = False, channel: Any = None) -> Any:
        """Bind it to its exchange."""
        return self.bind_to(self.exchange, self.routing_key, self.binding_arguments, channel=channel, nowait=nowait)

    def bind_to(
        self,
        exchange: Exchange | str | None = "",
        routing_key: str = "",
        arguments: Arguments | None = None,
        nowait: bool = False,
        channel: Any = None,
    ) -> Any:
        """Bind it to *exchange* (or its name)."""
        return (channel or self.channel).queue_bind(
            queue=self.name, exchange=getattr(exchange, "name", exchange), routing_key=routing_key,
            arguments=arguments, nowait=nowait,
        )  # fmt: skip

    def queue_unbind(self, arguments: Arguments | None = None, nowait: bool = False, channel: Any = None) -> Any:
        """Undo ``queue_bind``."""
        return self.unbind_from(self.exchange, self.routing_key, arguments, nowait, channel)

    def unbind_from(
        self,
        exchange: Exchange | str | None = "",
        routing_key: str = "",
        arguments: Arguments | None = None,
        nowait: bool = False,
        channel: Any = None,
    ) -> Any:
        """Undo a binding to *exchange*."""
        return (channel or self.channel).queue_unbind(
            queue=self.name, exchange=getattr(exchange, "name", exchange), routing_key=routing_key,
            arguments=arguments, nowait=nowait,
        )  # fmt: skip

    def get(self, no_ack: bool | None = None, accept: Iterable[str] | None = None) -> Any:
        """Take one message out, or return None.

        Arguments:
            no_ack: whether it counts as acknowledged at once.
            accept: the content types, or names of serializers, that may be decoded.
        """
        message = self.channel.basic_get(queue=self.name, no_ack=self.no_ack if no_ack is None else no_ack)
        if message is not None:
            if message.errors:
                message._reraise_error()
            message.accept = prepare_accept_content(accept)
        return message

    def purge(self, nowait: bool = False) -> int:
        """Throw away what is ready; return how many messages that were."""
        return int(self.channel.queue_purge(queue=self.name, nowait=nowait) or 0)

    def consume(
        self,
        consumer_tag: str = "",
        callback: Callable[[Any], Any] | None = None,
        no_ack: bool | None = None,
        nowait: bool = False,
        on_cancel: Callable[[str], Any] | None = None,
    ) -> Any:
        """Ask for its messages; *callback* gets each one while the connection's events are drained."""
        return self.channel.basic_consume(
            queue=self.name, no_ack=self.no_ack if no_ack is None else no_ack, consumer_tag=consumer_tag or "",
            callback=callback, nowait=nowait, arguments=self.consumer_arguments, on_cancel=on_cancel,
        )  # fmt: skip

    def cancel(self, consumer_tag: str) -> Any:
        """Ask for no more messages under *consumer_tag*."""
        return self.channel.basic_cancel(consumer_tag)

    def delete(self, if_unused: bool = False, if_empty: bool = False, nowait: bool = False) -> Any:
        """Delete it at the broker; return how many messages went with it."""
        return self.channel.queue_delete(queue=self.name, if_unused=if_unused, if_empty=if_empty, nowait=nowait)

    @classmethod
    def from_dict(cls, queue: str, **options: Any) -> Self:
        """Return the queue that a table in ``task_queues`` describes.

        Arguments:
            queue: its name.
            options: its attributes; ``exchange`` is a name, ``binding_key`` is its routing key; what starts with
                ``exchange_`` is for the exchange, with ``queue_`` for the queue, and ``durable`` and ``auto_delete``
                without either are for both.
        """

        def of(what: str, word: str) -> Any:
            value = options.get(f"{what}_{word}")
            return options.get(word) if value is None else value

        exchange = Exchange(
            options.get("exchange"),
            options.get("exchange_type"),
            delivery_mode=options.get("delivery_mode"),
            durable=of("exchange", "durable"),
            auto_delete=of("exchange", "auto_delete"),
            arguments=options.get("exchange_arguments"),
        )
        rest = {word: options[word] for word in ("bindings", *_QUEUE_OPTIONS) if word in options}
        rest |= {word: of("queue", word) for word in ("durable", "auto_delete")}
        return cls(queue, exchange, options.get("binding_key") or options.get("routing_key"), **rest)

    def as_dict(self, recurse: bool = False) -> dict[str, Any]:
        """Return the attributes, ``bindings`` as a list; with *recurse*, exchange and bindings as tables too."""
        told = super().as_dict(recurse)
        told["bindings"] = [way.as_dict(recurse=True) if recurse else way for way in self.bindings]
        return told

    def __hash__(self) -> int:
        return hash(f"Q|{self.name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Queue) and type(other).__name__ != "Queue":  # kombu's own will do
            return NotImplemented
        return all(
            getattr(self, word) == getattr(other, word, None)
            for word in (*self.attrs[:6], "durable", "exclusive", "auto_delete")
        )

    def __repr__(self) -> str:
        name = bare(self.name)
        if self.bindings:
            return self._shown(f"Queue {name} -> [{', '.join(map(str, self.bindings))}]")
        return self._shown(f"Queue {name} -> {self.exchange!r} -> {bare(self.routing_key)}")


def _as_is(value: Any) -> Any:
    return value


_QUEUE_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "queue_arguments": _as_is,
    "binding_arguments": _as_is,
    "consumer_arguments": _as_is,
    "durable": bool,
    "exclusive": bool,
    "auto_delete": bool,
    "no_ack": _as_is,
    "alias": _as_is,
    "no_declare": bool,
    "expires": float,
    "message_ttl": float,
    "max_length": int,
    "max_length_bytes": int,
    "max_priority": int,
}
"""The options of a queue that have no place of their own in its signature, and what they are turned into."""
