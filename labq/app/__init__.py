"""The app: what a user configures and hangs tasks on.

``base`` has ``Celery``, ``task`` has ``Task``; ``publish`` sends, ``trace`` runs.
Celery: ``celery/app/__init__.py``.
"""

from __future__ import annotations

from labq import _state
from labq._state import app_or_default
from labq.app.base import Celery
from labq.app.creation import shared_task
from labq.app.pickling import AppPickler
from labq.app.report import bugreport
from labq.local import Proxy

__all__ = ("AppPickler", "Celery", "app_or_default", "bugreport", "default_app", "shared_task")

default_app: Celery = Proxy(_state.get_default_app)  # type: ignore[assignment]
