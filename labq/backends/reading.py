"""A reader: the half of a backend that a client uses.

Comes in: task ids. Goes out: what is known of the tasks, at once or when they have ended: waiting drives the lab.
Next door: ``backend`` adds the writing; ``store`` has the bytes; ``labq.result`` asks.
Celery: ``get_task_meta``, ``SyncBackendMixin`` and their neighbours in ``celery/backends/base.py``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from labq import states
from labq.backends.failures import read_exception
from labq.backends.owner import Owner
from labq.backends.settings import ResultSettings
from labq.backends.store import Store, Stored
from labq.exceptions import (
    DecodeError,
    ImproperlyConfigured,
    TimeoutError,  # noqa: A004 - Celery's name
)
from labq.states import EXCEPTION_STATES, PENDING, READY_STATES
from labq.wire.serializers import loads

if TYPE_CHECKING:
    from labq.result import AsyncResult

Meta = dict[str, Any]
"""What is known of a task: status, result, traceback, children, date_done, task_id and more."""

UNKNOWN: Meta = {"status": PENDING, "result": None}

NOT_STORED = (
    "Results are not stored in backend and should not be retrieved when task_always_eager is enabled, unless "
    "task_store_eager_result is enabled."
)
TIMED_OUT = "The operation timed out."


class Waiter:
    """Waits for results by looking, whoever keeps them: it needs ``wait_for`` and ``get_many``."""

    is_async = False
    wait_for: Callable[..., Meta | None]
    get_many: Callable[..., Iterator[tuple[str, Meta]]]
    _ensure_not_eager: Callable[[], None]

    def wait_for_pending(
        self,
        result: AsyncResult,
        timeout: float | None = None,
        propagate: bool = True,
        callback: Callable[[str, Any], Any] | None = None,
        on_message: Callable[[Meta], Any] | None = None,
        **options: Any,
    ) -> Any:
        """Run the lab until *result* is ready and return its value.

        Raises:
            TimeoutError: when *timeout* virtual seconds pass first.
            NeverReady: without a timeout, when nothing in the lab can ever make it ready; it says why.
            Exception: the task's own, when it failed and *propagate* is true.
        """
        if on_message is not None:
            msg = "Backend does not support on_message callback"
            raise ImproperlyConfigured(msg)
        self._ensure_not_eager()
        meta = self.wait_for(result.id, timeout=timeout, **options)
        if not meta:
            return None
        result._maybe_set_cache(meta)
        return result.maybe_throw(propagate=propagate, callback=callback)

    def iter_native(
        self,
        result: Any,
        timeout: float | None = None,
        interval: float = 0.5,
        no_ack: bool = True,
        on_message: Callable[[Meta], Any] | None = None,
        on_interval: Callable[[], Any] | None = None,
    ) -> Iterator[tuple[str, Any]]:
        """Yield the id and what is known of each task of a set of results, as they become ready.

        A set within the set comes first, with its results.
        """
        del interval, no_ack, on_interval
        self._ensure_not_eager()
        task_ids = []
        for each in result.results:
            if hasattr(each, "results"):
                yield each.id, each.results
            else:
                task_ids.append(each.id)
        yield from self.get_many(task_ids, timeout=timeout, on_message=on_message)

    def add_pending_result(self, result: Any, weak: bool = False) -> Any:
        """Return *result*: the lab needs not be told beforehand what somebody will wait for."""
        del weak
        return result

    def remove_pending_result(self, result: Any) -> Any:
        """Return *result*."""
        return result


class Reader(Waiter):
    """Reads results for one app.

    Arguments:
        app: whose results they are.
        serializer: what they are written with; the setting ``result_serializer`` by default.
        expires: how long they are kept, in seconds; the setting ``result_expires`` by default.
        url: where they lie.
        options: others of Celery's, which mean nothing here.
    """

    READY_STATES = READY_STATES
    UNREADY_STATES = states.UNREADY_STATES
    EXCEPTION_STATES = EXCEPTION_STATES
    TimeoutError = TimeoutError
    supports_native_join = False
    supports_autoexpire = False
    implements_incr = False
    persistent = True
    replies = False
    """Whether a client needs an address of its own to read results."""

    def __init__(
        self, app: Owner, serializer: str | None = None, expires: Any = None, url: str | None = None, **options: Any
    ) -> None:
        del options
        self.app: Any = app
        self.world = app.world
        self.url = url
        self._broker_url: str = app.sending.broker_url
        self._settings = settings = ResultSettings.of(app.conf, serializer, expires)
        self._now = app.now_text
        self._kept: tuple[int, Store] | None = None
        self.serializer = settings.serializer
        self.expires = settings.expires
        self.accept = settings.accept
        settings.warn(type(self).__name__)

    def __repr__(self) -> str:
        """Return the kind of backend and its address."""
        return f"<{type(self).__name__} {self.as_uri()}>"

    def as_uri(self, include_password: bool = False) -> str:
        """Return the address; a password in it is masked unless asked for."""
        del include_password  # no store of the lab needs one
        return self.url or ""

    @property
    def _store(self) -> Any:
        generation = self.world.generation
        if self._kept is None or self._kept[0] != generation:  # after a rewind the store is another one
            self._kept = (generation, self.world.store(self.url, self._broker_url))
        return self._kept[1]

    # -- forms -------------------------------------------------------------------------------------------------
    def decode(self, payload: Any) -> Any:
        """Return what ``encode`` was given; None for None."""
        if payload is None:
            return None
        return loads(payload, self._settings.content_type, self._settings.content_encoding, self._settings.accept)

    def decode_result(self, payload: Any) -> Meta:
        """Return what was stored, exceptions as exceptions."""
        return self.meta_from_decoded(self.decode(payload))

    def meta_from_decoded(self, meta: Meta) -> Meta:
        """Return *meta* with its exception, if it has one, as an exception."""
        if meta["status"] in EXCEPTION_STATES:
            meta["result"] = self.exception_to_python(meta["result"])
        return meta

    def exception_to_python(self, exc: Any) -> BaseException | None:
        """Return the exception that ``prepare_exception`` was given, or one like it; see ``failures``."""
        return read_exception(exc)

    # -- reading -----------------------------------------------------------------------------------------------
    def get_task_meta(self, task_id: str, cache: bool = True) -> Meta:
        """Return what is known of a task; an unknown one is PENDING, as in Celery."""
        del cache  # the store is no further away than any cache
        if self._settings.unstored:
            self._ensure_not_eager()
        stored = self._store.get(task_id)
        return dict(UNKNOWN) if stored is None else self._read(stored)

    def _ensure_not_eager(self) -> None:
        if self._settings.unstored:
            warnings.warn(NOT_STORED, RuntimeWarning, stacklevel=3)

    def _read(self, stored: Stored) -> Meta:
        try:
            meta = loads(stored.payload, stored.content_type, stored.content_encoding, self._settings.accept)
        except DecodeError:
            return dict(UNKNOWN)
        return self.meta_from_decoded(meta) if meta["status"] in EXCEPTION_STATES else meta

    def task_result_exists(self, task_id: str) -> bool:
        """Tell whether anything is stored for the task."""
        return self._store.get(task_id) is not None

    def is_cached(self, task_id: str) -> bool:
        """Tell whether Celery's client would have the result at hand: with ``result_cache_max``, once it is stored."""
        return self._settings.remembers and self.task_result_exists(task_id)

    def get_state(self, task_id: str) -> str:
        """Return the state of a task."""
        return str(self.get_task_meta(task_id)["status"])

    get_status = get_state

    def get_result(self, task_id: str) -> Any:
        """Return the result of a task."""
        return self.get_task_meta(task_id).get("result")

    def get_traceback(self, task_id: str) -> str | None:
        """Return the traceback of a failed task."""
        return self.get_task_meta(task_id).get("traceback")

    def get_children(self, task_id: str) -> Any:
        """Return the results of the tasks that a task has sent, as tuples."""
        return self.get_task_meta(task_id).get("children")

    def forget(self, task_id: str) -> None:
        """Take the result away."""
        self.world.forget_result(self.url, self._broker_url, task_id)

    # -- waiting -----------------------------------------------------------------------------------------------
    def wait_for(self, task_id: str, timeout: float | None = None, **_: Any) -> Meta:
        """Run the lab until the task has ended, and return what is known of it; for errors see ``wait_for_pending``."""
        self._wait(task_id, timeout)
        return self.get_task_meta(task_id)

    def _watch(self, task_id: str) -> Callable[[], bool]:
        """Return a function that tells whether a final state is there."""
        watch: Callable[[], bool] = self._store.watch(task_id)
        return watch

    def _wait(self, task_id: str, timeout: float | None) -> None:
        ready = self._watch(task_id)
        if not ready() and not self.world.wait(ready, timeout, partial(self.world.explain, task_id)):
            raise TimeoutError(TIMED_OUT)

    def get_many(
        self,
        task_ids: Iterable[str],
        timeout: float | None = None,
        interval: float = 0.5,
        no_ack: bool = True,
        on_message: Callable[[Meta], Any] | None = None,
        on_interval: Callable[[], Any] | None = None,
        max_iterations: int | None = None,
        **_: Any,
    ) -> Iterator[tuple[str, Meta]]:
        """Yield the id and what is known of each task, as they become ready; the lab runs meanwhile.

        Raises:
            TimeoutError: when *timeout* virtual seconds pass first.
            NeverReady: without a timeout, when nothing in the lab can ever make one ready; it says why.
        """
        del interval, no_ack, on_interval, max_iterations
        watches = {task_id: self._watch(task_id) for task_id in task_ids}
        deadline = None if timeout is None else self.world.clock.time + timeout
        while watches:
            ready = [task_id for task_id, is_ready in watches.items() if is_ready()]
            for task_id in ready:
                del watches[task_id]
                meta = self.get_task_meta(task_id)
                if on_message is not None:
                    on_message(meta)
                yield task_id, meta
            if not ready:
                self._wait_for_any(watches, timeout, deadline)

    def _wait_for_any(
        self, watches: dict[str, Callable[[], bool]], timeout: float | None, deadline: float | None
    ) -> None:
        left = None if deadline is None else max(0.0, deadline - self.world.clock.time)
        why = partial(self.world.explain, next(iter(watches)))
        if not self.world.wait(lambda: any(is_ready() for is_ready in watches.values()), left, why):
            msg = f"Operation timed out ({timeout})"
            raise TimeoutError(msg)

    # -- groups ------------------------------------------------------------------------------------------------
    def get_group_meta(self, group_id: str, cache: bool = True) -> Meta | None:
        """Return what is known of a group, its result as a result; None for an unknown one."""
        del cache
        self._ensure_not_eager()
        return self._restore_group(group_id)

    def restore_group(self, group_id: str, cache: bool = True) -> Any:
        """Return the result of a group that was saved, or None."""
        meta = self.get_group_meta(group_id, cache=cache)
        return meta["result"] if meta else None

    def _restore_group(self, group_id: str) -> Meta | None:
        raise AttributeError(_has_no(self, "_restore_group", group_id))

    def save_group(self, group_id: str, result: Any) -> Any:
        """Write down which results a group has."""
        raise AttributeError(_has_no(self, "_save_group", group_id, result))

    def delete_group(self, group_id: str) -> None:
        """Forget which results a group has."""
        raise AttributeError(_has_no(self, "_delete_group", group_id))

    def reload_task_result(self, task_id: str) -> None:
        """Do nothing: every reading looks again."""

    def reload_group_result(self, group_id: str) -> None:
        """Do nothing: every reading looks again."""


def _has_no(reader: Reader, name: str, *_: Any) -> str:
    """Return Python's words for a method that this kind of backend lacks in Celery, whatever it is called with."""
    return f"{type(reader).__name__!r} object has no attribute {name!r}"
