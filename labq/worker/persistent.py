"""The state file: the ids of revoked tasks, kept while a worker is down.

Comes in: a file's name (``--statedb``). Goes out: what the worker that used it last knew; when a worker stops, the file
again. The file is a shelve, with Celery's keys, so that a real worker can go on with it.
Celery: ``Persistent`` in ``celery/worker/state.py``.
"""

from __future__ import annotations

import pickle
import shelve
import zlib
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Protocol

from labq.worker.limited_set import LimitedSet


class Revoking(Protocol):
    """The part of a worker's state that is kept."""

    revoked: Any

    def merge_revoked(self, task_ids: Iterable[str] | None) -> None:
        """Take ids in."""


class Persistent:
    """The ids of revoked tasks in a file; making one reads the file into *state*.

    Arguments:
        state: a worker's state.
        filename: the file's name.
        clock: a logical clock that is kept too, if there is one.
    """

    storage: Any = shelve
    protocol = 2
    compress = staticmethod(zlib.compress)
    decompress = staticmethod(zlib.decompress)

    def __init__(self, state: Revoking, filename: str, clock: Any = None) -> None:
        self.state = state
        self.filename = filename
        self.clock = clock
        self._is_open = False
        self.merge()

    def open(self) -> Any:
        """Open the file."""
        return self.storage.open(self.filename, protocol=self.protocol, writeback=True)

    @cached_property
    def db(self) -> Any:
        """The open file."""
        self._is_open = True
        return self.open()

    def merge(self) -> None:
        """Read the file into the state."""
        self._merge_with(self.db)

    def sync(self) -> None:
        """Write the state into the file."""
        self._sync_with(self.db)
        self.db.sync()

    def close(self) -> None:
        """Close the file."""
        if self._is_open:
            self.db.close()
            self._is_open = False

    def save(self) -> None:
        """Write the state into the file and close it."""
        self.sync()
        self.close()

    def _merge_with(self, known: Any) -> Any:
        packed = known.get("zrevoked")
        if packed is not None:
            self.state.merge_revoked(self._loads(packed) if packed else None)
        elif "revoked" in known:  # as older workers wrote it
            self.state.merge_revoked(known.pop("revoked"))
        self.state.revoked.purge()
        if self.clock:
            known["clock"] = self.clock.adjust(known.get("clock") or 0)
        return known

    def _sync_with(self, known: Any) -> Any:
        self.state.revoked.purge()
        known.update(
            __proto__=3,
            zrevoked=self.compress(self._dumps(self.state.revoked)),
            clock=self.clock.forward() if self.clock else 0,
        )
        return known

    def _loads(self, packed: bytes) -> Any:
        return pickle.loads(self.decompress(packed))  # noqa: S301 - the worker's own file, as in Celery

    def _dumps(self, revoked: Any) -> bytes:
        """Return the ids alone: a reader's own classes are enough, and the moments mean nothing to another clock."""
        return pickle.dumps(list(revoked), protocol=self.protocol)


class _Ids:
    """Takes the ids of a file in, and nothing else."""

    def __init__(self) -> None:
        self.revoked = LimitedSet()

    def merge_revoked(self, task_ids: Iterable[str] | None) -> None:
        """Take ids in."""
        self.revoked.update(list(task_ids or ()))


def remembered(filename: str) -> tuple[str, ...]:
    """Return the ids of revoked tasks in the state file *filename*; it is made when it is not there."""
    ids = _Ids()
    Persistent(ids, filename).close()
    return tuple(ids.revoked)
