"""Finding an app by what people write after ``-A``.

Comes in: ``proj``, ``proj.celery``, ``proj:app``. Goes out: the app, or whatever has that name.
Celery: ``find_app`` in ``celery/app/utils.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from labq.app.base import Celery
from labq.app.sources import import_from_cwd
from labq.app.sources import symbol_by_name as _symbol_by_name


def find_app(
    app: Any, symbol_by_name: Callable[..., Any] = _symbol_by_name, imp: Callable[[str], Any] = import_from_cwd
) -> Any:
    """Return what *app* names: ``proj``, ``proj.celery``, ``proj:app`` or ``package``.

    A module is asked for its ``app``, then for its ``celery``; a package then for its module ``celery``; at last the
    first app in it is taken.

    Arguments:
        symbol_by_name: finds a name; it is given *imp* too, which imports a module.

    Raises:
        ImportError: when there is no such module.
        AttributeError: when there is no app in it.
    """
    try:
        found = symbol_by_name(app, imp)
    except AttributeError:  # the last part was no attribute but a module
        found = imp(app)
    if not isinstance(found, ModuleType) or ":" in app:
        return found
    for attribute in ("app", "celery"):
        held = getattr(found, attribute, None)
        if held is not None and not isinstance(held, ModuleType):
            return held
    if hasattr(found, "__path__"):
        try:
            return find_app(f"{app}.celery", symbol_by_name, imp)
        except ImportError:
            pass
    for value in vars(found).values():
        if isinstance(value, Celery):
            return value
    if hasattr(found, "celery"):
        raise AttributeError("attribute 'celery' is the celery module not the instance of celery")
    raise AttributeError(f"module {found.__name__!r} has no attribute 'celery'")
