"""The door to one of the loaders.

Next door: ``labq.app.loader``.
Celery: ``celery/loaders/base.py``.
"""

from __future__ import annotations

from labq.app.loader import BaseLoader, autodiscover_tasks, find_related_module

__all__ = ("BaseLoader", "autodiscover_tasks", "find_related_module")
