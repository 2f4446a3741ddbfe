"""Workers for tests: one works while a block runs.

Comes in: an app. Goes out: a worker of the current lab that runs the app's tasks.
Next door: ``labq.contrib.pytest`` makes fixtures of it.
Celery: ``celery/contrib/testing/worker.py``. There the worker has a thread of its own; here ``result.get()`` and
``lab.run()`` let it work.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from labq.app.base import Celery
from labq.contrib.testing.tasks import bring_ping, ping
from labq.dispatch import Signal
from labq.lab.handle import RunningWorker
from labq.lab.lab import Lab, current_lab
from labq.nodes import nodename
from labq.result import allow_join_result

WORKER_LOGLEVEL = os.environ.get("WORKER_LOGLEVEL", "error")

test_worker_starting = Signal(name="test_worker_starting", providing_args=set())
test_worker_started = Signal(name="test_worker_started", providing_args={"worker", "consumer"})
test_worker_stopped = Signal(name="test_worker_stopped", providing_args={"worker"})

PROCESS_OPTIONS = ("WorkController", "ready_callback", "without_gossip", "without_heartbeat", "without_mingle")
"""Options that a worker without threads and neighbours has no use for."""


@contextmanager
def start_worker(
    app: Celery,
    concurrency: int = 1,
    pool: str = "solo",
    loglevel: str | int = WORKER_LOGLEVEL,
    logfile: str | None = None,
    perform_ping_check: bool = True,
    ping_task_timeout: float = 10.0,
    shutdown_timeout: float = 10.0,
    **kwargs: Any,
) -> Iterator[RunningWorker]:
    """Let a worker of *app* work in the current lab while the block runs; its tasks may wait for other tasks.

    Arguments:
        app: whose tasks it runs; it becomes the current app and the default one.
        concurrency: how many bodies it runs at once.
        pool: ``solo``, ``prefork`` and others.
        loglevel, logfile: how logging is set up.
        perform_ping_check: whether the block begins only when the worker has answered.
        ping_task_timeout: how many virtual seconds it may take for that.
        shutdown_timeout: accepted and not needed: a lab's worker stops in virtual time.
        kwargs: other options of a worker, such as ``queues`` and ``hostname``.

    Yields: the worker. After the block it has stopped: what was running has ended, the rest is in its queue again.
    """
    del shutdown_timeout
    test_worker_starting.send(sender=app)
    worker: RunningWorker | None = None
    try:
        setup_app_for_worker(app, loglevel, logfile)
        known = {name: value for name, value in kwargs.items() if name not in PROCESS_OPTIONS}
        known.setdefault("hostname", _free_name(current_lab()))
        worker = current_lab().start_worker(app, concurrency=concurrency, pool=pool, join_blocks=False, **known)
        test_worker_started.send(sender=app, worker=worker, consumer=None)
        if perform_ping_check:
            _ping(ping_task_timeout)
        yield worker
    finally:
        if worker is not None and worker.online:
            worker.stop()
        test_worker_stopped.send(sender=app, worker=worker)


def _free_name(lab: Lab) -> str:
    """Return the first name that no worker has: a test's worker may work beside that of the session."""
    names = (nodename(f"gen{number}", lab.hostname) for number in count(1))
    return next(name for name in names if not (name in lab.world.workers and lab.world.workers[name].online))


def _ping(timeout: float) -> None:
    with allow_join_result():
        answer = ping.delay().get(timeout=timeout)
    if answer != "pong":
        raise AssertionError(f"celery.ping answered {answer!r}")


def setup_app_for_worker(app: Celery, loglevel: str | int, logfile: str | None) -> None:
    """Make *app* ready for a worker of its own in a test: finalized, current, the default, its logging set up."""
    app.finalize()
    if "celery.ping" not in app.tasks:  # finalized before this module was imported
        bring_ping(app)
    app.set_current()
    app.set_default()
    type(app.log)._setup = False
    app.log.setup(loglevel=loglevel, logfile=logfile)
