"""Unlocking: the task that waits for a chord's header by looking again and again, for backends that cannot count.

Comes in: the header's results, and the body. Goes out: the body, sent once the header has ended, or failed with it.
Next door: ``labq.app.aftermath`` sends it first, and knows how a body is started and failed.
Celery: ``celery.chord_unlock`` in ``celery/app/builtins.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labq.app.aftermath import chord_error
from labq.canvas import maybe_signature
from labq.exceptions import Retry
from labq.result import result_from_tuple as read_result

if TYPE_CHECKING:
    from labq.app.task import Task

logger = logging.getLogger("celery.app.builtins")

Tuples = list[Any]


def chord_unlock(
    self: Task,
    group_id: str,
    callback: Any,
    interval: float | None = None,
    max_retries: int | None = None,
    result: Tuples | None = None,
    Result: Any = None,  # noqa: N803 - Celery's name
    GroupResult: Any = None,  # noqa: N803 - Celery's name
    result_from_tuple: Callable[..., Any] = read_result,
    **options: Any,
) -> None:
    """Start the body of a chord if its header has ended, else look again later.

    Arguments:
        group_id: the header's id.
        callback: the body.
        interval: how many seconds to wait before looking again; ``result_chord_retry_interval`` by default.
        max_retries: how often to look; None is for ever.
        result: the results of the header's tasks, as tuples.
        Result: accepted as in Celery, where nothing asks for it.
        GroupResult: the class for the header's result; the app's by default.
        result_from_tuple: what reads one of the tuples.
        options: others of the fallback's.
    """
    del Result
    app = self.app
    header_class = app.GroupResult if GroupResult is None else GroupResult
    header = header_class(group_id, [result_from_tuple(part, app=app) for part in result or ()], app=app)
    body = maybe_signature(callback, app=app)
    kind = options.get("_chord_unlock_exchange_type")
    again = {
        "countdown": self.default_retry_delay if interval is None else interval, "max_retries": max_retries,
        **({} if kind is None else {"exchange_type": kind}),
    }  # fmt: skip
    unread: Exception | None = None
    try:
        try:
            ready = header.ready()
        except Exception as exc:
            unread = exc
            raise self.retry(exc=exc, **again) from exc
        if not ready:
            raise self.retry(**again)  # noqa: TRY301 - a retry may fail, and that is dealt with below
    except Retry:
        raise
    except Exception as exc:  # nobody will look again
        _tell(exc, "Chord %r: chord_unlock could not be retried: %r", group_id, exc)
        cause = getattr(exc, "reason", None) or exc
        reason = f"chord_unlock could not be retried: {cause!r}"
        if unread is not None and unread is not cause:
            reason += f" (after deps.ready() raised {unread!r})"
        app.backend.chord_error_from_stack(callback=body, exc=chord_error(reason, cause))
        raise
    app.aftermath.start_body(app.backend, group_id, header, body)


def _tell(cause: Exception, form: str, *facts: object) -> None:
    """Log an error together with the traceback of its cause."""
    logger.error(form, *facts, exc_info=cause)
