"""Exceptions as results: written as JSON, and raised again on the client's side.

What is written are the class's name, its module and the arguments; what is read is an exception of that class if the
reader has it, of a class made up under that name if not. A name that is not an exception's is refused, because calling
whatever a message names would hand the client over to whoever can write to the backend.
Celery: ``prepare_exception`` and ``exception_to_python`` in ``celery/backends/base.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from labq import exceptions
from labq.wire.saferepr import saferepr

MADE_UP = exceptions.__name__


def write_exception(exc: BaseException, encodable: Callable[[Any], bool]) -> dict[str, Any]:
    """Return *exc* as plain values; arguments that cannot be written become their text."""
    kind = type(exc)
    args = tuple(arg if encodable(arg) else saferepr(arg) for arg in exc.args)
    return {"exc_type": kind.__qualname__, "exc_message": args, "exc_module": kind.__module__}


def read_exception(written: Any) -> BaseException | None:
    """Return the exception that ``write_exception`` wrote.

    Raises:
        SecurityError: when what is named is not an exception class.
        ValueError: when no type is named.
        TypeError: when *written* is no mapping at all.
    """
    if not written:
        return None
    if isinstance(written, BaseException):
        return written
    if not isinstance(written, Mapping):
        msg = (
            "If the stored exception isn't an instance of BaseException, it must be a dictionary.\n"
            f"Instead got: {written}"
        )
        raise TypeError(msg)
    if "exc_type" not in written:
        msg = "Exception information must include the exception type"
        raise ValueError(msg)
    name, module = written["exc_type"], written.get("exc_module")
    kind = _find(name, module)
    said = written.get("exc_message", "")
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        full = name if module is None else f"{module}.{name}"
        msg = f"Expected an exception class, got {full} with payload {said}"
        raise exceptions.SecurityError(msg)
    try:
        return kind(*said) if isinstance(said, list | tuple) else kind(said)
    except Exception:  # noqa: BLE001 - the class's own constructor may refuse anything
        return Exception(f"{kind}({said})")


def _find(name: str, module: str | None) -> Any:
    found: Any = sys.modules.get(module) if module is not None else None
    try:
        if found is None:
            raise AttributeError(name)  # noqa: TRY301 - one way out for both
        for part in name.split("."):
            found = getattr(found, part)
    except AttributeError:
        return type(name, (Exception,), {"__module__": MADE_UP})
    return found
