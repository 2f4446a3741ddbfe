"""A task's header: its signature without its body, called to check arguments before anything is sent.

The check is a function made for each task with the very parameters of the task's own, so that Python itself writes the
TypeError that people know: "add() missing 1 required positional argument: 'y'".
Positional-only parameters are taken by name too, as Celery takes them: such a call fails in the worker.
Celery: ``head_from_fun`` in ``celery/utils/functional.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any


def header_of(function: Callable[..., Any], *, bound: bool = False) -> Callable[..., Any]:
    """Return a function with *function*'s name and parameters that does nothing.

    Arguments:
        function: the task's function, or an object with ``__call__``.
        bound: whether the first parameter is the task itself, which the caller does not give.

    Raises:
        SyntaxError: when the function has no name that can be defined, like a lambda; Celery says the same.
    """
    named = inspect.isfunction(function) or inspect.ismethod(function)
    name = function.__name__ if named else type(function).__name__
    defaults: dict[str, Any] = {}
    written: list[str] = []
    may_be_named_only = False
    for parameter in inspect.signature(_written_out(function), follow_wrapped=False).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not may_be_named_only:
            written.append("*")
        may_be_named_only |= parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_POSITIONAL)
        written.append(_written(parameter, defaults))
    scope: dict[str, Any] = {"defaults": defaults}
    # the line break keeps the line number that Celery's SyntaxError for a lambda has
    exec(f"\ndef {name}({', '.join(written)}): return 1", scope)  # noqa: S102 - a def is what makes Python's own messages
    head: Callable[..., Any] = scope[name]
    return partial(head, object()) if bound else head


def _written_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function whose ``def`` a reader sees; Celery asks that one, so a method's ``self`` counts too.

    What a decorator wraps is not looked at: who is called is the wrapper, whatever it passes on.
    """
    if inspect.ismethod(function):
        return function.__func__
    written_out = inspect.getattr_static(type(function), "__call__", None)
    return written_out if inspect.isfunction(written_out) else function


def _written(parameter: inspect.Parameter, defaults: dict[str, Any]) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"*{parameter.name}"
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"**{parameter.name}"
    if parameter.default is parameter.empty:
        return parameter.name
    defaults[parameter.name] = parameter.default
    return f"{parameter.name}=defaults[{parameter.name!r}]"
