"""Mocks for tests: messages as a worker gets them, and mocks for ``with`` blocks.

Comes in: a task's name and arguments, or a signature. Goes out: a mock with a message's headers, body and payload.
Next door: ``app`` and ``worker`` have what runs for real.
Celery: ``celery/contrib/testing/mocks.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from numbers import Real
from typing import Any
from unittest.mock import Mock

from labq.app.base import Celery
from labq.canvas.signature import Signature
from labq.nodes import uuid
from labq.wire.serializers import dumps

__all__ = ("ContextMock", "TaskMessage", "TaskMessage1", "task_message_from_sig")


def TaskMessage(  # noqa: N802 - Celery's name
    name: str,
    id: str | None = None,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    callbacks: Sequence[Any] | None = None,
    errbacks: Sequence[Any] | None = None,
    chain: Sequence[Any] | None = None,
    shadow: str | None = None,
    utc: bool | None = None,
    **options: Any,
) -> Any:
    """Return a message of protocol 2 for a call of the task called *name*.

    Arguments:
        id: the call's id; a new one by default.
        callbacks, errbacks, chain: what comes after it, as signatures.
        shadow: another name for logs.
        utc: accepted as in Celery, where it says nothing.
        options: more headers.
    """
    del utc
    message = _message(id)
    message.headers = {"id": message.id, "task": name, "shadow": shadow, **options}
    after = {"callbacks": callbacks, "errbacks": errbacks, "chain": chain}
    message.payload = (args, dict(kwargs or {}), after)
    return _written(message)


def TaskMessage1(  # noqa: N802 - Celery's name
    name: str,
    id: str | None = None,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    callbacks: Sequence[Any] | None = None,
    errbacks: Sequence[Any] | None = None,
    chain: Sequence[Any] | None = None,
    **options: Any,
) -> Any:
    """Return a message of protocol 1, which has everything in its body, and no *chain*; else see ``TaskMessage``."""
    del chain
    message = _message(id)
    message.headers = {}
    message.payload = {
        "task": name, "id": message.id, "args": args, "kwargs": dict(kwargs or {}), "callbacks": callbacks,
        "errbacks": errbacks, **options,
    }  # fmt: skip
    return _written(message)


def task_message_from_sig(
    app: Celery, sig: Signature, utc: bool = True, TaskMessage: Callable[..., Any] = TaskMessage  # noqa: N803
) -> Any:  # fmt: skip
    """Return the message by which *app* would send *sig*; the options that go into the message leave the signature.

    Arguments:
        utc: accepted as in Celery.
        TaskMessage: what makes the message.
    """
    sig.freeze()
    options = sig.options
    callbacks, errbacks = options.pop("link", None), options.pop("link_error", None)
    countdown = options.pop("countdown", None)
    eta = app.now() + timedelta(seconds=countdown) if countdown else options.pop("eta", None)
    expires = options.pop("expires", None)
    if expires and isinstance(expires, Real):
        expires = app.now() + timedelta(seconds=float(expires))
    return TaskMessage(
        sig.task, id=sig.id, args=sig.args, kwargs=sig.kwargs,
        callbacks=[dict(call) for call in callbacks] if callbacks else None,
        errbacks=[dict(call) for call in errbacks] if errbacks else None,
        eta=_text(eta), expires=_text(expires), utc=utc, **options,
    )  # fmt: skip


class _ContextMock(Mock):
    """A mock with the two methods of a ``with`` block, which Python looks up in the class."""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        """Let exceptions pass."""


def ContextMock(*args: Any, **kwargs: Any) -> Any:  # noqa: N802 - Celery's name
    """Return a mock that is a ``with`` block over itself, and notes how it was entered and left; see ``Mock``."""
    mock: Any = _ContextMock(*args, **kwargs)
    for way in ("__enter__", "__exit__"):
        mock.attach_mock(_ContextMock(), way)
    mock.__enter__.return_value = mock
    mock.__exit__.return_value = None  # anything true would swallow the exception
    return mock


def _message(given: str | None) -> Any:
    task_id = given or uuid()
    message = Mock(name=f"TaskMessage-{task_id}")
    message.id = task_id
    return message


def _written(message: Any) -> Any:
    """Return *message* with its payload as bytes, too."""
    message.content_type, message.content_encoding, message.body = dumps(message.payload, "json")
    return message


def _text(moment: Any) -> Any:
    return moment.isoformat() if isinstance(moment, datetime) else moment
