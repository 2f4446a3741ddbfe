"""A worker: it starts, consumes, lets tasks run, and stops. The whole order stands on this page.

Comes in: an app, options, and the world it works in. Goes out: deliveries asked for, bodies run, results stored.
Next door: ``consumer`` reads messages, ``strategy`` decides, ``pools`` run, ``outcomes`` and ``revocations`` deal with
what goes wrong or must not be, ``rates`` and ``window`` with how much at a time, ``stopping`` with the end.
Celery: ``celery/worker/worker.py``, ``celery/apps/worker.py`` and the bootsteps of ``celery/worker/components.py``.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from labq import signals
from labq.app.duplicates import trace_once
from labq.app.queues import queues_of_worker
from labq.app.sources import symbol_by_name
from labq.app.trace import Tracing, trace
from labq.brokers.broker import Broker, Delivery
from labq.brokers.channel import Channel
from labq.brokers.declaring import declare
from labq.kernel.kernel import Timer
from labq.log.record import WORKER_CHANGED, WORKER_STARTED
from labq.wire.serializers import prepare_accept_content
from labq.worker.autoscale import Autoscaler
from labq.worker.consumer import Consumer
from labq.worker.gossip import Gossip
from labq.worker.monitoring import Monitoring
from labq.worker.options import WorkerOptions
from labq.worker.outcomes import Outcomes
from labq.worker.persistent import remembered
from labq.worker.pidbox import Pidbox
from labq.worker.pools import POOLS, Pool
from labq.worker.rates import Rates, rate
from labq.worker.request import Request
from labq.worker.revocations import Revocations
from labq.worker.state import WorkerState
from labq.worker.stopping import Stopping
from labq.worker.strategy import Strategy
from labq.worker.surroundings import Surroundings

if TYPE_CHECKING:
    from labq.app.base import Celery

logger = logging.getLogger("celery.apps.worker")
connecting = logging.getLogger("celery.worker.consumer.connection")
commanded = logging.getLogger("celery.worker.control")
window = logging.getLogger("celery.worker.consumer.tasks")

PREFETCH_STAYS = (
    "worker_disable_prefetch is only supported for Redis brokers. Current broker transport: %s. "
    "Ignoring disable_prefetch setting."
)
ETA_PRIORITY = 6
"""What Celery's timer calls the priority of scheduled tasks."""


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
        self._began = self._now()
        self.state = WorkerState(self._now)
        self.tracing = Tracing(world.kernel.clock, options.hostname, join_blocks=options.join_blocks)
        self.trace = trace_once if app.conf.worker_deduplicate_successful_tasks else trace
        self.accept = prepare_accept_content(app.conf.accept_content)
        self.events: Any = None
        """What tells those who monitor the worker (its ``send`` is called); None when nobody is told of tasks."""
        self.monitoring = Monitoring(
            self, task_events=options.task_events, heartbeat=options.heartbeat, interval=options.heartbeat_interval
        )
        self.gossip = Gossip(self)
        self.pidbox: Pidbox | None = None
        """Where commands come in; None when it takes none."""
        self.processes = 0
        """How many children there ever were."""
        self.shelf: dict[Request, Timer] = {}
        """Requests that wait for their ETA."""
        self.limits_rates = False  # whether any was set at run time
        self.has_time_limits = options.time_limit is not None or options.soft_time_limit is not None
        self.strategy = Strategy(self)
        self.consumer = Consumer(self, self.strategy.handle)
        self.revocations = Revocations(self)
        self.outcomes = Outcomes(self)
        self.rates = Rates(self)
        self.stops = Stopping(self)
        self.queues = queues_of_worker(
            app.amqp.queues, options.hostname, options.queues, options.excluded, direct=app.conf.worker_direct
        )
        self._inbox: deque[Callable[[], Any]] = deque()
        self.pool: Pool = POOLS[options.pool](self, options.concurrency)
        self.autoscaler = None if options.autoscale is None else Autoscaler(self, *options.autoscale)
        self._channel: Channel | None = None

    def _now(self) -> float:
        return self.kernel.clock.time

    def new_child(self) -> int:
        """Return the number of a new child process."""
        self.processes += 1
        return self.world.new_child()

    # -- starting ----------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Go online: finalize the app, start the pool, declare and consume the queues."""
        app, options = self.app, self.options
        _send(signals.worker_init, self)
        if (options.loglevel is not None or options.logfile is not None) and not self.world.repeating:
            app.log.setup(options.loglevel, options.logfile, hostname=self.hostname)
        app.finalize()
        self.tasks = app.tasks
        if options.statedb is not None:
            file = options.statedb
            self.state.merge_revoked(self.world.recall(f"statedb {self.hostname}", lambda: remembered(file)))
        _send(signals.celeryd_after_setup, self.hostname, instance=self, conf=app.conf)
        self.pool.begin()
        broker = self._broker
        self._channel = channel = broker.channel(self.hostname)
        self.online = True
        self.log.append(
            WORKER_STARTED, None, self.hostname, broker.url, self.pool.name, options.concurrency, options.prefetch,
            tuple(self.queues), tuple(slot.child for slot in self.pool.slots),
        )  # fmt: skip
        connecting.info("Connected to %s", broker.url)
        if app.conf.worker_disable_prefetch:
            window.warning(PREFETCH_STAYS, broker.url.partition(":")[0])
        channel.qos(options.prefetch)
        self.monitoring.start(broker)
        for queue in self.queues.values():
            self.consume(queue)
        if app.sending.delays:
            symbol_by_name("labq.worker.delays:prepare_delays")(app, broker, self.queues.values())
        if app.conf.worker_enable_remote_control:
            self.pidbox = Pidbox(self)
            self.pidbox.start(broker)
        if self.autoscaler is not None:
            self.autoscaler.start()
        _send(signals.worker_ready, self.consumer)
        logger.info("%s ready.", self.hostname)

    @property
    def _broker(self) -> Broker:
        return self.world.broker(self.app.sending.broker_url)

    def consume(self, queue: Any) -> None:
        """Declare *queue* and ask for its messages."""
        declare(self._broker, queue, self.hostname)
        assert self._channel is not None  # noqa: S101 - it was opened at the start
        self._channel.consume(queue.name, self.on_delivery if self.pool.shares_thread else self.consumer.on_delivery)

    # -- working -----------------------------------------------------------------------------------------------
    def on_delivery(self, delivery: Delivery) -> None:
        """Take a delivery in; while a body has the worker's thread, it lies unread."""
        if self.pool.blocks_worker:
            self._inbox.append(lambda: self.consumer.on_delivery(delivery))
        else:
            self.consumer.on_delivery(delivery)

    def when_free(self, action: Callable[[], Any]) -> None:
        """Do *action* now, or as soon as no body has the worker's thread any more."""
        if self.pool.blocks_worker:
            self._inbox.append(action)
        elif self.online:
            action()

    def on_slot_free(self) -> None:
        """Read what lay unread; finish stopping when the last body has ended."""
        while self._inbox and not self.pool.blocks_worker and not self.stopping:
            self._inbox.popleft()()
        if self.stopping:
            self.stops.finish_if_idle()

    def shelve(self, request: Request, us: int) -> None:
        """Keep *request* until the moment *us*; the prefetch window grows by one meanwhile."""
        self.shelf[request] = self.kernel.call_at(us, self._due, request)
        self.consumer.qos.increment_eventually()
        self.state.task_scheduled(request)

    def unshelve(self, request: Request) -> None:
        """Take *request* off the shelf."""
        self.shelf.pop(request, None)
        self.consumer.qos.decrement_eventually()

    def _due(self, request: Request) -> None:
        if request in self.shelf:
            self.when_free(lambda: self.strategy.due(request))

    def tell_prefetch(self, count: int) -> None:
        """Tell the broker how many messages the worker may hold."""
        if self._channel is not None:
            self._channel.qos(count)

    def limits_of(self, request: Request) -> tuple[float | None, float | None]:
        """Return the hard and the soft limit of time for *request*: the call's, else the task's, else the worker's."""
        context, task, options = request.context, request.task, self.options
        hard = context.time_limit or task.time_limit or options.time_limit
        soft = context.soft_time_limit or task.soft_time_limit or options.soft_time_limit
        return hard or None, soft or None

    # -- commands ----------------------------------------------------------------------------------------------
    def revoke(self, ids: Iterable[str] | str, terminate: bool = False, signal: Any = None) -> tuple[str, ...]:
        """Let these tasks not run; with *terminate* end those that do. Returns the ids of the ended ones."""
        return self.revocations.revoke(ids, terminate, signal)

    def revoke_by_stamped_headers(
        self, headers: Mapping[str, Any], terminate: bool = False, signal: Any = None
    ) -> dict[str, list[Any]]:
        """Let tasks with these stamps not run; with *terminate* end those that do. Returns the stamps of those."""
        return self.revocations.revoke_by_stamps(headers, terminate, signal)

    def active(self, safe: bool = False) -> list[dict[str, Any]]:
        """Return what runs."""
        return [request.info(safe) for request in self.state.active_requests]

    def reserved(self, safe: bool = False) -> list[dict[str, Any]]:
        """Return what was taken on and does not run yet."""
        running = self.state.active_requests
        return [request.info(safe) for request in self.state.reserved_requests if request not in running]

    def scheduled(self, safe: bool = False) -> list[dict[str, Any]]:
        """Return what waits for its moment, the earliest first."""
        waiting = sorted(self.shelf.items(), key=lambda entry: entry[1].when)
        return [
            {
                "eta": request.eta.isoformat() if request.eta else None,
                "priority": ETA_PRIORITY,
                "request": request.info(safe),
            }
            for request, _ in waiting
        ]

    def stats(self) -> dict[str, Any]:
        """Return what Celery's ``inspect stats`` tells of the worker itself."""
        told: dict[str, Any] = {
            "total": dict(self.state.total_count),
            "pid": 1,
            "uptime": round(self._now() - self._began),
            "pool": self.pool.info,
            "prefetch_count": self.consumer.qos.value,
        }
        if self.autoscaler is not None:
            told["autoscaler"] = self.autoscaler.info()
        return told

    def set_rate_limit(self, name: str, said: Any) -> None:
        """Let this worker start no more tasks called *name* than *said* (``"10/m"``; 0 or None for any number).

        Raises:
            KeyError: when there is no such task, or no such unit of time.
            ValueError: when *said* is no rate.
        """
        rate(said)
        self.tasks[name]  # raises when there is none
        self.limits_rates = True
        self.rates.set(name, said)
        if said:
            commanded.info("New rate limit for tasks of type %s: %s.", name, said)
        else:
            commanded.info("Rate limits disabled for tasks of type %s", name)

    def set_time_limits(self, name: str, soft: float | None = None, hard: float | None = None) -> None:
        """Set other limits of time, in seconds, for tasks called *name*.

        A worker of Celery 5.7 says so and goes on with the limits that the task had when it started; so does this one.

        Raises:
            KeyError: when there is no such task.
        """
        self.tasks[name]  # raises when there is none
        commanded.info("New time limits for tasks of type %s: soft=%s hard=%s", name, soft, hard)

    def add_queue(
        self, name: str, exchange: str | None = None, exchange_type: str | None = None, routing_key: str | None = None,
        **options: Any,
    ) -> None:  # fmt: skip
        """Read from the queue called *name*, too; it is made when it is not there."""
        self.consumer.add_task_queue(name, exchange, exchange_type, routing_key, **options)

    def cancel_queue(self, name: str) -> None:
        """Read from the queue called *name* no more; what was prefetched from it still runs."""
        self.consumer.cancel_task_queue(name)

    def grow(self, n: int = 1) -> None:
        """Let *n* more bodies run at once."""
        self.pool.grow(n)
        self.consumer.update_prefetch_count(n)
        self.note_change()

    def shrink(self, n: int = 1) -> None:
        """Let *n* bodies fewer run at once.

        Raises:
            ValueError: when all are busy.
        """
        self.pool.shrink(n)
        self.consumer.update_prefetch_count(-n)
        self.note_change()

    def autoscale(self, max: int | None = None, min: int | None = None) -> tuple[int, int]:
        """Set other bounds for the number of children; return both.

        Raises:
            ValueError: when the worker does not scale by itself.
        """
        if self.autoscaler is None:
            msg = "Autoscale not enabled"
            raise ValueError(msg)
        return self.autoscaler.update(max, min)

    def restart_pool(self) -> None:
        """Put new children into the pool, if it is one that has some."""
        with suppress(NotImplementedError):
            self.pool.restart()

    def kill_child(self, slot: int, signal: int = 9) -> None:
        """Let the child in *slot* (from 1) be killed from outside, by the operating system say.

        Raises:
            LabError: when the pool has no children, or no such slot.
        """
        self.pool.kill_child(slot, signal)

    def note_change(self) -> None:
        """Write down how large the worker is now and what it reads."""
        self.log.append(
            WORKER_CHANGED, None, self.hostname, self.pool.num_processes, self.consumer.qos.value, tuple(self.queues)
        )

    # -- stopping ----------------------------------------------------------------------------------------------
    def stop(self, how: str = "warm", *, by_signal: bool = True) -> None:
        """Go offline: *warm* lets running bodies end first, *cold* does not, *soft* gives them some time.

        What was reserved and did not run goes back to the broker. A warm stop that takes too long can be followed by a
        cold one, as a second signal does it in Celery.
        """
        self.stops.stop(how, by_signal=by_signal)

    def cancel_consumer(self, queue: str) -> None:
        """Ask for no more messages of *queue*."""
        if self._channel is not None:
            self._channel.cancel(queue)

    def cancel_consumers(self) -> None:
        """Ask for no more messages."""
        for queue in self.queues.values():
            self.cancel_consumer(queue.name)
        if self.autoscaler is not None:
            self.autoscaler.stop()
        if self.pidbox is not None:
            self.pidbox.stop()
        self.monitoring.stop_heart()

    def close(self) -> None:
        """Let go of everything: bodies, requests, the channel."""
        for timer in self.shelf.values():
            self.kernel.cancel(timer)
        self.shelf.clear()
        self._inbox.clear()
        self.pool.close()
        state = self.state
        for held in (
            state.requests, state.reserved_requests, state.active_requests, state.scheduled_requests,
        ):  # fmt: skip
            held.clear()
        self.monitoring.stop()
        if self._channel is not None:
            self._channel.close()

    def __repr__(self) -> str:
        """Return ``<Worker: w1@lab (running)>``."""
        return f"<Worker: {self.hostname} ({'running' if self.online else 'stopped'})>"


def _send(signal: Any, sender: Any, **facts: Any) -> None:
    if signal.receivers:
        signal.send(sender=sender, **facts)
