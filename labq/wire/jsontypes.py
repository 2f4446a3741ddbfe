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


_encoder = JSONEncoder()
_decoder = json.JSONDecoder(object_hook=object_hook)
_Scan = Callable[[str, int], tuple[Any, int]]
_scan: _Scan = _decoder.scan_once  # type: ignore[attr-defined]  # it is there
_scan_plain: _Scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # it is there
"""For text without any tag: the hook would be called for each of its objects and change none."""

# ``JSONEncoder.encode`` makes this C encoder anew for every call, which costs as much as encoding a task message does.
# The first argument would be its memory of the containers it is in; one encoder for all calls has to do without.
_make: Callable[..., Any] | None = getattr(json.encoder, "c_make_encoder", None)
_chunks = _make and _make(
    None,
    _encoder.default,
    json.encoder.encode_basestring_ascii,
    None,
    _encoder.key_separator,
    _encoder.item_separator,
    _encoder.sort_keys,
    _encoder.skipkeys,
    _encoder.allow_nan,
)


def dumps(value: Any, *, default_kwargs: Mapping[str, Any] | None = None, **options: Any) -> str:
    """Return *value* as JSON text; *options* are those of ``json.dumps``.

    Raises TypeError for what JSON cannot say and nobody taught it, ValueError for a container that is in itself.
    """
    if not options and not default_kwargs:
        try:
            return "".join(_chunks(value, 0)) if _chunks else _encoder.encode(value)
        except RecursionError:
            return _encoder.encode(value)  # tells a container that is in itself from one that is only deep
    return json.dumps(value, **{"cls": JSONEncoder, **(default_kwargs or {}), **options})


def loads(text: str | bytes | bytearray | memoryview) -> Any:
    """Return the value that JSON *text* (or its UTF-8 bytes) stands for."""
    if not isinstance(text, str):
        text = str(text, "utf-8")
    try:
        value, end = (_scan if "__type__" in text or "\\u" in text else _scan_plain)(text, 0)
    except StopIteration:
        return _decoder.decode(text)  # explains what it found instead of a value
    return value if end == len(text) else _decoder.decode(text)


# A datetime is a date too: it has to be asked about first.
register_type(datetime, "datetime", datetime.isoformat, datetime.fromisoformat)
register_type(date, "date", date.isoformat, lambda text: datetime.fromisoformat(text).date())
register_type(time, "time", time.isoformat, time.fromisoformat)
register_type(Decimal, "decimal", str, Decimal)
register_type(UUID, "uuid", lambda value: {"hex": value.hex}, lambda parts: UUID(**parts))
_decoders["bytes"] = _bytes_of
_decoders["base64"] = _base64_of
