"""The language of the command line: that of ``--lang``, wherever it stands, else that of LABQ_LANG, else English.

Help has to be written before click has read the words, so the words are looked through first.
Comes in: the words of the command line. Goes out: the words of a language.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import click

from labq.i18n import LANGUAGES, Words, spoken, words

OPTION = "--lang"


def chosen_words(argv: Sequence[str]) -> Words:
    """Return the words of the language that *argv* chooses."""
    said = [value for name, value in pairwise(argv) if name == OPTION]
    said += [word.removeprefix(f"{OPTION}=") for word in argv if word.startswith(f"{OPTION}=")]
    known = [lang for lang in said if lang in LANGUAGES]  # about another one click complains
    return words(known[-1]) if known else spoken()


def lang_option(spoken_here: Words) -> click.Option:
    """Return the option ``--lang``."""
    return click.Option(
        [OPTION],
        type=click.Choice(LANGUAGES),
        default=spoken_here.lang,
        show_default=True,
        help=spoken_here.gettext("The language."),
    )
