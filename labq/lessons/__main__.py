"""`python -m labq.lessons`: the workshop's commands, for people who write and translate lessons in a checkout.

Comes in: the words of a command line. Goes out: rewritten files and lists of problems; the exit code is 1 when
something is left to do. `labq lessons …` runs this module, so that learners' commands load none of its libraries.
Next door: `sync`, `checks`, `messages`. Celery: no counterpart.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from labq.exceptions import LabError
from labq.i18n import LANGUAGES
from labq.lessons.checks import check
from labq.lessons.messages import update_catalogues
from labq.lessons.shelf import checkout
from labq.lessons.sync import sync


def main(argv: Sequence[str] | None = None, program: str = "python -m labq.lessons") -> int:
    """Run one command.

    Arguments:
        argv: its words; those of this process when None.
        program: what the help calls it.

    Returns:
        The exit code: 0, or 1 when `check` finds a problem or a command fails.
    """
    chosen = _parser(program).parse_args(argv)
    try:
        if chosen.command == "sync":
            return _sync(chosen.lang, chosen.execute, chosen.lesson)
        return _messages() if chosen.command == "messages" else _check(chosen.lang)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="Write and translate the lessons, in a checkout.")
    commands = parser.add_subparsers(dest="command", required=True)
    syncing = commands.add_parser("sync", help="update catalogues and generate the translated notebooks")
    syncing.add_argument("lesson", nargs="*", help="such as 01_first_task; all lessons when left out")
    syncing.add_argument("--execute", action="store_true", help="run the notebooks and store what they show")
    checking = commands.add_parser("check", help="list every problem of lessons and translations")
    for command in (syncing, checking):
        command.add_argument("--lang", choices=LANGUAGES, help="one language; all when left out")
    commands.add_parser("messages", help="update the catalogues of labq's own messages alone")
    return parser


def _sync(lang: str | None, execute: bool, lessons: Sequence[str]) -> int:
    report = sync(lang, execute=execute, only=lessons)
    for name in report.written:
        _say(f"written  {name}")
    for name, count in report.waiting.items():
        _say(f"waiting  {name}: {count} to translate")
    return 0


def _check(lang: str | None) -> int:
    problems = check(lang)
    for problem in problems:
        _say(str(problem))
    _say(f"problems: {len(problems)}" if problems else "Lessons and translations are complete and fresh.")
    return 1 if problems else 0


def _messages() -> int:
    shelf = checkout()
    for path in update_catalogues(shelf=shelf):
        _say(f"written  {shelf.name(path)}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
