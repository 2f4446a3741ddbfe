# ruff: noqa: ARG001, ARG002 - programs give arguments that a lab has no use for
"""Pools of connections and producers, one for each broker: ``with producers[connection].acquire() as producer``.

Comes in: a connection. Goes out: the pool of those that lead to the same broker.
Next door: ``labq.kombu.resource`` says what a pool is.
Celery: ``kombu/pools.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labq.kombu.messaging import Producer
from labq.kombu.resource import Resource

__all__ = ("PoolGroup", "ProducerPool", "connections", "get_limit", "producers", "register_group", "reset", "set_limit")

use_global_limit = object()
_limit = [10]
_groups: list[PoolGroup] = []


class ProducerPool(Resource):
    """A pool of producers, each with a connection of its own.

    Arguments:
        connections: the pool their connections come from.
    """

    Producer = Producer

    def __init__(self, connections: Any, *args: Any, **options: Any) -> None:
        self.connections = connections
        self.Producer = options.pop("Producer", None) or self.Producer
        super().__init__(*args, **options)

    def new(self) -> Any:
        """Make another producer."""
        return self.Producer(self.connections.acquire(block=True))

    def prepare(self, resource: Any) -> Any:
        """Give a producer that came back a connection again."""
        if resource.__connection__ is None:
            resource.revive(self.connections.acquire(block=True))
        resource._pool = self
        return resource

    def release(self, resource: Any) -> None:
        """Take a producer back, and its connection from it."""
        if resource.__connection__ is not None:
            resource.__connection__.release()
            resource.__connection__ = None
        super().release(resource)

    def close_resource(self, resource: Any) -> None:
        """Leave a producer alone: its connection belongs to the other pool."""


class PoolGroup(dict[Any, Resource]):
    """Pools by what they were made for; connections to the same broker share one.

    Arguments:
        limit: of each pool; ``use_global_limit`` for that of ``set_limit``.
    """

    def __init__(self, limit: Any = None, close_after_fork: bool = True) -> None:
        super().__init__()
        self.limit = limit

    def create(self, resource: Any, limit: int | None) -> Resource:
        """Make the pool for *resource*; for overriding."""
        raise NotImplementedError("PoolGroups must define ``create``")

    def _key(self, resource: Any) -> Any:
        return resource.eqhash() if hasattr(resource, "eqhash") else resource

    def __getitem__(self, resource: Any) -> Resource:
        key = self._key(resource)
        pool = self.get(key)
        if pool is None:
            limit = get_limit() if self.limit is use_global_limit else self.limit
            pool = self.create(resource, limit)
            super().__setitem__(key, pool)
        return pool

    def __setitem__(self, resource: Any, pool: Resource) -> None:
        super().__setitem__(self._key(resource), pool)

    def __contains__(self, resource: object) -> bool:
        return super().__contains__(self._key(resource))


def register_group(group: PoolGroup) -> PoolGroup:
    """Let ``set_limit`` and ``reset`` reach the pools of *group*."""
    _groups.append(group)
    return group


class Connections(PoolGroup):
    """Pools of connections."""

    def create(self, resource: Any, limit: int | None) -> Resource:
        """Make a pool of connections like *resource*."""
        pool: Resource = resource.Pool(limit=limit)
        return pool


class Producers(PoolGroup):
    """Pools of producers."""

    def create(self, resource: Any, limit: int | None) -> Resource:
        """Make a pool of producers for the broker of *resource*."""
        return ProducerPool(connections[resource], limit=limit)


connections = Connections(limit=use_global_limit)
producers = Producers(limit=use_global_limit)
register_group(connections)
register_group(producers)


def _all_pools() -> Iterator[Resource]:
    for group in _groups:
        yield from group.values()


def get_limit() -> int:
    """Return how many connections a pool may lend out."""
    return _limit[0]


def set_limit(limit: int | None, force: bool = False, reset_after: bool = False, ignore_errors: bool = False) -> int:
    """Let every pool lend out another number of connections; None is any number."""
    if isinstance(limit, bool):
        raise TypeError("limit must be an int, not bool")
    _limit[0], before = limit or 0, _limit[0]
    if _limit[0] != before:
        for pool in _all_pools():
            pool.resize(_limit[0])
    return _limit[0]


def reset(*_: Any, **__: Any) -> None:
    """Close every pool and forget it."""
    for pool in _all_pools():
        pool.force_close_all()
    for group in _groups:
        group.clear()
