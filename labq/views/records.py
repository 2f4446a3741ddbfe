"""Records as a table: when, what kind, and a sentence that says it.

Comes in: records, and a way to the snapshot after each. Goes out: text and HTML.
Next door: ``labq.views.story`` is the same for one task.
Celery: ``celery events --dump``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labq.i18n import Words
from labq.log.record import Record
from labq.snapshot.model import Snapshot
from labq.snapshot.moment import seconds
from labq.views.card import head, quiet
from labq.views.escape import tidy
from labq.views.sentence import say
from labq.views.table import Table, Value, number_cell
from labq.views.view import View

SHOWN = 50
"""How many records one table shows: the last ones."""


@dataclass(frozen=True, repr=False)
class RecordsView(View):
    """The last of some records.

    Arguments:
        records: what happened, in order.
        snapshot_at: returns the world after the first n records.
        words: the language.
        shown: how many rows the table has at most.
    """

    records: Sequence[Record]
    snapshot_at: Callable[[int], Snapshot]
    words: Words
    shown: int = SHOWN

    def text(self) -> str:
        """Return the table as lines."""
        if not self.records:
            return self.words.gettext("Nothing has happened yet.")
        return "\n".join(filter(None, [self._left_out(), self.table().text()]))

    def markup(self) -> str:
        """Return the table as HTML."""
        title = head(self.words.gettext("Log"), self._left_out())
        if not self.records:
            return title + quiet(self.words.gettext("Nothing has happened yet."))
        return title + self.table().html()

    def table(self) -> Table:
        """Return the rows."""
        gettext = self.words.gettext
        headings = (gettext("No."), gettext("Seconds"), gettext("Kind"), gettext("What happened"))
        return Table(headings, tuple(self._row(record) for record in self.records[-self.shown :]))

    def _left_out(self) -> str:
        left = len(self.records) - self.shown
        if left <= 0:
            return ""
        return self.words.ngettext(
            "{count} earlier record is not shown", "{count} earlier records are not shown", left
        ).format(count=left)  # fmt: skip

    def _row(self, record: Record) -> tuple[Value, ...]:
        told = say(record, self.snapshot_at(record.number + 1), self.words)
        return record.number, number_cell(seconds(record.us)), str(record.kind), tidy(told, 200)
