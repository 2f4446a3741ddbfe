"""A worker as the user holds it: by its name, so that it stays the same worker after a rewind.

Celery: what ``app.Worker(...)`` returns, ``celery/worker/worker.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from labq import _state, signals
from labq.lab.beats import beat_beside
from labq.lab.journal import TellWorker
from labq.lab.worker_options import node_name, worker_options
from labq.worker.options import WorkerOptions
from labq.worker.worker import Worker

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.lab.lab import Lab


class RunningWorker:
    """A worker of the lab; ``app.Worker`` is this class for one app.

    Arguments:
        app: whose tasks it runs; that of the class by default.
        lab: where it works; by default in the app's world.
        given: how it is started, in Celery's words; see ``labq.lab.worker_options``.
    """

    app: Any = None

    def __init__(self, app: Celery | None = None, *, lab: Lab | None = None, **given: Any) -> None:
        self.app = app = app or self.app or _state.get_current_app()
        home: Any = lab or app.world
        self._lab: Lab = home
        app.loader.worker_initialized = False  # each worker is a process of its own, which imports its modules anew
        app.loader.init_worker()
        self.hostname = node_name(given.get("hostname"), home.hostname)
        """The worker's name."""
        if signals.celeryd_init.receivers:  # who listens may still change settings and options
            signals.celeryd_init.send(sender=self.hostname, instance=self, conf=app.conf, options=given)
        self.options: WorkerOptions = worker_options(app, home.hostname, **given)
        self.beat = beat_beside(home, self, **given) if given.get("beat") else None
        """The beat that it starts and stops, with ``beat=True``."""

    @property
    def concurrency(self) -> int:
        """How many bodies it runs at once."""
        return self.options.concurrency

    @property
    def worker(self) -> Worker | None:
        """The worker in the world as it is now; None when it was not started there."""
        return self._lab.world.workers.get(self.hostname)

    @property
    def online(self) -> bool:
        """Whether it works now."""
        worker = self.worker
        return worker is not None and worker.online

    def start(self) -> Self:
        """Let it work; real Celery's ``start()`` does not come back before the worker ends, this one does at once."""
        self._lab.start(self)
        if self.beat is not None:
            self.beat.start()
        return self

    def stop(self, how: str = "warm") -> None:
        """Stop it: *warm* lets running tasks end first, *cold* does not, *soft* gives them some time."""
        self._lab.stop_worker(self, how)
        if self.beat is not None:
            self.beat.stop()

    def restart(self, how: str = "warm") -> Self:
        """Stop it and start it again, with the options it had."""
        self.stop(how)
        return self.start()

    def reload(self, modules: Iterable[str] | None = None, reload: bool = False, reloader: Any = None) -> None:
        """Import what is not imported yet, and put new children into the pool.

        Tasks that were defined since it started are known to it already: Celery's workers for tests need this for them.

        Arguments:
            modules: names of modules; those with the app's tasks by default.
            reload, reloader: taken and not needed: code is loaded once for all workers of a lab.
        """
        del reload, reloader
        loader = self.app.loader
        for name in sorted(loader.task_modules if modules is None else modules):
            if name not in sys.modules:
                loader.import_from_cwd(name)
        self.tell("restart_pool")

    def kill_child(self, slot: int = 1, signal: int = 9) -> None:
        """Let the child in *slot* be killed from outside, as the operating system does when memory runs out."""
        self.tell("kill_child", slot, signal)

    def tell(self, command: str, *args: Any, **kwargs: Any) -> Any:
        """Let the worker do what a method of it does, ``worker.tell("grow", 2)``; return what that returns.

        Raises:
            LabError: when it is not running.
        """
        return self._lab.do(TellWorker(self.hostname, command, args, tuple(kwargs.items())))

    @property
    def state(self) -> Any:
        """What it knows of its tasks, see ``labq.worker.state``; None when it was not started."""
        worker = self.worker
        return None if worker is None else worker.state

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Show the worker as it is now."""
        bundle: dict[str, Any] = self._lab.gallery.worker(self.hostname)._repr_mimebundle_(include, exclude)
        return bundle

    def __enter__(self) -> Self:
        """Start it, if it does not work yet."""
        return self if self.online else self.start()

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def __repr__(self) -> str:
        """Return ``<Worker: w1@lab (running)>``."""
        return f"<Worker: {self.hostname} ({'running' if self.online else 'stopped'})>"
