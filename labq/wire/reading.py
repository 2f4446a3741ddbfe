"""What a worker makes of a message: a task to run, or an error that says why not.

In comes a ``Message`` of protocol 2, 1, or of their mixture that some old clients send; out goes a ``TaskMessage``
which shares nothing with the message, so that a message that is delivered twice is the same both times.
Next door: ``worker/consumer`` asks; ``protocol`` is the side that writes.
Celery: ``celery/worker/strategy.py`` and the constructor of ``celery/worker/request.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from labq.exceptions import DecodeError, InvalidTaskError
from labq.wire import moments
from labq.wire.compression import decompress
from labq.wire.message import Message, copied
from labq.wire.saferepr import saferepr
from labq.wire.serializers import loads


class UnknownMessage(InvalidTaskError):
    """The message tells no task's name at all: Celery's "Received and deleted unknown message"."""


class TaskMessage(NamedTuple):
    """A task message, read.

    Attributes:
        id: the task's id.
        name: the name the task is registered under; ``headers["shadow"]`` may give another for the logs.
        args: its positional arguments.
        kwargs: its keyword arguments.
        embed: ``callbacks``, ``errbacks``, ``chain``, ``chord``.
        headers: all headers in protocol 2's words, the reader's own copy.
        properties: the reader's own copy.
        eta: when to run it, aware; None for now.
        expires: when it is too late, aware; None for never.
    """

    id: str
    name: str
    args: Any
    kwargs: Any
    embed: dict[str, Any]
    headers: dict[str, Any]
    properties: dict[str, Any]
    eta: datetime | None
    expires: datetime | None


def task_name(message: Message) -> str | None:
    """Return which task *message* is for, without decoding its body; None in protocol 1, which tells it only there."""
    name: str | None = message.headers.get("task")
    return name


def read_task_message(message: Message, accept: frozenset[str] | None = None) -> TaskMessage:
    """Read *message*.

    Arguments:
        message: as a broker delivered it.
        accept: the content types to accept; None accepts those that are not disabled.

    Raises ContentDisallowed and DecodeError for a body that may not or cannot be read, UnknownMessage for what is no
    task, InvalidTaskError for a task that makes no sense.
    """
    headers = copied(message.headers, message.tables)
    payload = _payload(message, headers.get("compression"), accept)
    if "task" not in headers:
        args, kwargs, embed, headers = _from_protocol_1(payload, headers)
    elif type(payload) is not list and isinstance(payload, Mapping):
        args, kwargs, embed, headers = _from_mixture(payload, headers)
    else:
        try:
            args, kwargs, embed = payload
        except (TypeError, ValueError):
            raise InvalidTaskError("the body of a task message is [args, kwargs, embed]") from None
    name, task_id = headers["task"], headers.get("id")
    if not isinstance(name, str):
        raise InvalidTaskError(f"the task's name is not text but {name!r}")
    if not isinstance(task_id, str):
        told = "has no id" if task_id is None else f"has an id that is not text but {task_id!r}"
        raise InvalidTaskError(f"the message for task {name!r} {told}")
    if type(embed) is not dict and not isinstance(embed, Mapping):
        raise InvalidTaskError(f"the third part of the body is no table but {embed!r}")
    return TaskMessage(
        task_id,
        name,
        args,
        kwargs,
        embed,
        headers,
        copied(message.properties, None if message.tables is None else ()),
        None if (eta := headers.get("eta")) is None else moments.read(eta, "ETA"),
        None if (expires := headers.get("expires")) is None else moments.read(expires, "expires"),
    )


def _payload(message: Message, compression: str | None, accept: frozenset[str] | None) -> Any:
    body = message.body
    if compression:
        try:
            body = decompress(body, compression)
        except Exception as error:
            raise DecodeError(error) from error
    return loads(body, message.content_type, message.content_encoding, accept)


def _call(body: Mapping[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Return args, kwargs and embed of a body that is one table."""
    kwargs = body.get("kwargs", {})
    if not isinstance(kwargs, Mapping):
        raise InvalidTaskError("Task keyword arguments must be a mapping")
    embed = {word: body.get(word) for word in ("callbacks", "errbacks", "chord")}
    return body.get("args", ()), kwargs, {**embed, "chain": None}


def _from_protocol_1(body: Any, headers: dict[str, Any]) -> tuple[Any, Any, dict[str, Any], dict[str, Any]]:
    """Read protocol 1, where the body tells everything."""
    if not isinstance(body, Mapping) or "task" not in body:
        raise UnknownMessage("neither headers nor body tell a task's name")
    args, kwargs, embed = _call(body)
    told = {**body, "argsrepr": saferepr(args), "kwargsrepr": saferepr(kwargs), "headers": headers}
    if "taskset" in body:
        told["group"] = body["taskset"]
    return args, kwargs, embed, told


_MIXED_WORDS = (
    *("lang", "task", "id", "root_id", "parent_id", "group", "meth", "shadow", "eta", "expires", "retries"),
    *("timelimit", "argsrepr", "kwargsrepr", "origin"),
)


def _from_mixture(body: Mapping[str, Any], headers: dict[str, Any]) -> tuple[Any, Any, dict[str, Any], dict[str, Any]]:
    """Read protocol 2's headers with protocol 1's body; where both tell something, the headers win."""
    args, kwargs, embed = _call(body)
    told: dict[str, Any] = {word: body.get(word) for word in _MIXED_WORDS}
    told["retries"] = body.get("retries", 0)
    told["timelimit"] = body.get("timelimit", (None, None))
    return args, kwargs, embed, {**told, **headers}
