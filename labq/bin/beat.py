"""``celery beat``: starts a beat in the lab, which sends periodic tasks when they are due.

Comes in: the options. Goes out: a running beat, and what Celery's says when it starts.
Next door: ``app.Beat`` beats.
Celery: ``celery/bin/beat.py`` and ``celery/apps/beat.py``.
"""

from __future__ import annotations

from typing import Any

import click

from labq import current_lab
from labq.bin.base import LOG_LEVEL, CeleryDaemonCommand, option
from labq.bin.worker_log import worker_log
from labq.i18n import text

HEADING = "Beat Options"


def _setting(name: str) -> Any:
    """Return a callback that takes the setting *name* where nothing was typed."""
    return lambda ctx, _, value: value or ctx.obj.app.conf[name]


@click.command(
    cls=CeleryDaemonCommand,
    params=[
        option(
            HEADING,
            "--detach",
            is_flag=True,
            default=False,
            help=text("Say nothing; in the lab nothing is in the foreground."),
        ),
        option(
            HEADING,
            "-s",
            "--schedule",
            callback=_setting("beat_schedule_filename"),
            help=text("The file in which it keeps when each task last ran."),
        ),
        option(
            HEADING, "-S", "--scheduler", callback=_setting("beat_scheduler"), help=text("The class of its scheduler.")
        ),
        option(HEADING, "--max-interval", type=int, help=text("How many seconds it sleeps at most.")),
        option(
            HEADING,
            "--enable-remote-control/--no-enable-remote-control",
            "remote_control",
            default=None,
            help=text("Whether it answers `celery inspect ping`."),
        ),
        option(HEADING, "-n", "--hostname", default=None, help=text("The name under which it answers.")),
        option(
            HEADING, "-l", "--loglevel", default="WARNING", type=LOG_LEVEL, help=text("What of its log is printed.")
        ),
    ],
    context_settings={"allow_extra_args": True},
    help=text("Start a beat, which sends periodic tasks when they are due."),
)
@click.pass_context
def beat(ctx: click.Context, /, *, detach: bool, **options: Any) -> None:
    """Start the beat."""
    app = ctx.obj.app
    if ctx.args:
        try:
            app.config_from_cmdline(ctx.args)
        except (KeyError, ValueError) as error:
            ctx.fail(f"Unable to parse extra configuration from command line.\nReason: {error}")
    silent, logfile = ctx.obj.quiet or detach, options["logfile"]
    if logfile or not detach:
        worker_log.hear_beat(current_lab(), app, options["loglevel"], logfile)
    app.Beat(quiet=silent, **options).run()
