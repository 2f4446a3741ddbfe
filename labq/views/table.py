"""A table, as aligned text and as HTML.

Comes in: headings and rows of cells. Goes out: lines, or a ``<table>``.
Next door: most views are tables.

Alignment counts columns of a terminal, not characters: a Chinese character is two columns wide.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from labq.views.escape import escape


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell whose HTML is more than its text, or whose text is a number."""

    text: str
    html: str
    number: bool = False


Value = str | int | Cell


def number_cell(text: str) -> Cell:
    """Return a cell with a number that is written in a certain way, such as ``2.50``."""
    return Cell(text, escape(text), number=True)


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows; numbers stand on the right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def text(self) -> str:
        """Return the table as aligned lines."""
        cells = [[_as_text(cell) for cell in row] for row in self.rows]
        widths = [max(map(width, column)) for column in zip(self.headings, *cells, strict=True)]
        right = [self._is_number(column) for column in range(len(self.headings))]
        lines = [
            _line(self.headings, widths, right),
            _line(["-" * wide for wide in widths], widths, right),
            *(_line(row, widths, right) for row in cells),
        ]
        return "\n".join(lines)

    def html(self) -> str:
        """Return the table as an HTML table."""
        right = [' class="labq-number"' if self._is_number(column) else "" for column in range(len(self.headings))]
        headings = zip(self.headings, right, strict=True)
        head = "".join(f'<th scope="col"{side}>{escape(heading)}</th>' for heading, side in headings)
        body = "".join(
            "<tr>"
            + "".join(f"<td{side}>{_as_html(cell)}</td>" for cell, side in zip(row, right, strict=True))
            + "</tr>"
            for row in self.rows
        )
        return f'<table class="labq-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'

    def _is_number(self, column: int) -> bool:
        return bool(self.rows) and all(_is_number(row[column]) for row in self.rows)


def facts(pairs: Sequence[tuple[str, Value]]) -> str:
    """Return names and their values as aligned lines."""
    wide = max(width(name) for name, _ in pairs)
    return "\n".join(f"{pad(name, wide)}  {_as_text(value)}".rstrip() for name, value in pairs)


def facts_html(pairs: Sequence[tuple[str, Value]]) -> str:
    """Return names and their values as an HTML table."""
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{_as_html(value)}</td></tr>' for name, value in pairs)
    return f'<table class="labq-table"><tbody>{rows}</tbody></table>'


def width(text: str) -> int:
    """Return how many columns of a terminal *text* takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Fill *text* with spaces up to *columns*."""
    space = " " * (columns - width(text))
    return space + text if right else text + space


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _line(cells: Sequence[str], widths: list[int], right: list[bool]) -> str:
    padded = (pad(cell, wide, right=side) for cell, wide, side in zip(cells, widths, right, strict=True))
    return "  ".join(padded).rstrip()


def _is_number(value: Value) -> bool:
    return isinstance(value, int) or (isinstance(value, Cell) and value.number)


def _as_text(value: Value) -> str:
    return value.text if isinstance(value, Cell) else str(value)


def _as_html(value: Value) -> str:
    return value.html if isinstance(value, Cell) else escape(value, 10_000)
