"""What every view is: a frozen value that can write itself as text and as HTML.

Comes in: a snapshot (or records), a selection, and the words of a language. Goes out: text for terminals, HTML for
notebooks; Jupyter asks for both at once.
Next door: below, ``labq.snapshot``; above, ``labq.lab`` makes views and returns them.
Celery: none; Flower draws pages of this kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from labq.i18n import Words
from labq.views.style import STYLE


class View(ABC):
    """Something to look at. Each view is a frozen dataclass that has ``words``."""

    words: Words

    @abstractmethod
    def text(self) -> str:
        """Return the view as lines of text."""

    @abstractmethod
    def markup(self) -> str:
        """Return the view as HTML without its style, to stand inside another view."""

    def html(self) -> str:
        """Return the view as HTML that stands alone."""
        return dress(self.markup(), self.words)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the view as Jupyter wants it: text always, HTML for those who can show it."""
        del include, exclude
        return {"text/plain": self.text(), "text/html": self.html()}

    def __repr__(self) -> str:
        return self.text()


def dress(markup: str, words: Words) -> str:
    """Put the style sheet around *markup*."""
    lang = {"zh": "zh-Hans"}.get(words.lang, words.lang)
    return f'<div class="labq" lang="{lang}">{STYLE}{markup}</div>'
