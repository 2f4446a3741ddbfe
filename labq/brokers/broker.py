"""The contract of a broker: what every transport of the lab offers, whatever rules it follows inside.

Celery: ``kombu.transport.base.Transport`` and ``kombu.transport.virtual.Channel``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from labq.brokers.declaring import Declares
from labq.wire.message import Message

if TYPE_CHECKING:
    from labq.brokers.channel import Channel


class Held:
    """A message while a queue holds it; the only thing about it that ever changes is whether it came back."""

    __slots__ = (
        *("exchange", "expires", "is_copy", "message", "place", "redelivered", "returns", "routing_key", "serial"),
        "task_id",
    )

    def __init__(self, serial: int, message: Message, exchange: str, routing_key: str, task_id: str | None) -> None:
        self.serial = serial
        """The message's number in its broker, by which the log knows it."""
        self.message = message
        self.exchange = exchange
        self.routing_key = routing_key
        self.task_id = task_id
        self.place = 0
        """Its place in the queue's order: a message that comes back goes where it was."""
        self.redelivered = False
        self.expires: int | None = None
        """When its time to live in the queue is over, in microseconds since the lab began; None is never."""
        self.is_copy = False
        """Whether other queues hold the same message under the same number."""
        self.returns = 0
        """How often it came back to a queue that counts that."""


class Delivery(NamedTuple):
    """A message on its way to one consumer, which must acknowledge or reject it by its tag."""

    tag: int
    held: Held
    queue: str
    channel: Channel
    subscription: Subscription | None = None

    @property
    def message(self) -> Message:
        """The message itself."""
        return self.held.message

    @property
    def info(self) -> dict[str, Any]:
        """What Celery shows as ``request.delivery_info``."""
        held = self.held
        return {
            "exchange": held.exchange,
            "routing_key": held.routing_key,
            "priority": held.message.properties.get("priority"),
            "redelivered": held.redelivered,
        }

    def ack(self) -> None:
        """Tell the broker that the message is dealt with; a second time changes nothing."""
        self.channel.ack(self.tag)

    def reject(self, *, requeue: bool, reason: str = "") -> None:
        """Give the message back (*requeue*) or away for good."""
        self.channel.reject(self.tag, requeue=requeue, reason=reason)


Consumer = Callable[[Delivery], object]


class Subscription:
    """One consumer of one queue on a channel (AMQP ``basic.consume``).

    Arguments:
        channel: its channel.
        consumer: what is called with each delivery.
        tag: by which the channel knows it.
        no_ack: whether a delivery counts as acknowledged at once.
        exclusive: whether nobody else may consume from the queue.
        limit: how many unacknowledged deliveries it may hold itself; 0 is no limit.
    """

    __slots__ = ("channel", "consumer", "exclusive", "limit", "no_ack", "tag")

    def __init__(
        self,
        channel: Channel,
        consumer: Consumer,
        tag: str,
        *,
        no_ack: bool = False,
        exclusive: bool = False,
        limit: int = 0,
    ) -> None:
        self.channel = channel
        self.consumer = consumer
        self.tag = tag
        self.no_ack = no_ack
        self.exclusive = exclusive
        self.limit = limit

    @property
    def has_room(self) -> bool:
        """True while its own limit allows one more delivery."""
        if not self.limit:
            return True
        return sum(delivery.subscription is self for delivery in self.channel.unacked.values()) < self.limit


class Broker(Declares, Protocol):
    """What publishers and workers ask of a broker: that things can be declared there, and much more."""

    url: str
    """The address, with its password masked: it is shown to people."""

    def link(self, destination: str, source: str, routing_key: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Let the exchange *source* put messages that match *routing_key* into the exchange *destination*."""

    def has_bindings(self, exchange: str) -> bool:
        """Tell whether anything is bound to *exchange*."""

    def watch(self, exchange: str, watcher: Callable[[], object]) -> None:
        """Call *watcher* when a queue is bound to *exchange*, or a message comes there that leads nowhere."""

    def unwatch(self, exchange: str, watcher: Callable[[], object]) -> None:
        """Call *watcher* no more."""

    def publish(self, message: Message, exchange: str, routing_key: str) -> None:
        """Hand *message* to *exchange*; it is routed in the next step."""

    def channel(self, owner: str) -> Channel:
        """Open a channel for *owner* (a worker's or a client's name, for the log)."""

    def purge(self, queue: str) -> int:
        """Throw away what waits in *queue*; return how many messages that were."""

    def depth(self, queue: str) -> int:
        """Return how many messages wait in *queue*."""
