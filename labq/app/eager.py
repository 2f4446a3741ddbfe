"""Eager calls: a task run on the spot, by the code that a worker would use, with no broker in between.

Comes in: what ``Task.apply`` was given. Goes out: an ``EagerResult``. ``task_always_eager`` sends every call here,
after its arguments have made the trip through the serializer that they would have made.
Celery: ``Task.apply`` in ``celery/app/task.py``; its user guide, "Testing with Celery".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labq import _state
from labq.app.context import Context
from labq.app.trace import Tracing, trace
from labq.canvas.entries import listed
from labq.exceptions import Retry
from labq.result import EagerResult, denied_join_result
from labq.states import SUCCESS
from labq.wire.serializers import dumps, loads

if TYPE_CHECKING:
    from labq.app.task import Task


def apply_as_sent(
    task: Task,
    args: Sequence[Any] | None,
    kwargs: Mapping[str, Any] | None,
    task_id: str | None,
    options: Mapping[str, Any],
) -> EagerResult:
    """Run *task* on the spot in place of sending it: its arguments are really encoded and decoded.

    Raises:
        EncodeError: when the serializer cannot write the arguments.
    """
    serializer = options.get("serializer") or task.app.conf.task_serializer
    content_type, encoding, written = dumps((args, kwargs), serializer)
    args, kwargs = loads(written, content_type, encoding, frozenset([content_type]))
    with denied_join_result():
        return task.apply(args, kwargs, task_id=task_id or task.app.world.new_id(), **options)


def apply(
    task: Task,
    args: Sequence[Any] | None,
    kwargs: Mapping[str, Any] | None,
    task_id: str | None,
    retries: int | None,
    throw: bool | None,
    headers: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    options: Mapping[str, Any],
) -> EagerResult:
    """Run *task* on the spot, and what comes *after* it; a task that asks for a retry is run again at once."""
    app = task.app
    world = app.world
    task = app._tasks.get(task.name, task)
    request = _request(task, args, kwargs, task_id or world.new_id(), retries or 0, headers, options)
    for word, calls in after.items():
        if calls is not None:
            setattr(request, word, listed(calls))
    stamped = options.get("stamped_headers")
    if stamped is not None:
        request.stamped_headers = listed(stamped)
        request.stamps = {stamp: listed(options.get(stamp, [])) for stamp in request.stamped_headers}
    throw = app.conf.task_eager_propagates if throw is None else throw
    tracing = Tracing(world.clock, request.hostname or "", eager=True, propagate=bool(throw))
    ended = world.call_eagerly(lambda: trace(task, request, tracing))
    if isinstance(ended.value, Retry) and ended.value.sig is not None:
        again: EagerResult = ended.value.sig.apply(retries=request.retries + 1)
        return again
    return EagerResult(request.id, ended.value, ended.state or SUCCESS, traceback=ended.traceback, name=task.name)


def _request(
    task: Task,
    args: Sequence[Any] | None,
    kwargs: Mapping[str, Any] | None,
    task_id: str,
    retries: int,
    headers: Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> Context:
    call = _state.get_current_worker_call()
    parent = call[1] if call else None
    limits = [task.time_limit, task.soft_time_limit]
    where = {name: options.get(name) for name in ("exchange", "routing_key", "priority")}
    return Context(
        id=task_id,
        task=task.name,
        args=args or (),
        kwargs=kwargs or {},
        parent_id=parent.id if parent else None,
        root_id=(parent.root_id or task_id) if parent else task_id,
        retries=retries,
        is_eager=True,
        logfile=options.get("logfile"),
        loglevel=options.get("loglevel") or 0,
        called_directly=False,
        hostname=task.app.world.hostname,
        headers=headers,
        timelimit=None if limits == [None, None] else limits,
        ignore_result=options.get("ignore_result", task.ignore_result),
        delivery_info={"is_eager": True, **where},
    )
