"""Duplicates: a message that came twice, though its task has already succeeded, need not run it again.

Comes in: a task and a request, where ``worker_deduplicate_successful_tasks`` is on. Goes out: how the run ended, or how
an earlier one did. Only tasks that are acknowledged late can be delivered again, and only a message that says so is
looked up; what was to follow is sent if the first run did not come to that.
Next door: a worker's pool calls this in place of ``labq.app.trace.trace`` when the setting is on.
Celery: ``trace_task`` in ``celery/app/trace.py``.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from labq.app.trace import LOG_IGNORED, Ended, Tracing, trace
from labq.exceptions import Reject
from labq.states import REJECTED, SUCCESS

if TYPE_CHECKING:
    from labq.app.context import Context
    from labq.app.task import Task

logger = logging.getLogger("celery.app.trace")


def trace_once(task: Task, request: Context, tracing: Tracing, pid: int = 0) -> Ended:
    """Run *task* for *request*, unless it was delivered again and has succeeded before."""
    redelivered = (request.delivery_info or {}).get("redelivered")
    if not (redelivered and task.acks_late and task.backend.persistent):
        return trace(task, request, tracing, pid)
    known = task.backend.get_task_meta(str(request.id))
    if known["status"] != SUCCESS:
        return trace(task, request, tracing, pid)
    told = {
        "id": request.id, "name": request.shadow or task.name, "description": "Task already completed successfully.",
    }  # fmt: skip
    logger.info(LOG_IGNORED, told, extra={"data": told})
    if (request.callbacks or request.chain) and not known.get("children"):
        try:
            task.app.aftermath.call_next(request, known["result"])
        except Exception as exc:  # noqa: BLE001 - then the message goes back, to be tried once more
            return _give_back(request, exc)
    return Ended(SUCCESS, None, "None", None, 0.0)


def _give_back(request: Context, exc: Exception) -> Ended:
    logger.error("Failed to dispatch chain/callbacks for deduplicated task %s", request.id, exc_info=exc)
    told = Reject(exc, requeue=True)
    return Ended(REJECTED, told, repr(told), None, 0.0)
