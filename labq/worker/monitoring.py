"""What a worker tells those who monitor it: its dispatcher of events, and its heart.

Comes in: whether tasks' events are wanted, at the start and by command. Goes out: ``worker.events``, which is None
while nobody wants to hear of tasks, so that a task pays nothing for not being told of.
Next door: ``labq.events.dispatcher`` sends; ``labq.worker.request`` tells what becomes of tasks.
Celery: ``celery/worker/consumer/events.py`` and ``heart.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labq.app.clock import AppClock
from labq.worker.heartbeat import Heart

if TYPE_CHECKING:
    from labq.worker.worker import Worker

UNBUFFERED = ("memory",)
"""Brokers whose workers send each event by itself: kombu cannot wait for several things at once there."""
WORKER_PID = 1
"""The number of a worker's own process; those of its children are counted."""
GREEN = ("gevent", "eventlet")
"""The same for pools."""


class Monitoring:
    """The events of one worker.

    Arguments:
        worker: the worker.
        task_events: whether it tells of tasks from the start.
        heartbeat: whether it has a heart.
        interval: seconds from one beat to the next.
    """

    def __init__(
        self, worker: Worker, *, task_events: bool, heartbeat: bool = True, interval: float | None = None
    ) -> None:
        self._worker = worker
        self._broker: Any = None
        self._flushing = False
        self.task_events = task_events
        self.dispatcher: Any = None
        """What sends events; None before the worker has started."""
        self.heart: Heart | None = None
        self._heartbeat, self._interval = heartbeat, interval

    def start(self, broker: Any) -> None:
        """Begin to tell."""
        worker, app = self._worker, self._worker.app
        buffers = not broker.url.startswith(UNBUFFERED) and worker.pool.name not in GREEN
        self._broker = broker
        self.dispatcher = app.events.Dispatcher(
            app.sending.broker_url, hostname=worker.hostname, groups=None if self.task_events else ["worker"],
            buffer_group=["task"] if buffers else None, on_send_buffered=self._flush_soon if buffers else None,
        )  # fmt: skip
        self.dispatcher.clock = AppClock(app, worker.hostname)
        self.dispatcher.pid = WORKER_PID
        self.groups_changed()
        if self._heartbeat:
            self.heart = Heart(worker, self.dispatcher, self._interval)
            broker.watch(self.dispatcher.exchange.name, self.heart.listen)
            self.heart.start()

    def groups_changed(self) -> None:
        """Be told that the dispatcher's groups of events are others now."""
        groups = self.dispatcher.groups
        self._worker.events = self.dispatcher if not groups or "task" in groups else None

    def _flush_soon(self) -> None:
        if not self._flushing:
            self._flushing = True
            self._worker.kernel.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        self.dispatcher.flush()

    def stop_heart(self) -> None:
        """Tell that the worker goes; what still becomes of its tasks is told until the end."""
        heart, self.heart = self.heart, None
        if heart is not None:
            self._broker.unwatch(self.dispatcher.exchange.name, heart.listen)
            heart.stop()

    def stop(self) -> None:
        """Tell nothing any more."""
        self.stop_heart()
        if self.dispatcher is not None:
            self.dispatcher.flush()
            self.dispatcher.disable()
            self._worker.events = None
