"""A catalogue of translations: fresh entries in, the same file with what translators wrote carried over, out.

Lessons and labq's own messages go through the same door: `merged` keeps the translation of what did not change, offers
the translation of the most similar vanished text for what did (marked fuzzy, with the text it was made for), and drops
what is gone. Nothing in the file depends on the day or the machine.
Next door: `lesson_entries` makes entries of a notebook, `messages` makes them of Python source.
Celery: no counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

import polib

from labq.lessons.comments import split_code
from labq.lessons.markdown import split_markdown
from labq.lessons.notebook import CODE, MARKDOWN, Cell, Notebook
from labq.lessons.piece import Piece

PLURALS = {
    "en": "nplurals=2; plural=(n != 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
    "zh": "nplurals=1; plural=0;",
}
FUZZY = "fuzzy"
ALIKE = 0.6
LINE = 110


class Fresh(NamedTuple):
    """A text that needs a translation, as it stands in English today.

    Attributes:
        message: the text; the singular when it counts something.
        plural: the text for other counts, "" when it counts nothing.
        places: where it stands: ids of cells, or files.
        notes: what a translator should know.
    """

    message: str
    plural: str = ""
    places: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def pieces_of(cell: Cell) -> tuple[Piece, ...]:
    """Return the pieces of a cell, whatever its kind; raw cells are one verbatim piece."""
    if cell.kind == MARKDOWN:
        return split_markdown(cell.source)
    if cell.kind == CODE:
        return split_code(cell.source, cell.translatable)
    return (Piece(cell.source),)


def lesson_entries(notebook: Notebook) -> tuple[Fresh, ...]:
    """Return what a lesson has to say, in reading order, each text once."""
    return gathered(
        Fresh(piece.text, places=(cell.id,), notes=(piece.kind,))
        for cell in notebook.cells
        for piece in pieces_of(cell)
        if piece.kind
    )


def gathered(entries: Iterable[Fresh]) -> tuple[Fresh, ...]:
    """Put entries with the same text together, with all their places and notes."""
    found: dict[str, Fresh] = {}
    for entry in entries:
        known = found.get(entry.message, Fresh(entry.message))
        found[entry.message] = Fresh(
            entry.message,
            known.plural or entry.plural,
            tuple(dict.fromkeys(known.places + entry.places)),
            tuple(dict.fromkeys(known.notes + entry.notes)),
        )
    return tuple(found.values())


def read(path: Path) -> polib.POFile:
    """Return the catalogue in a file; an empty one when there is no file."""
    return polib.pofile(str(path), wrapwidth=LINE) if path.exists() else polib.POFile(wrapwidth=LINE)


def merged(old: polib.POFile, fresh: Sequence[Fresh], lang: str) -> polib.POFile:
    """Return a catalogue of exactly the fresh entries, with what `old` can give to them."""
    new = polib.POFile(wrapwidth=LINE)
    new.metadata = {
        "Project-Id-Version": "labq",
        "Language": lang,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[lang],
    }
    known = {entry.msgid: entry for entry in old if not entry.obsolete}
    wanted = {entry.message for entry in fresh}
    vanished = [entry for entry in known.values() if entry.msgid not in wanted and is_translated(entry)]
    for entry in fresh:
        new.append(_entry(entry, known.get(entry.message), vanished, lang))
    return new


def is_translated(entry: polib.POEntry) -> bool:
    """Tell whether somebody wrote the whole translation, sure of it or not."""
    return all(entry.msgstr_plural.values()) if entry.msgstr_plural else bool(entry.msgstr)


def is_fuzzy(entry: polib.POEntry) -> bool:
    """Tell whether the translation was made for another text and nobody has looked at it since."""
    return FUZZY in entry.flags


def translator(catalogue: polib.POFile) -> Callable[[str], str]:
    """Return the look-up of a text: its translation when there is one that is sure, else the text itself."""
    sure = {entry.msgid: entry.msgstr for entry in catalogue if entry.msgstr and not is_fuzzy(entry)}
    return lambda message: sure.get(message, message)


def _entry(fresh: Fresh, known: polib.POEntry | None, vanished: Sequence[polib.POEntry], lang: str) -> polib.POEntry:
    """The entry of one fresh text: from its own old entry, from the most similar vanished one, or empty."""
    entry = polib.POEntry(
        msgid=fresh.message,
        msgid_plural=fresh.plural,
        occurrences=[(place, "") for place in fresh.places],
        comment="\n".join(fresh.notes),
        msgstr_plural=dict.fromkeys(range(forms(lang)), "") if fresh.plural else {},
    )
    giver = known or _most_alike(fresh, vanished)
    if giver is None or bool(giver.msgid_plural) != bool(fresh.plural):
        return entry
    entry.tcomment = giver.tcomment
    entry.msgstr = giver.msgstr
    entry.msgstr_plural = {n: giver.msgstr_plural.get(n, "") for n in entry.msgstr_plural}
    same = giver.msgid == fresh.message and giver.msgid_plural == fresh.plural
    if is_translated(giver) and (is_fuzzy(giver) or not same):
        entry.flags = [FUZZY]
        entry.previous_msgid = giver.previous_msgid or giver.msgid
    return entry


def forms(lang: str) -> int:
    """How many plural forms a language has."""
    return int(PLURALS[lang].removeprefix("nplurals=").split(";")[0])


def _most_alike(fresh: Fresh, vanished: Sequence[polib.POEntry]) -> polib.POEntry | None:
    """The vanished entry whose text resembles the fresh one enough that its translation is a help."""
    best, likeness = None, ALIKE
    for entry in vanished:
        matcher = SequenceMatcher(None, entry.msgid, fresh.message, autojunk=False)
        if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
            ratio = matcher.ratio()
            if ratio >= likeness:
                best, likeness = entry, ratio
    return best
