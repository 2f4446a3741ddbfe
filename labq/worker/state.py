"""What a worker knows of its tasks: which it holds, which run, which were revoked, how many there were.

Comes in: requests, at each turn of their lives. Goes out: the same, counted and listed, for remote control.
Each worker of the lab has a ``WorkerState`` of its own, in its world, so that a rewind restores it. In Celery a worker
is a process and these are globals; the names below stand for those of the worker that was started last in this lab.
Celery: ``celery/worker/state.py``.
"""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from labq import _state
from labq.exceptions import ImproperlyConfigured, WorkerShutdown, WorkerTerminate
from labq.local import Proxy
from labq.worker.limited_set import LimitedSet
from labq.worker.persistent import Persistent

__all__ = (
    "SOFTWARE_INFO", "Persistent", "active_requests", "maybe_shutdown", "merge_revoked", "requests",
    "reserved_requests", "revoked", "revoked_stamps", "scheduled_requests", "successful_requests", "task_accepted",
    "task_ready", "task_reserved", "task_scheduled", "total_count",
)  # fmt: skip


def _number(name: str, default: float, kind: Callable[[str], Any]) -> Any:
    """Return the environment's *name* as a number, or *default*."""
    said = os.environ.get(name)
    if said is None:
        return kind(str(default))
    try:
        return kind(said)
    except ValueError as exc:
        msg = f"Invalid value for {name}: expected {kind.__name__}, got {said!r}"
        raise ImproperlyConfigured(msg) from exc


SOFTWARE_INFO = {"sw_ident": "py-celery", "sw_ver": "5.7.0", "sw_sys": platform.system()}
"""What a worker says about itself in events: what it mirrors, for those who read them."""

REVOKES_MAX: int = _number("CELERY_WORKER_REVOKES_MAX", 50000, int)
"""How many ids of revoked tasks a worker remembers."""
SUCCESSFUL_MAX: int = _number("CELERY_WORKER_SUCCESSFUL_MAX", 1000, int)
"""How many ids of successful tasks a worker remembers."""
REVOKE_EXPIRES: float = _number("CELERY_WORKER_REVOKE_EXPIRES", 10800, float)
"""How many seconds it remembers the former, when there are too many."""
SUCCESSFUL_EXPIRES: float = _number("CELERY_WORKER_SUCCESSFUL_EXPIRES", 10800, float)
"""The same for the latter."""


class RequestSet(dict[Any, None]):
    """A set of requests that keeps the order in which they came.

    It is a dictionary because a worker puts each request in and takes it out again: that must cost next to nothing.
    """

    __slots__ = ()

    def add(self, request: Any) -> None:
        """Put *request* in."""
        self[request] = None

    def discard(self, request: Any) -> None:
        """Take *request* out, if it is in."""
        self.pop(request, None)


class WorkerState:
    """What one worker knows of its tasks.

    Arguments:
        clock: tells the present in virtual seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.requests: dict[str, Any] = {}
        """Every request the worker holds, by its task's id."""
        self.reserved_requests = RequestSet()
        """Those that wait for the pool or run in it."""
        self.active_requests = RequestSet()
        """Those that run."""
        self.scheduled_requests = RequestSet()
        """Those that wait for their moment."""
        self.successful_requests = LimitedSet(SUCCESSFUL_MAX, SUCCESSFUL_EXPIRES, clock=clock)
        """Ids of the last tasks that succeeded."""
        self.total_count: Counter[str] = Counter()
        """How many tasks were started, by name."""
        self.revoked = LimitedSet(REVOKES_MAX, REVOKE_EXPIRES, clock=clock)
        """Ids of tasks that must not run."""
        self.revoked_stamps: dict[str, Any] = {}
        """Stamps by which tasks must not run: header, values."""

    @property
    def all_total_count(self) -> list[int]:
        """How many tasks were started, in a list of one as Celery has it."""
        return [self.total_count.total()]

    def task_reserved(self, request: Any) -> None:
        """Note that *request* was taken on and goes to the pool."""
        self.requests[request.id] = request
        self.reserved_requests[request] = None
        self.scheduled_requests.pop(request, None)

    def task_scheduled(self, request: Any) -> None:
        """Note that *request* waits for its moment."""
        if request not in self.reserved_requests and request not in self.active_requests:
            self.requests[request.id] = request
            self.scheduled_requests[request] = None

    def task_accepted(self, request: Any) -> None:
        """Note that *request* runs."""
        self.requests[request.id] = request
        self.active_requests[request] = None
        self.total_count[request.name] += 1

    def task_ready(self, request: Any, successful: bool = False) -> None:
        """Note that the worker is done with *request*."""
        if successful:
            self.successful_requests.add(request.id)
        self.requests.pop(request.id, None)
        for held in (self.active_requests, self.reserved_requests, self.scheduled_requests):
            held.pop(request, None)

    def merge_revoked(self, task_ids: Iterable[str] | None) -> None:
        """Take in ids that were revoked elsewhere, or before the worker was started anew; their time begins now."""
        if task_ids:
            self.revoked.update(list(task_ids))

    def reset_state(self) -> None:
        """Forget everything."""
        for part in (
            self.requests, self.reserved_requests, self.active_requests, self.scheduled_requests,
            self.successful_requests, self.total_count, self.revoked, self.revoked_stamps,
        ):  # fmt: skip
            part.clear()


# -- Celery's globals ----------------------------------------------------------------------------------------------


def current() -> WorkerState:
    """Return the state of the worker that was started last in the current lab; an empty one when there is none."""
    state: WorkerState = _state.get_current_lab().worker_state
    return state


def _part(name: str) -> Any:
    return Proxy(lambda: getattr(current(), name))


requests = _part("requests")
reserved_requests = _part("reserved_requests")
active_requests = _part("active_requests")
scheduled_requests = _part("scheduled_requests")
successful_requests = _part("successful_requests")
total_count = _part("total_count")
all_total_count = _part("all_total_count")
revoked = _part("revoked")
revoked_stamps = _part("revoked_stamps")


def task_reserved(request: Any) -> None:
    """See ``WorkerState.task_reserved``."""
    current().task_reserved(request)


def task_scheduled(request: Any) -> None:
    """See ``WorkerState.task_scheduled``."""
    current().task_scheduled(request)


def task_accepted(request: Any) -> None:
    """See ``WorkerState.task_accepted``."""
    current().task_accepted(request)


def task_ready(request: Any, successful: bool = False) -> None:
    """See ``WorkerState.task_ready``."""
    current().task_ready(request, successful)


def merge_revoked(task_ids: Iterable[str] | None) -> None:
    """See ``WorkerState.merge_revoked``."""
    current().merge_revoked(task_ids)


def reset_state() -> None:
    """Forget everything that the worker started last knows."""
    current().reset_state()


should_stop: Any = None
"""An exit code, when somebody asked real Celery's worker to stop warmly; here only ``maybe_shutdown`` looks at it."""
should_terminate: Any = None
"""The same for a cold stop."""


def maybe_shutdown() -> None:
    """Raise what ends a worker, when one of the two flags above is set.

    Raises:
        WorkerTerminate: for ``should_terminate``.
        WorkerShutdown: for ``should_stop``.
    """
    if should_terminate is not None and should_terminate is not False:
        raise WorkerTerminate(should_terminate)
    if should_stop is not None and should_stop is not False:
        raise WorkerShutdown(should_stop)
