"""kombu's small tools, under the names people import.

Celery: ``kombu/utils/__init__.py``.
"""

from __future__ import annotations

from labq.kombu.utils.functional import maybe_list
from labq.kombu.utils.uuid import uuid

__all__ = ("maybe_list", "uuid")
