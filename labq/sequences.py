"""Sequences: cutting, joining and reading ahead in what can be gone through.

Comes in: anything that can be iterated. Goes out: the same in another shape.
Next door: ``labq.callables`` for what can be called, ``labq.canvas.lazy`` for a list that is made while it is read.
Celery: ``celery/utils/functional.py`` and ``kombu/utils/functional.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, tee, zip_longest
from typing import Any

__all__ = (
    "chunks", "is_list", "lookahead", "maybe_list", "padlist", "seq_concat_item", "seq_concat_seq", "uniq",
)  # fmt: skip

TEXTS = (Mapping, str)
"""What can be iterated and is one thing all the same; bytes are several numbers, as in kombu."""


def is_list(obj: Any, scalars: tuple[type, ...] = TEXTS, iters: tuple[type, ...] = (Iterable,)) -> bool:
    """Tell whether *obj* is several things: it can be iterated, and is neither text nor a mapping."""
    return isinstance(obj, iters) and not isinstance(obj, scalars or ())


def maybe_list(obj: Any, scalars: tuple[type, ...] = TEXTS) -> Any:
    """Return *obj* if it is several things or None, else a list with it."""
    return obj if obj is None or is_list(obj, scalars) else [obj]


def chunks(it: Iterator[Any], n: int) -> Iterator[list[Any]]:
    """Yield lists of *n* of what *it*, which must be an iterator, gives; the last one may be shorter."""
    for first in it:
        yield [first, *islice(it, n - 1)]


def padlist(container: Iterable[Any], size: int, default: Any = None) -> list[Any]:
    """Return a list of exactly *size*: cut, or filled up with *default*."""
    found = list(container)[:size]
    return found + [default] * (size - len(found))


def uniq(it: Iterable[Any]) -> Iterator[Any]:
    """Yield each thing the first time that it comes."""
    return iter(dict.fromkeys(it)) if isinstance(it, Sequence) else _first_times(it)


def _first_times(it: Iterable[Any]) -> Iterator[Any]:
    seen: set[Any] = set()
    for thing in it:
        if thing not in seen:
            seen.add(thing)
            yield thing


def lookahead(it: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each thing with the one after it; the last one with None.

    >>> list(lookahead("ab"))
    [('a', 'b'), ('b', None)]
    """
    here, there = tee(it)
    next(there, None)
    return zip_longest(here, there)


def seq_concat_item(seq: Any, item: Any) -> Any:
    """Return *seq* with *item* behind it: a new list or tuple, as *seq* is one."""
    return seq + ((item,) if isinstance(seq, tuple) else [item])


def seq_concat_seq(a: Any, b: Any) -> Any:
    """Return *a* and *b* as one, of the kind of the longer one, of *a*'s if they are equally long."""
    kind = type(max([a, b], key=len))
    return (a if isinstance(a, kind) else kind(a)) + (b if isinstance(b, kind) else kind(b))
