"""The prefork pool: every slot is a child process, and a body blocks nothing but its own child.

Celery: ``celery/concurrency/prefork.py``; the default pool.
"""

from __future__ import annotations

from labq.worker.pools.pool import Pool


class PreforkPool(Pool):
    """Children that work side by side; one that is lost is replaced."""

    name = "prefork"
