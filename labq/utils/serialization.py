"""The door to exceptions in a form that can be pickled, and to values in a form that JSON can carry.

Next door: ``labq.pickleable``.
Celery: ``celery/utils/serialization.py``.
"""

from __future__ import annotations

import pickle
import sys
from base64 import b64decode as _from_base64
from base64 import b64encode as _to_base64
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from numbers import Real
from typing import Any, NoReturn

from labq.app.option import strtobool
from labq.pickleable import (
    UNWANTED_BASES,
    UnpickleableExceptionWrapper,
    create_exception_cls,
    ensure_serializable,
    find_pickleable_exception,
    get_pickleable_exception,
    get_pickled_exception,
)

__all__ = (
    "UnpickleableExceptionWrapper", "b64decode", "b64encode", "create_exception_cls", "ensure_serializable",
    "find_pickleable_exception", "get_pickleable_etype", "get_pickleable_exception", "get_pickled_exception", "itermro",
    "jsonify", "pickle", "raise_with_context", "strtobool", "subclass_exception", "unwanted_base_classes",
)  # fmt: skip


unwanted_base_classes = UNWANTED_BASES


def subclass_exception(name: str, parent: type[BaseException], module: str) -> type[BaseException]:
    """Make an exception class called *name* below *parent*, which says it lives in *module*."""
    return create_exception_cls(name, module, parent)


def get_pickleable_etype(
    cls: type[BaseException],
    loads: Callable[[Any], Any] = pickle.loads,
    dumps: Callable[[Any], Any] = pickle.dumps,
) -> type[BaseException]:
    """Return *cls* if it survives pickling, else Exception."""
    try:
        loads(dumps(cls))
    except Exception:  # noqa: BLE001 - encoders of the user's own may raise anything
        return Exception
    return cls


def itermro(cls: type, stop: Any) -> Iterator[type]:
    """Yield *cls* and its bases, up to one that is in *stop*."""
    return takewhile(lambda base: base not in stop, cls.__mro__)


def b64encode(s: str | bytes) -> str:
    """Return *s* in base64, as text."""
    return _to_base64(s.encode() if isinstance(s, str) else s).decode()


def b64decode(s: str | bytes) -> bytes:
    """Return what base64 text carries."""
    return _from_base64(s.encode() if isinstance(s, str) else s)


def jsonify(
    obj: Any,
    builtin_types: tuple[type, ...] = (Real, str),
    key: Any = None,
    keyfilter: Callable[[Any], object] | None = None,
    unknown_type_filter: Callable[[Any], Any] | None = None,
) -> Any:
    """Return *obj* with everything in it made into what JSON can carry.

    Arguments:
        builtin_types: what stays as it is.
        key: where *obj* was found, for the error.
        keyfilter: says which keys of mappings stay.
        unknown_type_filter: makes something of any other object; without it such a one is a ValueError.
    """

    def again(value: Any, where: Any = key) -> Any:
        return jsonify(value, builtin_types, where, keyfilter, unknown_type_filter)

    if callable(getattr(obj, "as_dict", None)) and not isinstance(obj, dict):
        obj = obj.as_dict(recurse=True)  # queues and exchanges
    if obj is None or isinstance(obj, builtin_types):
        return obj
    if isinstance(obj, list | tuple):
        return [again(each) for each in obj]
    if isinstance(obj, dict):
        return {name: again(value, name) for name, value in obj.items() if keyfilter is None or keyfilter(name)}
    if isinstance(obj, date | time):
        return _moment(obj)
    if isinstance(obj, timedelta):
        return str(obj)
    if unknown_type_filter is None:
        msg = f"Unsupported type: {type(obj)!r} {obj!r} (parent: {key})"
        raise ValueError(msg)
    return unknown_type_filter(obj)


def _moment(moment: date | time) -> str:
    """Return a moment as JavaScript writes it: milliseconds, and Z for UTC."""
    if isinstance(moment, datetime):
        said = moment.isoformat(timespec="milliseconds" if moment.microsecond else "auto")
        return said.removesuffix("+00:00") + "Z" if said.endswith("+00:00") else said
    if isinstance(moment, time) and moment.microsecond:
        return moment.isoformat()[:12]
    return moment.isoformat()


def raise_with_context(exc: BaseException) -> NoReturn:
    """Raise *exc* with what is being handled as its cause, unless that is *exc* itself."""
    handled = sys.exc_info()[1]
    if handled is exc:
        raise exc
    raise exc from handled
