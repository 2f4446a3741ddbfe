"""The backends' room: where results are kept, and how they are written and read.

Comes in: what became of a task. Goes out: states and values, to whoever holds an ``AsyncResult``.
Next door: ``labq.app.trace`` writes, ``labq.result`` reads. Brokers are not known here, but for ``rpc``'s replies.
Celery: ``celery/backends/``.
"""

from labq.backends.backend import Backend
from labq.backends.cache import CacheBackend
from labq.backends.disabled import DisabledBackend
from labq.backends.rpc import RPCBackend
from labq.backends.settings import ResultSettings
from labq.backends.store import MemoryStore, ReplyStore, Store, Stored

__all__ = [
    "Backend",
    "CacheBackend",
    "DisabledBackend",
    "MemoryStore",
    "RPCBackend",
    "ReplyStore",
    "ResultSettings",
    "Store",
    "Stored",
]
