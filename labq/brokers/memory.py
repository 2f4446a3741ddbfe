"""The lab's RabbitMQ: ``amqp://``, ``pyamqp://`` and ``memory://``.

Comes in: declarations and messages. Goes out: deliveries. Routing happens in the broker, one step after publishing;
delivery happens one step after that, one message a step, so that each hop can be seen.
Next door: ``rules`` says what a queue's arguments ask for, ``declaring`` what makes and unmakes queues and exchanges.
Celery: RabbitMQ itself; on ``memory://`` real Celery uses ``kombu/transport/memory.py``, which follows kombu's rules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labq.brokers.broker import Held
from labq.brokers.channel import Channel
from labq.brokers.deaths import EXPIRED, OVERFULL, REJECTED, TOO_OFTEN, died, goes_in_circles
from labq.brokers.queues import MessageQueue
from labq.brokers.refusals import no_exchange
from labq.brokers.rules import QueueRules
from labq.brokers.topology import Topology
from labq.kernel.kernel import Kernel
from labq.log.log import Log
from labq.log.record import (
    MESSAGE_DEAD_LETTERED,
    MESSAGE_PUBLISHED,
    MESSAGE_QUEUED,
    MESSAGE_ROUTED,
    MESSAGE_UNROUTABLE,
)
from labq.wire.message import Message

DELETED = "queue deleted"
"""Why a message ends when its queue goes; nobody gets it as a dead letter."""

Returned = Callable[[Message, str, str], object]
"""Is told of a message that no queue takes: the message, its exchange and routing key."""


class MemoryBroker(Topology):
    """A broker with RabbitMQ's rules, living in the lab's memory.

    Arguments:
        url: the address under which it is known, its password already masked.
        kernel: whose steps move the messages.
        log: where everything is written down.
    """

    def __init__(self, url: str, kernel: Kernel, log: Log) -> None:
        super().__init__(url, kernel, log)
        self._serial = 0

    # -- messages in -------------------------------------------------------------------------------------------
    def publish(self, message: Message, exchange: str, routing_key: str, returned: Returned | None = None) -> None:
        """Take *message* in (AMQP ``basic.publish``); it is routed in a step of its own.

        Arguments:
            message: what to take.
            exchange: where to; the empty name is the default exchange.
            routing_key: for the exchange to go by.
            returned: is told when no queue takes the message (AMQP's flag ``mandatory``).

        Raises:
            NotFound: when there is no such exchange.
        """
        if exchange and exchange not in self._exchanges:
            raise no_exchange(exchange, "Basic.publish")
        task_id = message.headers.get("id")
        held = self._new(message, exchange, routing_key, task_id if isinstance(task_id, str) else None)
        self._kernel.call_soon(self._route, held, returned)

    def _new(self, message: Message, exchange: str, routing_key: str, task_id: str | None) -> Held:
        self._serial = serial = self._serial + 1
        get = message.headers.get
        self.log.append(
            MESSAGE_PUBLISHED, task_id, self.url, serial, exchange, routing_key, get("task"), get("argsrepr"),
            get("kwargsrepr"), get("eta"), get("retries"), get("origin"), len(message.body),
            message.properties.get("priority"),
        )  # fmt: skip
        return Held(serial, message, exchange, routing_key, task_id)

    def _route(self, held: Held, returned: Returned | None = None) -> None:
        names = self._exchanges.route(held.exchange, held.routing_key, held.message.headers)
        if not all(map(self._queues.__contains__, names)):  # the default exchange leads to names, there or not
            names = tuple(name for name in names if name in self._queues)
        if not names and self._watchers and self.stir(held.exchange):
            names = self._exchanges.route(held.exchange, held.routing_key, held.message.headers)
        self._spread(held, names, returned)

    def _spread(self, held: Held, names: tuple[str, ...], returned: Returned | None = None) -> None:
        log, exchange, key = self.log, held.exchange, held.routing_key
        if not names:
            log.append(MESSAGE_UNROUTABLE, held.task_id, self.url, held.serial, exchange, key)
            if returned is not None:
                returned(held.message, exchange, key)
            return
        log.append(MESSAGE_ROUTED, held.task_id, self.url, held.serial, exchange, key, names)
        if len(names) == 1:
            self._enqueue(self._queues[names[0]], held)
            return
        for name in names:
            # one copy a queue: whether a message came back is a matter of each queue alone
            copy = Held(held.serial, held.message, exchange, key, held.task_id)
            copy.is_copy = True
            self._enqueue(self._queues[name], copy)

    def _enqueue(self, queue: MessageQueue, held: Held) -> None:
        rules = queue.rules
        if rules is not None and rules.overflow != "drop-head" and queue.would_overflow(held):
            self._turn_away(queue, held, rules)
            return
        queue.put(held)
        expiration = held.message.properties.get("expiration")
        if expiration is not None or rules is not None:
            self._limit_life(queue, held, expiration)
        self.log.append(MESSAGE_QUEUED, held.task_id, self.url, held.serial, queue.name, len(queue.ready))
        self.pump_soon(queue)
        if rules is not None and rules.limited:
            self._trim(queue)

    # -- messages that end in the queue ------------------------------------------------------------------------
    def _limit_life(self, queue: MessageQueue, held: Held, expiration: Any) -> None:
        limits, rules = [int(expiration)] if str(expiration).isdigit() else [], queue.rules
        if rules is not None and rules.message_ttl is not None:
            limits.append(rules.message_ttl)
        if limits:
            milliseconds = min(limits)
            held.expires = self._kernel.clock.us + milliseconds * 1000
            queue.has_expiring = True
            ends_here = rules is None or not rules.hands_on or bool(queue.consumers)
            self._kernel.call_later(
                milliseconds / 1000, self._expire, queue, background=milliseconds > 0 and ends_here
            )  # a message that only waits to go on is something that will happen

    def _expire(self, queue: MessageQueue) -> None:
        if queue.pump_due:  # RabbitMQ delivers what it can before it lets go
            self._kernel.call_soon(self._expire, queue)
        else:
            self.drop_expired(queue, self._kernel.clock.us)

    def drop_expired(self, queue: MessageQueue, now: int) -> None:
        """Let go of the messages at the head of *queue* whose time was over at *now* (microseconds)."""
        while (held := queue.take_expired(now)) is not None:
            self.bury(held, queue.name, EXPIRED)

    def _trim(self, queue: MessageQueue) -> None:
        """Throw out the first messages of a queue that holds more than it may."""
        if queue.pump_due:  # what a consumer takes does not count
            self._kernel.call_soon(self._trim, queue)
            return
        while queue.is_overfull():
            self.bury(queue.take(), queue.name, OVERFULL)

    def _turn_away(self, queue: MessageQueue, held: Held, rules: QueueRules) -> None:
        """Refuse a new message of a full queue; whoever sent it would only know if they had asked for a receipt."""
        if rules.overflow == "reject-publish-dlx":
            self.bury(held, queue.name, OVERFULL)
        else:
            self._drop(held, queue.name, OVERFULL)

    def bury(self, held: Held, name: str, reason: str) -> None:
        """End the stay of a message in the queue called *name*: send it on as a dead letter, or drop it."""
        queue = self._queues.get(name)
        rules = None if queue is None else queue.rules
        exchange = None if rules is None else rules.dead_letter_exchange
        if rules is None or exchange is None:
            if reason != REJECTED:  # that was told already
                self._drop(held, name, reason)
            return
        self.log.append(MESSAGE_DEAD_LETTERED, held.task_id, self.url, held.serial, name, reason, exchange)
        now = self._kernel.clock.now
        message = died(held.message, name, reason, now, held.exchange, held.routing_key)
        key = held.routing_key if rules.dead_letter_routing_key is None else rules.dead_letter_routing_key
        if held.is_copy:  # its number belongs to the copies in other queues too
            letter = self._new(message, exchange, key, held.task_id)
        else:
            letter = Held(held.serial, message, exchange, key, held.task_id)
        self._kernel.call_soon(self._route_letter, letter, reason)

    def _route_letter(self, letter: Held, reason: str) -> None:
        """Route a dead letter, but never round and round."""
        found = self._exchanges.route(letter.exchange, letter.routing_key, letter.message.headers)
        names = tuple(
            name
            for name in found
            if name in self._queues and (reason == REJECTED or not goes_in_circles(letter.message, name))
        )
        self._spread(letter, names)

    def _drop(self, held: Held, queue: str, reason: str) -> None:
        self.log.append(MESSAGE_DEAD_LETTERED, held.task_id, self.url, held.serial, queue, reason, None)

    def put_back(self, queue: str, held: Held) -> None:
        """Return a delivered message to its place in *queue*, marked as redelivered; a queue that went loses it."""
        target = self._queues.get(queue)
        if target is None:
            self._drop(held, queue, DELETED)
            return
        rules = target.rules
        if rules is not None and rules.quorum and self._is_back_too_often(held, rules):
            self.bury(held, queue, TOO_OFTEN)
            return
        target.put_back(held)
        self.drop_expired(target, self._kernel.clock.us)
        self.pump_soon(target)
        if rules is not None and rules.limited:
            self._trim(target)

    def _is_back_too_often(self, held: Held, rules: QueueRules) -> bool:
        held.returns += 1
        headers = {**held.message.headers, "x-delivery-count": held.returns}
        held.message = held.message._replace(headers=headers, tables=None)
        return rules.delivery_limit is not None and held.returns > rules.delivery_limit

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
            self.drop_expired(queue, self._kernel.clock.us - 1)  # what ends just now may still be delivered
        if not queue.ready:
            return
        subscription = queue.next_consumer()
        if subscription is not None:
            channel = subscription.channel
            channel.deliver(queue, queue.take(), subscription)
            if channel.has_room or len(queue.consumers) > 1:
                self.pump_soon(queue)
            elif queue.ready:
                channel.starving[queue] = None  # no step that could only find it full

    def consumer_left(self, queue: MessageQueue) -> None:
        """Drop an auto-delete queue whose last consumer has gone."""
        if not queue.consumers and self._queues.get(queue.name) is queue:
            if queue.auto_delete:
                self.delete_queue(queue.name)
            else:
                self.used(queue)

    def _empty(self, queue: MessageQueue) -> None:
        while len(queue):
            self._drop(queue.take(), queue.name, DELETED)
