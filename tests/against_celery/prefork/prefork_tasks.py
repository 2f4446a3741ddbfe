"""Tasks that end their process, or try to; the variable ``PREFORK_SIDE`` says whose tasks they are."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

QUEUE = os.environ["PREFORK_QUEUE"]

if os.environ["PREFORK_SIDE"] == "celery":
    from celery import Celery, Task
    from celery.exceptions import Reject

    # the answers of a result backend that a test must share with other processes come over RabbitMQ, too
    app = Celery("proj", broker="amqp://guest:guest@127.0.0.1:5672//", backend="rpc://", task_default_queue=QUEUE)
else:
    from labq import Celery, Task
    from labq.exceptions import Reject

    app = Celery("proj", broker="amqp://", backend="rpc://", task_default_queue=QUEUE)
app.conf.worker_enable_remote_control = False


class Hooked(Task):
    """A task whose callback fails."""

    def on_failure(self, *_: Any) -> None:
        """Fail after the failure."""
        raise KeyError("in on_failure")


@app.task(name="leave")
def leave(code: Any) -> None:
    """End the process."""
    raise SystemExit(code)


@app.task(name="interrupt")
def interrupt() -> None:
    """End the process as Ctrl-C would."""
    raise KeyboardInterrupt


@app.task(name="add")
def add(x: int, y: int) -> int:
    """Add two numbers."""
    return x + y


@app.task(name="asking")
def asking() -> Any:
    """Wait for another task, which is refused."""
    return add.delay(1, 2).get()


@app.task(name="hooked", base=Hooked)
def hooked() -> None:
    """Fail, with a callback that fails."""
    raise ValueError("x")


@app.task(name="again", bind=True, acks_late=True)
def again(self: Any) -> Any:
    """Put the message back once."""
    if not self.request.delivery_info["redelivered"]:
        raise Reject("why", requeue=True)
    return self.request.delivery_info["redelivered"]


@app.task(name="look", bind=True)
def look(self: Any) -> list[Any]:
    """Tell what the worker tells the task."""
    request = self.request
    delivery = {**request.delivery_info, "routing_key": request.delivery_info["routing_key"] == QUEUE}
    return [
        request.hostname,
        request.called_directly,
        request.is_eager,
        request.timelimit,
        delivery,
        request.ignore_result,
    ]


CALLS: dict[str, Callable[[], Any]] = {
    "exit 3": lambda: leave.delay(3),
    "exit 0": lambda: leave.delay(0),
    "exit": lambda: leave.delay(None),
    "exit with a text": lambda: leave.delay("bye"),
    "interrupt": interrupt.delay,
    "waiting in a task": asking.delay,
    "put back": again.delay,
    "request": look.delay,
    "late exit": lambda: late.delay(4),
    "still alive": lambda: add.delay(1, 2),
    "a callback that fails": hooked.delay,
}


@app.task(name="late", acks_late=True)
def late(code: Any) -> None:
    """End the process with the message unacknowledged."""
    raise SystemExit(code)
