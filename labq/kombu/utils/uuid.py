"""kombu's ids: ``from labq.kombu.utils.uuid import uuid``; in a lab they come from its seed.

Celery: ``kombu/utils/uuid.py``.
"""

from __future__ import annotations

from labq.nodes import uuid

__all__ = ("uuid",)
