"""The check of lesson 1: write a task, send it, let a worker run it.

Comes in: a learner's names and the lab. Goes out: a verdict that names the first thing still missing.
Next door: `labq.lessons.grader`. Celery: no counterpart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labq import Lab, Task
from labq.i18n import text
from labq.lessons.verdict import Verdict, right, wrong
from labq.log.record import MESSAGE_PUBLISHED, TASK_FAILED, TASK_SUCCEEDED
from labq.result import AsyncResult

FACTORS = (6, 7)
PRODUCT = 42


def check_multiply(namespace: Mapping[str, Any], lab: Lab) -> Verdict:
    """Write a task `multiply`, send it with 6 and 7, keep the result as `answer`, let the worker run it: 42."""
    task, answer = namespace.get("multiply"), namespace.get("answer")
    if task is None:
        return wrong(text("There is no `multiply` yet. Write a function of two arguments with this name."))
    if not isinstance(task, Task):
        return wrong(text("`multiply` is a plain function so far. Put `@app.task` above it to make it a task."))
    if isinstance(answer, (int, float)):
        return wrong(
            text("`multiply(6, 7)` runs the function here and now. Send the task with `multiply.delay(6, 7)`.")
        )
    if not isinstance(answer, AsyncResult):
        return wrong(text("Keep what `multiply.delay(6, 7)` gives back: `answer = multiply.delay(6, 7)`."))
    return _verdict_on_run(task, answer, lab)


def _verdict_on_run(task: Task, answer: AsyncResult, lab: Lab) -> Verdict:
    """The verdict on what the lab's log says about the task that was sent."""
    sent = lab.log.select(MESSAGE_PUBLISHED, answer.id)
    if not any(record.fact("task") == task.name for record in sent):
        return wrong(text("`answer` belongs to another task. Send `multiply` itself: `answer = multiply.delay(6, 7)`."))
    if lab.log.select(TASK_FAILED, answer.id):
        return wrong(text("The worker ran `multiply`, and it raised an error. `answer.traceback` says where."))
    if not lab.log.select(TASK_SUCCEEDED, answer.id):
        return wrong(text("The message waits in its queue. Start a worker, or let the lab run: `lab.run()`."))
    if answer.result != PRODUCT:
        return wrong(
            text(
                "The worker ran `multiply` and stored {result}; the product of {first} and {second} is something else.",
                result=repr(answer.result),
                first=FACTORS[0],
                second=FACTORS[1],
            )
        )
    return right(text("Right: the message went through the broker, the worker ran `multiply`, and the result is 42."))
