"""A result: what a client holds after sending a task, or many.

Comes in: a task's id, or several results. Goes out: states and values, read from the backend until they are final.
``get()`` drives the lab until the result is there, and says why when it can never be.
Next door: ``labq.backends`` keeps what became of tasks; ``labq.graph`` draws which task sent which.
Celery: ``celery/result.py``; its user guide, "Calling Tasks", "Result Backends", and "Canvas: Groups".
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from labq import _state, states
from labq._state import task_join_will_block
from labq.backends.backend import ResultBase
from labq.blocking import allow_join_result, denied_join_result, refuse_if
from labq.exceptions import IncompleteStream, NeverReady, TaskRevokedError, TimeoutError  # noqa: A004 - Celery's name
from labq.graph import DependencyGraph, GraphFormatter
from labq.promises import Promise
from labq.resultset import GroupResult, ResultSet, ancestors, hindrance
from labq.states import PROPAGATE_STATES, READY_STATES

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.backends.backend import Backend, Meta

__all__ = (
    "AsyncResult", "EagerResult", "GroupResult", "ResultBase", "ResultSet", "allow_join_result",
    "assert_will_not_block", "denied_join_result", "result_from_tuple",
)  # fmt: skip


def assert_will_not_block() -> None:
    """Raise RuntimeError inside a task, where waiting for another one can lock the worker up."""
    refuse_if(task_join_will_block())


class AsyncResult(ResultBase):
    """The state of one call of a task.

    Arguments:
        id: the call's id.
        backend: where its result is read; the app's by default.
        app: the app; the current one by default.
        parent: the result of the task before it in a chain, or of the header of its chord.

    Raises:
        ValueError: when there is no id.
    """

    app: Any = None
    backend: Any = None
    TimeoutError = TimeoutError
    _promise: Promise | None = None

    def __init__(
        self,
        id: Any,
        backend: Backend | None = None,
        task_name: str | None = None,
        app: Celery | None = None,
        parent: Any = None,
    ) -> None:
        if id is None:
            msg = f"AsyncResult requires valid id, not {type(id)}"
            raise ValueError(msg)
        del task_name  # accepted as in Celery, where it has long had no effect
        self.app = app or self.app or _state.get_current_app()
        self.id = id
        self.backend = backend or self.app.backend
        self.parent = parent
        self.ignored = False
        self._cache: Meta | None = None
        self._generation = 0

    # -- reading -----------------------------------------------------------------------------------------------
    def _get_task_meta(self) -> Meta:
        """Return what the backend knows; a final answer is kept, as long as the world was not built anew."""
        generation = self.app.world.generation
        if self._cache is not None:
            if self._generation == generation:
                return self._cache
            self._cache = None
        self._generation = generation
        return self._maybe_set_cache(self.backend.get_task_meta(self.id))  # type: ignore[return-value]

    def _maybe_set_cache(self, meta: Meta | None) -> Meta | None:
        """Keep *meta* if it is final, and keep the promise that was made about it; return it."""
        if meta and meta["status"] in READY_STATES:
            self._set_cache(meta)
            if self._promise is not None:
                self._promise(self)
        return meta

    def _set_cache(self, meta: Meta) -> Meta:
        children = meta.get("children")
        if children:
            meta["children"] = [result_from_tuple(child, self.app) for child in children]
        self._cache = meta
        return meta

    def _iter_meta(self, **_: Any) -> Iterator[Meta]:
        return iter([self._get_task_meta()])

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
        """The results of the tasks and groups that the task sent; None before it has ended."""
        return self._get_task_meta().get("children")

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
    def task_id(self) -> Any:
        """The same as ``id``."""
        return self.id

    @task_id.setter
    def task_id(self, id: Any) -> None:
        self.id = id

    @property
    def supports_native_join(self) -> Any:
        """Whether the backend can wait for many results at once."""
        return self.backend.supports_native_join

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
            follow_parents: whether the exception of a task before it in its chain, or in the header of its chord, is
                raised first.
            callback: called with the id and the value.
            on_message: called with what each reply says, by backends that send replies.
            disable_sync_subtasks: False allows waiting inside a task.
            interval, no_ack, on_interval: accepted as in Celery; the lab does not poll.

        Raises:
            TimeoutError: when *timeout* seconds pass first.
            NeverReady: when no *timeout* is given and nothing in the lab can ever end the task.
            RuntimeError: inside a task.
        """
        if self.ignored:
            return None
        if disable_sync_subtasks:
            assert_will_not_block()
        follows = follow_parents and propagate and self.parent is not None
        if follows:
            self._maybe_reraise_parent_error()
        if self._cache is not None and not propagate:
            return self.result  # as in Celery, who knows the value already is not called back with it
        try:
            return self.backend.wait_for_pending(
                self, timeout=timeout, interval=interval, on_interval=on_interval, no_ack=no_ack, propagate=propagate,
                callback=callback, on_message=on_message,
            )  # fmt: skip
        except NeverReady as exc:
            failure = self._why_never(exc)
        except Exception as exc:
            if not follows:
                raise
            failure = exc
        if not follows:
            raise failure
        self._maybe_reraise_parent_error()  # why it has failed, or why it never came, may be known there
        raise failure

    wait = get

    def _why_never(self, exc: Exception) -> Exception:
        """Return *exc*, or better the reason why what comes before this task, and was sent, does not end."""
        first = hindrance(self)
        better: Exception = exc if first is self else self.app.world.explain(first.id)
        return better

    def _maybe_reraise_parent_error(self) -> None:
        for node in reversed(list(ancestors(self))):
            node.maybe_throw()

    def maybe_throw(self, propagate: bool = True, callback: Callable[[str, Any], Any] | None = None) -> Any:
        """Return the value, or raise it when it is the exception of a task that has ended badly."""
        meta = self._get_task_meta()
        value = meta["result"]
        if propagate and meta["status"] in PROPAGATE_STATES:
            self.throw(value if isinstance(value, BaseException) else Exception(value))
        if callback is not None:
            callback(self.id, value)
        return value

    maybe_reraise = maybe_throw

    def throw(self, exc: BaseException) -> None:
        """Raise *exc*; whoever waits for the result with an ``on_error`` is told."""
        if self._promise is None:
            raise exc
        self._promise.throw(exc)

    @property
    def on_ready(self) -> Promise:
        """The promise that the task will end; kept when this result is found ready."""
        if self._promise is None:
            self._promise = Promise()
        return self._promise

    def then(
        self, callback: Callable[..., Any], on_error: Callable[..., Any] | None = None, weak: bool = False
    ) -> Promise:
        """Call *callback* with this result when it is found ready, and *on_error* with an exception thrown into it."""
        self.backend.add_pending_result(self, weak=weak)
        return self.on_ready.then(callback, on_error)

    def forget(self) -> None:
        """Take the result, and those of the parents, out of the backend: the state is PENDING again."""
        self._cache = None
        if self.parent is not None:
            self.parent.forget()
        self.backend.remove_pending_result(self)
        self.backend.forget(self.id)

    def revoke(
        self,
        connection: Any = None,
        terminate: bool = False,
        signal: Any = None,
        wait: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Tell all workers to drop the task.

        Arguments:
            connection: taken as in Celery.
            terminate: whether to end the child that runs it, too.
            signal: by which signal; ``TERM`` by default.
            wait: whether to wait for the workers' replies.
            timeout: for how many seconds.
        """
        self.app.control.revoke(
            self.id, connection=connection, terminate=terminate, signal=signal, reply=wait, timeout=timeout
        )

    def revoke_by_stamped_headers(
        self,
        headers: Any,
        connection: Any = None,
        terminate: bool = False,
        signal: Any = None,
        wait: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Tell all workers to drop every task with these stamps; for the other arguments see ``revoke``."""
        self.app.control.revoke_by_stamped_headers(
            headers, connection=connection, terminate=terminate, signal=signal, reply=wait, timeout=timeout
        )

    # -- what came of it ---------------------------------------------------------------------------------------
    def iterdeps(self, intermediate: bool = False) -> Iterator[tuple[Any, Any]]:
        """Yield pairs of a result and one of its children, beginning with None and this one.

        Raises:
            IncompleteStream: at a result that is not ready, unless *intermediate*: its children are not known yet.
        """
        waiting = deque([(None, self)])
        while waiting:
            parent, node = waiting.popleft()
            yield parent, node
            if node.ready():
                waiting.extend((node, child) for child in node.children or ())  # type: ignore[misc]
            elif not intermediate:
                raise IncompleteStream

    def collect(self, intermediate: bool = False, **kwargs: Any) -> Iterator[tuple[Any, Any]]:
        """Wait for this task and for all that it and its children have sent; yield each result with its value.

        Say that a task has sent a group of ten, and each of those a task that squares a number:

        >>> [value for child, value in result.collect() if not child.children]
        [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]
        """
        for _, result in self.iterdeps(intermediate=intermediate):
            yield result, result.get(**kwargs)

    def get_leaf(self) -> Any:
        """Wait as ``collect`` does; return the last value."""
        value = None
        for _, result in self.iterdeps():
            value = result.get()
        return value

    def build_graph(self, intermediate: bool = False, formatter: Any = None) -> DependencyGraph:
        """Return the graph of the tasks that this one and its children have sent; ``to_dot`` draws it."""
        graph = DependencyGraph(formatter=formatter or GraphFormatter(root=self.id, shape="oval"))
        for parent, node in self.iterdeps(intermediate=intermediate):
            graph.add_arc(node)
            if parent:
                graph.add_edge(parent, node)
        return graph

    @cached_property
    def graph(self) -> DependencyGraph:
        """What ``build_graph`` returns, built once."""
        return self.build_graph()

    # -- as a value --------------------------------------------------------------------------------------------
    def as_tuple(self) -> tuple[Any, Any]:
        """Return the id with those of the parents, for JSON."""
        return (self.id, self.parent and self.parent.as_tuple()), None

    def as_list(self) -> list[Any]:
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
        """Pickle the ids: the reader's app has the backend."""
        return AsyncResult, self.__reduce_args__()

    def __reduce_args__(self) -> tuple[Any, ...]:
        """Return the arguments by which the reader makes the result again."""
        return self.id, None, None, None, self.parent


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
        self._promise = Promise()
        self._promise(self)

    def _get_task_meta(self) -> Meta:
        return {
            "task_id": self.id,
            "result": self._value,
            "status": self._state,
            "traceback": self._traceback,
            "name": self._name,
        }

    @property
    def supports_native_join(self) -> bool:
        """False: there is no backend."""
        return False

    def then(
        self, callback: Callable[..., Any], on_error: Callable[..., Any] | None = None, weak: bool = False
    ) -> Promise:
        """Call *callback* with this result at once."""
        del weak
        return self.on_ready.then(callback, on_error)

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

    def __copy__(self) -> EagerResult:
        """Return a result with the same value."""
        return type(self)(*self.__reduce_args__())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the value, too: it is nowhere else."""
        return EagerResult, self.__reduce_args__()

    def __reduce_args__(self) -> tuple[Any, ...]:
        """Return the arguments of the constructor."""
        return self.id, self._value, self._state, self._traceback, self._name

    def __repr__(self) -> str:
        """Return ``<EagerResult: id>``."""
        return f"<EagerResult: {self.id}>"


def result_from_tuple(r: Any, app: Any = None) -> Any:
    """Return the result that ``as_tuple`` wrote down, of a task or of a group, with its parents."""
    if isinstance(r, ResultBase):
        return r  # one that came through pickle is there already
    app = _state.app_or_default(app)
    names, members = r
    own, parent = names if isinstance(names, list | tuple) else (names, None)
    parent = result_from_tuple(parent, app) if parent else None
    if members is None:
        return app.AsyncResult(own, parent=parent)
    return app.GroupResult(own, [result_from_tuple(member, app) for member in members], parent=parent)
