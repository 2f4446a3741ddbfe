"""Tasks that can be asked to stop: they look themselves whether somebody has asked.

Comes in: ``result.abort()``. Goes out: the state ABORTED, which the task's body sees with ``self.is_aborted()``.
Celery: ``celery/contrib/abortable.py``.
"""

from __future__ import annotations

from typing import Any

from labq.app.task import Task
from labq.result import AsyncResult

__all__ = ("AbortableAsyncResult", "AbortableTask")

ABORTED = "ABORTED"


class AbortableAsyncResult(AsyncResult):
    """The result of a task that can be asked to stop."""

    def is_aborted(self) -> bool:
        """Tell whether the task was asked to stop."""
        return bool(self.state == ABORTED)

    def abort(self) -> Any:
        """Ask the task to stop; whether and when it does is up to its body."""
        return self.backend.store_result(self.id, result=None, state=ABORTED, traceback=None)


class AbortableTask(Task):
    """A base for tasks that look from time to time whether they were asked to stop."""

    abstract = True

    def AsyncResult(self, task_id: str, **kwargs: Any) -> AbortableAsyncResult:  # noqa: N802 - Celery's name
        """Return the result of the call with that id."""
        return AbortableAsyncResult(task_id, backend=self.backend, **{"app": self._get_app(), **kwargs})

    def is_aborted(self, **kwargs: Any) -> bool:
        """Tell whether the running task (or the one of ``task_id``) was asked to stop; asks the backend each time."""
        result: AsyncResult = self.AsyncResult(kwargs.get("task_id", self.request.id))
        return isinstance(result, AbortableAsyncResult) and result.is_aborted()
