"""The backend in memory: results, groups and the counters of chords under keys.

Each part of a chord counts itself when it has ended; the one that finds the counter full starts the body.
Next door: ``labq.backends.store.MemoryStore`` keeps; ``labq.app.aftermath`` knows what a full counter means.
Celery: ``celery/backends/cache.py``.
"""

from __future__ import annotations

from typing import Any

from labq.backends.backend import Backend, Meta
from labq.backends.changes import CountPart, DropCount, DropGroup, OpenCount, SaveGroup, SetSize
from labq.backends.keyvalue import KeyValueStoreBackend
from labq.backends.owner import Owner


class CacheBackend(KeyValueStoreBackend):
    """Results in the lab's memory: ``cache+memory://``."""

    supports_native_join = True
    supports_autoexpire = True
    implements_incr = True

    def __init__(self, app: Owner, **options: Any) -> None:
        super().__init__(app, **options)
        self.expires = None if self.expires is None else int(self.expires)

    def as_uri(self, include_password: bool = False) -> str:
        """Return the address, without its first word as in Celery."""
        del include_password
        return "memory:///"

    # the store's own ways, rather than one key after the other
    store_result = Backend.store_result
    get_task_meta = Backend.get_task_meta
    task_result_exists = Backend.task_result_exists
    forget = Backend.forget
    _watch = Backend._watch

    def get(self, key: str | bytes) -> Any:
        """Return the very bytes under a key: of a result, or of a group; None when there are none."""
        name = key.decode() if isinstance(key, bytes) else key
        if name.startswith(self.task_keyprefix):
            stored = self._store.get(name.removeprefix(self.task_keyprefix))
            return None if stored is None else stored.payload
        return self._store.group(name.removeprefix(self.group_keyprefix))

    # -- groups ------------------------------------------------------------------------------------------------
    def save_group(self, group_id: str, result: Any) -> Any:
        """Write down which results a group has, and return *result*."""
        payload = self.encode({"result": result.as_tuple()})
        self.world.change_store(self.url, self._broker_url, SaveGroup(group_id, payload))
        return result

    def delete_group(self, group_id: str) -> None:
        """Forget which results a group has."""
        self.world.change_store(self.url, self._broker_url, DropGroup(group_id))

    def _restore_group(self, group_id: str) -> Meta | None:
        payload = self._store.group(group_id)
        if payload is None:
            return None
        meta: Meta = self.decode(payload)
        meta["result"] = self.app.aftermath.read_result(meta["result"])
        return meta

    # -- chords ------------------------------------------------------------------------------------------------
    def apply_chord(self, header_result_args: Any, body: Any, **options: Any) -> None:
        """Set the counter of a chord to nought and save its header, before the first of its tasks is sent."""
        del body, options
        self.ensure_chords_allowed()
        self.world.change_store(self.url, self._broker_url, OpenCount(header_result_args[0]))
        self.app.GroupResult(*header_result_args).save(backend=self)

    def on_chord_part_return(self, request: Any, state: str, result: Any, **_: Any) -> None:
        """Count a part of a chord; the last one starts the body, or lets it fail."""
        if request.group:
            self.app.aftermath.part_returned(self, request, state, result)

    def count_part(self, group_id: str, task_id: str | None, size: int) -> int:
        """Count one more part of a chord of *size* parts, and return how many have ended now."""
        count: int = self.world.change_store(self.url, self._broker_url, CountPart(group_id, task_id, size))
        return count

    def set_chord_size(self, group_id: str, chord_size: int) -> None:
        """Note for how many parts a chord waits: a chain that ends in a group is as many as its last group."""
        self.world.change_store(self.url, self._broker_url, SetSize(group_id, chord_size))

    def chord_size(self, group_id: str) -> int | None:
        """Return for how many parts a chord waits; None while its header is still being sent."""
        size: int | None = self._store.chord_size(group_id)
        return size

    def add_to_chord(self, chord_id: str, result: Any) -> None:
        """Let a chord wait for one more task, whose value comes last."""
        header = self.restore_group(chord_id)
        header.results.append(result)
        self.save_group(chord_id, header)
        size = self.chord_size(chord_id)
        if size is not None:
            self.set_chord_size(chord_id, size + 1)

    def drop_count(self, group_id: str) -> None:
        """Forget a chord's counter."""
        self.world.change_store(self.url, self._broker_url, DropCount(group_id))
