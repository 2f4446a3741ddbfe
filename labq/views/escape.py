r"""Text from users, made harmless and short before anybody sees it.

Comes in: any text: names of tasks, arguments, hostnames, texts of exceptions. Goes out: one visible line.
Next door: every view; nothing that a user wrote reaches a page without passing here.
Celery: ``celery.utils.saferepr`` cuts, ``kombu.utils.url.maybe_sanitize_url`` masks.

Control characters, marks that turn the direction of writing, and lone surrogates are shown as escapes (``\u202e``):
they can otherwise hide what a line says, or cannot be written to a page at all.
"""

from __future__ import annotations

import html
import re
import unicodedata

LONGEST = 80
"""How many characters of a user's text a view shows, unless it says otherwise."""

_AHEAD = 2048
"""How far behind the cut the end of a secret is looked for."""

_PASSWORD = re.compile(r"(?<=://)([^\s/@:]{0,256}):[^\s@]{0,1024}@")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})
_JOINERS = "\u200c\u200d"  # zero-width joiners shape letters of living scripts and turn nothing around


def mask(text: str) -> str:
    """Return *text* with the passwords in its addresses hidden.

    >>> mask("amqp://ann:secret@host//")
    'amqp://ann:**@host//'
    """
    return _PASSWORD.sub(r"\1:**@", text)


def tidy(value: object, longest: int = LONGEST) -> str:
    """Return *value* as one line that can be read: passwords masked, the invisible made visible, the rest cut.

    Arguments:
        value: anything; its ``str()`` is shown.
        longest: how many characters to show at most, the mark of the cut included.
    """
    text = mask(str(value)[: longest + _AHEAD])
    if not text.isascii() or not text.isprintable():
        text = "".join(_visible(character) for character in text[: longest + 1])
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _visible(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if unicodedata.category(character) in _UNSEEN:
        return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return character


def escape(value: object, longest: int = LONGEST) -> str:
    """Return *value* tidied and fit to stand in HTML, as text or as an attribute."""
    return html.escape(tidy(value, longest))
