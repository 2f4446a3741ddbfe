"""The glossary: one translation per term, in each lesson and each message.

In comes `translations/glossary.toml`; out goes, for a text and its translation, which terms of the text are missing in
the translation. Russian bends its words, so a Russian term is a list of stems; Chinese does not, so a Chinese one is
looked for as it is. Next door: `checks` asks, for each entry of each catalogue.
Celery: no counterpart.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Term:
    """One term.

    Attributes:
        english: its forms as they stand in English, the plain one first.
        preferred: by language, the translation that a person reads.
        allowed: by language, what may stand for it: in Russian stems of words ("ключ маршрутизаци"), in Chinese words.
    """

    english: tuple[str, ...]
    preferred: dict[str, str]
    allowed: dict[str, tuple[str, ...]]

    @cached_property
    def _in_english(self) -> re.Pattern[str]:
        forms = "|".join(re.escape(form) for form in self.english)
        return re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])", re.IGNORECASE)

    def stands_in(self, message: str) -> bool:
        """Tell whether an English text, without its code, uses the term."""
        return bool(self._in_english.search(message))

    def is_said_in(self, translation: str, lang: str) -> bool:
        """Tell whether one of the allowed translations stands in a text."""
        said = _folded(translation)
        if lang == "zh":
            return any(_folded(form) in said for form in self.allowed[lang])
        return any(_stems(form).search(said) for form in self.allowed[lang])


@dataclass(frozen=True)
class Glossary:
    """The terms, in the order of the file."""

    terms: tuple[Term, ...] = ()

    def missing(self, message: str, translation: str, lang: str) -> tuple[Term, ...]:
        """Return the terms that an English text uses and its translation does not say in the agreed words.

        Both texts come without code spans, addresses and tags: names in code are no terms.
        """
        used = (term for term in self.terms if term.stands_in(message))
        return tuple(term for term in used if not term.is_said_in(translation, lang))


def load(path: Path) -> Glossary:
    """Return the glossary in a file; an empty one when there is none."""
    if not path.exists():
        return Glossary()
    rows = tomllib.loads(path.read_text("utf-8"))["term"]
    return Glossary(
        tuple(
            Term(
                english=(row["en"], *row.get("en_forms", ())),
                preferred={"ru": row["ru"], "zh": row["zh"]},
                allowed={"ru": tuple(row["ru_stems"]), "zh": (row["zh"], *row.get("zh_forms", ()))},
            )
            for row in rows
        )
    )


def _stems(form: str) -> re.Pattern[str]:
    """Words that begin as those of `form` do, in order; two may stand between: «вернёт задачу в очередь»."""
    words = (re.escape(_folded(stem)) + r"\w*" for stem in form.split())
    return re.compile(r"(?<!\w)" + r"(?:\W+\w+){0,2}?\W+".join(words))


def _folded(words: str) -> str:
    """Words for comparison: small letters, and ё as е, which is another check's business."""
    return words.lower().replace("ё", "е")
