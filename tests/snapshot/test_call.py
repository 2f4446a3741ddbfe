"""Calls as people write them, from the texts in a message's headers."""

from __future__ import annotations

import pytest

from labq.snapshot.call import call


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "expected"),
    [
        ("proj.tasks.add", "(2, 3)", "{}", "add(2, 3)"),
        ("add", "(2,)", "{}", "add(2)"),
        ("add", "()", "{'x': 1, 'y': 'b'}", "add(x=1, y='b')"),
        ("add", "[1, 2]", None, "add(1, 2)"),
        ("add", None, None, "add()"),
        (None, None, None, "?()"),
        (5, 7, ["x"], "5(7, **['x'])"),
    ],
)
def test_a_call_is_written_as_in_python(name, args, kwargs, expected):
    """The module is left out, a lone comma too, and keywords have their names."""
    assert call(name, args, kwargs) == expected


@pytest.mark.parametrize("kwargs", ["{'x': <object>}", "{1: 2}", "{'x': 'cut of...", "{'x': " + "1" * 2000 + "}"])
def test_keywords_that_cannot_be_read_are_shown_as_they_came(kwargs):
    """A sender may have cut them, or put objects into them."""
    assert call("add", "(1,)", kwargs) == f"add(1, **{kwargs})"


def test_arguments_that_are_no_tuple_are_shown_as_they_came():
    """The sender may put into argsrepr anything that it wanted to show."""
    assert call("pay", "<hidden>", "{}") == "pay(<hidden>)"
