"""The catalogue of labq's own words: views, hints, verdicts, answers of magics.

In come the Python sources, read by Babel; out goes `translations/<lang>/LC_MESSAGES/labq.po`, which `labq.i18n` reads
as it is: there is nothing to compile. Next door: `catalogue` carries translations over, `checks` judges them.
Celery: no counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir

from labq.lessons.catalogue import Fresh, gathered, merged, read
from labq.lessons.notebook import write_text
from labq.lessons.shelf import Shelf, checkout

KEYWORDS = {"gettext": None, "ngettext": (1, 2), "text": None, "ntext": (1, 2)}
NOTE = "Translators:"


def message_entries(shelf: Shelf) -> tuple[Fresh, ...]:
    """Return what labq says to people, in the order of its files; a comment `# Translators: …` is a note."""
    return gathered(_extracted(shelf))


def update_catalogues(lang: str | None = None, shelf: Shelf | None = None) -> tuple[Path, ...]:
    """Bring the catalogues of messages up to date with the source.

    Arguments:
        lang: one language; all translations when None.
        shelf: the checkout; this one when None.

    Returns:
        The files that changed.
    """
    shelf = shelf or checkout()
    fresh = message_entries(shelf)
    paths = {lang: shelf.messages(lang) for lang in ((lang,) if lang else shelf.translations)}
    return tuple(path for lang, path in paths.items() if write_text(path, str(merged(read(path), fresh, lang))))


def _extracted(shelf: Shelf) -> Iterator[Fresh]:
    """Each call as Babel finds it. Places are files without line numbers, which every edit would change."""
    # Babel walks folders in the order of the file system, which differs between machines.
    found = sorted(
        extract_from_dir(shelf.package, [("**.py", "python")], keywords=KEYWORDS, comment_tags=(NOTE,)),
        key=lambda row: row[:2],
    )
    for file, _line, message, notes, _context in found:
        place = f"{shelf.package.name}/{Path(file).as_posix()}"
        words = [message] if isinstance(message, str) else list(message)
        if words and words[0]:
            spoken = tuple(note.removeprefix(NOTE).strip() for note in notes)
            yield Fresh(words[0], words[1] if len(words) > 1 else "", (place,), spoken)
