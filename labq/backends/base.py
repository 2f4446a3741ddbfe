"""The door to the classes of backends that people make subclasses of.

Next door: ``labq.backends.backend`` writes, ``labq.backends.reading`` reads, ``labq.backends.keyvalue`` keeps.
Celery: ``celery/backends/base.py``.
"""

from __future__ import annotations

from labq.backends.backend import Backend
from labq.backends.disabled import DisabledBackend
from labq.backends.keyvalue import KeyValueStoreBackend
from labq.backends.reading import Waiter

__all__ = ("Backend", "BaseBackend", "DisabledBackend", "KeyValueStoreBackend", "SyncBackendMixin")

BaseBackend = Backend
SyncBackendMixin = Waiter
