"""A result: what a client holds after sending a task.

Comes in: a task's id. Goes out: its state and value, read from the backend each time until they are final.
``get()`` drives the lab until the result is there, and says why when it can never be.
Celery: ``celery/result.py``; its user guide, "Calling Tasks" and "Result Backends".
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labq import _state, states
from labq.backends.backend import ResultBase
from labq.exceptions import TaskRevokedError, TimeoutError  # noqa: A004 - Celery's name
from labq.states import PROPAGATE_STATES, READY_STATES

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.backends.backend import Backend, Meta

WOULD_BLOCK = """\
Never call result.get() within a task!
See https://docs.celeryq.dev/en/latest/userguide/tasks.html\
#avoid-launching-synchronous-subtasks
"""


def assert_will_not_block() -> None:
    """Raise RuntimeError inside a task, where waiting for another one can lock the worker up."""
    if _state.task_join_will_block():
        raise RuntimeError(WOULD_BLOCK)


@contextmanager
def allow_join_result() -> Iterator[None]:
    """Allow ``get()`` inside a task, for who knows what they do."""
    token = _state.set_task_join_will_block(False)
    try:
        yield
    finally:
        _state.reset_task_join_will_block(token)


@contextmanager
def denied_join_result() -> Iterator[None]:
    """Forbid ``get()`` as inside a task."""
    token = _state.set_task_join_will_block(True)
    try:
        yield
    finally:
        _state.reset_task_join_will_block(token)


class AsyncResult(ResultBase):
    """The state of one call of a task.

    Arguments:
        id: the call's id.
        backend: where its result is read; the app's by default.
        app: the app; the current one by default.
        parent: the result of the task before it in a chain.

    Raises:
        ValueError: when there is no id.
    """

    app: Any = None
    TimeoutError = TimeoutError

    def __init__(
        self,
        id: Any,
        backend: Backend | None = None,
        task_name: str | None = None,
        app: Celery | None = None,
        parent: AsyncResult | None = None,
    ) -> None:
        if id is None:
            msg = f"AsyncResult requires valid id, not {type(id)}"
            raise ValueError(msg)
        del task_name  # accepted as in Celery, where it has long had no effect
        self.app = app or self.app or _state.get_current_app()
        self.id = id
        self.backend: Any = backend or self.app.backend
        self.parent = parent
        self.ignored = False
        self._cache: Meta | None = None
        self._generation = 0

    # -- reading -----------------------------------------------------------------------------------------------
    def _get_task_meta(self) -> Meta:
        """Return what the backend knows; a final answer is kept, as long as the world was not built anew."""
        generation = self.backend.world.generation
        if self._cache is not None and self._generation == generation:
            return self._cache
        meta: Meta = self.backend.get_task_meta(self.id)
        self._cache = meta if meta["status"] in READY_STATES else None
        self._generation = generation
        return meta

    @property
    def state(self) -> str:
        """PENDING, STARTED, RETRY, FAILURE, SUCCESS, REVOKED, or a state of the task's own."""
        state: str = self._get_task_meta()["status"]
        return state

    status = state

    @property
    def result(self) -> Any:
        """The value of a task that succeeded, the exception of one that failed, else what the state brought along."""
        return self._get_task_meta()["result"]

    info = result

    @property
    def traceback(self) -> str | None:
        """The traceback of a task that failed."""
        return self._get_task_meta().get("traceback")

    @property
    def date_done(self) -> datetime | None:
        """When the task ended, aware; None before."""
        done = self._get_task_meta().get("date_done")
        return datetime.fromisoformat(done) if isinstance(done, str) else done

    @property
    def children(self) -> list[Any] | None:
        """The results of the tasks that the task sent; None before it has ended."""
        found = self._get_task_meta().get("children")
        return None if found is None else [self.app.AsyncResult(child[0][0]) for child in found]

    @property
    def name(self) -> str | None:
        """The task's name, with ``result_extended``."""
        return self._get_task_meta().get("name")

    @property
    def args(self) -> Any:
        """The positional arguments, with ``result_extended``."""
        return self._get_task_meta().get("args")

    @property
    def kwargs(self) -> Any:
        """The keyword arguments, with ``result_extended``."""
        return self._get_task_meta().get("kwargs")

    @property
    def worker(self) -> str | None:
        """The worker that ran the task, with ``result_extended``."""
        return self._get_task_meta().get("worker")

    @property
    def retries(self) -> int | None:
        """How many retries there were, with ``result_extended``."""
        return self._get_task_meta().get("retries")

    @property
    def queue(self) -> str | None:
        """The queue the task came from, with ``result_extended``."""
        return self._get_task_meta().get("queue")

    @property
    def task_id(self) -> str:
        """The same as ``id``."""
        return str(self.id)

    def ready(self) -> bool:
        """Tell whether the task has ended, well or badly."""
        return bool(self.state in READY_STATES)

    def successful(self) -> bool:
        """Tell whether the task has ended well."""
        return self.state == states.SUCCESS

    def failed(self) -> bool:
        """Tell whether the task has failed."""
        return self.state == states.FAILURE

    def exists(self) -> bool:
        """Tell whether the backend has anything about the task."""
        return bool(self.backend.task_result_exists(self.id))

    # -- waiting -----------------------------------------------------------------------------------------------
    def get(
        self,
        timeout: float | None = None,
        propagate: bool = True,
        interval: float = 0.5,
        no_ack: bool = True,
        follow_parents: bool = True,
        callback: Callable[[str, Any], Any] | None = None,
        on_message: Callable[..., Any] | None = None,
        on_interval: Callable[..., Any] | None = None,
        disable_sync_subtasks: bool = True,
    ) -> Any:
        """Run the lab until the task has ended, and return its value.

        Arguments:
            timeout: how many virtual seconds to wait at most.
            propagate: whether to raise the task's exception; False returns it.
            callback: called with the id and the value.
            disable_sync_subtasks: False allows waiting inside a task.
            interval, no_ack, follow_parents, on_message, on_interval: accepted as in Celery; the lab does not poll.

        Raises:
            TimeoutError: when *timeout* seconds pass first.
            NeverReady: when no *timeout* is given and nothing in the lab can ever end the task.
            RuntimeError: inside a task.
        """
        del interval, no_ack, on_message, on_interval
        if self.ignored:
            return None
        if disable_sync_subtasks:
            assert_will_not_block()
        if follow_parents and propagate and self.parent is not None:
            self.parent.maybe_throw()
        if self._cache is not None and not propagate:
            return self.result  # as in Celery, who knows the value already is not called back with it
        return self.backend.wait_for_pending(self, timeout=timeout, propagate=propagate, callback=callback)

    wait = get

    def maybe_throw(self, propagate: bool = True, callback: Callable[[str, Any], Any] | None = None) -> Any:
        """Return the value, or raise it when it is the exception of a task that has ended badly."""
        meta = self._get_task_meta()
        value = meta["result"]
        if propagate and meta["status"] in PROPAGATE_STATES:
            raise value if isinstance(value, BaseException) else Exception(value)
        if callback is not None:
            callback(self.id, value)
        return value

    maybe_reraise = maybe_throw

    def forget(self) -> None:
        """Take the result out of the backend: the state is PENDING again."""
        self._cache = None
        if self.parent is not None:
            self.parent.forget()
        self.backend.forget(self.id)

    # -- as a value --------------------------------------------------------------------------------------------
    def as_tuple(self) -> tuple[tuple[str, Any], None]:
        """Return the id with those of the parents, for JSON."""
        return (self.id, self.parent.as_tuple() if self.parent is not None else None), None

    def as_list(self) -> list[str]:
        """Return the id and those of the parents."""
        return [self.id, *(self.parent.as_list() if self.parent is not None else ())]

    __class_getitem__: Any = classmethod(types.GenericAlias)

    def __str__(self) -> str:
        """Return the id."""
        return str(self.id)

    def __hash__(self) -> int:
        """Hash like the id."""
        return hash(self.id)

    def __repr__(self) -> str:
        """Return ``<AsyncResult: id>``."""
        return f"<{type(self).__name__}: {self.id}>"

    def __eq__(self, other: object) -> bool:
        """Compare by id, also with a plain one."""
        if isinstance(other, AsyncResult):
            return bool(other.id == self.id)
        return bool(other == self.id) if isinstance(other, str) else NotImplemented

    def __copy__(self) -> AsyncResult:
        """Return a result of the same call that knows nothing yet."""
        return type(self)(self.id, self.backend, None, self.app, self.parent)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the id: the reader's app has the backend."""
        return AsyncResult, (self.id,)


class EagerResult(AsyncResult):
    """The result of a task that was run on the spot by ``apply``.

    Arguments:
        id: the call's id.
        ret_value: the value, or the exception.
        state: how it ended.
        traceback: of a task that failed.
        name: the task's name.
    """

    def __init__(  # there is no backend to ask, so nothing of the parent's is set up
        self, id: str, ret_value: Any, state: str, traceback: str | None = None, name: str | None = None
    ) -> None:
        self.id = id
        self.parent = None
        self.ignored = False
        self._value = ret_value
        self._state = state
        self._traceback = traceback
        self._name = name

    def _get_task_meta(self) -> Meta:
        return {
            "task_id": self.id,
            "result": self._value,
            "status": self._state,
            "traceback": self._traceback,
            "name": self._name,
        }

    def ready(self) -> bool:
        """Return True: it was run on the spot."""
        return True

    def get(  # type: ignore[override]  # Celery's shape: what waiting needs is taken and not needed
        self,
        timeout: float | None = None,
        propagate: bool = True,
        disable_sync_subtasks: bool = True,
        **_: Any,
    ) -> Any:
        """Return the value, or raise the exception."""
        del timeout
        if disable_sync_subtasks:
            assert_will_not_block()
        if self.successful():
            return self._value
        if self._state not in PROPAGATE_STATES:
            return None  # ignored, rejected or retried: there is no value
        if propagate:
            raise self._value if isinstance(self._value, Exception) else Exception(self._value)
        return self._value

    wait = get  # type: ignore[assignment]  # as above

    def forget(self) -> None:
        """Do nothing: nothing was kept."""

    def revoke(self, *_: Any, **__: Any) -> None:
        """Say that it was revoked; as in Celery, even though it has ended: its value gives way to the error."""
        self._state = states.REVOKED
        self._value, self._traceback = TaskRevokedError("revoked"), None

    def __repr__(self) -> str:
        """Return ``<EagerResult: id>``."""
        return f"<EagerResult: {self.id}>"
