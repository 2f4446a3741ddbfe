"""Interrupts: at once in the user's own code, after the step in the lab's."""

from __future__ import annotations

import signal
import sys

import pytest

from labq.kernel import interrupts
from labq.kernel.interrupts import AGAIN, Interrupts, edge, unbroken


@pytest.fixture
def told():
    """What the handler did."""
    return []


@pytest.fixture
def press(told):
    """Press Ctrl-C in the place where this is called."""
    handler = Interrupts(lambda *_: told.append("raised"), told.append)
    return lambda: handler(signal.SIGINT, sys._getframe(1))


def test_an_interrupt_is_raised_where_nothing_forbids_it(press, told):
    """At once."""
    press()
    assert told == ["raised"]


def test_an_interrupt_waits_for_the_end_of_what_must_not_be_broken_off(press, told):
    """However deep below it the signal comes; after it, it is raised."""

    def deeper():
        press()

    @unbroken
    def step():
        deeper()
        return "done"

    assert step() == "done"
    assert told == [AGAIN]
    press()
    assert told == [AGAIN, "raised"]


def test_an_edge_does_not_answer_for_what_it_calls(press, told):
    """The loop in which bodies run is the lab's, the bodies are not."""

    @edge
    def loop(body):
        press()
        body()

    def body():
        press()

    loop(body)
    assert told == [AGAIN, "raised"]


def test_patience_has_an_end(press, told, monkeypatch):
    """What takes so long is the user's own code, which an interrupt must be able to end."""

    @unbroken
    def step():
        press()
        press()

    monkeypatch.setattr(interrupts, "PATIENCE", 0)
    step()
    assert told == [AGAIN, "raised"]


def test_a_handler_of_the_users_own_is_left_alone():
    """Only Python's own is replaced."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interrupts.install()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        signal.signal(signal.SIGINT, signal.default_int_handler)
        interrupts.install()
        assert isinstance(signal.getsignal(signal.SIGINT), Interrupts)
    finally:
        signal.signal(signal.SIGINT, before)
