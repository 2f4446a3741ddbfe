"""Delays at the broker: the queues in which calls with an ETA wait, so that no worker has to hold them.

Comes in: a broker, and the app's queues. Goes out: 28 queues, the n-th of which holds a message for 2**n seconds, each
behind an exchange of its own; a bit of the routing key says whether a message waits there or passes by. At the end one
exchange gives them to the app's queues.
Next door: ``labq.app.delays`` makes the routing keys; ``labq.worker.worker`` asks for this when it starts.
Celery: ``celery/worker/consumer/delayed_delivery.py``, ``kombu/transport/native_delayed_delivery.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from labq.app.delays import BITS, EXIT
from labq.brokers.broker import Broker
from labq.wire.broadcast import Broadcast

if TYPE_CHECKING:
    from labq.app.base import Celery

logger = logging.getLogger("kombu.transport.native_delayed_delivery")

KINDS = ("classic", "quorum")
"""What the queues may be."""

DIRECT_EXCHANGE = """\
Exchange %s is a direct exchange and native delayed delivery do not support direct exchanges.
ETA tasks published to this exchange will block the worker until the ETA arrives."""


def level_name(level: int) -> str:
    """Return the name of the queue, and of its exchange, that holds messages for 2**level seconds."""
    return f"celery_delayed_{level}"


def declare_delays(broker: Broker, queue_type: str) -> None:
    """Make the queues and their exchanges at *broker*.

    Arguments:
        queue_type: the setting ``broker_native_delayed_delivery_queue_type``.

    Raises:
        ValueError: when it is neither ``classic`` nor ``quorum``.
    """
    if queue_type not in KINDS:
        raise ValueError("queue_type must be either classic or quorum")
    levels = range(BITS - 1, -1, -1)
    after = {level: level_name(level - 1) if level else EXIT for level in levels}
    for passed, level in enumerate(levels):
        name = level_name(level)
        arguments = {
            "x-queue-type": queue_type, "x-overflow": "reject-publish", "x-message-ttl": 2**level * 1000,
            "x-dead-letter-exchange": after[level],
        }  # fmt: skip
        if queue_type == "quorum":
            arguments["x-dead-letter-strategy"] = "at-least-once"
        broker.declare_exchange(name, "topic")
        broker.declare_queue(name, arguments)
        broker.bind(name, name, "*." * passed + "1.#")
    broker.declare_exchange(EXIT, "topic")
    for passed, level in enumerate(levels):
        broker.link(after[level], level_name(level), "*." * passed + "0.#")


def bind_to_exit(broker: Broker, queue: Any) -> None:
    """Let *queue* get the messages whose delay is over, by its own exchange, or by those of its bindings."""
    if queue.exchange:
        ways = [(queue.exchange, queue.routing_key)]
    else:
        ways = [(way.exchange, way.routing_key) for way in queue.bindings or ()]
    for exchange, key in ways:
        if exchange.type == "direct":
            logger.warning(DIRECT_EXCHANGE, exchange.name)
            continue
        pattern = key if key.startswith("#") else f"#.{key}"
        broker.link(exchange.name, EXIT, pattern)
        broker.bind(queue.name, exchange.name, pattern)


def prepare_delays(app: Celery, broker: Broker, queues: Iterable[Any]) -> None:
    """Make the queues for delays at a RabbitMQ, and let all of a worker's *queues* but broadcasts get what waited."""
    if not app.delays_at_broker(broker.url.partition(":")[0]):
        return
    declare_delays(broker, app.conf.broker_native_delayed_delivery_queue_type)
    for queue in queues:
        if not isinstance(queue, Broadcast):
            bind_to_exit(broker, queue)
