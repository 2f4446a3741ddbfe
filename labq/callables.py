"""Callables: what a function takes, calling it once, calling it later.

Comes in: functions. Goes out: what they accept; functions that remember; the first answer of several.
Next door: ``labq.sequences`` for what is gone through, ``labq.app.header`` for a task's signature.
Celery: ``celery/utils/functional.py`` and ``kombu/utils/functional.py``.
"""

from __future__ import annotations

import inspect
import threading
import types
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, Self

__all__ = (
    "DummyContext", "FallbackContext", "LRUCache", "arity_greater", "dictfilter", "evaluate_promises", "first",
    "firstmethod",
    "fun_accepts_kwargs", "fun_takes_argument", "is_numeric_value", "lazy", "mattrgetter", "maybe", "maybe_evaluate",
    "memoize", "mlazy", "noop", "pass1",
)  # fmt: skip

KEYWORDS = object()
"""Stands between the positional and the keyword arguments of a remembered call."""


class DummyContext:
    """A ``with`` block that does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing."""


class FallbackContext:
    """A ``with`` block over what is given, which stays open, or over something made for it, which is closed.

    Arguments:
        provided: what is used unless it is None.
        fallback: makes a context for what is used otherwise, from the other arguments.
    """

    def __init__(self, provided: Any, fallback: Callable[..., Any], *fb_args: Any, **fb_kwargs: Any) -> None:
        self.provided = provided
        self.fallback = fallback
        self.fb_args = fb_args
        self.fb_kwargs = fb_kwargs
        self._context: Any = None

    def __enter__(self) -> Any:
        if self.provided is not None:
            return self.provided
        context = self.fallback(*self.fb_args, **self.fb_kwargs)
        entered = context.__enter__()
        self._context = context
        return entered

    def __exit__(self, *exc_info: object) -> Any:
        """Close what was made."""
        return None if self._context is None else self._context.__exit__(*exc_info)

    __class_getitem__: Any = classmethod(types.GenericAlias)


def noop(*args: Any, **kwargs: Any) -> None:
    """Take anything and do nothing."""


def pass1(arg: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG001 - taken and not looked at
    """Return the first argument."""
    return arg


def maybe(typ: Callable[[Any], Any], val: Any) -> Any:
    """Return ``typ(val)``, and None for None."""
    return typ(val) if val is not None else val


def is_numeric_value(value: Any) -> bool:
    """Tell whether *value* is a whole number or one with a fraction, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def mattrgetter(*attrs: str) -> Callable[[Any], dict[str, Any]]:
    """Return a function that gives those attributes of its argument; missing ones are None."""
    return lambda obj: {name: getattr(obj, name, None) for name in attrs}


def dictfilter(d: Mapping[Any, Any] | None = None, **kw: Any) -> dict[Any, Any]:
    """Return the entries whose value is not None."""
    given: Mapping[Any, Any] = kw if d is None else {**d, **kw}
    return {key: value for key, value in given.items() if value is not None}


# -- later ---------------------------------------------------------------------------------------------------------


class lazy:  # noqa: N801 - kombu's name
    """A call that is made when its value is wanted, each time anew."""

    def __init__(self, fun: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._fun = fun
        self._args = args
        self._kwargs = kwargs

    def __call__(self) -> Any:
        """Make the call."""
        return self.evaluate()

    def evaluate(self) -> Any:
        """Make the call."""
        return self._fun(*self._args, **self._kwargs)

    def __str__(self) -> str:
        return str(self())

    def __repr__(self) -> str:
        return repr(self())

    def __eq__(self, other: object) -> bool:
        return bool(self() == other)

    __hash__ = None  # type: ignore[assignment]  # equal to whatever its value is equal to

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        memo[id(self)] = self
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._fun, *self._args), {"_kwargs": self._kwargs}


class mlazy(lazy):  # noqa: N801 - Celery's name
    """A call that is made once, when its value is wanted first."""

    evaluated = False
    _value: Any = None

    def evaluate(self) -> Any:
        """Make the call, or return what it gave."""
        if not self.evaluated:
            self._value = super().evaluate()
            self.evaluated = True
        return self._value


def maybe_evaluate(value: Any) -> Any:
    """Return what a ``lazy`` gives, and anything else as it is."""
    return value.evaluate() if isinstance(value, lazy) else value


def evaluate_promises(it: Iterable[Any]) -> Iterator[Any]:
    """Yield each thing, a ``lazy`` one evaluated."""
    return map(maybe_evaluate, it)


def first(predicate: Callable[[Any], Any] | None, it: Iterable[Any]) -> Any:
    """Return the first thing that *predicate* accepts (None: that is not None), or None."""
    for value in evaluate_promises(it):
        if predicate(value) if predicate is not None else value is not None:
            return value
    return None


def firstmethod(method: str, on_call: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Return a function that asks several objects, one after the other, until one answers.

    Arguments:
        method: the method that is called; objects without it are passed over, as is the answer None.
        on_call: calls the bound method it is given with the arguments, instead of calling it straight.
    """

    def ask(it: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        for obj in evaluate_promises(it):
            bound = getattr(obj, method, None)
            if bound is None:
                continue
            answer = on_call(bound, *args, **kwargs) if on_call else bound(*args, **kwargs)
            if answer is not None:
                return answer
        return None

    return ask


# -- once ----------------------------------------------------------------------------------------------------------


class LRUCache(UserDict[Any, Any]):
    """A dictionary that forgets what was used least recently.

    Arguments:
        limit: how many entries it keeps; None for any number.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.mutex = threading.RLock()
        self.data: OrderedDict[Any, Any] = OrderedDict()

    def __getitem__(self, key: Any) -> Any:
        with self.mutex:
            self.data.move_to_end(key)
            return self.data[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        with self.mutex:
            if self.limit and key not in self.data and len(self.data) >= self.limit:
                self.popitem(last=False)
            self.data[key] = value
            self.data.move_to_end(key)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take many entries at once; the limit holds again afterwards."""
        with self.mutex:
            self.data.update(*args, **kwargs)
            while self.limit and len(self.data) > self.limit:
                self.popitem(last=False)

    def popitem(self, last: bool = True) -> tuple[Any, Any]:
        """Take the entry out that was used last, or longest ago."""
        with self.mutex:
            return self.data.popitem(last)

    def incr(self, key: Any, delta: int = 1) -> int:
        """Add *delta* to a number, which is kept as text, and return the sum."""
        with self.mutex:
            value = int(self.data.pop(key)) + delta
            self[key] = str(value)
            return value

    def __iter__(self) -> Iterator[Any]:
        return iter(self.data)

    def keys(self) -> Any:
        """Return the keys, the least recently used first."""
        return self.data.keys()

    def values(self) -> Any:
        """Return the values without counting that as a use."""
        return self.data.values()

    iterkeys, itervalues = keys, values

    def iteritems(self) -> Any:
        """Return the entries without counting that as a use."""
        return self.data.items()

    items = iteritems

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "mutex"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, mutex=threading.RLock())


def memoize(
    maxsize: int | None = None,
    keyfun: Callable[..., Any] | None = None,
    Cache: Callable[..., Any] = LRUCache,  # noqa: N803 - kombu's name
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator: calls with the same arguments are made once.

    Arguments:
        maxsize: how many answers are kept; None for all.
        keyfun: makes the key of a call from its arguments.
        Cache: makes the dictionary that keeps them, from *maxsize* as ``limit``.

    The function gets ``clear()``, ``hits``, ``misses`` and ``original_func``.
    """

    def decorate(fun: Callable[..., Any]) -> Callable[..., Any]:
        kept = Cache(limit=maxsize)
        mutex = threading.Lock()

        @wraps(fun)
        def remembering(*args: Any, **kwargs: Any) -> Any:
            key = keyfun(args, kwargs) if keyfun else (*args, KEYWORDS, *sorted(kwargs.items()))
            try:
                with mutex:
                    value = kept[key]
            except KeyError:
                value = fun(*args, **kwargs)
                remembering.misses += 1  # type: ignore[attr-defined]
                with mutex:
                    kept[key] = value
            else:
                remembering.hits += 1  # type: ignore[attr-defined]
            return value

        def clear() -> None:
            kept.clear()
            remembering.hits = remembering.misses = 0  # type: ignore[attr-defined]

        remembering.hits = remembering.misses = 0  # type: ignore[attr-defined]
        remembering.clear = clear  # type: ignore[attr-defined]
        remembering.original_func = fun  # type: ignore[attr-defined]
        return remembering

    return decorate


# -- what a function takes -----------------------------------------------------------------------------------------


def arity_greater(fun: Callable[..., Any], n: int) -> bool:
    """Tell whether *fun* takes more than *n* positional arguments."""
    spec = inspect.getfullargspec(fun)
    return bool(spec.varargs) or len(spec.args) > n


def fun_takes_argument(name: str, fun: Callable[..., Any], position: int | None = None) -> bool:
    """Tell whether *fun* takes an argument called *name*, or that many positional ones."""
    spec = inspect.getfullargspec(fun)
    if spec.varkw or spec.varargs:
        return True
    return len(spec.args) >= position if position else name in spec.args


def fun_accepts_kwargs(fun: Callable[..., Any]) -> bool:
    """Tell whether *fun* takes any keyword argument."""
    return any(each.kind is each.VAR_KEYWORD for each in inspect.signature(fun).parameters.values())
