"""Stopping: the three ways in which a worker ends.

*Warm*: what runs may end. *Cold*: it may not; who acknowledged early is told that the task will be retried, and late
messages return to their queue. *Soft*: cold, after a time of grace (``worker_soft_shutdown_timeout``). What was
reserved, scheduled or limited returns to its queue in each of them.
Celery: the signal handlers of ``celery/apps/worker.py``; its user guide, "Workers: Stopping the worker".
"""

from __future__ import annotations

import logging
from signal import SIGTERM
from typing import TYPE_CHECKING

from labq import signals
from labq.kernel.kernel import Timer
from labq.log.record import WORKER_STOPPED
from labq.worker.persistent import Persistent

if TYPE_CHECKING:
    from labq.worker.request import Request
    from labq.worker.worker import Worker

logger = logging.getLogger("celery.worker")


class Stopping:
    """Stops one worker.

    Arguments:
        worker: the worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._grace: Timer | None = None
        """What ends the time of grace; None when there is none."""
        self._cold = False
        """Whether the end is cold; it waits for nobody."""

    def stop(self, how: str, *, by_signal: bool = True) -> None:
        """Stop *warm*, *cold* or *soft*; a warm stop that takes too long can be followed by a cold one.

        Arguments:
            how: the way.
            by_signal: whether the process was sent a signal; a remote command stops without one.
        """
        worker = self._worker
        if not worker.online:
            return
        if how == "warm":
            if not worker.stopping:
                if by_signal:
                    self._tell("SIGTERM", "Warm", 0)
                self._stop_consuming()
                self.finish_if_idle()
        elif self._grace is not None:
            self._cancel_active()  # the second time: no grace for those that still run
        else:
            self._stop_consuming()
            seconds = worker.app.conf.worker_soft_shutdown_timeout or 0
            waits = worker.pool.busy or worker.app.conf.worker_enable_soft_shutdown_on_idle
            if seconds > 0 and waits:
                logger.warning("Initiating Soft Shutdown, terminating in %s seconds", seconds)
                self._grace = worker.kernel.call_later(seconds, self._go_cold)
            else:
                self._go_cold()

    def _stop_consuming(self) -> None:
        worker = self._worker
        worker.stopping = True
        worker.rates.clear()
        worker.cancel_consumers()

    def _go_cold(self) -> None:
        self._grace, self._cold = None, True
        try:
            self._cancel_active()
        except NotImplementedError as exc:  # nobody can end a thread: Celery stumbles here, and waits for them
            logger.critical("Unrecoverable error: %r", exc, exc_info=exc)
            self._cold = False
            self.finish_if_idle()
        else:
            self._worker.pool.end_children()
            self._tell("SIGQUIT", "Cold", 1)
            self._finish("cold")

    def _cancel_active(self) -> None:
        """End what runs; what has acknowledged late is left to its queue, the rest is said to be retried.

        Raises:
            NotImplementedError: when something runs in a pool of threads.
        """
        pool = self._worker.pool
        for request in tuple(self._worker.state.active_requests):
            if pool.running(request) is not None and self._is_to_cancel(request):
                if not pool.shares_thread:
                    pool.check_termination()
                request.cancel(pool, SIGTERM, emit_retry=not request.task.acks_late)

    @staticmethod
    def _is_to_cancel(request: Request) -> bool:
        return not request.task.acks_late or not request.acknowledged

    def _tell(self, sig: str, how: str, exitcode: int) -> None:
        if signals.worker_shutting_down.receivers:
            signals.worker_shutting_down.send(sender=self._worker.hostname, sig=sig, how=how, exitcode=exitcode)

    def finish_if_idle(self) -> None:
        """Finish a warm stop when nothing runs any more."""
        worker = self._worker
        waits = self._cold or self._grace is not None or worker.pool.busy
        if worker.online and worker.stopping and not waits:
            worker.pool.end_children()
            self._finish("warm")
            if signals.worker_shutdown.receivers:
                signals.worker_shutdown.send(sender=worker)

    def _finish(self, how: str) -> None:
        worker = self._worker
        worker.online = False
        worker.close()
        worker.log.append(WORKER_STOPPED, None, worker.hostname, how)
        if worker.options.statedb is not None and not worker.world.repeating:
            Persistent(worker.state, worker.options.statedb).save()
