"""Blocking: whether one may wait for a result here; inside a task that can lock a worker up.

Comes in: the context in which somebody waits. Goes out: nothing, or a refusal.
Next door: ``labq.result`` and ``labq.resultset`` ask before they wait.
Celery: the top of ``celery/result.py``; its user guide, "Tasks: Avoid launching synchronous subtasks".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from labq import _state

WOULD_BLOCK = """\
Never call result.get() within a task!
See https://docs.celeryq.dev/en/latest/userguide/tasks.html\
#avoid-launching-synchronous-subtasks
"""


def refuse_if(blocks: bool) -> None:
    """Raise RuntimeError where waiting for a result *blocks*: inside a task that can lock the worker up."""
    if blocks:
        raise RuntimeError(WOULD_BLOCK)


@contextmanager
def allow_join_result() -> Iterator[None]:
    """Allow ``get()`` inside a task, for who knows what they do."""
    token = _state.set_task_join_will_block(False)
    try:
        yield
    finally:
        _state.reset_task_join_will_block(token)


@contextmanager
def denied_join_result() -> Iterator[None]:
    """Forbid ``get()`` as inside a task."""
    token = _state.set_task_join_will_block(True)
    try:
        yield
    finally:
        _state.reset_task_join_will_block(token)
