"""One record: what happened, when, with which facts.

Comes in: a record and the snapshot right after it. Goes out: text and HTML.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Words
from labq.log.record import Record
from labq.snapshot.model import Snapshot
from labq.snapshot.moment import seconds
from labq.views.card import head
from labq.views.escape import escape, tidy
from labq.views.sentence import say
from labq.views.table import Value, facts, facts_html
from labq.views.view import View


@dataclass(frozen=True, repr=False)
class RecordView(View):
    """One record.

    Arguments:
        record: what happened.
        snapshot: the world right after it.
        words: the language.
    """

    record: Record
    snapshot: Snapshot
    words: Words

    def text(self) -> str:
        """Return the sentence and the facts as lines."""
        return f"{self._title()}\n{say(self.record, self.snapshot, self.words)}\n{facts(self._facts())}"

    def markup(self) -> str:
        """Return the sentence and the facts as HTML."""
        sentence = escape(say(self.record, self.snapshot, self.words), 400)
        return f"{head(escape(self._title()))}<p>{sentence}</p>{facts_html(self._facts())}"

    def _title(self) -> str:
        return self.words.gettext("record {number} at {seconds} s: {kind}").format(
            number=self.record.number, seconds=seconds(self.record.us), kind=self.record.kind
        )

    def _facts(self) -> list[tuple[str, Value]]:
        known = [(name, tidy(repr(value), 300)) for name, value in self.record.named().items()]
        return [(self.words.gettext("task"), tidy(self.record.task_id or "–")), *known]
