"""``labq``: the commands that a terminal has.

Comes in: ``labq demo --lang ru``. Goes out: what the command prints and starts, and an exit code.
Next door: one module for each command.
Celery: nothing but the subcommand ``celery``.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import click

from labq import current_lab
from labq._state import has_current_lab
from labq.bin.celery import celery
from labq.bin.demo import demo_command
from labq.bin.lab import lab_command
from labq.bin.language import chosen_words
from labq.bin.lessons import lessons_command
from labq.exceptions import LabError
from labq.i18n import Words, speak
from labq.release import __version__

CELERY = "celery"


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and end the process.

    Arguments:
        argv: its words; those of this process when None.
    """
    said = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter shows a question mark
    words = chosen_words(said)
    try:
        commands(words).main(said, prog_name="labq")
    except LabError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def commands(words: Words) -> click.Group:
    """Return the command ``labq`` with all its subcommands, in the language of *words*, which is spoken from now on."""
    speak(words.lang)  # the commands of ``celery`` are made once, and find their words when they are asked for help
    group = click.Group(
        "labq",
        params=[
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_print_version,
                help=words.gettext("Print the version."),
            ),
        ],
        help=words.gettext("A flight simulator for Celery: one process, one thread, a virtual clock."),
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    group.result_callback()(lambda *_, **__: _finish(words))
    for command in (lab_command(words), demo_command(words), lessons_command(words), celery):
        group.add_command(command)
    return group


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value:
        click.echo(f"labq {__version__}")
        ctx.exit()


def _finish(words: Words) -> None:
    """Let what a command has begun in its lab come to its end, and say that the lab ends too."""
    if click.get_current_context().invoked_subcommand != CELERY or not has_current_lab() or not len(current_lab().log):
        return
    current_lab().run()
    said = words.gettext(
        "This lab lived in this command alone and ends with it. In a notebook %celery works on the notebook's lab."
    )
    click.echo(said, err=True)
