"""The door to one of the loaders.

Next door: ``labq.app.loader``.
Celery: ``celery/loaders/default.py``.
"""

from __future__ import annotations

from labq.app.loader import DEFAULT_CONFIG_MODULE, Loader

__all__ = ("DEFAULT_CONFIG_MODULE", "Loader")
