"""The worker's room: it consumes messages, makes requests of them and lets them run.

Comes in: deliveries from a broker. Goes out: results to a backend, acknowledgements to the broker.
Next door: ``labq.brokers`` below, ``labq.app.trace`` runs the user's function.
Celery: ``celery/worker/``; its user guide, "Workers".
"""

from typing import Any

from labq._state import app_or_default
from labq.worker.options import WorkerOptions
from labq.worker.request import Request
from labq.worker.worker import Worker

__all__ = ["Request", "WorkController", "Worker", "WorkerOptions"]


def WorkController(app: Any = None, **options: Any) -> Any:  # noqa: N802 - Celery's name
    """Return a worker of *app* in the current lab, as ``app.WorkController`` does."""
    return app_or_default(app).WorkController(**options)
