"""Sequences: cutting, joining and reading ahead in what can be gone through.

Comes in: anything that can be iterated. Goes out: the same in another shape; a generator that can be read again.
Next door: ``labq.callables`` for what can be called, ``labq.mappings`` for what is looked up.
Celery: ``celery/utils/functional.py`` and ``kombu/utils/functional.py``.
"""

from __future__ import annotations

import operator
from collections import UserList
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, tee, zip_longest
from typing import Any

__all__ = (
    "chunks", "is_list", "lookahead", "maybe_list", "padlist", "regen", "seq_concat_item", "seq_concat_seq", "uniq",
)  # fmt: skip

TEXTS = (Mapping, str, bytes)
"""What can be iterated and is one thing all the same."""


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


def regen(it: Iterable[Any]) -> Any:
    """Return *it* if it is a list or tuple, else something that can be gone through again and again.

    What is read is kept, and no more is read than is asked for, and one ahead.
    """
    return it if isinstance(it, list | tuple) else _regen(it)


class _regen(UserList[Any], list[Any]):  # type: ignore[misc]  # noqa: N801 - a list for json; its name is in reprs
    """A list that fills itself from an iterator while it is read."""

    def __init__(self, it: Iterable[Any]) -> None:
        # UserList's own would read everything at once
        self._source = it
        self._read: list[Any] = []
        self._ended = False

    def map(self, func: Callable[[Any], Any]) -> None:
        """Put *func* over everything, what was read and what will be."""
        self._read = [func(each) for each in self._read]
        self._source = map(func, self._source)

    @property
    def data(self) -> list[Any]:  # type: ignore[override]
        """Everything, read to the end."""
        if not self._ended:
            self._read.extend(self._source)
            self._ended = True
        return self._read

    def _read_to(self, count: int) -> None:
        """Read until there are *count* and one more, so that the end is known when it is reached."""
        if self._ended or count < len(self._read):
            return
        source = iter(self._source)
        while len(self._read) <= count:
            try:
                self._read.append(next(source))
            except StopIteration:
                self._ended = True
                return

    def __iter__(self) -> Iterator[Any]:
        index = 0
        reading = False
        while True:
            if index >= len(self._read):
                if self._ended:
                    return
                reading = True
                self._read_to(index)
                if index >= len(self._read):
                    return
            # what was read before is given as it is; who reads on reads one ahead
            if reading and index + 1 >= len(self._read) and not self._ended:
                try:
                    self._read_to(index + 1)
                finally:
                    yield self._read[index]
            else:
                yield self._read[index]
            index += 1

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.data[index]
        position = operator.index(index)
        if position < 0:
            return self.data[position]
        if position >= len(self._read):
            self._read_to(position + 1)
        return self._read[position]

    def __bool__(self) -> bool:
        return bool(self._read) or next(iter(self), self) is not self

    def __length_hint__(self) -> int:
        return operator.length_hint(self._source)

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (self.data,)

    def __repr__(self) -> str:
        told = ", ".join(map(repr, self._read))
        return f"<{type(self).__name__}: [{told}{'' if self._ended else '...'}]>"
