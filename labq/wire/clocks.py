"""Logical clocks: counting instead of timing, so that messages of many nodes can be put in an order.

Comes in: that something happens, or a message with the sender's count. Goes out: the next count.
Next door: ``labq.app.clock`` shows a node's clock, ``labq.events.state`` sorts by these counts.
Celery: ``kombu/clocks.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, takewhile
from operator import itemgetter
from typing import Any, NamedTuple

__all__ = ("LamportClock", "timetuple")


class timetuple(NamedTuple):  # noqa: N801 - kombu's name for it
    """When something happened, by its node's count; by its timestamp where a node does not count.

    What happened at the same count is ordered by the nodes' ids: then everybody agrees on one order.
    """

    clock: int | None
    timestamp: float
    id: str
    obj: Any = None

    def __lt__(self, other: Any) -> bool:
        """Tell whether this came before *other*."""
        try:
            mine, its = self[0], other[0]
            if mine and its:
                return bool(self[2] < other[2] if mine == its else mine < its)
            return bool(self[1] < other[1])
        except IndexError:
            return NotImplemented

    def __gt__(self, other: Any) -> bool:
        """Tell whether this came after *other*."""
        return bool(other < self)

    def __le__(self, other: Any) -> bool:
        """Tell whether this came not after *other*."""
        return not other < self

    def __ge__(self, other: Any) -> bool:
        """Tell whether this came not before *other*."""
        return not self < other

    def __repr__(self) -> str:
        """Return all four parts, the object after its id."""
        return f"_lamport(clock={self.clock}, timestamp={self.timestamp}, id={self.id} {self.obj!r})"


class LamportClock:
    """Lamport's clock: it goes on by one for each thing its node does, and jumps over the counts that come in.

    Arguments:
        initial_value: where it begins.
    """

    def __init__(self, initial_value: int = 0) -> None:
        self.value = initial_value

    def adjust(self, other: int) -> int:
        """Go beyond *other*, which came with a message; return the new count."""
        self.value = max(self.value, other) + 1
        return self.value

    def forward(self) -> int:
        """Go on by one; return the new count."""
        self.value += 1
        return self.value

    def sort_heap(self, h: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
        """Return the first of the sorted events *h*, ``(clock, id, …)``; among those of one count the lowest id's."""
        return first_event(h)

    def __str__(self) -> str:
        """Return the count."""
        return str(self.value)

    def __repr__(self) -> str:
        """Return ``<LamportClock: 7>``."""
        return f"<LamportClock: {self.value}>"


def first_event(events: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return the first of sorted *events*, ``(clock, id, …)``; among those of one count the lowest id's.

    The last one of that count is left out, as kombu leaves it out.
    """
    same = takewhile(lambda pair: pair[0][0] == pair[1][0], pairwise(events))
    return min((event for event, _ in same), key=itemgetter(1), default=events[0])
