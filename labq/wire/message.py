"""What a broker carries: bytes, and two tables of plain values.

In come the headers and properties a publisher wrote; out goes a frozen ``Message`` in which nothing is shared with the
publisher: the body is bytes already, and each table is a copy in which only values that a wire can carry are left.
Next door: ``publishing`` makes messages, the brokers carry them, ``protocol`` reads them.
Celery: ``kombu/message.py``, and ``amqp/serialization.py`` for the rule of what a table may hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Any, NamedTuple

from labq.exceptions import EncodeError

_FLAT = frozenset({str, bytes, bool, float, NoneType, datetime, Decimal})
"""Types that need neither a copy nor a check."""

_KEPT = (float, bytes, datetime, Decimal)
_ROWS = (list, tuple)

_SHARED = frozenset({dict, list, tuple})
"""Types a reader could change the sender's values through."""

_NAMES = frozenset({str})
"""Types a name may have."""

_LARGEST = 2**63
"""AMQP writes a whole number in a table as a signed 64-bit one."""


class Message(NamedTuple):
    """One message, as it lies in a queue.

    Attributes:
        body: the encoded (and perhaps compressed) content.
        content_type: how it was encoded, ``application/json``.
        content_encoding: the text encoding, ``utf-8``, or ``binary``.
        headers: for a task message, its name, id, eta and so on.
        properties: AMQP's own: ``correlation_id``, ``reply_to``, ``delivery_mode``, ``priority``, ``expiration`` …
        tables: the headers whose values are lists or tables, of which every reader needs copies; None when nobody has
            looked.
    """

    body: bytes
    content_type: str
    content_encoding: str
    headers: Mapping[str, Any]
    properties: Mapping[str, Any]
    tables: tuple[str, ...] | None = None


def carried(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return *table* as the other end of the wire sees it: equal values, nothing shared, tuples become lists.

    Raises EncodeError for what AMQP's tables cannot hold: a set, an object, a whole number of more than 64 bits, a key
    that is not text.
    """
    copy = dict(table)
    for name, value in copy.items():
        kind = type(value)
        if kind not in _FLAT and not (kind is int and -_LARGEST <= value < _LARGEST):
            copy[name] = _carried(value, name)
    if not _NAMES.issuperset(map(type, copy)):
        name = next(name for name in copy if type(name) is not str)
        raise EncodeError(f"the name of a header or property must be text, not {name!r}")
    return copy


def copied(table: Mapping[str, Any], tables: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Return a copy of a *table* that was carried already; the copy shares no list and no table with it.

    Arguments:
        table: headers or properties.
        tables: the names whose values are lists or tables of plain values, where that is known.
    """
    copy = dict(table)
    if tables is not None:
        for name in tables:
            copy[name] = copy[name].copy()
        return copy
    if _SHARED.isdisjoint(map(type, table.values())):
        return copy
    for name, value in table.items():
        kind = type(value)
        if kind is list or kind is dict:
            copy[name] = _carried(value, name)
    return copy


def _carried(value: Any, name: str) -> Any:
    """Return a copy of one *value*; *name* is what the outer table calls it."""
    if isinstance(value, int) and -_LARGEST <= value < _LARGEST:
        return int(value)
    if isinstance(value, _ROWS):
        return [each if type(each) in _FLAT else _carried(each, name) for each in value]
    if isinstance(value, Mapping):
        return carried(value)
    if isinstance(value, str):
        return str.__str__(value)  # an enumeration's member goes as its text
    if isinstance(value, _KEPT):
        return value
    raise EncodeError(
        f"header or property {name!r} cannot travel in a message: {value!r} is of type {type(value).__name__}"
    )
