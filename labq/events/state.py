"""The state of a cluster: its workers and tasks, put together from their events alone.

Comes in: events, one after the other. Goes out: who is alive, what has become of each task, in which order.
Next door: ``labq.events.receiver`` brings the events, ``labq.events.monitored`` has the workers and the tasks.
Celery: ``celery/events/state.py``.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeAlias
from weakref import ref

from labq import states
from labq.callables import LRUCache
from labq.events.monitored import (
    HEARTBEAT_DRIFT_MAX,
    HEARTBEAT_EXPIRE_WINDOW,
    TASK_EVENT_TO_STATE,
    Task,
    TaskSet,
    Worker,
    heartbeat_expires,
)
from labq.wire.clocks import timetuple

__all__ = (
    "HEARTBEAT_DRIFT_MAX", "HEARTBEAT_EXPIRE_WINDOW", "TASK_EVENT_TO_STATE", "State", "Task", "Worker",
    "heartbeat_expires",
)  # fmt: skip

SeenWorker: TypeAlias = Worker
SeenTask: TypeAlias = Task
"""The two by names that the attributes of ``State`` do not take."""
Found = tuple[tuple[Any, bool], str]
"""What an event was about (a worker or a task), whether it was new, and the rest of the event's type."""


class Index(defaultdict[str, TaskSet]):
    """Tasks by something they have in common; called like a function it yields them in the order of time.

    Arguments:
        search: what it does when it is called.
    """

    def __init__(self, search: Callable[..., Iterator[tuple[str, SeenTask]]]) -> None:
        super().__init__(TaskSet)
        self._search = search

    def __call__(self, *args: Any, **kwargs: Any) -> Iterator[tuple[str, SeenTask]]:
        return self._search(*args, **kwargs)


def _seen(mapping: Any, key: Any) -> Any:
    """Return what is kept under *key*, without that counting as a use."""
    return getattr(mapping, "data", mapping).get(key)


class State:
    """What is known of a cluster.

    Arguments:
        callback: called with the state and each event.
        workers, tasks: what is known already, by name and by id.
        taskheap: what is known of their order.
        max_workers_in_memory, max_tasks_in_memory: how many are kept.
        on_node_join: called with a worker that is seen for the first time, or has come back.
        on_node_leave: called with a worker that says that it goes.
        tasks_by_type, tasks_by_worker: ids of tasks by the task's name and by the worker's.
    """

    Worker = SeenWorker
    Task = SeenTask
    app: Any = None
    event_count = 0
    """How many events have come."""
    task_count = 0
    """How many tasks were received by workers."""
    heap_multiplier = 4
    """How many places in the order each task has, on average, before the oldest are forgotten."""

    def __init__(
        self,
        callback: Callable[[State, dict[str, Any]], Any] | None = None,
        workers: Any = None,
        tasks: Any = None,
        taskheap: list[Any] | None = None,
        max_workers_in_memory: int = 5000,
        max_tasks_in_memory: int = 10000,
        on_node_join: Callable[[SeenWorker], Any] | None = None,
        on_node_leave: Callable[[SeenWorker], Any] | None = None,
        tasks_by_type: Mapping[str, Iterable[str]] | None = None,
        tasks_by_worker: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.event_callback = callback
        self.workers: Any = LRUCache(max_workers_in_memory) if workers is None else workers
        self.tasks: Any = LRUCache(max_tasks_in_memory) if tasks is None else tasks
        self.max_workers_in_memory = max_workers_in_memory
        self.max_tasks_in_memory = max_tasks_in_memory
        self.on_node_join = on_node_join
        self.on_node_leave = on_node_leave
        self.handlers: dict[str, Callable[[str, dict[str, Any]], Any]] = {}
        """What takes events of other groups than ``worker`` and ``task``, or of these instead."""
        self._seen_types: set[str] = set()
        self._tasks_to_resolve = LRUCache(max_tasks_in_memory)
        self._taskheap: list[Any] = [] if taskheap is None else taskheap
        self.rebuild_taskheap()
        self.tasks_by_type = self._index(self._tasks_by_type, tasks_by_type)
        """Tasks by their name: ``state.tasks_by_type["proj.add"]``."""
        self.tasks_by_worker = self._index(self._tasks_by_worker, tasks_by_worker)
        """Tasks by the name of who told of them first."""

    def _index(
        self, search: Callable[..., Iterator[tuple[str, SeenTask]]], known: Mapping[str, Iterable[str]] | None
    ) -> Index:
        index = Index(search)
        for name, ids in (known or {}).items():
            index[name].update(self.tasks[task_id] for task_id in ids if task_id in self.tasks)
        return index

    # -- events ------------------------------------------------------------------------------------------------
    def event(self, event: dict[str, Any]) -> Any:
        """Take in an event.

        Returns: what it was about, as ``((worker or task, whether it is new), rest of the type)``; None for others.
        """
        self.event_count += 1
        if self.event_callback:
            self.event_callback(self, event)
        group, _, subject = event["type"].partition("-")
        handler = self.handlers.get(group)
        if handler is not None:
            return handler(subject, event), subject
        if group == "worker":
            return self._worker_event(subject, event)
        return self._task_event(subject, event) if group == "task" else None

    _event = event

    def task_event(self, type_: str, fields: Mapping[str, Any]) -> Any:
        """Take in an event of the group ``task``; ``event`` does it as well."""
        return self.event({**fields, "type": f"task-{type_}"})[0]

    def worker_event(self, type_: str, fields: Mapping[str, Any]) -> Any:
        """Take in an event of the group ``worker``; ``event`` does it as well."""
        return self.event({**fields, "type": f"worker-{type_}"})[0]

    def _worker_event(self, subject: str, event: dict[str, Any]) -> Found | None:
        if not {"hostname", "timestamp", "local_received"} <= event.keys():
            return None
        hostname, offline = event["hostname"], subject == "offline"
        worker = _seen(self.workers, hostname)
        created = worker is None and not offline
        if worker is None:
            worker = self.Worker(hostname)
            if created:
                self.workers[hostname] = worker
        worker.event(subject, event["timestamp"], event["local_received"], event)
        if self.on_node_join and (created or subject == "online"):
            self.on_node_join(worker)
        if self.on_node_leave and offline:
            self.on_node_leave(worker)
            self.workers.pop(hostname, None)
        return (worker, created), subject

    def _task_event(self, subject: str, event: dict[str, Any]) -> Found:
        uuid, hostname, timestamp, received, clock = (
            event[name] for name in ("uuid", "hostname", "timestamp", "local_received", "clock")
        )
        task = _seen(self.tasks, uuid)
        created = task is None
        if created:
            task = self.tasks[uuid] = self.Task(uuid, cluster_state=self)
        if subject == "sent":
            task.client = origin = hostname
        else:
            task.worker = worker = self._worker_of(hostname)
            if received:
                worker.event(None, received, timestamp)
            origin = worker.id
        self._order(timetuple(clock, timestamp, origin, ref(task)))
        if subject == "received":
            self.task_count += 1
        task.event(subject, timestamp, received, event)
        if task.name is not None:
            self._seen_types.add(task.name)
            if created:
                self.tasks_by_type[task.name].add(task)
                self.tasks_by_worker[hostname].add(task)
        self._relate(task)
        return (task, created), subject

    def _worker_of(self, hostname: str) -> SeenWorker:
        worker: SeenWorker | None = _seen(self.workers, hostname)
        if worker is None:
            worker = self.workers[hostname] = self.Worker(hostname)
        return worker

    def _order(self, when: timetuple) -> None:
        heap = self._taskheap
        if len(heap) + 1 > self.max_tasks_in_memory * self.heap_multiplier:
            heap.pop(0)
        if heap and when > heap[-1]:
            heap.append(when)
        else:
            insort(heap, when)

    def _relate(self, task: SeenTask) -> None:
        """Let *task* be its parent's child, and the parent of those that came before it."""
        if task.parent_id:
            if task.parent_id in self.tasks:
                self.tasks[task.parent_id].children.add(task)
            elif task.parent_id in self._tasks_to_resolve:
                self._tasks_to_resolve[task.parent_id].add(task)
            else:
                self._tasks_to_resolve[task.parent_id] = TaskSet([task])
        waiting = self._tasks_to_resolve.pop(task.uuid, None)
        if waiting is not None:
            task.children.update(waiting)

    # -- looking -----------------------------------------------------------------------------------------------
    def get_or_create_worker(self, hostname: str, **kwargs: Any) -> tuple[SeenWorker, bool]:
        """Return a worker, and whether it is new; *kwargs* are attributes to set."""
        if hostname in self.workers:
            worker = self.workers[hostname]
            worker.update(kwargs)
            return worker, False
        worker = self.workers[hostname] = self.Worker(hostname, **kwargs)
        return worker, True

    def get_or_create_task(self, uuid: str) -> tuple[SeenTask, bool]:
        """Return a task, and whether it is new."""
        if uuid in self.tasks:
            return self.tasks[uuid], False
        task = self.tasks[uuid] = self.Task(uuid, cluster_state=self)
        return task, True

    def itertasks(self, limit: int | None = None) -> Iterator[tuple[str, SeenTask]]:
        """Yield ids and tasks, at most *limit* of them."""
        return islice(self.tasks.items(), limit or None)

    def tasks_by_time(self, limit: int | None = None, reverse: bool = True) -> Iterator[tuple[str, SeenTask]]:
        """Yield ids and tasks in the order of what happened last to them, the latest first if *reverse*."""
        seen: set[Any] = set()
        for when in islice(reversed(self._taskheap) if reverse else iter(self._taskheap), limit):
            task = when[3]()
            if task is not None and task.uuid not in seen:
                seen.add(task.uuid)
                yield task.uuid, task

    tasks_by_timestamp = tasks_by_time

    def _tasks_by_type(
        self, name: str, limit: int | None = None, reverse: bool = True
    ) -> Iterator[tuple[str, SeenTask]]:
        found = (pair for pair in self.tasks_by_time(reverse=reverse) if pair[1].name == name)
        return islice(found, limit)

    def _tasks_by_worker(
        self, hostname: str, limit: int | None = None, reverse: bool = True
    ) -> Iterator[tuple[str, SeenTask]]:
        found = (
            pair
            for pair in self.tasks_by_time(reverse=reverse)
            if pair[1].worker is not None and pair[1].worker.hostname == hostname
        )
        return islice(found, limit)

    def task_types(self) -> list[str]:
        """Return the names of all tasks that were seen, sorted."""
        return sorted(self._seen_types)

    def alive_workers(self) -> Iterator[SeenWorker]:
        """Yield the workers whose last heartbeat is recent enough."""
        return (worker for worker in self.workers.values() if worker.alive)

    # -- forgetting --------------------------------------------------------------------------------------------
    def freeze_while(self, fun: Callable[..., Any], *args: Any, clear_after: bool = False, **kwargs: Any) -> Any:
        """Call *fun* while no event is taken in, and return what it returns; *clear_after* forgets everything then."""
        try:
            return fun(*args, **kwargs)
        finally:
            if clear_after:
                self.clear()

    def clear_tasks(self, ready: bool = True) -> None:
        """Forget the tasks that have ended; all of them when *ready* is False."""
        kept = {uuid: task for uuid, task in self.itertasks() if ready and task.state not in states.READY_STATES}
        self.tasks.clear()
        self.tasks.update(kept)
        self._taskheap.clear()

    def clear(self, ready: bool = True) -> None:
        """Forget the workers, the counts, and the tasks that have ended; all of them when *ready* is False."""
        self.workers.clear()
        self.clear_tasks(ready)
        self.event_count = self.task_count = 0

    def rebuild_taskheap(self) -> None:
        """Put the tasks that are known in the order in which they were last used; Celery does not sort them either."""
        self._taskheap[:] = [
            timetuple(task.clock, task.timestamp, task.origin, ref(task)) for task in self.tasks.values()
        ]

    def __reduce__(self) -> Any:
        by_type, by_worker = (
            {name: [task.id for task in tasks] for name, tasks in index.items()}
            for index in (self.tasks_by_type, self.tasks_by_worker)
        )
        return type(self), (
            self.event_callback, self.workers, self.tasks, None, self.max_workers_in_memory, self.max_tasks_in_memory,
            self.on_node_join, self.on_node_leave, by_type, by_worker,
        )  # fmt: skip

    def __repr__(self) -> str:
        """Return ``<State: events=12 tasks=3>``."""
        return f"<State: events={self.event_count} tasks={self.task_count}>"
