"""Exchange and binding: where messages are published to, and the ways from there into queues.

In come the names and options people write; out go descriptions. A description does nothing by itself; bound to a
channel it acts there.
Next door: ``queue`` describes queues; ``labq.kombu`` shows all of them under the names people import.
Celery: ``kombu/entity.py`` and ``kombu/abstract.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, ClassVar, Self

from labq.messaging_errors import NotBoundError

TRANSIENT_DELIVERY_MODE = 1
PERSISTENT_DELIVERY_MODE = 2
DELIVERY_MODES = {"transient": TRANSIENT_DELIVERY_MODE, "persistent": PERSISTENT_DELIVERY_MODE}

INTERNAL = "amq."
"""What the names of the broker's own exchanges begin with."""

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


def bare(value: Any) -> str:
    """Return the ``repr`` of a name without its quotes."""
    return repr(value)[1:-1]


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


class Bindable(Entity):
    """An entity that can be bound to a channel, and then acts there.

    A channel is anything with the methods of an AMQP channel: ``labq.kombu.channel`` has one. A connection will do too:
    its default channel is taken.
    """

    _channel: Any = None

    @property
    def is_bound(self) -> bool:
        """Whether it is bound to a channel."""
        return self._channel is not None

    @property
    def channel(self) -> Any:
        """The channel it is bound to.

        Raises:
            NotBoundError: when there is none.
        """
        if self._channel is None:
            raise NotBoundError(f"Can't call method on {type(self).__name__} not bound to a channel")
        if callable(self._channel):
            self._channel = self._channel()
        return self._channel

    def __call__(self, channel: Any) -> Self:
        """Return a copy that is bound to *channel*."""
        return self.bind(channel)

    def bind(self, channel: Any) -> Self:
        """Return a copy that is bound to *channel*."""
        bound = copy(self)
        bound._channel = None
        return bound.maybe_bind(channel)

    def maybe_bind(self, channel: Any) -> Self:
        """Bind this very entity to *channel*, unless it is bound already or there is no channel."""
        if channel is not None and not self.is_bound:
            self.revive(channel)
        return self

    def revive(self, channel: Any) -> None:
        """Bind this very entity to another *channel*."""
        self._channel = getattr(channel, "default_channel", channel)
        self.when_bound()

    def when_bound(self) -> None:
        """Bind what belongs to it as well; for overriding."""

    def _shown(self, text: str) -> str:
        return f"<{text} bound to chan:{self.channel.channel_id}>" if self.is_bound else f"<unbound {text}>"


class Exchange(Bindable):
    """Where messages are published to, and sorted into queues.

    Arguments (None means the default, and words not named here are taken and forgotten, as in kombu):
        channel: the channel to bind it to; None for none.
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
        channel: Any = None,
        **options: Any,
    ) -> None:
        self.name = name or self.name
        self.type = type or self.type
        for flag in ("durable", "passive", "auto_delete", "no_declare"):
            if options.get(flag) is not None:
                setattr(self, flag, bool(options[flag]))
        self.arguments = options.get("arguments")
        mode = options.get("delivery_mode")
        self.delivery_mode = DELIVERY_MODES.get(mode, mode) if isinstance(mode, str) else mode
        self.maybe_bind(channel)

    @property
    def can_cache_declaration(self) -> bool:
        """Whether it is still there once it was declared."""
        return not self.auto_delete

    # -- on a channel ------------------------------------------------------------------------------------------
    def declare(self, nowait: bool = False, passive: bool | None = None, channel: Any = None) -> Any:
        """Make it at the broker; the default exchange and the broker's own are there anyway.

        Arguments:
            nowait: whether to wait for no answer; in a lab there is nothing to wait for.
            passive: whether it must be there already; by default what its attribute says.
            channel: another channel than the one it is bound to.
        """
        if self.no_declare or not self.name or self.name.startswith(INTERNAL):
            return None
        return (channel or self.channel).exchange_declare(
            exchange=self.name,
            type=self.type,
            durable=self.durable,
            auto_delete=self.auto_delete,
            arguments=self.arguments,
            nowait=nowait,
            passive=self.passive if passive is None else passive,
        )

    def bind_to(
        self,
        exchange: Exchange | str = "",
        routing_key: str = "",
        arguments: Arguments | None = None,
        nowait: bool = False,
        channel: Any = None,
        **_: Any,
    ) -> Any:
        """Let *exchange* hand on to this one what matches *routing_key*."""
        return (channel or self.channel).exchange_bind(
            destination=self.name, source=getattr(exchange, "name", exchange), routing_key=routing_key,
            nowait=nowait, arguments=arguments,
        )  # fmt: skip

    def unbind_from(
        self,
        source: Exchange | str = "",
        routing_key: str = "",
        nowait: bool = False,
        arguments: Arguments | None = None,
        channel: Any = None,
    ) -> Any:
        """Undo ``bind_to``."""
        return (channel or self.channel).exchange_unbind(
            destination=self.name, source=getattr(source, "name", source), routing_key=routing_key,
            nowait=nowait, arguments=arguments,
        )  # fmt: skip

    def Message(  # noqa: N802 - kombu's name
        self,
        body: Any,
        delivery_mode: int | str | None = None,
        properties: dict[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """Return a message for ``publish``; *body* is text or bytes and goes as it is."""
        properties = {} if properties is None else properties
        properties["delivery_mode"] = delivery_mode_number(delivery_mode or self.delivery_mode)
        if isinstance(body, str):
            options.setdefault("content_encoding", "utf-8")
        return self.channel.prepare_message(body, properties=properties, **options)

    def publish(
        self,
        message: Any,
        routing_key: str | None = None,
        mandatory: bool = False,
        immediate: bool = False,
        exchange: str | None = None,
    ) -> Any:
        """Send *message*, one of ``Message`` or text."""
        if isinstance(message, str):
            message = self.Message(message)
        return self.channel.basic_publish(
            message, exchange=exchange or self.name, routing_key=routing_key, mandatory=mandatory, immediate=immediate
        )

    def delete(self, if_unused: bool = False, nowait: bool = False) -> Any:
        """Delete it at the broker; with *if_unused* only when nothing is bound to it."""
        return self.channel.exchange_delete(exchange=self.name, if_unused=if_unused, nowait=nowait)

    def binding(
        self, routing_key: str = "", arguments: Arguments | None = None, unbind_arguments: Arguments | None = None
    ) -> binding:
        """Return a binding to this exchange."""
        return binding(self, routing_key, arguments, unbind_arguments)

    def __hash__(self) -> int:
        return hash(f"E|{self.name}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Exchange) and type(other).__name__ != "Exchange":  # kombu's own will do
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name, None)
            for name in ("name", "type", "arguments", "durable", "auto_delete", "delivery_mode")
        )

    def __str__(self) -> str:
        return f"Exchange {bare(self.name) or repr('')}({self.type})"

    def __repr__(self) -> str:
        return self._shown(str(self))


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

    def declare(self, channel: Any, nowait: bool = False) -> None:
        """Make the exchange it comes from, if it has a name."""
        if self.exchange is not None and self.exchange.name:
            self.exchange.declare(channel=channel, nowait=nowait)

    def bind(self, entity: Any, nowait: bool = False, channel: Any = None) -> None:
        """Let *entity*, a queue or an exchange, be reached this way."""
        entity.bind_to(
            exchange=self.exchange,
            routing_key=self.routing_key,
            arguments=self.arguments,
            nowait=nowait,
            channel=channel,
        )

    def unbind(self, entity: Any, nowait: bool = False, channel: Any = None) -> None:
        """Let *entity* be reached this way no more."""
        entity.unbind_from(
            self.exchange, routing_key=self.routing_key, arguments=self.unbind_arguments, nowait=nowait, channel=channel
        )

    def __str__(self) -> str:
        return f"{bare(self.exchange.name if self.exchange else '')}->{bare(self.routing_key)}"

    def __repr__(self) -> str:
        return f"<binding: {self}>"
