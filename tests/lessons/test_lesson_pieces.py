"""Cells are cut where a translator would cut them, and put together again without a loss."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labq.lessons.comments import split_code, without_words
from labq.lessons.markdown import split_markdown
from labq.lessons.piece import joined


def _words(pieces):
    return [piece.text for piece in pieces if piece.kind]


def _same(pieces):
    return joined(pieces, lambda message: message)


def _louder(pieces):
    return joined(pieces, lambda message: message.upper())


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("# A title", ["A title"]),
        ("one\ntwo\n\nthree", ["one two", "three"]),
        ("- one\n  and more\n- two\n  1. deep", ["one and more", "two", "deep"]),
        ("- [ ] a thing to do", ["a thing to do"]),
        ("| A | B |\n|---|:-:|\n| `x` | see it |", ["A", "B", "see it"]),
        ("> quoted\n> words\n>\n> - inside", ["quoted words", "inside"]),
        ("<details>\n<summary>What then?</summary>\n\nThis.\n\n</details>", ["What then?", "This."]),
        ("```\nraw words\n```\nprose", ["prose"]),
        ("```python\nx = 1  # the start\n```", ["the start"]),
        ("```text\nclient --> broker\n```", ["client --> broker"]),
        ("`add.delay(2, 3)`", []),
        ("---\n\n[here]: https://example.org/words", []),
        ("broken  \nhere", ["broken\\\nhere"]),
        ("words:\n- one", ["words:", "one"]),
        ("    indented = code", []),
        ("- one\n\n    still one", ["one", "still one"]),
    ],
)
def test_markdown_is_cut_into_what_a_translator_translates(source, words):
    """Paragraphs, headings, items of lists, cells of tables; marks, code and addresses are nobody's words."""
    assert _words(split_markdown(source)) == words


@pytest.mark.parametrize(
    "source",
    [
        "# A title\n\nA paragraph with `code`.\n\n* one\n* two\n\n    deep\n",
        "| A | B |\n|---|---|\n| one \\| two | `x` |\n",
        "> quoted\n> \n> 1. one\n> 2. two",
        "<details><summary>Answer</summary>\n\nwords\n\n</details>",
        "1. one\n   ```python\n   x = 1  # here\n   ```\n2. two",
        "~~~bash\n# a comment\nls\n~~~",
        "```",
    ],
)
def test_markdown_comes_back_as_it_was(source):
    """Untranslated pieces join to the source when each paragraph has a line of its own."""
    assert _same(split_markdown(source)) == source


LINES = st.sampled_from(
    ["", "words here", "# Title", "- one", "  - deep", "1. first", "> said", ">", "| a | b |", "|---|---|", "`x`",
     "<details>", "<summary>Why?</summary>", "    indented", "```python", "x = 1  # note", "```", "---", "broken  "]
)  # fmt: skip


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_cutting_and_joining_loses_no_word_and_settles_at_once(source):
    """Whatever stands under whatever: the words stay in their order, and joining again changes nothing more."""
    once = _same(split_markdown(source))
    assert re.findall(r"\w+", once) == re.findall(r"\w+", source)
    assert _same(split_markdown(once)) == once


def test_a_translation_of_several_lines_stays_inside_its_quotation():
    """A line break in a translation gets the mark of the quotation."""
    pieces = split_markdown("> one  \n> two")
    assert joined(pieces, lambda _: "eins\\\nzwei") == "> eins\\\n> zwei"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = 1  # the start", ["the start"]),
        ("# one\n# two\nx = 1", ["one\ntwo"]),
        ("# one\n#\n# two", ["one", "two"]),
        ("x = 1  # one\n# two", ["one", "two"]),
        ("if x:\n    # one\n    # two\n    pass", ["one\ntwo"]),
        ("print('# no comment')  # a comment", ["a comment"]),
        ('"""\n# a docstring\n"""', []),
        ("%labq step\n!echo don't # stop\n# words", ["stop", "words"]),
        ("x = 1  # noqa: E501\ny = 2  # type: ignore[misc]\n# NBVAL_SKIP", []),
        ("#!/bin/sh\n# --------", []),
        ("url = 'https://example.org/#part'", []),
    ],
)
def test_code_is_cut_into_comments(source, words):
    """Comments are words, neighbours are one comment; strings, magics and marks for tools are code."""
    assert _words(split_code(source)) == words
    assert _same(split_code(source)) == source


def test_only_comments_change_in_translated_code():
    """What runs is the same in each language."""
    source = "if x:\n    # one\n    # two\n    y = '#'  # three"
    assert _louder(split_code(source)) == "if x:\n    # ONE\n    # TWO\n    y = '#'  # THREE"
    assert without_words(_louder(split_code(source))) == without_words(source)


def test_a_longer_comment_keeps_its_margin():
    """A translation may need more lines than the comment had."""
    assert joined(split_code("if x:\n    # one\n    pass"), lambda _: "a\nb") == "if x:\n    # a\n    # b\n    pass"


def test_a_marked_string_is_words_and_others_are_not():
    """Learners see `Hello` printed; the author marked it; the name of the queue stays."""
    pieces = split_code('print("Hello", "celery")', translatable=("Hello",))
    assert _words(pieces) == ["Hello"]
    assert joined(pieces, lambda _: "Привет") == 'print("Привет", "celery")'
