"""The course: its lessons in the order in which they are read, and the languages they are read in.

Nothing comes in. Out go names, which are file names without their ending everywhere (`notebooks/<lang>/<name>.ipynb`,
`translations/<lang>/lessons/<name>.po`), and titles for menus. Next door: `shelf` turns names into paths.
Celery: no counterpart.
"""

from __future__ import annotations

from typing import NamedTuple

from labq.i18n import LANGUAGES, SOURCE_LANGUAGE, Text, text

TRANSLATIONS = tuple(lang for lang in LANGUAGES if lang != SOURCE_LANGUAGE)


class Lesson(NamedTuple):
    """One lesson: its file name without the ending, and its title as a menu says it."""

    name: str
    title: Text

    @property
    def number(self) -> str:
        """The two digits in front of the name, which learners use to ask for a lesson: "01"."""
        return self.name[:2]


COURSE = (
    Lesson("00_index", text("Where to begin")),
    Lesson("01_first_task", text("Your first task")),
    Lesson("02_laziness", text("Lazy until it is needed")),
    Lesson("03_names_and_registry", text("Names and the registry")),
    Lesson("04_configuration", text("Configuration")),
    Lesson("09_retries", text("Retries")),
)
INDEX = COURSE[0]
