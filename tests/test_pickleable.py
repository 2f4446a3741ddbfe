"""Exceptions that cannot be pickled are replaced by something that tells as much as possible."""

from __future__ import annotations

import json
import pickle

import pytest

from labq.pickleable import (
    UnpickleableExceptionWrapper,
    create_exception_cls,
    ensure_serializable,
    find_pickleable_exception,
    get_pickleable_exception,
    get_pickled_exception,
    safe_repr,
)


class BadGateway(ConnectionError):
    """An exception as people write them: its constructor wants more than it passes on."""

    def __init__(self, url, status):
        super().__init__(url)
        self.status = status


class Stubborn(Exception):
    """An exception with nobody above it who could stand in."""

    def __reduce__(self):
        raise TypeError("not me")


class Mute:
    """A value that cannot be shown."""

    def __repr__(self):
        raise RuntimeError("no words")


def test_an_exception_that_survives_is_kept_as_it_is():
    """The same object comes back, not a copy."""
    error = ValueError("boom")
    assert get_pickleable_exception(error) is error


def test_an_exception_that_cannot_be_made_again_becomes_its_nearest_relative():
    """``except ConnectionError`` still works at the one who reads the result."""
    stand_in = get_pickleable_exception(BadGateway("http://x", 502))
    assert (type(stand_in), stand_in.args) == (ConnectionError, ("http://x",))


def test_a_relative_that_says_nothing_is_none():
    """A bare Exception would hide what happened, so there is no relative at all."""
    assert find_pickleable_exception(Stubborn("x")) is None


def test_an_exception_without_a_relative_is_wrapped_and_can_be_opened():
    """Name, module, arguments and text are kept, and a class of that name is made of them at the other end."""
    wrapper = pickle.loads(pickle.dumps(get_pickleable_exception(Stubborn("x", 1))))  # noqa: S301
    assert isinstance(wrapper, UnpickleableExceptionWrapper)
    assert (str(wrapper), wrapper.exc_cls_name, wrapper.exc_args) == ("Stubborn('x', 1)", "Stubborn", ("x", 1))
    opened = get_pickled_exception(wrapper)
    assert (type(opened).__name__, type(opened).__module__, opened.args) == ("Stubborn", __name__, ("x", 1))


def test_a_wrapper_keeps_the_traceback():
    """Whoever logs the stand-in shows where the original was raised."""
    with pytest.raises(Stubborn) as caught:
        raise Stubborn("x")
    assert get_pickleable_exception(caught.value).__traceback__ is caught.value.__traceback__


def test_what_is_not_wrapped_is_returned_as_it_is():
    """Opening is safe for any exception."""
    error = KeyError("k")
    assert get_pickled_exception(error) is error


def test_arguments_that_do_not_serialize_become_their_repr():
    """One bad argument does not cost the others."""
    assert ensure_serializable([1, {2}, "three"], json.dumps) == (1, "{2}", "three")


def test_a_value_without_a_repr_is_still_shown():
    """Showing an error must not raise another."""
    assert "no words" in safe_repr(Mute())


def test_a_class_can_be_made_with_a_parent():
    """So that the reader of a result can catch it by its family."""
    assert issubclass(create_exception_cls("Late", "proj.errors", TimeoutError), TimeoutError)
