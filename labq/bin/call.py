"""``celery call``: sends a task by its name alone.

Comes in: a name, arguments as JSON, options of the call. Goes out: a message, and the task's id.
Next door: ``app.send_task`` sends.
Celery: ``celery/bin/call.py``.
"""

from __future__ import annotations

from typing import Any

import click

from labq.bin.base import ISO8601, ISO8601_OR_FLOAT, JSON_ARRAY, JSON_OBJECT, CeleryCommand, option
from labq.i18n import text

CALLING, ROUTING = "Calling Options", "Routing Options"


@click.command(
    cls=CeleryCommand,
    params=[
        click.Argument(["name"]),
        option(CALLING, "-a", "--args", type=JSON_ARRAY, default="[]", help=text("The arguments, as a JSON array.")),
        option(
            CALLING,
            "-k",
            "--kwargs",
            type=JSON_OBJECT,
            default="{}",
            help=text("The keyword arguments, as a JSON object."),
        ),
        option(CALLING, "--eta", type=ISO8601, help=text("Not before this moment.")),
        option(CALLING, "--countdown", type=float, help=text("Not before so many seconds have passed.")),
        option(
            CALLING, "--expires", type=ISO8601_OR_FLOAT, help=text("Not after this moment, or after so many seconds.")
        ),
        option(CALLING, "--serializer", default="json", help=text("How the arguments are written.")),
        option(ROUTING, "--queue", help=text("The queue to send it to.")),
        option(ROUTING, "--exchange", help=text("The exchange to send it to.")),
        option(ROUTING, "--routing-key", help=text("The routing key to send it with.")),
    ],
    help=text("Send a task by its name."),
)
@click.pass_context
def call(ctx: click.Context, /, name: str, **options: Any) -> None:
    """Send the task called *name* and print its id."""
    ctx.obj.echo(ctx.obj.app.send_task(name, **options).id)
