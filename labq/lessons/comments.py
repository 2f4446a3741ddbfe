"""Cuts a code cell into comments to translate and code to leave alone.

In comes the source of a cell, magics and all; out come pieces. Comments on neighbouring lines with the same indent are
one piece, because they are one thought. The scanner knows strings and comments and nothing else of Python: cells hold
`%magics` and shell lines that no parser of Python accepts, and what it takes for a comment must not depend on
the version of Python that runs it. Next door: `markdown` does the same for prose.
Celery: no counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from labq.lessons.piece import Piece, speaks

COMMENT = "comment in code"
STRING = "text in code"

_TOKEN = re.compile(
    r"""
    (?P<long>  (?P<fence>\"{3}|'{3}) (?: \\. | . )*? (?P=fence) )
  | (?P<string> "(?P<double> (?: \\. | [^"\\\n] )* )" | '(?P<single> (?: \\. | [^'\\\n] )* )' )
  | (?P<comment> (?<![^\s\[\](){},:;]) \#[^\n]* (?: \n[ \t]*\#[^\n]* )* )
    """,
    re.VERBOSE | re.DOTALL,
)
# What stands after the sign in comments that talk to tools and not to people.
_FOR_TOOLS = re.compile(r"!|%%|noqa\b|type:\s|ruff:|pragma:|fmt:|NBVAL_|mypy:")


def split_code(source: str, translatable: Collection[str] = ()) -> tuple[Piece, ...]:
    """Return the pieces of a code cell, in order.

    Arguments:
        source: the cell's source.
        translatable: string literals that learners see and that are to be translated, as written between their quotes.
    """
    pieces: list[Piece] = []
    end = 0
    for match in _TOKEN.finditer(source):
        found = match["single"] if match["double"] is None else match["double"]
        if match["comment"] is not None:
            pieces.append(Piece(source[end : match.start()]))
            pieces.extend(_comment_pieces(match["comment"], _column(source, match.start())))
        elif match["string"] is not None and found in translatable:
            pieces += [Piece(source[end : match.start() + 1]), Piece(found, STRING), Piece(source[match.end() - 1])]
        else:
            continue
        end = match.end()
    pieces.append(Piece(source[end:]))
    return tuple(piece for piece in pieces if piece.text)


def without_words(source: str, translatable: Collection[str] = ()) -> str:
    """Return the code alone, to tell whether two cells run the same: comments and marked strings are left out."""
    return "".join(piece.text for piece in split_code(source, translatable) if not piece.kind)


def _column(source: str, position: int) -> str | None:
    """The blanks in front of a comment that has its line to itself; None when code stands in front of it."""
    before = source[source.rfind("\n", 0, position) + 1 : position]
    return None if before.strip() else before


def _comment_pieces(block: str, margin: str | None) -> Iterator[Piece]:
    """A run of comment lines as pieces: neighbours of one margin together; tools' marks and bare signs as they are."""
    words: list[str] = []
    for number, line in enumerate(block.split("\n")):
        rest = line.lstrip(" \t")
        here = margin if number == 0 else line[: len(line) - len(rest)]
        is_words = rest.startswith("# ") and speaks(rest) and not _FOR_TOOLS.match(rest[2:])
        if words and is_words and here is not None and here == margin:
            words.append(rest[2:])
            continue
        if words:
            yield Piece("\n".join(words), COMMENT, (margin or "") + "# ")
            words = []
        yield Piece(("\n" + (here or "") if number else "") + (rest[:2] if is_words else rest))
        if is_words:
            words, margin = [rest[2:]], here
    if words:
        yield Piece("\n".join(words), COMMENT, (margin or "") + "# ")
