"""A ``repr`` that ends: short, also for what is long, deep or contains itself.

In goes any value; out comes the text that travels as ``argsrepr`` and stands in the worker's log and in monitors.
Next door: ``protocol`` writes it into every task message, so the plain case ``(2, 3)`` must cost next to nothing.
Celery: ``celery/utils/saferepr.py``. Two things are different on purpose, because the same seed shall give the same log
under any ``PYTHONHASHSEED``: a set that holds more than numbers is shown sorted, and a value whose ``__repr__`` fails
is shown without its address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum, auto
from numbers import Number
from types import NoneType
from typing import Any

from labq.pickleable import safe_repr

_PLAIN = frozenset({int, float, bool, NoneType})
"""Types whose ``repr`` is what is shown, and is short."""


_SMALL = 24
"""Containers of up to so many values are tried the quick way first."""


class _Role(Enum):
    """What a piece of the text is, which decides how it is cut."""

    OPEN = auto()  # (start, end) of a container
    CLOSE = auto()
    MARK = auto()  # a comma or a colon; never cut
    KEY = auto()
    QUOTED = auto()
    WORD = auto()


_Piece = tuple[_Role, Any]
_COMMA: _Piece = (_Role.MARK, ", ")
_COLON: _Piece = (_Role.MARK, ": ")


def saferepr(value: Any, maxlen: int | None = None, maxlevels: int | None = 3) -> str:
    """Return *value* as text.

    Arguments:
        value: anything.
        maxlen: after about so many characters the rest becomes ``...``; None for no limit.
        maxlevels: containers deeper than this are shown as ``[...]``; 0 or None for no limit.
    """
    text = _quick(value)
    if text is not None and (maxlen is None or len(text) <= maxlen):
        return text
    return _fitted(_pieces(value, maxlevels, 0, set()), maxlen, maxlevels)


def _quick(value: Any) -> str | None:
    """Return the text of a plain value, or of a small tuple, list or dict of them; None for anything else."""
    kind = type(value)
    if kind in _PLAIN:
        return repr(value)
    if (kind is not tuple and kind is not list and kind is not dict) or len(value) > _SMALL:
        return None
    if kind is not dict and _PLAIN.issuperset(map(type, value)):
        return repr(value)
    words = _quick_words(value.values() if kind is dict else value)
    if words is None or (kind is dict and not all(type(key) is str for key in value)):
        return None
    if kind is dict:
        return f"{{{', '.join([f'{_quoted_text(key)}: {word}' for key, word in zip(value, words, strict=True)])}}}"
    row = ", ".join(words)
    return f"[{row}]" if kind is list else f"({row},)" if len(words) == 1 else f"({row})"


def _quick_words(values: Iterable[Any]) -> list[str] | None:
    """Return the texts of plain values and strings; None when there is anything else among them."""
    words = []
    for each in values:
        if type(each) in _PLAIN:
            words.append(repr(each))
        elif type(each) is str:
            words.append(_quoted_text(each))
        else:
            return None
    return words


def _quoted_text(text: str) -> str:
    return "'" + text.replace("'", "\\'") + "'"


def _fitted(pieces: Iterable[_Piece], maxlen: int | None, maxlevels: int | None) -> str:
    """Put *pieces* together until *maxlen* is used up, then close what is open."""
    shown: list[str] = []
    ends: list[str] = []
    left = maxlen
    for role, content in pieces:
        if role is _Role.CLOSE:
            text = ends.pop()
        elif left is not None and left <= 0:
            shown.append(", ...")
            break
        elif role is _Role.OPEN:
            text, end = content
            ends.append(end)
        elif role is _Role.KEY:
            text = saferepr(content, left, maxlevels)
        elif role is _Role.QUOTED:
            text = _quoted(content, left)
        elif role is _Role.WORD:
            text = _cut(content, left)
        else:
            text = content
        shown.append(text)
        if left is not None:
            left -= len(text)
    shown.extend(reversed(ends))
    return "".join(shown)


def _quoted(value: str | bytes, left: int | None) -> str:
    if isinstance(value, str):
        return _quoted_text(_cut(value, left))
    if left and len(value) > left:
        return f"b'{_bytes_text(value[:left])}...'"
    return f"b'{_bytes_text(value)}'"


def _bytes_text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()


def _cut(text: str, left: int | None) -> str:
    """Return *text*, or, if it is too long, its words that fit."""
    if left and len(text) >= left:
        return text[:left].rsplit(" ", 1)[0] + "..."
    return text


def _pieces(value: Any, maxlevels: int | None, level: int, above: set[int]) -> Iterator[_Piece]:
    """Yield *value* piece by piece, so that nobody pays for what is not shown.

    Arguments:
        value: what to show.
        maxlevels: how many containers deep to show it; 0 or None for all.
        level: how many containers are open around *value*.
        above: the identities of those containers.
    """
    if isinstance(value, Number):
        yield _Role.WORD, safe_repr(value) if isinstance(value, Decimal) else str(value)
    elif isinstance(value, str | bytes):
        yield _Role.QUOTED, value
    elif not isinstance(value, tuple | list | dict | set | frozenset):
        yield _Role.WORD, safe_repr(value)
    elif not value and isinstance(value, set | frozenset):
        yield _Role.WORD, f"{type(value).__name__}()"
    else:
        start, end = _brackets(value)
        if maxlevels and level >= maxlevels:
            yield _Role.MARK, f"{start}...{end}"
        elif id(value) in above:
            yield _Role.WORD, f"<Recursion on {type(value).__name__} with id={id(value)}>"
        else:
            yield _Role.OPEN, (start, end)
            inside: Callable[..., Iterator[_Piece]] = _pairs if isinstance(value, dict) else _row
            yield from inside(value, maxlevels, level + 1, above | {id(value)})
            yield _Role.CLOSE, end


def _row(values: Any, maxlevels: int | None, level: int, above: set[int]) -> Iterator[_Piece]:
    if isinstance(values, set | frozenset) and not all(isinstance(each, Number) for each in values):
        values = sorted(values, key=safe_repr)
    for place, each in enumerate(values):
        if place:
            yield _COMMA
        yield from _pieces(each, maxlevels, level, above)


def _pairs(table: Mapping[Any, Any], maxlevels: int | None, level: int, above: set[int]) -> Iterator[_Piece]:
    for place, (key, each) in enumerate(table.items()):
        if place:
            yield _COMMA
        yield _Role.KEY, key
        yield _COLON
        yield from _pieces(each, maxlevels, level, above)


def _brackets(value: Any) -> tuple[str, str]:
    """Return what *value* starts and ends with; a set of another type than ``set`` is called by its name."""
    if isinstance(value, tuple):
        return "(", ",)" if len(value) == 1 else ")"
    if isinstance(value, dict):
        return "{", "}"
    if isinstance(value, list):
        return "[", "]"
    return ("{", "}") if type(value) is set else (f"{type(value).__name__}({{", "})")
