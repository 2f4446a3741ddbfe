"""A body: the user's function while it runs, able to stop in the middle and go on later.

Comes in: a function with its arguments. Goes out: what the body *asks* (sleep, compute) or how it *ended* (returned,
raised). Each body runs on a greenlet, a stack of its own that can be left and entered again; the greenlets are kept in
a pool, because making one costs more than a small task.
Celery: a process, a thread or a green thread of the pool, ``celery/concurrency/``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import Any, NamedTuple, Protocol

from greenlet import GreenletExit, getcurrent, greenlet

from labq.exceptions import LabError
from labq.i18n import text
from labq.kernel.interrupts import edge


class Returned(NamedTuple):
    """The body ended and gave *value*."""

    value: Any


class Raised(NamedTuple):
    """The body ended with *exception*."""

    exception: BaseException


class _Thrown(NamedTuple):
    """What a body gets instead of an answer: an exception to be raised."""

    exception: BaseException


MOST_REFUSALS = 100
"""How often a body that is given up may go on asking."""

Moment = Any
"""What comes out of a body when it is entered: an ask, ``Returned`` or ``Raised``."""


class Running(Protocol):
    """What a pool may do with a body, whether it is run or played from its tape."""

    def start(self) -> Moment:
        """Run to the first ask or to the end."""

    def answer(self, value: object = None) -> Moment:
        """Answer the last ask and run on."""

    def throw(self, exc: BaseException) -> Moment:
        """Raise *exc* where the body stands, instead of answering, and run on."""

    def close(self) -> None:
        """Give the body up."""


class _Runner(greenlet):
    """A greenlet that runs one body after another."""

    body: Body | None = None
    home: greenlet

    @edge
    def run(self, _: object = None) -> None:  # the first switch into a greenlet calls it with the switched value
        while True:
            body = self.body
            assert body is not None  # noqa: S101 - a runner is entered only with a body
            moment: Moment
            try:
                moment = Returned(body.function())
            except GreenletExit:
                self.body = None
                return
            except BaseException as exc:  # noqa: BLE001 - SystemExit and KeyboardInterrupt are outcomes too
                moment = Raised(exc)
            self.body = None
            body.ended = True
            self.home.switch(moment)


class BodyPool:
    """Greenlets that wait for a body to run.

    Arguments:
        limit: how many idle greenlets are kept.
    """

    def __init__(self, limit: int = 64) -> None:
        self._idle: list[_Runner] = []
        self._limit = limit

    def take(self) -> _Runner:
        """Return an idle greenlet, or a new one."""
        return self._idle.pop() if self._idle else _Runner()

    def give_back(self, runner: _Runner) -> None:
        """Take back a greenlet whose body has ended."""
        if len(self._idle) < self._limit and not runner.dead:
            self._idle.append(runner)


class Body:
    """One run of *function*; entered by ``start`` and ``answer``, left at each ask.

    Arguments:
        pool: where the greenlet comes from.
        function: what it runs.
    """

    __slots__ = ("_pool", "_runner", "ended", "function", "owner")

    def __init__(self, pool: BodyPool, function: Callable[[], Any]) -> None:
        self._pool = pool
        self._runner: _Runner | None = None
        self.function = function
        self.ended = False
        self.owner: Any = None
        """Whoever wants to be found from inside the body: the lab keeps the body's tape here."""

    def start(self) -> Moment:
        """Run the function until it asks for something or ends."""
        self._runner = runner = self._pool.take()
        runner.body = self
        # a greenlet has context variables of its own; notebooks use them to send printed text to the right cell
        runner.gr_context = copy_context()
        return self._enter(runner, None)

    def answer(self, value: object = None) -> Moment:
        """Give the body what it asked for, and run it until it asks again or ends."""
        runner = self._runner
        if runner is None:
            msg = "this body has already ended"
            raise LabError(msg, text("A body is answered once for each thing it asked."))
        return self._enter(runner, value)

    def throw(self, exc: BaseException) -> Moment:
        """Raise *exc* in the body at its ask, as a signal does in a process, and run it until it asks again or ends."""
        return self.answer(_Thrown(exc))

    def close(self) -> None:
        """Give up a suspended body: its stack is unwound and its ``finally`` blocks run, as at the end of a process.

        What those blocks ask for is not given any more; a body that will not end is left where it is.
        """
        runner, self._runner = self._runner, None
        if runner is None:
            return
        runner.home = runner.parent = getcurrent()  # whoever gives it up gets control back
        for _ in range(MOST_REFUSALS):
            if runner.dead:
                break
            runner.throw(GreenletExit)

    def _enter(self, runner: _Runner, value: object) -> Moment:
        runner.home = getcurrent()
        moment = runner.throw(value.exception) if type(value) is _Thrown else runner.switch(value)
        if self.ended:
            self._runner = None
            self._pool.give_back(runner)
        elif runner.dead:  # nobody gave the body up: its own function raised what ends a greenlet
            self._runner, self.ended = None, True
            return Raised(GreenletExit())
        return moment


def current_body() -> Body | None:
    """Return the body that is running now, or None outside the bodies of tasks."""
    here = getcurrent()
    return here.body if type(here) is _Runner else None


def ask(wish: object) -> Any:
    """Suspend the running body with *wish* and return what the lab answers.

    Raises:
        LabError: when no body is running.
    """
    here = getcurrent()
    if type(here) is not _Runner:
        msg = "there is no body to suspend here"
        raise LabError(msg, text("sleep and compute act inside a task; in a notebook use lab.advance(seconds)."))
    return here.home.switch(wish)
