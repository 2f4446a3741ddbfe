"""The solo pool: bodies run in the worker's own thread, so nothing else happens there meanwhile.

While a body sleeps or computes the worker reads no message, acknowledges nothing and answers nobody.
Celery: ``celery/concurrency/solo.py``.
"""

from __future__ import annotations

from labq.worker.pools.pool import Pool, Slot


class SoloPool(Pool):
    """One slot, which is the worker itself."""

    name = "solo"
    shares_thread = True

    @property
    def blocks_worker(self) -> bool:
        """Whether a body has the worker's thread now."""
        return self.busy

    def describe_loss(self, exc: BaseException) -> str:
        """Return what Celery says: there is no child that could exit, so it names the exception."""
        return repr(exc)

    def replace_child(self, slot: Slot) -> None:
        """Do nothing: the worker itself is the child, and it lives on."""
