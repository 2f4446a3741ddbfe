"""``celery amqp``: the broker's own commands, one at a time.

Comes in: a command of AMQP with its arguments, in their order. Goes out: what the broker answers.
Next door: ``app.connection()`` leads to the broker.
Celery: ``celery/bin/amqp.py``; its shell is made by another library, so it completes words and this one does not.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pprint import pformat
from typing import Any

import click

from labq.bin.base import CeleryCommand, CeleryGroup
from labq.i18n import Text, text
from labq.wire.message import Message

NOT_CONNECTED = "Not connected to broker. Please retry..."
EMPTY = "No messages in queue. basic.publish something."
TEXT = "utf-8"
PROMPT = "> "
LEAVE = (":q", ":quit", ":exit")


class AMQPContext:
    """A connection to the broker, kept from one command to the next.

    Arguments:
        cli_context: the app, and how to print.
    """

    def __init__(self, cli_context: Any) -> None:
        self.cli_context = cli_context
        self.connection: Any = self.app.connection()
        self.channel: Any = None
        self.reconnect()

    @property
    def app(self) -> Any:
        """The app whose broker it is."""
        return self.cli_context.app

    def respond(self, retval: Any) -> None:
        """Print an answer."""
        self.cli_context.echo(retval if isinstance(retval, str) else pformat(retval))

    def echo_error(self, exception: object) -> None:
        """Print what went wrong."""
        self.cli_context.error(f"{self.cli_context.ERROR}: {exception}")

    def echo_ok(self) -> None:
        """Print that all is well."""
        self.cli_context.echo(self.cli_context.OK)

    def tell(self, said: str) -> None:
        """Print a number that the broker has answered."""
        self.cli_context.secho(said, fg="cyan", bold=True)

    def reconnect(self) -> None:
        """Connect to the broker, anew if there was a connection."""
        if self.channel is not None:
            self.connection.close()
            self.connection = self.app.connection()
        self.cli_context.echo(f"-> connecting to {self.connection.as_uri()}.")
        self.channel = self.connection.default_channel
        self.cli_context.secho("-> connected.", fg="green", bold=True)

    def ask(self, question: Callable[[Any], Any]) -> tuple[bool, Any]:
        """Ask the channel; return whether it has answered, and its answer. A refusal is printed."""
        try:
            return True, question(self.channel)
        except Exception as error:  # noqa: BLE001 - a shell goes on, whatever the broker says
            self.echo_error(error)
            self.reconnect()
            return False, None


def dump_message(message: Any) -> Any:
    """Return *message* as it is shown."""
    if message is None:
        return EMPTY
    body = message.body
    if isinstance(body, bytes) and message.content_encoding == TEXT:
        body = body.decode(TEXT, "replace")
    properties = {name: value for name, value in message.properties.items() if value not in (None, "", {})}
    return {"body": body, "properties": properties, "delivery_info": message.delivery_info}


@click.group(
    cls=CeleryGroup,
    invoke_without_command=True,
    help=text("Talk to the broker in AMQP's own commands; on the lab's other brokers too."),
)
@click.pass_context
def amqp(ctx: click.Context, /) -> None:
    """Connect, unless there is a connection."""
    if not isinstance(ctx.obj, AMQPContext):
        ctx.obj = AMQPContext(ctx.obj)


Ask = Callable[[AMQPContext, dict[str, Any]], None]


def _add(name: str, help: Text, ask: Ask, *arguments: click.Argument) -> None:
    """Add a command.

    Arguments:
        name: the command's.
        help: what it does.
        ask: asks the broker, with the arguments by their names, and prints the answer.
        arguments: what the command takes, in their order.
    """
    callback = click.pass_obj(lambda shell, **given: ask(shell, given))
    amqp.add_command(CeleryCommand(name, help=help, params=[*arguments], callback=callback))


def _words(*names: str) -> list[click.Argument]:
    return [click.Argument([name], type=str) for name in names]


def _flags(*names: str) -> list[click.Argument]:
    return [click.Argument([name], type=bool, default=False) for name in names]


def _plainly(method: str) -> Ask:
    """Return what asks for *method*, whose answer is nothing but that all is well."""

    def ask(shell: AMQPContext, given: dict[str, Any]) -> None:
        answered, _ = shell.ask(lambda channel: getattr(channel, method)(**given))
        if answered:
            shell.echo_ok()

    return ask


def _telling(method: str, said: Callable[[Any], str]) -> Ask:
    """Return what asks for *method* and prints what is *said* of the answer."""

    def ask(shell: AMQPContext, given: dict[str, Any]) -> None:
        answered, found = shell.ask(lambda channel: getattr(channel, method)(**given))
        if answered:
            shell.tell(said(found))
            shell.echo_ok()

    return ask


def _basic_get(shell: AMQPContext, given: dict[str, Any]) -> None:
    answered, message = shell.ask(lambda channel: channel.basic_get(**given))
    if answered:
        shell.respond(dump_message(message))
        shell.echo_ok()


def _basic_publish(shell: AMQPContext, given: dict[str, Any]) -> None:
    message = Message(given.pop("msg").encode(TEXT), "", TEXT, {}, {})  # it says no more about itself than in Celery
    answered, _ = shell.ask(lambda channel: channel.basic_publish(message, **given))
    if answered:
        shell.echo_ok()


def _declared(found: Any) -> str:
    return "queue:{} messages:{} consumers:{}".format(*found)


def _deleted(count: Any) -> str:
    return f"{count} messages deleted."


_add("exchange.declare", text("Make an exchange."), _plainly("exchange_declare"),
     *_words("exchange", "type"), *_flags("passive", "durable", "auto_delete"))  # fmt: skip
_add("exchange.delete", text("Delete an exchange."), _plainly("exchange_delete"),
     *_words("exchange"), click.Argument(["if_unused"], type=bool))  # fmt: skip
_add("queue.bind", text("Let an exchange put messages into a queue."), _plainly("queue_bind"),
     *_words("queue", "exchange", "routing_key"))  # fmt: skip
_add("queue.declare", text("Make a queue."), _telling("queue_declare", _declared),
     *_words("queue"), *_flags("passive", "durable", "auto_delete"))  # fmt: skip
_add("queue.delete", text("Delete a queue."), _telling("queue_delete", _deleted),
     *_words("queue"), *_flags("if_unused", "if_empty"))  # fmt: skip
_add("queue.purge", text("Throw away what waits in a queue."), _telling("queue_purge", _deleted), *_words("queue"))
_add("basic.get", text("Take the first message out of a queue."), _basic_get, *_words("queue"), *_flags("no_ack"))
_add("basic.publish", text("Send a message to an exchange."), _basic_publish,
     *_words("msg", "exchange", "routing_key"), *_flags("mandatory", "immediate"))  # fmt: skip
_add("basic.ack", text("Acknowledge a message that was taken."), _plainly("basic_ack"),
     click.Argument(["delivery_tag"], type=int))  # fmt: skip


@amqp.command("repl", cls=CeleryCommand, help=text("Read commands line by line, until the input ends."))
@click.pass_context
def repl(ctx: click.Context, /) -> None:
    """Run line after line on the same connection; ``:q`` ends it."""
    while True:
        try:
            line = input(PROMPT).strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line in LEAVE:
            return
        try:
            words = shlex.split(line)
            if words:
                amqp.main(words, "amqp", standalone_mode=False, obj=ctx.obj)
        except ValueError as error:
            click.echo(f"{type(error).__name__}: {error}", err=True)
        except click.ClickException as error:
            error.show()
