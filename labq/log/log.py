"""The log: records in the order in which they happened; append, look, listen.

Comes in: ``append(kind, task_id, *facts)`` from every room. Goes out: records to subscribers and to the fold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, overload

from labq.kernel.clock import Clock
from labq.log.record import SUBSCRIBER_REMOVED, Kind, Record

Subscriber = Callable[[Record], object]


class Log:
    """All records of one lab.

    Arguments:
        clock: the clock that dates the records.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: list[Record] = []
        self._subscribers: list[Subscriber] = []
        self._stories: dict[str, list[int]] = {}
        self._indexed = 0

    def append(self, kind: Kind, task_id: str | None, *facts: Any) -> None:
        """Write down that *kind* happened now to *task_id* (or to none), with the facts that the kind names."""
        records = self._records
        record = Record(len(records), self._clock.us, kind, task_id, facts)
        records.append(record)
        if self._subscribers:
            self._tell(record)

    def _tell(self, record: Record) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(record)
            except Exception as exc:  # noqa: BLE001 - a broken listener must not stop the world
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

    def select(self, kind: str | None = None, task_id: str | None = None) -> tuple[Record, ...]:
        """Return the records of one *kind*, of one task, or of both; all of them when neither is given."""
        records = self._records if task_id is None else self.story(task_id)
        return tuple(records) if kind is None else tuple(record for record in records if record.kind == kind)

    def story(self, task_id: str) -> tuple[Record, ...]:
        """Return everything that happened to one task, in order."""
        records, stories = self._records, self._stories
        for record in records[self._indexed :]:  # the index is made when somebody asks, not while tasks run
            if record.task_id is not None:
                stories.setdefault(record.task_id, []).append(record.number)
        self._indexed = len(records)
        return tuple(records[number] for number in stories.get(task_id, ()))

    def __len__(self) -> int:
        """Return how many things have happened."""
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        """Go through the records in order."""
        return iter(self._records)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, place: int | slice) -> Record | tuple[Record, ...]:
        """Return the record at *place*, or a tuple of them for a slice."""
        return tuple(self._records[place]) if isinstance(place, slice) else self._records[place]
