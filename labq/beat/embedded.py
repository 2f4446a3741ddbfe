"""A beat beside a worker: what ``celery worker -B`` starts.

Comes in: an app. Goes out: something that can be started and stopped, and is a beat of the lab when it runs.
Celery: ``EmbeddedService`` in ``celery/beat.py``, a thread or a process of the worker.
"""

from __future__ import annotations

from typing import Any

from labq.beat.service import Service


class Embedded:
    """A beat that belongs to a worker.

    Arguments:
        app: the app.
        own_process: whether it would have a process of its own, as beside a prefork pool, or be a thread.
        kwargs: see ``Service``.
    """

    name = "Beat"
    daemon = True

    def __init__(self, app: Any, *, own_process: bool = True, **kwargs: Any) -> None:
        self.app = app
        self.service: Any = Service(app, **kwargs)
        self._own_process = own_process

    def start(self) -> None:
        """Let it tick."""
        self.run()

    def run(self) -> None:
        """Let it tick; what a thread or a process would begin with."""
        self.service.start(embedded_process=self._own_process)

    def stop(self) -> None:
        """Stop it."""
        self.service.stop(wait=True)


def EmbeddedService(app: Any, max_interval: float | None = None, thread: bool = False, **kwargs: Any) -> Embedded:  # noqa: N802 - Celery's name
    """Return a beat that belongs to a worker.

    Arguments:
        app: the app.
        max_interval: the most seconds to sleep; as a thread it is one.
        thread: whether to be a thread of the worker.
        kwargs: see ``Service``; without ``remote_control`` it answers no commands, for its worker does.
    """
    kwargs.setdefault("remote_control", False)
    return Embedded(app, own_process=not thread, max_interval=1 if thread else max_interval, **kwargs)
