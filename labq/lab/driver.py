"""The driver: it lets the world run until something is reached, and does what waiting means where it is asked for.

Comes in: a moment, a condition, or a function to call as a body. Goes out: nothing but passed time.
Next door: ``history`` has the world; ``lab`` is what the user holds.
Celery: ``Drainer.drain_events_until`` in ``celery/backends/asynchronous.py``, where time passes by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labq.exceptions import LabError
from labq.i18n import text
from labq.kernel.asks import Poll
from labq.kernel.body import Raised, ask, current_body
from labq.kernel.clock import MICROSECONDS, Clock, to_microseconds
from labq.kernel.interrupts import install
from labq.lab.history import History
from labq.lab.reading import microseconds

POLL = 0.5
"""How often a task that waits for another one's result looks, in seconds: Celery's own interval."""

GLANCES = 16
"""How often a body that waits for a message looks at the moment at which it began: a message takes a few steps."""
GLANCE_PAUSE = 0.05
"""How often it looks afterwards, in seconds: real sockets wake whoever waits, here somebody has to look."""


@dataclass(frozen=True, slots=True)
class _Clocked:
    """The owner of a body that nobody writes down: it knows the clock."""

    clock: Clock


class Driver:
    """Runs the world of a history.

    Arguments:
        history: where the world is.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    def steps(self, most: int) -> None:
        """Run at most *most* steps."""
        self._history.check_open()
        world = self._history.world
        for _ in range(most):
            if not world.step():
                break

    def until_idle(self, enough: Callable[[], object] | None = None) -> None:
        """Run until *enough* says so, or nothing is left to do but background timers."""
        world = self._open_world()
        kernel, step = world.kernel, world.step
        while not kernel.run(enough) and not world.idle:
            step()  # a background timer: a body will find what it looks for

    def until_moment(self, us: int) -> None:
        """Run all that is due until *us* microseconds after the start, and let the clock show that moment."""
        world = self._open_world()
        if us > world.clock.last:
            msg = "virtual time ends in the year 9999"
            raise LabError(msg, text("Python's calendar has no later moment."))
        while (due := world.kernel.peek()) is not None and due <= us:
            world.step()
        if us > world.clock.us:
            world.kernel.pass_time(us)

    def _open_world(self) -> Any:
        self._history.check_open()
        self._history.world.kernel.refuse_reentry()
        install()
        return self._history.world

    def wait(
        self, ready: Callable[[], bool], timeout: float | None, why: Callable[[], Exception], *, at_once: bool = False
    ) -> bool:
        """Run until *ready* says so; in a body, let the body look again and again.

        Arguments:
            ready: asked after every step.
            timeout: virtual seconds after which to give up.
            why: makes the error for when nothing is left that could change anything.
            at_once: whether a body that waits looks as soon as anything may have come, not twice a second.

        Returns: False when the timeout has passed first.
        """
        self._history.check_open()
        world = self._history.world
        deadline = None
        if timeout is not None:
            wait = microseconds(timeout, f"the lab cannot wait {timeout!r} seconds")
            deadline = min(world.clock.us + max(0, wait), world.clock.last)
        kernel, step = world.kernel, world.step
        if kernel.stepping:
            if current_body() is None:  # a command's code, or a signal's receiver: there is nobody to suspend
                kernel.refuse_reentry()
            return self._wait_in_body(ready, deadline, GLANCES if at_once else 0)
        if deadline is None:
            while not kernel.run(ready):
                if world.idle:
                    raise why()
                step()  # a background timer: a body will find what it looks for
            return True
        while not ready():
            if (due := kernel.peek()) is None or due > deadline:
                kernel.pass_time(deadline)
                return ready()
            step()
        return True

    def _wait_in_body(self, ready: Callable[[], bool], deadline: int | None, glances: int) -> bool:
        """Let the body look again and again: *glances* times at this very moment, then at intervals."""
        clock = self._history.world.clock
        pause, left = (GLANCE_PAUSE if glances else POLL), glances
        while not ready():
            if deadline is not None and clock.us >= deadline:
                return False
            seconds = 0.0 if left > 0 else pause
            left -= 1
            if deadline is None:
                ask(Poll(seconds, ready))
            else:
                ask(Poll(min(seconds, (deadline - clock.us) / MICROSECONDS), ready, endless=False))
        return True

    def call_eagerly(self, function: Callable[[], Any]) -> Any:
        """Call *function* as a body of its own, so that its sleeping costs virtual time only."""
        if current_body() is not None:
            return function()
        self._history.check_open()
        world = self._history.world
        body = world.plain_body(function)
        body.owner = _Clocked(world.clock)
        try:
            moment = body.start()
            while not body.ended:
                self.until_moment(min(world.clock.us + to_microseconds(moment.seconds), world.clock.last))
                moment = body.answer()
        finally:
            body.close()
        if isinstance(moment, Raised):
            raise moment.exception
        return moment.value
