"""Looks over everything that is translated, and everything that is generated from it.

In comes a shelf; out come problems, each with the place where somebody has to look. An empty answer means: complete,
sure, fresh, in the agreed words, set as the language is set, and nothing of this machine in the stored outputs.
Next door: `sync` mends what a machine can mend.
Celery: no counterpart.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import polib

from labq.i18n import SOURCE_LANGUAGE
from labq.lessons import catalogue, glossary, notebook
from labq.lessons.comments import STRING
from labq.lessons.markdown import CODE_SPAN
from labq.lessons.messages import message_entries
from labq.lessons.notebook import CODE, Notebook
from labq.lessons.shelf import Shelf, checkout
from labq.lessons.sync import translated
from labq.lessons.typography import MASK, RULES

_ADDRESS = re.compile(r"(?<=\]\()[^)\s]+|https?://[^\s<>)\]，。；）]+")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_ENDS_A_STRING = re.compile(r"[\"'\\\n]")
_EXEMPT = re.compile(r"not a term:(.*)")
# What a run leaves in outputs that the next run, or the next machine, does not: addresses in memory, folders.
_OF_THIS_RUN = re.compile(r"0x[0-9a-f]{8,}|ipykernel_\d+|(?<![\w.~])/(?:home|root|Users|private|var/folders)/[\w./-]*")


class Problem(NamedTuple):
    """Something that a person, or `sync`, has to mend. `place` is a file and, after a colon, a text or a cell."""

    place: str
    complaint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.complaint}"


def check(lang: str | None = None, shelf: Shelf | None = None) -> tuple[Problem, ...]:
    """Return every problem of the lessons and messages, in the order of the course.

    Arguments:
        lang: the one language to look at; all of them, English included, when None.
        shelf: the checkout; this one when None.
    """
    shelf = shelf or checkout()
    return tuple(_problems(shelf, (lang,) if lang else shelf.languages))


def _problems(shelf: Shelf, languages: Iterable[str]) -> Iterator[Problem]:
    yield from _strays(shelf)
    terms = glossary.load(shelf.glossary)
    present = [lesson for lesson in shelf.lessons if shelf.notebook(SOURCE_LANGUAGE, lesson).exists()]
    sources = {lesson: notebook.read(shelf.notebook(SOURCE_LANGUAGE, lesson)) for lesson in present}
    for lang in languages:
        if lang != SOURCE_LANGUAGE:
            entries = message_entries(shelf)
            yield from _catalogue_problems(shelf, shelf.messages(lang), entries, lang, terms)
        for lesson, source in sources.items():
            path = shelf.notebook(lang, lesson)
            if lang != SOURCE_LANGUAGE:
                entries = catalogue.lesson_entries(source)
                yield from _catalogue_problems(shelf, shelf.catalogue(lang, lesson), entries, lang, terms)
                yield from _stale_notebook(shelf, path, source, lang, lesson)
            if path.exists():
                yield from _output_problems(shelf, path)


def _strays(shelf: Shelf) -> Iterator[Problem]:
    """Lessons of the course without a notebook, and notebooks outside of the course."""
    for lesson in shelf.lessons:
        if not shelf.notebook(SOURCE_LANGUAGE, lesson).exists():
            yield Problem(shelf.name(shelf.notebook(SOURCE_LANGUAGE, lesson)), "the course names this lesson; write it")
    for lang in shelf.languages:
        for path in sorted((shelf.root / "notebooks" / lang).glob("*.ipynb")):
            if path.stem not in shelf.lessons:
                yield Problem(shelf.name(path), "the course does not name it; add it to labq/lessons/course.py")


def _catalogue_problems(
    shelf: Shelf, path: Path, entries: tuple[catalogue.Fresh, ...], lang: str, terms: glossary.Glossary
) -> Iterator[Problem]:
    """What is wrong with one catalogue: old, incomplete, unsure, or wrongly worded."""
    found = catalogue.read(path)
    name = shelf.name(path)
    if not path.exists() or str(catalogue.merged(found, entries, lang)) != path.read_text("utf-8"):
        yield Problem(name, "is older than its source; run `labq lessons sync`")
    in_messages = path == shelf.messages(lang)
    for entry in found:
        place = f"{name}: {_short(entry.msgid)}"
        if not catalogue.is_translated(entry):
            yield Problem(place, "is not translated")
        elif catalogue.is_fuzzy(entry):
            yield Problem(place, "translates an older text; correct it, then remove its lines `#, fuzzy` and `#|`")
        else:
            complaints = (*_lost(entry, in_messages), *_wording(entry, lang, terms))
            yield from (Problem(place, complaint) for complaint in complaints)


def _lost(entry: polib.POEntry, in_messages: bool) -> Iterator[str]:
    """Code, addresses, tags and placeholders that a translation does not have, and code that it would break."""
    if STRING in entry.comment.splitlines() and _ENDS_A_STRING.search(entry.msgstr):
        yield "stands in a string of the code, where quotes, backslashes and line ends cannot stand"
    for source, said in _pairs(entry):
        for kind, rule in (("code", CODE_SPAN), ("address", _ADDRESS), ("tag", _TAG)):
            there = Counter(match[0] for match in rule.finditer(said))
            for mark in {match[0]: None for match in rule.finditer(source)}:
                if not there[mark]:
                    yield f"the {kind} {mark} is missing"
        if in_messages and _places(source) != _places(said):
            yield f"has the places {_listed(_places(said))}; the source has {_listed(_places(source))}"


def _wording(entry: polib.POEntry, lang: str, terms: glossary.Glossary) -> Iterator[str]:
    """Terms outside of the glossary, and typography."""
    exempt = _EXEMPT.search(entry.tcomment)
    allowed = {word.strip() for word in exempt[1].split(",")} if exempt else set()
    for source, said in _pairs(entry):
        bare, spoken = _masked(source), _masked(said)
        for term in terms.missing(bare, spoken, lang):
            if term.english[0] not in allowed:
                choice = " or ".join(term.allowed[lang])
                name = term.english[0]
                yield f"the glossary says {choice} for “{name}” (else add the comment `# not a term: {name}`)"
        yield from RULES[lang](spoken)


def _pairs(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """The English text beside each translation of it."""
    if entry.msgid_plural:
        yield from ((entry.msgid_plural, said) for said in entry.msgstr_plural.values())
    else:
        yield entry.msgid, entry.msgstr


def _masked(words: str) -> str:
    """A text whose code, addresses and tags no rule takes for words."""
    masked = CODE_SPAN.sub(MASK, words)
    masked = re.sub(r"\]\([^)\s]*\)", "]", masked)
    return re.sub(r"\{\w*\}", MASK, _ADDRESS.sub(MASK, _TAG.sub("", masked)))


def _places(message: str) -> frozenset[str]:
    """The `{names}` that a message is filled at; a brace that means itself makes none."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(message) if name is not None)
    except ValueError:
        return frozenset()


def _stale_notebook(shelf: Shelf, path: Path, source: Notebook, lang: str, lesson: str) -> Iterator[Problem]:
    """A generated notebook that generating again would change."""
    if not path.exists():
        yield Problem(shelf.name(path), "is not generated yet; run `labq lessons sync`")
        return
    wanted = translated(source, catalogue.read(shelf.catalogue(lang, lesson)), lang)
    if wanted.without_outputs() != notebook.read(path).without_outputs():
        yield Problem(shelf.name(path), "is older than its source or was edited by hand; run `labq lessons sync`")


def _output_problems(shelf: Shelf, path: Path) -> Iterator[Problem]:
    """Cells that did not run in order, and outputs that another run, or nbval, would not repeat."""
    cells = [cell for cell in notebook.read(path).cells if cell.kind == CODE and cell.source.strip()]
    if [cell.count for cell in cells] != list(range(1, len(cells) + 1)):
        yield Problem(shelf.name(path), "was not run from top to bottom; run `labq lessons sync --execute`")
    for cell in cells:
        if cell.source.rstrip().endswith(";"):
            yield Problem(f"{shelf.name(path)}: cell {cell.id}", "ends with ;, which nbval does not see: write `_ = …`")
    own = re.compile("|".join(re.escape(folder) for folder in _own_folders(shelf)))
    for cell in cells:
        content = "\n".join(str(output) for output in cell.outputs)
        traces = {match[0]: None for rule in (_OF_THIS_RUN, own) for match in rule.finditer(content)}
        for trace in traces:
            yield Problem(f"{shelf.name(path)}: cell {cell.id}", f"its output shows {trace}, which no other run shows")


def _own_folders(shelf: Shelf) -> tuple[str, ...]:
    """The folders of this machine that an output could show."""
    folders = (shelf.root, Path.home(), Path(sys.prefix), Path(tempfile.gettempdir()))
    return tuple(f"{folder}/" for folder in folders if folder != folder.parent)


def _short(message: str) -> str:
    """The beginning of a text, to find it by."""
    line = " ".join(message.split())
    return f"“{line}”" if len(line) <= 60 else f"“{line[:57]}…”"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
