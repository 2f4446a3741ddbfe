"""Pickleable: an exception in a form that survives pickling, whatever its author did.

Comes in: any exception. Goes out: the same one, its nearest relative, or a wrapper that remembers its name.
Next door: ``labq.exceptions.Retry`` carries such an exception, ``labq.backends`` store one.
Celery: ``celery/utils/serialization.py``.

An exception is made again by calling its class with ``args``. A class whose constructor wants other arguments than it
passed on cannot be made again, and the one who reads the result would see a TypeError instead of the task's failure.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from typing import Any

UNWANTED_BASES: tuple[type, ...] = (Exception, BaseException, object)
"""Relatives so distant that they would tell nothing."""

Encoder = Callable[[Any], Any]


def safe_repr(value: object) -> str:
    """Return ``repr(value)``, or a line that says why there is none."""
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - the user's __repr__ may raise anything
        return f"<Unrepresentable {type(value)!r}: {error!r}>"


def _through_pickle(value: object) -> object:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - what was pickled a moment ago


def _survives(value: object, dumps: Encoder, loads: Encoder) -> bool:
    try:
        loads(dumps(value))
    except Exception:  # noqa: BLE001 - user code runs in both directions and may raise anything
        return False
    return True


def get_pickleable_exception(exc: BaseException) -> BaseException:
    """Return *exc* if it survives pickling, else its nearest base class made anew, else a wrapper."""
    if _survives(exc, pickle.dumps, pickle.loads):
        return exc
    return find_pickleable_exception(exc) or UnpickleableExceptionWrapper.from_exception(exc)


def find_pickleable_exception(
    exc: BaseException, loads: Encoder = pickle.loads, dumps: Encoder = pickle.dumps
) -> BaseException | None:
    """Return the first class in the family of *exc* that can be made from its ``args`` and survives pickling.

    Returns:
        The instance made, or None when only ``Exception`` itself and what is above it would do.
    """
    for relative in type(exc).__mro__:
        if relative in UNWANTED_BASES:
            return None
        try:
            made: BaseException = relative(*exc.args)
        except Exception:  # noqa: BLE001, S112 - a constructor of the user's; the next relative may fit
            continue
        if _survives(made, dumps, loads):
            return made
    return None


def get_pickled_exception(exc: BaseException) -> BaseException:
    """Undo ``get_pickleable_exception``: open the wrapper, if there is one."""
    return exc.restore() if isinstance(exc, UnpickleableExceptionWrapper) else exc


def create_exception_cls(name: str, module: str, parent: type[BaseException] | None = None) -> type[BaseException]:
    """Make an exception class called *name* that says it lives in *module*."""
    return type(name, (parent or Exception,), {"__module__": module})


def ensure_serializable(values: Iterable[Any], encoder: Encoder) -> tuple[Any, ...]:
    """Return *values* with each one that *encoder* refuses replaced by its repr."""
    safe: list[Any] = []
    for value in values:
        try:
            encoder(value)
        except Exception:  # noqa: BLE001 - an encoder may raise anything
            safe.append(safe_repr(value))
        else:
            safe.append(value)
    return tuple(safe)


class UnpickleableExceptionWrapper(Exception):
    """Stands for an exception that cannot be pickled.

    Arguments:
        exc_module: where the original class lives.
        exc_cls_name: its name.
        exc_args: its arguments; those that cannot be pickled become their repr.
        text: what ``str`` shows.
    """

    def __init__(self, exc_module: str, exc_cls_name: str, exc_args: Iterable[Any], text: str | None = None) -> None:
        self.exc_module = exc_module
        self.exc_cls_name = exc_cls_name
        self.exc_args = ensure_serializable(exc_args, _through_pickle)
        self.text = text
        super().__init__(exc_module, exc_cls_name, self.exc_args, text)

    def restore(self) -> BaseException:
        """Return an exception of a new class with the original's name and arguments."""
        return create_exception_cls(self.exc_cls_name, self.exc_module)(*self.exc_args)

    def __str__(self) -> str:
        return self.text or ""

    @classmethod
    def from_exception(cls, exc: BaseException) -> UnpickleableExceptionWrapper:
        """Wrap *exc*, keeping its traceback."""
        wrapper = cls(type(exc).__module__, type(exc).__name__, exc.args, safe_repr(exc))
        return wrapper.with_traceback(exc.__traceback__)
