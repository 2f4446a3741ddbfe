"""The door to a ``repr`` that ends.

Next door: ``labq.wire.saferepr``.
Celery: ``celery/utils/saferepr.py``.
"""

from __future__ import annotations

from labq.wire.saferepr import saferepr

__all__ = ("saferepr",)
