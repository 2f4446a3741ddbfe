"""The trace of one run: before, the user's function, after.

Comes in: a task, the request, and who runs it. Goes out: how it ended, with the result already stored. Everything
here happens inside the body, so a callback that sleeps costs virtual time like the task itself.
Next door: a worker's pool runs it as a body; ``Task.apply`` runs it without any worker, which is why it lives here.
Celery: ``celery/app/trace.py``.
"""

from __future__ import annotations

import logging
import re
import traceback as tracebacks
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from labq import _state, signals
from labq.exceptions import EncodeError, Ignore, Reject, Retry
from labq.kernel.clock import Clock
from labq.states import FAILURE, IGNORED, REJECTED, RETRY, STARTED, SUCCESS
from labq.wire.saferepr import saferepr

if TYPE_CHECKING:
    from labq.app.context import Context
    from labq.app.task import Task

logger = logging.getLogger("celery.app.trace")  # people configure and grep Celery's own logger names

LOG_SUCCESS = "Task %(name)s[%(id)s] succeeded in %(runtime)ss: %(return_value)s"
LOG_FAILURE = "Task %(name)s[%(id)s] %(description)s: %(exc)s"
LOG_IGNORED = "Task %(name)s[%(id)s] %(description)s"
LOG_REJECTED = "Task %(name)s[%(id)s] %(exc)s"
LOG_RETRY = "Task %(name)s[%(id)s] retry: %(exc)s"

_HOUSE = str(Path(__file__).parent.parent)
_NOTEBOOK_CELL = re.compile(r"\S*ipykernel_\d+[/\\]\d+\.py")


class ExceptionInfo:
    """An exception with its traceback as text; what callbacks get as ``einfo``.

    Arguments:
        exception: the exception.
        internal: True when it is a signal to the worker rather than a mishap of the task.
    """

    def __init__(self, exception: BaseException, *, internal: bool = False) -> None:
        self.type = type(exception)
        self.exception = exception
        self.internal = internal
        self.tb = exception.__traceback__
        self.traceback = format_traceback(exception)

    @property
    def exc_info(self) -> tuple[type[BaseException], BaseException, TracebackType | None]:
        """The triple that ``sys.exc_info`` would give."""
        return self.type, self.exception, self.tb

    def __str__(self) -> str:
        """Return the traceback."""
        return self.traceback

    def __repr__(self) -> str:
        """Return a short name."""
        return f"<ExceptionInfo: {self.exception!r}>"


def format_traceback(exception: BaseException) -> str:
    """Return the traceback that the user needs: from their own first frame on, none of the lab's before it.

    A notebook's cells have file names with process ids in them; those are said as ``<notebook cell>``.
    """
    told = tracebacks.TracebackException(type(exception), exception, exception.__traceback__)
    link: tracebacks.TracebackException | None = told
    while link is not None:
        frames = list(link.stack)
        while frames and frames[0].filename.startswith(_HOUSE):
            frames.pop(0)
        link.stack = tracebacks.StackSummary.from_list(frames)
        link = link.__cause__ or link.__context__
    return _NOTEBOOK_CELL.sub("<notebook cell>", "".join(told.format()))


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
    """

    clock: Clock
    hostname: str
    eager: bool = False
    propagate: bool = False


def trace(task: Task, request: Context, tracing: Tracing, pid: int = 0) -> Ended:
    """Run *task* for *request* and return how it ended.

    Everything that is an ``Exception`` ends in a state; ``SystemExit`` and ``KeyboardInterrupt`` go on to the pool,
    which decides what becomes of the child.
    """
    clock = tracing.clock
    began = clock.us
    args, kwargs = request.args, request.kwargs
    ended: Ended | None = None
    state: str | None = None
    token = _state.push_call(task, request)
    try:
        if signals.task_prerun.receivers:
            signals.task_prerun.send(sender=task, task_id=request.id, task=task, args=args, kwargs=kwargs)
        if not tracing.eager and task.track_started and not is_ignored(task, request):
            task.backend.store_result(request.id, {"pid": pid, "hostname": tracing.hostname}, STARTED, request=request)
        try:
            task.before_start(request.id, args, kwargs)
            value = task.run(*args, **kwargs) if _calls_plainly(task) else task(*args, **kwargs)
        except Exception as exc:  # noqa: BLE001 - whatever the user's code raises is an outcome
            ended = _on_exception(task, request, tracing, exc)
        else:
            ended = _on_success(task, request, tracing, value, began)
        state = ended.state
        if state not in (IGNORED, RETRY, REJECTED):
            task.after_return(state, ended.value, request.id, args, kwargs, None)
        return ended
    finally:
        if signals.task_postrun.receivers:
            signals.task_postrun.send(
                sender=task, task_id=request.id, task=task, args=args, kwargs=kwargs,
                retval=ended.value if ended else None, state=state,
            )  # fmt: skip
        _state.pop_call(token)


def _calls_plainly(task: Task) -> bool:
    cls: Any = type(task)
    return cls.__call__ is cls.plain_call


def is_ignored(task: Task, request: Context) -> bool:
    """Tell whether the result of this call is thrown away: the call's own word counts before the task's."""
    ignored = request.ignore_result
    return bool(task.ignore_result if ignored is None else ignored)


def _on_success(task: Task, request: Context, tracing: Tracing, value: Any, began: int) -> Ended:
    stores = not is_ignored(task, request) and (not tracing.eager or task.store_eager_result)
    text = saferepr(value, task.resultrepr_maxsize)
    if stores:
        try:
            task.backend.store_result(request.id, value, SUCCESS, request=request, text=text)
        except EncodeError as exc:
            return _on_failure(task, request, tracing, exc)
    task.on_success(value, request.id, request.args, request.kwargs)
    runtime = (tracing.clock.us - began) / 1_000_000
    if signals.task_success.receivers:
        signals.task_success.send(sender=task, result=value)
    if logger.isEnabledFor(logging.INFO):
        _log(logging.INFO, LOG_SUCCESS, task, request, return_value=text, runtime=runtime)
    return Ended(SUCCESS, value, text, None, runtime)


def _on_exception(task: Task, request: Context, tracing: Tracing, exc: Exception) -> Ended:
    if isinstance(exc, Reject):
        _log(logging.WARNING, LOG_REJECTED, task, request, exc=repr(exc), description="rejected")
        return Ended(REJECTED, exc, repr(exc), None, 0.0)
    if isinstance(exc, Ignore):
        _log(logging.INFO, LOG_IGNORED, task, request, exc=repr(exc), description="ignored")
        return Ended(IGNORED, exc, repr(exc), None, 0.0)
    if tracing.propagate:
        raise exc
    if isinstance(exc, Retry):
        return _on_retry(task, request, tracing, exc)
    return _on_failure(task, request, tracing, exc)


def _stores_errors(task: Task, request: Context, tracing: Tracing) -> bool:
    if is_ignored(task, request):
        return bool(task.store_errors_even_if_ignored)
    return not tracing.eager or bool(task.store_eager_result)


def _on_retry(task: Task, request: Context, tracing: Tracing, told: Retry) -> Ended:
    info = ExceptionInfo(told)
    cause = told.exc
    if _stores_errors(task, request, tracing):
        task.backend.store_result(request.id, cause, RETRY, traceback=info.traceback, request=request)
    task.on_retry(cause, request.id, request.args, request.kwargs, info)
    if signals.task_retry.receivers:
        signals.task_retry.send(sender=task, request=request, reason=told, einfo=info)
    _log(logging.INFO, LOG_RETRY, task, request, exc=str(told))
    _forget_frames(told)
    return Ended(RETRY, told, str(told), info.traceback, 0.0)


def _on_failure(task: Task, request: Context, tracing: Tracing, exc: Exception) -> Ended:
    info = ExceptionInfo(exc)
    if _stores_errors(task, request, tracing):
        task.backend.store_result(request.id, exc, FAILURE, traceback=info.traceback, request=request)
    task.on_failure(exc, request.id, request.args, request.kwargs, info)
    if signals.task_failure.receivers:
        signals.task_failure.send(
            sender=task, task_id=request.id, exception=exc, args=request.args, kwargs=request.kwargs,
            traceback=exc.__traceback__, einfo=info,
        )  # fmt: skip
    expected = bool(task.throws) and isinstance(exc, task.throws)
    description = "raised expected" if expected else "raised unexpected"
    level = logging.INFO if expected else logging.ERROR
    _log(level, LOG_FAILURE, task, request, info=None if expected else info, exc=repr(exc), description=description)
    _forget_frames(exc)
    return Ended(FAILURE, exc, repr(exc), info.traceback, 0.0)


def _forget_frames(exc: BaseException) -> None:
    """Let go of the frames: an exception that is kept would keep every local variable of the body alive."""
    link: BaseException | None = exc
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__


def _log(
    level: int, form: str, task: Task, request: Context, info: ExceptionInfo | None = None, **facts: Any
) -> None:
    if not logger.isEnabledFor(level):
        return
    told = {
        "hostname": request.hostname,
        "id": request.id,
        "name": request.shadow or task.name,
        "args": request.get("argsrepr") or saferepr(request.args),
        "kwargs": request.get("kwargsrepr") or saferepr(request.kwargs),
        **facts,
    }
    logger.log(level, form, told, exc_info=info.exc_info if info else None, extra={"data": told})
