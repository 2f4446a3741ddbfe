"""A set that forgets the oldest when it is full, and everything in time."""

from __future__ import annotations

import pickle

import pytest

from labq.worker.limited_set import LimitedSet


def test_the_oldest_go_when_it_is_full():
    """Coming again makes a thing young."""
    held = LimitedSet(maxlen=3)
    for item in ("a", "b", "c", "a", "d"):
        held.add(item)
    assert (list(held), "b" in held, len(held)) == (["c", "a", "d"], False, 3)


def test_things_go_when_their_time_is_over():
    """But not below the least number."""
    now = [0.0]
    held = LimitedSet(maxlen=10, expires=5, minlen=1, clock=lambda: now[0])
    held.update(["a", "b"])
    now[0] = 5.0
    held.add("c")
    held.purge()
    assert list(held) == ["c"]
    held.purge(now=100.0)
    assert list(held) == ["c"]
    assert held.pop() == "c"
    assert (held.pop("none"), bool(held)) == ("none", False)


def test_moments_given_by_hand_put_things_in_order():
    """Another set, or a mapping, brings its moments along."""
    held = LimitedSet(data={"late": 9.0, "early": 1.0})
    held.add("middle", now=5.0)
    other = LimitedSet()
    other.update(held)
    assert list(other) == ["early", "middle", "late"]
    assert (other == held, other.as_dict()["late"]) == (True, 9.0)
    with pytest.raises(ValueError, match="Expecting float timestamp"):
        other.update({"x": "y"})


def test_it_travels_and_shows_itself():
    """As Celery's does."""
    held = LimitedSet(maxlen=5, expires=2)
    held.add("a")
    assert list(pickle.loads(pickle.dumps(held))) == ["a"]  # noqa: S301 - its own bytes
    assert repr(held) == "<LimitedSet(1): maxlen=5, expires=2, minlen=0>"


@pytest.mark.parametrize("limits", [{"minlen": 3}, {"maxlen": 1, "minlen": 2}, {"expires": -1}])
def test_limits_that_make_no_sense_are_refused(limits):
    """As Celery's are."""
    with pytest.raises(ValueError, match=r"minlen|expires"):
        LimitedSet(**limits)
