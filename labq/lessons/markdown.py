"""Cuts a markdown cell into paragraphs to translate and markup to leave alone.

In comes the source of a cell; out come pieces. One piece with words is one natural unit for a translator: a paragraph,
a heading, a list item, a table's cell, the words inside an HTML block. Marks of headings, lists, quotations and tables
stay outside of the words; headings are written with `#` and never underlined. Fenced code stays as it is, except that
comments in Python and shell are words, and a fence called `text` or `mermaid` is a drawing with words in it: one piece.
Next door: `comments` does the same for code.
Celery: no counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from labq.lessons.comments import split_code
from labq.lessons.piece import Piece, speaks

PARAGRAPH = "paragraph"
HEADING = "heading"
LIST_ITEM = "list item"
CELL = "table cell"
HTML = "words in HTML"
DRAWING = "drawing: keep the columns aligned"

CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)

_FENCE = re.compile(r"(\s*)(`{3,}|~{3,})\s*(\w*)")
_HEADING = re.compile(r"(#{1,6}[ \t]+)(.*?)([ \t]*#*[ \t]*)")
_ITEM = re.compile(r"([ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?)(.*)", re.DOTALL)
_QUOTE = re.compile(r"[ \t]{0,3}> ?")
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*")
_RULER = re.compile(r"[\s|:-]+")
_LINK_TARGET = re.compile(r"[ \t]*\[[^\]]+\]:\s")
_HTML = re.compile(r"[ \t]*(?:</?[a-zA-Z][^>]*>|<!--)")
_TAGS = r"(?:\s*(?:</?[a-zA-Z][^<>]*>|<!--.*?-->)\s*)*"
_TAGGED = re.compile(rf"({_TAGS})(.*?)({_TAGS})", re.DOTALL)
_HARD_BREAK = re.compile(r"(?: {2,}|\\)\n[ \t]*")
_SOFT_BREAK = re.compile(r"[ \t]*\n[ \t]*")


def split_markdown(source: str) -> tuple[Piece, ...]:
    """Return the pieces of a markdown cell, in order."""
    return tuple(piece for piece in _blocks(source.split("\n")) if piece.text)


def _blocks(lines: Sequence[str]) -> Iterator[Piece]:
    """Block by block, with the line ends between them as pieces of their own."""
    here = 0
    in_list = False
    while here < len(lines):
        if here:
            yield Piece("\n")
        end = _end_of_block(lines, here)
        block = lines[here:end]
        yield from _block(block, in_list)
        if block[0].strip():
            in_list = bool(_ITEM.fullmatch(block[0])) or (in_list and block[0].startswith((" ", "\t")))
        here = end


def _end_of_block(lines: Sequence[str], start: int) -> int:
    """The index of the first line after the block that begins at `start`."""
    first = lines[start]
    fence = _FENCE.match(first)
    if fence:
        closing = re.compile(rf"\s*{re.escape(fence[2][0])}{{{len(fence[2])},}}\s*")
        ends = (n + 1 for n in range(start + 1, len(lines)) if closing.fullmatch(lines[n]))
        return next(ends, len(lines))
    if not first.strip() or _is_one_line(first):
        return start + 1
    kind = _kind(first)
    end = start + 1
    while end < len(lines) and lines[end].strip() and (kind is _HTML or _continues(lines[end], kind)):
        end += 1
    return end


def _is_one_line(line: str) -> bool:
    return bool(_HEADING.fullmatch(line) or _ROW.fullmatch(line) or _LINK_TARGET.match(line))


def _kind(line: str) -> re.Pattern[str] | None:
    """Which of the blocks that span lines begins here; None for a paragraph."""
    return next((kind for kind in (_QUOTE, _ITEM, _HTML) if kind.match(line)), None)


def _continues(line: str, kind: re.Pattern[str] | None) -> bool:
    """Whether a line belongs to the paragraph, item or quotation above it."""
    if kind is _QUOTE:
        return bool(_QUOTE.match(line))
    return not (_is_one_line(line) or _FENCE.match(line) or _kind(line))


def _block(lines: Sequence[str], in_list: bool) -> Iterator[Piece]:
    """The pieces of one block."""
    first, whole = lines[0], "\n".join(lines)
    heading, item = _HEADING.fullmatch(first), _ITEM.fullmatch(whole)
    if _FENCE.match(first):
        yield from _fenced(lines)
    elif heading:
        yield from (Piece(heading[1]), *_words(heading[2], HEADING), Piece(heading[3]))
    elif _ROW.fullmatch(first):
        yield from _row(first)
    elif _QUOTE.match(first):
        yield from _quotation(lines)
    elif item:
        yield from (Piece(item[1]), *_flowing(item[2], LIST_ITEM, " " * len(item[1])))
    elif _HTML.match(first):
        tagged = _TAGGED.fullmatch(whole)
        before, words, after = tagged.groups() if tagged else (whole, "", "")
        yield from (Piece(before), *_words(words, HTML), Piece(after))
    elif _LINK_TARGET.match(first) or (first.startswith(("    ", "\t")) and not in_list):
        yield Piece(whole)
    else:
        blanks = first[: len(first) - len(first.lstrip())]
        yield from (Piece(blanks), *_flowing(whole[len(blanks) :], PARAGRAPH, blanks))


def _fenced(lines: Sequence[str]) -> Iterator[Piece]:
    """Fenced code: as it is, but for comments in code and words in drawings."""
    opening, closed = _FENCE.match(lines[0]), len(lines) > 1 and bool(_FENCE.match(lines[-1]))
    language = opening[3] if opening else ""
    body = "\n".join(lines[1:-1] if closed else lines[1:])
    yield Piece(lines[0] + ("\n" if len(lines) > 1 else ""))
    if language in ("python", "py", "bash", "sh", "console"):
        yield from split_code(body)
    elif language in ("text", "mermaid"):
        yield from _words(body, DRAWING)
    else:
        yield Piece(body)
    if closed:
        yield Piece(("\n" if len(lines) > 2 else "") + lines[-1])


def _row(line: str) -> Iterator[Piece]:
    """A table's row, cell by cell; the ruler under the head as it is."""
    if _RULER.fullmatch(line):
        yield Piece(line)
        return
    for number, cell in enumerate(re.split(r"(?<!\\)\|", line)):
        words = cell.strip()
        before, _, after = cell.partition(words) if words else (cell, "", "")
        yield Piece(("|" if number else "") + before)
        yield from _words(words, CELL)
        yield Piece(after)


def _quotation(lines: Sequence[str]) -> Iterator[Piece]:
    """A quotation: the blocks inside it, each line with its mark again."""
    inner = [_QUOTE.sub("", line, count=1) for line in lines]
    yield Piece("> ")
    for piece in _blocks(inner):
        text = piece.text if piece.kind else piece.text.replace("\n", "\n> ")
        yield Piece(text, piece.kind, "> " + piece.indent if piece.kind else "")


def _flowing(text: str, kind: str, indent: str) -> Iterator[Piece]:
    """Words broken over lines at will: put on one line each, but for the breaks that readers see."""
    lines = (_SOFT_BREAK.sub(" ", line) for line in _HARD_BREAK.split(text))
    marked = "\\\n".join(lines)
    yield from _words(marked.rstrip(), kind, indent)


def _words(text: str, kind: str, indent: str = "") -> Iterator[Piece]:
    """A piece to translate, when anything is left to say beside code."""
    yield Piece(text, kind, indent) if speaks(CODE_SPAN.sub("", text)) else Piece(text.replace("\n", "\n" + indent))
