"""The app: what a user configures and hangs tasks on.

``base`` has ``Celery``, ``task`` has ``Task``; ``publish`` sends, ``trace`` runs.
Celery: ``celery/app/__init__.py``.
"""

from __future__ import annotations

from labq import _state
from labq._state import app_or_default, disable_trace, enable_trace, pop_current_task, push_current_task
from labq.app.base import Celery
from labq.app.creation import shared_task
from labq.app.pickling import AppPickler
from labq.app.report import bugreport
from labq.local import Proxy

__all__ = (
    "AppPickler", "Celery", "app_or_default", "bugreport", "default_app", "disable_trace", "enable_trace",
    "pop_current_task", "push_current_task", "shared_task",
)  # fmt: skip

default_app: Celery = Proxy(_state.get_default_app)  # type: ignore[assignment]
