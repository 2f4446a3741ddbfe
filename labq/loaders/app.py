"""The door to one of the loaders.

Next door: ``labq.app.loader``.
Celery: ``celery/loaders/app.py``.
"""

from __future__ import annotations

from labq.app.loader import AppLoader

__all__ = ("AppLoader",)
