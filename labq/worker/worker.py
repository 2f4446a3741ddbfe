"""A worker: it starts, consumes, lets tasks run, and stops. The whole order stands on this page.

Comes in: an app, options, and the world it works in. Goes out: deliveries asked for, bodies run, results stored.
Next door: ``consumer`` reads messages, ``strategy`` decides, ``pools`` run.
Celery: ``celery/worker/worker.py`` and the bootsteps of ``celery/worker/components.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from labq import signals
from labq.app.trace import Tracing
from labq.brokers.broker import Broker, Delivery
from labq.brokers.channel import Channel
from labq.brokers.declaring import declare
from labq.exceptions import LabError
from labq.i18n import text
from labq.kernel.body import Running
from labq.kernel.kernel import Kernel, Timer
from labq.log.log import Log
from labq.log.record import WORKER_STARTED, WORKER_STOPPED
from labq.wire.serializers import prepare_accept_content
from labq.worker.consumer import Consumer
from labq.worker.pools import POOLS, Pool
from labq.worker.request import Request
from labq.worker.strategy import Strategy

if TYPE_CHECKING:
    from labq.app.base import Celery


class Surroundings(Protocol):
    """The part of the world that a worker needs."""

    kernel: Kernel
    log: Log

    def broker(self, url: str) -> Broker:
        """Return the broker behind *url*."""

    def body(self, task_id: str, function: Callable[[], Any]) -> Running:
        """Return a body that will call *function* for the task, or play what it did before."""

    def new_child(self) -> int:
        """Return the number of a new process."""

    def interrupted(self, exc: KeyboardInterrupt) -> None:
        """Let the user know that their interrupt has reached a body."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker is started with.

    Attributes:
        hostname: its name, like ``w1@lab``.
        pool: ``solo`` or ``prefork``.
        concurrency: how many bodies run at once.
        queues: what it reads from; None is what the app's configuration says.
        prefetch: how many messages it may hold unacknowledged; 0 is no limit.
        join_blocks: whether its tasks are refused when they wait for other tasks.
    """

    hostname: str
    pool: str
    concurrency: int
    queues: tuple[str, ...] | None
    prefetch: int
    join_blocks: bool = True


class Worker:
    """A worker of *app*.

    Arguments:
        app: whose tasks it runs.
        options: how it was started.
        world: where it works.
    """

    def __init__(self, app: Celery, options: WorkerOptions, world: Surroundings) -> None:
        self.app = app
        self.options = options
        self.hostname = options.hostname
        self.world = world
        self.kernel = world.kernel
        self.log = world.log
        self.online = False
        self.stopping = False
        self.tasks: Mapping[str, Any] = {}
        """The app's registry, once the worker has finalized the app."""
        self.tracing = Tracing(world.kernel.clock, options.hostname, join_blocks=options.join_blocks)
        self.accept = prepare_accept_content(app.conf.accept_content)
        self.strategy = Strategy(self)
        self.consumer = Consumer(self, self.strategy.handle)
        self.shelf: dict[Request, Timer] = {}
        """Requests that wait for their ETA."""
        self.queues = self._chosen_queues()
        self._inbox: deque[Callable[[], None]] = deque()
        self.pool: Pool = self._chosen_pool()(self, options.concurrency)
        self._channel: Channel | None = None

    def _chosen_pool(self) -> type[Pool]:
        try:
            return POOLS[self.options.pool]
        except KeyError:
            msg = f"unknown pool {self.options.pool!r}"
            raise LabError(msg, text("The pools are {pools}.", pools=", ".join(sorted(POOLS)))) from None

    def _chosen_queues(self) -> dict[str, Any]:
        known = self.app.sending.queues
        if self.options.queues is None:
            return dict(known.consume_from)
        return {name: known.find(name) for name in self.options.queues}

    def new_child(self) -> int:
        """Return the number of a new child process."""
        return self.world.new_child()

    # -- starting ----------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Go online: finalize the app, start the pool, declare and consume the queues."""
        app, options = self.app, self.options
        app.finalize()
        self.tasks = app.tasks
        _send(signals.worker_init, self)
        for _ in self.pool.slots:
            _send(signals.worker_process_init, self)
        broker_url = app.sending.broker_url
        broker = self.world.broker(broker_url)
        self._channel = channel = broker.channel(self.hostname)
        self.online = True
        self.log.append(
            WORKER_STARTED, None, self.hostname, broker.url, self.pool.name, options.concurrency, options.prefetch,
            tuple(self.queues), tuple(slot.child for slot in self.pool.slots),
        )  # fmt: skip
        channel.qos(options.prefetch)
        for queue in self.queues.values():
            declare(broker, queue, self.hostname)
            channel.consume(queue.name, self.on_delivery if self.pool.shares_thread else self.consumer.on_delivery)
        _send(signals.worker_ready, self)

    # -- working -----------------------------------------------------------------------------------------------
    def on_delivery(self, delivery: Delivery) -> None:
        """Take a delivery in; while a solo pool's body has the thread, it lies unread."""
        if self.pool.blocks_worker:
            self._inbox.append(partial(self.consumer.on_delivery, delivery))
        else:
            self.consumer.on_delivery(delivery)

    def shelve(self, request: Request, us: int) -> None:
        """Keep *request* until the moment *us*; the prefetch window grows by one meanwhile."""
        self.shelf[request] = self.kernel.call_at(us, self._due, request)
        self._resize_window()

    def unshelve(self, request: Request) -> None:
        """Take *request* off the shelf."""
        self.shelf.pop(request, None)
        self._resize_window()

    def _resize_window(self) -> None:
        if self._channel is not None and self.options.prefetch:
            self._channel.qos(self.options.prefetch + len(self.shelf))

    def _due(self, request: Request) -> None:
        if request not in self.shelf:
            return
        if self.pool.blocks_worker:
            self._inbox.append(partial(self.strategy.due, request))
        else:
            self.strategy.due(request)

    def on_slot_free(self) -> None:
        """Read what lay unread; finish stopping when the last body has ended."""
        while self._inbox and not self.pool.blocks_worker and not self.stopping:
            self._inbox.popleft()()
        if self.stopping and not self.pool.busy:
            self._finish("warm")

    # -- stopping ----------------------------------------------------------------------------------------------
    def stop(self, how: str = "warm") -> None:
        """Go offline: *warm* lets running bodies end first, *cold* does not.

        What was reserved and did not run goes back to the broker. A warm stop that takes too long can be followed by a
        cold one, as a second signal does it in Celery.
        """
        if self.stopping and how == "cold" and self.online:
            self._finish(how)
        if not self.online or self.stopping:
            return
        self.stopping = True
        _send(signals.worker_shutting_down, self, sig="SIGTERM", how=how.capitalize(), exitcode=0)
        if self._channel is not None:
            for queue in self.queues:
                self._channel.cancel(queue)
        if how == "cold" or not self.pool.busy:
            self._finish(how)

    def _finish(self, how: str) -> None:
        self.online = False
        for timer in self.shelf.values():
            self.kernel.cancel(timer)
        self.shelf.clear()
        self._inbox.clear()
        self.pool.close()
        if self._channel is not None:
            self._channel.close()
        self.log.append(WORKER_STOPPED, None, self.hostname, how)
        _send(signals.worker_shutdown, self)

    def __repr__(self) -> str:
        """Return ``<Worker: w1@lab (running)>``."""
        return f"<Worker: {self.hostname} ({'running' if self.online else 'stopped'})>"


def _send(signal: Any, worker: Worker, **facts: Any) -> None:
    if signal.receivers:
        signal.send(sender=worker, **facts)
