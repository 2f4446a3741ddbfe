"""``celery migrate``: copies waiting tasks from one broker to another.

Comes in: the addresses of two brokers of the lab. Goes out: the messages of the first one in the queues of the second.
Next door: ``app.connection()`` leads to both.
Celery: ``celery/bin/migrate.py`` and ``celery/contrib/migrate.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import click

from labq.bin.base import CeleryCommand, option
from labq.i18n import text
from labq.wire.entities import Exchange, Queue

HEADING = "Migration Options"
AGAIN = ("application_headers", "content_type", "content_encoding", "headers", "delivery_info")
"""Properties that the producer writes anew."""


@click.command(
    cls=CeleryCommand,
    params=[
        click.Argument(["source"]),
        click.Argument(["destination"]),
        option(HEADING, "-n", "--limit", type=int, help=text("How many tasks to copy at most.")),
        option(HEADING, "-t", "--timeout", type=float, help=text("Accepted: what waits in the lab is there at once.")),
        option(HEADING, "-a", "--ack-messages", is_flag=True, help=text("Take them away from the first broker.")),
        option(HEADING, "-T", "--tasks", help=text("Copy only tasks of these names, with commas between them.")),
        option(HEADING, "-Q", "--queues", help=text("Only these queues; old:new renames one.")),
        option(HEADING, "-F", "--forever", is_flag=True, help=text("Accepted: the lab does not wait for more tasks.")),
    ],
    help=text("Copy the tasks that wait at one broker to another; with -a they leave the first one."),
)
@click.pass_context
def migrate(
    ctx: click.Context,
    /,
    *,
    source: str,
    destination: str,
    limit: int | None,
    ack_messages: bool,
    tasks: str | None,
    queues: str | None,
    **_: Any,
) -> None:
    """Copy the tasks, and print each."""
    app = ctx.obj.app
    renamed = _renamed(queues)
    known = app.amqp.queues
    wanted = [known[name] for name in renamed] or list(known.consume_from.values())
    names = set(tasks.split(",")) if tasks else None
    with app.connection(source) as old, app.connection(destination) as new:
        total = sum(_declare(queue, old, new, renamed) for queue in wanted)
        found = _messages(wanted, old, names)
        for count, message in enumerate(islice(found, limit or None), 1):
            _republish(message, new, renamed)
            ctx.obj.echo(f"Migrating task {count}/{total or '?'}: {message.payload}")
            if ack_messages:
                message.ack()


def _renamed(queues: str | None) -> dict[str, str]:
    """Return which queue becomes which."""
    pairs = (name.partition(":") for name in (queues or "").split(",") if name)
    return {old: new or old for old, _, new in pairs}


def _declare(queue: Queue, old: Any, new: Any, renamed: Mapping[str, str]) -> int:
    """Declare *queue* at both brokers; return how many messages wait in it."""
    name = renamed.get(queue.name, queue.name)
    exchange, key = queue.exchange, queue.routing_key
    if name != queue.name:
        key = name if key == queue.name else key
        if exchange is not None and exchange.name == queue.name:
            exchange = Exchange(name, type=exchange.type)
    queue(old.default_channel).declare()
    Queue(name, exchange, key)(new.default_channel).declare()
    return int(queue(old.default_channel).queue_declare(passive=True).message_count)


def _messages(queues: list[Queue], old: Any, names: set[str] | None) -> Iterator[Any]:
    """Take all messages that wait at the old broker; what is not acknowledged goes back when the connection closes."""
    for queue in queues:
        bound = queue(old.default_channel)
        while (message := bound.get()) is not None:
            if names is None or message.headers.get("task") in names:
                yield message


def _republish(message: Any, new: Any, renamed: Mapping[str, str]) -> None:
    """Send *message* to the new broker as it is."""
    info = message.delivery_info
    properties = {name: value for name, value in message.properties.items() if name not in AGAIN}
    expiration = properties.pop("expiration", None)
    headers = dict(message.headers)
    new.Producer().publish(
        message.body,
        exchange=renamed.get(info["exchange"], info["exchange"]),
        routing_key=renamed.get(info["routing_key"], info["routing_key"]),
        compression=headers.pop("compression", None),
        headers=headers,
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        expiration=None if expiration is None else float(expiration) / 1000,
        **properties,
    )
