"""An event: a dictionary that says its type and when it happened.

Comes in: a type like ``task-received``, and fields. Goes out: the dictionary, as it travels.
Next door: ``labq.events.dispatcher`` sends events, ``labq.events.receiver`` reads them.
Celery: ``celery/events/event.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from labq import _state
from labq.wire.entities import Exchange

__all__ = ("Event", "event_exchange", "get_exchange", "group_from")

EVENT_EXCHANGE_NAME = "celeryev"

event_exchange = Exchange(EVENT_EXCHANGE_NAME, type="topic")
"""Where events go, on a broker that can sort by topics; see ``get_exchange``."""

FANOUT_DRIVERS = frozenset({"redis", "gcpubsub"})
"""Kinds of brokers on which everybody gets every event."""


def now() -> float:
    """Return the lab's present, in seconds since 1970."""
    return float(_state.get_current_lab().clock.epoch)


def Event(  # noqa: N802 - Celery's name
    type: str,
    _fields: Mapping[str, Any] | None = None,
    __dict__: Callable[..., dict[str, Any]] = dict,
    __now__: Callable[[], float] = now,
    **fields: Any,
) -> dict[str, Any]:
    """Return an event; one without a ``timestamp`` happens now."""
    event = __dict__(_fields, **fields) if _fields else fields
    if "timestamp" not in event:
        event["timestamp"] = __now__()
    event["type"] = type
    return event


def group_from(type: str) -> str:
    """Return the group that a type of event belongs to.

    >>> group_from("task-sent")
    'task'
    """
    return type.split("-", 1)[0]


def driver_type(connection: Any) -> str:
    """Return what kind of broker *connection* leads to: ``amqp``, ``redis``, ``memory``."""
    if isinstance(connection, str):
        return connection.split(":", 1)[0]
    return str(getattr(getattr(connection, "transport", None), "driver_type", "amqp"))


def get_exchange(conn: Any, name: str = EVENT_EXCHANGE_NAME) -> Exchange:
    """Return the exchange for events behind *conn*, a connection or an address."""
    exchange = copy(event_exchange)
    if driver_type(conn) in FANOUT_DRIVERS:
        exchange.type = "fanout"
    exchange.name = name
    return exchange
