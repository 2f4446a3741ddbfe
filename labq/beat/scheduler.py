"""The scheduler: a heap of entries by the moment at which each is due next, and the tick that sends what is on top.

Comes in: ``tick()``, again and again. Goes out: calls of tasks, and how many seconds to sleep.
Next door: ``entry`` is a line of the schedule, ``service`` calls the tick, ``persistent`` is the kind that remembers.
Celery: ``Scheduler`` in ``celery/beat.py``. Names with an underscore are Celery's where schedulers of others use them.
"""

from __future__ import annotations

import copy
import heapq
import logging
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from numbers import Real
from typing import Any, NamedTuple

from labq.beat.entry import BeatLazyFunc, ScheduleEntry
from labq.calendar import humanize_seconds, maybe_make_aware, timezone
from labq.schedules import crontab

logger = logging.getLogger("celery.beat")

DEFAULT_MAX_INTERVAL = 300
"""Seconds after which the schedule is looked at again, even if nothing is due."""

EARLY = 0.010
"""Seconds by which a real beat wakes up before something is due: sleeping is never exact there."""

PRIORITY = 5
"""Every entry's; it stands between time and entry in the heap."""

CLEANUP = "celery.backend_cleanup"
"""The task that throws expired results away; beat sends it at four in the morning where the store does not do so."""


class SchedulingError(Exception):
    """A task that was due could not be sent."""


class event_t(NamedTuple):  # noqa: N801 - Celery's name
    """A line of the heap: the moment (seconds since 1970), a priority, the entry."""

    time: float
    priority: int
    entry: Any


class Scheduler:
    """Sends what is due, and says how long to sleep.

    Arguments:
        app: whose tasks it sends, and whose settings it follows.
        schedule: the entries by name.
        max_interval: the most seconds to sleep; ``beat_max_loop_interval`` by default, else five minutes.
        Producer: what makes a producer for ``producer``.
        lazy: whether to leave the schedule empty, for who only wants to know what kind of scheduler it is.
        sync_every_tasks: after how many tasks to write down what was sent; ``beat_sync_every`` by default.
    """

    Entry: Any = ScheduleEntry
    max_interval: float = DEFAULT_MAX_INTERVAL
    sync_every = 3 * 60
    """Seconds after which to write down what was sent."""
    sync_every_tasks: int | None = None
    logger = logger
    on_sent: Callable[[Any, Any], object] | None = None
    """Called with an entry and the result of its call, which is None when it could not be sent."""
    _last_sync: float | None = None
    _tasks_since_sync = 0

    def __init__(
        self,
        app: Any,
        schedule: Any = None,
        max_interval: float | None = None,
        Producer: Any = None,  # noqa: N803 - Celery's name
        lazy: bool = False,
        sync_every_tasks: int | None = None,
        **_: Any,
    ) -> None:
        self.app = app
        self.data: Any = {} if schedule is None else schedule
        self.max_interval = max_interval or app.conf.beat_max_loop_interval or self.max_interval
        if Producer is not None:
            self.Producer = Producer
        self._heap: list[Any] | None = None
        self.old_schedulers: Any = None
        self.sync_every_tasks = app.conf.beat_sync_every if sync_every_tasks is None else sync_every_tasks
        if not lazy:
            self.setup_schedule()

    # -- the schedule --------------------------------------------------------------------------------------------------
    def get_schedule(self) -> Any:
        """Return the entries by name; for overriding, as ``set_schedule``."""
        return self.data

    def set_schedule(self, schedule: Any) -> None:
        """Put other entries in their place."""
        self.data = schedule

    @property
    def schedule(self) -> Any:
        """The entries by name."""
        return self.get_schedule()

    @schedule.setter
    def schedule(self, schedule: Any) -> None:
        self.set_schedule(schedule)

    def setup_schedule(self) -> None:
        """Fill the schedule: Celery's own entries, and those of the setting ``beat_schedule``."""
        self.install_default_entries(self.data)
        self.merge_inplace(self.app.conf.beat_schedule)

    def install_default_entries(self, data: Mapping[str, Any]) -> None:
        """Add the cleaning of results, where the store does not forget by itself and *data* has no such entry."""
        entries = {}
        if self.app.conf.result_expires and not self.app.backend.supports_autoexpire and CLEANUP not in data:
            entries[CLEANUP] = {
                "task": CLEANUP, "schedule": crontab("0", "4", "*"), "options": {"expires": 12 * 3600},
            }  # fmt: skip
        self.update_from_dict(entries)

    def add(self, **kwargs: Any) -> Any:
        """Add an entry, and return it; for the arguments see ``ScheduleEntry``."""
        entry = self.Entry(app=self.app, **kwargs)
        self.schedule[entry.name] = entry
        return entry

    def update_from_dict(self, dict_: Mapping[str, Any]) -> None:
        """Add entries, written as in ``beat_schedule``; one of the same name is replaced, and counts from now."""
        self.schedule.update({name: self._maybe_entry(name, entry) for name, entry in dict_.items()})

    def merge_inplace(self, b: Mapping[str, Any]) -> None:
        """Make the schedule that of *b*: drop what is not in it, change what is, and keep when each ran last."""
        schedule = self.schedule
        for name in [name for name in schedule if name not in b]:
            schedule.pop(name)
        for name, written in b.items():
            entry = self.Entry(**dict(written, name=name, app=self.app))
            if schedule.get(name):
                schedule[name].update(entry)
            else:
                schedule[name] = entry

    def _maybe_entry(self, name: str, entry: Any) -> Any:
        if isinstance(entry, self.Entry):
            entry.app = self.app
            return entry
        return self.Entry(**dict(entry, name=name, app=self.app))

    # -- the heap ------------------------------------------------------------------------------------------------------
    def tick(self, event_t: Any = event_t, **_: Any) -> float:
        """Send the first entry, if it is due, and return in how many seconds to come back; 0 is at once."""
        if self._heap is None or not self.schedules_equal(self.old_schedulers, self.schedule):
            self.old_schedulers = copy.copy(self.schedule)
            self.populate_heap()
        heap: list[Any] = self._heap  # type: ignore[assignment]
        if not heap:
            return self.max_interval
        event = heap[0]
        entry = event[2]
        now = self._when(entry, 0)
        if event[0] > now:
            wait: float = min(event[0] - now, self.max_interval)
            return wait
        due, again = self._asked(entry, self.is_due)
        if heap[0] is not event:  # whoever was asked has changed the schedule
            return min(heap[0][0] - self._when(heap[0][2], 0), self.max_interval)  # type: ignore[no-any-return]
        heapq.heappop(heap)
        if due:
            following = self.reserve(entry)
            self.apply_entry(entry)
            heapq.heappush(heap, event_t(self._when(following, again), event[1], following))
            return 0
        delay = again if isinstance(again, Real) else self.max_interval
        heapq.heappush(heap, event_t(self._when(entry, delay), event[1], entry))
        # so that what stands behind it gets its turn at once
        return 0 if heap[0][2] is not entry else min(self.adjust(delay), self.max_interval)

    def populate_heap(self, event_t: Any = event_t, **_: Any) -> None:
        """Ask every entry when it is due, and make the heap of the answers."""
        self._heap = heap = []
        for entry in self.schedule.values():
            due, again = self._asked(entry, lambda entry: entry.is_due())
            heap.append(event_t(self._when(entry, 0 if due else again) or 0, PRIORITY, entry))
        heapq.heapify(heap)

    def _asked(self, entry: Any, is_due: Callable[[Any], Any]) -> Any:
        """Return what *entry* answers; one that cannot tell must not stop the others."""
        try:
            return is_due(entry)
        except Exception as exc:  # noqa: BLE001 - see above
            return self._is_due_failed(entry, exc)

    def _is_due_failed(self, entry: Any, exc: Exception) -> tuple[bool, float]:
        again = humanize_seconds(self.max_interval)
        logger.error("beat: Cannot calculate the next run of %r, trying again in %s.", entry.name, again, exc_info=exc)
        return False, self.max_interval

    def _when(self, entry: Any, next_time_to_run: Any) -> float:
        """Return the moment *next_time_to_run* seconds from now, a little early, in seconds since 1970."""
        now = entry.default_now()
        if now.tzinfo is not timezone.utc:
            now = maybe_make_aware(now)
        moment: float = now.timestamp()
        return moment + (self.adjust(next_time_to_run) or 0) if next_time_to_run else moment

    def adjust(self, n: Any, drift: float = -EARLY) -> Any:
        """Return *n* seconds a little shortened."""
        return n + drift if n and n > 0 else n

    def is_due(self, entry: Any) -> Any:
        """Ask *entry*; for overriding."""
        return entry.is_due()

    def schedules_equal(self, old_schedules: Any, new_schedules: Any) -> bool:
        """Tell whether both have the same names with the same entries."""
        if old_schedules is None or new_schedules is None:
            return old_schedules is new_schedules
        if old_schedules.keys() != new_schedules.keys():
            return False
        for name, old in old_schedules.items():
            new = new_schedules.get(name)
            if new is not old and (not new or new != old):
                return False
        return True

    # -- sending -------------------------------------------------------------------------------------------------------
    def reserve(self, entry: Any) -> Any:
        """Write down that *entry* is sent now, and return the entry for the next time."""
        following = self.schedule[entry.name] = next(entry)
        return following

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send *entry*, and say so; an error is said too, and beat goes on."""
        logger.info("Scheduler: Sending due task %s (%s)", entry.name, entry.task)
        result = None
        try:
            result = self.apply_async(entry, producer=producer, advance=False)
        except Exception as exc:
            logger.exception("Message Error: %s\n%s", exc, traceback.format_stack())  # noqa: TRY401 - Celery's text
        else:
            if result and hasattr(result, "id"):
                logger.debug("%s sent. id->%s", entry.task, result.id)
            else:
                logger.debug("%s sent.", entry.task)
        if self.on_sent is not None:
            self.on_sent(entry, result)

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **_: Any) -> Any:
        """Send *entry*, and return its result.

        Arguments:
            entry: what to send.
            producer: by which to send it; the app's own way by default.
            advance: whether to write down that it is sent.

        Raises:
            SchedulingError: when it cannot be sent.
        """
        if advance:
            entry = self.reserve(entry)
        task = self.app.tasks.get(entry.task)
        try:
            options = dict(entry.options)
            options["headers"] = {**(options.get("headers") or {}), "celery_beat_task": True}
            if producer is not None:
                options["producer"] = producer
            args = [self._worked_out(entry, value) for value in entry.args or ()]
            kwargs = {name: self._worked_out(entry, value) for name, value in (entry.kwargs or {}).items()}
            if task:
                return task.apply_async(args, kwargs, **options)
            return self.send_task(entry.task, args, kwargs, **options)
        except Exception as exc:
            raise SchedulingError(f"Couldn't apply scheduled task {entry.name}: {exc}") from exc
        finally:
            self._tasks_since_sync += 1
            if self.should_sync():
                self._do_sync()

    def _worked_out(self, entry: Any, value: Any) -> Any:
        """Return the value of a lazy argument; a rewind, which repeats the sending, does not ask for it again."""
        if not isinstance(value, BeatLazyFunc):
            return value
        return self.app.world.recall(f"lazy {entry.name}", value)

    def send_task(self, *args: Any, **kwargs: Any) -> Any:
        """Send a task that is not registered here; for overriding."""
        return self.app.send_task(*args, **kwargs)

    # -- writing down --------------------------------------------------------------------------------------------------
    def should_sync(self) -> bool:
        """Tell whether to write down now what was sent: after so many tasks, or after so many seconds."""
        return bool(
            not self._last_sync
            or time.monotonic() - self._last_sync > self.sync_every
            or (self.sync_every_tasks and self._tasks_since_sync >= self.sync_every_tasks)
        )

    def _do_sync(self) -> None:
        try:
            logger.debug("beat: Synchronizing schedule...")
            self.sync()
        finally:
            self._last_sync = time.monotonic()
            self._tasks_since_sync = 0

    def sync(self) -> None:
        """Write down what was sent; this scheduler keeps nothing."""

    def close(self) -> None:
        """Write down what was sent for the last time, and close the connection, if there is one."""
        failed = True
        try:
            self.sync()
            failed = False
        finally:
            self.__dict__.pop("producer", None)
            connection = self.__dict__.pop("connection", None)
            if connection is not None:
                self._release(connection, after_failure=failed)

    def _release(self, connection: Any, *, after_failure: bool) -> None:
        try:
            with suppress(*connection.connection_errors, *connection.channel_errors):
                connection.release()
        except Exception:
            if not after_failure:
                raise
            logger.exception("beat: Connection cleanup failed after sync error")

    # -- a connection of its own, for schedulers that use one ----------------------------------------------------------
    @cached_property
    def connection(self) -> Any:
        """A connection for publishing; this scheduler sends as everybody does, and needs none."""
        return self.app.connection_for_write()

    @cached_property
    def Producer(self) -> Any:  # noqa: N802 - Celery's name
        """What makes a producer."""
        return self.app.amqp.Producer

    @cached_property
    def producer(self) -> Any:
        """A producer on that connection."""
        return self.Producer(self._ensure_connected(), auto_declare=False)

    def _ensure_connected(self) -> Any:
        def on_error(exc: Exception, interval: float) -> None:
            logger.error("beat: Connection error: %s. Trying again in %s seconds...", exc, interval)

        return self.connection.ensure_connection(on_error, self.app.conf.broker_connection_max_retries)

    @property
    def info(self) -> str:
        """What the start-up banner says about it."""
        return ""
