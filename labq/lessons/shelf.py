"""The shelf: where a checkout keeps each lesson and each catalogue.

In comes the checkout's root and the list of lessons; out go paths. Tests put a small shelf of their own in a temporary
folder. Next door: everything that reads or writes lessons for authors. Learners have no shelf: see `copying`.
Celery: no counterpart.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labq.exceptions import LabError
from labq.i18n import SOURCE_LANGUAGE, text
from labq.lessons.course import COURSE, TRANSLATIONS


@dataclass(frozen=True)
class Shelf:
    """The folders of one checkout.

    Attributes:
        root: the folder that holds `notebooks/`, `translations/` and `labq/`.
        lessons: names in the order of the course.
        translations: the languages other than English.
    """

    root: Path
    lessons: tuple[str, ...] = tuple(lesson.name for lesson in COURSE)
    translations: tuple[str, ...] = TRANSLATIONS

    @property
    def languages(self) -> tuple[str, ...]:
        """English first, then the languages it is translated into."""
        return (SOURCE_LANGUAGE, *self.translations)

    def notebook(self, lang: str, lesson: str) -> Path:
        """Where the notebook of a lesson lies."""
        return self.root / "notebooks" / lang / f"{lesson}.ipynb"

    def catalogue(self, lang: str, lesson: str) -> Path:
        """Where the translation of a lesson's paragraphs lies."""
        return self.root / "translations" / lang / "lessons" / f"{lesson}.po"

    def messages(self, lang: str) -> Path:
        """Where the translation of labq's own messages lies."""
        return self.root / "translations" / lang / "LC_MESSAGES" / "labq.po"

    @property
    def package(self) -> Path:
        """The source that messages are extracted from."""
        return self.root / "labq"

    @property
    def glossary(self) -> Path:
        """The terms and their translations."""
        return self.root / "translations" / "glossary.toml"

    def name(self, path: Path) -> str:
        """A path as reports show it: from the root, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def checkout() -> Shelf:
    """Return the shelf of the checkout that this package is imported from.

    Raises:
        LabError: when labq is installed from a wheel; there is nothing to translate then.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "notebooks").is_dir() or not (root / "translations").is_dir():
        raise LabError(
            f"There is no checkout of labq at {root}",
            hint=text("Lessons are written and translated in a clone of the repository, installed with pip's -e."),
        )
    return Shelf(root)
