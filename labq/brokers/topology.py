"""The topology of a broker: its exchanges and queues, how they are made, bound and unmade.

Comes in: declarations. Goes out: records, or the refusals that RabbitMQ would send.
Next door: ``memory`` moves messages through what is declared here.
Celery: RabbitMQ itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labq.brokers.exchanges import DEFAULT, PRESENT, Exchange, Exchanges
from labq.brokers.queues import MessageQueue
from labq.brokers.refusals import (
    AccessRefused,
    PreconditionFailed,
    inequivalent,
    locked,
    no_exchange,
    no_queue,
    of_default_exchange,
    reserved,
)
from labq.brokers.rules import QueueRules, check_same, read_rules
from labq.i18n import text
from labq.kernel.kernel import Kernel
from labq.log.log import Log
from labq.log.record import (
    EXCHANGE_DECLARED,
    EXCHANGE_DELETED,
    QUEUE_BOUND,
    QUEUE_DECLARED,
    QUEUE_DELETED,
    QUEUE_PURGED,
    QUEUE_UNBOUND,
)
from labq.wire.entities import Queue

NO_RULES = QueueRules()
RESERVED = "amq."


class Topology:
    """What is declared at a broker.

    Arguments:
        url: the address under which it is known, its password already masked.
        kernel: for queues that go when nobody uses them.
        log: where everything is written down.
    """

    def __init__(self, url: str, kernel: Kernel, log: Log) -> None:
        self.url = url
        self.log = log
        self._kernel = kernel
        self._exchanges = Exchanges()
        self._queues: dict[str, MessageQueue] = {}
        self._known: dict[str, Queue] = {}
        self._names = 0
        self._watchers: dict[str, list[Callable[[], object]]] = {}

    # -- exchanges ---------------------------------------------------------------------------------------------
    def declare_exchange(
        self,
        name: str,
        kind: str,
        *,
        durable: bool = True,
        auto_delete: bool = False,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        """Make an exchange unless it is there (AMQP ``exchange.declare``).

        Arguments:
            name: its name; the default exchange is there anyway.
            kind: its type.
            durable: whether it survives a restart of the broker.
            auto_delete: whether it goes with its last binding.
            arguments: ``alternate-exchange`` names another one for what this one cannot route.

        Raises:
            PreconditionFailed, CommandInvalid, AccessRefused: in RabbitMQ's words.
        """
        if name == DEFAULT:
            return
        if name.startswith(RESERVED) and name not in PRESENT:
            raise reserved("exchange", name, "Exchange.declare")
        exchange = Exchange(kind, bool(durable), bool(auto_delete), (arguments or {}).get("alternate-exchange"))
        if self._exchanges.declare(name, exchange):
            self.log.append(EXCHANGE_DECLARED, None, self.url, name, kind)

    def has_exchange(self, name: str) -> bool:
        """Tell whether there is an exchange called *name*."""
        return name in self._exchanges

    def delete_exchange(self, name: str, *, if_unused: bool = False) -> None:
        """Delete an exchange (AMQP ``exchange.delete``); one that is not there is no error."""
        if name in PRESENT:
            msg = f"ACCESS_REFUSED - deletion of system exchange '{name}' in vhost '/' not allowed"
            raise AccessRefused(msg, text("It belongs to the broker."), "Exchange.delete")
        if name not in self._exchanges:
            return
        if if_unused and self._exchanges.is_used(name):
            msg = f"PRECONDITION_FAILED - exchange '{name}' in vhost '/' in use"
            raise PreconditionFailed(msg, text("Something is still bound to it."), "Exchange.delete")
        self._exchanges.delete(name)
        self.log.append(EXCHANGE_DELETED, None, self.url, name)

    def link(self, destination: str, source: str, routing_key: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Bind one exchange to another (AMQP ``exchange.bind``): *destination* gets what *source* routes to it."""
        self._check_exchanges(destination, source, "Exchange.bind")
        if self._exchanges.link(destination, source, routing_key, arguments or {}):
            self.log.append(QUEUE_BOUND, None, self.url, destination, source, routing_key)

    def unlink(
        self, destination: str, source: str, routing_key: str, arguments: Mapping[str, Any] | None = None
    ) -> None:
        """Undo ``link`` (AMQP ``exchange.unbind``)."""
        self._check_exchanges(destination, source, "Exchange.unbind")
        self._exchanges.unlink(destination, source, routing_key, arguments or {})
        self.log.append(QUEUE_UNBOUND, None, self.url, destination, source, routing_key)

    def _check_exchanges(self, destination: str, source: str, method: str) -> None:
        for name in (destination, source):
            if name == DEFAULT:
                raise of_default_exchange(method)
            if name not in self._exchanges:
                raise no_exchange(name, method)

    # -- queues ------------------------------------------------------------------------------------------------
    def declare_queue(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        auto_delete: bool = False,
        durable: bool = True,
        owner: object = None,
    ) -> None:
        """Make a queue unless it is there (AMQP ``queue.declare``); the default exchange leads to it by its name.

        Arguments:
            name: its name.
            arguments: RabbitMQ's: ``x-max-priority``, ``x-message-ttl`` and so on.
            auto_delete: whether it goes with its last consumer.
            durable: whether it survives a restart of the broker.
            owner: the connection for which alone it is (AMQP's ``exclusive``); None for any.

        Raises:
            PreconditionFailed: for arguments that cannot be, or differ from those of the queue that is there.
            ResourceLocked: when it is another connection's.
            AccessRefused: for a name that only the broker may give.
        """
        present = self._queues.get(name)
        if present is not None:
            self._check_queue(present, arguments or {}, bool(auto_delete), bool(durable), owner)
            self.used(present)
            return
        if name.startswith("amq.") and not name.startswith("amq.gen-"):
            raise reserved("queue", name, "Queue.declare")
        rules = read_rules(name, arguments) if arguments else NO_RULES
        queue = self._queues[name] = MessageQueue(
            name, auto_delete=bool(auto_delete), durable=bool(durable), owner=owner,
            arguments=dict(arguments or {}), rules=None if rules == NO_RULES else rules,
        )  # fmt: skip
        self.log.append(QUEUE_DECLARED, None, self.url, name, _told(queue.arguments))
        self.used(queue)

    def _check_queue(
        self, queue: MessageQueue, arguments: Mapping[str, Any], auto_delete: bool, durable: bool, owner: object
    ) -> None:
        if queue.owner != owner:
            raise locked(queue.name, "Queue.declare")
        if durable is not queue.durable:
            raise inequivalent("queue", queue.name, "durable", durable, queue.durable)
        if auto_delete is not queue.auto_delete:
            raise inequivalent("queue", queue.name, "auto_delete", auto_delete, queue.auto_delete)
        if arguments or queue.arguments:
            check_same(queue.name, arguments, queue.arguments)

    def delete_queue(self, name: str, *, if_unused: bool = False, if_empty: bool = False) -> int:
        """Delete a queue with what is in it (AMQP ``queue.delete``); return how many messages were ready."""
        queue = self._queues.get(name)
        if queue is None:
            return 0
        if if_unused and queue.consumers:
            msg = f"PRECONDITION_FAILED - queue '{name}' in vhost '/' in use"
            raise PreconditionFailed(msg, text("Somebody consumes from it."), "Queue.delete")
        if if_empty and queue.ready:
            msg = f"PRECONDITION_FAILED - queue '{name}' in vhost '/' not empty"
            raise PreconditionFailed(msg, text("Purge it first."), "Queue.delete")
        count = len(queue)
        emptied = self._exchanges.unbind(name)
        del self._queues[name]
        queue.consumers.clear()
        self._empty(queue)
        self.log.append(QUEUE_DELETED, None, self.url, name)
        for exchange in emptied:
            self.delete_exchange(exchange)
        return count

    def _empty(self, queue: MessageQueue) -> None:
        """Let go of everything in a queue that was deleted."""
        raise NotImplementedError

    def used(self, queue: MessageQueue) -> None:
        """Note that somebody uses *queue* now; one with ``x-expires`` goes when nobody has done so for that long."""
        rules = queue.rules
        if rules is not None and rules.expires is not None:
            queue.last_used = self._kernel.clock.us
            self._kernel.call_later(rules.expires / 1000, self._expire_queue, queue, rules.expires, background=True)

    def _expire_queue(self, queue: MessageQueue, expires: int) -> None:
        idle = self._kernel.clock.us - queue.last_used
        if idle >= expires * 1000 and not queue.consumers and self._queues.get(queue.name) is queue:
            self.delete_queue(queue.name)

    # -- bindings ----------------------------------------------------------------------------------------------
    def bind(self, queue: str, exchange: str, routing_key: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Bind *queue* to *exchange* (AMQP ``queue.bind``).

        Raises:
            NotFound: when there is no such queue or exchange.
            AccessRefused: for the default exchange, which needs and takes no bindings.
        """
        if exchange == DEFAULT:
            raise of_default_exchange("Queue.bind")
        self.queue(queue, "Queue.bind")
        if self._exchanges.bind(queue, exchange, routing_key, arguments or {}):
            self.log.append(QUEUE_BOUND, None, self.url, queue, exchange, routing_key)
            self.stir(exchange)

    def unbind(self, queue: str, exchange: str, routing_key: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Undo a binding (AMQP ``queue.unbind``); one that is not there is no error."""
        if exchange == DEFAULT:
            raise of_default_exchange("Queue.unbind")
        if exchange not in self._exchanges:
            raise no_exchange(exchange, "Queue.unbind")
        self.queue(queue, "Queue.unbind")
        emptied = self._exchanges.unbind(queue, (exchange, routing_key, arguments or {}))
        self.log.append(QUEUE_UNBOUND, None, self.url, queue, exchange, routing_key)
        for name in emptied:
            self.delete_exchange(name)

    # -- those who wait to be needed ---------------------------------------------------------------------------
    def watch(self, exchange: str, watcher: Callable[[], object]) -> None:
        """Call *watcher* when a queue is bound to *exchange*, or a message comes there that leads nowhere.

        So a worker reads commands from the first one on, and its heart beats from the first listener on: what nobody
        uses leaves no trace.
        """
        self._watchers.setdefault(exchange, []).append(watcher)

    def unwatch(self, exchange: str, watcher: Callable[[], object]) -> None:
        """Call *watcher* no more."""
        watchers = self._watchers.get(exchange, [])
        if watcher in watchers:
            watchers.remove(watcher)

    def stir(self, exchange: str) -> bool:
        """Call those who watch *exchange*; tell whether there was anybody."""
        watchers = tuple(self._watchers.get(exchange, ()))
        for watcher in watchers:
            watcher()
        return bool(watchers)

    def has_bindings(self, exchange: str) -> bool:
        """Tell whether anything is bound to *exchange*."""
        return exchange in self._exchanges and self._exchanges.is_used(exchange)

    # -- looking -----------------------------------------------------------------------------------------------
    def queue(self, name: str, method: str = "Queue.declare") -> MessageQueue:
        """Return the queue called *name*.

        Raises:
            NotFound: when there is none (RabbitMQ closes the channel then).
        """
        try:
            return self._queues[name]
        except KeyError:
            raise no_queue(name, method) from None

    def knows(self, queue: Queue) -> bool:
        """Tell whether this very description of a queue was asked about before and the queue is still there.

        A client declares its queue before every message; asking costs less than declaring again. A queue that goes
        when nobody uses it is declared each time: that is a use.
        """
        present = self._queues.get(queue.name)
        if present is not None and self._known.get(queue.name) is queue:
            return present.rules is None or present.rules.expires is None
        self._known[queue.name] = queue
        return False

    def new_queue_name(self) -> str:
        """Return a name for a queue that somebody declares without one; RabbitMQ throws dice for it, the lab counts."""
        self._names += 1
        return f"amq.gen-{self._names}"

    def has_queue(self, name: str) -> bool:
        """Tell whether there is a queue called *name*."""
        return name in self._queues

    def depth(self, queue: str) -> int:
        """Return how many messages wait in *queue*; 0 when there is no such queue."""
        return len(self._queues[queue]) if queue in self._queues else 0

    def consumers(self, queue: str) -> int:
        """Return how many consumers *queue* has; 0 when there is no such queue."""
        return len(self._queues[queue].consumers) if queue in self._queues else 0

    def owned(self, owner: object) -> list[str]:
        """Return the names of the queues that are for *owner* alone."""
        return [name for name, queue in self._queues.items() if queue.owner == owner]

    def purge(self, queue: str) -> int:
        """Throw away what waits in *queue* (AMQP ``queue.purge``); deliveries already made are not touched."""
        count = self.queue(queue, "Queue.purge").purge()
        self.log.append(QUEUE_PURGED, None, self.url, queue, count)
        return count


def _told(arguments: Mapping[str, Any]) -> str | None:
    """Return the arguments as the log tells them; None for none."""
    return " ".join(f"{name}={value}" for name, value in arguments.items()) or None
