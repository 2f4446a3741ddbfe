"""The pool of threads: bodies wait side by side, but share one processor, and nobody can end one of them.

Threads of one Python process take turns at the processor, so of two bodies that compute at once each needs twice as
long. A body that sleeps needs none.
Celery: ``celery/concurrency/thread.py``, over Python's ``ThreadPoolExecutor`` and its global lock.
"""

from __future__ import annotations

from typing import Any

from labq.kernel.body import Running
from labq.kernel.clock import MICROSECONDS
from labq.kernel.kernel import Timer
from labq.worker.pools.pool import Pool, Slot


class ThreadsPool(Pool):
    """Slots that share one processor."""

    name = "threads"
    implementation = "celery.concurrency.thread:TaskPool"

    def __init__(self, worker: Any, concurrency: int) -> None:
        super().__init__(worker, concurrency)
        self._computing: dict[Slot, tuple[Running, float]] = {}
        """Bodies that compute, and how many seconds of the processor each still needs."""
        self._counted = 0
        """The moment up to which that was counted."""
        self._timer: Timer | None = None

    @property
    def info(self) -> dict[str, Any]:
        """What Celery's statistics say about it."""
        return {**super().info, "threads": min(self.jobs, self.limit)}

    def _compute(self, slot: Slot, seconds: float) -> None:
        """Let the body have its turns at the processor until it has had *seconds* of it."""
        assert slot.body is not None  # noqa: S101 - who computes has a body
        self._count()
        self._computing[slot] = (slot.body, seconds)
        self._plan()

    def _count(self) -> None:
        """Share what has passed since the last time among those that compute."""
        now = self.worker.kernel.clock.us
        each = (now - self._counted) / MICROSECONDS / max(1, len(self._computing))
        self._counted = now
        self._computing = {slot: (body, left - each) for slot, (body, left) in self._computing.items()}

    def _plan(self) -> None:
        """Come back when the first of them has had enough."""
        if self._timer is not None:
            self.worker.kernel.cancel(self._timer)
            self._timer = None
        if self._computing:
            least = min(left for _, left in self._computing.values())
            self._timer = self.worker.kernel.call_later(max(0.0, least) * len(self._computing), self._turn)

    def _turn(self) -> None:
        self._timer = None
        self._count()
        done = [slot for slot, (_, left) in self._computing.items() if left * MICROSECONDS < 1]
        bodies = [(slot, self._computing.pop(slot)[0]) for slot in done]
        self._plan()
        for slot, body in bodies:
            self._wake(slot, body)

    def close(self) -> None:
        """Give up every body that still runs."""
        self._computing.clear()
        self._plan()
        super().close()
