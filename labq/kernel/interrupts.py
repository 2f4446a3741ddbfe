"""Interrupts: what the lab does in one go is never half done, wherever Ctrl-C finds it.

Comes in: SIGINT, at any moment. Goes out: ``KeyboardInterrupt`` – at once in the user's own code, a body's included; in
the lab's own code when the step or deed has ended. Half a step would lose a message, and no journal could repeat it.
The handler looks where it was called. Functions that must not be broken off are known by their code, so that they run
as fast as any other; there the handler lets itself be called again a moment later.
Celery: the signal handlers of ``celery/apps/worker.py``, which leave a word for the event loop to read.
"""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable
from time import perf_counter
from types import CodeType, FrameType
from typing import Any, TypeVar

AGAIN = 0.001
"""After how many real seconds an interrupt that came at a bad moment comes again."""
PATIENCE = 1.0
"""How many real seconds it waits at most: a step that takes longer is in the user's code, say in a receiver."""

Function = TypeVar("Function", bound=Callable[..., Any])

_unbroken: set[CodeType] = set()
_edges: set[CodeType] = set()


def unbroken(function: Function) -> Function:
    """Let no interrupt break *function* off, nor what it calls; a body that it enters is not what it calls."""
    _unbroken.add(function.__code__)
    return function


def edge(function: Function) -> Function:
    """Let no interrupt break *function* off while it is itself at work; what it calls is somebody else's."""
    _edges.add(function.__code__)
    return function


class Interrupts:
    """The handler of SIGINT while labs are about.

    Arguments:
        raises: what an interrupt does when its moment has come.
        again: lets the interrupt come again after so many seconds.
    """

    def __init__(self, raises: Callable[[int, FrameType | None], object], again: Callable[[float], object]) -> None:
        self._raises = raises
        self._again = again
        self._since: float | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt, or let the interrupt come again."""
        now = perf_counter()  # always real, unlike time.monotonic in a body
        began, self._since = self._since, None
        if not _must_wait(frame) or (began is not None and now - began > PATIENCE):
            self._raises(number, frame)
        else:
            self._since = now if began is None else began
            self._again(AGAIN)


def _must_wait(frame: FrameType | None) -> bool:
    """Tell whether an unbroken function is at work: a body has a stack of its own, so those below it do not count."""
    if frame is not None and frame.f_code in _edges:
        return True
    while frame is not None:
        if frame.f_code in _unbroken:
            return True
        frame = frame.f_back
    return False


def _interrupt_after(seconds: float) -> None:
    timer = threading.Timer(seconds, _thread.interrupt_main)
    timer.daemon = True
    timer.start()


_handler = Interrupts(signal.default_int_handler, _interrupt_after)


def install() -> None:
    """Handle SIGINT from now on, unless somebody else than Python itself does; doing it twice changes nothing.

    Jupyter's kernel puts Python's own handler back before each cell, so this is called again and again.
    """
    if threading.current_thread() is threading.main_thread() and (
        signal.getsignal(signal.SIGINT) is signal.default_int_handler
    ):
        signal.signal(signal.SIGINT, _handler)
