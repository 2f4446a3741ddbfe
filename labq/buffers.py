"""Buffers: what is waiting, no more of it than fits.

Comes in: messages. Goes out: the oldest first; what does not fit is dropped, the oldest first.
Next door: ``labq.mappings``.
Celery: ``celery/utils/collections.py`` (``Messagebuffer``, ``BufferMap``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from queue import Empty
from typing import Any

from labq.mappings import OrderedDict

__all__ = ("BufferMap", "Evictable", "Messagebuffer")

AT_ONCE = 100
"""How many are dropped at most after something was put in."""


class Evictable:
    """What drops its oldest until it fits."""

    Empty = Empty
    maxsize: int | None

    @property
    def _evictcount(self) -> int:
        raise NotImplementedError

    def _pop_to_evict(self) -> Any:
        raise NotImplementedError

    def evict(self) -> None:
        """Drop until no more is there than fits."""
        while self._evict_one():
            pass

    def _evict(self, limit: int = AT_ONCE) -> None:
        for _ in range(limit):
            if not self._evict_one():
                return

    def _evict_one(self) -> bool:
        if self.maxsize is None or self._evictcount <= self.maxsize:
            return False
        try:
            self._pop_to_evict()
        except self.Empty:
            return False
        return True


class Messagebuffer(Evictable):
    """Messages in their order.

    Arguments:
        maxsize: how many fit; 0 or None for any number.
        iterable: what is there already.
        deque: makes the sequence that keeps them.
    """

    def __init__(self, maxsize: int | None, iterable: Iterable[Any] | None = None, deque: Any = deque) -> None:
        self.maxsize = maxsize
        self.data = deque(iterable or [])

    def put(self, item: Any) -> None:
        """Put one in."""
        self.data.append(item)
        if self.maxsize:
            self._evict()

    def extend(self, it: Iterable[Any]) -> None:
        """Put several in."""
        self.data.extend(it)
        if self.maxsize:
            self._evict()

    def take(self, *default: Any) -> Any:
        """Take the oldest out; Empty is raised, or *default* given, when there is none."""
        if self.data:
            return self.data.popleft()
        if default:
            return default[0]
        raise self.Empty

    def _pop_to_evict(self) -> Any:
        return self.take()

    @property
    def _evictcount(self) -> int:
        return len(self)

    def __iter__(self) -> Iterator[Any]:
        """Take out one after the other."""
        while self.data:
            yield self.data.popleft()

    def __len__(self) -> int:
        return len(self.data)

    def __contains__(self, item: object) -> bool:
        return item in self.data

    def __reversed__(self) -> Iterator[Any]:
        backwards: Iterator[Any] = reversed(self.data)
        return backwards

    def __getitem__(self, index: int) -> Any:
        return self.data[index]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)}/{self.maxsize}>"


Sequence.register(Messagebuffer)


class BufferMap(OrderedDict, Evictable):
    """Buffers by key; of all of them together no more than *maxsize* is kept, the key used longest ago goes first.

    Arguments:
        maxsize: how much fits in all; 0 or None for any number.
        iterable: a mapping of keys to what is there already.
        bufmaxsize: how much fits into one buffer.
    """

    Buffer = Messagebuffer

    def __init__(self, maxsize: int | None, iterable: Any = None, bufmaxsize: int | None = 1000) -> None:
        super().__init__()
        self.maxsize = maxsize
        self.bufmaxsize = bufmaxsize
        self.total = 0
        for key, found in dict(iterable or {}).items():
            self._fill(key, found)
        if self.maxsize:
            self.evict()

    def put(self, key: Any, item: Any) -> None:
        """Put one into the buffer of *key*, which was used just now."""
        self._fill(key, [item])
        self.move_to_end(key)
        if self.maxsize:
            self._evict()

    def extend(self, key: Any, it: Iterable[Any]) -> None:
        """Put several into the buffer of *key*."""
        self._fill(key, it)
        if self.maxsize:
            self._evict()

    def _fill(self, key: Any, it: Iterable[Any]) -> None:
        buffer = self._get_or_create_buffer(key)
        before = len(buffer)
        buffer.extend(it)
        self.total += len(buffer) - before

    def take(self, key: Any, *default: Any) -> Any:
        """Take the oldest out of the buffer of *key*, which was used just now."""
        buffer = self.get(key)
        if buffer:
            self.total -= 1
            self.move_to_end(key)
            return buffer.take()
        if default:
            return default[0]
        raise self.Empty

    def _get_or_create_buffer(self, key: Any) -> Messagebuffer:
        if key not in self:
            self[key] = self._new_buffer()
        buffer: Messagebuffer = self[key]
        return buffer

    def _new_buffer(self) -> Messagebuffer:
        return self.Buffer(maxsize=self.bufmaxsize)

    def _LRUpop(self, *default: Any) -> Any:  # noqa: N802 - Celery's name
        return self[self._LRUkey()].take(*default)

    def _pop_to_evict(self) -> Any:
        key = self._LRUkey()
        buffer = self[key]
        if buffer:
            self.total -= 1
            dropped = buffer.take()
            if buffer:
                self.move_to_end(key)
            else:
                self.pop(key)
            return dropped
        return self.pop(key)

    @property
    def _evictcount(self) -> int:
        return self.total

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.total}/{self.maxsize}>"
