"""``celery list bindings``: which queue listens to which exchange.

Comes in: an app. Goes out: a table of the bindings at its broker.
Next door: the lab's snapshot knows the bindings.
Celery: ``celery/bin/list.py``; on RabbitMQ it asks the management plugin.
"""

from __future__ import annotations

import click

from labq import current_lab
from labq.bin.base import CeleryCommand, CeleryGroup
from labq.i18n import text


@click.group(name="list", cls=CeleryGroup, help=text("Ask the broker what it has."))
def list_() -> None:
    """Ask the broker what it has."""


@list_.command(cls=CeleryCommand, help=text("List which queue listens to which exchange."))
@click.pass_context
def bindings(ctx: click.Context, /) -> None:
    """Declare the queues of the app, and list all bindings of its broker."""
    app = ctx.obj.app
    with app.connection() as connection:
        app.amqp.TaskConsumer(connection).declare()
    lab = current_lab()
    broker = lab.snapshot().brokers[lab.broker(app.sending.broker_url).url]
    _row(ctx, "Queue", "Exchange", "Routing Key")
    _row(ctx, "-" * 16, "-" * 16, "-" * 16)
    for binding in broker.bindings:
        _row(ctx, binding.queue, binding.exchange, binding.routing_key)


def _row(ctx: click.Context, queue: str, exchange: str, routing_key: str) -> None:
    ctx.obj.echo(f"{queue:<28} {exchange:<28} {routing_key}")
