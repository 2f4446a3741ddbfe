"""Many results: a set of them that is looked at and waited for as one, and the result of a group.

Comes in: results. Goes out: whether all have ended, and their values in order.
Next door: ``labq.result`` has the single ones, and gives these out under Celery's path, too.
Celery: ``ResultSet`` and ``GroupResult`` in ``celery/result.py``; its user guide, "Canvas: Group Results".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from labq import _state
from labq.backends.backend import ResultBase
from labq.blocking import refuse_if
from labq.exceptions import ImproperlyConfigured, NeverReady
from labq.promises import Promise
from labq.states import PROPAGATE_STATES

if TYPE_CHECKING:
    from labq.backends.backend import Meta


def hindrance(result: Any) -> Any:
    """Return the result that has to come before *result* can: the oldest parent, or first member, that is not ready."""
    oldest = next((parent for parent in reversed(list(ancestors(result))) if not parent.ready()), result)
    members = getattr(oldest, "results", None)
    if members is None:
        return oldest
    waiting = next((member for member in members if not member.ready()), None)
    return oldest if waiting is None else hindrance(waiting)


def ancestors(result: Any) -> Iterator[Any]:
    """Yield the parent of *result*, that one's parent, and so on."""
    node = result.parent
    while node:
        yield node
        node = node.parent


class ResultSet(ResultBase):
    """Several results that are looked at and waited for together.

    Arguments:
        results: the results.
        app: the app; that of the first result by default.
        ready_barrier: taken as in Celery; the lab asks the results.
    """

    _app: Any = None
    _promise: Promise | None = None
    results: Any = None

    def __init__(self, results: Any, app: Any = None, ready_barrier: Any = None, **_: Any) -> None:
        self._app = app
        self.results = results
        if ready_barrier is None and type(results) not in (list, tuple):
            for _ in results or ():  # a list that is made lazily: who holds a result must know all ids
                pass

    # -- the members -------------------------------------------------------------------------------------------
    def add(self, result: Any) -> None:
        """Add a result, unless there is an equal one."""
        if result not in self.results:
            self.results.append(result)
            if self._promise is not None and (self._promise.ready or not self._told_by(result)):
                self._promise = None  # who asks from now on waits for the new one, too

    def remove(self, result: Any) -> None:
        """Take a result, or the one with that id, out.

        Raises:
            KeyError: when it is not there.
        """
        if isinstance(result, str):
            result = self.app.AsyncResult(result)
        try:
            self.results.remove(result)
        except ValueError:
            raise KeyError(result) from None

    def discard(self, result: Any) -> None:
        """Take a result out, if it is there."""
        with suppress(KeyError):
            self.remove(result)

    def update(self, results: Iterable[Any]) -> None:
        """Add results, except those that have an equal one here."""
        self.results.extend(result for result in results if result not in self.results)

    def clear(self) -> None:
        """Take all results out."""
        self.results[:] = []

    def __iter__(self) -> Iterator[Any]:
        """Go through the results."""
        return iter(self.results)

    def __getitem__(self, index: Any) -> Any:
        """Return one result, or a list of some."""
        return self.results[index]

    def __len__(self) -> int:
        """Return how many results there are."""
        return len(self.results)

    # -- reading -----------------------------------------------------------------------------------------------
    def ready(self) -> bool:
        """Tell whether all tasks have ended, well or badly."""
        return all(result.ready() for result in self.results)

    def waiting(self) -> bool:
        """Tell whether a task has not ended yet."""
        return any(not result.ready() for result in self.results)

    def successful(self) -> bool:
        """Tell whether all tasks have ended well."""
        return all(result.successful() for result in self.results)

    def failed(self) -> bool:
        """Tell whether a task has failed."""
        return any(result.failed() for result in self.results)

    def completed_count(self) -> int:
        """Return how many tasks have ended well."""
        return sum(int(result.successful()) for result in self.results)

    def _failed_join_report(self) -> Iterator[Any]:
        """Yield the results that are exceptions, of those that the backend has at hand."""
        return (
            result
            for result in self.results
            if result.backend.is_cached(result.id) and result.state in PROPAGATE_STATES
        )

    def _iter_meta(self, **_: Any) -> Iterator[Meta]:
        return (result._get_task_meta() for result in self.results)

    # -- waiting -----------------------------------------------------------------------------------------------
    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Wait as ``join_native`` does, if the backend supports it, else as ``join``."""
        try:
            return (self.join_native if self.supports_native_join else self.join)(*args, **kwargs)
        except NeverReady:
            first = hindrance(self)
            if first is self:
                raise
            failure: Exception = self.app.world.explain(first.id)
        raise failure

    def join(
        self,
        timeout: float | None = None,
        propagate: bool = True,
        interval: float = 0.5,
        callback: Callable[[str, Any], Any] | None = None,
        no_ack: bool = True,
        on_message: Callable[..., Any] | None = None,
        disable_sync_subtasks: bool = True,
        on_interval: Callable[..., Any] | None = None,
    ) -> list[Any]:
        """Run the lab until all tasks have ended, and return their values in order.

        Arguments:
            timeout: how many virtual seconds to wait at most, for all of them together.
            propagate: whether to raise the first exception; False returns them among the values.
            callback: called with each id and value; then the list is empty.
            disable_sync_subtasks: False allows waiting inside a task.
            interval, no_ack, on_interval: accepted as in Celery; the lab does not poll.

        Raises:
            TimeoutError: when *timeout* seconds pass first.
            NeverReady: when no *timeout* is given and nothing in the lab can ever end one of the tasks.
            RuntimeError: inside a task.
            ImproperlyConfigured: with *on_message*.
        """
        if disable_sync_subtasks:
            refuse_if(_state.task_join_will_block())
        if on_message is not None:
            raise ImproperlyConfigured("Backend does not support on_message callback")
        values = []
        deadline = None
        for result in self.results:
            left = None
            if timeout is not None:
                now = self.app.world.clock.time
                deadline = now + timeout if deadline is None else deadline
                left = max(deadline - now, 0.0)
            value = result.get(
                timeout=left, propagate=propagate, interval=interval, no_ack=no_ack, on_interval=on_interval,
                disable_sync_subtasks=disable_sync_subtasks,
            )  # fmt: skip
            if callback:
                callback(result.id, value)
            else:
                values.append(value)
        return values

    def iter_native(
        self,
        timeout: float | None = None,
        interval: float = 0.5,
        no_ack: bool = True,
        on_message: Callable[..., Any] | None = None,
        on_interval: Callable[..., Any] | None = None,
    ) -> Iterator[tuple[str, Any]]:
        """Yield each id with what the backend knows, as the tasks end; a group's id with its results."""
        return self.backend.iter_native(  # type: ignore[no-any-return]
            self, timeout=timeout, interval=interval, no_ack=no_ack, on_message=on_message, on_interval=on_interval
        )

    def join_native(
        self,
        timeout: float | None = None,
        propagate: bool = True,
        interval: float = 0.5,
        callback: Callable[[str, Any], Any] | None = None,
        no_ack: bool = True,
        on_message: Callable[..., Any] | None = None,
        on_interval: Callable[..., Any] | None = None,
        disable_sync_subtasks: bool = True,
    ) -> list[Any] | None:
        """Do as ``join``, with the backend waiting for all at once: the first to fail is the one that raises.

        Returns: the values in order; None with a *callback*.
        """
        if disable_sync_subtasks:
            refuse_if(_state.task_join_will_block())
        places = {} if callback else {result.id: place for place, result in enumerate(self.results)}
        values: list[Any] | None = None if callback else [None] * len(self)
        for task_id, meta in self.iter_native(timeout, interval, no_ack, on_message, on_interval):
            if isinstance(meta, list):
                options = {"propagate": propagate, "disable_sync_subtasks": disable_sync_subtasks}
                value = [child.get(**options) for child in meta]
            else:
                value = meta["result"]
                if propagate and meta["status"] in PROPAGATE_STATES:
                    raise value
            if callback:
                callback(task_id, value)
            elif values is not None:
                values[places[task_id]] = value
        return values

    def maybe_throw(self, callback: Callable[[str, Any], Any] | None = None, propagate: bool = True) -> None:
        """Raise the first exception of a task that has ended badly."""
        for result in self.results:
            result.maybe_throw(callback=callback, propagate=propagate)

    maybe_reraise = maybe_throw

    @property
    def on_ready(self) -> Promise:
        """The promise that all tasks will end; kept, with backends that send replies, when they are found ready."""
        if self._promise is None:
            self._promise = Promise()
            for result in self.results:
                result.then(self._one_is_ready)
            self._one_is_ready()
        return self._promise

    def _told_by(self, result: Any) -> bool:
        result.then(self._one_is_ready)
        return True

    def _one_is_ready(self, *_: Any) -> None:
        if self._promise is not None and self.backend.is_async and self.ready():
            self._promise(self)

    def then(
        self, callback: Callable[..., Any], on_error: Callable[..., Any] | None = None, weak: bool = False
    ) -> Promise:
        """Call *callback* with this set when all its results are found ready."""
        del weak
        return self.on_ready.then(callback, on_error)

    def forget(self) -> None:
        """Take all results out of the backend."""
        for result in self.results:
            result.forget()

    def revoke(
        self,
        connection: Any = None,
        terminate: bool = False,
        signal: Any = None,
        wait: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Tell all workers to drop all these tasks; for the arguments see ``AsyncResult.revoke``."""
        self.app.control.revoke(
            [result.id for result in self.results], connection=connection, timeout=timeout, terminate=terminate,
            signal=signal, reply=wait,
        )  # fmt: skip

    # -- what it belongs to ------------------------------------------------------------------------------------
    @property
    def supports_native_join(self) -> Any:
        """Whether the backend of the first result can wait for many at once; None without results."""
        return self.results[0].supports_native_join if len(self.results) else None

    @property
    def app(self) -> Any:
        """The app: the one that was given, that of the first result, or the current one."""
        if self._app is None:
            self._app = self.results[0].app if self.results else _state.get_current_app()
        return self._app

    @app.setter
    def app(self, app: Any) -> None:
        self._app = app

    @property
    def backend(self) -> Any:
        """The app's backend."""
        return self.app.backend if self.app else self.results[0].backend

    def __eq__(self, other: object) -> bool:
        """Compare the results, in order."""
        return bool(other.results == self.results) if isinstance(other, ResultSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it can be changed; a group's result has its id

    def __repr__(self) -> str:
        """Return ``<ResultSet: [a, b]>``."""
        return f"<{type(self).__name__}: [{', '.join(result.id for result in self.results)}]>"


class GroupResult(ResultSet):
    """The results of a group, with the group's id.

    Arguments:
        id: the group's id.
        results: those of the members.
        parent: the result of what came before the group in a chain.
        kwargs: ``app``.
    """

    def __init__(self, id: Any = None, results: Any = None, parent: Any = None, **kwargs: Any) -> None:
        self.id = id
        self.parent = parent
        super().__init__(results, **kwargs)

    @property
    def children(self) -> Any:
        """The results of the members."""
        return self.results

    def save(self, backend: Any = None) -> Any:
        """Write the ids into the backend, so that ``restore`` finds them by the group's."""
        return (backend or self.app.backend).save_group(self.id, self)

    def delete(self, backend: Any = None) -> None:
        """Take out what ``save`` wrote."""
        (backend or self.app.backend).delete_group(self.id)

    @classmethod
    def restore(cls, id: Any, backend: Any = None, app: Any = None) -> Self | None:
        """Return what was saved under the group's id, or None."""
        own: Any = cls.app  # a property, unless the class belongs to an app
        app = app or (_state.get_current_app() if isinstance(own, property) else own)
        found: Self | None = (backend or app.backend).restore_group(id)
        return found

    def as_tuple(self) -> tuple[Any, Any]:
        """Return the ids of the group, its parents and its members, for JSON."""
        return (self.id, self.parent and self.parent.as_tuple()), [result.as_tuple() for result in self.results]

    def __bool__(self) -> bool:
        """Be true for a group with an id, even an empty one."""
        return bool(self.id or self.results)

    def __eq__(self, other: object) -> bool:
        """Compare ids, results and parents; with text the id only."""
        if isinstance(other, GroupResult):
            return bool(other.id == self.id and other.results == self.results and other.parent == self.parent)
        return bool(other == self.id) if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:  # type: ignore[override]  # a set has none
        """Hash like the id."""
        return hash(self.id)

    def __str__(self) -> str:
        """Return the id."""
        return str(self.id)

    def __repr__(self) -> str:
        """Return ``<GroupResult: id [a, b]>``."""
        return f"<{type(self).__name__}: {self.id} [{', '.join(result.id for result in self.results)}]>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle id and results."""
        return GroupResult, self.__reduce_args__()

    def __reduce_args__(self) -> tuple[Any, ...]:
        """Return the arguments by which the reader makes the result again."""
        return self.id, self.results
