"""Revoking: tasks that must not run, and running tasks that are ended.

Comes in: ids, stamps, and each request before it runs. Goes out: requests that are discarded, bodies that are ended.
A worker keeps in mind what was revoked, whether the task has reached it or not. It forgets that with its end, unless it
has a state file.
Celery: ``Request.revoked`` in ``celery/worker/request.py``, ``revoke`` in ``celery/worker/control.py``; its user guide,
"Workers: Commands: revoke".
"""

from __future__ import annotations

import logging
import signal as os_signals
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from labq import signals
from labq.exceptions import LabError, Retry
from labq.i18n import text
from labq.log.record import TASK_EXPIRED, TASK_REVOKED
from labq.states import PENDING, READY_STATES, RECEIVED, REJECTED, RETRY

if TYPE_CHECKING:
    from labq.worker.request import Request
    from labq.worker.worker import Worker

logger = logging.getLogger("celery.worker.request")
commands = logging.getLogger("celery.worker.control")

NOT_BEGUN = frozenset({PENDING, RECEIVED, RETRY, REJECTED})
"""States of tasks that no worker runs."""
CANCELLED = "cancelled by Celery"
TERM = "SIGTERM"


def signum(said: Any) -> int:
    """Return a signal, which is a number: ``"KILL"`` and ``"SIGKILL"`` are the same; a number is left as it is.

    Raises:
        LabError: when there is no such signal.
    """
    if isinstance(said, int):
        return said
    name = str(said).upper()
    name = name if name.startswith("SIG") else f"SIG{name}"
    number = getattr(os_signals, name, None)
    if not isinstance(number, os_signals.Signals):
        raise LabError(f"there is no signal {said!r}", text("Signals are called TERM, KILL, QUIT, INT and so on."))
    return number


def listed(value: Any) -> list[Any]:
    """Return *value* as a list: one thing is a list of one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


class Revocations:
    """What one worker knows to be revoked, and what it does about it.

    Arguments:
        worker: the worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    # -- before a run ------------------------------------------------------------------------------------------
    def concerns(self, request: Request) -> bool:
        """Tell quickly whether *request* needs a closer look: it expires, or anything was revoked at all."""
        state = self._worker.state
        return request.message.expires is not None or bool(state.revoked) or bool(state.revoked_stamps)

    def revoked(self, request: Request) -> bool:
        """Tell whether *request* must not run, and discard it then.

        Asked on arrival, and once more before it runs: a task may be revoked or expire while it waits.
        """
        if request.already_revoked:
            return True
        state, worker = self._worker.state, self._worker
        expires = request.message.expires
        expired = expires is not None and worker.kernel.clock.now > expires
        if expired:
            state.revoked.add(request.id)
        by_id = request.id in state.revoked
        stamp = None if by_id else self._revoked_stamp(request)
        if not by_id and stamp is None:
            return False
        because = "" if stamp is None else f" (revoked by header: {stamp})"
        logger.info("Discarding revoked task: %s[%s]%s", request.name, request.id, because)
        if expired and expires is not None:
            worker.log.append(TASK_EXPIRED, request.id, worker.hostname, request.serial, expires.isoformat())
        else:
            reason = "revoked" if stamp is None else f"revoked by header: {stamp}"
            worker.log.append(TASK_REVOKED, request.id, worker.hostname, request.serial, reason)
        self._announce(request, "expired" if expired else "revoked", terminated=False, signal=None, expired=expired)
        return True

    def _revoked_stamp(self, request: Request) -> dict[str, Any] | None:
        revoked = self._worker.state.revoked_stamps
        if not revoked or not request.stamped_headers:
            return None
        for header, stamps in request.stamps.items():
            if stamps is None or header not in revoked:
                continue
            values = listed(revoked[header])
            for value in stamps if isinstance(stamps, list | tuple) else [stamps]:
                if value in values:
                    return {header: value}
        return None

    def _announce(self, request: Request, reason: str, *, terminated: bool, signal: Any, expired: bool) -> None:
        """Store that the task is revoked, settle its message, and tell who listens."""
        worker, task = self._worker, request.task
        worker.state.task_ready(request)
        request.send_event("task-revoked", terminated=terminated, signum=signal, expired=expired)
        task.backend.mark_as_revoked(request.id, reason, request=request.told, store_result=request.store_errors)
        request.acknowledge()
        request.already_revoked = True
        if signals.task_revoked.receivers:
            signals.task_revoked.send(
                sender=task, request=request.told, terminated=terminated, signum=signal, expired=expired
            )

    # -- by command --------------------------------------------------------------------------------------------
    def revoke(self, ids: Iterable[str] | str, terminate: bool = False, signal: Any = None) -> tuple[str, ...]:
        """Keep in mind that these tasks must not run; with *terminate* end those that do, with *signal*.

        Returns: the ids of the tasks that were told to end.
        """
        worker, state = self._worker, self._worker.state
        ids = tuple(dict.fromkeys(listed(ids)))
        number = signum(signal or TERM)
        state.revoked.update(ids)
        for task_id in ids:
            self._store_revoked(task_id)
        if not terminate:
            commands.info("Tasks flagged as revoked: %s", ", ".join(ids))
            return ()
        held = [state.requests[task_id] for task_id in ids if task_id in state.requests]
        for request in held:
            commands.info("Terminating %s (%s)", request.id, number)
            self.terminate(request, number)
        del worker
        return tuple(request.id for request in held)

    def _store_revoked(self, task_id: str) -> None:
        """Store that a task is revoked which no worker runs and which has not ended."""
        worker = self._worker
        request = worker.state.requests.get(task_id)
        if request is not None and request in worker.state.active_requests:
            return
        backend = worker.app.backend if request is None else request.task.backend
        try:
            known = backend.get_state(task_id)
            if known not in READY_STATES and known in NOT_BEGUN:
                backend.mark_as_revoked(task_id, reason="revoked", store_result=True)
        except Exception as exc:  # noqa: BLE001 - revoking works without a backend, too
            commands.warning("Failed to mark task %s as revoked in backend: %s", task_id, exc)

    def revoke_by_stamps(
        self, headers: Mapping[str, Any], terminate: bool = False, signal: Any = None
    ) -> dict[str, list[Any]]:
        """Keep in mind that tasks with these stamps must not run; with *terminate* end those that do.

        Returns: the stamps by which running tasks were ended.
        """
        state = self._worker.state
        number = signum(signal or TERM)
        for header, stamps in headers.items():
            state.revoked_stamps[header] = listed(state.revoked_stamps.get(header)) + listed(stamps)
        ended: dict[str, list[Any]] = {}
        if not terminate:
            return ended
        for request in tuple(state.active_requests):
            for header, stamps in headers.items():
                matching = [value for value in listed(request.stamps.get(header)) if value in listed(stamps)]
                if matching:
                    known = ended.setdefault(header, [])
                    known += [value for value in matching if value not in known]
                    self.terminate(request, number)
        return ended

    # -- ending a run ------------------------------------------------------------------------------------------
    def terminate(self, request: Request, signal: Any = None) -> None:
        """End the run of *request*, now or as soon as it begins, and revoke it."""
        number = signum(signal or TERM)
        worker = self._worker
        if request.started_us is None:
            request.terminate_signal = number
        elif not request.already_revoked:
            reason = f"terminated by signal {number}"
            slot = worker.pool.running(request)
            if slot is None:
                return
            worker.pool.check_termination()
            worker.log.append(TASK_REVOKED, request.id, worker.hostname, request.serial, reason)
            self._announce(request, "terminated", terminated=True, signal=number, expired=False)
            worker.pool.terminate_job(slot, number)

    def cancel(self, request: Request, signal: Any = None, *, emit_retry: bool = True) -> None:
        """End the run of *request* without revoking it: at a cold shutdown, say."""
        number = signum(signal or TERM)
        worker, task = self._worker, request.task
        slot = worker.pool.running(request)
        if slot is None:
            return
        worker.state.task_ready(request)
        request.send_event("task-cancelled")
        if emit_retry:
            told = Retry(CANCELLED)
            task.backend.store_result(request.id, told, RETRY, request=request.told)
            task.on_retry(told, request.id, request.args, request.kwargs, None)
        request.already_cancelled = True
        if emit_retry and signals.task_retry.receivers:
            signals.task_retry.send(sender=task, request=request.told, einfo=None)
        worker.pool.terminate_job(slot, number)
