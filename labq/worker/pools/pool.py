"""A pool: slots that run bodies, and requests that wait for a free one.

Comes in: reserved requests. Goes out: runs, one for each free slot; after each the acknowledgement that is still due.
What a body asks while it runs is answered here: sleeping passes virtual time, a result is stored in a step of its own.
Celery: ``celery/concurrency/base.py``, and the callbacks of ``celery/worker/request.py``.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any

from labq import signals
from labq.app.context import is_ignored
from labq.app.trace import Ended, trace
from labq.app.tracebacks import ExceptionInfo
from labq.exceptions import Reject, WorkerLostError
from labq.kernel.asks import Compute, Poll, Sleep
from labq.kernel.body import Raised, Returned, Running
from labq.kernel.kernel import Timer
from labq.log.record import (
    BODY_COMPUTED,
    BODY_SLEPT,
    CHILD_LOST,
    CHILD_STARTED,
    TASK_FAILED,
    TASK_IGNORED,
    TASK_REJECTED,
    TASK_RETRIED,
    TASK_STARTED,
    TASK_SUCCEEDED,
)
from labq.states import FAILURE, IGNORED, REJECTED, RETRY, SUCCESS
from labq.worker.request import Request

if TYPE_CHECKING:
    from labq.worker.worker import Worker

logger = logging.getLogger("celery.worker.request")


class Slot:
    """One place where a body can run: a child process, in a prefork pool.

    Arguments:
        number: its place in the pool, from 1.
        child: the number of the process in it.
    """

    __slots__ = ("body", "child", "generation", "number", "poll", "request", "timer")

    def __init__(self, number: int, child: int) -> None:
        self.number = number
        self.child = child
        self.generation = 1
        self.request: Request | None = None
        self.body: Running | None = None
        self.poll: Poll | None = None
        """What the body looks for from time to time, while it waits for nothing else."""
        self.timer: Timer | None = None
        """What wakes the body."""


class Pool:
    """Runs requests in slots.

    Arguments:
        worker: the worker whose pool this is.
        concurrency: how many slots there are.
    """

    name = "pool"
    shares_thread = False
    """Whether a body runs in the worker's own thread, so that the worker stands still meanwhile."""

    def __init__(self, worker: Worker, concurrency: int) -> None:
        self.worker = worker
        self.slots = [Slot(number, worker.new_child()) for number in range(1, concurrency + 1)]
        self.waiting: deque[Request] = deque()
        """Reserved requests for which no slot is free yet."""
        self._free: deque[Slot] = deque(self.slots)

    @property
    def blocks_worker(self) -> bool:
        """Whether the worker itself stands still now, because a body has its only thread."""
        return False

    @property
    def busy(self) -> bool:
        """Whether any body runs."""
        return len(self._free) < len(self.slots)

    @property
    def has_news(self) -> bool:
        """Whether a body will find what it looks for when it looks next."""
        return any(slot.poll is not None and slot.body is not None and slot.poll.ready() for slot in self.slots)

    # -- taking on ---------------------------------------------------------------------------------------------
    def take_on(self, request: Request) -> None:
        """Let *request* run as soon as a slot is free."""
        self.waiting.append(request)
        self._fill()

    def _fill(self) -> None:
        while self.waiting and self._free and not self.worker.stopping:
            slot = self._free.popleft()
            slot.request = self.waiting.popleft()
            self.worker.kernel.call_soon(self._start, slot)

    def _start(self, slot: Slot) -> None:
        request, worker = slot.request, self.worker
        if request is None or not worker.online:
            return  # the worker died between two steps
        if request.message.expires is not None and worker.strategy.revoked(request):
            self._release(slot)
            return
        task, context = request.task, request.context
        if not task.acks_late:
            request.acknowledge()
        worker.log.append(TASK_STARTED, request.id, worker.hostname, slot.number, request.serial, context.retries)
        tracing, pid = worker.tracing, slot.child
        slot.body = worker.world.body(request.id, lambda: trace(task, context, tracing, pid))
        self._go_on(slot, slot.body.start())

    # -- while it runs -----------------------------------------------------------------------------------------
    def _go_on(self, slot: Slot, moment: Any) -> None:
        """Answer what the body asks, or end the run."""
        if type(moment) is Returned:
            self._end(slot, moment.value)
        elif type(moment) is Raised:
            self._lose(slot, moment.exception)
        elif type(moment) is Sleep:
            self._note(slot, BODY_SLEPT, moment.seconds)
            slot.timer = self.worker.kernel.call_later(moment.seconds, self._wake, slot, slot.body)
        elif type(moment) is Compute:
            self._note(slot, BODY_COMPUTED, moment.seconds)
            slot.timer = self.worker.kernel.call_later(moment.seconds, self._wake, slot, slot.body)
        elif type(moment) is Poll:
            slot.poll = moment
            slot.timer = self.worker.kernel.call_later(
                moment.seconds, self._wake, slot, slot.body, background=moment.endless
            )
        else:
            self.worker.kernel.call_soon(self._serve, slot, slot.body, moment)

    def _note(self, slot: Slot, kind: Any, seconds: float) -> None:
        assert slot.request is not None  # noqa: S101 - a slot that runs has a request
        self.worker.log.append(kind, slot.request.id, self.worker.hostname, slot.number, seconds)

    def _wake(self, slot: Slot, body: Running) -> None:
        if slot.body is body:  # else the child is gone and somebody else has the slot
            slot.poll = None
            self._go_on(slot, body.answer())

    def _serve(self, slot: Slot, body: Running, wish: Any) -> None:
        """Do what the body wants of the lab (a result to be stored), and let it go on."""
        if slot.body is body:
            self._go_on(slot, body.answer(wish.apply(self.worker.world)))

    # -- the end -----------------------------------------------------------------------------------------------
    def _end(self, slot: Slot, ended: Ended) -> None:
        request, log, hostname = slot.request, self.worker.log, self.worker.hostname
        assert request is not None  # noqa: S101 - a slot that runs has a request
        state = ended.state
        if state == SUCCESS:
            log.append(TASK_SUCCEEDED, request.id, hostname, slot.number, ended.text, ended.runtime)
            if not request.acknowledged:
                request.acknowledge()
        elif state == RETRY:
            seconds = getattr(ended.value, "when", None)
            log.append(
                TASK_RETRIED, request.id, hostname, slot.number, ended.text,
                seconds if isinstance(seconds, int | float) else None,
            )  # fmt: skip
            request.acknowledge()
        elif state == FAILURE:
            log.append(TASK_FAILED, request.id, hostname, slot.number, ended.text, ended.runtime)
            self._acknowledge_failure(request)
        elif state == REJECTED:
            self._reject(slot, request, ended)
        elif state == IGNORED:
            log.append(TASK_IGNORED, request.id, hostname, slot.number)
            request.acknowledge()
        self._release(slot)

    def _acknowledge_failure(self, request: Request) -> None:
        """Acknowledge late, or give the message away when the task wants failures unacknowledged."""
        if request.task.acks_late and not request.task.acks_on_failure:
            request.reject(requeue=False, reason="failed, acks_on_failure is off")
        else:
            request.acknowledge()

    def _reject(self, slot: Slot, request: Request, ended: Ended) -> None:
        worker, told = self.worker, ended.value
        worker.log.append(TASK_REJECTED, request.id, worker.hostname, slot.number, bool(told.requeue))
        if not told.requeue:  # it will never run again: Celery 5.7 stores that as a failure
            self._fail(request, told, ended.traceback)
        request.reject(requeue=bool(told.requeue), reason=repr(told))

    def _fail(self, request: Request, exc: Exception, traceback: str | None = None) -> None:
        """Store a failure that the run itself could not store, and tell who listens."""
        task = request.task
        if not is_ignored(task, request.context) or task.store_errors_even_if_ignored:
            task.backend.mark_as_failure(request.id, exc, request=request.context)
        if signals.task_failure.receivers:
            info = ExceptionInfo(exc, internal=isinstance(exc, Reject))
            signals.task_failure.send(
                sender=task, task_id=request.id, exception=exc, args=request.args, kwargs=request.kwargs,
                traceback=traceback or info.traceback, einfo=info,
            )  # fmt: skip

    def _release(self, slot: Slot) -> None:
        slot.request = slot.body = slot.poll = None
        self._free.append(slot)
        if self.waiting:
            self._fill()
        self.worker.on_slot_free()

    # -- when a child is lost ----------------------------------------------------------------------------------
    def _lose(self, slot: Slot, exc: BaseException) -> None:
        """Deal with what ends a whole process: the request fails as WorkerLostError, a new child takes the slot."""
        request = slot.request
        assert request is not None  # noqa: S101 - a slot that runs has a request
        if isinstance(exc, Exception):
            self._end_badly(slot, request, exc)
            return
        reason = self.describe_loss(exc)
        self.worker.log.append(CHILD_LOST, None, self.worker.hostname, slot.number, slot.child, reason)
        self.fail_lost(slot, request, reason)
        self.replace_child(slot)
        self._release(slot)
        if isinstance(exc, KeyboardInterrupt):
            self.worker.world.interrupted(exc)  # the user pressed stop: their cell ends, the lab lives on

    def _end_badly(self, slot: Slot, request: Request, exc: Exception) -> None:
        """Fail a request whose callbacks raised where nothing catches: the child lives, the task has failed by it."""
        worker = self.worker
        self._fail(request, exc)
        worker.log.append(TASK_FAILED, request.id, worker.hostname, slot.number, repr(exc), 0.0)
        self._acknowledge_failure(request)
        logger.error("Task handler raised error: %r", exc, exc_info=exc)
        self._release(slot)

    def fail_lost(self, slot: Slot, request: Request, reason: str) -> None:
        """Store that the run of *request* was lost with its child, and settle its message."""
        worker, task = self.worker, request.task
        lost = WorkerLostError(reason)
        if task.acks_late and task.reject_on_worker_lost:
            request.reject(requeue=True)
        else:
            self._fail(request, lost)
            request.acknowledge()
        worker.log.append(TASK_FAILED, request.id, worker.hostname, slot.number, repr(lost), 0.0)
        logger.error("Task handler raised error: %r", lost)

    def replace_child(self, slot: Slot) -> None:
        """Put a new child into *slot*."""
        slot.child = self.worker.new_child()
        slot.generation += 1
        self.worker.log.append(CHILD_STARTED, None, self.worker.hostname, slot.number, slot.child)

    def describe_loss(self, exc: BaseException) -> str:
        """Return what Celery says about a child that ended like this."""
        if isinstance(exc, KeyboardInterrupt):
            return "Worker exited prematurely: KeyboardInterrupt."
        code = getattr(exc, "code", None)
        status = code if isinstance(code, int) else 0 if code is None else 1
        return f"Worker exited prematurely: exitcode {status}."

    def close(self) -> None:
        """Give up every body that still runs, as the end of the process does."""
        for slot in self.slots:
            body, slot.body, slot.request = slot.body, None, None
            if slot.timer is not None:
                self.worker.kernel.cancel(slot.timer)  # else the clock would run on to wake nobody
            if body is not None:
                body.close()
        self.waiting.clear()

