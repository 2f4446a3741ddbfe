"""The task message: what a call to a task looks like on the wire.

In comes a task's name, arguments and options, out goes a ``Draft`` and from it a ``Message``, field for field what
Celery 5.7 sends: protocol 2, or protocol 1 (Celery 3's) when ``task_protocol`` says so.
Next door: ``app/publish`` calls; ``moments`` turns seconds into moments, ``publishing`` seals, ``reading`` reads.
Celery: ``celery/app/amqp.py``; its documentation, "Message Protocol".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from labq.wire import moments
from labq.wire.message import Message
from labq.wire.publishing import Draft, sealed
from labq.wire.reading import TaskMessage, read_task_message
from labq.wire.saferepr import saferepr

__all__ = ("REPR_LENGTH", "TaskMessage", "read_task_message", "task_draft", "task_draft_1", "task_message")

REPR_LENGTH = 1024
"""How long ``argsrepr`` and ``kwargsrepr`` may be, in characters."""


def task_draft(
    task_id: str,
    name: str,
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    origin: str,
    now: datetime | None = None,
    countdown: float | None = None,
    eta: datetime | str | None = None,
    expires: float | datetime | str | None = None,
    group_id: str | None = None,
    group_index: int | None = None,
    retries: int = 0,
    chord: Any = None,
    chain: Any = None,
    callbacks: Any = None,
    errbacks: Any = None,
    reply_to: Any = None,
    time_limit: float | None = None,
    soft_time_limit: float | None = None,
    root_id: str | None = None,
    parent_id: str | None = None,
    shadow: str | None = None,
    ignore_result: bool | None = False,
    argsrepr: str | None = None,
    kwargsrepr: str | None = None,
    replaced_task_nesting: int = 0,
    stamped_headers: Sequence[str] | None = None,
    stamps: Mapping[str, Any] | None = None,
    repr_maxlevels: int | None = 3,
) -> Draft:
    """Draft a task message of protocol 2; its options mean what they mean in ``Task.apply_async``.

    *origin* names the sending node; seconds count from *now* (aware). Raises TypeError, or ValueError for odd moments.
    """
    args, kwargs = _arguments(args, kwargs)
    headers = {
        "lang": "py",
        "task": name,
        "id": task_id,
        "shadow": shadow,
        "eta": moments.eta_text(now, countdown, eta) if countdown or eta else eta,
        "expires": None if expires is None else moments.expires_text(now, expires),
        "group": group_id,
        "group_index": group_index,
        "retries": retries,
        "timelimit": [time_limit, soft_time_limit],
        "root_id": root_id or task_id,
        "parent_id": parent_id,
        "argsrepr": saferepr(args, REPR_LENGTH, repr_maxlevels) if argsrepr is None else argsrepr,
        "kwargsrepr": _shown(kwargs, repr_maxlevels) if kwargsrepr is None else kwargsrepr,
        "origin": origin,
        "ignore_result": ignore_result,
        "replaced_task_nesting": replaced_task_nesting,
        "stamped_headers": stamped_headers,
        "stamps": {stamp: (stamps or {})[stamp] for stamp in stamped_headers or ()},
    }
    body = args, kwargs, {"callbacks": callbacks, "errbacks": errbacks, "chain": chain, "chord": chord}
    return Draft(headers, {"correlation_id": task_id, "reply_to": reply_to or ""}, body)


def task_draft_1(
    task_id: str,
    name: str,
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    now: datetime | None = None,
    countdown: float | None = None,
    eta: datetime | str | None = None,
    expires: float | datetime | str | None = None,
    group_id: str | None = None,
    group_index: int | None = None,
    retries: int = 0,
    chord: Any = None,
    callbacks: Any = None,
    errbacks: Any = None,
    reply_to: Any = None,
    time_limit: float | None = None,
    soft_time_limit: float | None = None,
    utc: bool = True,
) -> Draft:
    """Draft a task message of protocol 1, whose body is one table and whose headers are empty.

    Arguments and errors are those of ``task_draft``; *utc* says in which time moments without a time zone are meant.
    """
    args, kwargs = _arguments(args, kwargs)
    body = {
        "task": name,
        "id": task_id,
        "args": args,
        "kwargs": kwargs,
        "group": group_id,
        "group_index": group_index,
        "retries": retries,
        "eta": moments.eta_text(now, countdown, eta),
        "expires": moments.expires_text(now, expires),
        "utc": utc,
        "callbacks": callbacks,
        "errbacks": errbacks,
        "timelimit": (time_limit, soft_time_limit),
        "taskset": group_id,
        "chord": chord,
    }
    return Draft({}, {"correlation_id": task_id, "reply_to": reply_to or ""}, body)


def _shown(arguments: Any, maxlevels: int | None) -> str:
    """Return *arguments* as the headers show them; most calls have no keyword arguments at all."""
    return "{}" if arguments == {} else saferepr(arguments, REPR_LENGTH, maxlevels)


def _arguments(args: Any, kwargs: Any) -> tuple[Any, Any]:
    """Return the arguments of a call, empty ones for none; TypeError in Celery's words for the wrong kind."""
    args, kwargs = args or (), kwargs or {}
    if not isinstance(args, list | tuple):
        raise TypeError("task args must be a list or tuple")
    if type(kwargs) is not dict and not isinstance(kwargs, Mapping):
        raise TypeError("task keyword arguments must be a mapping")
    return args, kwargs


def task_message(
    task_id: str,
    name: str,
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    *,
    origin: str,
    serializer: str | None = "json",
    compression: str | None = None,
    delivery_mode: int | str | None = None,
    headers: Mapping[str, Any] | None = None,
    properties: Mapping[str, Any] | None = None,
    **options: Any,
) -> Message:
    """Draft and seal in one go, for who has nothing to do in between.

    Arguments:
        task_id: the task's id.
        name: the name it is registered under.
        args: positional arguments, a list or tuple.
        kwargs: keyword arguments.
        origin: the name of the node that sends.
        serializer: how to encode; None means json.
        compression: how to compress; None for not at all.
        delivery_mode: 1, 2, ``transient`` or ``persistent``; None means 2.
        headers: more headers, which win over the task's own.
        properties: more properties: ``priority``, ``expiration`` in seconds, ``message_id`` …
        options: what else ``task_draft`` takes.
    """
    draft = task_draft(task_id, name, args, kwargs, origin=origin, **options)
    draft.headers.update(headers or {})
    draft.properties.update(properties or {})
    return sealed(draft, serializer, compression, delivery_mode)
