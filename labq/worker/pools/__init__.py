"""The pools: where bodies run. What tells them apart is what a sleeping or computing body blocks.

Celery: ``celery/concurrency/``.
"""

from labq.worker.pools.pool import Pool, Slot
from labq.worker.pools.prefork import PreforkPool
from labq.worker.pools.solo import SoloPool

POOLS: dict[str, type[Pool]] = {"solo": SoloPool, "prefork": PreforkPool, "processes": PreforkPool}
"""The pools by the names that ``--pool`` takes."""

__all__ = ["POOLS", "Pool", "PreforkPool", "Slot", "SoloPool"]
