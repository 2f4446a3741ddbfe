"""Delays at the broker: whether calls with an ETA wait there, and by which routing key they do.

Comes in: an app's queues; seconds. Goes out: whether one of them is a quorum queue; the key that leads a message
through as many of the queues ``celery_delayed_27`` to ``celery_delayed_0`` as its delay has bits that are set.
Next door: ``labq.app.handover`` and ``labq.app.publish`` send by that key; ``labq.worker.delays`` declares the queues.
Celery: ``celery/utils/quorum_queues.py``, ``kombu/transport/native_delayed_delivery.py``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labq.app.base import Celery

BITS = 28
"""How many queues there are: the longest delay is 2**28 - 1 seconds, eight and a half years."""
ENTRANCE = f"celery_delayed_{BITS - 1}"
"""The exchange that takes messages with a delay."""
EXIT = "celery_delayed_delivery"
"""The exchange to which messages come when their delay is over."""

_DELAY = re.compile(rf"^(?:[01]\.){{{BITS}}}")

DIRECT_EXCHANGE = """\
Direct exchanges are not supported with native delayed delivery.
%s is a direct exchange but should be a topic exchange or a fanout exchange in order for native delayed delivery to work properly.
If quorum queues are used, this task may block the worker process until the ETA arrives."""  # noqa: E501 - Celery's text


def detect_quorum_queues(app: Celery, driver_type: str) -> tuple[bool, str]:
    """Tell whether one of the app's queues is a quorum queue, and which is the first one; RabbitMQ alone has them.

    Arguments:
        driver_type: of the connection's transport; RabbitMQ's is ``amqp``.
    """
    if driver_type == "amqp":
        queues = app.amqp.queues
        for name in queues:
            if (queues[name].queue_arguments or {}).get("x-queue-type") == "quorum":
                return True, name
    return False, ""


def calculate_routing_key(countdown: int, routing_key: str) -> str:
    """Return the key by which a message waits *countdown* seconds and then goes on by *routing_key*.

    Raises:
        ValueError: when there is nothing to wait for, or no key.
    """
    if countdown < 1:
        raise ValueError("countdown must be a positive number")
    if not routing_key:
        raise ValueError("routing_key must be non-empty")
    own = _DELAY.sub("", routing_key, count=1)  # that of a retry begins with the delay of the try before it
    return ".".join(f"{countdown:0{BITS}b}") + f".{own}"


def exchange_of(options: dict[str, Any]) -> tuple[str, str, str]:
    """Return name and kind of the exchange to which a routed call goes, and the routing key."""
    queue = options.get("queue")
    if queue:
        return queue.exchange.name, queue.exchange.type, queue.routing_key
    return options["exchange"], options["exchange_type"], options["routing_key"]
