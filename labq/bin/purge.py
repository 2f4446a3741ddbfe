"""``celery purge``: throws away what waits in the queues of an app.

Comes in: names of queues, else those of the app. Goes out: empty queues, and how many messages are gone.
Celery: ``celery/bin/purge.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from labq import current_lab
from labq.bin.base import COMMA_SEPARATED_LIST, CeleryCommand, option
from labq.i18n import text
from labq.prose import pluralize

HEADING = "Purging Options"
QUESTION = """\
{warning}:This will remove all tasks from {queues}: {names}.
         There is no undo for this operation!

(to skip this prompt use the -f option)
Are you sure you want to delete all tasks?"""


@click.command(
    cls=CeleryCommand,
    params=[
        option(HEADING, "-f", "--force", is_flag=True, help=text("Do not ask first.")),
        option(
            HEADING,
            "-Q",
            "--queues",
            type=COMMA_SEPARATED_LIST,
            help=text("The queues to empty: names with commas between them."),
        ),
        option(
            HEADING,
            "-X",
            "--exclude-queues",
            type=COMMA_SEPARATED_LIST,
            help=text("The queues to leave alone: names with commas between them."),
        ),
    ],
    context_settings={"allow_extra_args": True},
    help=text("Throw away all messages that wait in the app's queues. They are gone for good."),
)
@click.pass_context
def purge(ctx: click.Context, /, *, force: bool, queues: list[str] | None, exclude_queues: list[str] | None) -> None:
    """Ask, empty the queues, and say how many messages are gone."""
    app = ctx.obj.app
    names = sorted(set(queues or app.sending.queues.consume_from) - set(exclude_queues or ()))
    if not names:
        return
    several = pluralize(len(names), "queue")
    if not force:
        _ask(QUESTION.format(warning=ctx.obj.style("WARNING", fg="red"), queues=several, names=", ".join(names)))
    count = _purge(app, names)
    if count:
        ctx.obj.echo(f"Purged {count} {pluralize(count, 'message')} from {len(names)} known task {several}.")
    else:
        ctx.obj.echo(f"No messages purged from {len(names)} {several}.")


def _ask(question: str) -> None:
    """Ask, and go no further without a yes."""
    try:
        click.confirm(question, abort=True)
    except NotImplementedError:  # a notebook that runs without anybody before it
        raise click.UsageError(
            str(text("Nobody is here to answer: add -f to empty the queues without asking."))
        ) from None


def _purge(app: Any, names: Iterable[str]) -> int:
    """Empty the queues that are there; return how many messages were in them.

    Messages that are on their way to a queue arrive first: a command of its own comes later than what was sent before.
    """
    lab, url = current_lab(), app.sending.broker_url
    lab.advance(0)
    broker = lab.broker(url)
    return sum(lab.purge(name, url) for name in names if broker.has_queue(name))
