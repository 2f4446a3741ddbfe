"""Exchange, queue and binding, from one door.

Next door: ``exchange`` and ``queue`` say what they are; ``labq.kombu`` shows them under the names people import.
Celery: ``kombu/entity.py``.
"""

from __future__ import annotations

from labq.wire.exchange import (
    DELIVERY_MODES,
    PERSISTENT_DELIVERY_MODE,
    TRANSIENT_DELIVERY_MODE,
    Arguments,
    Entity,
    Exchange,
    binding,
    delivery_mode_number,
)
from labq.wire.queue import Queue

__all__ = (
    "DELIVERY_MODES", "PERSISTENT_DELIVERY_MODE", "TRANSIENT_DELIVERY_MODE", "Arguments", "Entity", "Exchange",
    "Queue", "binding", "delivery_mode_number",
)  # fmt: skip
