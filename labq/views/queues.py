"""All queues side by side, as a table.

Comes in: a snapshot. Goes out: text and HTML.
Celery: ``rabbitmqctl list_queues name messages_ready messages_unacknowledged``.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Words
from labq.snapshot.model import Purpose, Queue, Snapshot
from labq.views.card import head, quiet
from labq.views.escape import tidy
from labq.views.table import Table, Value
from labq.views.view import View


@dataclass(frozen=True, repr=False)
class QueuesView(View):
    """Every queue of every broker.

    Arguments:
        snapshot: the world.
        words: the language.
    """

    snapshot: Snapshot
    words: Words

    def text(self) -> str:
        """Return the table as lines."""
        if not self.snapshot.queues():
            return self.words.gettext("There is no queue yet.")
        return self._table().text()

    def markup(self) -> str:
        """Return the table as HTML."""
        title = head(self.words.gettext("Queues"))
        if not self.snapshot.queues():
            return title + quiet(self.words.gettext("There is no queue yet."))
        return title + self._table().html()

    def _table(self) -> Table:
        gettext = self.words.gettext
        headings: tuple[str, ...] = (
            gettext("Queue"),
            gettext("Ready"),
            gettext("Unacked"),
            gettext("Consumers"),
            gettext("Broker"),
        )
        queues = self.snapshot.queues()
        rows: tuple[tuple[Value, ...], ...] = tuple(self._row(queue) for queue in queues)
        if any(queue.arguments for queue in queues):
            headings = (*headings, gettext("Arguments"))
            rows = tuple((*row, tidy(queue.arguments or "–")) for row, queue in zip(rows, queues, strict=True))
        return Table(headings, rows)

    def _purpose(self, queue: Queue) -> str:
        """Say what a queue is for that holds no tasks; whoever reads it is no consumer of tasks."""
        words = {
            Purpose.COMMANDS: self.words.gettext("(commands)"),
            Purpose.REPLIES: self.words.gettext("(replies)"),
            Purpose.EVENTS: self.words.gettext("(events)"),
        }
        return words.get(self.snapshot.purpose(queue), "")

    def _row(self, queue: Queue) -> tuple[Value, ...]:
        consumers = self.snapshot.consumers(queue.broker, queue.name)
        names = ", ".join(tidy(worker.hostname) for worker in consumers) or self._purpose(queue)
        return (tidy(queue.name), len(queue.ready), len(queue.unacked), names or "–", tidy(queue.broker))
