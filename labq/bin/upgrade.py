"""``celery upgrade settings``: writes the settings of a file as Celery 4 and later spell them.

Comes in: a file with settings. Goes out: the same file with new names, and a copy of the old one.
Next door: ``labq.app.defaults`` knows which name has become which.
Celery: ``celery/bin/upgrade.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from labq.app.defaults import TO_NEW_NAME
from labq.bin.base import CeleryCommand, CeleryGroup, option
from labq.i18n import text

HEADING = "Upgrading Options"
BACKUP = ".orig"
NAMESPACE = "CELERY"


@click.group(cls=CeleryGroup, help=text("Bring what was written for an earlier Celery up to date."))
def upgrade() -> None:
    """Bring what was written for an earlier Celery up to date."""


@upgrade.command(
    cls=CeleryCommand,
    params=[
        click.Argument(["filename"]),
        option(
            HEADING,
            "--django",
            is_flag=True,
            help=text("Write names that begin with CELERY_, as a Django project has them."),
        ),
        option(HEADING, "--compat", is_flag=True, help=text("Write names that begin with CELERY_, too.")),
        option(HEADING, "--no-backup", is_flag=True, help=text("Keep no copy of the file as it was.")),
    ],
    help=text("Rename the settings of Celery 3 in a file to those of Celery 4."),
)
def settings(filename: str, *, django: bool, compat: bool, no_backup: bool) -> None:
    """Rename the settings in *filename*; at most one in a line, as Celery does."""
    path = Path(filename)
    try:
        old = path.read_bytes().decode("utf-8")  # bytes: the ends of lines stay what they are
    except OSError as error:
        raise click.FileError(filename, error.strerror) from error
    print(f"processing {filename}...", file=sys.stderr)
    spell = _with_namespace if django or compat else str
    new = "".join(_renamed(line, spell) for line in old.splitlines(keepends=True))
    if new == old:
        print("Does not seem to require any changes :-)")
        return
    if not no_backup:
        print(f"writing backup to {filename}{BACKUP}...", file=sys.stderr)
        Path(f"{filename}{BACKUP}").write_bytes(old.encode("utf-8"))
    path.write_bytes(new.encode("utf-8"))
    print("Changes to your setting have been made!")


def _with_namespace(name: str) -> str:
    name = name.upper()
    return name if name.startswith(NAMESPACE) else f"{NAMESPACE}_{name}"


def _renamed(line: str, spell: Callable[[str], str]) -> str:
    """Return *line* with the longest old name in it replaced: the beginning of a name may be a name itself."""
    for old in sorted(TO_NEW_NAME, key=len, reverse=True):
        new = line.replace(old, spell(TO_NEW_NAME[old]))
        if new != line and f"{NAMESPACE}_{NAMESPACE}" not in new:
            return new
    return line
