"""The prefork pool: every slot is a child process, and a body blocks nothing but its own child.

Only here can a body be warned and ended from outside, because only a process can be sent a signal at any time.
Celery: ``celery/concurrency/prefork.py`` and ``asynpool.py`` over billiard's ``pool.py``; the default pool.
"""

from __future__ import annotations

from signal import SIGKILL, SIGTERM, SIGUSR1, Signals
from typing import Any

from labq import signals
from labq.exceptions import LabError, SoftTimeLimitExceeded
from labq.i18n import text
from labq.log.record import CHILD_LOST, CHILD_STARTED, CHILD_STOPPED
from labq.loggers import get_logger
from labq.worker.pools.pool import Pool, Slot

logger = get_logger("multiprocessing")

EX_RECYCLE = 0x9B
"""The exit code of a child that has run as many tasks as it may."""
ORDINARY = frozenset({0, EX_RECYCLE})


def exit_by(signal: int) -> SystemExit:
    """Return what a child raises in its body when *signal* reaches it."""
    return SystemExit(signal - 256)


def status(signal: int) -> str:
    """Return how a process ended that *signal* has killed.

    >>> status(9)
    'signal 9 (SIGKILL)'
    """
    try:
        return f"signal {int(signal)} ({Signals(signal).name})"
    except ValueError:
        return f"signal {signal}"


class PreforkPool(Pool):
    """Children that work side by side; one that is lost is replaced."""

    name = "prefork"
    implementation = "celery.concurrency.prefork:TaskPool"
    counts_children = True
    scales = True

    @property
    def info(self) -> dict[str, Any]:
        """What Celery's statistics say about it."""
        options = self.worker.options
        return {
            **super().info,
            "processes": [slot.child for slot in self.slots],
            "max-tasks-per-child": options.max_tasks_per_child or "N/A",
            "put-guarded-by-semaphore": False,
            "timeouts": [options.soft_time_limit or 0, options.time_limit or 0],
            "writes": "N/A",
        }

    def begin(self) -> None:
        """Tell who listens of every child that begins to live."""
        for _ in self.slots:
            self._tell_of_birth(before=True)
        for _ in self.slots:
            self._tell_of_birth(before=False)

    def _tell_of_birth(self, *, before: bool) -> None:
        if before and signals.worker_before_create_process.receivers:
            signals.worker_before_create_process.send(sender=self)
        if not before and signals.worker_process_init.receivers:
            signals.worker_process_init.send(sender=self.worker.hostname)

    # -- limits of time ----------------------------------------------------------------------------------------
    def limit_time(self, slot: Slot, hard: float | None, soft: float | None) -> None:
        """Warn the body in *slot* after *soft* seconds, and end it after *hard*."""
        later = self.worker.kernel.call_later
        request, timers = slot.request, []
        if soft:
            timers.append(later(soft, self._warn, slot, request, soft))
        if hard:
            timers.append(later(max(hard, soft or 0), self._time_out, slot, request, hard))
        slot.limits = tuple(timers)

    def _warn(self, slot: Slot, request: Any, seconds: float) -> None:
        if slot.request is request and request is not None:
            self.worker.outcomes.warned(request, seconds)
            self.throw(slot, SoftTimeLimitExceeded())

    def _time_out(self, slot: Slot, request: Any, seconds: float) -> None:
        if slot.request is request and request is not None:
            self.worker.outcomes.timed_out(slot, request, seconds, prefork=True)
            self._end_child(slot, SIGKILL, "hard time limit", code=exit_by(SIGTERM))

    # -- signals from outside ----------------------------------------------------------------------------------
    def check_termination(self) -> None:
        """Do nothing: a child can always be ended."""

    def terminate_job(self, slot: Slot, signal: int) -> None:
        """Send *signal* to the child in *slot*: USR1 warns its body, every other one ends it."""
        if signal == SIGUSR1:
            self.throw(slot, SoftTimeLimitExceeded())
        else:
            code = None if signal == SIGKILL else exit_by(signal)
            self._end_child(slot, signal, f"terminated by {status(signal)}", code=code, said=False)

    def kill_child(self, number: int, signal: int) -> None:
        """Let the child in slot *number* be killed by *signal*, from outside: its worker did not want it.

        Raises:
            LabError: when there is no such slot.
        """
        slot = next((slot for slot in self.slots if slot.number == number), None)
        if slot is None:
            numbers = ", ".join(str(each.number) for each in self.slots)
            raise LabError(f"there is no slot {number}", text("The slots are {slots}.", slots=numbers))
        request, job = slot.request, self.jobs - 1
        if slot.body is None or request is None:
            self._end_child(slot, signal, f"Worker exited prematurely: {status(signal)}.")
            return
        reason = f"Worker exited prematurely: {status(signal)} Job: {job}."
        self.stop_body(slot)
        self._tell_of_death(slot, signal)
        self.worker.log.append(CHILD_LOST, None, self.worker.hostname, slot.number, slot.child, reason)
        self.worker.outcomes.lost(slot, request, reason)
        self._renew(slot)
        self._release(slot)

    def _end_child(
        self, slot: Slot, signal: int, reason: str, *, code: SystemExit | None = None, said: bool = True
    ) -> None:
        """Let the child in *slot* end and another one take its place.

        Arguments:
            signal: what ends it.
            reason: what the log says.
            code: what is raised in its body; None when there is no time for that.
            said: whether Celery's log tells of it.
        """
        was_busy, body = slot.request is not None, slot.body
        if body is not None and code is not None and slot.timer is not None:
            self.worker.kernel.cancel(slot.timer)
            slot.timer = None
            body.throw(code)  # what it asks for meanwhile is not given any more
        if body is not None:
            self.stop_body(slot)
        if said:
            self._tell_of_death(slot, signal)
        self.worker.log.append(CHILD_LOST, None, self.worker.hostname, slot.number, slot.child, reason)
        self._renew(slot, None if code is None else code.code)
        if was_busy and body is not None:
            self._release(slot)

    def _tell_of_death(self, slot: Slot, signal: int) -> None:
        logger.error("Process %r pid:%r exited with %r", f"ForkPoolWorker-{slot.process}", slot.child, status(signal))

    # -- children ----------------------------------------------------------------------------------------------
    def replace_child(self, slot: Slot, exit_code: int | None = None) -> None:
        """Put a new child into *slot*; the old one has ended with *exit_code*."""
        self._renew(slot, exit_code)

    def _renew(self, slot: Slot, exit_code: Any = None) -> None:
        """Let the old child say goodbye, if it can, and the new one come."""
        worker = self.worker
        if exit_code is not None:
            self._tell_of_end(slot, exit_code)
        if worker.stopping:  # who stops makes no new children
            slot.retired = True
            self.slots = [each for each in self.slots if each is not slot]
            return
        self._tell_of_birth(before=True)
        slot.child, slot.process = worker.new_child(), worker.processes
        slot.generation += 1
        slot.runs, slot.worn = 0, False
        worker.log.append(CHILD_STARTED, None, worker.hostname, slot.number, slot.child)
        self._tell_of_birth(before=False)

    def _tell_of_end(self, slot: Slot, exit_code: int) -> None:
        if signals.worker_process_shutdown.receivers:
            signals.worker_process_shutdown.send(sender=self.worker.hostname, pid=slot.child, exitcode=exit_code)

    def _release(self, slot: Slot) -> None:
        most = self.worker.options.max_tasks_per_child
        if slot.worn or (most is not None and slot.runs >= most):
            self._forget_run(slot)
            self._renew(slot, EX_RECYCLE)
        super()._release(slot)

    def end_children(self, exit_code: int = 0) -> None:
        """Let every child end with *exit_code*, when the worker stops."""
        if signals.worker_process_shutdown.receivers:
            for slot in self.slots:
                self._tell_of_end(slot, exit_code)

    # -- growing and shrinking ---------------------------------------------------------------------------------
    def grow(self, n: int = 1) -> None:
        """Make *n* more children."""
        worker = self.worker
        for _ in range(n):
            self._tell_of_birth(before=True)
            slot = self.add_slot()
            worker.log.append(CHILD_STARTED, None, worker.hostname, slot.number, slot.child)
            self._tell_of_birth(before=False)
        self._fill()

    def shrink(self, n: int = 1) -> None:
        """Let *n* children end that run nothing.

        Raises:
            ValueError: when there are not so many; those that there are have ended then.
        """
        for _ in range(n):
            if not self._free:
                msg = "Can't shrink pool. All processes busy!"
                raise ValueError(msg)
            slot = self._free.popleft()
            slot.retired = True
            self.slots.remove(slot)
            self._tell_of_end(slot, SIGTERM - 256)
            self.worker.log.append(CHILD_STOPPED, None, self.worker.hostname, slot.number, slot.child)

    def restart(self) -> None:
        """Put a new child into every slot: at once where nothing runs, else when that has ended."""
        for slot in self.slots:
            if slot.request is None:
                self._renew(slot, 0)
            else:
                slot.worn = True

    def describe_loss(self, exc: BaseException) -> str:
        """Return what Celery says about a child that ended like this."""
        if isinstance(exc, KeyboardInterrupt):
            return "Worker exited prematurely: KeyboardInterrupt."
        code = getattr(exc, "code", None)
        number = code if isinstance(code, int) else 0 if code is None else 1
        return f"Worker exited prematurely: exitcode {number}."
