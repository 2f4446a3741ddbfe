"""``labq lessons``: the lessons, for learners (``list``, ``copy``) and for those who write and translate them.

Comes in: a subcommand. Goes out: lists, copies, rewritten files.
Next door: ``labq.lessons``. Its half for authors needs polib, Babel and nbclient; it is loaded when one of its
subcommands runs and not before.
Celery: no counterpart.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from labq.bin.language import lang_option
from labq.exceptions import LabError
from labq.i18n import Words, text
from labq.lessons.copying import Report, copy_lessons
from labq.lessons.course import COURSE

DEFAULT_FOLDER = "labq-lessons"
WORKSHOP = "labq.lessons.__main__"
"""The authors' half."""


def lessons_command(words: Words) -> click.Group:
    """Return the command ``lessons`` in the language of *words*."""
    group = click.Group("lessons", help=words.gettext("List, copy, translate and check the lessons."))
    group.add_command(
        click.Command(
            "list",
            callback=lambda lang: _list(words),  # noqa: ARG005 - words are of that language already
            params=[lang_option(words)],
            help=words.gettext("List the lessons."),
        )
    )
    group.add_command(
        click.Command(
            "copy",
            callback=lambda lang, folder: tell(copy_lessons(folder, lang), words),
            params=[lang_option(words), folder_option(words)],
            help=words.gettext("Copy the lessons to a folder; what you have edited stays."),
        )
    )
    sync = words.gettext("Update the catalogues, generate the translated notebooks.")
    check = words.gettext("List every problem of lessons and translations.")
    group.add_command(_workshop_command("sync", sync))
    group.add_command(_workshop_command("check", check))
    return group


def folder_option(words: Words) -> click.Option:
    """Return the option ``--dir``."""
    return click.Option(
        ["--dir", "folder"],
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(DEFAULT_FOLDER),
        show_default=True,
        help=words.gettext("The folder of your copies."),
    )


def tell(report: Report, words: Words) -> None:
    """Say what was copied."""
    lines = [words.say(line) for line in report.lines()]
    unchanged = words.gettext("The lessons in {folder} are up to date.").format(folder=report.folder)
    click.echo("\n".join(lines or [unchanged]))


def _list(words: Words) -> None:
    for lesson in COURSE:
        click.echo(f"{lesson.number}  {words.say(lesson.title)}")


def _workshop_command(name: str, said: str) -> click.Command:
    """Return a command whose words, ``--help`` among them, go to the authors' half as they are."""

    def work(words: tuple[str, ...]) -> None:
        click.get_current_context().exit(_workshop([name, *words]))

    return click.Command(
        name,
        callback=work,
        params=[click.Argument(["words"], nargs=-1, type=click.UNPROCESSED)],
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
        help=said,
    )


def _workshop(argv: list[str]) -> int:
    try:
        workshop = import_module(WORKSHOP)
    except ModuleNotFoundError as error:
        hint = text("Install what writing lessons needs: `pip install 'labq[test]'`.")
        raise LabError(f"this command needs {error.name}, which is not installed", hint) from error
    code: int = workshop.main(argv, program="labq lessons")
    return code
