"""The trace of one run: before, the user's function, after.

Comes in: a task, the request, and who runs it. Goes out: how it ended, with the result already stored. Everything
here happens inside the body, so a callback that sleeps costs virtual time like the task itself.
Next door: a worker's pool runs it as a body; ``Task.apply`` runs it without any worker, which is why it lives here.
Celery: ``celery/app/trace.py``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from labq import _state, signals
from labq.app.context import is_ignored
from labq.app.tracebacks import ExceptionInfo, forget_frames
from labq.exceptions import EncodeError, Ignore, OperationalError, Reject, Retry
from labq.kernel.clock import Clock
from labq.pickleable import get_pickleable_exception, get_pickled_exception, safe_repr
from labq.states import FAILURE, IGNORED, REJECTED, RETRY, STARTED, SUCCESS
from labq.wire.saferepr import saferepr

if TYPE_CHECKING:
    from labq.app.context import Context
    from labq.app.task import Task

logger = logging.getLogger("celery.app.trace")  # people configure and grep Celery's own logger names

LOG_RECEIVED = "Task %(name)s[%(id)s] received"
LOG_SUCCESS = "Task %(name)s[%(id)s] succeeded in %(runtime)ss: %(return_value)s"
LOG_FAILURE = "Task %(name)s[%(id)s] %(description)s: %(exc)s"
LOG_IGNORED = "Task %(name)s[%(id)s] %(description)s"
LOG_REJECTED = "Task %(name)s[%(id)s] %(exc)s"
LOG_RETRY = "Task %(name)s[%(id)s] retry: %(exc)s"
LOG_LATE = "Task %s[%s] %s handler raised: %r"

IGNORE_STATES = frozenset({IGNORED, RETRY, REJECTED})
"""States in which a run says nothing about the task's end."""


class Ended(NamedTuple):
    """How a run ended."""

    state: str
    value: Any
    """What was returned, or the exception."""
    text: str
    """The value as people see it."""
    traceback: str | None
    runtime: float
    """Virtual seconds."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """Who runs the task, and how.

    Attributes:
        clock: the lab's clock.
        hostname: the worker's name.
        eager: True for ``apply``: nothing is stored unless asked for.
        propagate: True when the task's exception is the caller's business.
        join_blocks: whether a task that waits for another one is refused, as it could lock the worker up.
    """

    clock: Clock
    hostname: str
    eager: bool = False
    propagate: bool = False
    join_blocks: bool = True


def trace(task: Task, request: Context, tracing: Tracing, pid: int = 0) -> Ended:
    """Run *task* for *request* and return how it ended.

    Everything that is an ``Exception`` ends in a state; ``SystemExit`` and ``KeyboardInterrupt`` go on to the pool,
    which decides what becomes of the child.
    """
    clock = tracing.clock
    began = clock.us
    args, kwargs = request.args, request.kwargs
    kind: Any = type(task)
    ended: Ended | None = None
    state: str | None = None
    try:
        token = _state.push_call(task, request)
        if not tracing.eager:  # the body's own context: it ends with the body
            _state.set_task_join_will_block(tracing.join_blocks)
        try:
            if signals.task_prerun.receivers:
                signals.task_prerun.send(sender=task, task_id=request.id, task=task, args=args, kwargs=kwargs)
            if not tracing.eager and task.track_started and not is_ignored(task, request):
                started = {"pid": pid, "hostname": tracing.hostname}
                task.backend.store_result(request.id, started, STARTED, request=request)
            try:
                task.before_start(request.id, args, kwargs)
                plainly = kind.__call__ is kind.plain_call
                value = task.run(*args, **kwargs) if plainly else task(*args, **kwargs)
            except Exception as exc:  # noqa: BLE001 - whatever the user's code raises is an outcome
                ended = _on_exception(task, request, tracing, exc)
            else:
                ended = _on_success(task, request, tracing, value, began)
            state = ended.state
            if state not in IGNORE_STATES:
                try:
                    task.after_return(state, ended.value, request.id, args, kwargs, None)
                except Exception as exc:  # noqa: BLE001 - the outcome is settled already
                    _on_late_error(task, request, tracing, "after_return", exc)
            return ended
        finally:
            if signals.task_postrun.receivers:
                signals.task_postrun.send(
                    sender=task, task_id=request.id, task=task, args=args, kwargs=kwargs,
                    retval=ended.value if ended else None, state=state,
                )  # fmt: skip
            _state.pop_call(token)
    except Exception as exc:  # noqa: BLE001 - what fails outside the task's function is an outcome, too
        return _on_outside_error(task, request, tracing, exc)


def _on_outside_error(task: Task, request: Context, tracing: Tracing, exc: Exception) -> Ended:
    """Let the task fail because something failed outside its own function, in a callback; tell who listens."""
    if isinstance(exc, Reject):
        raise exc
    if signals.task_internal_error.receivers:
        signals.task_internal_error.send(
            sender=task, task_id=request.id, args=request.args, kwargs=request.kwargs, request=vars(request),
            exception=exc, traceback=exc.__traceback__, einfo=ExceptionInfo(exc),
        )  # fmt: skip
    if tracing.eager:
        raise exc
    return _on_failure(task, request, tracing, exc)


def _on_success(task: Task, request: Context, tracing: Tracing, value: Any, began: int) -> Ended:
    stores = not is_ignored(task, request) and (not tracing.eager or task.store_eager_result)
    sent = False
    try:
        if request.callbacks or request.chain:  # before the result is stored, so that its children are known
            task.app.aftermath.call_next(request, value)
            sent = True
        text = saferepr(value, task.resultrepr_maxsize)
        if request.chord:
            task.backend.mark_as_done(request.id, value, request, stores, text=text)
        elif stores:
            task.backend.store_result(request.id, value, SUCCESS, request=request, text=text)
    except (EncodeError, OperationalError) as exc:
        if sent and isinstance(exc, OperationalError):
            raise
        if tracing.propagate:
            raise
        return _on_failure(task, request, tracing, exc)
    runtime = (tracing.clock.us - began) / 1_000_000
    try:
        task.on_success(value, request.id, request.args, request.kwargs)
    except Exception as exc:  # noqa: BLE001 - the task has succeeded, and its result is stored
        _on_late_error(task, request, tracing, "on_success", exc)
    if signals.task_success.receivers:
        signals.task_success.send(sender=task, result=value, runtime=runtime)
    if logger.isEnabledFor(logging.INFO):
        args, kwargs = _shown_arguments(request)
        _log(logging.INFO, LOG_SUCCESS, task, request, return_value=text, runtime=runtime, args=args, kwargs=kwargs)
    return Ended(SUCCESS, value, text, None, runtime)


def _on_late_error(task: Task, request: Context, tracing: Tracing, where: str, exc: Exception) -> None:
    """Say that a callback failed after the outcome was stored, where it can change nothing any more."""
    if tracing.eager or isinstance(exc, Reject):
        raise exc
    logger.error(LOG_LATE, request.shadow or task.name, request.id, where, exc, exc_info=exc)


def _on_exception(task: Task, request: Context, tracing: Tracing, exc: Exception) -> Ended:
    if isinstance(exc, Reject):
        return _on_signal(task, request, exc, REJECTED, logging.WARNING, LOG_REJECTED)
    if isinstance(exc, Ignore):
        return _on_signal(task, request, exc, IGNORED, logging.INFO, LOG_IGNORED)
    if tracing.propagate:
        raise exc
    if isinstance(exc, Retry):
        return _on_retry(task, request, tracing, exc)
    return _on_failure(task, request, tracing, exc)


def _on_signal(task: Task, request: Context, exc: Exception, state: str, level: int, form: str) -> Ended:
    """Note that the task asked to be rejected or ignored: that is no failure, and no result."""
    info = ExceptionInfo(exc, internal=True)
    _log_error(level, form, task, request, info, state.lower())
    forget_frames(exc)
    return Ended(state, exc, repr(exc), info.traceback, 0.0)


def _stores_errors(task: Task, request: Context, tracing: Tracing) -> bool:
    if is_ignored(task, request):
        return bool(task.store_errors_even_if_ignored)
    return not tracing.eager or bool(task.store_eager_result)


def _on_retry(task: Task, request: Context, tracing: Tracing, told: Retry) -> Ended:
    info = ExceptionInfo(told)
    cause = told.exc
    if _stores_errors(task, request, tracing):
        task.backend.mark_as_retry(request.id, cause, info.traceback, request=request)
    task.on_retry(cause, request.id, request.args, request.kwargs, info)
    if signals.task_retry.receivers:
        signals.task_retry.send(sender=task, request=request, reason=told, einfo=info)
    if logger.isEnabledFor(logging.INFO):
        _log(logging.INFO, LOG_RETRY, task, request, exc=str(told))
    forget_frames(told)
    return Ended(RETRY, told, str(told), info.traceback, 0.0)


def _on_failure(task: Task, request: Context, tracing: Tracing, exc: Exception) -> Ended:
    exc = _travelling(exc)
    info = ExceptionInfo(exc)
    stores = _stores_errors(task, request, tracing)
    task.backend.mark_as_failure(request.id, exc, info.traceback, request=request, store_result=stores)
    task.on_failure(exc, request.id, request.args, request.kwargs, info)
    if signals.task_failure.receivers:
        signals.task_failure.send(
            sender=task, task_id=request.id, exception=exc, args=request.args, kwargs=request.kwargs,
            traceback=exc.__traceback__, einfo=info,
        )  # fmt: skip
    expected = bool(task.throws) and isinstance(exc, task.throws)
    description = "raised expected" if expected else "raised unexpected"
    level = logging.INFO if expected else logging.ERROR
    _log_error(level, LOG_FAILURE, task, request, info, description, shows_traceback=not expected)
    forget_frames(exc)
    return Ended(FAILURE, exc, repr(exc), info.traceback, 0.0)


def _travelling(exc: Exception) -> Exception:
    """Return *exc* in a form that can be pickled, which is how a child process hands it to its worker."""
    found = get_pickleable_exception(exc)
    if found.__traceback__ is None:
        found.__traceback__ = exc.__traceback__
    return found if isinstance(found, Exception) else exc


def _log_error(
    level: int,
    form: str,
    task: Task,
    request: Context,
    info: ExceptionInfo,
    description: str,
    *,
    shows_traceback: bool = False,
) -> None:
    if not logger.isEnabledFor(level):
        return
    args, kwargs = _shown_arguments(request)
    exc = get_pickled_exception(info.exception)
    _log(
        level, form, task, request, shown=info.exc_info if shows_traceback else None, hostname=request.hostname,
        exc=safe_repr(exc), traceback=info.traceback, args=args, kwargs=kwargs, description=description,
        internal=info.internal,
    )  # fmt: skip


def _shown_arguments(request: Context) -> tuple[str, str]:
    return (
        request.get("argsrepr") or saferepr(request.args),
        request.get("kwargsrepr") or saferepr(request.kwargs),
    )


def _log(level: int, form: str, task: Task, request: Context, shown: Any = None, **facts: Any) -> None:
    """Log a line whose facts stand in ``record.data`` too, where programs look for them."""
    told = {"id": request.id, "name": request.shadow or task.name, **facts}
    logger.log(level, form, told, exc_info=shown, extra={"data": told})
