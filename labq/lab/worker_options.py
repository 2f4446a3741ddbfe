"""What a worker is started with, read: Celery's own names for its options, and the app's settings for the rest.

Comes in: the keyword arguments of ``app.Worker`` and ``lab.start_worker``. Goes out: frozen ``WorkerOptions``.
Next door: ``handle`` keeps them; ``labq.worker.options`` says what they mean.
Celery: ``setup_defaults`` in ``celery/worker/worker.py``, ``default_nodename`` in ``celery/utils/nodenames.py``.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labq.exceptions import LabError
from labq.i18n import text
from labq.worker.options import WorkerOptions
from labq.worker.pools import POOLS

if TYPE_CHECKING:
    from labq.app.base import Celery

DEFAULT_NAME = "celery"
DEFAULT_CONCURRENCY = 2
"""How many processors the lab's computer has: real Celery counts those of the machine, here every run is the same."""
GREEN = ("gevent", "eventlet")
"""Pools in whose tasks it is no mistake to wait for other tasks."""


def worker_options(app: Celery, host: str, hostname: Any = None, **given: Any) -> WorkerOptions:
    """Return the options of a worker; what is left open is taken from the app's settings.

    Arguments:
        app: whose worker it is.
        host: the name of the lab's computer.
        hostname: the worker's name, as the user wrote it.
        given: every other option, by Celery's names; those that mean nothing in a lab are ignored, as are unknown ones.

    Raises:
        LabError: when an option makes no sense.
    """
    conf = app.conf

    def either(setting: str, *names: str) -> Any:
        """Return the first of these options that was given, else the setting."""
        found = (given[name] for name in names if given.get(name) is not None)
        return next(found, conf[setting])

    pool = _pool(either("worker_pool", "pool", "pool_cls"))
    scale = autoscale_of(given.get("autoscale"))
    count = POOLS[pool].fixed_size or _count(either("worker_concurrency", "concurrency"))
    if scale is not None:
        if not POOLS[pool].scales:
            raise LabError(f"a {pool} pool cannot grow and shrink", text("Leave autoscale out, or choose prefork."))
        count = scale[1]
    multiplier = max(0, _whole(either("worker_prefetch_multiplier", "prefetch_multiplier"), "prefetch_multiplier"))
    held = max(scale[0], 1) if scale is not None else count
    statedb = either("worker_state_db", "statedb", "state_db")
    return WorkerOptions(
        hostname=node_name(hostname, host),
        pool=pool,
        concurrency=count,
        queues=_names(given.get("queues"), "queues"),
        excluded=_names(given.get("exclude_queues"), "exclude_queues") or (),
        prefetch=multiplier * held,
        multiplier=multiplier,
        autoscale=scale,
        max_tasks_per_child=either("worker_max_tasks_per_child", "max_tasks_per_child") or None,
        time_limit=either("task_time_limit", "time_limit", "task_time_limit") or None,
        soft_time_limit=either("task_soft_time_limit", "soft_time_limit", "task_soft_time_limit") or None,
        rate_limits=not either("worker_disable_rate_limits", "disable_rate_limits"),
        statedb=None if not statedb else os.fspath(statedb),
        task_events=bool(either("worker_send_task_events", "task_events")),
        heartbeat=not given.get("without_heartbeat"),
        mingle=not given.get("without_mingle"),
        heartbeat_interval=given.get("heartbeat_interval"),
        loglevel=_level(given.get("loglevel")),
        logfile=given.get("logfile"),
        join_blocks=bool(given.get("join_blocks", True)) and pool not in GREEN,
    )


def _pool(said: Any) -> str:
    """Return the name of a pool."""
    name = said if isinstance(said, str) else str(getattr(said, "name", said))
    if name in POOLS:
        return "prefork" if name == "processes" else name
    hint = text("The pools are {pools}.", pools=", ".join(sorted(POOLS)))
    if name == "custom":
        msg = "a pool of one's own cannot work in a lab: it would bring processes or threads with it"
        raise LabError(msg, hint)
    raise LabError(f"unknown pool {name!r}", hint)


def _count(said: Any) -> int:
    """Return how many bodies may run at once; nothing, 0 and ``auto`` are as many as there are processors."""
    if not said or (isinstance(said, str) and said.strip().lower() == "auto"):
        return DEFAULT_CONCURRENCY
    count = _whole(said, "concurrency")
    if count < 1:
        raise LabError(f"a worker cannot run {count} tasks at once", text("Its concurrency is 1 or more."))
    return count


def _whole(said: Any, name: str) -> int:
    try:
        return int(said)
    except (TypeError, ValueError, OverflowError):
        msg = f"{name} must be a whole number, not {said!r}"
        raise LabError(msg, text("Write {name}=4, for instance.", name=name)) from None


def autoscale_of(said: Any) -> tuple[int, int] | None:
    """Return the most and the fewest bodies of ``"10,3"``, ``"10"``, ``(10, 3)``; None when there is no scaling.

    >>> autoscale_of("10,3"), autoscale_of("10"), autoscale_of(None)
    ((10, 3), (10, 0), None)
    """
    if not said:
        return None
    parts = said.split(",") if isinstance(said, str) else said if isinstance(said, list | tuple) else [said]
    most, *rest = parts
    return _whole(most, "autoscale"), _whole(rest[0], "autoscale") if rest and rest[0] else 0


def _level(said: Any) -> int | None:
    """Return a level of logging as a number."""
    if said is None or isinstance(said, int):
        return said
    number = logging.getLevelNamesMapping().get(str(said).upper())
    if number is None:
        msg = f"there is no level of logging called {said!r}"
        raise LabError(msg, text("The levels are DEBUG, INFO, WARNING, ERROR and CRITICAL."))
    return number


def node_name(name: Any, host: str) -> str:
    """Return the full name of a node, as Celery completes it.

    >>> node_name(None, "lab"), node_name("w1@%h", "lab"), node_name("w1@lab", "x")
    ('celery@lab', 'w1@lab', 'w1@lab')

    Raises:
        LabError: when *name* is no text.
    """
    if name is not None and not isinstance(name, str):
        msg = f"a worker's name is text, not {name!r}"
        raise LabError(msg, text("Write hostname='w1@lab', for instance."))
    short, at, node = (name or "").partition("@")
    if not at:
        short, node = "", short  # Celery takes a name without "@" for the computer's
    full = f"{short or DEFAULT_NAME}@{node or host}"
    return _expand(full, {"%h": host, "%n": short or DEFAULT_NAME, "%d": host, "%%": "%"})


def _expand(name: str, words: Mapping[str, str]) -> str:
    for mark, word in words.items():
        name = name.replace(mark, word)
    return name


def _names(queues: Any, option: str) -> tuple[str, ...] | None:
    """Return the names of queues, which may be given as text with commas, as names, or as queues."""
    if queues is None:
        return None
    if isinstance(queues, str):
        queues = queues.split(",")
    hint = text("Write {option}=['celery'], for instance.", option=option)
    try:
        given = tuple(queues)
    except TypeError:
        msg = f"{option} must be names of queues, not {queues!r}"
        raise LabError(msg, hint) from None
    names: list[str] = []
    for queue in given:
        name = queue if isinstance(queue, str) else getattr(queue, "name", None)
        if not isinstance(name, str):
            raise LabError(f"{queue!r} is no name of a queue", hint)
        names.append(name)
    return tuple(names)
