"""What a suspended body can ask of the lab, and the functions by which it asks.

``time.sleep`` inside a body becomes ``Sleep``: virtual time passes, the processor is free. ``labq.compute`` becomes
``Compute``: virtual time passes and the processor is busy. Plain Python work costs no virtual time at all.
The difference is what makes the pools differ. Celery has no counterpart: there the operating system knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from labq.kernel.body import ask
from labq.kernel.clock import to_microseconds


@dataclass(frozen=True, slots=True)
class Sleep:
    """The body waits *seconds* and leaves the processor free."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Compute:
    """The body keeps the processor busy for *seconds*."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Poll:
    """The body looks again after *seconds*.

    Attributes:
        seconds: how long until it looks.
        ready: tells whether it would find what it looks for.
        endless: whether it would look for ever; that keeps nobody busy, so the lab does not wait for it.
    """

    seconds: float
    ready: Callable[[], bool] = field(compare=False, repr=False)
    endless: bool = True


Ask = Sleep | Compute | Poll


def sleep(seconds: float) -> None:
    """Let *seconds* of virtual time pass in the running body; the same as ``time.sleep`` there.

    Raises:
        ValueError: when *seconds* is negative or not a number, as ``time.sleep`` does.
        LabError: when called outside a body, where there is nobody to suspend.
    """
    ask(Sleep(_checked(seconds)))


def compute(seconds: float) -> None:
    """Declare that the running body needs the processor for *seconds*.

    A gevent pool stands still meanwhile, a prefork pool loses one child, threads share one processor.

    Raises:
        ValueError: when *seconds* is negative or not a number.
        LabError: when called outside a body.
    """
    ask(Compute(_checked(seconds)))


def _checked(seconds: float) -> float:
    if to_microseconds(seconds) < 0:
        msg = "sleep length must be non-negative"
        raise ValueError(msg)
    return seconds
