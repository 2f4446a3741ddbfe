"""The pools: where bodies run. What tells them apart is what a sleeping or computing body blocks.

Celery: ``celery/concurrency/``.
"""

from labq.worker.pools.green import EventletPool, GeventPool
from labq.worker.pools.pool import Pool, Slot
from labq.worker.pools.prefork import PreforkPool
from labq.worker.pools.solo import SoloPool
from labq.worker.pools.threads import ThreadsPool

POOLS: dict[str, type[Pool]] = {
    "solo": SoloPool,
    "prefork": PreforkPool,
    "processes": PreforkPool,
    "threads": ThreadsPool,
    "gevent": GeventPool,
    "eventlet": EventletPool,
}
"""The pools by the names that ``--pool`` takes."""

__all__ = ["POOLS", "EventletPool", "GeventPool", "Pool", "PreforkPool", "Slot", "SoloPool", "ThreadsPool"]
