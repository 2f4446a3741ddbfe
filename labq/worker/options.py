"""What a worker is started with: Celery's options, with what the app's settings say where they are left open.

Comes in: keyword arguments or the options of a command line. Goes out: frozen values for ``labq.worker.worker``.
Celery: ``WorkController.setup_defaults`` in ``celery/worker/worker.py``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """What a worker is started with.

    Attributes:
        hostname: its name, like ``w1@lab``.
        pool: ``prefork``, ``solo``, ``threads``, ``gevent`` or ``eventlet``.
        concurrency: how many bodies run at once; with autoscaling, at least.
        queues: what it reads from; None is what the app's configuration says.
        prefetch: how many messages it may hold unacknowledged at first; 0 is no limit.
        multiplier: how many of those for each body that runs at once.
        autoscale: the most and the fewest bodies that run at once; None keeps their number.
        max_tasks_per_child: after how many tasks a child is replaced; None is never.
        time_limit: seconds after which a body is ended, for tasks that say nothing else; None is never.
        soft_time_limit: seconds after which a body is warned.
        rate_limits: whether the rate limits of tasks are kept.
        statedb: the file in which revoked ids are kept; None keeps them nowhere.
        excluded: what it does not read from, though the configuration says so.
        task_events: whether it tells those who monitor it what happens to its tasks.
        heartbeat: whether it tells them that it is there.
        mingle: whether it learns at the start which tasks other workers know to be revoked.
        heartbeat_interval: seconds from one such telling to the next; None is Celery's own.
        loglevel: from which level on it logs, as a number; None leaves logging alone.
        logfile: the name of a file to log into.
        join_blocks: whether its tasks are refused when they wait for other tasks.
    """

    hostname: str
    pool: str
    concurrency: int
    queues: tuple[str, ...] | None
    prefetch: int
    multiplier: int = 4
    autoscale: tuple[int, int] | None = None
    max_tasks_per_child: int | None = None
    time_limit: float | None = None
    soft_time_limit: float | None = None
    rate_limits: bool = True
    statedb: str | None = None
    excluded: tuple[str, ...] = ()
    task_events: bool = False
    heartbeat: bool = True
    mingle: bool = True
    heartbeat_interval: float | None = None
    loglevel: int | None = None
    logfile: str | None = None
    join_blocks: bool = True
