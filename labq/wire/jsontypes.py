"""JSON that also knows dates, decimals, UUIDs and bytes.

In go Python values, out comes text, and back. What JSON has no word for travels as
``{"__type__": "datetime", "__value__": "2030-01-01T09:00:00+00:00"}`` and comes back as what it was; a tuple comes back
a list. A program may teach it more with ``register_type``, or give a class a method ``__json__``.
Next door: ``serializers`` registers this as ``json``.
Celery: ``kombu/utils/json.py``.
"""

from __future__ import annotations

import base64
import binascii
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

Convert = Callable[[Any], Any]

_TAGS = {"__type__", "__value__"}

_encoders: dict[type, tuple[str | None, Convert]] = {}
_decoders: dict[str, Convert] = {}


def register_type(kind: type, marker: str | None, encoder: Convert, decoder: Convert = lambda value: value) -> None:
    """Teach JSON a Python type.

    Arguments:
        kind: the type; its subclasses are meant too, and the type registered first wins.
        marker: the word written as ``__type__``; None writes the encoder's result bare, so it does not come back.
        encoder: turns an instance into something JSON knows.
        decoder: turns that back.
    """
    _encoders[kind] = (marker, encoder)
    if marker is not None:
        _decoders[marker] = decoder


def _bytes_of(value: str) -> bytes:
    return value.encode("utf-8")


def _base64_of(value: str) -> bytes:
    return base64.b64decode(value.encode("utf-8"))


def _tagged(marker: str, value: Any) -> dict[str, Any]:
    return {"__type__": marker, "__value__": value}


def _tagged_bytes(value: bytes) -> dict[str, Any]:
    """Write bytes as text where they are text, so that people can read the message."""
    try:
        return _tagged("bytes", value.decode("utf-8"))
    except UnicodeDecodeError:
        return _tagged("base64", binascii.b2a_base64(value, newline=False).decode("ascii"))


class JSONEncoder(json.JSONEncoder):
    """The standard encoder, asked here only about what it does not know."""

    def default(self, o: Any) -> Any:
        """Return something JSON can write in place of *o*; TypeError when nothing can be found."""
        reduce = getattr(o, "__json__", None)
        if reduce is not None:
            return reduce()
        # A lazy translation of Django's: it can only exist where Django is loaded, so it is not imported here.
        lazy = sys.modules.get("django.utils.functional")
        if lazy is not None and isinstance(o, lazy.Promise):
            return str(o)
        for kind, (marker, encoder) in _encoders.items():
            if isinstance(o, kind):
                return encoder(o) if marker is None else _tagged(marker, encoder(o))
        if isinstance(o, bytes):
            return _tagged_bytes(o)
        return super().default(o)


def object_hook(found: dict[str, Any]) -> Any:
    """Return what an object of the text stands for: a tagged value turned back, or itself.

    Raises ValueError for a tag that nobody registered.
    """
    if len(found) != 2 or found.keys() != _TAGS:
        return found
    decoder = _decoders.get(found["__type__"])
    if decoder is None:
        raise ValueError("Unsupported type", type, found)
    return decoder(found["__value__"])


_encode = JSONEncoder().encode
_decode = json.JSONDecoder(object_hook=object_hook).decode


def dumps(value: Any, *, default_kwargs: Mapping[str, Any] | None = None, **options: Any) -> str:
    """Return *value* as JSON text; *options* are those of ``json.dumps``.

    Without options the one encoder made at import is used: ``json.dumps(cls=…)`` would build a new one for each call.
    """
    if not options and not default_kwargs:
        return _encode(value)
    return json.dumps(value, **{"cls": JSONEncoder, **(default_kwargs or {}), **options})


def loads(text: str | bytes | bytearray | memoryview) -> Any:
    """Return the value that JSON *text* (or its UTF-8 bytes) stands for."""
    return _decode(text if isinstance(text, str) else str(text, "utf-8"))


# A datetime is a date too: it has to be asked about first.
register_type(datetime, "datetime", datetime.isoformat, datetime.fromisoformat)
register_type(date, "date", date.isoformat, lambda text: datetime.fromisoformat(text).date())
register_type(time, "time", time.isoformat, time.fromisoformat)
register_type(Decimal, "decimal", str, Decimal)
register_type(UUID, "uuid", lambda value: {"hex": value.hex}, lambda parts: UUID(**parts))
_decoders["bytes"] = _bytes_of
_decoders["base64"] = _base64_of
