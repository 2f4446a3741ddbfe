"""kombu's module of entities: ``from labq.kombu.entity import Exchange, Queue``.

Next door: ``labq.wire.exchange`` and ``labq.wire.queue`` say what they are.
Celery: ``kombu/entity.py``.
"""

from __future__ import annotations

from labq.wire.exchange import (
    DELIVERY_MODES,
    PERSISTENT_DELIVERY_MODE,
    TRANSIENT_DELIVERY_MODE,
    Exchange,
    binding,
)
from labq.wire.exchange import delivery_mode_number as maybe_delivery_mode
from labq.wire.queue import Queue

__all__ = (
    "DELIVERY_MODES", "PERSISTENT_DELIVERY_MODE", "TRANSIENT_DELIVERY_MODE", "Exchange", "Queue", "binding",
    "maybe_delivery_mode",
)  # fmt: skip
