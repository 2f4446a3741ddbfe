"""The worker's room: it consumes messages, makes requests of them and lets them run.

Comes in: deliveries from a broker. Goes out: results to a backend, acknowledgements to the broker.
Next door: ``labq.brokers`` below, ``labq.app.trace`` runs the user's function.
Celery: ``celery/worker/``; its user guide, "Workers".
"""

from labq.worker.options import WorkerOptions
from labq.worker.request import Request
from labq.worker.worker import Worker

__all__ = ["Request", "Worker", "WorkerOptions"]
