"""The prefetch window: how many messages a worker may hold unacknowledged, while that number changes.

It grows by one for each task that waits for its moment, so that those do not starve the others, and with the pool.
Next door: ``labq.brokers.channel`` keeps to it.
Celery: ``QoS`` in ``kombu/common.py``, which ``celery/worker/consumer/tasks.py`` uses.
"""

from __future__ import annotations

from collections.abc import Callable


class Window:
    """The prefetch window of a worker.

    Arguments:
        tell: tells the broker how many; 0 is no limit.
        value: how many at first; 0 stays 0.
        most: where growing ends (``worker_eta_task_limit``); None is nowhere.
    """

    def __init__(self, tell: Callable[[int], None], value: int, most: int | None = None) -> None:
        self.value = value
        """How many messages the worker may hold."""
        self.max_prefetch = most
        self._tell = tell

    def set(self, value: int) -> None:
        """Let it be *value* from now on."""
        if value != self.value:
            self.value = value
            self._tell(value)

    def increment_eventually(self, n: int = 1) -> int:
        """Make it wider by *n*, as far as the limit allows; return how wide it is."""
        if self.value:
            wider = self.value + max(n, 0)
            self.set(wider if self.max_prefetch is None else min(wider, self.max_prefetch))
        return self.value

    def decrement_eventually(self, n: int = 1) -> int:
        """Make it narrower by *n*, but never 0, which would be no limit; return how wide it is."""
        if self.value:
            self.set(max(1, self.value - n))
        return self.value
