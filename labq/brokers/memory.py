"""The lab's RabbitMQ: ``amqp://``, ``pyamqp://`` and ``memory://``.

Comes in: declarations and messages. Goes out: deliveries. Routing happens in the broker, one step after publishing;
delivery happens one step after that, one message a step, so that each hop can be seen.
Celery: RabbitMQ itself; on ``memory://`` real Celery uses ``kombu/transport/memory.py``, which follows kombu's rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labq.brokers.broker import Held
from labq.brokers.channel import Channel
from labq.brokers.exchanges import DEFAULT, Exchanges
from labq.brokers.queues import MessageQueue
from labq.exceptions import LabError
from labq.i18n import text
from labq.kernel.kernel import Kernel
from labq.log.log import Log
from labq.log.record import (
    EXCHANGE_DECLARED,
    MESSAGE_DEAD_LETTERED,
    MESSAGE_PUBLISHED,
    MESSAGE_QUEUED,
    MESSAGE_ROUTED,
    MESSAGE_UNROUTABLE,
    QUEUE_BOUND,
    QUEUE_DECLARED,
    QUEUE_DELETED,
    QUEUE_PURGED,
)
from labq.wire.entities import Queue
from labq.wire.message import Message


class MemoryBroker:
    """A broker with RabbitMQ's rules, living in the lab's memory.

    Arguments:
        url: the address under which it is known, its password already masked.
        kernel: whose steps move the messages.
        log: where everything is written down.
    """

    def __init__(self, url: str, kernel: Kernel, log: Log) -> None:
        self.url = url
        self.log = log
        self._kernel = kernel
        self._exchanges = Exchanges()
        self._queues: dict[str, MessageQueue] = {}
        self._known: dict[str, Queue] = {}
        self._serial = 0

    # -- declaring ---------------------------------------------------------------------------------------------
    def declare_exchange(self, name: str, kind: str) -> None:
        """Make an exchange unless it is there (AMQP ``exchange.declare``)."""
        if name != DEFAULT and self._exchanges.declare(name, kind):
            self.log.append(EXCHANGE_DECLARED, None, self.url, name, kind)

    def declare_queue(
        self, name: str, arguments: Mapping[str, Any] | None = None, *, auto_delete: bool = False
    ) -> None:
        """Make a queue unless it is there (AMQP ``queue.declare``); the default exchange leads to it by its name."""
        del arguments  # the rules that queue arguments switch on live in a room of their own
        if name not in self._queues:
            self._queues[name] = MessageQueue(name, auto_delete=auto_delete)
            self.log.append(QUEUE_DECLARED, None, self.url, name)

    def bind(self, queue: str, exchange: str, routing_key: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Bind *queue* to *exchange* (AMQP ``queue.bind``); the default exchange needs and takes no bindings."""
        self.queue(queue)  # raises when there is none
        if exchange != DEFAULT and self._exchanges.bind(queue, exchange, routing_key, arguments or {}):
            self.log.append(QUEUE_BOUND, None, self.url, queue, exchange, routing_key)

    def queue(self, name: str) -> MessageQueue:
        """Return the queue called *name*.

        Raises:
            LabError: when there is none (RabbitMQ answers NOT_FOUND and closes the channel).
        """
        try:
            return self._queues[name]
        except KeyError:
            msg = f"NOT_FOUND - no queue '{name}' in vhost '/'"
            raise LabError(msg, text("Declare the queue first: a worker does so for the queues it consumes.")) from None

    def knows(self, queue: Queue) -> bool:
        """Tell whether this very description of a queue was asked about before and the queue is still there.

        A client declares its queue before every message; asking costs less than declaring again.
        """
        if self._known.get(queue.name) is queue and queue.name in self._queues:
            return True
        self._known[queue.name] = queue
        return False

    def has_queue(self, name: str) -> bool:
        """Tell whether there is a queue called *name*."""
        return name in self._queues

    def depth(self, queue: str) -> int:
        """Return how many messages wait in *queue*; 0 when there is no such queue."""
        return len(self._queues[queue]) if queue in self._queues else 0

    def purge(self, queue: str) -> int:
        """Throw away what waits in *queue* (AMQP ``queue.purge``); deliveries already made are not touched."""
        count = self.queue(queue).purge()
        self.log.append(QUEUE_PURGED, None, self.url, queue, count)
        return count

    # -- messages in -------------------------------------------------------------------------------------------
    def publish(self, message: Message, exchange: str, routing_key: str) -> None:
        """Take *message* in (AMQP ``basic.publish``); it is routed in a step of its own."""
        self._serial = serial = self._serial + 1
        headers = message.headers
        task_id = headers.get("id")
        held = Held(serial, message, exchange, routing_key, task_id if isinstance(task_id, str) else None)
        get = headers.get
        self.log.append(
            MESSAGE_PUBLISHED, held.task_id, self.url, serial, exchange, routing_key, get("task"), get("argsrepr"),
            get("kwargsrepr"), get("eta"), get("retries"), get("origin"), len(message.body),
        )  # fmt: skip
        self._kernel.call_soon(self._route, held)

    def _route(self, held: Held) -> None:
        log, exchange, key = self.log, held.exchange, held.routing_key
        names = self._exchanges.route(exchange, key, held.message.headers)
        if not all(map(self._queues.__contains__, names)):  # the default exchange leads to names, there or not
            names = tuple(name for name in names if name in self._queues)
        if not names:
            log.append(MESSAGE_UNROUTABLE, held.task_id, self.url, held.serial, exchange, key)
            return
        log.append(MESSAGE_ROUTED, held.task_id, self.url, held.serial, exchange, key, names)
        copy: Held | None = held
        for name in names:
            # one copy a queue: whether a message came back is a matter of each queue alone
            self._enqueue(self._queues[name], copy or Held(held.serial, held.message, exchange, key, held.task_id))
            copy = None

    def _enqueue(self, queue: MessageQueue, held: Held) -> None:
        queue.put(held)
        expiration = held.message.properties.get("expiration")
        if expiration is not None:
            self._limit_life(queue, held, expiration)
        self.log.append(MESSAGE_QUEUED, held.task_id, self.url, held.serial, queue.name, len(queue.ready))
        self.pump_soon(queue)

    def _limit_life(self, queue: MessageQueue, held: Held, expiration: Any) -> None:
        if str(expiration).isdigit():
            milliseconds = int(expiration)
            held.expires = self._kernel.clock.us + milliseconds * 1000
            queue.has_expiring = True
            self._kernel.call_later(milliseconds / 1000, self._expire, queue, background=milliseconds > 0)

    def _expire(self, queue: MessageQueue) -> None:
        if queue.pump_due:  # RabbitMQ delivers what it can before it lets go
            self._kernel.call_soon(self._expire, queue)
        else:
            self._drop_expired(queue, self._kernel.clock.us)

    def _drop_expired(self, queue: MessageQueue, now: int) -> None:
        while (held := queue.take_expired(now)) is not None:
            self._drop(held, queue.name, "expired")

    def _drop(self, held: Held, queue: str, reason: str) -> None:
        self.log.append(MESSAGE_DEAD_LETTERED, held.task_id, self.url, held.serial, queue, reason)

    def put_back(self, queue: str, held: Held) -> None:
        """Return a delivered message to its place in *queue*, marked as redelivered; a queue that went loses it."""
        target = self._queues.get(queue)
        if target is None:
            self._drop(held, queue, "queue deleted")
            return
        target.put_back(held)
        self._drop_expired(target, self._kernel.clock.us)
        self.pump_soon(target)

    # -- messages out ------------------------------------------------------------------------------------------
    def channel(self, owner: str) -> Channel:
        """Open a channel for *owner*."""
        return Channel(self, owner)

    def pump_soon(self, queue: MessageQueue) -> None:
        """Put a delivering step on the agenda, unless one is there or there is nothing to deliver."""
        if not queue.pump_due and queue.ready and queue.consumers:
            queue.pump_due = True
            self._kernel.call_soon(self._pump, queue)

    def _pump(self, queue: MessageQueue) -> None:
        queue.pump_due = False
        if queue.has_expiring:
            self._drop_expired(queue, self._kernel.clock.us - 1)  # what ends just now may still be delivered
        if not queue.ready:
            return
        turn = queue.next_consumer()
        if turn is not None:
            channel, consumer = turn
            channel.deliver(queue, queue.take(), consumer)
            if channel.has_room or len(queue.consumers) > 1:
                self.pump_soon(queue)
            elif queue.ready:
                channel.starving[queue] = None  # no step that could only find it full

    def consumer_left(self, queue: MessageQueue) -> None:
        """Drop an auto-delete queue whose last consumer has gone."""
        if queue.auto_delete and not queue.consumers:
            self._exchanges.unbind(queue.name)
            if self._queues.pop(queue.name, None) is not None:
                while len(queue):
                    self._drop(queue.take(), queue.name, "queue deleted")
                self.log.append(QUEUE_DELETED, None, self.url, queue.name)
