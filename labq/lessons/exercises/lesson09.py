"""The check of lesson 9: a retry policy that is patient enough, and quick enough.

Comes in: a learner's names and the lab. Goes out: a verdict that names the first thing that is missing.
Next door: `labq.lessons.grader`. Celery: no counterpart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labq import Lab
from labq.i18n import text
from labq.lessons.verdict import Verdict, right, wrong
from labq.log.record import BODY_SLEPT, MESSAGE_PUBLISHED, TASK_FAILED, TASK_STARTED, TASK_SUCCEEDED
from labq.result import AsyncResult

RUNS = 6
OUTAGE = 120
DEADLINE = 180
"""The server is down for OUTAGE seconds after the lab's start; the mail has to be out after DEADLINE."""


def check_remind(namespace: Mapping[str, Any], lab: Lab) -> Verdict:
    """Send `reminder = remind.delay(...)` at the lab's start: delivered by 09:03:00, in at most six runs, unslept."""
    reminder = namespace.get("reminder")
    if not isinstance(reminder, AsyncResult):
        return wrong(text("Keep what `remind.delay(…)` gives back: `reminder = remind.delay(…)`."))
    sent = lab.log.select(MESSAGE_PUBLISHED, reminder.id)
    if not sent:
        return wrong(text("`reminder` is not in the lab's log. After a rewind, send `remind` again."))
    if str(sent[0].fact("task")).rpartition(".")[2] != "remind":
        return wrong(text("`reminder` belongs to another task. Send `remind` itself: `reminder = remind.delay(…)`."))
    if sent[0].time > 0:
        return wrong(text("The reminder was sent too late in the morning. First rewind: `lab.rewind(to=morning)`."))
    return _verdict_on_runs(reminder.id, lab)


def _verdict_on_runs(task_id: str, lab: Lab) -> Verdict:
    """The verdict on what the lab's log says about the tries."""
    log = lab.log
    runs = len(log.select(TASK_STARTED, task_id))
    if log.select(BODY_SLEPT, task_id):
        return wrong(text("The task sleeps in its slot, and nobody else can use it. Let the retry wait, not the task."))
    failed = log.select(TASK_FAILED, task_id)
    if failed:
        gave_up = {"runs": runs, "failed": f"{failed[-1].time:g}", "back": OUTAGE}
        return wrong(
            text("`remind` gave up after {runs} runs, at {failed} s; the server is back at {back} s.", **gave_up)
        )
    delivered = log.select(TASK_SUCCEEDED, task_id)
    if not delivered:
        return wrong(text("The reminder is still on its way. Let the lab run: `lab.run()`."))
    return _verdict_on_delivery(delivered[0].time, runs)


def _verdict_on_delivery(seconds: float, runs: int) -> Verdict:
    """The verdict on a reminder that was delivered so many seconds after the start."""
    done = f"{seconds:g}"
    if seconds < OUTAGE:
        return wrong(text("The reminder was delivered while the server was down. Call `deliver(address)` in `remind`."))
    if runs > RUNS:
        return wrong(text("Delivered, but after {runs} runs; {most} are allowed. Wait longer.", runs=runs, most=RUNS))
    if seconds > DEADLINE:
        return wrong(text("Delivered, but only at {done} s; the limit is {latest} s.", done=done, latest=DEADLINE))
    return right(text("Right: delivered at {done} s, and the server was asked {runs} times.", done=done, runs=runs))
