"""The heart: it tells every two seconds that a worker lives, as long as somebody listens.

Comes in: virtual time. Goes out: the events ``worker-online``, ``worker-heartbeat`` and ``worker-offline``.
Its beats are background timers: they do not keep the lab busy, and without a listener there are none.
Next door: ``labq.worker.monitoring`` starts it, ``labq.events.dispatcher`` sends.
Celery: ``celery/worker/heartbeat.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labq.kernel.clock import to_microseconds
from labq.kernel.kernel import Timer
from labq.signals import heartbeat_sent
from labq.worker.state import SOFTWARE_INFO

if TYPE_CHECKING:
    from labq.worker.worker import Worker

LOAD = (0.0, 0.0, 0.0)
"""The load of the lab's computer, over one, five and fifteen minutes: virtual time costs it nothing."""


class Heart:
    """Beats for one worker.

    Arguments:
        worker: the worker.
        eventer: what sends its events.
        interval: seconds from one beat to the next.
    """

    def __init__(self, worker: Worker, eventer: Any, interval: float | None = None) -> None:
        self.eventer = eventer
        self.interval = float(interval or 2.0)
        self.tref: Timer | None = None
        """The next beat; None while nobody listens."""
        self._worker = worker
        self._began = 0

    @property
    def _heard(self) -> bool:
        return bool(heartbeat_sent.receivers) or self.eventer.heard

    def start(self) -> None:
        """Tell that the worker is there, and beat from now on."""
        self._began = self._worker.kernel.clock.us
        self._send("worker-online")
        self.listen()

    def listen(self) -> None:
        """Beat on if somebody listens now: at the moments at which it would have beaten all the time."""
        if self.tref is None and self._heard:
            kernel, interval = self._worker.kernel, to_microseconds(self.interval)
            beats = (kernel.clock.us - self._began) // interval + 1
            self.tref = kernel.call_at(self._began + beats * interval, self._beat, background=True)

    def _beat(self) -> None:
        self.tref = None
        if self._worker.online:
            self._worker.when_free(lambda: self._send("worker-heartbeat"))
            self.listen()

    def stop(self) -> None:
        """Tell that the worker goes, and beat no more."""
        if self.tref is not None:
            self._worker.kernel.cancel(self.tref)
            self.tref = None
        self._send("worker-offline")

    def _send(self, event: str) -> None:
        if heartbeat_sent.receivers:
            heartbeat_sent.send(sender=self)
        state = self._worker.state
        self.eventer.send(
            event, freq=self.interval, active=len(state.active_requests), processed=state.all_total_count[0],
            loadavg=LOAD, **SOFTWARE_INFO,
        )  # fmt: skip
