"""Brings translations and generated notebooks up to date with the English lessons.

In comes a shelf; out come rewritten files, and a report of what changed and what waits for a translator. Translated
notebooks have the cells, ids and code of the English one; markdown, comments and marked strings are in the language,
and so is the lab: `%labq lang en` and `lang="en"` name the notebook's own language in each. What nobody has
translated yet stays English, so that a lesson can be read and run at any time.
Next door: `catalogue` keeps translations, `execute` runs, `checks` judges.
Celery: no counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import polib

from labq.exceptions import LabError
from labq.i18n import SOURCE_LANGUAGE, text
from labq.lessons import catalogue, notebook
from labq.lessons.comments import without_words
from labq.lessons.execute import executed
from labq.lessons.messages import update_catalogues
from labq.lessons.notebook import CODE, Cell, Notebook, write_text
from labq.lessons.piece import Piece, joined
from labq.lessons.shelf import Shelf, checkout

_LANGUAGE_NAMED = re.compile(
    r"(?P<before>^%labq lang |\blang=(?P<quote>[\"']))en(?(quote)(?P=quote)|(?=\s|$))", re.MULTILINE
)


@dataclass(frozen=True)
class Report:
    """What a sync did.

    Attributes:
        written: files that changed, by their path from the root.
        waiting: by catalogue, how many texts have no sure translation.
    """

    written: tuple[str, ...]
    waiting: dict[str, int]


def sync(
    lang: str | None = None, execute: bool = False, only: Collection[str] = (), shelf: Shelf | None = None
) -> Report:
    """Update catalogues from the English lessons and from labq's source, then generate the notebooks.

    Arguments:
        lang: one language; all when None. English has nothing to generate and is only executed.
        execute: run the notebooks and store their outputs.
        only: lessons by name ("01_first_task"); all when empty.
        shelf: the checkout; this one when None.

    Raises:
        LabError: for an unknown language or lesson, and for a lesson that does not run.
    """
    shelf = shelf or checkout()
    lessons = _chosen(shelf, lang, only)
    languages = (lang,) if lang else shelf.languages
    written: list[Path] = []
    for here in languages:
        if here != SOURCE_LANGUAGE:
            written += update_catalogues(here, shelf)
        for lesson in lessons:
            written += _sync_lesson(shelf, here, lesson, execute)
    return Report(tuple(shelf.name(path) for path in written), _waiting(shelf, languages, lessons))


def translated(source: Notebook, words: polib.POFile, lang: str) -> Notebook:
    """Return an English notebook in another language, without outputs."""
    translate = catalogue.translator(words)
    return Notebook(
        tuple(
            replace(cell, source=joined(_in_language(cell, lang), translate), outputs=(), count=None)
            for cell in source.cells
        )
    )


def _chosen(shelf: Shelf, lang: str | None, only: Collection[str]) -> tuple[str, ...]:
    """The lessons to work on, in the order of the course: those asked for, or all that are written."""
    if lang is not None and lang not in shelf.languages:
        raise LabError(f"There are no lessons in {lang!r}; there are in {', '.join(shelf.languages)}")
    written = tuple(lesson for lesson in shelf.lessons if shelf.notebook(SOURCE_LANGUAGE, lesson).exists())
    unknown = sorted(set(only) - set(written))
    if unknown:
        raise LabError(
            f"There is no lesson {', '.join(unknown)}; there are {', '.join(written)}",
            hint=text("A new lesson is named in labq/lessons/course.py and lies in notebooks/en."),
        )
    return tuple(lesson for lesson in written if not only or lesson in only)


def _sync_lesson(shelf: Shelf, lang: str, lesson: str, execute: bool) -> list[Path]:
    """Updates one lesson in one language; the files that changed."""
    source = notebook.read(shelf.notebook(SOURCE_LANGUAGE, lesson))
    path = shelf.notebook(lang, lesson)
    written = []
    if lang == SOURCE_LANGUAGE:
        wanted = source
    else:
        catalogue_path = shelf.catalogue(lang, lesson)
        words = catalogue.merged(catalogue.read(catalogue_path), catalogue.lesson_entries(source), lang)
        written += [catalogue_path] if write_text(catalogue_path, str(words)) else []
        wanted = translated(source, words, lang)
    if execute:
        wanted = executed(wanted, path.parent, lang, shelf.name(path))
    elif lang != SOURCE_LANGUAGE and path.exists():
        wanted = _with_outputs(wanted, notebook.read(path))
    if execute or lang != SOURCE_LANGUAGE:
        written += [path] if write_text(path, wanted.dumps()) else []
    return written


def _with_outputs(wanted: Notebook, before: Notebook) -> Notebook:
    """Outputs of an earlier run, when the notebook still runs the same code; none otherwise."""
    if [_code(cell) for cell in wanted.cells] != [_code(cell) for cell in before.cells]:
        return wanted
    pairs = zip(wanted.cells, before.cells, strict=True)
    return Notebook(tuple(replace(cell, outputs=old.outputs, count=old.count) for cell, old in pairs))


def _code(cell: Cell) -> str:
    """What a cell runs. Strings that differ by language count: they show in outputs."""
    return without_words(cell.source) if cell.kind == CODE else ""


def _in_language(cell: Cell, lang: str) -> tuple[Piece, ...]:
    """The pieces of a cell, with code that names the notebook's language naming `lang`."""
    pieces = catalogue.pieces_of(cell)
    if cell.kind != CODE:
        return pieces
    return tuple(piece if piece.kind else piece._replace(text=_named(piece.text, lang)) for piece in pieces)


def _named(code: str, lang: str) -> str:
    return _LANGUAGE_NAMED.sub(lambda match: f"{match['before']}{lang}{match['quote'] or ''}", code)


def _waiting(shelf: Shelf, languages: Collection[str], lessons: Collection[str]) -> dict[str, int]:
    """How many entries of each catalogue wait for a translator; catalogues that are done are left out."""
    paths = [
        path
        for lang in languages
        if lang != SOURCE_LANGUAGE
        for path in (shelf.messages(lang), *(shelf.catalogue(lang, lesson) for lesson in lessons))
    ]
    counts = {
        shelf.name(path): sum(
            not catalogue.is_translated(entry) or catalogue.is_fuzzy(entry) for entry in catalogue.read(path)
        )
        for path in paths
    }
    return {name: count for name, count in counts.items() if count}
