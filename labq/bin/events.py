"""``celery events``: what monitors see.

Comes in: the events that workers and clients send. Goes out: lines, or snapshots taken by a camera.
Next door: ``labq.events`` receives; the views of the lab (``%labq room``) are its monitor.
Celery: ``celery/bin/events.py``.
"""

from __future__ import annotations

from typing import Any

import click

from labq.app.sources import import_from_cwd, symbol_by_name
from labq.bin.base import (
    LOG_LEVEL,
    CeleryDaemonCommand,
    handle_remote_command_error,
    option,
)
from labq.events.dumper import evdump
from labq.events.snapshot import evcam
from labq.exceptions import CeleryCommandException
from labq.i18n import spoken, text
from labq.platforms import EX_UNAVAILABLE

SNAPSHOT = "Snapshot"


@click.command(
    cls=CeleryDaemonCommand,
    params=[
        option("Dumper", "-d", "--dump", is_flag=True, help=text("Print each event as it comes.")),
        option(SNAPSHOT, "-c", "--camera", help=text("The class of a camera that takes snapshots of the cluster.")),
        option(SNAPSHOT, "--detach", is_flag=True, help=text("Say nothing; in the lab nothing is in the foreground.")),
        option(
            SNAPSHOT,
            "-F",
            "--frequency",
            "--freq",
            type=float,
            default=1.0,
            help=text("Seconds between two snapshots."),
        ),
        option(SNAPSHOT, "-r", "--maxrate", help=text("The most snapshots, such as 10/m.")),
        option(
            SNAPSHOT,
            "-l",
            "--loglevel",
            default="WARNING",
            type=LOG_LEVEL,
            help=text("What of the camera's log is printed."),
        ),
    ],
    help=text("Watch the events that workers send."),
)
@click.pass_context
def events(ctx: click.Context, /, *, dump: bool, camera: str | None, frequency: float, **options: Any) -> Any:
    """Dump events, or take snapshots; the monitor in the terminal is real Celery's."""
    try:
        if dump:
            return _run_evdump(ctx.obj.app)
        if camera:
            return _run_evcam(camera, app=ctx.obj.app, freq=frequency, **options)
        return _run_evtop(ctx.obj.app)
    except CeleryCommandException:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, one line says it
        handle_remote_command_error("events", error)


def _run_evdump(app: Any) -> Any:
    """Print the events of what happens in the lab from now on, until nothing does any more."""
    return evdump(app=app)


def _run_evcam(camera: str, app: Any, **options: Any) -> Any:
    """Let *camera* take snapshots of what happens in the lab from now on, until nothing does any more."""
    return evcam(symbol_by_name(camera, load=import_from_cwd), app=app, **options)


def _run_evtop(app: Any) -> None:
    """Say where there is a monitor that fills the terminal, and what the lab has instead."""
    del app
    said = spoken().gettext(
        "The monitor that fills a terminal is real Celery's: celery -A proj events. In the lab there are "
        "`celery events --dump`, and the views: lab.room(), lab.workers(), lab.timeline()."
    )
    raise CeleryCommandException(said, EX_UNAVAILABLE)
