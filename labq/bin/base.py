"""What Celery's commands are made of: the classes that projects build their own commands on, too.

Comes in: options with the help that they show, a command's function. Goes out: commands that group their options under
headings, hand the app on, and speak the reader's language.
Next door: ``arguments`` reads words; every command of this room is built on this module; ``celery`` is their group.
Celery: ``celery/bin/base.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, NoReturn

import click

from labq.bin.arguments import (
    AUTOSCALE,
    COMMA_SEPARATED_LIST,
    ISO8601,
    ISO8601_OR_FLOAT,
    JSON_ARRAY,
    JSON_OBJECT,
    LOG_LEVEL,
    CommaSeparatedList,
    ISO8601DateTime,
    ISO8601DateTimeOrFloat,
    JsonArray,
    JsonObject,
    LogLevel,
)
from labq.bin.context import CLIContext
from labq.bin.preload import deliver_preload_options, delivers, handle_preload_options, own_options
from labq.exceptions import CeleryCommandException, LabError
from labq.i18n import Text, spoken, text
from labq.platforms import EX_FAILURE, EX_UNAVAILABLE

__all__ = [
    "AUTOSCALE",
    "COMMA_SEPARATED_LIST",
    "ISO8601",
    "ISO8601_OR_FLOAT",
    "JSON_ARRAY",
    "JSON_OBJECT",
    "LOG_LEVEL",
    "CLIContext",
    "CeleryCommand",
    "CeleryDaemonCommand",
    "CeleryOption",
    "CommaSeparatedList",
    "CommandFailed",
    "DaemonOption",
    "ISO8601DateTime",
    "ISO8601DateTimeOrFloat",
    "JsonArray",
    "JsonObject",
    "LogLevel",
    "handle_preload_options",
    "handle_remote_command_error",
    "option",
]

NO_BROKER = (
    "Could not connect to the message broker. Please make sure your broker (e.g., RabbitMQ or Redis) is running and "
    "the connection settings are correct. Reason: {0}"
)
FAILED = "Unable to run the `{0}` command. Reason: {1}"
WRONG_APP_OPTION = """\
You are using `{option}` as an option of the {command} sub-command:
celery {command} {option} celeryapp <...>

The support for this usage was removed in Celery 5.0. Instead you should use `{option}` as a global option:
celery {option} celeryapp {command} <...>
"""


class CommandFailed(click.ClickException):
    """A command has given up: Celery's exception or the lab's, as click prints it.

    Arguments:
        error: what the command has raised.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(error.format_message() if isinstance(error, CeleryCommandException) else str(error))
        # click's types hold the code to be the same for all of a class
        vars(self)["exit_code"] = getattr(error, "exit_code", EX_FAILURE)


class WrongAppOption(click.NoSuchOption):
    """``-A`` stands behind the command, where it has not been understood since Celery 5."""

    def format_message(self) -> str:
        """Return how it is written instead, and click's own sentence."""
        name = self.ctx.info_name if self.ctx else None
        said = WRONG_APP_OPTION.format(option=self.option_name, command=name)
        return f"{said}{super().format_message()}"

    def show(self, file: Any = None) -> None:
        """Print how it is written instead, and then what click prints."""
        name = self.ctx.info_name if self.ctx else None
        click.echo(WRONG_APP_OPTION.format(option=self.option_name, command=name), err=True, nl=False)
        plain = click.NoSuchOption(self.option_name, possibilities=self.possibilities, ctx=self.ctx)
        plain.show(file)


def handle_remote_command_error(command: str, exc: Exception) -> NoReturn:
    """Say in one line why a command that asks the workers has failed.

    Arguments:
        command: what was typed, such as ``inspect active``.
        exc: what happened. What click or the lab says by itself is raised as it is.
    """
    if isinstance(exc, click.ClickException | LabError):
        raise exc
    # by its name: kombu's own exception comes from programs that hand the lab's brokers to kombu's classes
    unreachable = any(each.__name__ == "OperationalError" for each in type(exc).__mro__)
    said = NO_BROKER.format(exc) if unreachable else FAILED.format(command, exc)
    raise CeleryCommandException(said, EX_UNAVAILABLE) from exc


def _app_of(ctx: click.Context) -> Any:
    """Return the app of a running command line; None before there is one."""
    for known in (ctx, ctx.parent):
        app = getattr(known.obj, "app", None) if known else None
        if app is not None:
            return app
    return None


# -- options and commands ---------------------------------------------------------------------------------------------
def _source(help: Text | str | None) -> str | None:
    return help.message if isinstance(help, Text) else help


def _translated(described: Any) -> Any:
    """Return a copy of a command or an option whose help is in the language that is spoken now."""
    shown = copy(described)
    shown.help = spoken().gettext(described.help) if described.help else None
    return shown


class CeleryOption(click.Option):
    """An option that stands under a heading in the help.

    Arguments:
        help_group: the heading.
        default_value_from_context: the key in ``ctx.obj`` under which its default is found.
        help: one sentence, translated when it is shown.
    """

    def __init__(
        self,
        param_decls: Sequence[str] | None = None,
        *,
        help_group: str | None = None,
        default_value_from_context: str | None = None,
        help: Text | str | None = None,
        **attributes: Any,
    ) -> None:
        self.help_group = help_group
        self.default_value_from_context = default_value_from_context
        super().__init__(param_decls, help=_source(help), **attributes)

    def get_default(self, ctx: click.Context, *args: Any, **kwargs: Any) -> Any:
        """Return the default, which may stand in the context."""
        if self.default_value_from_context:
            self.default = ctx.obj[self.default_value_from_context]
        return super().get_default(ctx, *args, **kwargs)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return how the option is written and what it does, in the reader's language."""
        return click.Option.get_help_record(_translated(self), ctx)


class CeleryCommand(click.Command):
    """A command that lists its options under headings, and takes those that the app adds.

    Arguments:
        help: what it does, translated when it is shown.
    """

    def __init__(self, name: str | None = None, *, help: Text | str | None = None, **attributes: Any) -> None:
        super().__init__(name, help=_source(help), **attributes)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options: its own, and those of ``app.user_options`` for this command and for all."""
        app, own = _app_of(ctx), self.params
        if app is None:
            return super().get_params(ctx)
        self.params = [*own, *own_options(app, str(self.name)), *own_options(app, "preload")]
        try:
            return super().get_params(ctx)
        finally:
            self.params = own

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words behind the command."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name in ("-A", "--app"):
                raise WrongAppOption(error.option_name, possibilities=error.possibilities, ctx=error.ctx) from None
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        if self.callback is not None and not delivers(self.callback):
            deliver_preload_options(_app_of(ctx), self.callback, ctx.params)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, each under its heading."""
        headings: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                headings.setdefault(str(getattr(param, "help_group", None) or "Options"), []).append(record)
        for heading, records in headings.items():
            with formatter.section(heading):
                formatter.write_dl(records)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does, in the reader's language."""
        click.Command.format_help_text(_translated(self), ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the beginning of that."""
        return click.Command.get_short_help_str(_translated(self), limit)


class CeleryGroup(click.Group):
    """A command with commands of its own.

    Arguments:
        help: what it is about, translated when it is shown.
    """

    def __init__(self, name: str | None = None, *, help: Text | str | None = None, **attributes: Any) -> None:
        super().__init__(name, help=_source(help), **attributes)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the group is about, in the reader's language."""
        click.Group.format_help_text(_translated(self), ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the beginning of that."""
        return click.Group.get_short_help_str(_translated(self), limit)


def option(heading: str, *names: str, **attributes: Any) -> CeleryOption:
    """Return the option with these *names*, which stands under *heading* in the help."""
    return CeleryOption(names, help_group=heading, **attributes)


class DaemonOption(CeleryOption):
    """An option of programs in the background, whose default is the setting ``<command>_<option>``."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes = {"help_group": "Daemonization Options", "callback": self.daemon_setting, **attributes}
        super().__init__(args, **attributes)

    def daemon_setting(self, ctx: click.Context, opt: click.Parameter, value: Any) -> Any:
        """Return what was typed, else what the app's settings say."""
        return value or getattr(ctx.obj.app.conf, f"{ctx.command.name}_{opt.name}", None)


class CeleryDaemonCommand(CeleryCommand):
    """A command that may run in the background."""

    def __init__(self, name: str | None = None, **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self.params.extend(_daemon_options())


def _daemon_options() -> Sequence[DaemonOption]:
    return (
        DaemonOption("--logfile", "-f", help=text("Write the log to this file.")),
        DaemonOption(
            "--pidfile", help=text("Accepted: a worker of the lab is no process, and writes no number to this file.")
        ),
        DaemonOption("--uid", help=text("Run as this user; in the lab everything runs as you.")),
        DaemonOption("--gid", help=text("Run as this group; in the lab everything runs as you.")),
        DaemonOption("--umask", help=text("Rights that new files shall not have; the lab leaves yours as they are.")),
        DaemonOption("--executable", help=text("The Python to run; the lab's worker runs in this one.")),
    )
