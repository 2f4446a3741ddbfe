"""A list whose members are made when somebody looks at them, so that a group of a generator need not run it at once.

Comes in: any iterable. Goes out: a list that can be gone through as often as one likes; the source is read once, and
one member ahead, so that the last one is known to be the last.
Next door: ``groups`` and ``maps`` keep their members in one.
Celery: ``regen`` in ``celery/utils/functional.py``.
"""

from __future__ import annotations

import operator
from collections import UserList
from collections.abc import Callable, Iterable, Iterator
from typing import Any


def regen(it: Any) -> Any:
    """Return *it* if it is a list or a tuple, else a list that reads it when it is looked at."""
    return it if isinstance(it, list | tuple) else _regen(it)


class _regen(UserList[Any], list[Any]):  # type: ignore[misc]  # noqa: N801 - its repr says Celery's name
    """A list that is made as far as it was looked at.

    It is a ``list`` for JSON, and a ``UserList`` so that what a list can do is done with ``data``.

    Arguments:
        it: where the members come from.
    """

    def __init__(self, it: Iterable[Any]) -> None:
        self._source: Any = it
        self._reading: Iterator[Any] | None = None
        self._made: list[Any] = []
        self._done = False

    def _make(self, count: int) -> None:
        """Make members until there are *count*, or there is nothing left."""
        if self._reading is None and not self._done:
            self._reading = iter(self._source)
        while not self._done and len(self._made) < count:
            try:
                self._made.append(next(self._reading))  # type: ignore[arg-type]  # it reads unless it is done
            except StopIteration:
                self._done = True

    @property
    def data(self) -> list[Any]:  # type: ignore[override]  # a UserList would make it at once
        """All members; makes those that are missing."""
        if not self._done:
            self._reading = iter(self._source) if self._reading is None else self._reading
            self._made.extend(self._reading)
            self._done = True
        return self._made

    def map(self, change: Callable[[Any], Any]) -> None:
        """Put ``change(member)`` in each member's place, for those not made yet when they are made."""
        self._made = [change(member) for member in self._made]
        self._reading = map(change, iter(self._source) if self._reading is None else self._reading)

    def __iter__(self) -> Iterator[Any]:
        place, reads = 0, False
        while True:
            reads = reads or place >= len(self._made)
            if reads:  # what is there already is handed out without looking ahead
                self._make(place + 2)
            if place >= len(self._made):
                return
            yield self._made[place]
            place += 1

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return self.data[index]
        place = operator.index(index)
        if place < 0:
            return self.data[place]
        if place >= len(self._made):
            self._make(place + 2)
        return self._made[place]

    def __bool__(self) -> bool:
        if not self._made:
            self._make(2)
        return bool(self._made)

    def __length_hint__(self) -> int:
        return operator.length_hint(self._source)

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (self.data,)

    def __repr__(self) -> str:
        members = ", ".join(repr(member) for member in self._made)
        return f"<{type(self).__name__}: [{members}{'' if self._done else '...'}]>"
