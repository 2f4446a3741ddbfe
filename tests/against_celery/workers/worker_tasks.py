"""Tasks for workers that are warned, killed, revoked and stopped; the variable ``WORKERS_SIDE`` says whose they are.

What hooks, receivers of signals and bodies see is noted in the file that ``WORKERS_NOTES`` names, a line each: they
work in several processes there.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

if os.environ["WORKERS_SIDE"] == "celery":
    from celery import Celery, Task, signals
    from celery.exceptions import Reject, SoftTimeLimitExceeded

    app = Celery("proj", broker="amqp://guest:guest@127.0.0.1:5672//", backend="redis://127.0.0.1:6379/5")
else:
    from labq import Celery, Task, signals
    from labq.exceptions import Reject, SoftTimeLimitExceeded

    app = Celery("proj", broker="amqp://", backend="cache+memory://")

app.conf.update(json.loads(os.environ.get("WORKERS_CONF", "{}")))

SEEN = (
    "task_prerun", "task_postrun", "task_success", "task_failure", "task_retry", "task_revoked", "task_rejected",
    "task_unknown", "task_internal_error", "task_received", "worker_shutting_down", "worker_shutdown",
    "worker_process_init", "worker_process_shutdown", "worker_before_create_process", "worker_ready", "worker_init",
    "celeryd_init", "celeryd_after_setup",
)  # fmt: skip
SAID = frozenset({"args", "kwargs", "exception", "result", "retval", "state", "terminated", "expired", "signum", "sig",
                  "how", "exitcode"})  # fmt: skip
"""Facts whose values are noted; of the others only the names."""


def note(*what: Any) -> None:
    """Write down that something was seen."""
    with Path(os.environ["WORKERS_NOTES"]).open("a") as file:
        file.write(json.dumps(what) + "\n")


def _noting(name: str) -> None:
    def receiver(sender: Any = None, **facts: Any) -> None:
        facts.pop("signal", None)
        shown = {fact: repr(value) if fact in SAID else "" for fact, value in sorted(facts.items())}
        note(name, type(sender).__name__ if isinstance(sender, str) else "", shown)

    getattr(signals, name).connect(receiver, weak=False)


for each in SEEN:
    _noting(each)


class Hooked(Task):
    """A task whose hooks note what they are told."""

    def on_failure(self, exc: Any, *_: Any) -> None:
        """Note a failure."""
        note("on_failure", repr(exc))

    def on_retry(self, exc: Any, *_: Any) -> None:
        """Note a retry."""
        note("on_retry", repr(exc))

    def on_success(self, retval: Any, *_: Any) -> None:
        """Note a success."""
        note("on_success", repr(retval))

    def after_return(self, status: Any, *_: Any) -> None:
        """Note an end."""
        note("after_return", status)


def napping(seconds: float, how: str = "") -> str:
    """Sleep, and note how the sleep ended."""
    try:
        time.sleep(seconds)
    except SoftTimeLimitExceeded as warning:
        note("warned", repr(warning))
        if how == "careful":
            return "careful"
        if how == "stubborn":
            time.sleep(seconds)
        raise
    except BaseException as error:
        note("ended", repr(error))
        raise
    return "woke"


@app.task(name="nap", base=Hooked)
def nap(seconds: float, how: str = "") -> str:
    """Sleep."""
    return napping(seconds, how)


@app.task(name="late", base=Hooked, acks_late=True)
def late(seconds: float, how: str = "") -> str:
    """Sleep, with the message acknowledged afterwards."""
    return napping(seconds, how)


@app.task(name="returning", base=Hooked, acks_late=True, reject_on_worker_lost=True, bind=True)
def returning(self: Any, seconds: float) -> str:
    """Sleep the first time; the message comes back when the child is lost."""
    if self.request.delivery_info["redelivered"]:
        return "came back"
    return napping(seconds)


@app.task(name="again", base=Hooked, retry_on_worker_lost=True, default_retry_delay=0.1, max_retries=1, bind=True)
def again(self: Any, seconds: float) -> str:
    """Sleep the first time; the task is retried when the child is lost."""
    return "retried" if self.request.retries else napping(seconds)


@app.task(name="untimed", base=Hooked, acks_late=True, acks_on_timeout=False, bind=True)
def untimed(self: Any, seconds: float) -> str:
    """Sleep the first time; the message comes back when the time is over."""
    if self.request.delivery_info["redelivered"]:
        return "came back"
    return napping(seconds)


@app.task(name="unacked_failure", acks_late=True, acks_on_failure=False)
def unacked_failure() -> None:
    """Fail, and let the message go away unacknowledged."""
    raise ValueError("x")


@app.task(name="short", base=Hooked, time_limit=1)
def short(seconds: float) -> str:
    """Sleep, a second at most."""
    return napping(seconds)


@app.task(name="limited", rate_limit="2/s")
def limited(number: int) -> int:
    """Return the number."""
    return number


@app.task(name="add")
def add(x: int, y: int) -> int:
    """Add two numbers."""
    return x + y


@app.task(name="leave", base=Hooked)
def leave(code: Any) -> None:
    """End the process."""
    sys.exit(code)


@app.task(name="away", acks_late=True)
def away() -> None:
    """Reject the message."""
    raise Reject("why", requeue=False)


@app.task(name="look", bind=True)
def look(self: Any) -> Any:
    """Tell what the request says of limits and pool."""
    request = self.request
    limits = [request.timelimit, request.time_limit, request.soft_time_limit]
    return [*limits, str(request.hostname).endswith("@lab"), request.is_eager]
