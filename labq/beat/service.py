"""The service: beat's loop. It ticks, sleeps, and ticks again.

Comes in: an app, and what kind of scheduler to use. Goes out: whatever the scheduler sends.
In a lab the loop runs as a body: its ``time.sleep`` costs virtual time only. See ``process``.
Celery: ``Service`` in ``celery/beat.py``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any

from labq import signals
from labq.app.sources import symbol_by_name
from labq.beat.persistent import PersistentScheduler
from labq.beat.pidbox import BeatPidbox
from labq.beat.scheduler import EARLY
from labq.calendar import humanize_seconds
from labq.kernel.body import current_body

logger = logging.getLogger("celery.beat")

DEFAULT_FILENAME = "celerybeat-schedule"
"""The setting ``beat_schedule_filename`` when nobody has set it: then the lab keeps the schedule and makes no file."""

SPIN = 0.000_001
"""Seconds that a tick without any rest costs, when nothing came of it: a real beat spins until something is due."""


class Flag:
    """Something that is so or not, under the names of ``threading.Event``: in a lab nobody waits for one."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Say that it is so."""
        self._set = True

    def is_set(self) -> bool:
        """Tell whether it is so."""
        return self._set

    def wait(self, timeout: float | None = None) -> bool:
        """Tell whether it is so; it can only become so while the lab runs."""
        del timeout
        return self._set


class Service:
    """Beat as a service.

    Arguments:
        app: the app.
        max_interval: the most seconds to sleep; ``beat_max_loop_interval`` by default.
        schedule_filename: the file for the schedule; ``beat_schedule_filename`` by default. Under the name
            ``celerybeat-schedule``, which is Celery's default, the schedule is kept in the lab and no file is made.
        scheduler_cls: the scheduler, a class or its name.
        remote_control: whether it answers ``ping``; ``beat_enable_remote_control`` by default.
        hostname: under which name.
    """

    scheduler_cls: Any = PersistentScheduler
    on_sent: Callable[[Any, Any], object] | None = None
    """Given to the scheduler; see there."""

    def __init__(
        self,
        app: Any,
        max_interval: float | None = None,
        schedule_filename: str | None = None,
        scheduler_cls: Any = None,
        remote_control: bool | None = None,
        hostname: str | None = None,
    ) -> None:
        conf = app.conf
        self.app = app
        self.max_interval = max_interval or conf.beat_max_loop_interval
        self.scheduler_cls = scheduler_cls or self.scheduler_cls
        self.schedule_filename = schedule_filename or conf.beat_schedule_filename
        self.remote_control = conf.beat_enable_remote_control if remote_control is None else remote_control
        self.hostname = hostname
        self.effective_max_interval: float | None = None
        """The interval that the scheduler has settled on."""
        self._pidbox: BeatPidbox | None = None
        self._last_tick: float | None = None
        self.ended_by: BaseException | None = None
        """What the loop was ended by: an interrupt, or the wish to exit."""
        self._is_shutdown = Flag()
        self._is_stopped = Flag()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what it was made with."""
        return self.__class__, (
            self.app, self.max_interval, self.schedule_filename, self.scheduler_cls, self.remote_control,
            self.hostname,
        )  # fmt: skip

    @property
    def _file(self) -> str | None:
        """The file that was asked for; without that beat leaves none behind."""
        return None if self.schedule_filename == DEFAULT_FILENAME else self.schedule_filename

    def start(self, embedded_process: bool = False) -> None:
        """Tick and sleep until it is stopped.

        Outside of a lab's beat this hands the loop over to the lab and returns at once; Celery's does not return.

        Arguments:
            embedded_process: whether it belongs to a worker.
        """
        if current_body() is None:
            self.app.world.run_beat(self, embedded_process)
            return
        logger.info("beat: Starting...")
        scheduler = self.scheduler
        scheduler.on_sent = self.on_sent
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("beat: Ticking with max interval->%s", humanize_seconds(scheduler.max_interval))
        signals.beat_init.send(sender=self)
        if embedded_process:
            signals.beat_embedded_init.send(sender=self)
        self.effective_max_interval = scheduler.max_interval
        if self.remote_control:
            self._pidbox = BeatPidbox(self)
            self._pidbox.start()
        self._last_tick = time.monotonic()
        try:
            self._loop(scheduler)
        except (KeyboardInterrupt, SystemExit) as exc:
            self._is_shutdown.set()
            self.ended_by = exc
        finally:
            self.sync()
            if self._pidbox is not None:
                self._pidbox.stop()

    def _loop(self, scheduler: Any) -> None:
        log, spin, restless = self.app.world.log, SPIN, 0
        while not self._is_shutdown.is_set():
            before = len(log)
            interval = scheduler.tick()
            self._last_tick = time.monotonic()
            if interval and interval > 0:
                if logger.isEnabledFor(logging.DEBUG):
                    logger.debug("beat: Waking up %s.", humanize_seconds(interval, prefix="in "))
                # Celery wakes up early and spins until it is time: here sleeping is exact
                time.sleep(interval + EARLY)
                spin, restless = SPIN, 0
                if scheduler.should_sync():
                    scheduler._do_sync()
                continue
            restless += 1
            # what is sent more often than there are entries is due all the time: without rest time would stand still
            if (len(log) == before or restless > len(scheduler.schedule)) and not self._is_shutdown.is_set():
                time.sleep(spin)
                spin = min(2 * spin, EARLY)

    def sync(self) -> None:
        """Write down what was sent, for the last time."""
        self.scheduler.close()
        self._is_stopped.set()

    def stop(self, wait: bool = False) -> None:
        """Let the loop end when it wakes up next; *wait* means nothing here, where nothing happens meanwhile."""
        del wait
        logger.info("beat: Shutting down...")
        self._is_shutdown.set()

    def get_scheduler(self, lazy: bool = False, extension_namespace: str = "celery.beat_schedulers") -> Any:
        """Return a new scheduler.

        Arguments:
            lazy: whether to leave its schedule empty.
            extension_namespace: the group of entry points under which libraries name theirs.
        """
        return self._scheduler_class(extension_namespace)(
            app=self.app, schedule_filename=self._file, max_interval=self.max_interval, lazy=lazy
        )

    def _scheduler_class(self, group: str) -> Any:
        name = self.scheduler_cls
        if not isinstance(name, str):
            return name
        if ":" not in name:  # a short name that some library has announced
            for entry_point in entry_points(group=group, name=name):
                name = entry_point.value
        if name.startswith("celery."):
            name = "labq" + name.removeprefix("celery")
        return symbol_by_name(name)

    @cached_property
    def scheduler(self) -> Any:
        """The scheduler."""
        return self.get_scheduler()
