"""``celery``: the group of commands that real Celery's users type, for apps in the lab.

Comes in: ``-A proj worker --loglevel=INFO``. Goes out: an app with what was chosen for it, handed to a subcommand.
Next door: ``apps`` finds the app, ``worker`` is a subcommand.
Celery: ``celery/bin/celery.py``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

from labq import Celery
from labq._state import get_current_app
from labq.bin.apps import app_called
from labq.bin.banner import VERSION
from labq.bin.chosen import Chosen
from labq.bin.worker import worker_command
from labq.exceptions import LabError
from labq.i18n import Words, text

LATER = (
    "amqp", "beat", "call", "control", "events", "graph", "inspect", "list", "logtool", "migrate", "multi", "purge",
    "report", "result", "shell", "status", "upgrade",
)  # fmt: skip
"""Celery's other commands."""


class CeleryGroup(click.Group):
    """The group; a command of Celery's that the lab has not is named as such."""

    words: Words

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, or say which there are."""
        if args[0] in LATER:
            self._refuse(ctx, args[0])
        return super().resolve_command(ctx, args)

    def _refuse(self, ctx: click.Context, name: str) -> NoReturn:
        said = self.words.gettext("labq has no `celery {name}` yet; it has: {names}.")
        ctx.fail(said.format(name=name, names=", ".join(self.list_commands(ctx))))


def celery_command(words: Words) -> click.Group:
    """Return the group ``celery`` with help in the language of *words*.

    Its ``obj`` is the learner's namespace in a notebook, nothing in a terminal.
    """
    group = CeleryGroup(
        "celery",
        callback=_choose,
        params=[
            click.Option(
                ["-A", "--app"], help=words.gettext("The app: a module, module:name or, in a notebook, a name.")
            ),
            click.Option(["-b", "--broker"], help=words.gettext("The broker's URL.")),
            click.Option(["--result-backend"], help=words.gettext("The result backend's URL.")),
            click.Option(["-C", "--no-color"], is_flag=True, help=words.gettext("Accepted; nothing is coloured here.")),
            click.Option(["-q", "--quiet"], is_flag=True, help=words.gettext("Print no banner.")),
            click.Option(["--version"], is_flag=True, help=words.gettext("Print which Celery is mirrored.")),
        ],
        invoke_without_command=True,
        help=words.gettext("Celery's commands, for apps in the lab."),
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    group.words = words
    group.add_command(worker_command(words))
    return group


def run_celery(argv: list[str], words: Words, namespace: Mapping[str, Any]) -> None:
    """Run a line of a notebook.

    Arguments:
        argv: its words, without ``celery``.
        words: the language of help and hints.
        namespace: the learner's names.

    Raises:
        LabError: when the line cannot be understood, with click's sentence.
    """
    try:
        celery_command(words).main(argv, prog_name="celery", obj=namespace, standalone_mode=False)
    except click.ClickException as error:
        ctx = getattr(error, "ctx", None)
        hint = text("%{command} --help tells the options.", command=ctx.command_path) if ctx else None
        raise LabError(error.format_message(), hint) from None


def offers(said: Sequence[str], words: Words) -> list[str]:
    """Return what may follow the words of a line that is being typed."""
    group = celery_command(words)
    command = next((group.commands[word] for word in said if word in group.commands), group)
    last = next((param for param in command.params if said and said[-1] in param.opts), None)
    if last is not None and isinstance(last.type, click.Choice):
        return [str(choice) for choice in last.type.choices]
    flags = [name for param in command.params for name in param.opts]
    return sorted([*group.commands, *flags] if command is group else flags)


@click.pass_context
def _choose(
    ctx: click.Context,
    *,
    app: str | None,
    broker: str | None,
    result_backend: str | None,
    no_color: bool,
    quiet: bool,
    version: bool,
) -> None:
    """Find the app, and give it the URLs of the command line."""
    del no_color
    if version:
        click.echo(VERSION)
        ctx.exit()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
        ctx.exit()
    namespace: Mapping[str, Any] = ctx.obj or {}
    found = get_current_app() if app is None else app_called(app, namespace)
    _override(found, "broker_url", "CELERY_BROKER_URL", broker)
    _override(found, "result_backend", "CELERY_RESULT_BACKEND", result_backend)
    ctx.obj = Chosen(found, quiet=quiet)


def _override(app: Celery, setting: str, variable: str, url: str | None) -> None:
    """Let the command line win over the configuration; Celery writes the environment's variable, which wins too.

    Worker and clients are one process here, so the clients of this app go to the same URL from now on.
    """
    if url is None:
        return
    app.conf[setting] = url
    if variable in os.environ:  # it would win over the setting
        os.environ[variable] = url
