"""The commands that every worker understands: what remote control does when it arrives.

Comes in: a command's arguments. Goes out: its reply, in Celery's words.
Next door: ``labq.worker.panel`` keeps them, ``labq.app.control`` is the client's side, ``labq.worker.pidbox`` reads.
Celery: ``celery/worker/control.py``; its user guide, "Workers: Remote control".
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from numbers import Real
from typing import Any

from labq.app.option import strtobool
from labq.exceptions import WorkerShutdown
from labq.sequences import maybe_list
from labq.wire.saferepr import saferepr
from labq.wire.url import parse_url
from labq.worker import state as worker_state
from labq.worker.panel import ControlReply, Panel, control_command, controller_info_t, inspect_command, nok, ok
from labq.worker.rates import rate

__all__ = ("Panel", "control_command", "controller_info_t", "inspect_command", "nok", "ok")

logger = logging.getLogger("celery.worker.control")

DEFAULT_TASK_INFO_ITEMS = ("exchange", "routing_key", "rate_limit")
"""What ``registered`` tells of a task unless asked otherwise."""

TRANSPORTS = {"amqp": ("guest", "PLAIN", 5672), "redis": (None, None, 6379)}
"""User, method of logging in and port, where an address says nothing of them."""

BUILTINS = "labq.app.builtins"
"""Where every app's first tasks come from, as it is told."""

NO_PROCESS = "the workers of a lab live in one process: there is no memory of this worker alone to look into"


def _shown_set(items: Iterable[Any]) -> str:
    """Return *items* as the repr of a set, in one order on every machine."""
    shown = ", ".join(sorted(map(repr, items)))
    return f"{{{shown}}}" if shown else "set()"


# -- the app -----------------------------------------------------------------------------------------------------------
@inspect_command()
def report(state: Any) -> ControlReply:
    """Tell about software and settings, as a report of a bug needs it."""
    return ok(state.app.bugreport())


@inspect_command(alias="dump_conf", signature="[include_defaults=False]", args=[("with_defaults", strtobool)])
def conf(state: Any, with_defaults: bool = False, **_: Any) -> Any:
    """Tell the settings."""
    told = _jsonable(state.app.conf.table(with_defaults=with_defaults))
    return {**told, "include": list(dict.fromkeys([*(state.app.conf.include or ()), *_modules(state.app)]))}


def _modules(app: Any) -> list[str]:
    """Return the modules that have tasks: a real worker adds them to its settings when it starts."""
    own = {type(task).__module__ for name, task in app.tasks.items() if not name.startswith("celery.")}
    return sorted({*own, BUILTINS})


def _jsonable(value: Any) -> Any:
    """Return *value* with everything in it made into what JSON can carry; names that begin with ``__`` are left out."""
    described = value.as_dict(recurse=True) if callable(getattr(value, "as_dict", None)) else value
    if described is None or isinstance(described, Real | str):
        return described
    if isinstance(described, list | tuple):
        return [_jsonable(each) for each in described]
    if isinstance(described, Mapping):
        kept = {name: each for name, each in described.items() if isinstance(name, str) and not name.startswith("__")}
        return {name: _jsonable(each) for name, each in kept.items()}
    if isinstance(described, date | time):
        return described.isoformat()
    return str(described) if isinstance(described, timedelta) else saferepr(described)


@inspect_command(alias="dump_tasks", variadic="taskinfoitems", signature="[attr1 [attr2 [... [attrN]]]]")
def registered(state: Any, taskinfoitems: Iterable[Any] | None = None, builtins: bool = False, **_: Any) -> list[str]:
    """List the tasks that the worker knows, with some of their attributes."""
    wanted = [
        item for item in taskinfoitems or DEFAULT_TASK_INFO_ITEMS if isinstance(item, str) and not item.startswith("_")
    ]
    tasks, rates = state.app.tasks, state.consumer.controller.rates

    def described(name: str) -> str:
        task = tasks[name]
        told = {item: getattr(task, item, None) for item in wanted}
        if "rate_limit" in told:
            told["rate_limit"] = rates.limit_of(task)  # each worker of a lab has its own
        shown = " ".join(f"{item}={value!s}" for item, value in told.items() if value is not None)
        return f"{name} [{shown}]" if shown else name

    return [described(name) for name in sorted(tasks) if builtins or not name.startswith("celery.")]


# -- tasks -------------------------------------------------------------------------------------------------------------
@inspect_command(variadic="ids", signature="[id1 [id2 [... [idN]]]]")
def query_task(state: Any, ids: Any, **_: Any) -> dict[str, Any]:
    """Tell what has become of tasks that the worker holds."""
    known = state.consumer.controller.state

    def stage(request: Any) -> str:
        if request in known.active_requests:
            return "active"
        if request in known.reserved_requests:
            return "reserved"
        return "scheduled" if request in known.scheduled_requests else "ready"

    held = [known.requests[task_id] for task_id in maybe_list(ids) if task_id in known.requests]
    return {request.id: (stage(request), request.info()) for request in held}


@control_command(variadic="task_id", signature="[id1 [id2 [... [idN]]]]")
def revoke(state: Any, task_id: Any, terminate: bool = False, signal: Any = None, **_: Any) -> ControlReply:
    """Let tasks not run, by their ids."""
    ids = maybe_list(task_id) or []
    ended = state.consumer.controller.revocations.revoke(ids, terminate=terminate, signal=signal)
    if not terminate:
        return ok(f"tasks {_shown_set(set(ids))} flagged as revoked")
    return ok(f"terminate: {', '.join(ended)}" if ended else "terminate: tasks unknown")


@control_command(variadic="headers", signature="[key1=value1 [key2=value2 [... [keyN=valueN]]]]")
def revoke_by_stamped_headers(
    state: Any, headers: Any, terminate: bool = False, signal: Any = None, **_: Any
) -> ControlReply:
    """Let tasks not run, by their stamps."""
    if isinstance(headers, list):
        headers = {header.split("=")[0]: header.split("=")[1] for header in headers}
    ended = state.consumer.controller.revocations.revoke_by_stamps(headers, terminate=terminate, signal=signal)
    if not terminate:
        return ok(f"headers {headers} flagged as revoked, but not terminated")
    if not ended:
        return ok(f"headers {headers} were not terminated")
    shown = ", ".join(f"{header!r}: {_shown_set(stamps)}" for header, stamps in ended.items())
    return ok(f"headers defaultdict(<class 'set'>, {{{shown}}}) revoked")


@control_command(variadic="task_id", args=[("signal", str)], signature="<signal> [id1 [id2 [... [idN]]]]")
def terminate(state: Any, signal: Any, task_id: Any, **_: Any) -> ControlReply:
    """Revoke tasks and kill the children that run them."""
    return revoke(state, task_id, terminate=True, signal=signal)


@control_command(
    args=[("task_name", str), ("rate_limit", str)], signature="<task_name> <rate_limit (e.g., 5/s | 5/m | 5/h)>"
)
def rate_limit(state: Any, task_name: str, rate_limit: Any, **_: Any) -> ControlReply:
    """Change how often tasks of one name may start."""
    try:
        rate(rate_limit)
    except ValueError as exc:
        return nok(f"Invalid rate limit string: {exc!r}")
    if task_name not in state.app.tasks:
        logger.error("Rate limit attempt for unknown task %s", task_name)
        return nok("unknown task")
    state.consumer.controller.set_rate_limit(task_name, rate_limit)
    return ok("new rate limit set successfully" if rate_limit else "rate limit disabled successfully")


@control_command(
    args=[("task_name", str), ("soft", float), ("hard", float)], signature="<task_name> <soft_secs> [hard_secs]"
)
def time_limit(state: Any, task_name: str | None = None, hard: Any = None, soft: Any = None, **_: Any) -> ControlReply:
    """Change how long tasks of one name may run."""
    if task_name not in state.app.tasks:
        logger.error("Change time limit attempt for unknown task %s", task_name)
        return nok("unknown task")
    state.consumer.controller.set_time_limits(task_name, soft=soft, hard=hard)
    return ok("time limits set successfully")


# -- what the worker holds ---------------------------------------------------------------------------------------------
@inspect_command(alias="dump_active")
def active(state: Any, safe: bool = False, **_: Any) -> list[Any]:
    """List the tasks that run."""
    return list(state.consumer.controller.active(safe=safe))


@inspect_command(alias="dump_reserved")
def reserved(state: Any, **_: Any) -> list[Any]:
    """List the tasks that were taken on and wait for a free slot."""
    return list(state.consumer.controller.reserved())


@inspect_command(alias="dump_schedule")
def scheduled(state: Any, **_: Any) -> list[Any]:
    """List the tasks that wait for their moment."""
    return list(state.consumer.controller.scheduled())


@inspect_command(alias="dump_revoked")
def revoked(state: Any, **_: Any) -> list[str]:
    """List the ids of tasks that must not run."""
    return list(state.consumer.controller.state.revoked)


@inspect_command()
def stats(state: Any, **_: Any) -> Any:
    """Tell numbers about the worker, its pool and its broker."""
    told, clock = state.consumer.controller.stats(), str(state.app.clock)
    named = {"total": told.pop("total"), "pid": told.pop("pid"), "clock": clock, "uptime": told.pop("uptime")}
    window = told.pop("prefetch_count")
    return {**named, **told, "broker": _broker_info(state.app), "prefetch_count": window, "rusage": "N/A"}


def _broker_info(app: Any) -> dict[str, Any]:
    """Return what kombu tells of a connection, without the password."""
    conf, address = app.conf, parse_url(app.sending.broker_url)
    transport = "amqp" if address.scheme == "pyamqp" else address.scheme
    user, method, port = TRANSPORTS.get(transport, (None, None, None))
    return {
        "hostname": address.hostname or "localhost", "userid": address.userid or user,
        "virtual_host": address.virtual_host or "/", "port": address.port or port, "insist": False, "ssl": False,
        "transport": transport, "connect_timeout": conf.broker_connection_timeout,
        "transport_options": dict(conf.broker_transport_options),
        "login_method": conf.broker_login_method or method, "uri_prefix": None, "heartbeat": conf.broker_heartbeat,
        "failover_strategy": "round-robin", "alternates": [], "credential_provider": None,
    }  # fmt: skip


@inspect_command(default_timeout=0.2)
def ping(state: Any, **_: Any) -> ControlReply:
    """Answer."""
    del state
    return ok("pong")


# -- clocks and events -------------------------------------------------------------------------------------------------
@inspect_command()
def clock(state: Any, **_: Any) -> dict[str, int]:
    """Tell the logical clock."""
    return {"clock": state.app.clock.value}


@inspect_command(visible=False)
def hello(state: Any, from_node: str, revoked: Any = None, **_: Any) -> dict[str, Any] | None:
    """Exchange revoked ids and the clock with a worker that has just started."""
    if from_node == state.hostname:
        return None
    known = state.consumer.controller.state
    logger.info("sync with %s", from_node)
    if revoked:
        known.merge_revoked(revoked)
    known.revoked.purge()
    return {"revoked": list(known.revoked), "clock": state.app.clock.forward()}


@control_command()
def election(state: Any, id: str, topic: str, action: Any = None, **_: Any) -> None:
    """Take part in choosing one of the workers."""
    state.consumer.controller.gossip.election(id, topic, action)


@control_command()
def enable_events(state: Any) -> ControlReply:
    """Tell from now on what becomes of tasks."""
    dispatcher = state.consumer.event_dispatcher
    if dispatcher is None:
        return nok("event dispatcher unavailable")
    if dispatcher.groups and "task" not in dispatcher.groups:
        dispatcher.groups.add("task")
        state.consumer.controller.monitoring.groups_changed()
        logger.info("Events of group {task} enabled by remote.")
        return ok("task events enabled")
    return ok("task events already enabled")


@control_command()
def disable_events(state: Any) -> ControlReply:
    """Tell no more what becomes of tasks."""
    dispatcher = state.consumer.event_dispatcher
    if dispatcher is None:
        return nok("event dispatcher unavailable")
    if "task" in dispatcher.groups:
        dispatcher.groups.discard("task")
        state.consumer.controller.monitoring.groups_changed()
        logger.info("Events of group {task} disabled by remote.")
        return ok("task events disabled")
    return ok("task events already disabled")


@control_command()
def heartbeat(state: Any) -> None:
    """Send a heartbeat now."""
    logger.debug("Heartbeat requested by remote.")
    dispatcher = state.consumer.event_dispatcher
    if dispatcher:
        dispatcher.send("worker-heartbeat", freq=5, **worker_state.SOFTWARE_INFO)


# -- the pool and the worker -------------------------------------------------------------------------------------------
@control_command(args=[("n", int)], signature="[N=1]")
def pool_grow(state: Any, n: int = 1, **_: Any) -> ControlReply:
    """Give the pool more slots."""
    controller = state.consumer.controller
    if controller.autoscaler:
        return nok("pool_grow is not supported with autoscale. Adjust autoscale range instead.")
    controller.grow(n)
    return ok("pool will grow")


@control_command(args=[("n", int)], signature="[N=1]")
def pool_shrink(state: Any, n: int = 1, **_: Any) -> ControlReply:
    """Take slots from the pool."""
    controller = state.consumer.controller
    if controller.autoscaler:
        return nok("pool_shrink is not supported with autoscale. Adjust autoscale range instead.")
    controller.shrink(n)
    return ok("pool will shrink")


@control_command()
def pool_restart(state: Any, modules: Any = None, reload: bool = False, reloader: Any = None, **_: Any) -> ControlReply:
    """Start the pool anew, if the setting ``worker_pool_restarts`` allows it."""
    del modules, reload, reloader  # code is loaded once for all workers of a lab
    if not state.app.conf.worker_pool_restarts:
        msg = "Pool restarts not enabled"
        raise ValueError(msg)
    state.consumer.controller.restart_pool()
    return ok("reload started")


@control_command(args=[("max", int), ("min", int)], signature="[max [min]]")
def autoscale(state: Any, max: Any = None, min: Any = None) -> ControlReply:
    """Change between how many slots the worker chooses."""
    most, least = state.consumer.controller.autoscale(max, min)
    return ok(f"autoscale now max={most} min={least}")


@control_command()
def shutdown(state: Any, msg: str = "Got shutdown from remote", **_: Any) -> None:
    """Stop warmly."""
    del state
    logger.warning(msg)
    raise WorkerShutdown(0)


# -- queues ------------------------------------------------------------------------------------------------------------
@control_command(
    args=[("queue", str), ("exchange", str), ("exchange_type", str), ("routing_key", str)],
    signature="<queue> [exchange [type [routing_key]]]",
)
def add_consumer(
    state: Any,
    queue: str,
    exchange: str | None = None,
    exchange_type: str | None = None,
    routing_key: str | None = None,
    **options: Any,
) -> ControlReply:
    """Read one more queue."""
    state.consumer.add_task_queue(queue, exchange, exchange_type or "direct", routing_key, **options)
    return ok(f"add consumer {queue}")


@control_command(args=[("queue", str)], signature="<queue>")
def cancel_consumer(state: Any, queue: str, **_: Any) -> ControlReply:
    """Read a queue no more."""
    state.consumer.cancel_task_queue(queue)
    return ok(f"no longer consuming from {queue}")


@inspect_command()
def active_queues(state: Any) -> list[Any]:
    """Describe the queues that the worker reads."""
    return [queue.as_dict(recurse=True) for queue in state.consumer.controller.queues.values()]


# -- what a worker without a process of its own cannot tell ------------------------------------------------------------
@inspect_command(
    default_timeout=60.0,
    args=[("type", str), ("num", int), ("max_depth", int)],
    signature="[object_type=Request] [num=200 [max_depth=10]]",
)
def objgraph(state: Any, num: int = 200, max_depth: int = 10, type: str = "Request") -> ControlReply:
    """Draw objects in memory; in a lab there is no worker's own."""
    del state, num, max_depth, type
    return nok(NO_PROCESS)


@inspect_command()
def memsample(state: Any, **_: Any) -> ControlReply:
    """Measure memory; in a lab there is no worker's own."""
    del state
    return nok(NO_PROCESS)


@inspect_command(args=[("samples", int)], signature="[n_samples=10]")
def memdump(state: Any, samples: int = 10, **_: Any) -> ControlReply:
    """Tell earlier measurements of memory; in a lab there are none."""
    del state, samples
    return nok(NO_PROCESS)
