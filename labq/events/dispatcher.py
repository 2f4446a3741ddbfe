"""The dispatcher: it sends events for one node.

Comes in: a type and fields. Goes out: a message to the exchange of events, with the node's name, its logical clock and
the moment; or a list of several events as one message, where they are gathered.
Next door: ``labq.worker.monitoring`` has one in each worker, ``app.events.default_dispatcher()`` lends one to a client.
Celery: ``celery/events/dispatcher.py``.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any, Self

from labq import _state
from labq.events.event import Event, driver_type, get_exchange, group_from
from labq.wire.publishing import Draft, sealed

__all__ = ("EventDispatcher",)

CLIENT_PID = 1
"""The number of the client's process: its node is called ``gen1``."""


def utcoffset() -> float:
    """Return by how many hours the lab's computer is west of UTC: by none."""
    return 0.0


class Listeners(dict[Callable[[], Any], None]):
    """A set of functions that keeps the order in which they came: in Celery's, chance decides who is called first."""

    def add(self, function: Callable[[], Any]) -> None:
        """Put *function* in."""
        self[function] = None

    def discard(self, function: Callable[[], Any]) -> None:
        """Take *function* out, if it is in."""
        self.pop(function, None)

    remove = discard


class EventProducer:
    """Publishes events at one broker.

    Arguments:
        app: whose broker it is.
        url: the broker's address.
        serializer: how events are written.
    """

    def __init__(self, app: Any, url: str, serializer: str) -> None:
        self.serializer = serializer
        self._app = app
        self._url = url

    def publish(
        self,
        body: Any,
        routing_key: str,
        exchange: str,
        declare: Iterable[Any] = (),
        serializer: str | None = None,
        headers: Any = None,
        delivery_mode: int = 1,
        **_: Any,
    ) -> None:
        """Send *body*; what no queue is bound for is not sent at all."""
        place = next(each for each in declare if each.name == exchange)
        message = sealed(Draft(dict(headers or {}), {}, body), serializer or self.serializer, None, delivery_mode)
        self._app.world.post.announce(self._url, place, routing_key, message, quietly=True)


class EventDispatcher:
    """Sends events; close it after use, or use it in a ``with`` block.

    Arguments:
        connection: the broker: a connection, an address, or None for the app's.
        hostname: the node's name; by default this client's.
        enabled: False makes ``send`` do nothing until ``enable()``.
        channel: a channel instead of a connection.
        buffer_while_offline: whether events that cannot be sent are kept for ``flush()``; else the error is raised.
        app: the app.
        serializer: how events are written; by default the setting ``event_serializer``.
        groups: the groups of events that are sent; none or nothing means all.
        delivery_mode: 1 or 2, as AMQP has it.
        buffer_group: groups whose events are gathered and sent several at once.
        buffer_limit: how many are sent at the latest.
        on_send_buffered: called when an event was put to the gathered ones.
    """

    DISABLED_TRANSPORTS = frozenset({"sql"})
    app: Any = None

    def __init__(
        self,
        connection: Any = None,
        hostname: str | None = None,
        enabled: bool = True,
        channel: Any = None,
        buffer_while_offline: bool = True,
        app: Any = None,
        serializer: str | None = None,
        groups: Iterable[str] | None = None,
        delivery_mode: int = 1,
        buffer_group: Iterable[str] | None = None,
        buffer_limit: int = 24,
        on_send_buffered: Callable[[], Any] | None = None,
    ) -> None:
        self.app = _state.app_or_default(app or self.app)
        self.connection = channel.connection.client if channel and not connection else connection
        self.channel = channel
        self.hostname = hostname or self.app.origin
        self.buffer_while_offline = buffer_while_offline
        self.buffer_group = frozenset(buffer_group or ())
        self.buffer_limit = buffer_limit
        self.on_send_buffered = on_send_buffered
        self.serializer = serializer or self.app.conf.event_serializer
        self.on_enabled = Listeners()
        """Called by ``enable()``."""
        self.on_disabled = Listeners()
        """Called by ``disable()``."""
        self.groups = set(groups or ())
        self.clock = self.app.clock
        self.delivery_mode = delivery_mode
        self.headers = {"hostname": self.hostname}
        self.pid = CLIENT_PID
        self.producer: Any = None
        """What publishes; None while the dispatcher is closed."""
        self._closed = False
        self._outbound_buffer: deque[tuple[Any, str]] = deque()
        self._group_buffer: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self._url = self._address()
        self.exchange = get_exchange(self.connection or self._url, name=self.app.conf.event_exchange)
        self.enabled = enabled and driver_type(self.connection or self._url) not in self.DISABLED_TRANSPORTS
        if self.enabled:
            self.enable()

    def _address(self) -> str:
        if isinstance(self.connection, str):
            return self.connection
        as_uri = getattr(self.connection, "as_uri", None)
        address = as_uri(include_password=True) if as_uri is not None else None
        return address if isinstance(address, str) else str(self.app.sending.broker_url)

    @property
    def heard(self) -> bool:
        """Whether any queue is bound to the exchange of events."""
        return bool(self.app.world.post.heard(self._url, self.exchange.name))

    # -- being there -------------------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def enable(self) -> None:
        """Send from now on."""
        self.producer = EventProducer(self.app, self._url, self.serializer)
        self._closed = False
        self.enabled = True
        for callback in self.on_enabled:
            callback()

    def disable(self) -> None:
        """Send no more."""
        if self.enabled:
            self.enabled = False
            self.close()
            for callback in self.on_disabled:
                callback()

    def close(self) -> None:
        """Let the producer go; what was gathered stays for after ``enable()``."""
        self._closed = True
        self.producer = None

    @property
    def publisher(self) -> Any:
        """The producer, under its old name."""
        return self.producer

    @publisher.setter
    def publisher(self, producer: Any) -> None:
        self.producer = producer

    # -- sending -----------------------------------------------------------------------------------------------
    def send(
        self,
        type: str,
        blind: bool = False,
        utcoffset: Callable[[], float] = utcoffset,
        retry: bool = False,
        retry_policy: Any = None,
        Event: Callable[..., dict[str, Any]] = Event,  # noqa: N803 - Celery's name
        **fields: Any,
    ) -> None:
        """Send an event, unless its group is not wanted.

        Arguments:
            type: its type; what stands before the first dash is its group.
            blind: whether it has no logical clock.
            utcoffset: tells by how many hours the node is west of UTC.
            retry, retry_policy: for a producer of your own.
            Event: makes the event of type and fields.
            fields: what it says; must be serializable.
        """
        if not self.enabled:
            return
        group = group_from(type)
        if self.groups and group not in self.groups:
            return
        if group in self.buffer_group:
            gathered = self._group_buffer[group]
            gathered.append(self._prepare_event(type, fields, blind=False, Event=Event, utcoffset=utcoffset))
            if len(gathered) >= self.buffer_limit:
                self.flush()
            elif self.on_send_buffered:
                self.on_send_buffered()
            return
        event = self._prepare_event(type, fields, blind=blind, Event=Event, utcoffset=utcoffset)
        if not self._closed:
            self._publish(event, self.producer, type.replace("-", "."), retry=retry, retry_policy=retry_policy)

    def publish(
        self,
        type: str,
        fields: dict[str, Any],
        producer: Any,
        blind: bool = False,
        Event: Callable[..., dict[str, Any]] = Event,  # noqa: N803 - Celery's name
        **kwargs: Any,
    ) -> None:
        """Send an event by a *producer* of your own, whatever the groups, and even while disabled."""
        event = self._prepare_event(type, fields, blind=blind, Event=Event, utcoffset=utcoffset)
        self._publish(event, producer, type.replace("-", "."), **kwargs)

    def _prepare_event(
        self,
        type: str,
        fields: dict[str, Any],
        *,
        blind: bool,
        Event: Callable[..., dict[str, Any]],  # noqa: N803 - Celery's name
        utcoffset: Callable[[], float],
    ) -> dict[str, Any]:
        clock = None if blind else self.clock.forward()
        return Event(type, hostname=self.hostname, utcoffset=utcoffset(), pid=self.pid, clock=clock, **fields)

    def _publish(
        self, event: Any, producer: Any, routing_key: str, retry: bool = False, retry_policy: Any = None
    ) -> None:
        if producer is None:
            return
        try:
            producer.publish(
                event, routing_key=routing_key, exchange=self.exchange.name, retry=retry, retry_policy=retry_policy,
                declare=[self.exchange], serializer=self.serializer, headers=self.headers,
                delivery_mode=self.delivery_mode,
            )  # fmt: skip
        except Exception:
            if not self.buffer_while_offline:
                raise
            self._outbound_buffer.append((event, routing_key))

    def flush(self, errors: bool = True, groups: bool = True) -> None:
        """Send what was kept back: after *errors*, and of *groups* whose events are gathered."""
        if errors and not self._closed:
            kept = tuple(self._outbound_buffer)
            self._outbound_buffer.clear()
            for event, routing_key in kept:
                self._publish(event, self.producer, routing_key)
        if groups and not self._closed:
            for group, events in self._group_buffer.items():
                batch = list(events)
                if batch:
                    self._publish(batch, self.producer, f"{group}.multi")
                    del events[: len(batch)]  # only what was sent: publishing may have added more

    def extend_buffer(self, other: EventDispatcher) -> None:
        """Take over what another dispatcher could not send."""
        self._outbound_buffer.extend(other._outbound_buffer)
