"""A backend on keys and values: for people who bring a place of their own to keep results in.

Comes in: results, groups, the counters of chords. Goes out: ``get``, ``set``, ``delete`` and, if the place can count,
``incr``, which a subclass gives. What it keeps lies outside of the lab: a rewind does not take it back.
Next door: ``cache`` is the one that the lab has.
Celery: ``KeyValueStoreBackend`` in ``celery/backends/base.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from labq.backends.backend import Backend, Meta
from labq.backends.reading import UNKNOWN
from labq.states import READY_STATES, SUCCESS
from labq.wire.saferepr import saferepr


class KeyValueStoreBackend(Backend):
    """Keeps results under keys; a subclass says where."""

    task_keyprefix = "celery-task-meta-"
    group_keyprefix = "celery-taskset-meta-"
    chord_keyprefix = "chord-unlock-"

    # -- what a subclass gives ---------------------------------------------------------------------------------
    def get(self, key: Any) -> Any:
        """Return what is kept under *key*, or None."""
        _must_be_given("Must implement the get method.", key)

    def set(self, key: Any, value: Any) -> Any:
        """Keep *value* under *key*."""
        _must_be_given("Must implement the set method.", key, value)

    def delete(self, key: Any) -> Any:
        """Forget what is kept under *key*."""
        _must_be_given("Must implement the delete method", key)

    def incr(self, key: Any) -> int:
        """Add one to the number under *key* and return it; only asked when ``implements_incr``."""
        _must_be_given("Does not implement incr", key)

    def mget(self, keys: Any) -> Any:
        """Return what is kept under each of *keys*."""
        return [self.get(key) for key in keys]

    def expire(self, key: Any, value: Any) -> Any:
        """Let what is kept under *key* be forgotten after *value* seconds; for those that can."""

    # -- keys --------------------------------------------------------------------------------------------------
    def get_key_for_task(self, task_id: Any, key: str = "") -> Any:
        """Return the key of a task's result."""
        return _key(self.task_keyprefix, "task_id", task_id, key)

    def get_key_for_group(self, group_id: Any, key: str = "") -> Any:
        """Return the key of a group."""
        return _key(self.group_keyprefix, "group_id", group_id, key)

    def get_key_for_chord(self, group_id: Any, key: str = "") -> Any:
        """Return the key of a chord's counter."""
        return _key(self.chord_keyprefix, "group_id", group_id, key)

    # -- results -----------------------------------------------------------------------------------------------
    def store_result(
        self,
        task_id: str,
        result: Any,
        state: str,
        traceback: str | None = None,
        request: Any = None,
        text: str | None = None,
        **_: Any,
    ) -> Any:
        """Keep *result* and *state* of a task, unless it has succeeded before; return the result."""
        result = self.encode_result(result, state)
        if self.get_task_meta(task_id)["status"] != SUCCESS:
            text = saferepr(result, 1024) if text is None else text
            written = self._describe(task_id, result, state, traceback, request, text)
            self._set_with_state(self.get_key_for_task(task_id), written.payload, state)
        return result

    def _set_with_state(self, key: Any, value: Any, state: str) -> Any:
        """Keep *value*; for subclasses that keep results of some states in another way."""
        del state
        return self.set(key, value)

    def get_task_meta(self, task_id: str, cache: bool = True) -> Meta:
        """Return what is known of a task; an unknown one is PENDING."""
        del cache
        self._ensure_not_eager()
        kept = self.get(self.get_key_for_task(task_id))
        return self.decode_result(kept) if kept else dict(UNKNOWN)

    def task_result_exists(self, task_id: str) -> bool:
        """Tell whether anything is kept for the task."""
        return bool(self.get(self.get_key_for_task(task_id)))

    def forget(self, task_id: str) -> None:
        """Forget a result."""
        self.delete(self.get_key_for_task(task_id))

    def _watch(self, task_id: str) -> Callable[[], bool]:
        return partial(self._is_ready, task_id)

    def _is_ready(self, task_id: str) -> bool:
        return self.get_task_meta(task_id)["status"] in READY_STATES

    # -- groups and chords -------------------------------------------------------------------------------------
    def save_group(self, group_id: str, result: Any) -> Any:
        """Keep which results a group has, and return *result*."""
        self._set_with_state(self.get_key_for_group(group_id), self.encode({"result": result.as_tuple()}), SUCCESS)
        return result

    def delete_group(self, group_id: str) -> None:
        """Forget which results a group has."""
        self.delete(self.get_key_for_group(group_id))

    def _restore_group(self, group_id: str) -> Meta | None:
        kept = self.get(self.get_key_for_group(group_id))
        if not kept:
            return None
        meta: Meta = self.decode(kept)
        meta["result"] = self.app.aftermath.read_result(meta["result"])
        return meta

    def apply_chord(self, header_result_args: Any, body: Any, **options: Any) -> None:
        """Save the header for the parts that will be counted; where nothing counts, look again and again."""
        if not self.implements_incr:
            super().apply_chord(header_result_args, body, **options)
            return
        self.ensure_chords_allowed()
        self.app.GroupResult(*header_result_args).save(backend=self)

    def on_chord_part_return(self, request: Any, state: str, result: Any, **_: Any) -> None:
        """Count a part of a chord; the last one starts the body, or lets it fail."""
        if self.implements_incr and request.group:
            self.app.aftermath.part_returned(self, request, state, result)

    def chord_size(self, group_id: str) -> int | None:
        """Return None: the header's results are counted."""
        del group_id
        return None

    def count_part(self, group_id: str, task_id: str | None, size: int) -> int:
        """Count one more part of a chord, and return how many have ended now."""
        del task_id, size
        return self.incr(self.get_key_for_chord(group_id))

    def drop_count(self, group_id: str) -> None:
        """Forget a chord's counter."""
        self.delete(self.get_key_for_chord(group_id))


def _key(prefix: str, name: str, value: Any, more: str) -> str:
    if not value:
        msg = f"{name} must not be empty. Got {value} instead."
        raise ValueError(msg)
    return f"{prefix}{value}{more}"


def _must_be_given(words: str, *_: Any) -> NoReturn:
    raise NotImplementedError(words)
