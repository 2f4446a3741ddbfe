"""The last hand on a message before it leaves: encode, compress, give it its AMQP properties.

In comes a ``Draft``, which the receivers of ``before_task_publish`` may still have changed; out goes a ``Message`` that
nobody can change any more.
Next door: ``protocol`` drafts, ``app/publish`` sends the signal and chooses the exchange, the brokers carry.
Celery: ``kombu/messaging.py`` (``Producer.publish``).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from labq.exceptions import EncodeError
from labq.wire.compression import compress
from labq.wire.entities import PERSISTENT_DELIVERY_MODE, Queue, delivery_mode_number
from labq.wire.message import Message, carried
from labq.wire.serializers import dumps

BASIC_PROPERTIES = frozenset(
    {
        "delivery_mode",
        "priority",
        "correlation_id",
        "reply_to",
        "expiration",
        "message_id",
        "timestamp",
        "type",
        "user_id",
        "app_id",
        "cluster_id",
    }
)
"""The properties AMQP has a place for. RabbitMQ's client drops any other on the way; on Redis they travel along."""


HIGHEST_PRIORITY = 255
"""AMQP carries a priority in one byte."""

TABLES = ("timelimit", "stamps")
"""The headers of a drafted message whose values can be changed in place."""


class Draft(NamedTuple):
    """A message before it is encoded. Its tables are the very objects that ``before_task_publish`` hands out.

    Attributes:
        headers: what the worker reads without decoding the body.
        properties: AMQP's; ``priority`` may be None here and ``expiration`` is in seconds.
        body: ``(args, kwargs, embed)`` in protocol 2, a dict in protocol 1.
    """

    headers: dict[str, Any]
    properties: dict[str, Any]
    body: Any


def sealed(
    draft: Draft,
    serializer: str | None = "json",
    compression: str | None = None,
    delivery_mode: int | str | None = PERSISTENT_DELIVERY_MODE,
    *,
    own: bool = False,
) -> Message:
    """Return *draft* as the message a broker is given.

    Arguments:
        draft: what to send; it is not changed.
        serializer: a registered name; None means json.
        compression: a registered name or content type; None for none.
        delivery_mode: 1, 2, ``transient`` or ``persistent``; None means 2.
        own: True when the tables are as ``task_draft`` wrote them and nobody else holds them: then they need no check
            and no copy.

    Raises EncodeError for what cannot be encoded or carried, SerializerNotInstalled for an unknown *serializer*.
    """
    content_type, content_encoding, body = dumps(draft.body, serializer)
    headers = draft.headers if own else carried(draft.headers)
    if compression:
        body, headers["compression"] = compress(body, compression)
    if own:
        properties = draft.properties
        properties["delivery_mode"] = delivery_mode_number(delivery_mode)
        properties["priority"] = 0
    else:
        properties = _properties(draft.properties, delivery_mode)
    return Message(body, content_type, content_encoding, headers, properties, TABLES if own else None)


def _properties(given: dict[str, Any], delivery_mode: int | str | None) -> dict[str, Any]:
    """Return the properties in the order kombu writes them, with those every message has."""
    properties = dict(given)
    reply_to = properties.get("reply_to")
    if isinstance(reply_to, Queue):
        properties["reply_to"] = reply_to.name
    priority = properties.pop("priority", None) or 0
    expiration = properties.pop("expiration", None)
    if not (isinstance(priority, int) and 0 <= priority <= HIGHEST_PRIORITY):
        raise EncodeError(f"priority must be a whole number from 0 to {HIGHEST_PRIORITY}, not {priority!r}")
    properties = carried(properties)
    properties["delivery_mode"] = delivery_mode_number(delivery_mode)
    if expiration is not None:
        # AMQP wants milliseconds, written as text.
        properties["expiration"] = str(int(expiration * 1000))
    properties["priority"] = priority
    return properties
