"""The story of one task: everything that happened to it, in sentences.

Comes in: the task's records, and a way to the snapshot after each. Goes out: text and HTML.
Next door: ``labq.log`` picks the records with ``log.story(task_id)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labq.i18n import Words
from labq.log.record import Record
from labq.snapshot.model import Snapshot
from labq.snapshot.moment import seconds
from labq.views.card import head, quiet
from labq.views.chip import task_chip
from labq.views.escape import escape, tidy
from labq.views.sentence import say
from labq.views.table import Table, Value, number_cell
from labq.views.view import View

SHOWN = 200
"""How many records of one task are told: a task that retries for ever has no end of them."""


@dataclass(frozen=True, repr=False)
class StoryView(View):
    """What happened to one task.

    Arguments:
        task_id: the task.
        records: its records in order.
        snapshot_at: returns the world after the first n records.
        words: the language.
    """

    task_id: str
    records: Sequence[Record]
    snapshot_at: Callable[[int], Snapshot]
    words: Words

    def text(self) -> str:
        """Return the story as lines."""
        if not self.records:
            return self._unknown()
        task = self._last().tasks.get(self.task_id)
        title = f"{tidy(task.call)}   {tidy(self.task_id)}" if task else tidy(self.task_id)
        return f"{title}\n{self._table().text()}"

    def markup(self) -> str:
        """Return the story as HTML."""
        if not self.records:
            return quiet(self._unknown())
        task = self._last().tasks.get(self.task_id)
        chip = task_chip(task, self.words) if task else ""
        return head(chip or escape(self.task_id), f'<span class="labq-mono">{escape(self.task_id)}</span>') + (
            self._table().html()
        )

    def _last(self) -> Snapshot:
        return self.snapshot_at(self.records[-1].number + 1)

    def _table(self) -> Table:
        gettext = self.words.gettext
        headings = (gettext("Seconds"), gettext("Passed"), gettext("What happened"))
        rows: list[tuple[Value, ...]] = []
        before: int | None = None
        for record in self.records[:SHOWN]:
            moved = record.us != before  # a moment is written once: what follows happened at the same time
            at = seconds(record.us) if moved else ""
            passed = f"+{seconds(record.us - before)}" if moved and before is not None else ""
            told = say(record, self.snapshot_at(record.number + 1), self.words)
            rows.append((number_cell(at), number_cell(passed), tidy(told, 200)))
            before = record.us
        return Table(headings, tuple(rows))

    def _unknown(self) -> str:
        return self.words.gettext("Nothing has happened to a task {id} in this lab.").format(id=tidy(self.task_id))
