"""Beats of a lab: the deeds that start, change and stop them, and what the user holds of one.

Comes in: an app and options. Goes out: ``RunningBeat``, which means the same beat after a rewind.
Next door: ``labq.lab.handle`` is the like for workers; ``labq.beat.process`` is the beat in the world.
Celery: ``celery/apps/beat.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from labq import _state
from labq.app.sources import symbol_by_name
from labq.exceptions import ImproperlyConfigured, LabError
from labq.i18n import text
from labq.release import VERSION_BANNER

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.lab.lab import Lab
    from labq.lab.world import LabWorld

SERVICE, PROCESS, NODENAME = (
    "labq.beat:Service",
    "labq.beat.process:BeatProcess",
    "labq.beat:beat_nodename",
)
STARTUP_INFO, BANNER = "labq.beat.banner:startup_info", "labq.beat.banner:banner"
"""What a lab without a beat need not load."""

GREEN = ("eventlet", "gevent")


@dataclass(frozen=True, slots=True)
class StartBeat:
    """A beat begins to tick.

    Attributes:
        name: what it is called.
        make: makes its service.
        embedded: whether it belongs to a worker.
        beside: the worker with which it ends.
    """

    name: str
    make: Callable[[LabWorld], Any]
    embedded: bool = False
    beside: str | None = None

    def apply(self, world: LabWorld) -> Any:
        """Start it, and return its service."""
        service = self.make(world)
        service.app.finalize()
        beside = None if self.beside is None else world.workers[self.beside]
        process = symbol_by_name(PROCESS)(self.name, service, world, embedded=self.embedded, beside=beside)
        world.beats[self.name] = process
        process.start()
        return service


@dataclass(frozen=True, slots=True)
class StopBeat:
    """A beat is told to stop."""

    name: str

    def apply(self, world: LabWorld) -> None:
        """Stop it."""
        world.beats[self.name].stop()


@dataclass(frozen=True, slots=True)
class ChangeSchedule:
    """The schedule of a running beat is changed.

    Attributes:
        name: the beat.
        way: the method of its scheduler.
        entries: what it is given.
    """

    name: str
    way: str
    entries: Mapping[str, Any]

    def apply(self, world: LabWorld) -> Any:
        """Change it; beat sees it when it wakes up next."""
        scheduler = world.beats[self.name].service.scheduler
        given = {name: dict(entry) if isinstance(entry, dict) else entry for name, entry in self.entries.items()}
        return scheduler.add(**given) if self.way == "add" else getattr(scheduler, self.way)(given)


class RunningBeat:
    """A beat of the lab; ``app.Beat`` is this class for one app.

    Arguments:
        max_interval: the most seconds that it sleeps; ``beat_max_loop_interval`` by default, else five minutes.
        app: whose tasks it sends; that of the class by default.
        schedule: a file that keeps when each entry ran; without one the lab keeps it.
        scheduler: the scheduler, a class or its name; ``beat_scheduler`` by default.
        scheduler_cls: the same.
        hostname: its name; ``celerybeat@lab`` by default.
        remote_control: see ``beat_enable_remote_control``.
        beside: the worker to which it belongs.
        quiet: whether ``run`` says nothing.
        lab: where it runs; by default in the app's world.
        loglevel, logfile: what the banner says of them; to see what beat logs, set logging up.
        unused: other options of Celery's beat, which mean nothing in a lab (``pidfile``, ``socket_timeout`` …).
    """

    app: Any = None

    def __init__(
        self,
        max_interval: float | None = None,
        app: Celery | None = None,
        schedule: Any = None,
        scheduler: Any = None,
        scheduler_cls: Any = None,
        hostname: str | None = None,
        remote_control: bool | None = None,
        beside: Any = None,
        quiet: bool = False,
        loglevel: Any = "WARN",
        logfile: str | None = None,
        lab: Lab | None = None,
        **unused: Any,
    ) -> None:
        del unused
        if isinstance(schedule, Mapping):
            hint = text("Put the entries into app.conf.beat_schedule; schedule= is the name of a file.")
            raise LabError("a beat's schedule is no mapping here", hint)
        self.app = app or self.app or _state.get_current_app()
        home: Any = lab or self.app.world
        self._lab: Lab = home
        self.max_interval = max_interval
        self.schedule_filename = schedule
        self.scheduler_cls = scheduler or scheduler_cls
        self.remote_control = remote_control
        self.quiet = quiet
        self.loglevel = loglevel
        self.logfile = logfile
        self._beside = beside
        self._hostname = hostname
        self._name: str | None = None

    @property
    def name(self) -> str:
        """What it is called; a second beat that was given no name is ``celerybeat2@lab``."""
        if self._name is None:
            self._name = self._free_name()
        return self._name

    def _free_name(self) -> str:
        node: Callable[..., str] = symbol_by_name(NODENAME)
        beats = self._lab.world.beats
        if self._hostname is not None:
            return node(self._hostname)
        names = (node(f"celerybeat{number}@%h" if number > 1 else None) for number in range(1, len(beats) + 2))
        return next(name for name in names if name not in beats or not beats[name].online)

    @property
    def process(self) -> Any:
        """The beat in the world as it is now; None when it was not started there."""
        return self._lab.world.beats.get(self.name)

    @property
    def online(self) -> bool:
        """Whether it ticks now."""
        process = self.process
        return process is not None and process.online

    @property
    def service(self) -> Any:
        """Its loop; None when it was not started."""
        process = self.process
        return None if process is None else process.service

    @property
    def scheduler(self) -> Any:
        """Its scheduler, to look at; change it by the methods of the beat, which a rewind can repeat."""
        service = self.service
        return None if service is None else service.scheduler

    # -- starting and stopping -----------------------------------------------------------------------------------------
    def start(self) -> Self:
        """Let it tick; Celery's does not come back before it ends, this one does at once.

        Raises:
            LabError: when one of that name runs already.
        """
        if self.online:
            msg = f"a beat called {self.name!r} is running already"
            raise LabError(msg, text("Give each beat a name of its own: hostname='beat2@lab'."))
        make = self._maker()
        worker = self._beside
        deed = StartBeat(
            self.name,
            lambda _: make(),
            embedded=worker is not None,
            beside=None if worker is None else worker.hostname,
        )
        self._lab.act(deed)
        return self

    def _maker(self) -> Callable[[], Any]:
        return partial(
            symbol_by_name(SERVICE),
            self.app,
            max_interval=self.max_interval,
            schedule_filename=self.schedule_filename,
            scheduler_cls=self.scheduler_cls or self.app.conf.beat_scheduler,
            remote_control=self.remote_control,
            hostname=self.name,
        )

    def run(self) -> Self:
        """Print the banner, unless it is to be quiet, and let it tick."""
        if not self.quiet:
            print(f"celery beat v{VERSION_BANNER} is starting.")  # noqa: T201 - what Celery's program prints
            print(self.banner())  # noqa: T201 - the same
        return self.start()

    def banner(self) -> str:
        """Return what it says of itself when it starts."""
        service = self._maker()()
        node = symbol_by_name(NODENAME)(service.hostname) if service.remote_control else None
        info = symbol_by_name(STARTUP_INFO)(
            self.app, service.get_scheduler(lazy=True), self._lab.now, self.logfile, self.loglevel, node
        )
        said: str = symbol_by_name(BANNER)(info)
        return said

    def stop(self) -> None:
        """Stop it: it writes its schedule down and ends."""
        if self.online:
            self._lab.act(StopBeat(self.name))

    # -- changing its schedule -----------------------------------------------------------------------------------------
    def add(self, **entry: Any) -> Any:
        """Add an entry, and return it; for the arguments see ``ScheduleEntry``."""
        return self._change("add", entry)

    def update_from_dict(self, entries: Mapping[str, Any]) -> None:
        """Add entries, written as in ``beat_schedule``."""
        self._change("update_from_dict", entries)

    def merge_inplace(self, entries: Mapping[str, Any]) -> None:
        """Make the schedule that of *entries*; what stays keeps when it ran last."""
        self._change("merge_inplace", entries)

    def _change(self, way: str, entries: Mapping[str, Any]) -> Any:
        if not self.online:
            raise LabError(f"the beat {self.name!r} is not running", text("Start it first: beat.start()."))
        return self._lab.act(ChangeSchedule(self.name, way, dict(entries)))

    # -- looking -------------------------------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        """Start it, if it does not run yet."""
        return self if self.online else self.start()

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def __repr__(self) -> str:
        """Return ``<Beat: celerybeat@lab (running, 2 entries)>``."""
        if not self.online:
            return f"<Beat: {self.name} (stopped)>"
        count = len(self.scheduler.schedule)
        return f"<Beat: {self.name} (running, {count} {'entry' if count == 1 else 'entries'})>"


def beat_beside(
    lab: Lab,
    worker: Any,
    schedule_filename: str | None = None,
    scheduler: Any = None,
    **_: Any,
) -> RunningBeat:
    """Return the beat that a worker starts and stops: ``app.Worker(beat=True)``, ``celery worker -B``.

    It has a process of its own, whatever the worker's pool.

    Raises:
        ImproperlyConfigured: for a pool of green threads, which it would block.
    """
    if worker.options.pool in GREEN:
        raise ImproperlyConfigured("-B option doesn't work with eventlet/gevent pools: use standalone beat instead.")
    return RunningBeat(
        app=worker.app, lab=lab, schedule=schedule_filename, scheduler=scheduler, remote_control=False, beside=worker
    )  # fmt: skip
