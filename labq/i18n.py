"""The languages of the lab: what it says to a person, in English, Russian or Chinese.

Comes in: English sentences. Goes out: the same sentences in a language.
Next door: ``labq.catalogue`` reads the translations; ``labq.exceptions`` and the views ask for words.
Celery: none; Celery speaks English only.

English is the source and needs no catalogue. A sentence without a translation is said in English.
Only what is *said* is translated: names of the API, states, settings and the texts of Celery's exceptions stay English.
Catalogues lie in the checkout's ``translations/`` folder, and in a wheel as ``labq/translations/``; no step of
compiling stands between them and the reader, so a clone speaks Russian as it is (the reason is in ``labq.catalogue``).
Nothing is read before a sentence is asked for in that language: ``import labq`` stays cheap.

Babel finds the sentences by the names of the functions: ``gettext``, ``ngettext:1,2``, ``text``, ``ntext:1,2``.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from labq.catalogue import read_catalogue

LANGUAGES = ("en", "ru", "zh")
"""The languages that the lab speaks."""

SOURCE_LANGUAGE = "en"
"""The language in which the sentences are written."""


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence that has still to be said. Made by ``text`` and ``ntext``, so that Babel finds it.

    Attributes:
        message: the English sentence; with a count of one, when it counts something.
        plural: the English sentence for any other count.
        count: how many there are.
        values: what fills the ``{name}`` places of the sentence.
    """

    message: str
    plural: str | None = None
    count: int | None = None
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return spoken().say(self)


def text(message: str, /, **values: object) -> Text:
    """Return the sentence *message*, to be said later.

    Arguments:
        message: English, with ``{name}`` places. Without *values* its braces mean themselves.
        values: what fills the places.
    """
    return Text(message, values=values)


def ntext(singular: str, plural: str, count: int, /, **values: object) -> Text:
    """Return a sentence that counts something, to be said later.

    Arguments:
        singular: English for a count of one; ``{count}`` may stand in it.
        plural: English for any other count.
        count: how many there are. Each language chooses its form by it: Russian has three, Chinese one.
        values: what fills the other ``{name}`` places.
    """
    return Text(singular, plural, count, {"count": count, **values})


@dataclass(frozen=True)
class Words:
    """The look-up of one language. Two are equal when their language is.

    Arguments:
        lang: "en", "ru" or "zh".

    Raises:
        ValueError: for another language.
    """

    lang: str
    _catalogue: gettext.NullTranslations = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            msg = f"labq does not speak {self.lang!r}; it speaks {', '.join(LANGUAGES)}."
            raise ValueError(msg)
        object.__setattr__(self, "_catalogue", _catalogue_of(self.lang))

    def gettext(self, message: str) -> str:
        """Return *message* in this language, or as it is when nobody has translated it."""
        return self._catalogue.gettext(message) if message else ""  # "" is the key of the catalogue's own header

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return the form for *count* in this language; the places in it are not filled."""
        return self._catalogue.ngettext(singular, plural, count)

    def say(self, sentence: Text | str) -> str:
        """Return *sentence* in this language with its places filled."""
        if isinstance(sentence, str):
            return self.gettext(sentence)
        if sentence.plural is None or sentence.count is None:
            said = self.gettext(sentence.message)
        else:
            said = self.ngettext(sentence.message, sentence.plural, sentence.count)
        return said.format(**sentence.values) if sentence.values else said


def _catalogue_of(lang: str) -> gettext.NullTranslations:
    if lang != SOURCE_LANGUAGE:
        package = Path(__file__).parent
        for home in (package / "translations", package.parent / "translations"):
            path = home / lang / "LC_MESSAGES" / "labq.po"
            if path.is_file():
                return read_catalogue(path)
    return gettext.NullTranslations()


@cache
def words(lang: str) -> Words:
    """Return the look-up of *lang*; its catalogue is read once in a process.

    Raises:
        ValueError: for a language that the lab does not speak; the text names those that it does.
    """
    return Words(lang)


def default_language() -> str:
    """Return the language of a lab that was given none: that of the environment variable LABQ_LANG, else English."""
    return os.environ.get("LABQ_LANG") or SOURCE_LANGUAGE


_last: list[Words] = []


def speak(lang: str) -> None:
    """Make *lang* the language of sentences that belong to no view, such as the hint of an error.

    Called by the current lab, which owns the choice.

    Raises:
        ValueError: for a language that the lab does not speak.
    """
    _last[:] = [words(lang)]


def spoken() -> Words:
    """Return the words last spoken; before any, those of the default language.

    An error must be printable whatever LABQ_LANG holds, so an unknown language there means English here.
    """
    if _last:
        return _last[0]
    lang = default_language()
    return words(lang if lang in LANGUAGES else SOURCE_LANGUAGE)
