"""A notebook as a value: read from a file, written to a file, the same bytes for the same notebook.

In comes the JSON of format 4.5; out goes the same JSON as JupyterLab saves it, without what changes from one run to
the next or from one machine to another. Next door: `execute` fills in outputs, `sync` derives translations.
Celery: no counterpart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from labq.exceptions import LabError
from labq.i18n import text

MARKDOWN = "markdown"
CODE = "code"

KEPT_METADATA = frozenset({"tags", "labq", "jupyter"})
NOTEBOOK_METADATA: Mapping[str, Any] = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_FORMAT = {"nbformat": 4, "nbformat_minor": 5}
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")

Output = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `count` is the number in its prompt, None when it has not run."""

    id: str
    kind: str
    source: str
    metadata: Mapping[str, Any]
    outputs: tuple[Output, ...] = ()
    count: int | None = None

    @property
    def translatable(self) -> tuple[str, ...]:
        """String literals of a code cell that its metadata marks for translation: `"labq": {"translate": [...]}`."""
        return tuple(self.metadata.get("labq", {}).get("translate", ()))

    def as_json(self) -> dict[str, Any]:
        """The cell as notebooks store it."""
        stored: dict[str, Any] = {
            "cell_type": self.kind,
            "id": self.id,
            "metadata": self.metadata,
            "source": _lines(self.source),
        }
        if self.kind == CODE:
            stored |= {"execution_count": self.count, "outputs": list(self.outputs)}
        return stored


@dataclass(frozen=True, slots=True)
class Notebook:
    """The cells in order. Everything else in the file is the same for each lesson."""

    cells: tuple[Cell, ...]

    def as_json(self) -> dict[str, Any]:
        """The notebook as it is stored: format 4.5 with fixed metadata."""
        return {"cells": [cell.as_json() for cell in self.cells], "metadata": NOTEBOOK_METADATA, **_FORMAT}

    def dumps(self) -> str:
        """The bytes of the file, as JupyterLab would lay them out."""
        return json.dumps(self.as_json(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def without_outputs(self) -> Notebook:
        """The sources alone."""
        return Notebook(tuple(replace(cell, outputs=(), count=None) for cell in self.cells))


def loads(content: str, name: str) -> Notebook:
    """Return the notebook in a file's content.

    Arguments:
        content: JSON of format 4.
        name: what errors call the file.

    Raises:
        LabError: when the content is no notebook of format 4, or two of its cells have the same id.
    """
    try:
        stored = json.loads(content)
        cells = tuple(_cell(cell, number) for number, cell in enumerate(stored["cells"], start=1))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabError(
            f"{name} is not a notebook: {error!r}",
            hint=text("Open it in JupyterLab, save it again, and look at the difference."),
        ) from error
    ids = [cell.id for cell in cells]
    twice = sorted({cell_id for cell_id in ids if ids.count(cell_id) > 1})
    if twice:
        raise LabError(f"{name} has several cells with the id {', '.join(twice)}")
    return Notebook(cells)


def read(path: Path) -> Notebook:
    """Return the notebook in a file; errors as in `loads`, and OSError when there is no such file."""
    return loads(path.read_text("utf-8"), path.name)


def write_text(path: Path, content: str) -> bool:
    """Write a file unless it says the same already; return whether it was written."""
    if path.exists() and path.read_text("utf-8") == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8", newline="\n")
    return True


def tidy_outputs(outputs: Iterable[Mapping[str, Any]], replacements: Mapping[str, str]) -> tuple[Output, ...]:
    """Return the outputs of a cell without what differs between runs and machines.

    Live widgets go, because a model id means something to one kernel only and what a reader of the file gets is the
    static picture beside it; neighbouring writes to a stream become one, stdout first; metadata goes.

    Arguments:
        outputs: as a kernel sent them.
        replacements: what tracebacks show instead of folders of this machine.
    """
    return tuple(_tidy(output, replacements) for output in _coalesced(outputs))


def _coalesced(outputs: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Outputs with each run of writes put together by stream: when a kernel flushes which stream is chance."""
    for is_stream, run in groupby(outputs, key=lambda output: output["output_type"] == "stream"):
        if not is_stream:
            yield from run
            continue
        written: dict[str, str] = {"stdout": "", "stderr": ""}
        for output in run:
            written[output["name"]] += _text(output["text"])
        yield from ({"output_type": "stream", "name": name, "text": said} for name, said in written.items() if said)


def _tidy(output: Mapping[str, Any], replacements: Mapping[str, str]) -> Output:
    kind = output["output_type"]
    if kind == "stream":
        return {"name": output["name"], "output_type": kind, "text": _lines(_text(output["text"]))}
    if kind == "error":
        traceback = [_replaced(line, replacements) for line in output["traceback"]]
        return {"ename": output["ename"], "evalue": output["evalue"], "output_type": kind, "traceback": traceback}
    shown = {mime: value for mime, value in output["data"].items() if mime != WIDGET_VIEW}
    data = {mime: _lines(value) if isinstance(value, str) else value for mime, value in shown.items()}
    tidied = {"data": data, "metadata": {}, "output_type": kind}
    return tidied | {"execution_count": output["execution_count"]} if kind == "execute_result" else tidied


def _replaced(line: str, replacements: Mapping[str, str]) -> str:
    for folder, shown in replacements.items():
        line = line.replace(folder, shown)
    return line


def _cell(stored: Mapping[str, Any], number: int) -> Cell:
    """A cell from its JSON. A cell without an id gets its number, so that it has the same one each time."""
    cell_id = stored.get("id", f"cell-{number:02}")
    if not _CELL_ID.fullmatch(cell_id):
        raise ValueError(f"cell {number} has the id {cell_id!r}; letters, digits, - and _ may stand in an id")
    metadata = {name: value for name, value in stored.get("metadata", {}).items() if name in KEPT_METADATA}
    return Cell(
        id=cell_id,
        kind=stored["cell_type"],
        source=_text(stored["source"]),
        metadata=metadata,
        outputs=tuple(stored.get("outputs", ())),
        count=stored.get("execution_count"),
    )


def _text(stored: str | list[str]) -> str:
    """A text that notebooks store as one string or as a list of lines."""
    return stored if isinstance(stored, str) else "".join(stored)


def _lines(words: str) -> list[str]:
    """A text as notebooks store it: a list of lines with their ends."""
    return re.findall(r"[^\n]*\n|[^\n]+", words)
