"""The reader of ``.po`` files, held to the library that everybody else reads them with."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest

from labq.catalogue import read_catalogue

TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"

SAMPLE = r"""
# A comment of the translator.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: labq/some.py
#. a note
msgid "one line"
msgstr "eine Zeile"

msgid ""
"over "
"lines\n"
msgstr ""
"über "
"Zeilen\n"
msgid "no blank line \"before\" \\ and a tab\t"
msgstr "keine \"Leerzeile\" \\ davor\t"

#, python-brace-format
msgid "{count} task"
msgid_plural "{count} tasks"
msgstr[0] "{count} Aufgabe"
msgstr[1] "{count} Aufgaben"

#, fuzzy
#| msgid "older"
msgid "guessed"
msgstr "geraten"

msgid "open"
msgstr ""

msgid "half open"
msgid_plural "half opens"
msgstr[0] "halb offen"
msgstr[1] ""

msgctxt "verb"
msgid "queue"
msgstr "einreihen"

msgid "queue"
msgstr "Warteschlange"

#~ msgid "gone"
#~ msgstr "fort"
"""


@pytest.fixture
def sample(tmp_path):
    """A catalogue with everything that a .po file may hold."""
    path = tmp_path / "labq.po"
    path.write_text(SAMPLE, encoding="utf-8")
    return path


def test_a_translation_is_found(sample):
    """On one line, over several, with escapes, with or without a blank line before."""
    catalogue = read_catalogue(sample)
    assert catalogue.gettext("one line") == "eine Zeile"
    assert catalogue.gettext("over lines\n") == "über Zeilen\n"
    assert catalogue.gettext('no blank line "before" \\ and a tab\t') == 'keine "Leerzeile" \\ davor\t'


def test_what_is_guessed_open_or_gone_is_not_translated(sample):
    """A fuzzy entry is a suggestion to the translator; nobody shall read it."""
    catalogue = read_catalogue(sample)
    for message in ("guessed", "open", "half open", "gone"):
        assert catalogue.gettext(message) == message


def test_plural_forms_and_contexts_are_kept(sample):
    """The rule of the header chooses the form."""
    catalogue = read_catalogue(sample)
    assert [catalogue.ngettext("{count} task", "{count} tasks", n) for n in (1, 2)] == [
        "{count} Aufgabe",
        "{count} Aufgaben",
    ]
    assert (catalogue.pgettext("verb", "queue"), catalogue.gettext("queue")) == ("einreihen", "Warteschlange")


@pytest.mark.parametrize("broken", ['msgid "unclosed', "msgid nothing", '"text of nobody"', 'msgfoo "bar"'])
def test_a_broken_line_is_named(tmp_path, broken):
    """The error points to the file and the line, as a compiler would."""
    path = tmp_path / "labq.po"
    path.write_text(f"# first\n{broken}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"labq\.po:2: no line of a catalogue"):
        read_catalogue(path)


@pytest.mark.parametrize("path", sorted(TRANSLATIONS.glob("*/LC_MESSAGES/labq.po")), ids=lambda path: path.parts[-3])
def test_the_projects_catalogues_read_as_polib_reads_them(path):
    """Each translated entry is found, and none that is not."""
    catalogue = read_catalogue(path)
    for entry in polib.pofile(str(path)):
        if not entry.msgid_plural:
            assert catalogue.gettext(entry.msgid) == (entry.msgstr if entry.translated() else entry.msgid)
        elif entry.translated():
            found = {catalogue.ngettext(entry.msgid, entry.msgid_plural, count) for count in range(200)}
            assert found == set(entry.msgstr_plural.values())
