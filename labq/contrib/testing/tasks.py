"""The task with which a test asks a worker whether it works.

Celery: ``celery/contrib/testing/tasks.py``.
"""

from __future__ import annotations

from labq import _state
from labq.app.base import Celery
from labq.local import Proxy


def _ping() -> str:
    """Answer *pong*."""
    return "pong"


def bring_ping(app: Celery) -> None:
    """Let *app* have the task."""
    app._task_from_fun(_ping, name="celery.ping")


bring_ping.serial = -1  # type: ignore[attr-defined]  # like the built-in ones it outlives the tests that share tasks
_state.connect_on_app_finalize(bring_ping)

ping = Proxy(lambda: _state.get_current_app().tasks["celery.ping"])
