# ruff: noqa: ARG002 - programs give arguments that a lab has no use for
"""Pools: a limited number of things that are lent out and come back.

Comes in: what makes one. Goes out: one that is free, or an error when there is none.
Next door: ``labq.kombu.pools`` keeps a pool for each broker.
Celery: ``kombu/resource.py``, and the pools in ``kombu/connection.py``.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Self

from labq.messaging_errors import ChannelLimitExceeded, ConnectionLimitExceeded, LimitExceeded

__all__ = ("ChannelPool", "ConnectionPool", "Resource")


class Resource:
    """A pool.

    Arguments:
        limit: how many may be lent out at once; None or 0 for any number.
        preload: taken as in kombu; here everything is made when it is wanted.
    """

    LimitExceeded: type[LimitExceeded] = LimitExceeded

    def __init__(
        self, limit: int | None = None, preload: int | None = None, close_after_fork: bool | None = None
    ) -> None:
        self._limit = limit
        self._free: deque[Any] = deque()
        self._lent: list[Any] = []
        self._closed = False

    @property
    def limit(self) -> int | None:
        """How many may be lent out at once."""
        return self._limit

    @limit.setter
    def limit(self, limit: int | None) -> None:
        self.resize(limit)

    def new(self) -> Any:
        """Make another one; for overriding."""
        raise NotImplementedError

    def prepare(self, resource: Any) -> Any:
        """Make one fit to be lent out; for overriding."""
        return resource

    def close_resource(self, resource: Any) -> None:
        """Close one for good."""
        resource.close()

    def acquire(self, block: bool = False, timeout: float | None = None) -> Any:
        """Lend one out; its ``release()`` gives it back.

        Nobody else acts while a program of the lab waits for one, so waiting would be for ever: *block* and *timeout*
        change nothing.

        Raises:
            LimitExceeded: when all are lent out.
            RuntimeError: when the pool is closed.
        """
        if self._closed:
            raise RuntimeError("Acquire on closed pool")
        if self._free:
            resource = self.prepare(self._free.popleft())
        elif self._limit and len(self._lent) >= self._limit:
            raise self.LimitExceeded(self._limit)
        else:
            resource = self.prepare(self.new())
        self._lent.append(resource)
        return resource

    def release(self, resource: Any) -> None:
        """Take one back."""
        self._lent = [each for each in self._lent if each is not resource]
        if self._limit is None or self._limit == 0 or len(self._free) < self._limit:
            self._free.append(resource)
        else:
            self.close_resource(resource)

    def replace(self, resource: Any) -> None:
        """Close one that is broken; another will be made in its place."""
        self._lent = [each for each in self._lent if each is not resource]
        self.close_resource(resource)

    def resize(self, limit: int | None, force: bool = False, ignore_errors: bool = False, reset: bool = False) -> None:
        """Let another number be lent out.

        Raises:
            RuntimeError: when more are lent out now, unless *force* or *ignore_errors*.
        """
        shrinks = 0 < (limit or 0) < (self._limit or 0)
        if self._lent and shrinks and not ignore_errors and not force:
            raise RuntimeError(f"Can't shrink pool when in use: was={self._limit} now={limit}")
        self._limit = limit
        if reset:
            self.force_close_all()

    def force_close_all(self, close_pool: bool = True) -> None:
        """Close all, lent out or not."""
        for resource in (*self._lent, *self._free):
            self.close_resource(resource)
        self._lent, self._free = [], deque()
        self._closed = close_pool

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.force_close_all()


class ConnectionPool(Resource):
    """A pool of connections.

    Arguments:
        connection: what they are copies of.
    """

    LimitExceeded = ConnectionLimitExceeded

    def __init__(self, connection: Any, limit: int | None = None, **options: Any) -> None:
        self.connection = connection
        super().__init__(limit, **options)

    def new(self) -> Any:
        """Return another connection like the first; releasing it gives it back."""
        made = self.connection.clone()
        made._pool = self
        return made

    def prepare(self, resource: Any) -> Any:
        """Let a connection that was closed meanwhile connect again."""
        resource._closed = None
        return resource

    def close_resource(self, resource: Any) -> None:
        """Close a connection for good."""
        resource._close()


class ChannelPool(Resource):
    """A pool of channels.

    Arguments:
        connection: whose channels they are.
    """

    LimitExceeded = ChannelLimitExceeded

    def __init__(self, connection: Any, limit: int | None = None, **options: Any) -> None:
        self.connection = connection
        super().__init__(limit, **options)

    def new(self) -> Any:
        """Open another channel."""
        return self.connection.channel()
