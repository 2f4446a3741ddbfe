"""The gallery: every view of one lab, made when it is asked for.

Comes in: the log, and the language. Goes out: views. Everything here looks and nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from labq import views
from labq.i18n import Words
from labq.kernel.clock import Clock
from labq.lab.reading import place
from labq.log.log import Log
from labq.log.record import Record
from labq.snapshot.fold import Fold
from labq.snapshot.model import Snapshot
from labq.snapshot.series import depths, stream
from labq.snapshot.why import Why, explain
from labq.views import (
    LabView,
    QueuesView,
    QueueView,
    RecordsView,
    RoomPlayer,
    StoryView,
    TaskView,
    WhyView,
    WorkersView,
    WorkerView,
)


class Gallery:
    """The views of one lab.

    Arguments:
        log: returns the log as it is now.
        words: returns the words of the lab's language.
        seed: the lab's seed.
        clock: returns the lab's clock as it is now.
    """

    def __init__(
        self, log: Callable[[], Log], words: Callable[[], Words], seed: int, clock: Callable[[], Clock]
    ) -> None:
        self._log = log
        self._words = words
        self._seed = seed
        self._clock = clock
        self._fold: tuple[Log, Fold] | None = None

    def snapshot(self, at: int | None = None) -> Snapshot:
        """Return the world after the first *at* records; after all of them it is the world at this very moment."""
        log, clock = self._log(), self._clock()
        if self._fold is None or self._fold[0] is not log:
            self._fold = (log, Fold(log, clock.start))
        snapshot = self._fold[1].at(None if at is None else place(at))
        return snapshot.later(clock.us) if at is None or at == len(log) else snapshot

    def why(self, task_id: str) -> Why:
        """Return the reason why a task is not ready."""
        return explain(self.snapshot(), task_id)

    def lab(self) -> LabView:
        """Return the lab in short."""
        return LabView(self.snapshot(), self._seed, self._words())

    def queue(self, broker: str, name: str) -> QueueView:
        """Return one queue."""
        return QueueView(self.snapshot(), broker, name, self._words())

    def queues(self) -> QueuesView:
        """Return all queues."""
        return QueuesView(self.snapshot(), self._words())

    def worker(self, hostname: str) -> WorkerView:
        """Return one worker."""
        return WorkerView(self.snapshot(), hostname, self._words())

    def workers(self) -> WorkersView:
        """Return all workers."""
        return WorkersView(self.snapshot(), self._words())

    def task(self, task_id: str) -> TaskView:
        """Return one task with its result."""
        return TaskView(self.snapshot(), task_id, self._words())

    def story(self, task_id: str) -> StoryView:
        """Return what happened to one task."""
        return StoryView(task_id, self._log().story(task_id), self.snapshot, self._words())

    def reason(self, task_id: str) -> WhyView:
        """Return the view of why a task is not ready."""
        return WhyView(self.why(task_id), self.snapshot(), self._words())

    def records(self, records: Sequence[Record]) -> RecordsView:
        """Return a table of records."""
        return RecordsView(records, self.snapshot, self._words())

    def room(self, at: int | None = None) -> RoomPlayer:
        """Return the machine room, to be played."""
        if at is not None:
            self.snapshot(at)  # a place that the log has not is said here, not when the room is shown
        return RoomPlayer(self.snapshot, len(self._log()), self._words(), at)

    def timeline(self, ax: Any = None) -> Any:
        """Draw the task stream on matplotlib's *ax*, or on new axes, and return the axes."""
        return views.plot.timeline(stream(self._log()), ax, words=self._words())

    def depth(self, ax: Any = None) -> Any:
        """Draw how many messages waited in each queue over time; see ``timeline``."""
        return views.plot.depth(depths(self._log()), ax, words=self._words())
