"""The aftermath of a task: what its end means for others.

Comes in: a request, and how its run ended. Goes out: callbacks and the next task of a chain that are sent; errbacks
that are called or sent; chords that are counted, started, or failed together with a part of theirs.
Next door: ``labq.app.trace`` begins it after a success; the backends begin it when they mark a task, by Celery's names.
Celery: ``_dispatch_callbacks_and_chain`` in ``celery/app/trace.py``, and most of ``celery/backends/base.py``.
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from labq import canvas, result
from labq.app.context import Context
from labq.app.tracebacks import ExceptionInfo
from labq.canvas.entries import listed
from labq.exceptions import ChordError, NotRegistered
from labq.states import PROPAGATE_STATES

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.backends.backend import Backend

logger = logging.getLogger("celery.backends.base")

UNHANDLED_GROUP = "Failed to handle group chord error, falling back to single task handling: %r"
UNHANDLED_MEMBER = "Failed to handle chord error for task %s: %r"


class Aftermath:
    """What follows after the tasks of one app.

    Arguments:
        app: the app that sends what follows.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app

    def read_result(self, written: Any) -> Any:
        """Return the result (of a task or of a group) that was written as a tuple."""
        return result.result_from_tuple(written, self._app)

    # -- after a success ---------------------------------------------------------------------------------------
    def call_next(self, request: Context, value: Any) -> None:
        """Send the callbacks of a task that has succeeded, then the next task of its chain; each gets *value*.

        Several callbacks go out as one group, so that they stand in ``children`` once; groups go out by themselves.
        """
        app = self._app
        inherits = app.sending.inherit_priority
        family = {
            "parent_id": request.id,
            "root_id": request.root_id or request.id,
            "priority": (request.delivery_info or {}).get("priority") if inherits else None,
        }
        callbacks: Any = request.callbacks or ()
        if len(callbacks) == 1:
            canvas.maybe_signature(callbacks[0], app=app).apply_async((value,), **family)
        elif callbacks:
            written = [canvas.maybe_signature(callback, app=app) for callback in callbacks]
            single = [callback for callback in written if not isinstance(callback, canvas.group)]
            for callback in written:
                if isinstance(callback, canvas.group):
                    callback.apply_async((value,), **family)
            if single:
                canvas.group(single, app=app).apply_async((value,), **family)
        if request.chain:
            step = canvas.maybe_signature(request.chain[-1], app=app)
            step.apply_async((value,), chain=request.chain[:-1], **family)

    # -- after a failure ---------------------------------------------------------------------------------------
    def call_errbacks(self, request: Any, exc: BaseException, traceback: str | None) -> None:
        """Call or send the errbacks of a failed task.

        One that takes the request, the exception and the traceback is called here and now, as a plain function. One
        that takes a single argument, or is bound, or is not known here, is sent as a task with the failed task's id.
        """
        app = self._app
        sent = []
        for written in request.errbacks:
            errback = app.signature(written)
            if not errback._app:
                errback._app = app
            try:
                plain = _is_called_plainly(errback)
            except NotRegistered:
                plain = False  # another worker may know it
            if not plain:
                sent.append(errback)
                continue
            try:
                errback(request, exc, traceback)
            except Exception:
                logger.exception("Errback %r raised an exception", errback.name)
        if sent:
            family = {"parent_id": request.id, "root_id": request.root_id or request.id}
            errbacks = canvas.group(sent, app=app)
            eager = app.sending.always_eager or (request.delivery_info or {}).get("is_eager", False)
            (errbacks.apply if eager else errbacks.apply_async)((request.id,), **family)

    def fail_chain(
        self, backend: Backend, chain: Any, exc: BaseException, traceback: str | None, store_result: bool, state: str
    ) -> None:
        """Let the tasks that were to follow in a chain fail with the one that failed, so that nobody waits in vain."""
        left = deque(chain if isinstance(chain, Iterable) else ())
        while left:
            context = _context_of(left.popleft())
            in_chord = "chord" in context.options  # type: ignore[attr-defined]  # a signature's, not a message's
            told = in_chord and context.id is not None and backend.get_state(context.id) in PROPAGATE_STATES
            if store_result and state in PROPAGATE_STATES and context.id is not None:
                backend.store_result(context.id, exc, state, traceback=traceback, request=context)
            if in_chord and not told:
                backend.on_chord_part_return(context, state, exc)
            if getattr(context, "subtask_type", None) == "chord":
                body = (context.kwargs or {}).get("body")
                if body is not None:
                    left.append(body)  # whoever waits for a chord waits for its body

    def fail_now(self, backend: Backend, task_id: str, exc: BaseException | None) -> ExceptionInfo:
        """Store that a task has failed with *exc*, or with the exception that is being handled."""
        handled = sys.exc_info()[1]
        exc = exc or handled or RuntimeError("no exception is being handled")
        if exc.__traceback__ is None and handled is not None:
            exc.__traceback__ = handled.__traceback__
        info = ExceptionInfo(exc)
        backend.mark_as_failure(task_id, exc, info.traceback)
        return info

    # -- chords ------------------------------------------------------------------------------------------------
    def part_returned(self, backend: Any, request: Any, state: str, value: Any) -> None:
        """Count an ended part of a chord, and start the body after the last one."""
        del state, value  # they are in the backend, where the header is joined
        app, group_id = self._app, request.group
        size, count = backend.chord_size(group_id), 0
        if size is not None:
            count = backend.count_part(group_id, request.id, size)
            if count < size:
                return  # the header is read when it is complete, and not before
        callback = partial(canvas.maybe_signature, request.chord, app=app)
        try:
            header = result.GroupResult.restore(group_id, backend=backend, app=app)
        except Exception as exc:  # noqa: BLE001 - what a store holds may be anything
            _tell(exc, "Chord %r raised: %r", group_id, exc)
            self._fail_unfound(backend, callback(), f"Cannot restore group: {exc!r}")
            return
        if header is None:
            try:
                raise ValueError(group_id)  # noqa: TRY301 - so that the failure has a traceback
            except ValueError as exc:
                _tell(exc, "Chord callback %r raised: %r", group_id, exc)
                self._fail_unfound(backend, callback(), f"GroupResult {group_id} no longer exists")
            return
        if size is None:
            size = len(header)
            count = backend.count_part(group_id, request.id, size)
        if count > size:
            logger.warning("Chord counter incremented too many times for %r", group_id)
        elif count == size:
            try:
                self.start_body(backend, group_id, header, callback())
            finally:
                header.delete(backend=backend)
                backend.drop_count(group_id)

    def _fail_unfound(self, backend: Backend, callback: Any, reason: str) -> None:
        backend.chord_error_from_stack(callback, ChordError(reason))

    def start_body(self, backend: Backend, group_id: str, header: Any, body: Any) -> None:
        """Send the body of a chord with the values of its header, or let it fail when a part has failed."""
        join = header.join_native if header.supports_native_join else header.join
        try:
            with result.allow_join_result():
                values = join(timeout=self._app.conf.result_chord_join_timeout, propagate=True)
        except Exception as exc:  # noqa: BLE001 - the error of the part that has failed
            culprit = next((part for part in header.results if _has_failed(part)), None)
            reason = repr(exc) if culprit is None else f"Dependency {culprit.id} raised {exc!r}"
            _tell(exc, "Chord %r raised: %r", group_id, reason)
            backend.chord_error_from_stack(callback=body, exc=chord_error(reason, exc))
            return
        try:
            body.delay(values)
        except Exception as exc:  # noqa: BLE001 - the body may refuse its arguments
            _tell(exc, "Chord %r raised: %r", group_id, exc)
            backend.chord_error_from_stack(callback=body, exc=chord_error(f"Callback error: {exc!r}", exc))

    def fail_chord(self, backend: Backend, callback: Any, exc: BaseException | None) -> ExceptionInfo | None:
        """Let the body of a chord fail because a part of its header did, and call the body's errbacks."""
        app = self._app
        exc = exc or sys.exc_info()[1] or RuntimeError("no exception is being handled")
        known = app._tasks.get(callback.task)
        theirs: Backend = backend if known is None else known.backend
        if isinstance(callback, canvas.group):
            info = self._fail_group(theirs, callback, exc)
        else:
            if not callback.id:
                callback.options["task_id"] = app.world.new_id()
            request = _unsent_request(callback.id, callback.options.get("link_error"), **callback)
            try:
                backend._call_task_errbacks(request, exc, None)
            except Exception as raised:  # noqa: BLE001 - an errback's own error takes the place of the chord's
                exc = raised
                info = theirs.fail_from_current_stack(callback.id, exc=exc)
            else:
                info = theirs.fail_from_current_stack(callback.id, exc=exc)
        chain = callback.options.get("chain")
        if chain:
            theirs._fail_chain(chain, exc)
        return info

    def _fail_group(self, backend: Backend, body: Any, exc: BaseException) -> ExceptionInfo | None:
        """Let every task of a body that is a group fail, so that nobody waits for it; each one calls its errbacks."""
        cause = exc.__cause__ if isinstance(exc, ChordError) and exc.__cause__ else exc
        try:
            frozen = body.freeze()
            if isinstance(frozen, result.GroupResult):
                own = listed(body.options.get("link_error"))
                theirs = dict(self._result_errbacks(task) for task in body.tasks)
                for member in frozen.results or ():
                    self._fail_member(backend, member, [*theirs.get(member.id, ()), *own], cause)
                if frozen.id:
                    backend.mark_as_failure(frozen.id, cause)
                frozen.revoke()
        except Exception as raised:  # noqa: BLE001 - whoever waits must not wait in vain
            _tell(raised, UNHANDLED_GROUP, raised)
            info: ExceptionInfo = backend.fail_from_current_stack(body.id, exc=exc)
            return info
        return None

    def _fail_member(self, backend: Backend, member: Any, errbacks: list[Any], cause: BaseException) -> None:
        different = [errback for place, errback in enumerate(errbacks) if errback not in errbacks[:place]]
        try:
            request = _unsent_request(member.id, different, task=getattr(member, "task", "unknown"))
            try:
                backend._call_task_errbacks(request, cause, None)
            except Exception:  # the other members must fail too
                logger.debug("errbacks of %s raised", member.id, exc_info=True)
            backend.fail_from_current_stack(member.id, exc=cause)
        except Exception as raised:  # noqa: BLE001 - the other members must fail too
            _tell(raised, UNHANDLED_MEMBER, getattr(member, "id", "unknown"), raised)

    def _result_errbacks(self, written: Any) -> tuple[Any, list[Any]]:
        """Return the id of what a signature will result in, with the errbacks linked to that."""
        sig = canvas.maybe_signature(written, app=self._app)
        errbacks: list[Any] = []
        while isinstance(sig, canvas.chord) and sig.body is not None:
            errbacks.extend(listed(sig.options.get("link_error")))
            sig = canvas.maybe_signature(sig.body, app=self._app)
        errbacks.extend(listed(sig.options.get("link_error")))
        if isinstance(sig, canvas.group):
            for task in sig.tasks:
                errbacks.extend(self._result_errbacks(task)[1])
        return sig.options.get("task_id"), errbacks

    # -- chords without a counter ------------------------------------------------------------------------------
    def unlock_later(self, backend: Backend, header: Any, body: Any, countdown: float, options: dict[str, Any]) -> None:
        """Send ``celery.chord_unlock``, which looks again and again whether the header of a chord has ended."""
        del backend
        app = self._app
        options["result"] = [part.as_tuple() for part in header]
        try:
            task = getattr(body, "type", None)
        except NotRegistered:
            task = None
        chosen = body.options
        queue = chosen.get("queue", getattr(task, "queue", None))
        if queue is None:
            queue = app.sending.router.route(options, body.name)["queue"].name
        stamps = chosen.get("stamped_headers", ())
        where = {
            name: chosen[name]
            for name in ("exchange", "exchange_type", "routing_key", "headers")
            if name not in stamps and chosen.get(name) is not None
        }
        if "exchange_type" not in where:
            known = app.sending.queues[queue] if isinstance(queue, str) else queue
            if known.exchange is not None:
                where["exchange_type"] = known.exchange.type
        if "exchange_type" in where:
            options["_chord_unlock_exchange_type"] = where["exchange_type"]  # for its retries, which do not know it
        app.tasks["celery.chord_unlock"].apply_async(
            (header.id, body), options, countdown=countdown, queue=queue,
            priority=chosen.get("priority", getattr(task, "priority", 0)), **where,
        )  # fmt: skip


def chord_error(reason: str, cause: BaseException | None = None) -> ChordError:
    """Return the error by which the body of a chord fails, with the error of the part that is to blame."""
    error = ChordError(reason)
    if isinstance(cause, Exception):
        error.__cause__ = cause
    return error


def _has_failed(part: Any) -> bool:
    """Tell whether a part of a header (a task; the members of a group count one by one) has failed."""
    return getattr(part, "state", None) in PROPAGATE_STATES


def _is_called_plainly(errback: Any) -> bool:
    """Tell whether an errback takes what an errback of the newer kind takes: request, exception, traceback."""
    header: Callable[..., Any] | None = getattr(errback.type, "__header__", None)
    if header is None or isinstance(header, partial):
        return False  # a class of its own, or bound: only as a task can it retry
    if not errback.immutable and (errback.args or errback.kwargs):
        try:
            return _takes_more_than_one(partial(header, *errback.args, **errback.kwargs))
        except (TypeError, ValueError):
            return _takes_more_than_one(header)
    return _takes_more_than_one(header)


def _takes_more_than_one(function: Callable[..., Any]) -> bool:
    spec = inspect.getfullargspec(function)
    return bool(spec.varargs) or len(spec.args) > 1


def _context_of(written: Any) -> Context:
    """Return a request for a task that was never sent: enough for the backend to store something about it."""
    context = Context(written)
    options = dict(written["options"])
    context.update(options)
    context.id, context.group = options.get("task_id"), options.get("group_id")
    return context


def _unsent_request(task_id: Any, errbacks: Any, task: Any = "unknown", **extra: Any) -> Context:
    return Context({"id": task_id, "errbacks": errbacks or [], "delivery_info": {}, "task": task, **extra})


def _tell(cause: Exception, form: str, *facts: object) -> None:
    """Log an error together with the traceback of its cause."""
    logger.error(form, *facts, exc_info=cause)
