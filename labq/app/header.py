"""A task's header: its signature without its body, called to check arguments before anything is sent.

The check is a function made for each task with the very parameters of the task's own, so that Python itself writes the
TypeError that people know: "add() missing 1 required positional argument: 'y'".
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
    is_function = inspect.isfunction(function)
    name = function.__name__ if is_function else type(function).__name__
    signature = inspect.signature(function)
    defaults: dict[str, Any] = {}
    written: list[str] = []
    mark = ""
    for parameter in signature.parameters.values():
        mark = _separate(written, mark, parameter)
        written.append(_written(parameter, defaults))
    if mark == "positional":
        written.append("/")
    scope: dict[str, Any] = {"defaults": defaults}
    exec(f"def {name}({', '.join(written)}): pass", scope)  # noqa: S102 - a def is what makes Python's own messages
    head: Callable[..., Any] = scope[name]
    return partial(head, object()) if bound else head


def _separate(written: list[str], mark: str, parameter: inspect.Parameter) -> str:
    """Write the ``/`` or ``*`` that stands between kinds of parameters; return the kind we are in."""
    if parameter.kind is parameter.POSITIONAL_ONLY:
        return "positional"
    if mark == "positional":
        written.append("/")
        mark = ""
    if parameter.kind is parameter.VAR_POSITIONAL:
        return "keyword"
    if parameter.kind is parameter.KEYWORD_ONLY and mark != "keyword":
        written.append("*")
        return "keyword"
    return mark


def _written(parameter: inspect.Parameter, defaults: dict[str, Any]) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"*{parameter.name}"
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"**{parameter.name}"
    if parameter.default is parameter.empty:
        return parameter.name
    defaults[parameter.name] = parameter.default
    return f"{parameter.name}=defaults[{parameter.name!r}]"
