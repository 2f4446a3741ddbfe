"""Objects: attributes given freely, looked up, remembered.

Next door: ``labq.callables`` has the context that is made when none is given.

Celery: ``celery/utils/objects.py``, ``kombu/utils/objects.py``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Generic, Self, TypeVar

from labq.callables import FallbackContext

__all__ = ("Bunch", "FallbackContext", "cached_property", "getitem_property", "mro_lookup")

T = TypeVar("T")
MISSING = object()


class Bunch:
    """An object with the attributes it is given."""

    def __init__(self, **kwargs: Any) -> None:
        self.__dict__.update(kwargs)


def mro_lookup(
    cls: type, attr: str, stop: Iterable[type] | None = None, monkey_patched: Iterable[str] | None = None
) -> type | None:
    """Return the first class in the family of *cls* that defines *attr*.

    Arguments:
        stop: classes at which the search ends.
        monkey_patched: names of modules; a class in *stop* counts when what it defines comes from none of them.
    """
    for node in cls.mro():
        if node in (stop or ()):
            origin = getattr(node.__dict__.get(attr), "__module__", None)
            return node if origin is not None and origin not in (monkey_patched or ()) else None
        if attr in node.__dict__:
            return node
    return None


class getitem_property:  # noqa: N801 - it is used as a decorator is
    """An attribute that is an entry of the object, or deeper within it.

    Arguments:
        keypath: the way to it: ``"options.queue"`` is ``obj["options"]["queue"]``.
        doc: its docstring.
    """

    def __init__(self, keypath: str, doc: str | None = None) -> None:
        *self.path, self.key = keypath.split(".")
        self.__doc__ = doc

    def _around(self, obj: Any) -> Any:
        return functools.reduce(lambda found, key: found[key], self.path, obj)

    def __get__(self, obj: Any, type: Any = None) -> Any:
        return type if obj is None else self._around(obj).get(self.key)

    def __set__(self, obj: Any, value: Any) -> None:
        self._around(obj)[self.key] = value


class cached_property(Generic[T]):  # noqa: N801 - it is used as a decorator
    """A property that is worked out once and kept in the object.

    Arguments:
        fget: works it out.
        fset: is given the object and what is set, and returns what is kept.
        fdel: is given the object and what was kept, when it is deleted.
    """

    def __init__(
        self,
        fget: Callable[[Any], T],
        fset: Callable[[Any, T], T] | None = None,
        fdel: Callable[[Any, T], object] | None = None,
    ) -> None:
        self.func = fget
        self._set, self._delete = fset, fdel
        self.attrname = fget.__name__
        self.__doc__ = fget.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.attrname = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        kept = instance.__dict__
        if self.attrname not in kept:
            kept[self.attrname] = self.func(instance)
        return kept[self.attrname]

    def __set__(self, instance: Any, value: T) -> Any:
        if instance is None:  # asked by hand, as documentation tools do
            return self
        instance.__dict__[self.attrname] = value if self._set is None else self._set(instance, value)
        return None

    def __delete__(self, instance: Any) -> Any:
        if instance is None:
            return self
        value = instance.__dict__.pop(self.attrname, MISSING)
        if self._delete is not None and value is not MISSING:
            self._delete(instance, value)
        return None

    def setter(self, fset: Callable[[Any, T], T]) -> Self:
        """Return the property with another way to be set."""
        return type(self)(self.func, fset, self._delete)

    def deleter(self, fdel: Callable[[Any, T], object]) -> Self:
        """Return the property with another way to be deleted."""
        return type(self)(self.func, self._set, fdel)
