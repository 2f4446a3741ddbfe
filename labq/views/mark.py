"""The mark of a stage: a small drawing, a tone and a word, so that nothing is said by colour alone.

Comes in: a stage or the name of a state. Goes out: an icon drawn as an SVG path, and the word for it.
Next door: ``labq.views.chip`` and all tables.

Green always means done. The paths fill a square of 16 by 16.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Text, Words, text
from labq.snapshot.model import Stage
from labq.views.escape import escape, tidy
from labq.views.table import Cell


@dataclass(frozen=True, slots=True)
class Mark:
    """How a stage looks and what it is called."""

    word: Text
    tone: str
    path: str

    def icon(self) -> str:
        """Return the drawing on its tone."""
        return (
            '<span class="labq-mark"><svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="2" '
            f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{self.path}"/></svg></span>'
        )


_CLOCK = "M8 2a6 6 0 1 0 .01 0"

MARKS: dict[Stage, Mark] = {
    Stage.SENT: Mark(text("sent"), "gray", "M3 8h9M8.5 4l4 4-4 4"),
    Stage.QUEUED: Mark(text("queued"), "gray", "M3 4.5h10M3 8h10M3 11.5h10"),
    Stage.DELIVERED: Mark(text("delivered"), "blue", "M8 2v7M5 6.5l3 3 3-3M3 13.5h10"),
    Stage.RECEIVED: Mark(text("received"), "blue", "M8 2v7M5 6.5l3 3 3-3M3 13.5h10"),
    Stage.RESERVED: Mark(text("prefetched"), "blue", "M2 8v6h12V8M5 8.5h6M5 5h6M5 1.5h6"),
    Stage.SCHEDULED: Mark(text("waits for its ETA"), "teal", f"{_CLOCK}M8 5v3.2l2.2 1.5"),
    Stage.LIMITED: Mark(text("rate limited"), "teal", "M4 2h8L8 8l4 6H4l4-6z"),
    Stage.STARTED: Mark(text("started"), "orange", "M5.5 3.5l7 4.5-7 4.5z"),
    Stage.RETRY: Mark(text("retry"), "violet", "M13 8a5 5 0 1 1-1.5-3.6M13 1.5V5H9.5"),
    Stage.SUCCESS: Mark(text("success"), "green", "M3 8.5l3.5 3.5L13 4.5"),
    Stage.FAILURE: Mark(text("failure"), "red", "M4 4l8 8M12 4l-8 8"),
    Stage.IGNORED: Mark(text("ignored"), "gray", "M3 8h10"),
    Stage.REJECTED: Mark(text("rejected"), "red", "M6 3L2.5 6.5 6 10M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6"),
    Stage.REVOKED: Mark(text("revoked"), "red", f"{_CLOCK}M4 4l8 8"),
    Stage.EXPIRED: Mark(text("expired"), "red", f"{_CLOCK}M8 5v3.5M8 11v.1"),
    Stage.UNREGISTERED: Mark(text("unregistered"), "red", "M5.5 5.5a2.5 2.5 0 1 1 3.5 2.3L8 9.5M8 12.9v.1"),
    Stage.UNROUTABLE: Mark(text("unroutable"), "red", "M1.5 8h5M9.5 4.5l5 7M14.5 4.5l-5 7"),
    Stage.DEAD_LETTERED: Mark(text("dead letter"), "red", "M2 4h12v8.5H2zM2 4l6 5 6-5"),
    Stage.PURGED: Mark(text("purged"), "gray", "M3 4.5h10M6 4V2h4v2M4.5 4.5l.7 9.5h5.6l.7-9.5"),
    Stage.LOST: Mark(text("lost"), "red", "M9 1.5L4 9h4l-1 5.5L12 7H8z"),
}
"""The mark of each stage. Every stage is here."""

STATES: dict[str, Stage] = {
    "PENDING": Stage.QUEUED,
    "RECEIVED": Stage.RECEIVED,
    "STARTED": Stage.STARTED,
    "SUCCESS": Stage.SUCCESS,
    "FAILURE": Stage.FAILURE,
    "RETRY": Stage.RETRY,
    "REVOKED": Stage.REVOKED,
    "REJECTED": Stage.REJECTED,
    "IGNORED": Stage.IGNORED,
}
"""The stage whose mark stands beside a state of Celery."""


def mark_of_state(state: str) -> Mark:
    """Return the mark for a state of Celery; a state of the user's own looks like one that is under way."""
    return MARKS[STATES.get(state, Stage.STARTED)]


def stage_cell(stage: Stage, words: Words) -> Cell:
    """Return a table's cell that shows a stage: icon and word."""
    mark = MARKS[stage]
    word = words.say(mark.word)
    return Cell(word, f'<span class="labq-state labq-{mark.tone}">{mark.icon()}{word}</span>')


def state_cell(state: str) -> Cell:
    """Return a table's cell that shows a state of Celery: icon and name, which is never translated."""
    mark = mark_of_state(state)
    return Cell(tidy(state), f'<span class="labq-state labq-{mark.tone}">{mark.icon()}<b>{escape(state)}</b></span>')
