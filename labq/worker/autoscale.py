"""Autoscaling: more children when there is much to do, fewer when there has been little for a while.

Comes in: each message, and a look at the clock now and then. Goes out: a pool that keeps between two bounds.
Celery: ``celery/worker/autoscale.py``; its user guide, "Workers: Autoscaling".
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from labq.kernel.kernel import Timer

if TYPE_CHECKING:
    from labq.worker.worker import Worker

logger = logging.getLogger("celery.worker.autoscale")

KEEPALIVE = 30.0
"""Seconds for which nothing may have happened before the pool shrinks."""
GREEN_PERIOD = 1.0
"""How often, in seconds, pools without an event loop look."""


class Autoscaler:
    """Keeps the size of one worker's pool between two bounds.

    Arguments:
        worker: the worker.
        max_concurrency: the most bodies that run at once.
        min_concurrency: the fewest for which there is room.
    """

    def __init__(self, worker: Worker, max_concurrency: int, min_concurrency: int) -> None:
        self._worker = worker
        self.max_concurrency = max_concurrency
        self.min_concurrency = min_concurrency
        self.keepalive = KEEPALIVE
        self._last_scale_up: int | None = None
        self._last_received: int | None = None
        self._timer: Timer | None = None

    def start(self) -> None:
        """Look again and again from now on; that keeps nobody busy."""
        period = self.keepalive if self._worker.pool.counts_children else GREEN_PERIOD
        self._timer = self._worker.kernel.call_later(period, self._tick, background=True)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._worker.kernel.cancel(self._timer)

    def _tick(self) -> None:
        if self._worker.online and not self._worker.stopping:
            self.maybe_scale()
            self.start()

    @property
    def qty(self) -> int:
        """How many requests there are to run."""
        return len(self._worker.state.reserved_requests)

    @property
    def processes(self) -> int:
        """How many there can be at once."""
        return self._worker.pool.num_processes

    def maybe_scale(self, request: Any = None) -> None:
        """Grow or shrink, if it is time; *request* is one that has just come."""
        if request is not None:
            self._last_received = self._worker.kernel.clock.us
        wanted = min(self.qty, self.max_concurrency)
        if wanted > self.processes:
            self._last_scale_up = self._worker.kernel.clock.us
            self._grow(wanted - self.processes)
            return
        wanted = max(self.qty, self.min_concurrency)
        if wanted < self.processes and self._is_quiet():
            self._shrink(self.processes - wanted)

    def _is_quiet(self) -> bool:
        moments = [us for us in (self._last_scale_up, self._last_received) if us is not None]
        return bool(moments) and self._worker.kernel.clock.us - max(moments) > self.keepalive * 1_000_000

    def _grow(self, n: int) -> None:
        logger.info("Scaling up %s processes.", n)
        self._worker.pool.grow(n)
        self._worker.note_change()

    def _shrink(self, n: int) -> None:
        logger.info("Scaling down %s processes.", n)
        try:
            self._worker.pool.shrink(n)
        except ValueError:
            logger.debug("Autoscaler won't scale down: all processes busy.")
        self._worker.note_change()

    def update(self, max: int | None = None, min: int | None = None) -> tuple[int, int]:
        """Set other bounds and keep them at once; return both."""
        if max is not None:
            if max < self.processes:
                self._shrink(self.processes - max)
            if max != self.max_concurrency:
                self._worker.consumer.update_prefetch_count(max - self.max_concurrency)
            self.max_concurrency = max
        if min is not None:
            if min > self.processes:
                self._grow(min - self.processes)
            self.min_concurrency = min
        return self.max_concurrency, self.min_concurrency

    def info(self) -> dict[str, int]:
        """What Celery's statistics say about it."""
        return {
            "max": self.max_concurrency,
            "min": self.min_concurrency,
            "current": self.processes,
            "qty": self.qty,
        }
