"""``celery worker``: starts a worker in the current lab, says what Celery's worker says, and comes back.

Comes in: the options. Goes out: a running worker, its banner, and from then on its log.
Next door: ``banner`` and ``worker_log`` write; ``Lab.build_worker`` builds.
Celery: ``celery/bin/worker.py`` and ``celery/apps/worker.py``.
"""

from __future__ import annotations

import logging
from typing import Any

import click

from labq import Celery, Lab, current_lab
from labq.app.censorship import broker_uri
from labq.bin.banner import Banner
from labq.bin.chosen import Chosen
from labq.bin.worker_log import worker_log
from labq.exceptions import ImproperlyConfigured, QueueNotFound
from labq.i18n import Words
from labq.lab.handle import DEFAULT_CONCURRENCY
from labq.worker.pools import POOLS

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL")
AUTO = "auto"
DEFAULT_POOL = "prefork"
UNKNOWN_QUEUE = """\
Trying to select queue subset of {0!r}, but queue {1!r} isn't
defined in the `task_queues` setting.

If you want to automatically declare unknown queues you can
enable the `task_create_missing_queues` setting."""

connection_logger = logging.getLogger("celery.worker.consumer.connection")
logger = logging.getLogger("celery.apps.worker")


def worker_command(words: Words) -> click.Command:
    """Return the command ``worker`` with help in the language of *words*."""
    return click.Command(
        "worker",
        callback=_start,
        params=[
            click.Option(
                ["-n", "--hostname"], help=words.gettext("The worker's name, such as w1@%h; %h is the computer.")
            ),
            click.Option(
                ["-P", "--pool"], type=click.Choice(list(POOLS)), default=DEFAULT_POOL, show_default=True,
                help=words.gettext("Where tasks run."),
            ),
            click.Option(
                ["-c", "--concurrency"], callback=_concurrency, metavar="N",
                help=words.gettext("How many tasks run at once; the lab's computer has {count} processors.").format(
                    count=DEFAULT_CONCURRENCY
                ),
            ),
            click.Option(
                ["-l", "--loglevel"], type=click.Choice(LEVELS, case_sensitive=False), default="WARNING",
                show_default=True, help=words.gettext("What of its log is printed."),
            ),
            click.Option(["-Q", "--queues"], help=words.gettext("What it reads from: names with commas between them.")),
            click.Option(
                ["-E", "--task-events", "--events", "events"], is_flag=True, default=None,
                help=words.gettext("Send events for monitors."),
            ),
            click.Option(
                ["--prefetch-multiplier"], type=int, metavar="N",
                help=words.gettext("How many messages it holds for each task that can run."),
            ),
            click.Option(
                ["-O", "--optimization"], type=click.Choice(["default", "fair"]), default="default",
                help=words.gettext("Accepted: Celery 5 treats both alike."),
            ),
            *(click.Option([f"--without-{feature}"], is_flag=True, expose_value=False, help=words.gettext(
                "Accepted: the lab's workers have none."
            )) for feature in ("gossip", "mingle", "heartbeat")),
        ],
        help=words.gettext("Start a worker in the lab."),
        context_settings={"allow_extra_args": True},
    )  # fmt: skip


def _concurrency(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Read ``-c``: a number, or ``auto`` for as many as the computer has processors; 0 leaves it to the settings."""
    if value == AUTO:
        return DEFAULT_CONCURRENCY
    if value is not None and not value.isdecimal():
        raise click.BadParameter(f"must be a non-negative integer or 'auto', got {value!r}", ctx, param)
    return int(value or 0) or None


@click.pass_context
def _start(
    ctx: click.Context,
    *,
    hostname: str | None,
    pool: str,
    concurrency: int | None,
    loglevel: str,
    queues: str | None,
    events: bool | None,
    prefetch_multiplier: int | None,
    optimization: str,
) -> None:
    """Start the worker."""
    del optimization
    chosen: Chosen = ctx.obj
    app, lab = chosen.app, current_lab()
    if ctx.args:
        _configure(ctx, app)
    conf = app.conf
    worker = lab.build_worker(
        app,
        hostname=hostname,
        pool=None if pool == DEFAULT_POOL else pool,  # as Celery's: what is also the default gives way to the settings
        concurrency=concurrency,
        queues=_names(queues),
        prefetch_multiplier=prefetch_multiplier or None,
    )
    level = int(getattr(logging, loglevel))
    banner = Banner(
        lab,
        app,
        worker.hostname,
        worker.options.pool,
        concurrency or conf.worker_concurrency or DEFAULT_CONCURRENCY,
        events=bool(conf.worker_send_task_events if events is None else events),
        queues=_queues(app, worker.options.queues),
        level=level,
    )
    worker.start()
    if not chosen.quiet:
        print(banner.text())
    _tell(lab, app, worker.hostname, level)


def _tell(lab: Lab, app: Celery, hostname: str, level: int) -> None:
    """Let the worker's log be printed, beginning with the two lines about its start."""
    worker_log.hear(lab, app, hostname, level)
    about = {"data": {"hostname": hostname}}
    connection_logger.info("Connected to %s", broker_uri(app.conf.broker_url, mask="**"), extra=about)
    logger.info("%s ready.", hostname, extra=about)


def _configure(ctx: click.Context, app: Celery) -> None:
    """Take settings such as ``worker.prefetch_multiplier=1`` from the end of the line."""
    try:
        app.config_from_cmdline(ctx.args, namespace="worker")
    except (KeyError, ValueError) as error:
        ctx.fail(f"Unable to parse extra configuration from command line.\nReason: {error}")


def _names(queues: str | None) -> list[str] | None:
    return [name.strip() for name in queues.split(",") if name.strip()] if queues else None


def _queues(app: Celery, names: tuple[str, ...] | None) -> list[Any]:
    known = app.sending.queues
    if names is None:
        return list(known.consume_from.values())
    try:
        return [known.find(name) for name in names]
    except QueueNotFound as error:
        missing = next(name for name in names if name not in known)
        raise ImproperlyConfigured(UNKNOWN_QUEUE.format(list(names), missing)) from error
