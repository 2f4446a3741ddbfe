"""The door to signals.

Next door: ``labq.dispatch``.
Celery: ``celery/utils/dispatch/``.
"""

from __future__ import annotations

from labq.dispatch import Signal

__all__ = ("Signal",)
