"""A worker as the user holds it: by its name, so that it stays the same worker after a rewind.

Celery: what ``app.Worker(...)`` returns, ``celery/worker/worker.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from labq.exceptions import LabError
from labq.i18n import text
from labq.worker.worker import Worker, WorkerOptions

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.lab.lab import Lab

DEFAULT_NAME = "celery"
DEFAULT_CONCURRENCY = 2
"""How many processors the lab's computer has: real Celery counts those of the machine, here every run is the same."""


class RunningWorker:
    """A worker of the lab.

    Arguments:
        lab: where it works.
        app: whose tasks it runs.
        options: how it is started.
    """

    def __init__(self, lab: Lab, app: Celery, options: WorkerOptions) -> None:
        self._lab = lab
        self.app = app
        self.options = options

    @property
    def hostname(self) -> str:
        """The worker's name."""
        return self.options.hostname

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
        return self

    def stop(self, how: str = "warm") -> None:
        """Stop it: *warm* lets running tasks end first, *cold* does not."""
        self._lab.stop_worker(self, how)

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


def worker_options(
    app: Celery,
    host: str,
    hostname: str | None = None,
    pool: str | None = None,
    concurrency: int | None = None,
    queues: Any = None,
    prefetch_multiplier: int | None = None,
    join_blocks: bool = True,
) -> WorkerOptions:
    """Return the options of a worker; what is left open is taken from the app's settings."""
    conf = app.conf
    count = int(concurrency or conf.worker_concurrency or DEFAULT_CONCURRENCY)
    if count < 1:
        raise LabError(f"a worker cannot run {count} tasks at once", text("Its concurrency is 1 or more."))
    kind = pool or conf.worker_pool or "prefork"
    count = 1 if kind == "solo" else count
    multiplier = conf.worker_prefetch_multiplier if prefetch_multiplier is None else prefetch_multiplier
    return WorkerOptions(
        hostname=node_name(hostname, host),
        pool=kind,
        concurrency=count,
        queues=_names(queues),
        prefetch=max(0, int(multiplier)) * count,
        join_blocks=join_blocks,
    )


def node_name(name: str | None, host: str) -> str:
    """Return the full name of a node, as Celery completes it.

    >>> node_name(None, "lab"), node_name("w1@%h", "lab"), node_name("w1@lab", "x")
    ('celery@lab', 'w1@lab', 'w1@lab')
    """
    short, at, node = (name or "").partition("@")
    if not at:
        short, node = "", short  # Celery takes a name without "@" for the computer's
    full = f"{short or DEFAULT_NAME}@{node or host}"
    return _expand(full, {"%h": host, "%n": short or DEFAULT_NAME, "%d": host, "%%": "%"})


def _expand(name: str, words: Mapping[str, str]) -> str:
    for mark, word in words.items():
        name = name.replace(mark, word)
    return name


def _names(queues: Any) -> tuple[str, ...] | None:
    if queues is None:
        return None
    if isinstance(queues, str):
        queues = queues.split(",")
    name_of: Callable[[Any], str] = lambda queue: queue if isinstance(queue, str) else queue.name  # noqa: E731
    return tuple(name_of(queue) for queue in queues)
