"""Pickling: an app, and what is bound to it, as something that another process can make again.

Comes in: an app. Goes out: the arguments from which a like one is made. Tasks do not travel: whoever reads must
define them too.
Celery: ``__reduce__`` and ``subclass_with_self`` in ``celery/app/base.py``; ``AppPickler`` in ``celery/app/utils.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from labq import _state

V1 = (
    "main", "changes", "loader", "backend", "amqp", "events", "log", "control", "accept_magic_kwargs",
    "config_source", "config_source_silent",
)  # fmt: skip
"""What a class that overrides ``__reduce_args__`` gives, in this order."""


def unpickle_app(cls: Any, kwargs: Mapping[str, Any]) -> Any:
    """Make an app again; it does not become the current one."""
    return cls(**{**kwargs, "set_as_current": False})


def unpickle_app_of_arguments(cls: Any, pickler: Any, *args: Any) -> Any:
    """Make an app of a class that says ``__reduce_args__`` again."""
    return pickler()(cls, *args)


def unpickle_bound(reverse_name: str, args: Any) -> Any:
    """Make something again that was bound to an app: it is bound to the current app now."""
    return attrgetter(reverse_name)(_state.current_app)(*args)


class AppPickler:
    """Makes apps whose class overrides ``__reduce_args__``."""

    def __call__(self, cls: Any, *args: Any) -> Any:
        """Return an app of the class *cls*."""
        kwargs = self.build_kwargs(*args)
        app = self.construct(cls, **kwargs)
        self.prepare(app, **kwargs)
        return app

    def prepare(self, app: Any, **kwargs: Any) -> None:
        """Set on the app what was changed in its settings."""
        app.conf.update(kwargs["changes"])

    def build_kwargs(self, *args: Any) -> dict[str, Any]:
        """Return the arguments of the class by their names; for overriding."""
        return self.build_standard_kwargs(*args)

    def build_standard_kwargs(self, *args: Any) -> dict[str, Any]:
        """Return the arguments of ``Celery`` by their names."""
        given = {"config_source": None, "config_source_silent": False, **dict(zip(V1, args, strict=False))}
        del given["accept_magic_kwargs"]
        return {**given, "set_as_current": False}

    def construct(self, cls: Any, **kwargs: Any) -> Any:
        """Make the app."""
        return cls(**kwargs)


def bound_class(app: Any, cls: Any, name: str | None, attribute: str, reverse: str | None, **more: Any) -> type:
    """Return a subclass of *cls* that belongs to *app*, and looks as if it stood where *cls* stands.

    Arguments:
        name: another name.
        attribute: where it keeps the app.
        reverse: how it is reached from an app, for its pickles; None keeps those of *cls*.
        more: other attributes.
    """
    attributes: dict[str, Any] = {attribute: app, "__module__": cls.__module__, "__doc__": cls.__doc__, **more}
    if reverse:
        attributes["__reduce__"] = lambda self: (unpickle_bound, (reverse, self.__reduce_args__()))
    return type(name or cls.__name__, (cls,), attributes)
