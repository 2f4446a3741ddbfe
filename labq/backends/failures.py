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

from labq import exceptions, messaging_errors, pickleable
from labq.pickleable import create_exception_cls, ensure_serializable, get_pickled_exception

MIRRORED = {
    "celery.exceptions": exceptions,
    "kombu.exceptions": messaging_errors,
    "billiard.exceptions": exceptions,
    "celery.utils.serialization": pickleable,
}
"""Modules whose exceptions labq mirrors. On the wire they have Celery's names, for real clients to read."""

WRITTEN = {module.__name__: name for name, module in MIRRORED.items() if name != "billiard.exceptions"}
OF_PROCESSES = ("SoftTimeLimitExceeded", "TimeLimitExceeded", "WorkerLostError", "Terminated")
"""Exceptions that Celery has from billiard, which runs its child processes."""


def write_exception(exc: BaseException, encode: Callable[[Any], Any]) -> dict[str, Any]:
    """Return *exc* as plain values; arguments that *encode* refuses become their text."""
    kind = type(exc)
    module = WRITTEN.get(kind.__module__, kind.__module__)
    if module == "celery.exceptions" and kind.__name__ in OF_PROCESSES:
        module = "billiard.exceptions"
    return {
        "exc_type": kind.__qualname__, "exc_message": ensure_serializable(exc.args, encode), "exc_module": module,
    }  # fmt: skip


def read_exception(written: Any) -> BaseException | None:
    """Return the exception that ``write_exception`` wrote.

    Raises:
        SecurityError: when what is named is not an exception class.
        ValueError: when no type is named.
        TypeError: when *written* is nothing that could be a mapping.
    """
    if not written:
        return None
    if isinstance(written, BaseException):
        return get_pickled_exception(written)
    if not isinstance(written, Mapping):
        try:
            written = dict(written)
        except TypeError as error:
            raise TypeError(
                "If the stored exception isn't an instance of BaseException, it must be a dictionary.\n"
                f"Instead got: {written}"
            ) from error
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
    if module is None:
        return create_exception_cls(name, f"{__package__}.base")
    found: Any = MIRRORED.get(module) or sys.modules.get(module)
    try:
        for part in name.split("."):
            found = getattr(found, part)
    except AttributeError:
        return create_exception_cls(name, exceptions.__name__)
    return found
