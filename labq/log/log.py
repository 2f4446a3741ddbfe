"""The log: records in the order in which they happened; append, look, listen.

Comes in: ``append(kind, task_id, *facts)`` from every room. Goes out: records to subscribers and to the fold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, overload

from labq.kernel.clock import Clock
from labq.log.record import CODES, KINDS, SUBSCRIBER_REMOVED, Kind, Record

Subscriber = Callable[[Record], object]

Row = tuple[int, int, str | None, tuple[Any, ...]]
"""A record as it is kept: moment, code of the kind, task, facts. Its number is its place."""


class Log:
    """All records of one lab.

    Arguments:
        clock: the clock that dates the records.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.rows: list[Row] = []
        """The records as they are kept. Only the log adds to them."""
        # Rows are plain tuples of plain values, so the garbage collector stops looking at them after once; a million
        # Record objects would slow every collection. Records are made when somebody looks.
        self._subscribers: list[Subscriber] = []
        self._stories: dict[str, list[int]] = {}
        self._indexed = 0

    def append(self, kind: Kind, task_id: str | None, *facts: Any) -> None:
        """Write down that *kind* happened now to *task_id* (or to none), with the facts that the kind names."""
        self.rows.append((self._clock.us, kind.code, task_id, facts))
        if self._subscribers:
            self._tell(self[-1])

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
        mine, theirs = self.rows, other.rows[: len(self.rows)]
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
        code = KINDS[kind].code
        return tuple(_record(number, row) for number, row in enumerate(self.rows) if row[1] == code)

    def story(self, task_id: str) -> tuple[Record, ...]:
        """Return everything that happened to one task, in order."""
        rows, stories = self.rows, self._stories
        for number in range(self._indexed, len(rows)):  # the index is made when somebody asks, not while tasks run
            owner = rows[number][2]
            if owner is not None:
                stories.setdefault(owner, []).append(number)
        self._indexed = len(rows)
        return tuple(_record(number, rows[number]) for number in stories.get(task_id, ()))

    def __len__(self) -> int:
        """Return how many things have happened."""
        return len(self.rows)

    def __iter__(self) -> Iterator[Record]:
        """Go through the records in order."""
        return (_record(number, row) for number, row in enumerate(self.rows))

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, place: int | slice) -> Record | tuple[Record, ...]:
        """Return the record at *place*, or a tuple of them for a slice."""
        rows = self.rows
        if isinstance(place, slice):
            return tuple(_record(number, rows[number]) for number in range(*place.indices(len(rows))))
        return _record(place if place >= 0 else len(rows) + place, rows[place])


def _record(number: int, row: Row) -> Record:
    us, code, task_id, facts = row
    return Record(number, us, CODES[code], task_id, facts)
