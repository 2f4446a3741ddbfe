"""The strategy: what a worker does with a request it has just received.

Revoked or too late? Then it is discarded. For later? Then it waits on the worker's ETA shelf, and the prefetch window
grows by one so that waiting tasks do not starve the others. Of a kind that is limited? Then it waits for a token.
Else it is reserved and goes to the pool.
Celery: ``celery/worker/strategy.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from labq import signals
from labq.log.record import TASK_RESERVED, TASK_SCHEDULED
from labq.worker.request import Request

if TYPE_CHECKING:
    from labq.worker.worker import Worker


class Strategy:
    """Decides about requests for one worker.

    Arguments:
        worker: the worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def handle(self, request: Request) -> None:
        """Discard, schedule, limit or reserve *request*."""
        worker, message = self._worker, request.message
        # stamps alone are looked at later, before it runs, as in Celery
        if (message.expires is not None or request.id in worker.state.revoked) and worker.revocations.revoked(request):
            return
        if signals.task_received.receivers:
            signals.task_received.send(sender=worker.consumer, request=request)
        if worker.events is not None:
            self._tell(request)
        eta = message.eta
        if eta is not None:
            self._schedule(request, eta)
            return
        if worker.limits_rates or request.task.rate_limit:
            bucket = worker.rates.bucket(request.task)
            if bucket is not None:
                worker.rates.wait(request, bucket)
                return
        self.reserve(request)
        if worker.autoscaler is not None:
            worker.autoscaler.maybe_scale(request)

    def reserve(self, request: Request) -> None:
        """Take *request* on and hand it to the pool."""
        worker, state = self._worker, self._worker.state
        state.requests[request.id] = request
        state.reserved_requests[request] = None
        worker.log.append(TASK_RESERVED, request.id, worker.hostname, request.serial)
        worker.pool.take_on(request)

    def _schedule(self, request: Request, eta: datetime) -> None:
        worker = self._worker
        worker.log.append(TASK_SCHEDULED, request.id, worker.hostname, request.serial, eta.isoformat())
        worker.shelve(request, worker.kernel.clock.moment(eta))

    def due(self, request: Request) -> None:
        """Take a request whose moment has come off the shelf; its kind may be limited, too."""
        worker = self._worker
        if request not in worker.shelf:
            return
        worker.unshelve(request)
        bucket = worker.rates.bucket(request.task)
        if bucket is not None:
            worker.rates.wait(request, bucket)
        else:
            worker.state.scheduled_requests.pop(request, None)
            self.reserve(request)

    @staticmethod
    def _tell(request: Request) -> None:
        eta, expires = request.eta, request.expires
        request.send_event(
            "task-received",
            name=request.name,
            args=request.argsrepr,
            kwargs=request.kwargsrepr,
            root_id=request.root_id,
            parent_id=request.parent_id,
            retries=request.context.retries,
            eta=eta and eta.isoformat(),
            expires=expires and expires.isoformat(),
        )
