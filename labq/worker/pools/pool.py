"""A pool: slots that run bodies, and requests that wait for a free one.

Comes in: reserved requests. Goes out: runs, one for each free slot; after each the acknowledgement that is still due.
What a body asks while it runs is answered here: sleeping passes virtual time, a result is stored in a step of its own.
Next door: ``labq.worker.outcomes`` deals with runs that end badly; each kind of pool has a module of its own.
Celery: ``celery/concurrency/base.py``.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from labq.app.trace import Ended
from labq.exceptions import LabError
from labq.i18n import text
from labq.kernel.asks import Compute, Poll, Sleep
from labq.kernel.body import Moment, Raised, Returned, Running
from labq.kernel.clock import MICROSECONDS
from labq.kernel.kernel import Timer
from labq.log.record import (
    BODY_COMPUTED,
    BODY_SLEPT,
    CHILD_LOST,
    TASK_STARTED,
    TASK_SUCCEEDED,
)
from labq.states import SUCCESS
from labq.worker.request import Request

if TYPE_CHECKING:
    from labq.worker.worker import Worker


class Slot:
    """One place where a body can run: a child process, in a prefork pool.

    Arguments:
        number: its place in the pool, from 1.
        child: the number of the process in it.
        process: how many children the worker had by then, with this one.
    """

    __slots__ = (
        "body", "child", "generation", "limits", "number", "poll", "process", "request", "retired", "runs", "thrown",
        "timer", "worn",
    )  # fmt: skip

    def __init__(self, number: int, child: int, process: int) -> None:
        self.number = number
        self.child = child
        self.process = process
        self.generation = 1
        self.retired = False
        """Whether the pool has shrunk since and the slot is its no more."""
        self.runs = 0
        """How many bodies have ended in this child."""
        self.worn = False
        """Whether the child is to be replaced when its body has ended."""
        self.request: Request | None = None
        self.body: Running | None = None
        self.poll: Poll | None = None
        """What the body looks for from time to time, while it waits for nothing else."""
        self.timer: Timer | None = None
        """What wakes the body; None while something else will go on with it."""
        self.limits: tuple[Timer, ...] = ()
        """What will end the body when its time is over."""
        self.thrown: BaseException | None = None
        """What is to be raised in the body as soon as it can be."""


class Pool:
    """Runs requests in slots.

    Arguments:
        worker: the worker whose pool this is.
        concurrency: how many slots there are.
    """

    name = "pool"
    implementation = "celery.concurrency.base:BasePool"
    """What Celery's statistics call it."""
    shares_thread = False
    """Whether a body can run in the worker's own thread, so that the worker stands still meanwhile."""
    fixed_size: int | None = None
    """How many slots there are, whatever was asked for; None is as many as were asked for."""
    counts_children = False
    """Whether a slot's child is worn out by the tasks it runs."""
    scales = False
    """Whether there can be more or fewer slots while it works."""

    def __init__(self, worker: Worker, concurrency: int) -> None:
        self.worker = worker
        self.slots: list[Slot] = []
        self.waiting: deque[Request] = deque()
        """Reserved requests for which no slot is free yet."""
        self.limit = concurrency
        self._free: deque[Slot] = deque()
        self.jobs = 0
        """How many runs were begun."""
        for _ in range(concurrency):
            self.add_slot()

    def add_slot(self) -> Slot:
        """Make one more slot, with the next number."""
        number = max((slot.number for slot in self.slots), default=0) + 1
        slot = Slot(number, self.worker.new_child(), self.worker.processes)
        self.slots.append(slot)
        self._free.append(slot)
        return slot

    # -- what it is --------------------------------------------------------------------------------------------
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

    @property
    def num_processes(self) -> int:
        """How many slots there are."""
        return len(self.slots)

    @property
    def info(self) -> dict[str, Any]:
        """What Celery's statistics say about it."""
        return {"implementation": self.implementation, "max-concurrency": self.limit}

    def running(self, request: Request) -> Slot | None:
        """Return the slot in which *request* runs; None when it does not."""
        return next((slot for slot in self.slots if slot.request is request and slot.body is not None), None)

    # -- starting ----------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """Be told that the worker starts, before it consumes."""

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
        state = worker.state
        if (
            request.message.expires is not None or state.revoked or state.revoked_stamps
        ) and worker.revocations.revoked(request):
            self._release(slot)
            return
        task, context, child = request.task, request.context, slot.child
        request.started_us, request.worker_pid = worker.kernel.clock.us, child
        state.active_requests[request] = None
        state.total_count[context.shadow or request.message.name] += 1
        if not task.acks_late:
            request.acknowledge()
        worker.log.append(TASK_STARTED, request.id, worker.hostname, slot.number, request.serial, context.retries)
        if worker.events is not None:
            request.send_event("task-started")
        self.jobs += 1
        if context.timelimit not in NO_LIMITS or task.time_limit or task.soft_time_limit or worker.has_time_limits:
            self.limit_time(slot, *worker.limits_of(request))
        tracing, trace = worker.tracing, worker.trace
        body = slot.body = worker.world.body(request.id, lambda: trace(task, context, tracing, child))
        self._go_on(slot, body.start())
        if request.terminate_signal is not None and slot.body is body:
            request.terminate(self, request.terminate_signal)

    # -- while it runs -----------------------------------------------------------------------------------------
    def _go_on(self, slot: Slot, moment: Moment) -> None:
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
            self._compute(slot, moment.seconds)
        elif type(moment) is Poll:
            slot.poll = moment
            slot.timer = self.worker.kernel.call_later(
                moment.seconds, self._wake, slot, slot.body, background=moment.endless
            )
        else:
            slot.timer = None
            self.worker.kernel.call_soon(self._serve, slot, slot.body, moment)

    def _note(self, slot: Slot, kind: Any, seconds: float) -> None:
        assert slot.request is not None  # noqa: S101 - a slot that runs has a request
        self.worker.log.append(kind, slot.request.id, self.worker.hostname, slot.number, seconds)

    def _compute(self, slot: Slot, seconds: float) -> None:
        """Let the body have a processor for so long."""
        slot.timer = self.worker.kernel.call_later(seconds, self._wake, slot, slot.body)

    def _wake(self, slot: Slot, body: Running) -> None:
        if slot.body is body:  # else the child is gone and somebody else has the slot
            slot.poll = None
            self._go_on(slot, body.answer())

    def _serve(self, slot: Slot, body: Running, wish: Any) -> None:
        """Do what the body wants of the lab (a result to be stored), and let it go on."""
        if slot.body is body:
            done = wish.apply(self.worker.world)
            if slot.thrown is not None:
                thrown, slot.thrown = slot.thrown, None
                self._go_on(slot, body.throw(thrown))
            else:
                self._go_on(slot, body.answer(done))

    def throw(self, slot: Slot, exc: BaseException) -> None:
        """Raise *exc* in the body that runs in *slot*."""
        body = slot.body
        if body is None:
            return
        if slot.timer is None:  # it waits for the lab, which is at it already
            slot.thrown = exc
            return
        self.worker.kernel.cancel(slot.timer)
        slot.poll = None
        self._go_on(slot, body.throw(exc))

    # -- limits of time ----------------------------------------------------------------------------------------
    def limit_time(self, slot: Slot, hard: float | None, soft: float | None) -> None:
        """End the body that begins in *slot* after so many seconds; most pools cannot."""

    # -- the end -----------------------------------------------------------------------------------------------
    def _end(self, slot: Slot, ended: Ended) -> None:
        request, worker = slot.request, self.worker
        assert request is not None  # noqa: S101 - a slot that runs has a request
        if ended.state == SUCCESS:
            worker.log.append(TASK_SUCCEEDED, request.id, worker.hostname, slot.number, ended.text, ended.runtime)
            if not request.acknowledged:
                request.acknowledge()
            done = worker.state.successful_requests
            done[request.id] = worker.kernel.clock.us / MICROSECONDS
            if len(done) > done.maxlen + SLACK:
                done.purge()
            if worker.events is not None:
                request.send_event("task-succeeded", result=ended.text, runtime=ended.runtime)
        else:
            worker.outcomes.ended(slot, request, ended)
        slot.runs += 1
        self._release(slot)

    def _lose(self, slot: Slot, exc: BaseException) -> None:
        """Deal with what ends a whole process: the request fails as WorkerLostError, a new child takes the slot."""
        request = slot.request
        assert request is not None  # noqa: S101 - a slot that runs has a request
        if isinstance(exc, Exception):
            self.worker.outcomes.ended_badly(slot, request, exc)
            self._release(slot)
            return
        reason = self.describe_loss(exc)
        self.worker.log.append(CHILD_LOST, None, self.worker.hostname, slot.number, slot.child, reason)
        self.worker.outcomes.lost(slot, request, reason)
        self.replace_child(slot, self.exit_code(exc))
        self._release(slot)
        if isinstance(exc, KeyboardInterrupt):
            self.worker.world.interrupted(exc)  # the user pressed stop: their cell ends, the lab lives on

    def _release(self, slot: Slot) -> None:
        self._forget_run(slot)
        if not slot.retired:
            self._free.append(slot)
        if self.waiting:
            self._fill()
        self.worker.on_slot_free()

    def _forget_run(self, slot: Slot) -> None:
        """Let *slot* be as if nothing had run in it."""
        request, state = slot.request, self.worker.state
        if request is not None:
            state.requests.pop(request.id, None)
            state.reserved_requests.pop(request, None)
            state.active_requests.pop(request, None)
        if slot.limits:
            for timer in slot.limits:
                self.worker.kernel.cancel(timer)
            slot.limits = ()
        slot.request = slot.body = slot.poll = slot.timer = slot.thrown = None

    # -- children ----------------------------------------------------------------------------------------------
    def replace_child(self, slot: Slot, exit_code: int | None = None) -> None:
        """Put a new child into *slot*, where slots have children; the old one ended with *exit_code*."""

    def check_termination(self) -> None:
        """Raise what a pool answers that cannot end a run.

        Raises:
            NotImplementedError: when this one cannot.
        """
        msg = f"{type(self)} does not implement kill_job"
        raise NotImplementedError(msg)

    def terminate_job(self, slot: Slot, signal: int) -> None:
        """End what runs in *slot*, as *signal* does it to a process."""
        del slot, signal
        self.check_termination()

    def stop_body(self, slot: Slot) -> None:
        """Unwind the body that runs in *slot*, if one does."""
        body, timer = slot.body, slot.timer
        slot.body = None
        if timer is not None:
            self.worker.kernel.cancel(timer)  # else the clock would run on to wake nobody
        if body is not None:
            body.close()

    def kill_child(self, number: int, signal: int) -> None:
        """Let the child in slot *number* be killed from outside.

        Raises:
            LabError: when there are no children.
        """
        del number, signal
        raise LabError(f"a {self.name} pool has no children", text("Only a prefork pool has some."))

    def grow(self, n: int = 1) -> None:
        """Make *n* more slots."""
        del n
        msg = f"{type(self).__name__!r} object has no attribute 'grow'"
        raise AttributeError(msg)

    def shrink(self, n: int = 1) -> None:
        """Take *n* slots away."""
        del n
        msg = f"{type(self).__name__!r} object has no attribute 'shrink'"
        raise AttributeError(msg)

    def restart(self) -> None:
        """Put new children into all slots.

        Raises:
            NotImplementedError: when there are no children.
        """
        msg = f"{type(self)} does not implement restart"
        raise NotImplementedError(msg)

    def describe_loss(self, exc: BaseException) -> str:
        """Return what Celery says about a body that ended like this: without a child it names the exception."""
        return repr(exc)

    def exit_code(self, exc: BaseException) -> int:
        """Return the code with which a child ends that raised *exc*."""
        code = getattr(exc, "code", None)
        return code if isinstance(code, int) else 0 if code is None and isinstance(exc, SystemExit) else 1

    def end_children(self, exit_code: int = 0) -> None:
        """Let every child end with *exit_code*, when the worker stops."""

    def close(self) -> None:
        """Give up every body that still runs, as the end of the process does."""
        for slot in self.slots:
            body, slot.body, slot.request = slot.body, None, None
            if slot.timer is not None:
                self.worker.kernel.cancel(slot.timer)
            for timer in slot.limits:
                self.worker.kernel.cancel(timer)
            slot.limits = ()
            if body is not None:
                body.close()
        self.waiting.clear()


SLACK = 100
"""By how many a set may be too full before somebody looks after it: looking costs more than remembering."""
NO_LIMITS: tuple[Any, ...] = (None, [None, None], (None, None))
"""How a message says that it brings no limits."""
