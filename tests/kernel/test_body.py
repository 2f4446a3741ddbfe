"""Bodies: entered, left at each ask, entered again, ended or given up."""

from __future__ import annotations

import gc
import traceback
from contextlib import suppress
from contextvars import ContextVar

import pytest
from greenlet import GreenletExit, greenlet

from labq.exceptions import LabError
from labq.kernel.asks import Compute, Sleep, compute, sleep
from labq.kernel.body import Body, BodyPool, Raised, Returned, ask, current_body

COLOUR: ContextVar[str] = ContextVar("colour", default="none")


@pytest.fixture
def pool() -> BodyPool:
    """An empty pool."""
    return BodyPool()


def body(pool, function, *args, **kwargs):
    """Return a body that is not started."""
    return Body(pool, lambda: function(*args, **(kwargs or {})))


def test_a_body_that_asks_nothing_returns_at_once(pool):
    """With its arguments."""
    assert body(pool, lambda x, y: x + y, 2, y=3).start() == Returned(5)


def test_a_body_stops_at_each_ask_and_goes_on_with_the_answer(pool):
    """What the lab answers is what ``ask`` returns."""

    def converse():
        return [ask("one"), ask("two")]

    talk = body(pool, converse)
    assert [talk.start(), talk.answer("eins"), talk.answer("zwei")] == ["one", "two", Returned(["eins", "zwei"])]
    assert talk.ended


def test_sleeping_and_computing_are_asks(pool):
    """They say how long."""

    def work():
        sleep(1.5)
        compute(2)

    done = body(pool, work)
    assert [done.start(), done.answer(), done.answer()] == [Sleep(1.5), Compute(2), Returned(None)]


@pytest.mark.parametrize("exception", [ValueError("bad"), KeyboardInterrupt(), SystemExit(3)])
def test_a_body_that_raises_ends_with_its_exception(pool, exception):
    """Whatever it is: the kernel decides nothing about it."""

    def fail():
        ask("before")
        raise exception

    failing = body(pool, fail)
    failing.start()
    assert failing.answer() == Raised(exception)
    assert failing.ended


def test_a_body_that_raises_what_ends_a_greenlet_has_raised_it(pool):
    """Nobody gave it up: the next body of the pool runs as ever."""

    def leave():
        ask("before")
        raise GreenletExit

    leaving = body(pool, leave)
    leaving.start()
    assert type(leaving.answer().exception) is GreenletExit
    assert leaving.ended
    assert body(pool, lambda: 5).start() == Returned(5)


def test_the_traceback_begins_in_the_users_function(pool):
    """Nothing of the conversation is lost in it."""

    def fail():
        sleep(1)
        raise ValueError

    failing = body(pool, fail)
    failing.start()
    raised = failing.answer().exception
    assert traceback.extract_tb(raised.__traceback__)[-1].name == "fail"


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), -0.001])
def test_a_sleep_that_no_clock_could_time_is_refused_in_the_body(pool, seconds):
    """As the real ``time.sleep`` does."""
    assert type(body(pool, sleep, seconds).start().exception) is ValueError


def test_an_ended_body_cannot_be_answered(pool):
    """There is nobody to hear it."""
    ended = body(pool, lambda: None)
    ended.start()
    with pytest.raises(LabError, match="already ended"):
        ended.answer()


@pytest.mark.parametrize("act", [lambda: sleep(1), lambda: compute(1), lambda: ask("x")])
def test_outside_a_body_there_is_nobody_to_suspend(act):
    """The error says what to do in a notebook."""
    with pytest.raises(LabError, match="no body to suspend here") as told:
        act()
    assert "lab.advance" in str(told.value)


def test_many_bodies_hang_in_the_middle_and_each_goes_on_where_it_was(pool):
    """More than the pool keeps, answered in another order than they were started."""

    def count(number):
        return [number + ask(number) for _ in range(3)]

    bodies = [body(pool, count, number) for number in range(200)]
    assert [each.start() for each in bodies] == list(range(200))
    for _ in range(2):
        assert [each.answer(1) for each in reversed(bodies)] == list(reversed(range(200)))
    assert [each.answer(1).value for each in bodies] == [[number + 1] * 3 for number in range(200)]


def test_a_greenlet_is_used_again(pool):
    """Making one costs more than a small task."""
    seen = set()
    for _ in range(20):
        body(pool, lambda: seen.add(id(current_body()._runner))).start()
    assert len(seen) == 1


def test_context_variables_of_a_body_are_its_own(pool):
    """What it sets is seen by nobody else, and it sees what was set where it was started."""

    def paint(colour):
        before = COLOUR.get()
        COLOUR.set(colour)
        ask("hold")
        return before, COLOUR.get()

    token = COLOUR.set("white")
    red, blue = body(pool, paint, "red"), body(pool, paint, "blue")
    red.start()
    blue.start()
    assert COLOUR.get() == "white"
    assert (red.answer().value, blue.answer().value) == (("white", "red"), ("white", "blue"))
    assert body(pool, COLOUR.get).start() == Returned("white")
    COLOUR.reset(token)


def test_the_running_body_can_be_found_from_inside(pool):
    """And only from inside."""
    found = []
    here = body(pool, lambda: found.append(current_body()))
    here.start()
    assert found == [here]
    assert current_body() is None


def test_a_body_may_run_another_one(pool):
    """Control comes back to whoever entered."""

    def outer():
        inner = body(pool, lambda: ask("inner"))
        return inner.start(), ask("outer"), inner.answer("answer").value

    both = body(pool, outer)
    assert both.start() == "outer"
    assert both.answer(1) == Returned(("inner", 1, "answer"))


# -- giving up -------------------------------------------------------------------------------------------------------
def test_a_body_that_is_given_up_runs_its_finally_blocks(pool):
    """As at the end of a process; an ``except Exception`` does not stop it."""
    seen = []

    def work():
        try:
            sleep(1)
        except Exception:  # noqa: BLE001 - as users write it
            seen.append("swallowed")
        finally:
            seen.append("finally")

    working = body(pool, work)
    working.start()
    working.close()
    working.close()
    assert seen == ["finally"]


def test_what_a_body_asks_while_it_is_given_up_is_not_waited_for(pool):
    """Even one that catches everything comes to its end."""
    seen = []

    def stubborn():
        for number in range(5):
            try:
                sleep(1)
            except BaseException:  # noqa: BLE001 - the worst case
                seen.append(number)

    working = body(pool, stubborn)
    working.start()
    working.close()
    assert seen == [0, 1, 2, 3, 4]


def test_a_body_that_never_gives_in_is_left_alone(pool):
    """Who gives it up gets control back all the same."""

    def immortal():
        while True:
            with suppress(BaseException):
                sleep(1)

    working = body(pool, immortal)
    working.start()
    working.close()
    assert not working.ended


def test_who_gives_a_body_up_gets_control_back_wherever_it_was_made(pool):
    """A greenlet returns to the one that made it unless it is told otherwise."""
    made = []
    maker = greenlet(lambda: made.append(body(pool, sleep, 1).start()) or made.append(pool))
    maker.switch()
    held = body(pool, sleep, 1)

    def start():
        held.start()
        return ask("hold")

    holder = body(pool, start)
    holder.start()
    held.close()
    assert holder.answer("on") == Returned("on")


def test_a_body_that_was_never_started_can_be_given_up(pool):
    """There is nothing to unwind."""
    body(pool, lambda: None).close()


def test_forgotten_bodies_leave_nothing_behind(pool):
    """Neither errors nor control go astray when they are collected."""
    for _ in range(50):
        body(pool, sleep, 1).start()
    gc.collect()
    assert body(pool, lambda: 1).start() == Returned(1)
