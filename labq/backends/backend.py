"""A backend: what became of a task, as one app writes and reads it.

Comes in: states, values, exceptions. Goes out: the same, after a trip through real bytes, so that a tuple comes back
a list. The bytes lie in a ``Store``; the settings are the app's.
Celery: ``celery/backends/base.py``, whose field names and order this keeps ("Result Backends" in the user guide).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from labq import states
from labq.backends.failures import read_exception, write_exception
from labq.backends.store import Store, Stored
from labq.exceptions import DecodeError, EncodeError, TimeoutError  # noqa: A004 - Celery's name
from labq.states import EXCEPTION_STATES, PENDING, READY_STATES
from labq.wire.saferepr import saferepr
from labq.wire.serializers import dumps, loads, prepare_accept_content

if TYPE_CHECKING:
    from labq.result import AsyncResult

Meta = dict[str, Any]
"""What is known of a task: status, result, traceback, children, date_done, task_id and more."""


class ResultBase:
    """Whatever stands for the result of a call: a task that returns one returns its id. See ``labq.result``."""

    parent: Any = None

    def as_tuple(self) -> Any:
        """Return the ids, for JSON."""
        raise NotImplementedError


UNKNOWN: Meta = {"status": PENDING, "result": None}


@dataclass(frozen=True, slots=True)
class ResultSettings:
    """The settings of an app that concern results."""

    serializer: str = "json"
    accept: frozenset[str] | None = None
    extended: bool = False

    @classmethod
    def of(cls, conf: Any) -> ResultSettings:
        """Read the settings of an app.

        Raises:
            SerializerNotInstalled: when there is no such serializer.
        """
        accept = prepare_accept_content(conf.result_accept_content or conf.accept_content)
        with suppress(EncodeError):
            dumps(None, conf.result_serializer)  # an unknown serializer is said here, not when a task has run
        return cls(conf.result_serializer, accept, bool(conf.result_extended))


class Surroundings(Protocol):
    """The part of the lab that a backend needs."""

    @property
    def generation(self) -> int:
        """Goes up whenever the world was built again."""

    def store(self, url: str, broker_url: str) -> Store:
        """Return the store behind *url*."""

    def put_result(self, url: str, broker_url: str, task_id: str, stored: Stored) -> None:
        """Write into the store."""

    def forget_result(self, url: str, broker_url: str, task_id: str) -> None:
        """Take out of the store."""

    def listen(self, url: str, broker_url: str, address: str) -> None:
        """Collect replies."""

    def wait(self, ready: Callable[[], bool], timeout: float | None, why: Callable[[], Exception]) -> bool:
        """Run until ready."""

    def explain(self, task_id: str, extra: Any = None) -> Exception:
        """Return the error that says why a result will never come."""


class Backend:
    """Writes and reads results for one app.

    Arguments:
        world: the lab.
        url: where the results lie.
        broker_url: where replies travel, for ``rpc://``.
        settings: the app's settings for results.
        now: returns the virtual present as ISO 8601 text, in the app's timezone.
    """

    READY_STATES = READY_STATES
    UNREADY_STATES = states.UNREADY_STATES
    EXCEPTION_STATES = EXCEPTION_STATES
    supports_native_join = False
    persistent = False

    def __init__(
        self, world: Surroundings, url: str, broker_url: str, settings: ResultSettings, now: Callable[[], str]
    ) -> None:
        self.world = world
        self.url = url
        self.serializer = settings.serializer
        self.replies = url.startswith("rpc")
        """Whether a client needs an address of its own to read results."""
        self._broker_url = broker_url
        self._settings = settings
        self._now = now
        self._kept: tuple[int, Store] | None = None

    def __repr__(self) -> str:
        """Return the kind of backend and its address."""
        return f"<{type(self).__name__} {self.as_uri()}>"

    def as_uri(self, include_password: bool = False) -> str:
        """Return the address; a password in it is masked unless asked for."""
        del include_password  # no store of the lab needs one
        return "memory:///" if self.url.startswith("cache") else self.url  # Celery leaves the first word out here

    @property
    def _store(self) -> Store:
        generation = self.world.generation
        if self._kept is None or self._kept[0] != generation:  # after a rewind the store is another one
            self._kept = (generation, self.world.store(self.url, self._broker_url))
        return self._kept[1]

    # -- writing -----------------------------------------------------------------------------------------------
    def describe(
        self, task_id: str, result: Any, state: str, traceback: str | None, request: Any, text: str
    ) -> Stored:
        """Return the bytes to store for *result*.

        Raises:
            EncodeError: when the result serializer cannot write it.
        """
        if state in EXCEPTION_STATES and isinstance(result, BaseException):
            result = result if self.serializer == "pickle" else write_exception(result, self._encode)
        elif isinstance(result, ResultBase) and self.serializer != "pickle":
            result = result.as_tuple()
        done = self._now() if state in READY_STATES else None
        meta: Meta = {
            "status": state,
            "result": result,
            "traceback": traceback,
            "children": [child.as_tuple() for child in request._children] if request and request._children else [],
            "date_done": done,
        }
        if request is not None:
            self._add_request(meta, request)
        meta["task_id"] = task_id
        content_type, encoding, payload = dumps(meta, self.serializer)
        reply_to = None if request is None else request.reply_to
        return Stored(payload, str(state), text, reply_to, content_type, encoding)

    def _add_request(self, meta: Meta, request: Any) -> None:
        if request.group:
            meta["group_id"] = request.group
        if request.parent_id:
            meta["parent_id"] = request.parent_id
        if self._settings.extended:
            delivery = request.delivery_info or {}
            meta.update(
                name=getattr(request, "task", None),
                args=request.args,
                kwargs=request.kwargs,
                worker=request.hostname,
                retries=request.retries,
                queue=delivery.get("routing_key"),
            )

    def _encode(self, value: Any) -> bytes:
        return dumps(value, self.serializer)[2]

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
        """Write *result* and *state* of a task; return the result. *text* is the result as people see it."""
        if text is None:
            text = saferepr(result, 1024)
        stored = self.describe(task_id, result, state, traceback, request, text)
        self.world.put_result(self.url, self._broker_url, task_id, stored)
        return result

    def mark_as_started(self, task_id: str, **meta: Any) -> Any:
        """Note that the task is running."""
        return self.store_result(task_id, meta, states.STARTED)

    def mark_as_done(self, task_id: str, result: Any, request: Any = None, **_: Any) -> Any:
        """Note that the task has succeeded."""
        return self.store_result(task_id, result, states.SUCCESS, request=request)

    def mark_as_failure(
        self, task_id: str, exc: BaseException, traceback: str | None = None, request: Any = None, **_: Any
    ) -> Any:
        """Note that the task has failed."""
        return self.store_result(task_id, exc, states.FAILURE, traceback=traceback, request=request)

    def listen(self, address: str) -> None:
        """Collect the replies that are sent to *address*."""
        self.world.listen(self.url, self._broker_url, address)

    # -- reading -----------------------------------------------------------------------------------------------
    def get_task_meta(self, task_id: str) -> Meta:
        """Return what is known of a task; an unknown one is PENDING, as in Celery."""
        stored = self._store.get(task_id)
        return dict(UNKNOWN) if stored is None else self.decode(stored)

    def decode(self, stored: Stored) -> Meta:
        """Read what was stored; exceptions come back as exceptions."""
        try:
            meta = loads(stored.payload, stored.content_type, stored.content_encoding, self._settings.accept)
        except DecodeError:
            return {"status": PENDING, "result": None}
        if meta["status"] in EXCEPTION_STATES:
            meta["result"] = read_exception(meta["result"])
        return meta  # type: ignore[no-any-return]

    def task_result_exists(self, task_id: str) -> bool:
        """Tell whether anything is stored for the task."""
        return self._store.get(task_id) is not None

    def get_state(self, task_id: str) -> str:
        """Return the state of a task."""
        return str(self.get_task_meta(task_id)["status"])

    def get_result(self, task_id: str) -> Any:
        """Return the result of a task."""
        return self.get_task_meta(task_id).get("result")

    def get_traceback(self, task_id: str) -> str | None:
        """Return the traceback of a failed task."""
        return self.get_task_meta(task_id).get("traceback")

    def forget(self, task_id: str) -> None:
        """Take the result away."""
        self.world.forget_result(self.url, self._broker_url, task_id)

    def wait_for_pending(
        self,
        result: AsyncResult,
        timeout: float | None = None,
        propagate: bool = True,
        callback: Callable[[str, Any], Any] | None = None,
        **_: Any,
    ) -> Any:
        """Run the lab until *result* is ready and return its value.

        Raises:
            TimeoutError: when *timeout* virtual seconds pass first.
            NeverReady: without a timeout, when nothing in the lab can ever make it ready; it says why.
            Exception: the task's own, when it failed and *propagate* is true.
        """
        task_id = result.id
        ready = self._store.watch(task_id)
        if not ready() and not self.world.wait(ready, timeout, partial(self.world.explain, task_id)):
            msg = "The operation timed out."
            raise TimeoutError(msg)
        return result.maybe_throw(propagate=propagate, callback=callback)

