"""The module time: virtual in a body, real everywhere else."""

from __future__ import annotations

import time
from types import FunctionType

import pytest

from labq import Celery, Lab
from labq.kernel import timemodule
from labq.kernel.timemodule import real_sleep, real_sleep_in


@pytest.fixture
def lab():
    """A lab with a clock of its own."""
    with Lab(seed=1, start="2030-01-01T00:00:00Z") as lab:
        yield lab


def in_body(function):
    """Run *function* as a task's body and return its value."""
    app = Celery("clock", broker="memory://", backend="cache+memory://", set_as_current=False)
    return app.task(function, shared=False).apply().get()


def test_a_body_reads_the_labs_clock(lab):
    """The time, and the time since the start."""
    lab.advance(90)

    def read():
        first = time.time(), time.monotonic()
        time.sleep(3600)
        return first, (time.time(), time.monotonic())

    start = lab.clock.start.timestamp()
    assert in_body(read) == ((start + 90, 90.0), (start + 3690, 3690.0))
    assert lab.time == 3690


def test_outside_a_body_the_time_is_real(lab):
    """Whatever the lab's clock shows."""
    before = timemodule.real_time()
    assert before <= time.time() <= before + 60
    assert time.monotonic() >= timemodule.real_monotonic() - 60
    time.sleep(0)
    assert lab.time == 0


@pytest.mark.usefixtures("lab")
def test_a_wrong_sleep_in_a_body_raises_as_the_real_one():
    """In the body, where the mistake is."""

    def hurry():
        time.sleep(-1)

    with pytest.raises(ValueError, match="must be non-negative"):
        in_body(hurry)


def test_installing_twice_changes_nothing():
    """The real functions are kept once."""
    before = time.sleep, time.time, time.monotonic
    timemodule.install()
    assert (time.sleep, time.time, time.monotonic) == before
    assert (timemodule.real_sleep, timemodule.real_time) == (real_sleep, timemodule.real_time)


def test_the_replacements_look_like_what_they_replace():
    """Name and documentation."""
    assert (time.sleep.__name__, time.time.__name__, time.monotonic.__name__) == ("sleep", "time", "monotonic")
    assert time.sleep.__doc__ == real_sleep.__doc__


def test_a_sleep_taken_before_labq_is_found_by_its_name():
    """The name that the body's code uses is the one to show."""
    code = compile("def nap():\n    snooze(1)", "tasks.py", "exec").co_consts[0]
    assert real_sleep_in(FunctionType(code, {"snooze": real_sleep})) == "snooze"
    assert real_sleep_in(FunctionType(code, {"snooze": time.sleep})) is None
    assert real_sleep_in(FunctionType(code, {})) is None
    assert real_sleep_in(len) is None


@pytest.mark.usefixtures("lab")
def test_registering_a_task_that_really_sleeps_warns_by_name():
    """The lab would wait with it."""
    code = compile("def nap():\n    snooze(1)", "tasks.py", "exec").co_consts[0]
    app = Celery("clock", broker="memory://", set_as_current=False)
    with pytest.warns(UserWarning, match="snooze"):
        app.task(FunctionType(code, {"snooze": real_sleep, "__name__": "tasks"}), shared=False, lazy=False)
