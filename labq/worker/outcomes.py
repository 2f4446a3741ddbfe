"""Outcomes: what a worker does when a run has ended otherwise than well.

Comes in: how a body ended, or that its child was lost or took too long. Goes out: failures that the run could not store
itself, and the acknowledgement that is still due: given, refused, or given back to the broker.
Next door: the pools end runs; ``labq.app.trace`` has stored what ended in an orderly way.
Celery: ``on_failure``, ``on_timeout`` and ``on_retry`` in ``celery/worker/request.py``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from labq import _state, signals
from labq.app.trace import Ended
from labq.app.tracebacks import ExceptionInfo
from labq.exceptions import Reject, Retry, TimeLimitExceeded, WorkerLostError
from labq.log.record import TASK_FAILED, TASK_IGNORED, TASK_REJECTED, TASK_RETRIED, TASK_SUCCEEDED
from labq.states import FAILURE, IGNORED, REJECTED, RETRY, SUCCESS

if TYPE_CHECKING:
    from labq.worker.pools.pool import Slot
    from labq.worker.request import Request
    from labq.worker.worker import Worker

logger = logging.getLogger("celery.worker.request")


class Outcomes:
    """Ends the runs of one worker.

    Arguments:
        worker: the worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    # -- runs that came to their end ---------------------------------------------------------------------------
    def ended(self, slot: Slot, request: Request, ended: Ended) -> None:
        """Deal with a run that ended otherwise than well."""
        state, told = ended.state, ended.value
        if state == RETRY:
            seconds = getattr(told, "when", None)
            self._note(TASK_RETRIED, request, slot, ended.text, seconds if isinstance(seconds, int | float) else None)
            request.acknowledge()
            request.send_event("task-retried", exception=repr(getattr(told, "exc", None)), traceback=ended.traceback)
        elif state == FAILURE:
            self._note(TASK_FAILED, request, slot, ended.text, ended.runtime)
            self._acknowledge_failure(request)
            request.send_event("task-failed", exception=ended.text, traceback=ended.traceback)
        elif state == REJECTED:
            self._reject(slot, request, ended)
        elif state == IGNORED:
            self._note(TASK_IGNORED, request, slot)
            request.acknowledge()

    def _note(self, kind: Any, request: Request, slot: Slot, *facts: Any) -> None:
        self._worker.log.append(kind, request.id, self._worker.hostname, slot.number, *facts)

    def _acknowledge_failure(self, request: Request) -> None:
        """Acknowledge late, or give the message away when the task wants failures unacknowledged."""
        if request.task.acks_late and not request.task.acks_on_failure:
            request.reject(requeue=False, reason="failed, acks_on_failure is off")
        else:
            request.acknowledge()

    def _reject(self, slot: Slot, request: Request, ended: Ended) -> None:
        told = ended.value
        self._note(TASK_REJECTED, request, slot, bool(told.requeue))
        if not told.requeue:  # it will never run again: Celery 5.7 stores that as a failure
            self.fail(request, told, ended.traceback)
            request.send_event("task-failed", exception=repr(told), traceback=ended.traceback)
        if not request.acknowledged:
            request.reject(requeue=bool(told.requeue), reason=repr(told))
            request.send_event("task-rejected", requeue=bool(told.requeue))

    def fail(self, request: Request, exc: Exception, traceback: str | None = None) -> None:
        """Store a failure that the run itself could not store, and tell who listens."""
        task = request.task
        task.backend.mark_as_failure(request.id, exc, request=request.told, store_result=request.store_errors)
        if signals.task_failure.receivers:
            info = ExceptionInfo(exc, internal=isinstance(exc, Reject))
            self._send_failure(request, exc, info, traceback or info.traceback)

    def _send_failure(self, request: Request, exc: Exception, info: ExceptionInfo, traceback: Any) -> None:
        token = _state.push_call(request.task, request.told)
        try:
            signals.task_failure.send(
                sender=request.task, task_id=request.id, exception=exc, args=request.args, kwargs=request.kwargs,
                traceback=traceback, einfo=info,
            )  # fmt: skip
        finally:
            _state.pop_call(token)

    def ended_badly(self, slot: Slot, request: Request, exc: Exception) -> None:
        """Fail a request whose callbacks raised where nothing catches: the child lives, the task has failed by it."""
        self.fail(request, exc)
        self._note(TASK_FAILED, request, slot, repr(exc), 0.0)
        self._acknowledge_failure(request)
        request.send_event("task-failed", exception=repr(exc), traceback=None)
        logger.error("Task handler raised error: %r", exc, exc_info=exc)

    # -- runs that were lost -----------------------------------------------------------------------------------
    def lost(self, slot: Slot, request: Request, reason: str) -> None:
        """Deal with a run that was lost with its child: fail it, try it again, or give the message back."""
        task = request.task
        exc = WorkerLostError(reason)
        if self._has_succeeded(request):
            logger.warning("Task %s[%s] succeeded before the worker was lost: %r", request.name, request.id, exc)
            self._note(TASK_SUCCEEDED, request, slot, None, None)
            request.acknowledge()
            request.send_event("task-succeeded", result=None, runtime=None)
            return
        exhausted = False
        if task.retry_on_worker_lost:
            exhausted = task.max_retries is not None and request.context.retries >= task.max_retries
            if not exhausted and self._retry_lost(slot, request, exc):
                return
        requeue = bool(task.acks_late and task.reject_on_worker_lost and not exhausted)
        if requeue:
            request.reject(requeue=True)
            request.send_event("task-rejected", requeue=True)
        else:
            self._acknowledge_failure(request)
            self.fail(request, exc)
            request.send_event("task-failed", exception=repr(exc), traceback=None)
        self._note(TASK_FAILED, request, slot, repr(exc), 0.0)
        logger.error("Task handler raised error: %r", exc, exc_info=exc)

    def _has_succeeded(self, request: Request) -> bool:
        """Tell whether the run stored its success before the child was lost, in a callback say."""
        backend = request.task.backend
        if request.ignore_result or getattr(backend, "replies", False):
            return False
        try:
            return bool(backend.get_state(request.id) == SUCCESS)
        except Exception:  # noqa: BLE001 - no backend, so nothing was stored
            return False

    def _retry_lost(self, slot: Slot, request: Request, exc: Exception) -> bool:
        """Send the task once more; tell whether that went well."""
        task, context = request.task, request.told
        countdown = task.default_retry_delay
        try:
            again = task.signature_from_request(context, countdown=countdown, retries=context.retries + 1)
            again.apply_async()
        except Exception as failure:
            logger.error(  # noqa: TRY400 - the text names the failure, as in Celery
                "Failed to retry task %s[%s] after worker was lost: %r", request.name, request.id, failure,
                exc_info=failure,
            )  # fmt: skip
            return False
        info = ExceptionInfo(exc)
        if request.store_errors:
            task.backend.store_result(request.id, exc, RETRY, traceback=info.traceback, request=context)
        request.acknowledge()
        told = Retry(exc=exc, when=countdown)
        self._note(TASK_RETRIED, request, slot, repr(exc), countdown)
        request.send_event("task-retried", exception=repr(exc), traceback=info.traceback)
        token = _state.push_call(task, context)
        try:
            task.on_retry(exc, request.id, request.args, request.kwargs, info)
            if signals.task_retry.receivers:
                signals.task_retry.send(sender=task, request=context, reason=told, einfo=info)
        finally:
            _state.pop_call(token)
        logger.info("Task %s[%s] retry: %s", request.name, request.id, told)
        return True

    # -- runs that took too long -------------------------------------------------------------------------------
    def warned(self, request: Request, seconds: float) -> None:
        """Say that the soft time limit has passed."""
        logger.warning("Soft time limit (%ss) exceeded for %s[%s]", seconds, request.name, request.id)

    def timed_out(self, slot: Slot, request: Request, seconds: float, *, prefork: bool) -> None:
        """Fail a run whose hard time limit has passed.

        A pool of processes tells it twice, as in Celery: once as the outcome of the job, once as a timeout.
        """
        task = request.task
        exc = TimeLimitExceeded(seconds)
        if prefork:
            requeue = task.acks_late and not task.acks_on_timeout
            if not requeue:
                request.acknowledge()
                self.fail(request, exc)
                request.send_event("task-failed", exception=repr(exc), traceback=None)
            else:
                request.reject(requeue=True)
            logger.error("Task handler raised error: %r", exc, exc_info=exc)
        logger.error("Hard time limit (%ss) exceeded for %s[%s]", seconds, request.name, request.id)
        task.backend.mark_as_failure(request.id, exc, request=request.told, store_result=request.store_errors)
        info = ExceptionInfo(exc)
        task.on_failure(exc, request.id, request.args, request.kwargs, info)
        task.after_return(FAILURE, exc, request.id, request.args, request.kwargs, None)
        if signals.task_failure.receivers:
            signals.task_failure.send(
                sender=task, task_id=request.id, exception=exc, args=request.args, kwargs=request.kwargs,
                traceback=exc.__traceback__, einfo=info,
            )  # fmt: skip
        request.send_event("task-failed", exception=repr(exc), traceback=info.traceback)
        self._note(TASK_FAILED, request, slot, repr(exc), seconds)
        if task.acks_late and not task.acks_on_timeout:
            request.reject(requeue=True)
        else:
            request.acknowledge()
