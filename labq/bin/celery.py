"""``celery``: the group of commands that Celery's users type, for apps in the lab.

Comes in: ``-A proj worker --loglevel=INFO``. Goes out: an app with what was chosen for it, handed to a command.
Next door: ``apps`` finds the app; one module for each command; ``labq.magics`` runs lines of a notebook through here.
Celery: ``celery/bin/celery.py``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from labq import Celery
from labq.bin.amqp import amqp
from labq.bin.apps import app_called
from labq.bin.base import CeleryCommand, CeleryGroup, CommandFailed, option
from labq.bin.beat import beat
from labq.bin.call import call
from labq.bin.context import CLIContext
from labq.bin.control import control, inspect, status
from labq.bin.events import events
from labq.bin.graph import graph
from labq.bin.list import list_
from labq.bin.logtool import logtool
from labq.bin.migrate import migrate
from labq.bin.multi import multi
from labq.bin.purge import purge
from labq.bin.result import result
from labq.bin.shell import shell
from labq.bin.upgrade import upgrade
from labq.bin.worker import worker
from labq.exceptions import CeleryCommandException, ImproperlyConfigured, LabError
from labq.i18n import text
from labq.release import VERSION_BANNER

HEADING = "Global Options"
PREFIX = "CELERY"
"""How the environment's variables begin that stand for options: CELERY_APP, CELERY_WORKER_LOGLEVEL."""

ARGV = "labq.argv"
"""The key in click's context under which the words of the line are kept."""


class Commands(CeleryGroup):
    """The group; it guesses what a wrong command was meant to be."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words before the command, and keep them all for ``multi``."""
        ctx.meta[ARGV] = tuple(args)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which ones it may have been."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            said = f"No such command {args[0]!r}."
            near = get_close_matches(args[0], self.list_commands(ctx), 3, 0.5)
            if near:
                said = "\n    ".join([f"{said}\n\nDid you mean one of these?", *near])
            raise click.UsageError(said, ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; Celery's own exception ends it as click's do, and outside of a notebook the lab's too."""
        in_notebook = ctx.obj is not None
        try:
            return super().invoke(ctx)
        except CeleryCommandException as error:
            raise CommandFailed(error) from error
        except (ImproperlyConfigured, LabError) as error:
            if in_notebook:
                raise
            raise CommandFailed(error) from error


def _change_directory(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    del ctx, param
    if value is not None:
        try:
            os.chdir(value)
        except OSError as error:
            raise click.BadParameter(f"{value}: {error.strerror}") from error
    return value


@click.group(
    cls=Commands,
    params=[
        option(
            HEADING,
            "-A",
            "--app",
            envvar="APP",
            type=click.UNPROCESSED,
            help=text("The app: a module, module:name or, in a notebook, a name."),
        ),
        option(HEADING, "-b", "--broker", envvar="BROKER_URL", help=text("The broker's URL.")),
        option(HEADING, "--result-backend", envvar="RESULT_BACKEND", help=text("The result backend's URL.")),
        option(
            HEADING, "--loader", envvar="LOADER", help=text("The class that loads the settings of the default app.")
        ),
        option(
            HEADING,
            "--config",
            envvar="CONFIG_MODULE",
            help=text("The module with the settings, for an app that has no other source of settings."),
        ),
        option(
            HEADING,
            "--workdir",
            type=Path,
            callback=_change_directory,
            is_eager=True,
            help=text("Change to this folder first."),
        ),
        option(
            HEADING, "-C", "--no-color", envvar="NO_COLOR", is_flag=True, help=text("Print everything in one colour.")
        ),
        option(HEADING, "-q", "--quiet", is_flag=True, help=text("Say less; a worker prints no banner.")),
        option(HEADING, "--version", is_flag=True, help=text("Print which Celery is mirrored.")),
        option(
            HEADING,
            "--skip-checks",
            envvar="SKIP_CHECKS",
            is_flag=True,
            help=text("Skip Django's checks when a worker starts."),
        ),
    ],
    invoke_without_command=True,
    context_settings={"auto_envvar_prefix": PREFIX},
    help=text("Celery's commands, for apps in the lab."),
)
@click.pass_context
def celery(
    ctx: click.Context,
    /,
    *,
    app: Any,
    workdir: Path | None,
    no_color: bool,
    quiet: bool,
    version: bool,
    **chosen: Any,
) -> None:
    """Find the app, and give it what was chosen for it."""
    if version:
        click.echo(VERSION_BANNER)
        ctx.exit()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
        ctx.exit()
    namespace: Mapping[str, Any] | None = ctx.obj
    if namespace is None:
        _tell_the_environment(**chosen)
    found = _find(ctx, app, namespace or {}) if isinstance(app, str) else app
    shared = CLIContext(found, no_color, workdir, quiet, namespace=namespace, argv=ctx.meta[ARGV])
    if namespace is not None:
        _tell_the_app(shared.app, **chosen)
    ctx.obj = shared


def _find(ctx: click.Context, name: str, namespace: Mapping[str, Any]) -> Celery:
    try:
        return app_called(name, namespace)
    except click.UsageError as error:
        error.ctx = ctx
        raise


def _tell_the_environment(
    *, broker: str | None, result_backend: str | None, loader: str | None, config: str | None, skip_checks: bool
) -> None:
    """Choose for every app of this process, as Celery does: a program has but one."""
    said = {
        "CELERY_LOADER": loader,
        "CELERY_BROKER_URL": broker,
        "CELERY_RESULT_BACKEND": result_backend,
        "CELERY_CONFIG_MODULE": config,
        "CELERY_SKIP_CHECKS": "true" if skip_checks else None,
    }
    os.environ.update({name: value for name, value in said.items() if value})


def _tell_the_app(
    app: Any, *, broker: str | None, result_backend: str | None, loader: str | None, config: str | None,
    skip_checks: bool,
) -> None:  # fmt: skip
    """Choose for one app of a notebook, which has others.

    Worker and clients are one process here, so the clients of this app go to the same URL from now on.
    """
    del loader, skip_checks
    if config is not None:
        app.config_from_object(config, force=True)
    _override(app, "broker_url", "CELERY_BROKER_URL", broker)
    _override(app, "result_backend", "CELERY_RESULT_BACKEND", result_backend)


def _override(app: Any, setting: str, variable: str, url: str | None) -> None:
    """Let the command line win over the configuration; Celery writes the environment's variable, which wins too."""
    if url is None:
        return
    app.conf[setting] = url
    if variable in os.environ:  # it would win over the setting
        os.environ[variable] = url


@celery.command(cls=CeleryCommand, help=text("Print what a report of a bug should say of software and settings."))
@click.pass_context
def report(ctx: click.Context, /) -> None:
    """Print versions, the loader, and the settings that were changed."""
    app = ctx.obj.app
    app.loader.import_default_modules()
    ctx.obj.echo(app.bugreport())


for _command in (
    amqp, beat, call, control, events, graph, inspect, list_, logtool, migrate, multi, purge, result, shell, status,
    upgrade, worker,
):  # fmt: skip
    celery.add_command(_command)


def main() -> Any:
    """Run the words of this process as a ``celery …`` line, and end the process."""
    return celery(auto_envvar_prefix=PREFIX)


def run_celery(argv: Sequence[str], namespace: Mapping[str, Any]) -> None:
    """Run a line of a notebook.

    Arguments:
        argv: its words, without ``celery``.
        namespace: the learner's names.

    Raises:
        LabError: when the line cannot be understood or obeyed, with the sentence that a terminal shows.
    """
    try:
        celery.main([*argv], "celery", standalone_mode=False, obj=namespace, color=False)
    except click.Abort:
        raise LabError("Aborted!") from None
    except click.ClickException as error:
        ctx = getattr(error, "ctx", None)
        hint = text("%{command} --help tells the options.", command=ctx.command_path) if ctx else None
        raise LabError(click.unstyle(error.format_message()).strip(), hint) from None
