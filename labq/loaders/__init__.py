"""The door to loaders: what is imported for an app.

Next door: ``labq.app.loader``.
Celery: ``celery/loaders/__init__.py``.
"""

from __future__ import annotations

from labq.app.loader import get_loader_cls

__all__ = ("get_loader_cls",)
