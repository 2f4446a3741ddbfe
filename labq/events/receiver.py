"""The receiver: it captures events and hands each to whoever is interested in its type.

Comes in: messages from the exchange of events, into a queue of the receiver's own. Goes out: calls of handlers.
Capturing drives the lab, as waiting for a result does: the workers work while it listens.
Next door: ``labq.events.dispatcher`` sends, ``labq.events.state`` is the handler that remembers.
Celery: ``celery/events/receiver.py`` and ``kombu/mixins.py``; its user guide, "Monitoring: Real-time processing".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any

from labq import _state
from labq.events.event import get_exchange, now
from labq.exceptions import ImproperlyConfigured
from labq.wire.entities import Queue
from labq.wire.message import Message
from labq.wire.serializers import loads, prepare_accept_content

__all__ = ("EventReceiver",)

CLIENT_CLOCK_SKEW = -1
"""What is added to the receiver's own clock for events of clients, whose clocks nobody sets."""

SECONDS_PER_HOUR = 3600

HEARTBEAT = "worker-heartbeat"

Handler = Callable[[dict[str, Any]], Any]


class _Idle(Exception):
    """Nothing will happen any more but heartbeats."""


def adjust_timestamp(timestamp: float, offset: float, here: Callable[[], float] = lambda: 0) -> float:
    """Return *timestamp* as the clock shows it here, which was taken *offset* hours west of UTC."""
    return timestamp - (offset - here()) * SECONDS_PER_HOUR


class EventReceiver:
    """Captures events.

    Arguments:
        channel: the broker: a connection, a channel, an address, or None for the app's.
        handlers: what is called with an event, by its type; ``"*"`` takes those that have no handler of their own.
        routing_key: which events come, as a topic exchange understands it.
        node_id: what tells the receiver's queue from others; by default a new id.
        app: the app.
        queue_prefix: what the queue's name begins with.
        accept: the serializers that are understood.
        queue_ttl: seconds that an event may wait in the queue.
        queue_expires: seconds after which the queue goes when nobody reads it.
        queue_exclusive, queue_durable: what the queue is.

    Raises:
        ImproperlyConfigured: when the queue is to be both exclusive and durable.
    """

    app: Any = None
    should_stop = False
    """Set it to end ``capture()`` before the next event."""

    def __init__(
        self,
        channel: Any = None,
        handlers: Mapping[str, Handler] | None = None,
        routing_key: str = "#",
        node_id: str | None = None,
        app: Any = None,
        queue_prefix: str | None = None,
        accept: Iterable[str] | None = None,
        queue_ttl: float | None = None,
        queue_expires: float | None = None,
        queue_exclusive: bool | None = None,
        queue_durable: bool | None = None,
    ) -> None:
        self.app = app = _state.app_or_default(app or self.app)
        conf = app.conf
        self.channel = channel
        self.handlers: Any = {} if handlers is None else handlers
        self.routing_key = routing_key
        self.node_id = node_id or app.world.new_id()
        self.queue_prefix = queue_prefix or conf.event_queue_prefix
        self._url = self._address()
        self.exchange = get_exchange(self.connection or self._url, name=conf.event_exchange)
        exclusive = conf.event_queue_exclusive if queue_exclusive is None else queue_exclusive
        durable = conf.event_queue_durable if queue_durable is None else queue_durable
        if exclusive and durable:
            raise ImproperlyConfigured("Queue cannot be both exclusive and durable, choose one or the other.")
        self.queue = Queue(
            f"{self.queue_prefix}.{self.node_id}",
            self.exchange,
            routing_key,
            auto_delete=not durable,
            durable=durable,
            exclusive=exclusive,
            message_ttl=conf.event_queue_ttl if queue_ttl is None else queue_ttl,
            expires=conf.event_queue_expires if queue_expires is None else queue_expires,
        )
        self.clock = app.clock
        self.adjust_clock: Callable[[int], int] = self.clock.adjust
        self.forward_clock: Callable[[], int] = self.clock.forward
        self.accept: Any = {conf.event_serializer, "json"} if accept is None else accept

    @property
    def connection(self) -> Any:
        """The connection that the channel belongs to."""
        if self.channel is None or isinstance(self.channel, str) or hasattr(self.channel, "as_uri"):
            return self.channel
        return getattr(getattr(self.channel, "connection", None), "client", None)

    def _address(self) -> str:
        connection = self.connection
        if isinstance(connection, str):
            return connection
        as_uri = getattr(connection, "as_uri", None)
        address = as_uri(include_password=True) if as_uri is not None else None
        return address if isinstance(address, str) else str(self.app.sending.broker_url)

    # -- capturing ---------------------------------------------------------------------------------------------
    def capture(self, limit: int | None = None, timeout: float | None = None, wakeup: bool = True) -> None:
        """Capture events while the lab runs.

        Arguments:
            limit: how many events, or seconds without one, are enough.
            timeout: seconds without an event after which to give up; heartbeats do not count, which come for ever.
            wakeup: whether to ask the workers for a heartbeat first.

        Without *limit* and *timeout* it ends when nothing will happen in the lab any more but heartbeats; real Celery's
        goes on until it is interrupted.

        Raises:
            TimeoutError: after *timeout* seconds without an event.
        """
        for _ in self.itercapture(limit=limit, timeout=timeout, wakeup=wakeup):
            pass

    def itercapture(
        self, limit: int | None = None, timeout: float | None = None, wakeup: bool = True
    ) -> Iterator[None]:
        """Capture events, and come back after each message; for the arguments see ``capture``."""
        world = self.app.world
        world.post.open_inbox(self._url, self.queue)
        try:
            if wakeup:
                self.wakeup_workers()
            yield from self._listen(limit, timeout)
        finally:
            world.post.close_inbox(self._url, self.queue.name)

    consume = itercapture

    def _listen(self, limit: int | None, timeout: float | None) -> Iterator[None]:
        world, name = self.app.world, self.queue.name
        accept = prepare_accept_content(self.accept)
        read, last = 0, world.clock.epoch
        for _ in range(limit) if limit else count():
            if self.should_stop:
                return
            try:
                came = self._wait(read, forever=not limit and not timeout)
            except _Idle:
                return
            if timeout and world.clock.epoch - last >= timeout:
                raise TimeoutError("timed out")
            if came:
                message: Message = world.post.inbox(self._url, name)[read]
                body = loads(message.body, message.content_type, message.content_encoding, accept)
                if isinstance(body, list) or body.get("type") != HEARTBEAT:
                    last = world.clock.epoch
                read += 1
                self._receive(body, message)
                yield

    def _wait(self, read: int, *, forever: bool) -> bool:
        """Run the lab until there are more than *read* messages, or for a second; for as long as it takes *forever*."""
        world, url, name = self.app.world, self._url, self.queue.name
        more = partial(lambda: len(world.post.inbox(url, name)) > read)
        return bool(world.wait(more, None if forever else 1.0, _Idle, at_once=True))

    def wakeup_workers(self, channel: Any = None) -> None:
        """Ask the workers for a heartbeat."""
        self.app.control.broadcast("heartbeat", connection=self.connection, channel=channel)

    # -- one message -------------------------------------------------------------------------------------------
    def _receive(self, body: Any, message: Any) -> None:
        del message
        for event in body if isinstance(body, list) else [body]:
            self.process(*self.event_from_message(event))

    def process(self, type: str, event: dict[str, Any]) -> None:
        """Hand *event* to the handler of its *type*, or to the one for all."""
        handler = self.handlers.get(type) or self.handlers.get("*")
        if handler:
            handler(event)

    def event_from_message(
        self,
        body: dict[str, Any],
        localize: bool = True,
        now: Callable[[], float] = now,
        adjust_timestamp: Callable[[float, float], float] = adjust_timestamp,
        **_: Any,
    ) -> tuple[str, dict[str, Any]]:
        """Return the type of the event in *body*, and the event as the receiver's clocks show it.

        Arguments:
            body: the event as it came; it is changed.
            localize: whether its timestamp is put right for the receiver's time zone.
            now: tells the present, in seconds since 1970.
            adjust_timestamp: puts a timestamp right.
        """
        kind = body["type"]
        if kind == "task-sent":
            body["clock"] = (self.clock.value or 1) + CLIENT_CLOCK_SKEW
            self.adjust_clock(body["clock"])
        elif "clock" in body:
            self.adjust_clock(body["clock"])
        else:
            body["clock"] = self.forward_clock()
        if localize and "utcoffset" in body and "timestamp" in body:
            body["timestamp"] = adjust_timestamp(body["timestamp"], body["utcoffset"])
        body["local_received"] = now()
        return kind, body
