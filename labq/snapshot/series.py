"""Series: what the plots show along time. Bars for the task stream, steps for the depth of queues.

Comes in: records. Goes out: ``Stream`` (rows and bars) and ``Depth`` (points), in microseconds.
Next door: ``labq.views.plot`` draws them.
Celery: Flower and Dask draw such rows from events.

A bar is one task doing one thing: waiting in a queue, waiting in a worker, running. A bar that has no end yet is still
going on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from labq.log.record import (
    CHILD_LOST,
    CHILD_STARTED,
    MESSAGE_ACKED,
    MESSAGE_DEAD_LETTERED,
    MESSAGE_DELIVERED,
    MESSAGE_PUBLISHED,
    MESSAGE_QUEUED,
    MESSAGE_REDELIVERED,
    MESSAGE_REJECTED,
    MESSAGE_REQUEUED,
    QUEUE_BOUND,
    QUEUE_PURGED,
    TASK_EXPIRED,
    TASK_FAILED,
    TASK_IGNORED,
    TASK_LIMITED,
    TASK_REJECTED,
    TASK_RETRIED,
    TASK_REVOKED,
    TASK_SCHEDULED,
    TASK_STARTED,
    TASK_SUCCEEDED,
    TASK_UNREGISTERED,
    WORKER_STARTED,
    WORKER_STOPPED,
    Record,
)
from labq.snapshot.call import call
from labq.snapshot.model import Purpose, Stage, purpose_of


class Doing(StrEnum):
    """What a task does during a bar."""

    QUEUED = "queued"
    PREFETCHED = "prefetched"
    ETA_WAIT = "eta wait"
    RETRY_WAIT = "retry wait"
    RATE_WAIT = "rate wait"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the task stream: a slot of a worker, or what waits on the way from one queue."""

    worker: str | None = None
    slot: int | None = None
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """One task doing one thing from *start* to *end* (None while it goes on)."""

    row: Row
    doing: Doing
    task_id: str
    call: str
    retries: int
    start: int
    end: int | None = None
    outcome: Stage | None = None
    """How a run ended."""
    lane: int = 0
    """Which of the lines of its row, so that bars at the same time do not cover each other."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The task stream up to the moment *us*."""

    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    us: int

    def lanes(self) -> dict[Row, int]:
        """Return how many lines each row needs."""
        needed = dict.fromkeys(self.rows, 1)
        for bar in self.bars:
            needed[bar.row] = max(needed[bar.row], bar.lane + 1)
        return needed


@dataclass(frozen=True, slots=True)
class Depth:
    """How many messages a queue held: points (us, ready, unacked), one for each change, and the last."""

    broker: str
    queue: str
    points: tuple[tuple[int, int, int], ...]


OUTCOMES: dict[str, Stage] = {
    TASK_SUCCEEDED: Stage.SUCCESS,
    TASK_FAILED: Stage.FAILURE,
    TASK_RETRIED: Stage.RETRY,
    TASK_REJECTED: Stage.REJECTED,
    TASK_IGNORED: Stage.IGNORED,
}
DEPARTURES = frozenset({
    MESSAGE_ACKED, MESSAGE_REJECTED, MESSAGE_DEAD_LETTERED, TASK_EXPIRED, TASK_REVOKED, TASK_UNREGISTERED,
})  # fmt: skip
ARRIVALS = frozenset({MESSAGE_DELIVERED, MESSAGE_REDELIVERED})
RETURNS = frozenset({MESSAGE_QUEUED, MESSAGE_REQUEUED})


class _StreamWriter:
    """Reads records one after another and keeps the bars that are open."""

    def __init__(self) -> None:
        self.rows: dict[Row, None] = {}
        self.bars: list[Bar] = []
        self.us = 0
        self._waiting: dict[tuple[str, int], Bar] = {}
        self._running: dict[Row, Bar] = {}
        self._calls: dict[tuple[str, int], tuple[str, int]] = {}
        self._queues: dict[tuple[str, int], str] = {}

    def read(self, record: Record) -> None:
        """Take one record in."""
        self.us, kind = record.us, record.kind
        if kind is WORKER_STARTED:
            for slot in range(1, len(record.fact("children")) + 1):
                self.rows.setdefault(Row(record.fact("worker"), slot))
        elif kind is WORKER_STOPPED:
            self._stop(record.fact("worker"))
        elif kind is CHILD_LOST or kind is CHILD_STARTED:
            self._end_run(Row(record.fact("worker"), record.fact("slot")), Stage.LOST)
        elif kind is QUEUE_PURGED:
            self._purge(record.fact("queue"))
        elif kind in OUTCOMES:
            self._end_run(Row(record.fact("worker"), record.fact("slot")), OUTCOMES[kind])
        elif record.task_id is not None and "message" in kind.places:
            self._message(record, (record.task_id, record.fact("message")))

    def _message(self, record: Record, key: tuple[str, int]) -> None:
        kind = record.kind
        if kind is MESSAGE_PUBLISHED:
            text = call(record.fact("task"), record.fact("args"), record.fact("kwargs"))
            self._calls[key] = text, record.fact("retries") or 0
        elif kind in RETURNS:
            self._queues[key] = record.fact("queue")
            self._wait(key, Doing.QUEUED)
        elif kind in ARRIVALS:
            self._wait(key, Doing.PREFETCHED)
        elif kind is TASK_SCHEDULED:
            self._wait(key, Doing.RETRY_WAIT if self._calls.get(key, ("", 0))[1] else Doing.ETA_WAIT)
        elif kind is TASK_LIMITED:
            self._wait(key, Doing.RATE_WAIT)
        elif kind is TASK_STARTED:
            self._end_wait(key)
            row = Row(record.fact("worker"), record.fact("slot"))
            self.rows.setdefault(row)
            text, _ = self._calls.get(key, ("?", 0))
            self._running[row] = Bar(row, Doing.RUNNING, key[0], text, record.fact("retries") or 0, self.us)
        elif kind in DEPARTURES:
            self._end_wait(key)

    def _wait(self, key: tuple[str, int], doing: Doing) -> None:
        self._end_wait(key)
        text, retries = self._calls.get(key, ("?", 0))
        row = Row(queue=self._queues.get(key))
        self._waiting[key] = Bar(row, doing, key[0], text, retries, self.us)

    def _end_wait(self, key: tuple[str, int]) -> None:
        bar = self._waiting.pop(key, None)
        if bar is not None and bar.start < self.us:  # a wait of no time is no wait
            self.bars.append(replace(bar, end=self.us))

    def _end_run(self, row: Row, outcome: Stage) -> None:
        bar = self._running.pop(row, None)
        if bar is not None:
            self.bars.append(replace(bar, end=self.us, outcome=outcome))

    def _stop(self, worker: str) -> None:
        for row in [row for row in self._running if row.worker == worker]:
            self._end_run(row, Stage.LOST)

    def _purge(self, queue: str) -> None:
        gone = [key for key, bar in self._waiting.items() if bar.doing is Doing.QUEUED and bar.row.queue == queue]
        for key in gone:
            self._end_wait(key)

    def finish(self) -> Stream:
        """Return what was read; bars that are open stay without an end."""
        bars = _in_lanes([*self.bars, *self._running.values(), *self._waiting.values()])
        waiting = {bar.row: None for bar in bars if bar.row.slot is None}
        return Stream((*self.rows, *waiting), tuple(bars), self.us)


def _in_lanes(bars: list[Bar]) -> list[Bar]:
    placed: list[Bar] = []
    ends: dict[Row, list[int | None]] = {}
    for bar in sorted(bars, key=lambda bar: bar.start):
        lanes = ends.setdefault(bar.row, [])
        free = (number for number, end in enumerate(lanes) if end is not None and end <= bar.start)
        lane = next(free, len(lanes))
        lanes[lane : lane + 1] = [bar.end]
        placed.append(replace(bar, lane=lane))
    return placed


def stream(records: Iterable[Record]) -> Stream:
    """Return the task stream of *records*: a row for each slot, and one for what waits behind each queue."""
    writer = _StreamWriter()
    for record in records:
        writer.read(record)
    return writer.finish()


def depths(records: Iterable[Record]) -> tuple[Depth, ...]:
    """Return how full each queue of tasks was along *records*, up to the last of them."""
    points: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    others: set[tuple[str, str]] = set()  # queues of commands, replies and events
    now = 0
    for record in records:
        kind, now = record.kind, record.us
        if kind == QUEUE_BOUND and purpose_of(record.fact("exchange")) is not Purpose.TASKS:
            others.add((record.fact("broker"), record.fact("queue")))
        elif kind in _DEPTH_CHANGES and (record.fact("broker"), record.fact("queue")) not in others:
            line = points.setdefault((record.fact("broker"), record.fact("queue")), [])
            _, ready, unacked = line[-1] if line else (0, 0, 0)
            more_ready, more_unacked = _DEPTH_CHANGES[kind]
            if line and line[-1][0] == record.us:
                line.pop()
            line.append((record.us, 0 if kind is QUEUE_PURGED else ready + more_ready, unacked + more_unacked))
    for line in points.values():
        if line[-1][0] < now:  # what did not change since then is still so
            line.append((now, *line[-1][1:]))
    return tuple(Depth(broker, queue, tuple(line)) for (broker, queue), line in points.items())


_DEPTH_CHANGES: dict[str, tuple[int, int]] = {
    QUEUE_PURGED: (0, 0),
    MESSAGE_QUEUED: (1, 0),
    MESSAGE_DELIVERED: (-1, 1),
    MESSAGE_REDELIVERED: (-1, 1),
    MESSAGE_REQUEUED: (1, -1),
    MESSAGE_ACKED: (0, -1),
    MESSAGE_REJECTED: (0, -1),
}
"""What each kind adds to the ready and to the unacknowledged messages of its queue."""
