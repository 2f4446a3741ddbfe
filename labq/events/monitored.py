"""A worker and a task, as they look to somebody who knows nothing but their events.

Comes in: the fields of events, in whatever order they arrive. Goes out: two things with attributes.
Next door: ``labq.events.state`` keeps them.
Celery: ``Worker`` and ``Task`` in ``celery/events/state.py``.
"""

from __future__ import annotations

import logging
from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

from labq import states
from labq.events.event import now

logger = logging.getLogger("celery.events.state")
warn = logger.warning

HEARTBEAT_EXPIRE_WINDOW = 200
"""After how much of its interval, in percent, a worker without a heartbeat counts as gone."""

HEARTBEAT_DRIFT_MAX = 16
"""By how many seconds the clocks of sender and receiver may differ before it is said."""

DRIFT_WARNING = (
    "Substantial drift from %s may mean clocks are out of sync.  Current drift is %s seconds.  [orig: %s recv: %s]"
)

TASK_EVENT_TO_STATE = {
    "sent": states.PENDING,
    "received": states.RECEIVED,
    "started": states.STARTED,
    "failed": states.FAILURE,
    "retried": states.RETRY,
    "succeeded": states.SUCCESS,
    "revoked": states.REVOKED,
    "rejected": states.REJECTED,
}
"""The state that a task is in after an event; an event not named here is a state of its own."""


def heartbeat_expires(timestamp: Any, freq: Any = 60, expire_window: float = HEARTBEAT_EXPIRE_WINDOW) -> float:
    """Return when a heartbeat at *timestamp* is out of date, of a heart that beats each *freq* seconds."""
    seconds = float(freq) if isinstance(freq, Decimal) else freq
    begin = float(timestamp) if isinstance(timestamp, Decimal) else timestamp
    return float(begin + seconds * (expire_window / 100))


class Worker:
    """A worker, known by its events.

    Arguments:
        hostname: its name.
        pid: the number of its process.
        freq: seconds from one heartbeat to the next.
        heartbeats: when the last ones came, in seconds since 1970.
        clock: its logical clock.
        active: how many tasks it runs.
        processed: how many it has started.
        loadavg: the load of its computer.
        sw_ident, sw_ver, sw_sys: what software it is.
    """

    heartbeat_max = 4
    """How many heartbeats are kept."""
    expire_window = HEARTBEAT_EXPIRE_WINDOW
    _fields = (
        "hostname", "pid", "freq", "heartbeats", "clock", "active", "processed", "loadavg", "sw_ident", "sw_ver",
        "sw_sys",
    )  # fmt: skip

    def __init__(
        self,
        hostname: str | None = None,
        pid: int | None = None,
        freq: Any = 60,
        heartbeats: list[float] | None = None,
        clock: int = 0,
        active: int | None = None,
        processed: int | None = None,
        loadavg: Any = None,
        sw_ident: str | None = None,
        sw_ver: str | None = None,
        sw_sys: str | None = None,
    ) -> None:
        self.hostname = hostname
        self.pid = pid
        self.freq = freq
        self.heartbeats = [] if heartbeats is None else heartbeats
        self.clock = clock or 0
        self.active = active
        self.processed = processed
        self.loadavg = loadavg
        self.sw_ident = sw_ident
        self.sw_ver = sw_ver
        self.sw_sys = sw_sys
        self._drifted = False

    def event(
        self,
        type_: str | None,
        timestamp: Any = None,
        local_received: Any = None,
        fields: Mapping[str, Any] | None = None,
        max_drift: float = HEARTBEAT_DRIFT_MAX,
    ) -> None:
        """Take in an event.

        Arguments:
            type_: what comes after ``worker-`` in its type.
            timestamp: when it was sent, in seconds since 1970.
            local_received: when it came.
            fields: what it says.
            max_drift: by how many seconds the two may differ.
        """
        self.update(fields or {})
        if type_ == "offline":
            self.heartbeats.clear()
        elif timestamp and local_received:
            drift = abs(int(local_received) - int(timestamp))
            if drift > max_drift and not self._drifted:
                self._drifted = True
                moments = (datetime.fromtimestamp(float(each)) for each in (local_received, timestamp))  # noqa: DTZ006
                warn(DRIFT_WARNING, self.hostname, drift, *moments)
            del self.heartbeats[: max(0, len(self.heartbeats) - self.heartbeat_max + 1)]
            insort(self.heartbeats, local_received)

    def update(self, f: Mapping[str, Any], **kw: Any) -> None:
        """Set attributes."""
        for name, value in {**f, **kw}.items():
            setattr(self, name, value)

    @property
    def heartbeat_expires(self) -> float:
        """When its last heartbeat is out of date, in seconds since 1970."""
        return heartbeat_expires(self.heartbeats[-1], self.freq, self.expire_window)

    @property
    def alive(self) -> bool:
        """Whether its last heartbeat is recent enough."""
        return bool(self.heartbeats and now() < self.heartbeat_expires)

    @property
    def status_string(self) -> str:
        """``ONLINE`` or ``OFFLINE``."""
        return "ONLINE" if self.alive else "OFFLINE"

    @property
    def id(self) -> str:
        """Its name with the number of its process."""
        return f"{self.hostname}.{self.pid}"

    def __eq__(self, other: object) -> bool:
        """Tell whether *other* is a worker of the same name."""
        return self.hostname == other.hostname if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.hostname)

    def __reduce__(self) -> Any:
        return type(self), tuple(getattr(self, name) for name in self._fields)

    def __repr__(self) -> str:
        """Return ``<Worker: w1@lab (ONLINE clock:7)``, without a second angle bracket, as in Celery."""
        return f"<Worker: {self.hostname} ({self.status_string} clock:{self.clock})"


class TaskSet:
    """A set of tasks in the order in which they came; it forgets those that nobody else keeps.

    Arguments:
        tasks: what is in it at first.
    """

    def __init__(self, tasks: Iterable[Task] = ()) -> None:
        self._tasks: WeakValueDictionary[Any, Task] = WeakValueDictionary()
        self.update(tasks)

    def add(self, task: Task) -> None:
        """Put *task* in."""
        self._tasks[task.uuid] = task

    def update(self, tasks: Iterable[Task]) -> None:
        """Put several tasks in."""
        for task in tasks:
            self.add(task)

    def discard(self, task: Task) -> None:
        """Take *task* out, if it is in."""
        self._tasks.pop(task.uuid, None)

    def __contains__(self, task: object) -> bool:
        return getattr(task, "uuid", None) in self._tasks

    def __iter__(self) -> Iterator[Task]:
        return iter(list(self._tasks.values()))

    def __len__(self) -> int:
        return len(self._tasks)


class Task:
    """A task, known by its events. Whatever a field of an event says becomes an attribute.

    Arguments:
        uuid: its id.
        cluster_state: the ``State`` that keeps it, where its relatives are found.
        children: the ids of the tasks it has sent.
        kwargs: any other attribute.
    """

    worker: Any = None
    name: Any = None
    root_id: Any = None
    parent_id: Any = None
    received = sent = started = succeeded = failed = retried = revoked = rejected = args = kwargs = eta = None
    expires = retries = result = exception = timestamp = runtime = traceback = exchange = routing_key = None
    client: Any = None
    state: str = states.PENDING
    clock = 0

    _fields = (
        "uuid", "name", "state", "received", "sent", "started", "rejected", "succeeded", "failed", "retried", "revoked",
        "args", "kwargs", "eta", "expires", "retries", "worker", "result", "exception", "timestamp", "runtime",
        "traceback", "exchange", "routing_key", "clock", "client", "root", "root_id", "parent", "parent_id", "children",
    )  # fmt: skip
    _info_fields = (
        "args", "kwargs", "retries", "result", "eta", "runtime", "expires", "exception", "exchange", "routing_key",
        "root_id", "parent_id",
    )  # fmt: skip
    merge_rules: Mapping[str, tuple[str, ...]] = {
        states.RECEIVED: ("name", "args", "kwargs", "parent_id", "root_id", "retries", "eta", "expires"),
    }
    """By the state that an event tells of: what is believed of it although the task has come further already."""

    def __init__(
        self, uuid: str | None = None, cluster_state: Any = None, children: Iterable[str] | None = None, **kwargs: Any
    ) -> None:
        self.uuid = uuid
        self.cluster_state = cluster_state
        known = {} if cluster_state is None else cluster_state.tasks
        self.children = TaskSet(known[task_id] for task_id in children or () if task_id in known)
        """The tasks that it has sent."""
        vars(self).update(kwargs)

    def event(
        self,
        type_: str,
        timestamp: float | None = None,
        local_received: float | None = None,
        fields: dict[str, Any] | None = None,
    ) -> None:
        """Take in an event: *type_* is what comes after ``task-`` in its type.

        Events may come in any order. One that tells of an earlier state than the task is in already adds only what
        ``merge_rules`` name; a retry begins a task's life anew.
        """
        del local_received
        said = fields or {}
        state = TASK_EVENT_TO_STATE.get(type_)
        if state is None:
            state = type_.upper()
        else:
            setattr(self, type_, timestamp)
        retried = states.RETRY in (state, self.state)
        if not retried and states.precedence(state) > states.precedence(self.state):  # a lower precedence counts more
            kept = self.merge_rules.get(state)
            said = said if kept is None else {name: value for name, value in said.items() if name in kept}
        else:
            said.update(state=state, timestamp=timestamp)
        vars(self).update(said)

    def info(self, fields: Iterable[str] | None = None, extra: Iterable[str] | None = None) -> dict[str, Any]:
        """Return those of its attributes that have a value: *fields*, or the usual ones, and *extra* ones."""
        names = (*(self._info_fields if fields is None else fields), *(extra or ()))
        values = {name: getattr(self, name, None) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    def as_dict(self) -> dict[str, Any]:
        """Return everything that is known of it, relatives by their ids."""
        written: dict[str, Callable[[], Any]] = {
            "children": lambda: [child.id for child in self.children],
            "root": lambda: self.root_id,
            "parent": lambda: self.parent_id,
        }
        return {name: written[name]() if name in written else getattr(self, name) for name in self._fields}

    @property
    def id(self) -> str | None:
        """Its id."""
        return self.uuid

    @property
    def origin(self) -> Any:
        """Who told of it last: a worker's id, or the client's name while no worker has."""
        return self.client if self.worker is None else self.worker.id

    @property
    def ready(self) -> bool:
        """Whether it has ended."""
        return self.state in states.READY_STATES

    @cached_property
    def parent(self) -> Any:
        """The task that sent it, as far as it is known."""
        return self._relative(self.parent_id)

    @cached_property
    def root(self) -> Any:
        """The first task of its family, as far as it is known."""
        return self._relative(self.root_id)

    def _relative(self, uuid: Any) -> Any:
        if not uuid:
            return None
        tasks = self.cluster_state.tasks
        return getattr(tasks, "data", tasks).get(uuid)

    def __eq__(self, other: object) -> bool:
        """Tell whether *other* is the task of the same id."""
        return self.uuid == other.uuid if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.uuid)

    def __reduce__(self) -> Any:
        return _task_from, (type(self), self.as_dict())

    def __repr__(self) -> str:
        """Return ``<Task: proj.add(id) SUCCESS clock:7>``."""
        return f"<Task: {self.name}({self.uuid}) {self.state} clock:{self.clock}>"


def _task_from(cls: type[Task], fields: Mapping[str, Any]) -> Task:
    return cls(**fields)
