"""The check of lesson 3: a task under the name that somebody else sends.

Comes in: a learner's names and the lab. Goes out: a verdict that names the first thing that is missing.
Next door: `labq.lessons.grader`. Celery: no counterpart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labq import Lab
from labq.i18n import text
from labq.lessons.verdict import Verdict, right, wrong
from labq.log.record import MESSAGE_PUBLISHED, TASK_FAILED, TASK_STARTED, TASK_SUCCEEDED
from labq.result import AsyncResult

NAME = "warehouse.pack"
PACKED = "3 x cups"


def check_pack(namespace: Mapping[str, Any], lab: Lab) -> Verdict:
    """Write a task that takes `send_task("warehouse.pack", args=[3, "cups"])`; keep the result as `packed`."""
    packed = namespace.get("packed")
    if not isinstance(packed, AsyncResult):
        return wrong(text("Keep the result of the call: `packed = dome.send_task(…)`."))
    sent = lab.log.select(MESSAGE_PUBLISHED, packed.id)
    if not any(record.fact("task") == NAME for record in sent):
        return wrong(text("`packed` belongs to another message. The other team sends the name `{name}`.", name=NAME))
    if lab.log.select(TASK_FAILED, packed.id):
        return wrong(text("The worker found the task, and it raised an error. `packed.traceback` says where."))
    if not lab.log.select(TASK_SUCCEEDED, packed.id):
        return _verdict_on_waiting(packed, lab)
    if packed.result != PACKED:
        shown = {"result": repr(packed.result), "expected": repr(PACKED)}
        return wrong(text("The task returned {result}; {expected} was expected.", **shown))
    return right(text("Right: the message found the task by its name, whatever the function is called."))


def _verdict_on_waiting(packed: AsyncResult, lab: Lab) -> Verdict:
    """The verdict on a message that no task has answered: refused by a worker, or not yet there."""
    if lab.log.select(TASK_STARTED, packed.id) or packed.state == "PENDING":
        return wrong(text("The message has not been answered yet. Start a worker, or let the lab run: `lab.run()`."))
    return wrong(text("The worker knows no task named `{name}`. What in your task decides its name?", name=NAME))
