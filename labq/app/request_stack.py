"""The stack of a task's requests: what ``task.request`` looks at.

A task can be running several times at once, in bodies that are suspended; each body sees its own requests only.
Celery: ``celery.utils.threads.LocalStack``, as ``Task.request_stack`` uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labq import _state

if TYPE_CHECKING:
    from labq.app.task import Task


class RequestStack:
    """The requests of the runs of one task that are going on in this very body, the innermost on top."""

    def __init__(self, task: Task) -> None:
        self._task = task

    @property
    def top(self) -> Any:
        """The innermost request, or None."""
        for running, request in reversed(_state.calls()):
            if running is self._task:
                return request
        return None

    def push(self, request: Any) -> None:
        """Put *request* on top."""
        _state.push_call(self._task, request)

    def pop(self) -> None:
        """Take the top away."""
        _state.drop_call()
