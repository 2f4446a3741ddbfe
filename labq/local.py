"""Stand-ins: objects that behave as another object, which they go and find when somebody asks.

Comes in: a function that finds or makes the real object. Goes out: a stand-in that answers as the real object would.
Next door: ``labq.app`` gives a ``PromiseProxy`` for each ``@app.task`` and a ``Proxy`` for each ``@shared_task``;
``labq.current_app`` is a ``Proxy`` too.
Celery: ``celery/local.py``.

There are two, and the difference is *how often* they look:

* ``Proxy`` looks each time. So ``current_app`` is always the app that is current now.
* ``PromiseProxy`` looks once, at the first use, and keeps what it found. So a module full of ``@app.task`` can be
  imported before the app is configured: nothing is made until a task is really needed.

A stand-in must not answer for itself by accident. Python finds the methods behind operators (``len(x)``, ``x + 1``,
``x()``) on the *type*, never on the object, so each of them has to be written down here. All other names fall to
``__getattr__``. What cannot be hidden is the type: ``type(add)`` stays ``PromiseProxy`` for ever, while
``add.__class__``, and with it ``isinstance``, is that of the real object.
"""

from __future__ import annotations

import operator
import types
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Generic, Self, TypeVar

__all__ = ("PromiseProxy", "Proxy", "class_property", "maybe_evaluate", "try_import")

T = TypeVar("T")
Owner = TypeVar("Owner")


def _forward(operation: Callable[..., Any]) -> Any:
    """Return a method that does *operation* on the real object instead of on the stand-in."""

    def forwarded(self: Proxy, *args: Any) -> Any:
        # by way of the type, which costs less than to ask a PromiseProxy for an attribute
        return operation(type(self)._get_current_object(self), *args)

    return forwarded


_real_doc = _forward(operator.attrgetter("__doc__"))
_real_module = _forward(operator.attrgetter("__module__"))


class _OwnText(str):
    """A text that a class has for itself, such as its docstring, while its stand-ins answer with *ask*."""

    __slots__ = ("ask",)
    ask: Callable[[Proxy], Any]

    def __new__(cls, own: str | None, ask: Callable[[Proxy], Any]) -> Self:
        text = super().__new__(cls, own or "")
        text.ask = ask
        return text

    def __get__(self, proxy: Proxy | None, owner: type | None = None) -> Any:
        return self if proxy is None else self.ask(proxy)


class Proxy:
    """Stands for the object that *local* returns, and asks for it anew each time.

    Arguments:
        local: finds the real object.
        args, kwargs: what *local* is called with.
        name: the answer for ``__name__``, when it is known without looking.
        __doc__: the answer for ``__doc__``, likewise.
    """

    __slots__ = ("__args", "__custom_name__", "__given_doc__", "__kwargs", "__local")

    def __init__(
        self,
        local: Callable[..., Any],
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        name: str | None = None,
        __doc__: str | None = None,
    ) -> None:
        keep = object.__setattr__  # a plain assignment would be forwarded to the real object
        keep(self, "_Proxy__local", local)
        keep(self, "_Proxy__args", args or ())
        keep(self, "_Proxy__kwargs", kwargs or {})
        keep(self, "__custom_name__", name)
        keep(self, "__given_doc__", __doc__)

    def _get_current_object(self) -> Any:
        """Return the real object. Everything else in this class is a way of asking it something."""
        return self.__local(*self.__args, **self.__kwargs)

    # No attribute of these classes is annotated: their __annotations__ would hide those of the real object.

    def __getattr__(self, name: str) -> Any:
        return getattr(self._get_current_object(), name)

    # What a class says of itself, its stand-ins say of the real object. An assignment of __qualname__ would rename
    # this very class, so that name is left to __getattr__, and is the one that looks although a name was given.
    __module__ = _OwnText(__name__, _real_module)
    __doc__ = _OwnText(__doc__, lambda proxy: proxy.__given_doc__ or _real_doc(proxy))

    @property
    def __name__(self) -> str:
        return str(self.__custom_name__ or self._get_current_object().__name__)

    __class__ = property(_forward(operator.attrgetter("__class__")))
    __dict__ = property(_forward(operator.attrgetter("__dict__")))
    __members__ = property(_forward(dir))

    # A RuntimeError means that there is no real object: an app that may not be finalized, say.

    def __repr__(self) -> str:
        try:
            return repr(self._get_current_object())
        except RuntimeError:
            return f"<{self.__class__.__name__} unbound>"

    def __bool__(self) -> bool:
        try:
            return bool(self._get_current_object())
        except RuntimeError:
            return False

    def __dir__(self) -> list[str]:
        try:
            return dir(self._get_current_object())
        except RuntimeError:
            return []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the real object."""
        return self._get_current_object()(*args, **kwargs)

    __setattr__ = _forward(setattr)
    __delattr__ = _forward(delattr)
    __str__ = _forward(str)
    __hash__ = _forward(hash)

    __lt__ = _forward(operator.lt)
    __le__ = _forward(operator.le)
    __eq__ = _forward(operator.eq)
    __ne__ = _forward(operator.ne)
    __gt__ = _forward(operator.gt)
    __ge__ = _forward(operator.ge)

    __len__ = _forward(len)
    __iter__ = _forward(iter)
    __contains__ = _forward(operator.contains)
    __getitem__ = _forward(operator.getitem)
    __setitem__ = _forward(operator.setitem)
    __delitem__ = _forward(operator.delitem)

    __add__ = _forward(operator.add)
    __sub__ = _forward(operator.sub)
    __mul__ = _forward(operator.mul)
    __floordiv__ = _forward(operator.floordiv)
    __mod__ = _forward(operator.mod)
    __pow__ = _forward(operator.pow)
    __lshift__ = _forward(operator.lshift)
    __rshift__ = _forward(operator.rshift)
    __and__ = _forward(operator.and_)
    __xor__ = _forward(operator.xor)
    __or__ = _forward(operator.or_)
    # Celery asks these two of the real object only, and never the other operand: 7 / 2.0 is a TypeError there too.
    __divmod__ = _forward(lambda real, other: real.__divmod__(other))
    __truediv__ = _forward(lambda real, other: real.__truediv__(other))

    __neg__ = _forward(operator.neg)
    __pos__ = _forward(operator.pos)
    __abs__ = _forward(abs)
    __invert__ = _forward(operator.invert)
    __complex__ = _forward(complex)
    __int__ = _forward(int)
    __float__ = _forward(float)
    __index__ = _forward(operator.index)

    __enter__ = _forward(lambda real: real.__enter__())
    __exit__ = _forward(lambda real, *error: real.__exit__(*error))
    __reduce__ = _forward(lambda real: real.__reduce__())


class PromiseProxy(Proxy):
    """Stands for the object that *local* makes; makes it at the first use and keeps it.

    ``repr(add)`` is a use, and so is every attribute but a given ``__name__`` and ``__doc__``. To look without
    touching, ask ``add.__evaluated__()``. Arguments as for ``Proxy``.
    """

    __slots__ = ("__pending__", "__thing", "__weakref__")

    __doc__ = _OwnText(__doc__, lambda proxy: proxy.__given_doc__ or PromiseProxy.__doc__)

    def __init__(
        self,
        local: Callable[..., Any],
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        name: str | None = None,
        __doc__: str | None = None,
    ) -> None:
        super().__init__(local, args, kwargs, name, __doc__)
        object.__setattr__(self, "__pending__", [])

    def _get_current_object(self) -> Any:
        try:
            return _kept(self)
        except AttributeError:
            return self.__evaluate__()

    def __evaluated__(self) -> bool:
        """Tell whether the real object has been made. This question does not make it."""
        try:
            _kept(self)
        except AttributeError:
            return False
        return True

    def __maybe_evaluate__(self) -> Any:
        """Return the real object, made now if need be."""
        return self._get_current_object()

    def __evaluate__(self) -> Any:
        """Make the real object, keep it, and call those who waited for it.

        When *local* raises, nothing is kept, and the next use tries again.
        When one who waited raises, the rest of them are not called; the object is kept all the same.
        """
        thing = super()._get_current_object()
        if self.__evaluated__():  # while it was being made, somebody asked for it, and so made it
            return thing
        object.__setattr__(self, "_PromiseProxy__thing", thing)
        waiting = self.__pending__
        for spent in ("_Proxy__local", "_Proxy__args", "_Proxy__kwargs", "__pending__"):
            object.__delattr__(self, spent)  # the recipe may hold on to much that nobody needs any more
        for function, args, kwargs in waiting:
            function(*args, **kwargs)
        return thing

    def __then__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call *function* once the real object has been made: at once, with its result, if it has been already."""
        if self.__evaluated__():
            return function(*args, **kwargs)
        self.__pending__.append((function, args, kwargs))
        return None

    # The two hot paths, add.delay and add(...). __getattr__ alone would do, but it is the second choice: Python comes
    # to it only after a search that fails, and the failure costs more than the answer. So the names that a
    # stand-in does not own go straight to the real object. While there is none, _kept raises AttributeError, and
    # Python falls back on __getattr__, which makes it. (So it does for a name that the real object lacks, which is
    # therefore asked for twice.)

    def __getattribute__(self, name: str) -> Any:
        if name in _OWN_NAMES:
            return object.__getattribute__(self, name)
        return getattr(_kept(self), name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the real object, which is made now if need be."""
        try:
            thing = _kept(self)
        except AttributeError:
            thing = self.__evaluate__()
        return thing(*args, **kwargs)

    def __init_subclass__(cls) -> None:
        _OWN_NAMES.update(dir(cls))


_kept: Callable[[PromiseProxy], Any] = vars(PromiseProxy)["_PromiseProxy__thing"].__get__
"""Return the object that a promise keeps. Raises AttributeError while it keeps none."""

_OWN_NAMES = set(dir(PromiseProxy)) - {"__class__", "__dict__"}
"""Names that a promise answers itself. The two left out are the real object's anyway; isinstance asks for the first."""


def maybe_evaluate(obj: Any) -> Any:
    """Return the real object behind *obj*, or *obj* itself when it is no promise."""
    try:
        return obj.__maybe_evaluate__()
    except AttributeError:
        return obj


def try_import(module: str, default: Any = None) -> Any:
    """Import and return *module*, or return *default* when it cannot be imported."""
    try:
        return import_module(module)
    except ImportError:
        return default


class class_property(Generic[Owner, T]):  # noqa: N801 - Celery's name; it is used as a decorator
    """A property of a class and of its instances alike; *getter* and *setter* get the class.

    A value can be set through an instance only: an assignment to the class's attribute replaces the property.
    """

    __class_getitem__: Any = classmethod(types.GenericAlias)  # Celery's takes any number of types in brackets

    def __init__(
        self, getter: Callable[[type[Owner]], T], setter: Callable[[type[Owner], T], object] | None = None
    ) -> None:
        # either may be a classmethod, too
        self._getter: Callable[[type[Owner]], T] = getattr(getter, "__func__", getter)
        self._setter: Callable[[type[Owner], T], object] | None = getattr(setter, "__func__", setter)
        self.__doc__ = self._getter.__doc__
        self.__name__ = self._getter.__name__
        self.__module__ = self._getter.__module__

    def __get__(self, obj: object, owner: type | None = None) -> T:
        return self._getter(type(obj) if owner is None else owner)

    def __set__(self, obj: Owner, value: T) -> None:
        if self._setter is None:
            raise AttributeError(f"class property {self.__name__!r} cannot be set")
        self._setter(type(obj), value)

    def setter(self, setter: Callable[[type[Owner], T], object]) -> class_property[Owner, T]:
        """Return this property with *setter*; for use as a decorator."""
        return type(self)(self._getter, setter)
