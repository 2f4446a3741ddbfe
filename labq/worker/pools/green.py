"""The pools of green threads: many bodies in one thread, which take turns whenever one of them waits.

A body that sleeps lets the others go on. A body that computes stops everybody: the other bodies, and the worker itself,
which reads no message and answers nobody meanwhile.
Celery: ``celery/concurrency/gevent.py``, ``celery/concurrency/eventlet.py``; its user guide, "Concurrency".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from labq import signals
from labq.kernel.body import Running
from labq.worker.pools.pool import Pool, Slot


class GreenPool(Pool):
    """Slots that share one thread with each other and with the worker."""

    shares_thread = True
    scales = True

    def __init__(self, worker: Any, concurrency: int) -> None:
        super().__init__(worker, concurrency)
        self._computing: Slot | None = None
        self._stalled: deque[Callable[[], None]] = deque()
        """What would go on if nobody computed."""

    @property
    def blocks_worker(self) -> bool:
        """Whether a body computes now."""
        return self._computing is not None

    def _compute(self, slot: Slot, seconds: float) -> None:
        self._computing = slot
        super()._compute(slot, seconds)

    def _start(self, slot: Slot) -> None:
        if self._computing is None:
            super()._start(slot)
        else:
            self._stalled.append(partial(self._start, slot))

    def _wake(self, slot: Slot, body: Running) -> None:
        if self._computing is None:
            super()._wake(slot, body)
        elif self._computing is slot:
            self._computing = None
            super()._wake(slot, body)
            self._go_on_with_others()
        else:
            self._stalled.append(partial(self._wake, slot, body))

    def _serve(self, slot: Slot, body: Running, wish: Any) -> None:
        if self._computing is None:
            super()._serve(slot, body, wish)
        else:
            self._stalled.append(partial(self._serve, slot, body, wish))

    def _go_on_with_others(self) -> None:
        while self._stalled and self._computing is None:
            self._stalled.popleft()()
        self.worker.on_slot_free()

    # -- ending a body -----------------------------------------------------------------------------------------
    def check_termination(self) -> None:
        """Do nothing: a green thread can be ended whenever it waits."""

    def terminate_job(self, slot: Slot, signal: int) -> None:
        """End the body in *slot*; which signal it is makes no difference to a green thread."""
        del signal
        self.stop_body(slot)
        self._release(slot)

    # -- growing and shrinking ---------------------------------------------------------------------------------
    def grow(self, n: int = 1) -> None:
        """Make room for *n* more bodies."""
        self.limit += n
        for _ in range(n):
            self.add_slot()
        self._fill()

    def shrink(self, n: int = 1) -> None:
        """Take the room for *n* bodies away; those that run are left alone."""
        self.limit -= n
        for slot in sorted(self.slots, key=lambda slot: slot.request is not None)[:n]:
            slot.retired = True
            self.slots.remove(slot)
            if slot in self._free:
                self._free.remove(slot)


class GeventPool(GreenPool):
    """Green threads of gevent, which can be given a hard limit of time, but no soft one."""

    name = "gevent"
    implementation = "celery.concurrency.gevent:TaskPool"

    def limit_time(self, slot: Slot, hard: float | None, soft: float | None) -> None:
        """End the body in *slot* after *hard* seconds."""
        del soft
        if hard:
            slot.limits = (self.worker.kernel.call_later(hard, self._time_out, slot, slot.request, hard),)

    def _time_out(self, slot: Slot, request: Any, seconds: float) -> None:
        if slot.request is not request or request is None:
            return
        if self._computing is not None:  # nobody looks at the clock while somebody computes
            self._stalled.append(partial(self._time_out, slot, request, seconds))
            return
        self.stop_body(slot)
        self.worker.outcomes.timed_out(slot, request, seconds, prefork=False)
        self._release(slot)


class EventletPool(GreenPool):
    """Green threads of eventlet, which know no limits of time."""

    name = "eventlet"
    implementation = "celery.concurrency.eventlet:TaskPool"

    @property
    def info(self) -> dict[str, Any]:
        """What Celery's statistics say about it."""
        return {**super().info, "free-threads": len(self._free), "running-threads": len(self.slots) - len(self._free)}

    def begin(self) -> None:
        """Tell who listens that the pool begins."""
        if signals.eventlet_pool_started.receivers:
            signals.eventlet_pool_started.send(sender=self)

    def _start(self, slot: Slot) -> None:
        request = slot.request
        if self._computing is None and request is not None and signals.eventlet_pool_apply.receivers:
            signals.eventlet_pool_apply.send(sender=self, target=request.task, args=request.args, kwargs=request.kwargs)
        super()._start(slot)

    def end_children(self, exit_code: int = 0) -> None:
        """Tell who listens that the pool ends."""
        del exit_code
        if signals.eventlet_pool_preshutdown.receivers:
            signals.eventlet_pool_preshutdown.send(sender=self)
        if signals.eventlet_pool_postshutdown.receivers:
            signals.eventlet_pool_postshutdown.send(sender=self)
