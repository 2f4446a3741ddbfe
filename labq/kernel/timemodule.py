"""What ``time.sleep``, ``time.time`` and ``time.monotonic`` mean: virtual inside a body, real everywhere else.

``install()`` replaces the three names in the module ``time`` once. Outside a body each of them still is the real
one: a notebook server's own waiting is not the lab's business. ``from time import sleep`` taken before labq was
imported keeps the real function; ``real_sleep_in`` finds such names so that the lab can warn.
Celery: nothing, its bodies live in real time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from labq.kernel.asks import sleep as body_sleep
from labq.kernel.body import current_body
from labq.kernel.clock import Clock

real_sleep = time.sleep
real_time = time.time
real_monotonic = time.monotonic


class ClockOwner(Protocol):
    """The tape of a body: it knows the clock of its lab."""

    clock: Clock


def _sleep(seconds: float, /) -> None:
    if current_body() is None:
        real_sleep(seconds)
    else:
        body_sleep(seconds)


def _time() -> float:
    body = current_body()
    return real_time() if body is None or body.owner is None else body.owner.clock.epoch


def _monotonic() -> float:
    body = current_body()
    return real_monotonic() if body is None or body.owner is None else body.owner.clock.time


def install() -> None:
    """Put the virtual clock behind the module ``time``; doing it twice changes nothing."""
    for name, replacement, original in (
        ("sleep", _sleep, real_sleep),
        ("time", _time, real_time),
        ("monotonic", _monotonic, real_monotonic),
    ):
        replacement.__name__ = replacement.__qualname__ = name
        replacement.__doc__ = original.__doc__
        setattr(time, name, replacement)


def real_sleep_in(function: Callable[..., Any]) -> str | None:
    """Return the name by which *function*'s code reaches the real ``time.sleep``, or None.

    Such a name was bound before labq was imported: the body would really wait, and the lab with it.
    """
    code = getattr(function, "__code__", None)
    names = getattr(function, "__globals__", {})
    if code is None:
        return None
    return next((name for name in code.co_names if names.get(name) is real_sleep), None)
