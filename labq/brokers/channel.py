"""A channel: what was delivered to one client and not yet acknowledged, and how much of that it may hold.

The prefetch limit counts unacknowledged deliveries over the whole channel, because Celery asks RabbitMQ for exactly
that (``basic.qos`` with the global flag). When the channel goes, all it held returns to the queues.
Celery: ``kombu.Consumer`` and ``kombu.common.QoS`` on an ``amqp.Channel``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labq.brokers.broker import Consumer, Delivery, Held, Subscription
from labq.brokers.deaths import REJECTED
from labq.brokers.refusals import AccessRefused
from labq.i18n import text
from labq.log.record import (
    MESSAGE_ACKED,
    MESSAGE_DELIVERED,
    MESSAGE_REDELIVERED,
    MESSAGE_REJECTED,
    MESSAGE_REQUEUED,
)

if TYPE_CHECKING:
    from labq.brokers.memory import MemoryBroker
    from labq.brokers.queues import MessageQueue


class Channel:
    """One client's line to the broker.

    Arguments:
        broker: the broker at the other end.
        owner: whose line it is, for the log.
    """

    def __init__(self, broker: MemoryBroker, owner: str) -> None:
        self._broker = broker
        self.owner = owner
        self.prefetch = 0
        """How many unacknowledged deliveries the channel may hold; 0 is no limit."""
        self.unacked: dict[int, Delivery] = {}
        self.starving: dict[MessageQueue, None] = {}
        """Queues that had a message for this channel when it had no room."""
        self.open = True
        self._tags = 0
        self._consuming: dict[str, MessageQueue] = {}

    @property
    def has_room(self) -> bool:
        """True while the prefetch limit allows one more delivery."""
        return not self.prefetch or len(self.unacked) < self.prefetch

    def qos(self, prefetch: int) -> None:
        """Set the prefetch limit (AMQP ``basic.qos``); 0 is no limit."""
        self.prefetch = prefetch
        self._feed()

    def consume(
        self,
        queue: str,
        consumer: Consumer,
        tag: str = "",
        *,
        no_ack: bool = False,
        exclusive: bool = False,
        limit: int = 0,
    ) -> None:
        """Ask for the messages of *queue* (AMQP ``basic.consume``).

        Arguments:
            queue: its name.
            consumer: called with each delivery.
            tag: a name for this consumer, to cancel it alone.
            no_ack: whether deliveries count as acknowledged at once.
            exclusive: whether nobody else may consume from the queue.
            limit: how many unacknowledged deliveries this consumer may hold; 0 is no limit.

        Raises:
            NotFound, AccessRefused: when there is no such queue, or somebody has it to themselves.
        """
        target = self._broker.queue(queue, "Basic.consume")
        if target.consumers and (exclusive or target.consumers[0].exclusive):
            msg = f"ACCESS_REFUSED - queue '{queue}' in vhost '/' in exclusive use"
            raise AccessRefused(msg, text("Another consumer has asked to be the only one."), "Basic.consume")
        self._consuming[queue] = target
        target.add_consumer(Subscription(self, consumer, tag, no_ack=no_ack, exclusive=exclusive, limit=limit))
        self._broker.pump_soon(target)

    def cancel(self, queue: str, tag: str | None = None) -> None:
        """Ask for no more messages of *queue* (AMQP ``basic.cancel``); what was delivered stays with the channel.

        With a *tag*, only that consumer ends.
        """
        target = self._consuming.get(queue)
        if target is not None:
            target.remove_consumers(self, tag)
            if not any(entry.channel is self for entry in target.consumers):
                del self._consuming[queue]
                self.starving.pop(target, None)
            self._broker.consumer_left(target)
            self._broker.pump_soon(target)  # with a single active consumer it is the next one's turn

    def deliver(self, queue: MessageQueue, held: Held, subscription: Subscription) -> None:
        """Hand *held* to a consumer, to be acknowledged later."""
        self._tags = tag = self._tags + 1
        self.unacked[tag] = delivery = Delivery(tag, held, queue.name, self, subscription)
        broker = self._broker
        if held.redelivered:
            broker.log.append(MESSAGE_REDELIVERED, held.task_id, broker.url, held.serial, queue.name, self.owner, tag)
        else:
            broker.log.append(
                MESSAGE_DELIVERED, held.task_id, broker.url, held.serial, queue.name, self.owner, tag, False
            )
        if subscription.no_ack:
            self.ack(tag)
        subscription.consumer(delivery)

    def get(self, queue: MessageQueue, *, no_ack: bool = False) -> Delivery | None:
        """Take one ready message out of *queue*, if there is one (AMQP ``basic.get``)."""
        taken: list[Delivery] = []
        if queue.ready:
            self.deliver(queue, queue.take(), Subscription(self, taken.append, "", no_ack=no_ack))
        return taken[0] if taken else None

    def ack(self, tag: int) -> None:
        """Acknowledge a delivery (AMQP ``basic.ack``); an unknown tag changes nothing."""
        delivery = self.unacked.pop(tag, None)
        if delivery is not None:
            held, broker = delivery.held, self._broker
            broker.log.append(MESSAGE_ACKED, held.task_id, broker.url, held.serial, delivery.queue, self.owner, tag)
            if self.starving:
                self._feed()

    def reject(self, tag: int, *, requeue: bool, reason: str = "") -> None:
        """Refuse a delivery (AMQP ``basic.reject``): back to its place in the queue, or gone for good."""
        delivery = self.unacked.pop(tag, None)
        if delivery is None:
            return
        held, broker = delivery.held, self._broker
        facts = (broker.url, held.serial, delivery.queue, self.owner, tag)
        if requeue:
            broker.log.append(MESSAGE_REQUEUED, held.task_id, *facts)
            broker.put_back(delivery.queue, held)
        else:
            broker.log.append(MESSAGE_REJECTED, held.task_id, *facts, reason)
            broker.bury(held, delivery.queue, REJECTED)
        self._feed()

    def close(self) -> None:
        """Close the line: no more deliveries, and all that is unacknowledged goes back to its queues."""
        self.open = False
        for tag in tuple(self.unacked):
            self.reject(tag, requeue=True)
        for queue in tuple(self._consuming):
            self.cancel(queue)

    def _feed(self) -> None:
        queues, self.starving = self.starving, {}
        for queue in queues:
            self._broker.pump_soon(queue)
