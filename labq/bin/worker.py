"""``celery worker``: starts a worker in the current lab, says what Celery's worker says, and comes back.

Comes in: the options. Goes out: a running worker, its banner, and from then on its log.
Next door: ``banner`` and ``worker_log`` write; ``app.Worker`` builds.
Celery: ``celery/bin/worker.py`` and ``celery/apps/worker.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import click

from labq import Celery, current_lab
from labq.app.censorship import broker_uri
from labq.app.queues import queues_of_worker
from labq.bin.arguments import HOSTNAME
from labq.bin.banner import Banner
from labq.bin.base import AUTOSCALE, COMMA_SEPARATED_LIST, LOG_LEVEL, CeleryDaemonCommand, option
from labq.bin.worker_log import EMBEDDED, worker_log
from labq.i18n import text
from labq.lab.worker_options import DEFAULT_CONCURRENCY
from labq.nodes import default_nodename, node_format
from labq.prose import pluralize

POOLS = ("prefork", "eventlet", "gevent", "solo", "processes", "threads", "custom")
DEFAULT_POOL = "prefork"
AUTO = "auto"
OF_A_PROCESS = ("pidfile", "uid", "gid", "umask", "executable", "pool_start_method", "disable_prefetch", "optimization")
"""Options that are understood and mean nothing where a worker is no process of its own."""

connection_logger = logging.getLogger("celery.worker.consumer.connection")
logger = logging.getLogger("celery.apps.worker")


def _concurrency_value(ctx: Any, param: Any, value: str | None) -> Any:
    """Read ``-c``: a number, or ``auto``; without one, or with 0, the settings say it."""
    if not value:
        return ctx.obj.app.conf.worker_concurrency
    if value.strip().lower() == AUTO:
        return AUTO
    try:
        number = int(value)
    except ValueError:
        number = -1
    if number < 0:
        raise click.BadParameter(f"must be a non-negative integer or 'auto', got {value!r}", ctx, param)
    return number or ctx.obj.app.conf.worker_concurrency


def _worker_options(heading: str = "Worker Options") -> list[click.Parameter]:
    return [
        option(heading, "-n", "--hostname", type=HOSTNAME,
               help=text("The worker's name, such as w1@%h; %h is the computer.")),
        option(heading, "-D", "--detach", is_flag=True, help=text("Say nothing; it works in the background anyway.")),
        option(heading, "-S", "--statedb", type=click.Path(),
                help=text("The file in which it keeps the ids of revoked tasks.")),
        option(heading, "-l", "--loglevel", type=LOG_LEVEL, default="WARNING",
                help=text("What of its log is printed.")),
        option(heading, "-O", "--optimization", type=click.Choice(["default", "fair"]), default="default",
                help=text("Accepted: Celery 5 treats both alike.")),
        option(heading, "--prefetch-multiplier", type=int, metavar="<prefetch multiplier>",
                help=text("How many messages it holds for each task that can run.")),
        option(heading, "--disable-prefetch", is_flag=True, default=None,
                help=text("Accepted: real Celery with Redis fetches a message only when a slot is free.")),
    ]  # fmt: skip


def _pool_options(heading: str = "Pool Options") -> list[click.Parameter]:
    return [
        option(heading, "-c", "--concurrency", metavar="<concurrency>", callback=_concurrency_value,
                help=text("How many tasks run at once; with 'auto', as many as the lab's computer has processors.")),
        option(heading, "-P", "--pool", type=click.Choice(POOLS), default=DEFAULT_POOL,
                help=text("Where tasks run.")),
        option(heading, "-E", "--task-events", "--events", is_flag=True, default=None,
                help=text("Send events for monitors.")),
        option(heading, "--time-limit", type=float, help=text("Seconds after which a task is ended.")),
        option(heading, "--soft-time-limit", type=float,
                help=text("Seconds after which a task is warned by an exception.")),
        option(heading, "--max-tasks-per-child", type=int,
                help=text("After how many tasks a child is replaced by a new one.")),
        option(heading, "--pool-start-method", type=click.Choice(["fork", "spawn"]),
                help=text("Accepted: children of the lab are no processes.")),
        option(heading, "--max-memory-per-child", type=int,
                help=text("How many KiB a child may use before it is replaced.")),
    ]  # fmt: skip


def _queue_options(heading: str = "Queue Options") -> list[click.Parameter]:
    return [
        option(heading, "--purge", "--discard", is_flag=True, help=text("Empty its queues first.")),
        option(heading, "--queues", "-Q", type=COMMA_SEPARATED_LIST,
                help=text("What it reads from: names with commas between them.")),
        option(heading, "--exclude-queues", "-X", type=COMMA_SEPARATED_LIST,
                help=text("What it does not read from: names with commas between them.")),
        option(heading, "--include", "-I", type=COMMA_SEPARATED_LIST,
                help=text("Modules to import first: names with commas between them.")),
    ]  # fmt: skip


def _features(heading: str = "Features") -> list[click.Parameter]:
    return [
        option(heading, "--without-gossip", is_flag=True, help=text("Do not listen to other workers.")),
        option(heading, "--without-mingle", is_flag=True, help=text("Do not ask other workers at the start.")),
        option(heading, "--without-heartbeat", is_flag=True, help=text("Send no heartbeats.")),
        option(heading, "--heartbeat-interval", type=int, help=text("Seconds between two heartbeats.")),
        option(heading, "--autoscale", type=AUTOSCALE,
                help=text("The most and the fewest tasks that run at once, such as 10,3.")),
    ]  # fmt: skip


def _beat_options(heading: str = "Embedded Beat Options") -> list[click.Parameter]:
    return [
        option(heading, "-B", "--beat", is_flag=True, help=text("Start a beat, too.")),
        option(heading, "-s", "--schedule-filename", "--schedule",
                help=text("The file in which the beat keeps when each task last ran.")),
        option(heading, "--scheduler", help=text("The class of the beat's scheduler.")),
    ]  # fmt: skip


@click.command(
    cls=CeleryDaemonCommand,
    params=[*_worker_options(), *_pool_options(), *_queue_options(), *_features(), *_beat_options()],
    context_settings={"allow_extra_args": True},
    help=text("Start a worker in the lab."),
)
@click.pass_context
def worker(
    ctx: click.Context,
    /,
    *,
    hostname: str | None,
    loglevel: int,
    logfile: str | None,
    detach: bool,
    **options: Any,
) -> None:
    """Start the worker, and a beat if there is to be one."""
    app, lab = ctx.obj.app, current_lab()
    if options["disable_prefetch"]:
        app.conf.worker_disable_prefetch = True
    if ctx.args:
        _configure(ctx, app)
    name = hostname or default_nodename(None)
    logfile = _expanded(logfile, name) if logfile else None
    chosen = _chosen(app, options, name)
    emptied = _purge(app, chosen) if options["purge"] else 0
    started = app.Worker(hostname=name, **chosen)
    banner = _banner(app, started, options, loglevel)
    beat, started.beat = started.beat, None  # it speaks when the worker has introduced itself
    started.start()
    if emptied:
        print(f"purge: Erased {emptied} {pluralize(emptied, 'message')} from the queue.\n")
    if not (ctx.obj.quiet or detach):
        print(banner.text())
    if logfile or not detach:
        _tell(lab, app, name, loglevel, logfile)
    if beat is not None:
        if logfile or not detach:
            worker_log.hear_beat(lab, app, loglevel, logfile, EMBEDDED)
        started.beat = beat
        beat.start()


def _chosen(app: Celery, options: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the options that were chosen, in the words of ``app.Worker``; the settings say the others."""
    for module in options.pop("include") or ():
        app.loader.import_task_module(module)
    chosen = {key: value for key, value in options.items() if value not in (None, False) and key not in OF_A_PROCESS}
    chosen.pop("purge", None)
    if chosen["pool"] == DEFAULT_POOL:
        del chosen["pool"]  # what is also the default gives way to the settings
    if "statedb" in chosen:
        chosen["statedb"] = _expanded(chosen["statedb"], name)
    return chosen


def _expanded(path: str, name: str) -> str:
    """Return *path* with the signs for the worker's name filled in."""
    try:
        return node_format(path, name)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _purge(app: Celery, chosen: dict[str, Any]) -> int:
    """Empty the queues that the worker is going to read; return how many messages are gone."""
    lab, url = current_lab(), app.sending.broker_url
    broker = lab.broker(url)
    return sum(lab.purge(queue.name, url) for queue in _queues(app, chosen) if broker.has_queue(queue.name))


def _configure(ctx: click.Context, app: Celery) -> None:
    """Take settings such as ``worker.prefetch_multiplier=1`` from the end of the line."""
    try:
        app.config_from_cmdline(ctx.args, namespace="worker")
    except (KeyError, ValueError) as error:
        ctx.fail(f"Unable to parse extra configuration from command line.\nReason: {error}")


def _banner(app: Celery, started: Any, options: dict[str, Any], level: int) -> Banner:
    conf, events = app.conf, options["task_events"]
    return Banner(
        current_lab(),
        app,
        started.hostname,
        started.options.pool,
        _children(options, conf),
        events=bool(conf.worker_send_task_events if events is None else events),
        queues=_queues(app, options),
        level=level,
    )


def _children(options: dict[str, Any], conf: Any) -> str:
    """Return how many children there are, as the banner says it."""
    if options["autoscale"]:
        most, fewest = options["autoscale"]
        return f"{{min={fewest}, max={most}}}"
    count = options["concurrency"] or conf.worker_concurrency or DEFAULT_CONCURRENCY
    return str(DEFAULT_CONCURRENCY if count == AUTO else count)


def _queues(app: Celery, options: dict[str, Any]) -> Sequence[Any]:
    """Return the queues that a worker with these options reads.

    Raises:
        ImproperlyConfigured: when one of them must not be made up.
    """
    names, without = options.get("queues") or None, options.get("exclude_queues") or ()
    return list(queues_of_worker(app.amqp.queues, "", names, without).values())


def _tell(lab: Any, app: Celery, hostname: str, level: int, logfile: str | None) -> None:
    """Let the worker's log be printed, beginning with the two lines about its start."""
    worker_log.hear(lab, app, hostname, level, logfile)
    about = {"data": {"hostname": hostname}}
    connection_logger.info("Connected to %s", broker_uri(app.conf.broker_url, mask="**"), extra=about)
    logger.info("%s ready.", hostname, extra=about)
