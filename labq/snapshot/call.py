"""A call as a person writes it: ``add(2, 3)`` from a task's name and the texts of its arguments.

Comes in: the name, and the ``argsrepr`` and ``kwargsrepr`` that travel in the headers of a message; both are texts cut
to a length by the sender, so they are only read where they can be read.
Celery: ``celery.worker.request.Request.humaninfo`` and Flower show the same three texts side by side.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any


def call(name: Any, args: Any, kwargs: Any) -> str:
    """Return the call in one line.

    Arguments:
        name: the task's name; its module is left out.
        args: the text of a tuple or list, ``(2, 3)``.
        kwargs: the text of a dict, ``{'y': 3}``.

    A sender may write anything that travels into these headers: what is no text is shown as one.

    >>> call("proj.report", "(7,)", "{'copies': 2}")
    'report(7, copies=2)'
    """
    return _written(str(name or "?"), str(args or ""), str(kwargs or ""))


@lru_cache(maxsize=4096)
def _written(name: str, args: str, kwargs: str) -> str:
    short = name.rpartition(".")[2]
    inside = [part for part in (_positional(args), _keywords(kwargs)) if part]
    return f"{short}({', '.join(inside)})"


def _positional(args: str) -> str:
    if not args or args[0] not in "([" or args[-1] not in ")]":
        return args
    return args[1:-1].removesuffix(",")


def _keywords(kwargs: str) -> str:
    if not kwargs or kwargs == "{}":
        return ""
    if len(kwargs) > 1000:  # reading must stay cheap for a text of any length
        return f"**{kwargs}"
    try:
        values = ast.literal_eval(kwargs)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return f"**{kwargs}"
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        return f"**{kwargs}"
    return ", ".join(f"{key}={value!r}" for key, value in values.items())
