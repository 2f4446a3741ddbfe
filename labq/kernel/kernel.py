"""The kernel: an agenda of timers, and the one loop that runs them.

Comes in: ``call_soon``, ``call_later``, ``call_at``. Goes out: one callback a step, earliest first; callbacks for the
same moment run in the order in which they were asked for. The agenda holds ``(when, serial, timer)``: the serial
breaks every tie, so the order never depends on addresses or hashes.
Celery: ``kombu/asynchronous/timer.py`` and ``hub.py``, where a real clock and sockets drive the same idea.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Sized
from heapq import heappop, heappush
from typing import Any

from labq.exceptions import ReentrantStep
from labq.i18n import text
from labq.kernel.clock import Clock, to_microseconds
from labq.kernel.interrupts import unbroken

Callback = Callable[..., object]


class Timer:
    """One line of the agenda: *callback* is due at *when* (microseconds since the start).

    A *background* timer (a heartbeat, a beat tick) does not keep the lab busy: ``Lab.run()`` stops when only such
    timers are left, as a process ends when only daemon threads are left.
    """

    __slots__ = ("args", "background", "callback", "done", "when")

    def __init__(self, when: int, callback: Callback, args: tuple[Any, ...], background: bool) -> None:
        self.when = when
        self.callback = callback
        self.args = args
        self.background = background
        self.done = False
        """True once the timer has fired or was cancelled."""


class Kernel:
    """Runs timers on a virtual clock, one a step.

    Arguments:
        clock: the clock that the kernel moves forward.
        witness: whose length is marked after each step: the log, by which a rewind finds the step of a record.
    """

    def __init__(self, clock: Clock, witness: Sized = ()) -> None:
        self.clock = clock
        self.marks = array("Q")
        """How long the witness was after each step."""
        self._witness = witness
        self.steps = 0
        """How many callbacks have been run."""
        self.stepping = False
        """True while a callback runs: anything asked of the lab now is asked by the lab itself, not by the user."""
        self._agenda: list[tuple[int, int, Timer]] = []
        self._soon: deque[tuple[int, Callback, tuple[Any, ...]]] = deque()
        # what is due at this very moment needs no heap and no Timer: it is never cancelled and already in order
        self._serial = 0
        self._foreground = 0

    # -- asking ------------------------------------------------------------------------------------------------
    def call_soon(self, callback: Callback, *args: Any) -> None:
        """Run ``callback(*args)`` at the present moment, after everything that is already due."""
        self._serial = serial = self._serial + 1
        self._soon.append((serial, callback, args))

    def call_later(self, seconds: float, callback: Callback, *args: Any, background: bool = False) -> Timer:
        """Run ``callback(*args)`` after *seconds* of virtual time; a negative wait is no wait."""
        return self._add(self.clock.us + max(0, to_microseconds(seconds)), callback, args, background)

    def call_at(self, us: int, callback: Callback, *args: Any, background: bool = False) -> Timer:
        """Run ``callback(*args)`` at *us* microseconds since the start; a moment in the past means now."""
        return self._add(max(us, self.clock.us), callback, args, background)

    def _add(self, when: int, callback: Callback, args: tuple[Any, ...], background: bool) -> Timer:
        when = min(when, self.clock.last)
        timer = Timer(when, callback, args, background)
        self._serial = serial = self._serial + 1
        heappush(self._agenda, (when, serial, timer))
        if not background:
            self._foreground += 1
        return timer

    def cancel(self, timer: Timer) -> bool:
        """Take *timer* off the agenda; return False if it has already fired or was cancelled."""
        if timer.done:
            return False
        timer.done = True  # its line stays in the heap and is passed over: cheaper than searching for it
        if not timer.background:
            self._foreground -= 1
        return True

    # -- looking -----------------------------------------------------------------------------------------------
    @property
    def idle(self) -> bool:
        """True when nothing is due but background timers."""
        return not self._soon and not self._foreground

    def peek(self) -> int | None:
        """Return the moment of the next timer in microseconds, or None when the agenda is empty."""
        if self._soon:
            return self.clock.us
        agenda = self._agenda
        while agenda and agenda[0][2].done:
            heappop(agenda)
        return agenda[0][0] if agenda else None

    # -- running -----------------------------------------------------------------------------------------------
    @unbroken
    def step(self) -> bool:
        """Run the next timer, moving the clock to its moment; return False when the agenda is empty.

        Raises:
            ReentrantStep: when called from inside a step, for instance from a task's body.
        """
        if self.stepping:
            self.refuse_reentry()
        soon, agenda = self._soon, self._agenda
        if soon and not (agenda and agenda[0][0] <= self.clock.us and agenda[0][1] < soon[0][0]):
            _, callback, args = soon.popleft()
        else:
            timer = self._next_timer()
            if timer is None:
                return self.step() if soon else False  # what was due first had been cancelled
            callback, args = timer.callback, timer.args
        self.steps += 1
        self.stepping = True
        try:
            callback(*args)
        finally:  # a step that is broken off counts like any other
            self.stepping = False
            self.marks.append(len(self._witness))
        return True

    def run(self, enough: Callable[[], object] | None = None) -> bool:
        """Run until *enough*, asked before every step, says so; else until nothing is left but background timers.

        Returns: whether *enough* has said so.
        """
        while self._soon or self._foreground:
            if enough is not None and enough():
                return True
            self.step()
        return enough is not None and bool(enough())

    def _next_timer(self) -> Timer | None:
        """Take the next timer off the agenda and move the clock to its moment; None when what is left was cancelled.

        With something due soon, only a timer of this very moment may come before it.
        """
        agenda = self._agenda
        while agenda:
            when, serial, timer = agenda[0]
            if not timer.done and self._soon and (when > self.clock.us or serial > self._soon[0][0]):
                return None
            heappop(agenda)
            if timer.done:
                continue
            timer.done = True
            if not timer.background:
                self._foreground -= 1
            self.clock.move(when)
            return timer
        return None

    def pass_time(self, until: int) -> None:
        """Move the clock to *until* (microseconds) when nothing is due before it.

        Raises:
            ValueError: when a timer is due earlier: the clock must not jump over it.
        """
        self.refuse_reentry()
        due = self.peek()
        if due is not None and due < until:
            msg = f"a timer is due at {due} µs, before {until} µs"
            raise ValueError(msg)
        self.clock.move(until)

    def refuse_reentry(self) -> None:
        """Raise ReentrantStep when a step is under way."""
        if self.stepping:
            msg = "the lab is in the middle of a step"
            raise ReentrantStep(msg, text("step, run, advance and get() belong to the notebook, not to a task's body."))
