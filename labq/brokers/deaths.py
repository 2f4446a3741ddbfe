"""What a dead letter carries: the header ``x-death``, which tells how it died and how often.

In comes a message with the queue and the reason of its death; out goes the message as the dead letter exchange gets it.
Pure: nothing is sent here.
Celery: on RabbitMQ, ``rabbit_dead_letter``; its guide, "Dead Letter Exchanges".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from labq.wire.message import Message

REJECTED = "rejected"
EXPIRED = "expired"
OVERFULL = "maxlen"
TOO_OFTEN = "delivery_limit"


def died(message: Message, queue: str, reason: str, now: datetime, exchange: str, routing_key: str) -> Message:
    """Return *message* with its death written into its headers.

    A death in the same queue for the same reason is counted; the last death stands first. The time to live that a
    message had itself is taken off it, or it would die again at once.

    Arguments:
        message: as it lay in the queue.
        queue: where it died.
        reason: one of RabbitMQ's words for it.
        now: when; headers know whole seconds.
        exchange: where it had been published.
        routing_key: with which key.
    """
    deaths = list(_deaths(message.headers))
    known = next((death for death in deaths if (death.get("queue"), death.get("reason")) == (queue, reason)), None)
    if known is not None:
        deaths.remove(known)
        death = {**known, "count": known.get("count", 0) + 1}
    else:
        death = {
            "count": 1,
            "reason": reason,
            "queue": queue,
            "time": now.replace(microsecond=0, tzinfo=None),
            "exchange": exchange,
            "routing-keys": [routing_key],
        }
        if "expiration" in message.properties:
            death["original-expiration"] = message.properties["expiration"]
    headers = {**message.headers, "x-death": [death, *deaths]}
    headers.setdefault("x-first-death-reason", reason)
    headers.setdefault("x-first-death-queue", queue)
    headers.setdefault("x-first-death-exchange", exchange)
    properties = {name: value for name, value in message.properties.items() if name != "expiration"}
    return message._replace(headers=headers, properties=properties, tables=None)


def goes_in_circles(message: Message, queue: str) -> bool:
    """Tell whether a dead letter that is about to enter *queue* has come round without anybody having rejected it.

    Such a message would go round for ever: RabbitMQ drops it.
    """
    reasons = []
    for death in _deaths(message.headers):
        reasons.append(death.get("reason"))
        if death.get("queue") == queue:
            return REJECTED not in reasons
    return False


def _deaths(headers: Mapping[str, Any]) -> list[dict[str, Any]]:
    deaths = headers.get("x-death")
    return [dict(death) for death in deaths if isinstance(death, Mapping)] if isinstance(deaths, list) else []
