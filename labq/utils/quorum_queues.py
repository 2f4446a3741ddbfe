"""The door to the question whether an app has quorum queues.

Next door: ``labq.app.delays``, which answers it.
Celery: ``celery/utils/quorum_queues.py``.
"""

from __future__ import annotations

from labq.app.delays import detect_quorum_queues

__all__ = ("detect_quorum_queues",)
