"""The agenda: what runs when, in which order, and what is not allowed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from labq.exceptions import ReentrantStep
from labq.kernel.clock import Clock
from labq.kernel.kernel import Kernel

settings.register_profile("labq", derandomize=True, deadline=None)
settings.load_profile("labq")

START = datetime(2030, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def kernel() -> Kernel:
    """A kernel with an empty agenda."""
    return Kernel(Clock(START))


def run(kernel):
    """Step until the agenda is empty."""
    while kernel.step():
        pass


def test_timers_run_earliest_first_and_the_clock_shows_their_moment(kernel):
    """Whatever the order in which they were asked for."""
    seen = []
    for seconds in (3, 1, 2):
        kernel.call_later(seconds, lambda: seen.append(kernel.clock.time))
    run(kernel)
    assert seen == [1, 2, 3]
    assert kernel.steps == 3


def test_timers_of_one_moment_run_in_the_order_in_which_they_were_asked_for(kernel):
    """No matter by which of the three ways."""
    seen = []
    kernel.call_at(1_000_000, seen.append, "a")
    kernel.call_later(1, seen.append, "b")
    kernel.call_later(0.5, kernel.call_later, 0.5, seen.append, "d")
    kernel.call_at(1_000_000, seen.append, "c")
    run(kernel)
    assert seen == ["a", "b", "c", "d"]


def test_soon_means_after_everything_that_is_due_now(kernel):
    """A callback that asks for another one does not run it before those that were there."""
    seen = []
    kernel.call_soon(lambda: kernel.call_soon(seen.append, "last"))
    kernel.call_soon(seen.append, "first")
    kernel.call_later(0, seen.append, "second")
    run(kernel)
    assert seen == ["first", "second", "last"]


@settings(max_examples=200)
@given(some.lists(some.tuples(some.integers(0, 3), some.booleans(), some.sampled_from(["soon", "later", "at"]))))
def test_the_order_is_that_of_the_moments_and_then_of_the_asking(asked):
    """Held against sorting, with asking from inside callbacks and timers that are cancelled."""
    kernel = Kernel(Clock(START))
    seen, expected = [], []

    def ask(number, seconds, how):
        ways = {
            "soon": lambda: kernel.call_soon(seen.append, number),
            "later": lambda: kernel.call_later(seconds, seen.append, number),
            "at": lambda: kernel.call_at(seconds * 1_000_000, seen.append, number),
        }
        return ways[how]()

    for number, (seconds, cancelled, how) in enumerate(asked):
        timer = ask(number, seconds, how)
        if cancelled and timer is not None:  # what is due now cannot be called off
            assert kernel.cancel(timer)
        else:
            expected.append((0 if how == "soon" else seconds, number))
    run(kernel)
    assert seen == [number for _, number in sorted(expected)]
    assert kernel.idle


def test_a_moment_in_the_past_means_now(kernel):
    """The clock never goes back."""
    seen = []
    kernel.call_later(5, lambda: None)
    run(kernel)
    kernel.call_at(1, seen.append, "late")
    kernel.call_later(-7, seen.append, "too")
    run(kernel)
    assert (seen, kernel.clock.time) == (["late", "too"], 5)


def test_a_cancelled_timer_does_not_run_and_cannot_be_cancelled_twice(kernel):
    """Neither can one that has run."""
    seen = []
    timer, other = kernel.call_later(1, seen.append, 1), kernel.call_later(1, seen.append, 2)
    assert (kernel.cancel(timer), kernel.cancel(timer)) == (True, False)
    run(kernel)
    assert (seen, kernel.steps, kernel.cancel(other)) == ([2], 1, False)


def test_a_cancelled_timer_does_not_hold_up_the_clock(kernel):
    """The next moment is that of the next timer that will run."""
    timer = kernel.call_later(1, lambda: None)
    kernel.call_later(2, lambda: None)
    kernel.cancel(timer)
    assert kernel.peek() == 2_000_000
    assert Kernel(Clock(START)).peek() is None


def test_background_timers_keep_nobody_busy(kernel):
    """A heartbeat is no reason to run on; it runs when its time comes all the same."""
    seen = []
    kernel.call_later(1, seen.append, "beat", background=True)
    assert kernel.idle
    timer = kernel.call_later(2, seen.append, "work")
    assert not kernel.idle
    kernel.step()
    assert (seen, kernel.idle) == (["beat"], False)
    kernel.cancel(timer)
    assert kernel.idle


def test_a_step_inside_a_step_is_refused_and_the_kernel_lives_on(kernel):
    """One flag, one clear error."""
    seen = []
    kernel.call_soon(kernel.step)
    kernel.call_soon(seen.append, "next")
    with pytest.raises(ReentrantStep, match="in the middle of a step"):
        kernel.step()
    run(kernel)
    assert (seen, kernel.steps) == (["next"], 2)


def test_time_passes_up_to_the_next_timer_and_not_over_it(kernel):
    """What is due must be done first."""
    kernel.call_later(2, lambda: None)
    kernel.pass_time(2_000_000)
    assert kernel.clock.time == 2
    with pytest.raises(ValueError, match="due at 2000000"):
        kernel.pass_time(2_000_001)
    kernel.step()
    kernel.pass_time(1_000_000)
    assert kernel.clock.time == 2


def test_time_does_not_pass_in_the_middle_of_a_step(kernel):
    """The clock belongs to the one who steps."""
    kernel.call_soon(kernel.pass_time, 5)
    with pytest.raises(ReentrantStep):
        kernel.step()


def test_a_callback_that_raises_is_a_step_like_any_other(kernel):
    """The error is the caller's; the kernel can go on."""
    kernel.call_soon(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        kernel.step()
    assert (kernel.steps, kernel.stepping, kernel.step()) == (1, False, False)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -float("inf")])
def test_what_no_clock_can_show_is_refused(kernel, seconds):
    """And nothing is put on the agenda."""
    with pytest.raises(ValueError, match="is not a number of seconds"):
        kernel.call_later(seconds, lambda: None)
    assert kernel.peek() is None
