"""Promises: callbacks that wait for something, and are called once."""

from __future__ import annotations

import pytest

from labq.promises import Promise


def test_callbacks_wait_and_are_called_once():
    """Those that come late are called at once."""
    heard, promise = [], Promise()
    promise.then(lambda value: heard.append(("first", value)))
    promise(1)
    promise(2)
    promise.then(lambda value: heard.append(("late", value)))
    assert heard == [("first", 1), ("late", 1)]


def test_what_a_callback_returns_goes_to_the_next():
    """So one can string them together."""
    heard, promise = [], Promise()
    promise.then(lambda value: value * 10).then(heard.append)
    promise(2)
    assert heard == [20]


def test_a_broken_promise_raises_unless_somebody_takes_care():
    """Whoever waits with ``on_error`` is told."""
    heard, promise = [], Promise()
    promise.then(heard.append, on_error=lambda exc: heard.append(repr(exc)))
    with pytest.raises(ValueError, match="x"):
        promise.throw(ValueError("x"))
    promise.then(heard.append, on_error=lambda _: heard.append("late"))
    quiet = Promise(on_error=lambda _: heard.append("quiet"))
    quiet.throw(KeyError("k"))
    assert heard == ["ValueError('x')", "late", "quiet"]
