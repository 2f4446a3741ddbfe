"""A card: a frame with a title, a remark on the right, and something inside.

Comes in: pieces of HTML, escaped already unless it says otherwise. Goes out: HTML.
"""

from __future__ import annotations

from labq.views.escape import escape


def card(title: str, note: str, inside: str, *, off: bool = False) -> str:
    """Return a card.

    Arguments:
        title: HTML of the title.
        note: HTML of the remark beside it.
        inside: HTML of the rest.
        off: whether the thing is out of work: its frame is dashed.
    """
    return (
        f'<div class="labq-card{" labq-card-off" if off else ""}"><div class="labq-card-head"><h4>{title}</h4>'
        f"<span>{note}</span></div>{inside}</div>"
    )


def head(title: str, *notes: str) -> str:
    """Return the heading of a view: a title and remarks after it, all HTML."""
    rest = "".join(f'<span class="labq-dim">{note}</span>' for note in notes if note)
    return f'<div class="labq-head"><h3>{title}</h3>{rest}</div>'


def quiet(text: str) -> str:
    """Return a quiet line, for what is not there; *text* is escaped here."""
    return f'<div class="labq-dim">{escape(text, 200)}</div>'


def label(text: str) -> str:
    """Return a small label above something; *text* is HTML."""
    return f'<div class="labq-label">{text}</div>'
