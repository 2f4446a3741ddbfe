"""The fold: from records to the snapshot that they lead to.

Comes in: a log. Goes out: ``Snapshot`` after any number of its records; the same records always give the same snapshot.
Next door: ``broker_records`` and ``worker_records`` say what each kind changes; ``draft`` is what they change.
Celery: ``celery.events.state.State.event`` folds monitoring events in one function.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from labq.exceptions import LabError
from labq.i18n import text
from labq.log.record import CHORD_COUNTED, RESULT_FORGOTTEN, RESULT_STORED, SUBSCRIBER_REMOVED, Record
from labq.snapshot.beat_records import BEAT_STEPS
from labq.snapshot.broker_records import BROKER_STEPS, Step
from labq.snapshot.draft import Draft
from labq.snapshot.model import Result, Snapshot
from labq.snapshot.worker_records import WORKER_STEPS


def _stored(draft: Draft, record: Record) -> None:
    backend, state, result, size, *_ = record.facts
    if record.task_id is not None:
        draft.results.setdefault(backend, {})[record.task_id] = Result(
            backend, record.task_id, state, result, record.us, size
        )
        task = draft.task(record.task_id)
        if task:
            task.forgotten = None


def _forgotten(draft: Draft, record: Record) -> None:
    backend, *_ = record.facts
    if record.task_id is not None:
        draft.results.setdefault(backend, {}).pop(record.task_id, None)
        task = draft.task(record.task_id)
        if task:
            task.forgotten = record.us


def _nothing(draft: Draft, record: Record) -> None:
    """Change nothing: what the record tells has no place in the picture."""


STEPS: dict[str, Step] = {
    **BROKER_STEPS,
    **WORKER_STEPS,
    **BEAT_STEPS,
    RESULT_STORED: _stored,
    RESULT_FORGOTTEN: _forgotten,
    CHORD_COUNTED: _nothing,  # the story tells it; no place or state of the picture depends on it
    SUBSCRIBER_REMOVED: _nothing,
}
"""What each kind of record changes. Every kind is here."""


def draw(draft: Draft, records: Iterable[Record]) -> None:
    """Draw *records* into *draft*."""
    steps = STEPS
    record = None
    for record in records:
        steps[record.kind](draft, record)
    if record is not None:
        draft.last = record


def fold(records: Iterable[Record], start: datetime) -> Snapshot:
    """Return the snapshot that *records* lead to.

    Arguments:
        records: all records from the first.
        start: the aware datetime at which the lab began.
    """
    draft = Draft(Snapshot(start))
    draw(draft, records)
    return draft.freeze()


class Records(Protocol):
    """What the fold needs of a log."""

    def __len__(self) -> int:
        """Return how many records there are."""

    def __getitem__(self, place: slice, /) -> tuple[Record, ...]:
        """Return some of them."""


class Fold:
    """The snapshots of one log, at any moment of it, quickly.

    Going forward a little draws only the new records. A leap, or going back, starts from the nearest checkpoint.
    There are never more than *most* checkpoints: when they have become too many, every second is dropped and the
    distance doubles, so that a million records need no more checkpoints than a hundred thousand.

    Arguments:
        log: the records, which may go on growing.
        start: the aware datetime at which the lab began.
        every: how many records lie between two checkpoints at first.
        most: how many checkpoints are kept.
    """

    def __init__(self, log: Records, start: datetime, *, every: int = 1000, most: int = 64) -> None:
        self._log = log
        self._every = every
        self._most = most
        self._checkpoints = [Snapshot(start)]
        self._draft = Draft(self._checkpoints[0])
        self._latest = self._checkpoints[0]

    def at(self, n: int | None = None) -> Snapshot:
        """Return the world after the first *n* records; after all of them when *n* is None.

        Raises:
            LabError: when the log has no such place.
        """
        length = len(self._log)
        if n is None:
            n = length
        if not 0 <= n <= length:
            hint = text("Choose a number from 0 (nothing has happened yet) to {length} (now).", length=length)
            raise LabError(f"The log has no place {n}.", hint)
        if n != self._latest.records:
            checkpoint = self._checkpoint_before(n)
            if not checkpoint.records <= self._draft.records <= n:
                self._draft = Draft(checkpoint)
            self._go_to(n)
            self._latest = self._draft.freeze()
        return self._latest

    def _checkpoint_before(self, n: int) -> Snapshot:
        place = bisect_right(self._checkpoints, n, key=lambda snapshot: snapshot.records)
        return self._checkpoints[place - 1]

    def _go_to(self, n: int) -> None:
        draft = self._draft
        while draft.records < n:
            here = draft.records
            stop = min(n, (here // self._every + 1) * self._every)
            draw(draft, self._log[here:stop])
            if stop % self._every == 0 and stop > self._checkpoints[-1].records:
                self._keep(draft.freeze())

    def _keep(self, checkpoint: Snapshot) -> None:
        self._checkpoints.append(checkpoint)
        if len(self._checkpoints) > self._most:
            self._every *= 2
            self._checkpoints = [kept for kept in self._checkpoints if kept.records % self._every == 0]
