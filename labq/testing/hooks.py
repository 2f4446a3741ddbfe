"""What a test asks of the lab: start a worker, let time pass, tell the time, begin again.

Comes in: an app, seconds. Goes out: a worker, virtual seconds, a fresh lab.
Celery: ``start_worker`` in ``celery/contrib/testing/worker.py``; a test with real Celery sleeps instead.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from labq import Celery, Lab, _state, current_lab
from labq.kernel.asks import sleep
from labq.kernel.body import current_body
from labq.lab.handle import RunningWorker
from labq.nodes import anon_nodename

START = "2030-01-01T00:00:00Z"
"""When a fresh lab begins: a test must not depend on today's date."""

IGNORED = ("perform_ping_check", "shutdown_timeout", "logfile")
"""Options of Celery's ``start_worker`` that a worker without processes has no use for."""


@contextmanager
def start_worker(
    app: Celery, concurrency: int = 1, loglevel: int | str = "INFO", **options: Any
) -> Iterator[RunningWorker]:
    """Let a worker of *app* work in the current lab while the block runs; its tasks may wait for other tasks.

    Arguments:
        app: whose tasks it runs.
        concurrency: how many bodies it runs at once.
        loglevel: from which level on Celery's loggers speak meanwhile: a name or a number.
        options: others of ``Lab.start_worker``, such as ``pool``, ``queues`` and ``hostname``, which is ``gen1@lab`` as
            in Celery's own ``start_worker``. Options of that one that need processes are accepted and mean nothing.

    Yields: the worker. After the block it has stopped: what was running has ended, the rest is in its queue again.
    """
    known = {name: value for name, value in options.items() if name not in IGNORED}
    logger = logging.getLogger("celery")
    level = logger.level
    logger.setLevel(loglevel.upper() if isinstance(loglevel, str) else loglevel)
    try:
        worker: RunningWorker = current_lab().start_worker(
            app, **{"hostname": anon_nodename(), "concurrency": concurrency, "join_blocks": False, **known}
        )
        try:
            yield worker
        finally:
            worker.stop()
    finally:
        logger.setLevel(level)


def advance(seconds: float) -> None:
    """Let *seconds* of virtual time pass in the current lab, doing what is due; in a task it is ``time.sleep``."""
    if current_body() is not None:
        sleep(seconds)
    else:
        current_lab().advance(seconds)


def now() -> float:
    """Return the virtual seconds since the current lab began; they never go back, except by a rewind."""
    return float(current_lab().time)


def reset(seed: int = 0, start: str | datetime = START) -> Lab:
    """Begin again in a fresh lab: no queues, no results, no workers, and no shared task of an earlier test.

    Tasks that ``@shared_task`` and ``@app.task`` inside a function promised to every later app are forgotten, those of
    modules are not; apps that are there keep theirs.

    Arguments:
        seed: of the fresh lab.
        start: when it begins.

    Returns: the fresh lab, which is the current one.
    """
    if _state.has_current_lab():
        current_lab().close()
        _state.set_current_lab(None)  # so that no lab keeps the one before it alive
    _state.forget_shared_tasks()
    return Lab(seed=seed, start=start)
