"""The languages of the lab: what is found, what is counted, and what happens when there is nothing."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from labq import i18n
from labq.catalogue import read_catalogue
from labq.i18n import LANGUAGES, Text, Words, default_language, ntext, speak, spoken, text, words

TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"
KNOWN = "Celery would call the receiver again for ever, and the sender of the signal would wait."


@pytest.fixture(autouse=True)
def _nothing_spoken():
    """Begin and end with no language chosen."""
    i18n._last.clear()
    yield
    i18n._last.clear()


def test_english_is_said_as_it_is_written():
    """The source language needs no catalogue."""
    assert words("en").gettext("Anything at all") == "Anything at all"
    assert [words("en").ngettext("{count} task", "{count} tasks", n) for n in (1, 2)] == [
        "{count} task",
        "{count} tasks",
    ]


@pytest.mark.parametrize(("lang", "letters"), [("ru", "[а-яё]"), ("zh", "[\u4e00-\u9fff]")])
def test_a_clone_speaks_as_it_is(lang, letters):
    """Without any step of compiling or installing, a known sentence comes out in letters of the language."""
    assert re.search(letters, words(lang).gettext(KNOWN))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_that_nobody_translated_is_said_in_english(lang):
    """Better English than nothing."""
    assert words(lang).gettext("Nobody has ever written this.") == "Nobody has ever written this."


def test_nothing_is_not_the_header_of_the_catalogue():
    """A catalogue keeps its header under the empty text; an empty text of the user's must not show it."""
    assert [words(lang).gettext("") for lang in LANGUAGES] == ["", "", ""]


def test_a_sentence_is_filled_when_it_is_said():
    """The places are filled after the look-up, so that a language may put them in another order."""
    assert words("en").say(text("{queue} waits for {worker}", queue="q", worker="w")) == "q waits for w"
    assert words("en").say(ntext("{count} task in {queue}", "{count} tasks in {queue}", 2, queue="q")) == "2 tasks in q"


def test_braces_mean_themselves_where_nothing_is_filled():
    """A hint may show a dict."""
    assert words("en").say(text("write {'a': 1}")) == "write {'a': 1}"
    assert words("en").say("plain {text}") == "plain {text}"


@pytest.mark.parametrize(
    ("lang", "forms"),
    [
        ("ru", {1: 0, 2: 1, 4: 1, 5: 2, 11: 2, 12: 2, 14: 2, 21: 0, 22: 1, 25: 2, 101: 0, 111: 2, 0: 2}),
        ("zh", {0: 0, 1: 0, 2: 0, 5: 0, 21: 0}),
    ],
)
def test_each_language_counts_in_its_own_way(tmp_path, lang, forms):
    """Russian has three forms and Chinese one; the rule stands in the catalogue of the language itself."""
    names = [f'msgstr[{number}] "form {number}"' for number in range(max(forms.values()) + 1)]
    header = (TRANSLATIONS / lang / "LC_MESSAGES" / "labq.po").read_text(encoding="utf-8").split("\n\n")[0]
    path = tmp_path / "labq.po"
    path.write_text("\n".join([header, "", 'msgid "one"', 'msgid_plural "many"', *names]), encoding="utf-8")
    catalogue = read_catalogue(path)
    assert {count: catalogue.ngettext("one", "many", count) for count in forms} == {
        count: f"form {form}" for count, form in forms.items()
    }


def test_an_unknown_language_is_refused_with_the_known_ones():
    """The error says what could have been meant."""
    with pytest.raises(ValueError, match="does not speak 'fr'; it speaks en, ru, zh"):
        words("fr")


def test_a_language_that_is_refused_is_not_spoken():
    """The one before it goes on."""
    speak("ru")
    with pytest.raises(ValueError, match="fr"):
        speak("fr")
    assert spoken() == words("ru")


def test_words_are_read_once_and_equal_by_language():
    """Views compare equal when they say the same in the same language."""
    assert words("ru") is words("ru")
    assert (Words("ru") == words("ru"), words("ru") == words("zh"), len({Words("ru"), words("ru")})) == (True, False, 1)


def test_the_default_is_english_or_what_the_environment_says(monkeypatch):
    """LABQ_LANG, and not the locale of the process; empty is as good as unset."""
    assert default_language() == "en"
    monkeypatch.setenv("LABQ_LANG", "zh")
    assert (default_language(), spoken().lang) == ("zh", "zh")
    monkeypatch.setenv("LABQ_LANG", "")
    assert default_language() == "en"


def test_an_error_can_be_printed_whatever_the_environment_says(monkeypatch):
    """A wrong LABQ_LANG is refused where a lab is made, and not while an error is being shown."""
    monkeypatch.setenv("LABQ_LANG", "tlh")
    assert (default_language(), spoken().lang) == ("tlh", "en")


def test_what_is_spoken_is_what_was_chosen_last():
    """The current lab chooses."""
    speak("ru")
    assert spoken().lang == "ru"
    speak("en")
    assert str(text("Say {it}", it="so")) == "Say so"


def test_a_sentence_is_a_value():
    """It can be compared, used as a key, and pickled."""
    one, same = text("about {x}", x=1), Text("about {x}", values={"x": 1})
    assert (one == same, hash(one) == hash(same), one != text("about {x}", x=2)) == (True, True, True)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - what was pickled a moment ago


def test_no_catalogue_is_read_before_somebody_speaks():
    """Importing labq's languages costs no reading: the catalogues are opened at the first word."""
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda name, args: opened.append(str(args[0])) if name == 'open' else None)\n"
        "from labq import exceptions, i18n\n"
        "early = [path for path in opened if path.endswith('labq.po')]\n"
        "i18n.words('ru')\n"
        "print(len(early), len([path for path in opened if path.endswith('labq.po')]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "1"]
