"""A small course in a temporary folder: one lesson of a few cells, with its shelf."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polib
import pytest

from labq.lessons.notebook import Cell, Notebook, read
from labq.lessons.shelf import Shelf

LESSON = "01_tiny"


@dataclass(frozen=True)
class Course:
    """The course, with what a lesson writer and a translator do to it."""

    shelf: Shelf

    def notebook(self, lang: str = "en") -> Notebook:
        """The lesson as it lies on the shelf."""
        return read(self.shelf.notebook(lang, LESSON))

    def write(self, *cells: Cell) -> None:
        """Writes the English lesson, as a person would."""
        path = self.shelf.notebook("en", LESSON)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Notebook(cells).dumps(), "utf-8")

    def change(self, cell_id: str, old: str, new: str) -> None:
        """Edits one cell of the English lesson."""
        cells = self.notebook().cells
        assert any(old in cell.source for cell in cells if cell.id == cell_id)
        self.write(
            *(
                Cell(cell.id, cell.kind, cell.source.replace(old, new), cell.metadata, cell.outputs, cell.count)
                if cell.id == cell_id
                else cell
                for cell in cells
            )
        )

    def catalogue(self, lang: str) -> polib.POFile:
        """The translator's file."""
        return polib.pofile(str(self.shelf.catalogue(lang, LESSON)), wrapwidth=110)

    def translate(self, lang: str, translations: dict[str, str]) -> None:
        """Writes translations into the file, as a translator would, and is sure of them."""
        self._fill(self.shelf.catalogue(lang, LESSON), translations)

    def translate_messages(self, lang: str, translations: dict[str, str]) -> None:
        """Does the same in the catalogue of messages."""
        self._fill(self.shelf.messages(lang), translations)

    @staticmethod
    def _fill(path: Path, translations: dict[str, str]) -> None:
        catalogue = polib.pofile(str(path), wrapwidth=110)
        for entry in catalogue:
            if entry.msgid in translations:
                entry.msgstr = translations[entry.msgid]
                entry.flags, entry.previous_msgid = [], None
        catalogue.save(str(path))


@pytest.fixture
def course(tmp_path) -> Course:
    """A course of one lesson whose translations are still to be made."""
    (tmp_path / "labq").mkdir()
    (tmp_path / "labq" / "hints.py").write_text('HINT = text("Start a worker.")\n', "utf-8")
    made = Course(Shelf(tmp_path, lessons=(LESSON,)))
    made.write(
        Cell(
            "title",
            "markdown",
            "# The first task\n\nA task waits in a `queue`.\n\n- See [the index](00_index.ipynb)",
            {},
        ),
        Cell("run", "code", "import os\n\n# say the language\nprint(os.environ['LABQ_LANG'])", {}),
        Cell(
            "sum",
            "code",
            '%load_ext autoreload\nword = "six"  # a word\n[word, 6 * 7]',
            {"labq": {"translate": ["six"]}},
        ),
    )
    return made


RUSSIAN = {
    "The first task": "Первая задача",
    "A task waits in a `queue`.": "Задача ждёт в `queue`.",
    "See [the index](00_index.ipynb)": "Смотрите [оглавление](00_index.ipynb)",
    "say the language": "называем язык",
    "six": "шесть",
    "a word": "слово",
}
CHINESE = {
    "The first task": "第一个任务",
    "A task waits in a `queue`.": "任务在`queue`中等待。",
    "See [the index](00_index.ipynb)": "参见[目录](00_index.ipynb)",
    "say the language": "输出语言",
    "six": "六",
    "a word": "一个词",
}


@pytest.fixture
def translations() -> dict[str, dict[str, str]]:
    """What the translators write for the lesson, by language."""
    return {"ru": RUSSIAN, "zh": CHINESE}
