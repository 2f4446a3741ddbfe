"""``celery result``: prints what a task has returned.

Comes in: a task's id. Goes out: its value, or its traceback.
Celery: ``celery/bin/result.py``.
"""

from __future__ import annotations

import click

from labq.bin.base import CeleryCommand, option
from labq.i18n import text

HEADING = "Result Options"


@click.command(
    cls=CeleryCommand,
    params=[
        click.Argument(["task_id"]),
        option(HEADING, "-t", "--task", help=text("The task's name, when its results have a backend of their own.")),
        option(HEADING, "--traceback", is_flag=True, help=text("Print the traceback of its failure instead.")),
    ],
    help=text("Print the value that a task has returned."),
)
@click.pass_context
def result(ctx: click.Context, /, task_id: str, task: str | None, *, traceback: bool) -> None:
    """Print the value, waiting for it; the error of a task that has failed is raised."""
    app = ctx.obj.app
    if task and task not in app.tasks:
        raise click.UsageError(f"There is no task called {task!r}.")
    found = (app.tasks[task].AsyncResult if task else app.AsyncResult)(task_id)
    ctx.obj.echo(found.traceback if traceback else found.get())
