"""A catalogue: the translations of one language, read from a ``.po`` file.

Comes in: the path of a ``.po`` file. Goes out: ``gettext.GNUTranslations``, the standard library's look-up.
Next door: ``labq.i18n`` asks for it, once for each language that somebody really speaks.
Celery: none; Celery speaks English only.

The standard library reads compiled catalogues (``.mo``) only. To commit compiled files would mean binaries that no
person can review, that collide whenever two people translate at once, and that go stale in silence. To compile them
while installing would leave an editable install without any. So the source itself is read: a few milliseconds, once.
It is put into the compiled form in memory, because that form is the public way into ``gettext``, plural rules included.
"""

from __future__ import annotations

import ast
import gettext
import io
import re
import struct
from collections.abc import Iterator
from pathlib import Path

_LINE = re.compile(r'(?:(?P<keyword>msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d+\])\s+)?(?P<string>"(?:[^"\\]|\\.)*")')
_CONTEXT_END = "\x04"
_FORM_END = "\x00"
_MAGIC = 0x950412DE
_HEADER_WORDS = 7


def read_catalogue(path: Path) -> gettext.GNUTranslations:
    """Read the ``.po`` file at *path*.

    Entries that are marked fuzzy, obsolete or left empty are treated as not translated.

    Raises:
        OSError: when the file cannot be read.
        ValueError: when a line is no line of a catalogue; the text names the file and the line.
    """
    texts: dict[str, str] = {}
    for entry in _entries(path):
        forms = [value for keyword, value in entry.items() if keyword.startswith("msgstr")]
        if all(forms):
            key = entry["msgid"]
            if "msgid_plural" in entry:
                key += _FORM_END + entry["msgid_plural"]
            if "msgctxt" in entry:
                key = entry["msgctxt"] + _CONTEXT_END + key
            texts[key] = _FORM_END.join(forms)
    return gettext.GNUTranslations(io.BytesIO(_compiled(texts)))


def _entries(path: Path) -> Iterator[dict[str, str]]:
    """Yield each live entry as ``{keyword: text}``, in the order of the file."""
    entry: dict[str, str] = {}
    keyword = ""
    fuzzy = entry_is_fuzzy = False
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None or not (match["keyword"] or keyword):
            msg = f"{path}:{number}: no line of a catalogue: {line}"
            raise ValueError(msg)
        if match["keyword"] in {"msgctxt", "msgid"} and "msgstr" in keyword:
            if not entry_is_fuzzy:
                yield entry
            entry = {}
        if match["keyword"]:
            keyword = match["keyword"]
            if not entry:
                entry_is_fuzzy, fuzzy = fuzzy, False
        entry[keyword] = entry.get(keyword, "") + ast.literal_eval(match["string"])
    if entry and not entry_is_fuzzy:
        yield entry


def _compiled(texts: dict[str, str]) -> bytes:
    """Return *texts* in the binary form of GNU gettext (section "The Format of GNU MO Files" of its manual)."""
    pairs = sorted((key.encode(), value.encode()) for key, value in texts.items())
    tables_at = _HEADER_WORDS * 4
    strings_at = tables_at + 2 * 8 * len(pairs)
    strings = b""
    tables: list[int] = []
    for column in (0, 1):
        for pair in pairs:
            tables += [len(pair[column]), strings_at + len(strings)]
            strings += pair[column] + b"\0"
    header = [_MAGIC, 0, len(pairs), tables_at, tables_at + 8 * len(pairs), 0, strings_at]
    return struct.pack(f"<{len(header) + len(tables)}I", *header, *tables) + strings
