"""What the views say can be found by those who translate it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import labq

SPEAKING = {"gettext", "ngettext", "text", "ntext"}
"""The functions by whose names Babel finds a sentence."""

SOURCES = sorted(path for room in ("snapshot", "views") for path in (Path(labq.__file__).parent / room).glob("*.py"))


def speaks(node):
    """Tell whether a node says a sentence; ``axes.text(x, y, words)`` does not, it draws."""
    if not isinstance(node, ast.Call) or not node.args:
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr in {"gettext", "ngettext"}
    return isinstance(node.func, ast.Name) and node.func.id in SPEAKING


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_sentence_hides_in_an_f_string(path):
    """Up to Python 3.11 an f-string is one token, and Babel does not look inside."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = (node for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for node in ast.walk(each))
    assert [node.lineno for node in inside if speaks(node)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sentence_is_written_out(path):
    """A sentence that is put together while the program runs has no translation."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if speaks(node)]
    assert [node.lineno for node in calls if not isinstance(node.args[0], ast.Constant)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nobody_speaks_under_another_name(path):
    """Babel knows the speaking functions by their names, so a shorter name for one of them hides its sentences."""
    tree = ast.parse(path.read_text("utf-8"))
    named = [
        (node.lineno, target.id)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute) and node.value.attr in SPEAKING
        for target in node.targets
        if isinstance(target, ast.Name) and target.id != node.value.attr
    ]
    assert named == []
