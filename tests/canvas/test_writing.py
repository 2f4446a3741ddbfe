"""Calls written for people."""

from __future__ import annotations

from labq.canvas.writing import reprcall


def test_a_call_is_written_as_it_would_be_typed():
    """Whatever it is called with."""
    assert reprcall("add") == "add()"
    assert reprcall("add", (1, "a")) == "add(1, 'a')"
    assert reprcall("add", (), {"x": 1, "y": [2]}) == "add(x=1, y=[2])"
    assert reprcall("add", (1,), {"y": 2}) == "add(1, y=2)"


def test_a_value_without_a_repr_does_not_hide_the_rest():
    """Somebody else's mistake."""

    class Odd:
        def __repr__(self):
            raise ValueError("no")

    assert reprcall("add", (1, Odd())).startswith("add(1, <Unrepresentable ")
