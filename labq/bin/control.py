"""``celery inspect``, ``celery control`` and ``celery status``: ask the workers, and command them.

Comes in: a command of the workers with its arguments. Goes out: the workers' replies, or an exit code without any.
Next door: ``app.control`` sends and collects; ``labq.worker.control`` knows the commands, custom ones too.
Celery: ``celery/bin/control.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import click

from labq.bin.base import (
    COMMA_SEPARATED_LIST,
    CeleryCommand,
    CeleryOption,
    handle_remote_command_error,
    option,
)
from labq.exceptions import CeleryCommandException
from labq.i18n import text
from labq.platforms import EX_UNAVAILABLE
from labq.prose import indent, pluralize
from labq.wire.jsontypes import dumps
from labq.worker.control import Panel

HEADING = "Remote Control Options"
NOBODY = "No nodes replied within time constraint"
UNKNOWN = "Command {name} not recognized. Available {kind} commands: {names}"


def _remote_options() -> list[click.Parameter]:
    return [
        option(HEADING, "-t", "--timeout", type=float, default=1.0,
               help=text("How many seconds to wait for the next reply.")),
        option(HEADING, "-d", "--destination", type=COMMA_SEPARATED_LIST,
               help=text("The workers to ask: names with commas between them.")),
        option(HEADING, "-j", "--json", is_flag=True, help=text("Print the replies as JSON.")),
    ]  # fmt: skip


def _list_option(kind: str) -> click.Option:
    def list_commands(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        del param
        if not value:
            return
        formatter = click.HelpFormatter()
        with formatter.section(f"{kind.capitalize()} Commands"):
            rows = [(f"{name} {meta.signature or ''}".rstrip(), meta.help) for name, meta in commands_of(kind).items()]
            formatter.write_dl(rows)
        click.echo(formatter.getvalue(), nl=False)
        ctx.exit()

    return CeleryOption(
        ["--list"], is_flag=True, expose_value=False, is_eager=True, callback=list_commands,
        help=text("List the workers' commands of this kind."),
    )  # fmt: skip


def commands_of(kind: str) -> dict[str, Any]:
    """Return the commands of workers that ``celery inspect`` or ``celery control`` offers, by their names in order.

    Arguments:
        kind: ``inspect`` or ``control``.
    """
    return {name: meta for name, meta in sorted(Panel.meta.items()) if meta.type == kind and meta.visible}


@click.command(cls=CeleryCommand, params=_remote_options(), help=text("List the workers that answer."))
@click.pass_context
def status(ctx: click.Context, /, *, timeout: float, destination: list[str] | None, json: bool) -> None:
    """Ping the workers."""
    hear = None if json else partial(_say_reply, ctx.obj, show=False)
    inspect_ = ctx.obj.app.control.inspect
    with _Sentences("status"):
        replies = inspect_(timeout=timeout, destination=destination, callback=hear).ping()
    _need(replies)
    if json:
        ctx.obj.echo(dumps(replies))
    _count(ctx, replies)


@click.command(
    cls=CeleryCommand,
    params=[click.Argument(["command"]), _list_option("inspect"), *_remote_options()],
    context_settings={"allow_extra_args": True},
    help=text("Ask the workers: `celery inspect --list` tells what."),
)
@click.pass_context
def inspect(ctx: click.Context, /, *, command: str, timeout: float, destination: list[str] | None, json: bool) -> None:
    """Ask the workers."""
    arguments = _arguments("inspect", command, ctx.args)
    hear = None if json else partial(_say_reply, ctx.obj, show=True)
    with _Sentences(f"inspect {command}"):
        asking = ctx.obj.app.control.inspect(timeout=timeout, destination=destination, callback=hear)
        replies = asking._request(command, **arguments)
    _need(replies)
    if json:
        ctx.obj.echo(dumps(replies))
    elif not ctx.obj.quiet:
        _count(ctx, replies)


@click.command(
    cls=CeleryCommand,
    params=[click.Argument(["command"]), _list_option("control"), *_remote_options()],
    context_settings={"allow_extra_args": True},
    help=text("Command the workers: `celery control --list` tells what."),
)
@click.pass_context
def control(ctx: click.Context, /, *, command: str, timeout: float, destination: list[str] | None, json: bool) -> None:
    """Command the workers."""
    arguments = _arguments("control", command, ctx.args)
    hear = None if json else partial(_say_reply, ctx.obj, show=True)
    with _Sentences(f"control {command}"):
        replies = ctx.obj.app.control.broadcast(
            command, timeout=timeout, destination=destination, callback=hear, reply=True, arguments=arguments
        )
    _need(replies)
    if json:
        ctx.obj.echo(dumps(replies))


class _Sentences:
    """Turns whatever is raised within into one sentence.

    Arguments:
        command: what was typed.
    """

    def __init__(self, command: str) -> None:
        self._command = command

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Say it."""
        if isinstance(error, Exception):
            handle_remote_command_error(self._command, error)


def _need(replies: Any) -> None:
    if not replies:
        raise CeleryCommandException(NOBODY, EX_UNAVAILABLE)


def _count(ctx: click.Context, replies: Any) -> None:
    ctx.obj.echo(f"\n{len(replies)} {pluralize(len(replies), 'node')} online.")


def _say_reply(shared: Any, replies: Mapping[str, Any], *, show: bool) -> None:
    """Print one worker's reply."""
    node, reply = next(iter(replies.items()))
    verdict, said = shared.pretty(reply)
    name = shared.style(f"{node}: ", fg="cyan", bold=True)
    shared.say_chat("->", f"{name}{verdict}", indent(said, 4) if show else "", show_body=show)


def _arguments(kind: str, name: str, words: list[str]) -> dict[str, Any]:
    """Return the arguments of the workers' command *name*, read as it wants them.

    Raises:
        click.UsageError: when there is no such command of this kind, or there are more words than it takes.
    """
    known = commands_of(kind)
    if name not in known:
        raise click.UsageError(UNKNOWN.format(name=name, kind=kind, names=", ".join(known)))
    meta, rest = known[name], list(words)
    found = dict(_read(meta, name, rest))
    if meta.variadic:
        found[meta.variadic] = rest
    return found


def _read(meta: Any, name: str, words: list[str]) -> Iterator[tuple[str, Any]]:
    """Take from *words* what the command's declared arguments are; what is left is for a variadic one."""
    declared = list(meta.args or ())
    if len(words) > len(declared) and not meta.variadic and declared:
        raise click.UsageError(f"Command {name!r} takes arguments: {meta.signature}")
    for argument, kind in declared[: len(words)]:
        word = words.pop(0)
        try:
            yield argument, kind(word) if kind is not None else word
        except (TypeError, ValueError) as error:
            raise click.UsageError(f"Command {name!r} takes arguments: {meta.signature} ({error})") from error
