"""The door to signals, under its longer path.

Next door: ``labq.dispatch``.
Celery: ``celery/utils/dispatch/signal.py``.
"""

from __future__ import annotations

from labq.dispatch import Signal

__all__ = ("Signal",)
