"""All workers side by side, as a table.

Comes in: a snapshot. Goes out: text and HTML.
Celery: ``celery status`` and ``celery inspect stats``.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Words
from labq.snapshot.model import Snapshot, Worker
from labq.views.card import head, quiet
from labq.views.escape import tidy
from labq.views.table import Table, Value
from labq.views.view import View


@dataclass(frozen=True, repr=False)
class WorkersView(View):
    """Every worker that was ever started.

    Arguments:
        snapshot: the world.
        words: the language.
    """

    snapshot: Snapshot
    words: Words

    def text(self) -> str:
        """Return the table as lines."""
        if not self.snapshot.workers:
            return self.words.gettext("No worker has been started.")
        return self._table().text()

    def markup(self) -> str:
        """Return the table as HTML."""
        title = head(self.words.gettext("Workers"))
        if not self.snapshot.workers:
            return title + quiet(self.words.gettext("No worker has been started."))
        return title + self._table().html()

    def _table(self) -> Table:
        gettext = self.words.gettext
        headings = (
            gettext("Worker"), gettext("Status"), gettext("Pool"), gettext("Busy"), gettext("Prefetched"),
            gettext("ETA shelf"), gettext("Unacked"), gettext("Limit"), gettext("Queues"),
        )  # fmt: skip
        return Table(headings, tuple(self._row(worker) for worker in self.snapshot.workers.values()))

    def _row(self, worker: Worker) -> tuple[Value, ...]:
        gettext = self.words.gettext
        return (
            tidy(worker.hostname),
            gettext("online") if worker.online else gettext("stopped"),
            f"{worker.pool} × {worker.concurrency}",
            sum(slot.busy for slot in worker.slots),
            len(worker.prefetched),
            len(worker.shelf),
            len(self.snapshot.unacked(worker.hostname)),
            str(worker.window) if worker.window else gettext("no limit"),
            ", ".join(map(tidy, worker.queues)),
        )
