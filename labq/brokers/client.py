"""A client's connection, as the broker's world sees it: its channels, its consumers, and what has come for it.

Comes in: the methods of AMQP by their names, one call each. Goes out: their answers, plain values that can be asked for
again when the world is built again. What a broker sends without being asked waits here until the client takes it.
Next door: ``labq.kombu`` is what the client's programs hold; ``labq.lab.lines`` writes each call into the journal.
Celery: ``amqp/connection.py`` and ``amqp/channel.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from labq.brokers.broker import Delivery
from labq.brokers.channel import Channel
from labq.brokers.memory import MemoryBroker
from labq.brokers.refusals import PreconditionFailed, Refusal, locked, no_exchange, no_queue
from labq.i18n import text
from labq.messaging_errors import RecoverableConnectionError
from labq.wire.message import Message


class Received(NamedTuple):
    """Something that came for a channel.

    Attributes:
        channel: the channel's number.
        consumer_tag: which consumer it is for; None for a message that came back because no queue takes it.
        delivery_tag: by which to acknowledge it.
        redelivered: whether it was delivered before.
        exchange, routing_key: where it had been sent.
        message: the message.
        ready: how many more are ready, for a message that was asked for.
    """

    channel: int
    consumer_tag: str | None
    delivery_tag: int
    redelivered: bool
    exchange: str
    routing_key: str
    message: Message
    ready: int | None = None


class DeclaredQueue(NamedTuple):
    """What a broker answers when a queue is declared."""

    queue: str
    message_count: int
    consumer_count: int


class Client:
    """One connection.

    Arguments:
        broker: the broker at the other end.
        number: the connection's number in its world.
        program: stands for whoever has the other end.
    """

    def __init__(self, broker: MemoryBroker, number: int, program: object) -> None:
        self.broker = broker
        self.number = number
        self.program = program
        self.inbox: deque[Received] = deque()
        self.channels: dict[int, ClientChannel] = {}
        self._opened = 0

    @property
    def owner(self) -> str:
        """The connection's name: exclusive queues are its own."""
        return f"connection {self.number}"

    def open(self) -> int:
        """Open a channel and return its number."""
        self._opened += 1
        self.channels[self._opened] = ClientChannel(self, self._opened)
        return self._opened

    def call(self, number: int, method: str, arguments: Mapping[str, Any]) -> Any:
        """Call an AMQP method on a channel.

        What the broker refuses closes the channel, as AMQP has it: its consumers are gone, and what it held is back in
        the queues. py-amqp opens it again at once.

        Raises:
            Refusal: when the broker will not.
            RecoverableConnectionError: when the channel is closed.
        """
        channel = self.channels.get(number)
        if channel is None:
            raise RecoverableConnectionError("channel disconnected")
        try:
            return getattr(channel, METHODS[method])(**arguments)
        except Refusal as refusal:
            if refusal.breaks_connection:
                self.close()
            else:
                channel.close()
                self.channels[number] = ClientChannel(self, number)
            raise

    def take(self) -> Received:
        """Take the first thing out that has come."""
        return self.inbox.popleft()

    def close(self) -> None:
        """Close everything; queues that are for this connection alone go."""
        for channel in tuple(self.channels.values()):
            channel.close()
        for name in self.broker.owned(self.owner):
            self.broker.delete_queue(name)


class ClientChannel:
    """One channel of a connection; its methods are AMQP's.

    Arguments:
        client: the connection.
        number: the channel's number on it.
    """

    def __init__(self, client: Client, number: int) -> None:
        self._client = client
        self._broker = client.broker
        self._number = number
        self._channel: Channel = client.broker.channel(f"client {client.number}")
        self._consuming: dict[str, str] = {}
        self._limit = 0
        self._tags = 0

    def declare_exchange(self, exchange: str, type: str, passive: bool = False, **options: Any) -> None:
        """AMQP ``exchange.declare``."""
        if passive:
            if not self._broker.has_exchange(exchange):
                raise no_exchange(exchange, "Exchange.declare")
            return
        self._broker.declare_exchange(exchange, type, **options)

    def delete_exchange(self, exchange: str, if_unused: bool = False) -> None:
        """AMQP ``exchange.delete``."""
        self._broker.delete_exchange(exchange, if_unused=if_unused)

    def bind_exchange(self, destination: str, source: str, routing_key: str, arguments: Any = None) -> None:
        """AMQP ``exchange.bind``."""
        self._broker.link(destination, source, routing_key, arguments)

    def unbind_exchange(self, destination: str, source: str, routing_key: str, arguments: Any = None) -> None:
        """AMQP ``exchange.unbind``."""
        self._broker.unlink(destination, source, routing_key, arguments)

    def declare_queue(
        self, queue: str, passive: bool = False, exclusive: bool = False, arguments: Any = None, **options: Any
    ) -> DeclaredQueue:
        """AMQP ``queue.declare``; without a name the broker gives one."""
        broker = self._broker
        if passive:
            broker.queue(queue, "Queue.declare")
        else:
            if not queue:
                queue = broker.new_queue_name()
            broker.declare_queue(queue, arguments, owner=self._client.owner if exclusive else None, **options)
        return DeclaredQueue(queue, broker.depth(queue), broker.consumers(queue))

    def delete_queue(self, queue: str, if_unused: bool = False, if_empty: bool = False) -> int:
        """AMQP ``queue.delete``."""
        self._check_owner(queue, "Queue.delete")
        return self._broker.delete_queue(queue, if_unused=if_unused, if_empty=if_empty)

    def bind_queue(self, queue: str, exchange: str, routing_key: str, arguments: Any = None) -> None:
        """AMQP ``queue.bind``."""
        self._broker.bind(queue, exchange, routing_key, arguments)

    def unbind_queue(self, queue: str, exchange: str, routing_key: str, arguments: Any = None) -> None:
        """AMQP ``queue.unbind``."""
        self._broker.unbind(queue, exchange, routing_key, arguments)

    def purge_queue(self, queue: str) -> int:
        """AMQP ``queue.purge``."""
        self._check_owner(queue, "Queue.purge")
        return self._broker.purge(queue)

    def publish(self, message: Message, exchange: str, routing_key: str, mandatory: bool = False) -> None:
        """AMQP ``basic.publish``."""
        expiration = message.properties.get("expiration")
        if expiration is not None and not str(expiration).isdigit():
            msg = f"PRECONDITION_FAILED - invalid expiration '{expiration}': no_integer"
            raise PreconditionFailed(msg, text("It is a number of milliseconds."), "Basic.publish")
        self._broker.publish(message, exchange, routing_key, self._came_back if mandatory else None)

    def get(self, queue: str, no_ack: bool = False) -> Received | None:
        """AMQP ``basic.get``."""
        self._check_owner(queue, "Basic.get")
        target = self._broker.queue(queue, "Basic.get")
        self._broker.used(target)
        delivery = self._channel.get(target, no_ack=no_ack)
        return None if delivery is None else self._received("", delivery)._replace(ready=len(target))

    def consume(self, queue: str, tag: str = "", no_ack: bool = False, exclusive: bool = False) -> str:
        """AMQP ``basic.consume``; return the consumer's tag."""
        self._check_owner(queue, "Basic.consume")
        if not tag:
            self._tags += 1
            tag = f"amq.ctag-{self._client.number}.{self._number}.{self._tags}"
        self._channel.consume(
            queue, partial(self._deliver, tag), tag, no_ack=no_ack, exclusive=exclusive, limit=self._limit
        )
        self._consuming[tag] = queue
        return tag

    def cancel(self, tag: str) -> None:
        """AMQP ``basic.cancel``; a tag that nobody has changes nothing."""
        queue = self._consuming.pop(tag, None)
        if queue is not None:
            self._channel.cancel(queue, tag)

    def ack(self, tag: int, multiple: bool = False) -> None:
        """AMQP ``basic.ack``; *multiple* means all deliveries up to this one, and tag 0 all there are."""
        for each in self._meant(tag, "Basic.ack", multiple=multiple):
            self._channel.ack(each)

    def reject(self, tag: int, requeue: bool = False) -> None:
        """AMQP ``basic.reject``."""
        for each in self._meant(tag, "Basic.reject"):
            self._channel.reject(each, requeue=requeue)

    def recover(self, requeue: bool = False) -> None:
        """AMQP ``basic.recover``: give back everything that is not acknowledged."""
        del requeue  # RabbitMQ knows only the one way
        for tag in tuple(self._channel.unacked):
            self._channel.reject(tag, requeue=True)

    def qos(self, prefetch: int, shared: bool = False) -> None:
        """AMQP ``basic.qos``: for each consumer that comes later, or *shared* by all of the channel."""
        if shared:
            self._channel.qos(prefetch)
        else:
            self._limit = prefetch

    def close(self) -> None:
        """AMQP ``channel.close``: what is not acknowledged goes back, what has come and was not taken too."""
        self._client.channels.pop(self._number, None)
        self._client.inbox = deque(each for each in self._client.inbox if each.channel != self._number)
        self._channel.close()

    def _meant(self, tag: int, method: str, *, multiple: bool = False) -> list[int]:
        unacked = self._channel.unacked
        if multiple:
            return [each for each in unacked if tag == 0 or each <= tag]
        if tag not in unacked:
            msg = f"PRECONDITION_FAILED - unknown delivery tag {tag}"
            raise PreconditionFailed(msg, text("It was acknowledged before, or belongs to another channel."), method)
        return [tag]

    def _check_owner(self, queue: str, method: str) -> None:
        if self._broker.has_queue(queue):
            owner = self._broker.queue(queue).owner
            if owner is not None and owner != self._client.owner:
                raise locked(queue, method)
        elif method != "Queue.delete":
            raise no_queue(queue, method)

    def _deliver(self, tag: str, delivery: Delivery) -> None:
        self._client.inbox.append(self._received(tag, delivery))

    def _received(self, tag: str, delivery: Delivery) -> Received:
        held = delivery.held
        return Received(
            self._number, tag, delivery.tag, held.redelivered, held.exchange, held.routing_key, held.message
        )

    def _came_back(self, message: Message, exchange: str, routing_key: str) -> None:
        back = Received(
            self._number, None, 0, redelivered=False, exchange=exchange, routing_key=routing_key, message=message
        )
        self._client.inbox.append(back)


METHODS = {
    "exchange.declare": "declare_exchange",
    "exchange.delete": "delete_exchange",
    "exchange.bind": "bind_exchange",
    "exchange.unbind": "unbind_exchange",
    "queue.declare": "declare_queue",
    "queue.delete": "delete_queue",
    "queue.bind": "bind_queue",
    "queue.unbind": "unbind_queue",
    "queue.purge": "purge_queue",
    "basic.publish": "publish",
    "basic.get": "get",
    "basic.consume": "consume",
    "basic.cancel": "cancel",
    "basic.ack": "ack",
    "basic.reject": "reject",
    "basic.recover": "recover",
    "basic.qos": "qos",
    "channel.close": "close",
}
"""AMQP's methods and who answers them."""
