"""``labq lab``: copies the lessons and opens JupyterLab on their index.

Comes in: language, folder, port. Goes out: a running JupyterLab, until Ctrl-C ends it.
Next door: ``labq.lessons.copying`` copies; ``jupyter`` runs the server; it is loaded when the command runs,
because it needs Jupyter.
Celery: no counterpart.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from labq.bin.language import lang_option
from labq.bin.lessons import folder_option, tell
from labq.exceptions import LabError
from labq.i18n import LANGUAGES, Words, text
from labq.lessons.copying import copy_lessons

SERVER = "labq.bin.jupyter"


def lab_command(words: Words) -> click.Command:
    """Return the command ``lab`` in the language of *words*."""

    def open_lab(lang: str, folder: Path, port: int, *, no_browser: bool) -> None:
        if find_spec("jupyterlab") is None:
            hint = text("Install it together with labq: `pip install 'labq[lab]'`. Without it there is `labq demo`.")
            raise LabError("JupyterLab is not installed here", hint)
        jupyter = import_module(SERVER)
        reports = {each: copy_lessons(folder, each) for each in LANGUAGES}  # each index leads to the others
        for each, copied in reports.items():
            if each == lang or copied.beside:
                tell(copied, words)
            written = (*copied.new, *copied.updated, *copied.beside.values())
            jupyter.trust(copied.folder / name for name in written)
        report = reports[lang]
        server = jupyter.JupyterServer(folder.resolve(), report.index.relative_to(folder).as_posix(), lang)
        server.serve(port, browser=not no_browser, announce=lambda url: _announce(url, words))
        click.echo(words.gettext("The lab is closed. Your notebooks are in {folder}.").format(folder=report.folder))

    return click.Command(
        "lab",
        callback=open_lab,
        params=[
            lang_option(words),
            folder_option(words),
            click.Option(
                ["--port"],
                type=click.IntRange(0, 65535),
                default=8888,
                show_default=True,
                help=words.gettext("The port of JupyterLab; the next free one when it is taken, any with 0."),
            ),
            click.Option(["--no-browser"], is_flag=True, help=words.gettext("Print the address, open no browser.")),
        ],
        help=words.gettext("Copy the lessons and open them in JupyterLab."),
    )


def _announce(url: str, words: Words) -> None:
    click.echo(words.gettext("The lessons are open at"))
    click.echo(f"  {url}")
    click.echo(words.gettext("Press Ctrl-C here to close the lab."))
