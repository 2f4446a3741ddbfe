"""A piece of a cell's source: either words to translate, or markup and code that stay as they are.

`markdown` and `comments` cut a source into pieces; `catalogue` turns the pieces with words into entries and `joined`
puts a source together again in another language. Joining the pieces untranslated gives the source back, except that
paragraphs broken over several lines come out on one.
Celery: no counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

VERBATIM = ""
_LETTER = re.compile(r"[^\W\d_]")


class Piece(NamedTuple):
    """A stretch of source.

    Attributes:
        text: the words or the markup.
        kind: what a translator is told about the words ("paragraph", "heading" …); VERBATIM for what stays as it is.
        indent: what every further line of a text starts with ("> " in a quotation, "# " in a comment).
    """

    text: str
    kind: str = VERBATIM
    indent: str = ""


def joined(pieces: Iterable[Piece], translate: Callable[[str], str]) -> str:
    """Return the source in another language: each piece with words through `translate`, all others as they are."""
    return "".join(
        translate(piece.text).replace("\n", "\n" + piece.indent) if piece.kind else piece.text for piece in pieces
    )


def speaks(words: str) -> bool:
    """Tell whether there is a letter in it: rulers, numbers and signs are the same in each language."""
    return bool(_LETTER.search(words))
