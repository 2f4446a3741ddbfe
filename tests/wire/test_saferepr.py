"""Short texts of any value. What they have in common with Celery's is compared in ``against_celery``."""

from __future__ import annotations

from collections import namedtuple

import pytest

from labq.wire.saferepr import saferepr

Point = namedtuple("Point", "x y")  # noqa: PYI024 - untyped, as people have them


class Broken:
    """A value that cannot be shown."""

    def __repr__(self):
        raise ValueError("no")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((2, 3), "(2, 3)"),
        ((1,), "(1,)"),
        ((), "()"),
        ({}, "{}"),
        ([None, True, 1.5, "a"], "[None, True, 1.5, 'a']"),
        ({"a": 1, "b": "it's"}, "{'a': 1, 'b': 'it\\'s'}"),
        ({1: [2], "k": {3}}, "{1: [2], 'k': {3}}"),
        (Point(1, 2), "(1, 2)"),
        ("two\nlines", "'two\nlines'"),
        (b"\xff", "b'ff'"),
    ],
)
def test_plain_values_are_shown_in_full(value, text):
    """A text keeps its line breaks and quotes only its quotes: that is Celery's way, not ``repr``'s."""
    assert saferepr(value, 1024) == text


def test_what_is_deep_is_shown_to_a_depth():
    """Three levels, unless something else is said."""
    assert saferepr([[[[1]]]]) == "[[[[...]]]]"
    assert saferepr([[[[1]]]], maxlevels=1) == "[[...]]"
    assert saferepr([[[[1]]]], maxlevels=0) == "[[[[1]]]]"


def test_what_is_long_is_cut_and_every_bracket_closed():
    """However the cut falls."""
    value = {"a": [1, (2, 3)], "b": ["text text text"] * 3}
    whole = saferepr(value)
    for length in range(1, len(whole) + 1):
        text = saferepr(value, length)
        assert text.count("{") == text.count("}")
        assert text.count("[") == text.count("]")
        assert text.count("(") == text.count(")")
    assert saferepr(list(range(10)), 12) == "[0, 1, 2, 3, , ...]"  # two commas, as in Celery


def test_a_thousand_values_cost_no_more_than_what_is_shown():
    """The rest is never asked for its text."""
    asked = []

    class Counted:
        def __repr__(self):
            asked.append(self)
            return "Counted"

    saferepr([Counted() for _ in range(1000)], 50)
    assert len(asked) < 10


def test_a_list_in_itself_ends():
    """With the words of the standard library's pprint."""
    ring = [1]
    ring.append(ring)
    assert saferepr(ring, 200) == f"[1, <Recursion on list with id={id(ring)}>]"


def test_the_same_list_twice_is_no_ring():
    """Only what contains itself is one."""
    twin = [1]
    assert saferepr([twin, twin]) == "[[1], [1]]"


def test_a_set_of_text_is_shown_in_one_order_under_every_hash_seed():
    """Python's own order changes from process to process."""
    words = {"pear", "apple", "fig", "plum"}
    assert saferepr(words) == "{'apple', 'fig', 'pear', 'plum'}"
    assert saferepr(frozenset(words)) == "frozenset({'apple', 'fig', 'pear', 'plum'})"


def test_a_value_that_cannot_be_shown_says_so():
    """Without an address, which would be another one next time."""
    assert saferepr([Broken()]) == f"[<Unrepresentable {Broken!r}: ValueError('no')>]"
