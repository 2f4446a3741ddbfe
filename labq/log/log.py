"""The log: records in the order in which they happened; append, look, listen.

Comes in: ``append(kind, task_id, *facts)`` from every room. Goes out: records to subscribers and to the fold.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, overload

from labq.kernel.clock import Clock
from labq.log.record import SUBSCRIBER_REMOVED, Record

Subscriber = Callable[[Record], object]

Row = tuple[Any, ...]
"""A record as it is kept: kind, task, facts. Its number is its place; its moment is kept apart."""


class Log:
    """All records of one lab.

    Arguments:
        clock: the clock that dates the records.
    """

    def __init__(self, clock: Clock) -> None:
        self.rows: list[Row] = []
        """The records as they are kept. Only the log adds to them."""
        # Rows are plain tuples of plain values, so the garbage collector stops looking at them after once; a million
        # Record objects would slow every collection. Records are made when somebody looks.
        self._firsts = array("q", [0])
        self._moments = array("q", [clock.us])
        # from which record on which moment holds: the clock moves far more rarely than things happen
        clock.watch(self._on_moment)
        self._subscribers: list[Subscriber] = []
        self._stories: dict[str, list[int]] = {}
        self._indexed = 0

    def append(self, *row: Any) -> None:
        """Write down that something happened now.

        Arguments:
            row: the kind, the id of the task it happened to (or None), and the facts that the kind names, in order.
        """
        self.rows.append(row)
        if self._subscribers:
            self._tell(self[-1])

    def _on_moment(self, us: int) -> None:
        if self._firsts[-1] == len(self.rows):
            self._moments[-1] = us  # nothing happened at the moment before
        else:
            self._firsts.append(len(self.rows))
            self._moments.append(us)

    def _tell(self, record: Record) -> None:
        for subscriber in tuple(self._subscribers):
            if subscriber not in self._subscribers:
                continue  # it left, or was removed, while the others were told
            try:
                subscriber(record)
            except Exception as exc:  # noqa: BLE001 - a broken listener must not stop the world
                if subscriber in self._subscribers:
                    self._subscribers.remove(subscriber)
                name = getattr(subscriber, "__qualname__", type(subscriber).__qualname__)
                self.append(SUBSCRIBER_REMOVED, None, name, f"{type(exc).__name__}: {exc}")

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call *subscriber* with each new record; return the function that ends this.

        A subscriber that raises is removed, and a record says so.
        """
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def inherit(self, other: Log) -> None:
        """Take over the subscribers of *other*, the log of a world that was built again."""
        self._subscribers = other._subscribers

    def parts_from(self, other: Log) -> int | None:
        """Return the number of the first record that *other* has not or has otherwise; None when there is none."""
        mine, theirs = tuple(self), other[: len(self)]
        if mine == theirs:
            return None
        pairs = zip(mine, theirs, strict=False)
        return next((number for number, (one, two) in enumerate(pairs) if one != two), len(theirs))

    def select(self, kind: str | None = None, task_id: str | None = None) -> tuple[Record, ...]:
        """Return the records of one *kind*, of one task, or of both; all of them when neither is given."""
        if task_id is not None:
            return tuple(record for record in self.story(task_id) if kind is None or record.kind == kind)
        if kind is None:
            return tuple(self)
        return tuple(self[number] for number, row in enumerate(self.rows) if row[0] == kind)

    def story(self, task_id: str) -> tuple[Record, ...]:
        """Return everything that happened to one task, in order."""
        rows, stories = self.rows, self._stories
        for number in range(self._indexed, len(rows)):  # the index is made when somebody asks, not while tasks run
            owner = rows[number][1]
            if owner is not None:
                stories.setdefault(owner, []).append(number)
        self._indexed = len(rows)
        return tuple(map(self.__getitem__, stories.get(task_id, ())))

    def __len__(self) -> int:
        """Return how many things have happened."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Record]:
        """Go through the records in order."""
        ends = [*self._firsts[1:], len(self.rows)]
        for first, end, us in zip(self._firsts, ends, self._moments, strict=True):
            for number in range(first, end):
                kind, task_id, *facts = self.rows[number]
                yield Record(number, us, kind, task_id, tuple(facts))

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, place: int | slice) -> Record | tuple[Record, ...]:
        """Return the record at *place*, or a tuple of them for a slice."""
        if isinstance(place, slice):
            return tuple(map(self.__getitem__, range(*place.indices(len(self.rows)))))
        row = self.rows[place]
        number = place if place >= 0 else len(self.rows) + place
        us = self._moments[bisect_right(self._firsts, number) - 1]
        return Record(number, us, row[0], row[1], row[2:])
