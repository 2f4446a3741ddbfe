"""kombu's names under which people import what a queue is: ``from labq.kombu import Exchange, Queue, binding``.

Comes in and goes out: nothing; the room itself is ``labq.wire.entities``.
Celery: ``kombu/__init__.py``.
"""

from __future__ import annotations

from labq.wire.entities import Exchange, Queue, binding

__all__ = ("Exchange", "Queue", "binding")
