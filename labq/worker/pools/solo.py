"""The solo pool: bodies run in the worker's own thread, so nothing else happens there meanwhile.

While a body sleeps or computes the worker reads no message, acknowledges nothing and answers nobody. No limit of time
can be kept either: whoever would keep it is the one that stands still.
Celery: ``celery/concurrency/solo.py``.
"""

from __future__ import annotations

from typing import Any

from labq import signals
from labq.worker.pools.pool import Pool, Slot


class SoloPool(Pool):
    """One slot, which is the worker itself."""

    name = "solo"
    implementation = "celery.concurrency.solo:TaskPool"
    shares_thread = True
    fixed_size = 1

    @property
    def blocks_worker(self) -> bool:
        """Whether a body has the worker's thread now."""
        return self.busy

    @property
    def info(self) -> dict[str, Any]:
        """What Celery's statistics say about it."""
        return {
            **super().info,
            "processes": [slot.child for slot in self.slots],
            "max-tasks-per-child": None,
            "put-guarded-by-semaphore": True,
            "timeouts": [],
        }

    def terminate_job(self, slot: Slot, signal: int) -> None:
        """End the body: only the end of the worker itself can do it."""
        del signal
        self.stop_body(slot)
        self._release(slot)

    def begin(self) -> None:
        """Tell who listens of the one process there is."""
        if signals.worker_process_init.receivers:
            signals.worker_process_init.send(sender=self.worker.hostname)
