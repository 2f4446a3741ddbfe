"""Runs a lesson from top to bottom in a fresh kernel and keeps what it showed.

In comes a notebook and its folder; out comes the same notebook with outputs that the next run repeats. A cell that
raises stops the run, unless it carries the tag `raises-exception`, which nbval knows too.
Next door: `sync` decides what is run; `notebook` says what of an output is kept.
Celery: no counterpart.
"""

from __future__ import annotations

import os
import sysconfig
import tempfile
from dataclasses import replace
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from labq.exceptions import LabError
from labq.i18n import text
from labq.lessons.notebook import CODE, Notebook, tidy_outputs

KERNEL = "python3"
CELL_SECONDS = 120


def executed(lesson: Notebook, folder: Path, lang: str, name: str) -> Notebook:
    """Return the notebook after a run.

    Arguments:
        lesson: the notebook; outputs that it has already play no part.
        folder: what the kernel has as its working folder, as Jupyter does: the one the notebook lies in.
        lang: goes to the kernel as LABQ_LANG.
        name: what errors call the notebook.

    Raises:
        LabError: when a cell fails; the text holds its traceback.
    """
    node = nbformat.reads(lesson.without_outputs().dumps(), as_version=4)  # type: ignore[no-untyped-call] # nbformat publishes types for classes only
    folder.mkdir(parents=True, exist_ok=True)
    client = NotebookClient(
        node,
        kernel_name=KERNEL,
        timeout=CELL_SECONDS,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    with tempfile.TemporaryDirectory() as profile:
        # A profile of its own: what a person's IPython does at startup is no part of a lesson.
        environment = {**os.environ, "LABQ_LANG": lang, "IPYTHONDIR": profile}
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            raise LabError(
                f"{name} does not run to its end: {error}",
                hint=text("If the error is the lesson, give the cell the tag raises-exception."),
            ) from error
    shown = _shown_folders()
    return Notebook(
        tuple(
            replace(cell, outputs=tidy_outputs(ran.outputs, shown), count=ran.execution_count)
            if cell.kind == CODE
            else cell
            for cell, ran in zip(lesson.cells, node.cells, strict=True)
        )
    )


def _shown_folders() -> dict[str, str]:
    """What tracebacks show for folders of this machine: the paths that a reader's own traceback ends with."""
    root = Path(__file__).resolve().parents[2]
    folders = {f"{root}/": "", f"{sysconfig.get_paths()['purelib']}/": "", f"{sysconfig.get_paths()['stdlib']}/": ""}
    home = f"{Path.home()}/"
    # IPython writes the home folder as ~, so each folder can stand in two ways. Long ones go first.
    both = folders | {path.replace(home, "~/", 1): shown for path, shown in folders.items() if path.startswith(home)}
    return dict(sorted(both.items(), key=lambda pair: -len(pair[0])))
