"""Retries: when a task is tried again, and how long it waits.

Comes in: a task in the middle of a run, an exception, a number of tries. Goes out: a new message, and the ``Retry``
that tells the worker about it.
Celery: ``Task.retry`` in ``celery/app/task.py``, ``celery/app/autoretry.py``, ``get_exponential_backoff_interval``;
its user guide, "Tasks: Retrying".
"""

from __future__ import annotations

import functools
import inspect
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn

from labq.app.context import is_ignored
from labq.exceptions import Ignore, Reject, Retry

if TYPE_CHECKING:
    from labq.app.context import Context
    from labq.app.task import Task


RANDRANGE = random.randrange
"""Python's own dice, which the lab does not throw: its dice are seeded."""

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def backoff_interval(factor: int, retries: int, maximum: int, dice: Random | None = None) -> int:
    """Return how many seconds to wait before the next try.

    Arguments:
        factor: the wait before the first retry, in seconds.
        retries: how many retries there were.
        maximum: the longest wait, in seconds.
        dice: draws the wait between 0 and the computed one ("full jitter"); None waits the computed time.

    >>> [backoff_interval(1, tried, 600) for tried in range(5)]
    [1, 2, 4, 8, 16]
    """
    # after so many doublings any maximum is reached: no need to compute astronomical numbers
    wait = int(min(maximum, factor * 2 ** min(retries, 64)))
    if dice is not None:
        # a test that has put its own function in the place of random.randrange is asked, as in Celery
        throw = dice.randrange if random.randrange == RANDRANGE else random.randrange
        wait = throw(wait + 1)
    return max(0, wait)


def retry(
    task: Task,
    args: Sequence[Any] | None,
    kwargs: Mapping[str, Any] | None,
    exc: BaseException | None,
    throw: bool,
    eta: datetime | None,
    countdown: float | None,
    max_retries: int | None,
    options: Mapping[str, Any],
) -> Retry:
    """Send *task*'s present call once more and raise (or return) ``Retry``; see ``Task.retry``."""
    request = task.request
    tried = request.retries + 1
    if max_retries is not None:
        task.override_max_retries = max_retries
    limit = task.max_retries if max_retries is None else max_retries
    if request.called_directly:
        _raise_in_context(exc or Retry("Task can be retried", None))
    if not eta and countdown is None:
        countdown = task.default_retry_delay
    args, kwargs = _new_arguments(task, request, args, kwargs)
    call = task.signature_from_request(request, args, kwargs, countdown=countdown, eta=eta, retries=tried, **options)
    if limit is not None and tried > limit:
        if exc is not None:
            _raise_in_context(exc)
        msg = f"Can't retry {task.name}[{request.id}] args:{call.args} kwargs:{call.kwargs}"
        raise task.MaxRetriesExceededError(msg, task_args=call.args, task_kwargs=call.kwargs)
    told = Retry(exc=exc, when=eta or countdown, is_eager=request.is_eager, sig=call)
    if not request.is_eager:
        try:
            call.apply_async()
        except Exception as failure:
            raise Reject(failure, requeue=False) from failure
    if throw:
        raise told
    return told


def options_again(task: Task, request: Context, queue: str | None, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that send *request*'s call where its message went: to *queue*, or the same way again."""
    options = {**request.as_execution_options(), "ignore_result": is_ignored(task, request), **extra}
    delivery = request.delivery_info or {}
    if delivery.get("priority") is not None:
        options["priority"] = delivery["priority"]
    if queue:
        options["queue"] = queue
    elif delivery.get("exchange") == "" and delivery.get("routing_key"):
        options["queue"] = delivery["routing_key"]
    else:
        options.update(delivery)
    return options


def _new_arguments(
    task: Task, request: Context, args: Sequence[Any] | None, kwargs: Mapping[str, Any] | None
) -> tuple[Sequence[Any] | None, Mapping[str, Any] | None]:
    """Fit new arguments of one kind to the old ones of the other, so that none is given twice."""
    try:
        signature = inspect.signature(task.run)
    except (TypeError, ValueError):
        return args, kwargs  # a builtin: the check of arguments at sending has the last word
    if args is not None and kwargs is None and request.kwargs:
        places = [each for each in signature.parameters.values() if each.kind in POSITIONAL]
        taken = {each.name for each in places[: len(args)] if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD}
        return args, {name: value for name, value in request.kwargs.items() if name not in taken}
    if kwargs is not None and args is None and request.args:
        try:
            bound = signature.bind_partial(*request.args)
        except TypeError:
            return args, kwargs
        rest = dict(kwargs)
        for name in bound.arguments:
            if name in rest and signature.parameters[name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD:
                bound.arguments[name] = rest.pop(name)
        return bound.args, {**bound.kwargs, **rest}
    return args, kwargs


def _raise_in_context(exc: BaseException) -> NoReturn:
    """Raise *exc*; if an exception is being handled that it stands for, raise that one, its traceback intact."""
    present = sys.exc_info()[1]
    if present is None:
        raise exc
    if exc is present:
        raise  # noqa: PLE0704 - the one being handled, as it is
    raise exc from present


def add_autoretry(task: Task, options: Mapping[str, Any]) -> None:
    """Wrap *task*'s ``run`` so that the exceptions of ``autoretry_for`` lead to a retry by themselves."""

    def option(name: str, default: Any) -> Any:
        return options.get(name, getattr(task, name, default))

    wanted = tuple(option("autoretry_for", ()))
    if not wanted or hasattr(task, "_orig_run"):
        return
    unwanted = (Ignore, Retry, *option("dont_autoretry_for", ()))
    retry_kwargs = dict(option("retry_kwargs", {}))
    factor, maximum = float(option("retry_backoff", 0)), int(option("retry_backoff_max", 600))
    jitter = bool(option("retry_jitter", 1))
    original: Callable[..., Any] = task.run

    @functools.wraps(original)
    def run(*run_args: Any, **run_kwargs: Any) -> Any:
        try:
            return original(*run_args, **run_kwargs)
        except unwanted:
            raise
        except wanted as exc:
            attempt = dict(retry_kwargs)
            if factor:
                request = task.request
                dice = task.app.world.dice(request.id, request.retries) if jitter else None
                attempt["countdown"] = backoff_interval(int(max(1.0, factor)), request.retries, maximum, dice)
            if hasattr(task, "override_max_retries"):
                attempt["max_retries"] = task.override_max_retries
            told = task.retry(exc=exc, **attempt)
            if hasattr(task, "override_max_retries"):
                del task.override_max_retries
            raise told from exc

    task._orig_run, task.run = original, run  # type: ignore[attr-defined, method-assign]
