"""The strategy: what a worker does with a request it has just received.

Expired? Then it is revoked. For later? Then it waits on the worker's ETA shelf, and the prefetch window grows by one
so that waiting tasks do not starve the others. Else it is reserved and goes to the pool.
Celery: ``celery/worker/strategy.py`` and ``Request.revoked`` in ``celery/worker/request.py``.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from labq import signals
from labq.app.context import is_ignored
from labq.exceptions import TaskRevokedError
from labq.log.record import TASK_EXPIRED, TASK_RESERVED, TASK_SCHEDULED
from labq.states import REVOKED
from labq.worker.request import Request

if TYPE_CHECKING:
    from labq.worker.worker import Worker

logger = logging.getLogger("celery.worker.request")


class Strategy:
    """Decides about requests for one worker.

    Arguments:
        worker: the worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def handle(self, request: Request) -> None:
        """Revoke, schedule or reserve *request*."""
        if request.message.expires is not None and self.revoked(request):
            return
        if signals.task_received.receivers:
            signals.task_received.send(sender=self._worker.consumer, request=request)
        eta = request.message.eta
        if eta is None:
            self._reserve(request)
        else:
            self._schedule(request, eta)

    def _reserve(self, request: Request) -> None:
        worker = self._worker
        worker.log.append(TASK_RESERVED, request.id, worker.hostname, request.serial)
        worker.pool.take_on(request)

    def _schedule(self, request: Request, eta: datetime) -> None:
        worker = self._worker
        worker.log.append(TASK_SCHEDULED, request.id, worker.hostname, request.serial, eta.isoformat())
        worker.shelve(request, worker.kernel.clock.moment(eta))

    def due(self, request: Request) -> None:
        """Take a request whose moment has come off the shelf."""
        self._worker.unshelve(request)
        self._reserve(request)

    def revoked(self, request: Request) -> bool:
        """Tell whether *request* is too late to run, and revoke it then.

        Asked on arrival, and once more before it runs: a task may expire while it waits for a free child.
        """
        expires = request.message.expires
        worker = self._worker
        if expires is None or worker.kernel.clock.now < expires:
            return False
        worker.log.append(TASK_EXPIRED, request.id, worker.hostname, request.serial, expires.isoformat())
        logger.info("Discarding revoked task: %s[%s]", request.name, request.id)
        exc = TaskRevokedError("expired")
        if not is_ignored(request.task, request.context) or request.task.store_errors_even_if_ignored:
            request.task.backend.store_result(request.id, exc, REVOKED, request=request.context)
        request.acknowledge()
        if signals.task_revoked.receivers:
            signals.task_revoked.send(
                sender=request.task, request=request.context, expired=True, terminated=False, signum=None
            )
        return True
