"""Rate limits: how many tasks of a kind a worker may start in a second, a minute, an hour.

Comes in: requests of tasks that have a ``rate_limit``. Goes out: the same, when there is a token for them.
Each worker has one bucket for each kind of task. It holds one token at most, so tasks come evenly, never in a heap.
Celery: ``_limit_task`` in ``celery/worker/consumer/consumer.py``; ``TokenBucket`` in ``kombu/utils/limits.py``.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labq.kernel.clock import MICROSECONDS
from labq.log.record import TASK_LIMITED

if TYPE_CHECKING:
    from labq.worker.request import Request
    from labq.worker.worker import Worker

SECONDS = {"s": 1, "m": 60, "h": 60 * 60}
"""How long the time is that a rate names."""

NEARLY = 1e-9
"""Seconds are counted in binary fractions: what lacks no more than this of a token is one."""


def rate(said: Any) -> float:
    """Return tokens a second.

    Arguments:
        said: ``"10/m"``, ``"0.5/s"``, a number of tasks a second, or None for no limit.

    Raises:
        KeyError: for a time that is none of s, m, h.
        ValueError: for what is no number.

    >>> rate("6/m"), rate("10"), rate(None)
    (0.1, 10.0, 0)
    """
    if not said:
        return 0
    if isinstance(said, str):
        count, _, time = said.partition("/")
        return float(count) / SECONDS[time or "s"]
    return said  # type: ignore[no-any-return]


class TokenBucket:
    """A bucket that fills with tokens, and the requests that wait for them.

    Arguments:
        fill_rate: tokens a second.
        clock: tells the present in seconds.
        capacity: the most tokens it holds.
    """

    def __init__(self, fill_rate: float, clock: Callable[[], float], capacity: float = 1) -> None:
        self.fill_rate = float(fill_rate)
        self.capacity = float(capacity)
        self.contents: deque[Any] = deque()
        """What waits."""
        self.waits = False
        """Whether a timer will look again."""
        self._clock = clock
        self._tokens = float(capacity)
        self._looked = clock()

    def can_consume(self, tokens: float = 1) -> bool:
        """Take so many tokens, if they are there; tell whether they were."""
        if tokens <= self._fill() + NEARLY:
            self._tokens -= tokens
            return True
        return False

    def expected_time(self, tokens: float = 1) -> float:
        """Return in how many seconds so many tokens will be there."""
        return max(0.0, tokens - self._fill()) / self.fill_rate

    def _fill(self) -> float:
        now = self._clock()
        self._tokens = min(self.capacity, self._tokens + self.fill_rate * (now - self._looked))
        self._looked = now
        return self._tokens


class Rates:
    """The rate limits of one worker.

    Arguments:
        worker: the worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._said: dict[str, Any] = {}
        self._buckets: dict[str, TokenBucket | None] = {}
        self.enabled = worker.options.rate_limits

    def limit_of(self, task: Any) -> Any:
        """Return the rate limit of *task* on this worker, as it was written."""
        return self._said.get(task.name, task.rate_limit)

    def set(self, name: str, said: Any) -> None:
        """Give the task called *name* another rate limit; every bucket is new and full then, as in Celery."""
        self._said[name] = said
        self._buckets.clear()

    def bucket(self, task: Any) -> TokenBucket | None:
        """Return the bucket for *task*, or None when it has no limit."""
        name = task.name
        if name not in self._buckets:
            limit = rate(self.limit_of(task)) if self.enabled else 0
            self._buckets[name] = TokenBucket(limit, self._now) if limit else None
        return self._buckets[name]

    def _now(self) -> float:
        return self._worker.kernel.clock.time

    def clear(self) -> None:
        """Forget everything that waits."""
        for bucket in self._buckets.values():
            if bucket is not None:
                bucket.contents.clear()

    def wait(self, request: Request, bucket: TokenBucket) -> None:
        """Let *request* have a token when one comes, after those that came before it."""
        worker = self._worker
        bucket.contents.append(request)
        hold = self._serve(bucket)
        if bucket.contents:
            seconds = hold + (len(bucket.contents) - 1) / bucket.fill_rate
            worker.log.append(TASK_LIMITED, request.id, worker.hostname, request.serial, seconds)

    def _serve(self, bucket: TokenBucket) -> float:
        """Let everything go for which there is a token; return in how many seconds the next token comes."""
        worker = self._worker
        while bucket.contents and worker.online:
            if bucket.can_consume(1):
                worker.strategy.reserve(bucket.contents.popleft())
                continue
            hold = bucket.expected_time(1)
            if not bucket.waits:
                bucket.waits = True
                # a timer that came a fraction of a microsecond too early would find no token
                moment = math.ceil(hold * MICROSECONDS - NEARLY) + worker.kernel.clock.us
                worker.kernel.call_at(moment, self._wake, bucket)
            return hold
        return 0.0

    def _wake(self, bucket: TokenBucket) -> None:
        bucket.waits = False
        self._worker.when_free(lambda: self._serve(bucket))
