"""Exchange, queue and binding: what shall be there, said in advance.

In come the names and options people write in ``task_queues`` and ``task_routes``; out go descriptions that a broker
declares when somebody publishes to them or consumes from them. A description does nothing by itself.
Next door: ``labq.kombu`` shows them under the name people import; ``app/routes`` chooses among them, brokers declare.
Celery: ``kombu/entity.py``. Here the bindings of a queue keep the order they were given in, so that a run can be
repeated; and there is no binding to a channel: the lab's brokers take the description itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

TRANSIENT_DELIVERY_MODE = 1
PERSISTENT_DELIVERY_MODE = 2
DELIVERY_MODES = {"transient": TRANSIENT_DELIVERY_MODE, "persistent": PERSISTENT_DELIVERY_MODE}

Arguments = Mapping[str, Any]


def delivery_mode_number(mode: int | str | None) -> int:
    """Return *mode* as AMQP's number; persistent when nothing is said. ValueError for a name that is none."""
    if not mode:
        return PERSISTENT_DELIVERY_MODE
    if isinstance(mode, int):
        return mode
    try:
        return DELIVERY_MODES[mode]
    except KeyError:
        raise ValueError(f"delivery_mode must be 1, 2, 'transient' or 'persistent', not {mode!r}") from None


def _bare(value: Any) -> str:
    """Return the ``repr`` of a name without its quotes."""
    return repr(value)[1:-1]


def _no_channel(channel: object) -> None:
    if channel is not None:
        raise TypeError("exchanges and queues are descriptions here, they cannot be bound to a channel")


class Entity:
    """What exchanges, queues and bindings have in common: a list of attributes that describes them whole."""

    attrs: ClassVar[tuple[str, ...]] = ()
    """The attributes, in the order ``as_dict`` gives them."""

    def as_dict(self, recurse: bool = False) -> dict[str, Any]:
        """Return the attributes; with *recurse*, those of the entities among them too."""
        told = {name: getattr(self, name) for name in self.attrs}
        if recurse:
            for name, value in told.items():
                if isinstance(value, Entity):
                    told[name] = value.as_dict(recurse=True)
        return told


class Exchange(Entity):
    """Where messages are published to, and sorted into queues.

    Arguments (None means the default, and words not named here are taken and forgotten, as in kombu):
        name: its name; the empty name is the broker's default exchange.
        type: ``direct``, ``topic``, ``fanout`` or ``headers``.
        durable: whether it survives a restart of the broker.
        auto_delete: whether it goes with its last queue.
        delivery_mode: of messages that say nothing themselves: 1 or ``transient``, 2 or ``persistent``.
        arguments: more for the broker.
        passive: expect it to exist, do not make it.
        no_declare: never declare it.
    """

    TRANSIENT_DELIVERY_MODE = TRANSIENT_DELIVERY_MODE
    PERSISTENT_DELIVERY_MODE = PERSISTENT_DELIVERY_MODE

    attrs = ("name", "type", "arguments", "durable", "passive", "auto_delete", "delivery_mode", "no_declare")

    name: str = ""
    type: str = "direct"
    arguments: Arguments | None = None
    durable: bool = True
    passive: bool = False
    auto_delete: bool = False
    delivery_mode: int | str | None = None
    no_declare: bool = False

    def __init__(
        self,
        name: str | None = "",
        type: str | None = "",
        channel: None = None,
        **options: Any,
    ) -> None:
        _no_channel(channel)
        self.name = name or self.name
        self.type = type or self.type
        for flag in ("durable", "passive", "auto_delete", "no_declare"):
            if options.get(flag) is not None:
                setattr(self, flag, bool(options[flag]))
        self.arguments = options.get("arguments")
        mode = options.get("delivery_mode")
        self.delivery_mode = DELIVERY_MODES.get(mode, mode) if isinstance(mode, str) else mode

    @property
    def can_cache_declaration(self) -> bool:
        """Whether it is still there once it was declared."""
        return not self.auto_delete

    def binding(
        self, routing_key: str = "", arguments: Arguments | None = None, unbind_arguments: Arguments | None = None
    ) -> binding:
        """Return a binding to this exchange."""
        return binding(self, routing_key, arguments, unbind_arguments)

    def __hash__(self) -> int:
        return hash(f"E|{self.name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Exchange):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("name", "type", "arguments", "durable", "auto_delete", "delivery_mode")
        )

    def __str__(self) -> str:
        return f"Exchange {_bare(self.name) or repr('')}({self.type})"

    def __repr__(self) -> str:
        return f"<unbound {self}>"


class binding(Entity):  # noqa: N801 - kombu's name for it
    """One way from an exchange into a queue.

    Arguments:
        exchange: where it comes from.
        routing_key: the key, or in a topic exchange the pattern, of the messages that go this way.
        arguments: more for the broker; in a headers exchange, what the headers must be.
        unbind_arguments: the same when it is undone.
    """

    attrs = ("exchange", "routing_key", "arguments", "unbind_arguments")

    def __init__(
        self,
        exchange: Exchange | None = None,
        routing_key: str = "",
        arguments: Arguments | None = None,
        unbind_arguments: Arguments | None = None,
    ) -> None:
        self.exchange = exchange
        self.routing_key = routing_key
        self.arguments = arguments
        self.unbind_arguments = unbind_arguments

    def __str__(self) -> str:
        return f"{_bare(self.exchange.name if self.exchange else '')}->{_bare(self.routing_key)}"

    def __repr__(self) -> str:
        return f"<binding: {self}>"


_SECONDS = ("expires", "message_ttl")
_BROKER_ARGUMENTS = {
    "expires": "x-expires",
    "message_ttl": "x-message-ttl",
    "max_length": "x-max-length",
    "max_length_bytes": "x-max-length-bytes",
    "max_priority": "x-max-priority",
}


class Queue(Entity):
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

    attrs = (
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
        channel: None = None,
        bindings: Iterable[binding] | None = None,
        on_declared: Callable[[str, int, int], Any] | None = None,
        **options: Any,
    ) -> None:
        _no_channel(channel)
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
        if not isinstance(other, Queue):
            return NotImplemented
        return all(
            getattr(self, word) == getattr(other, word)
            for word in (*self.attrs[:6], "durable", "exclusive", "auto_delete")
        )

    def __repr__(self) -> str:
        name = _bare(self.name)
        if self.bindings:
            return f"<unbound Queue {name} -> [{', '.join(map(str, self.bindings))}]>"
        return f"<unbound Queue {name} -> {self.exchange!r} -> {_bare(self.routing_key)}>"


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
