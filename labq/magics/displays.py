"""Rich displays: what Jupyter shows for results, records and queues that stand at the end of a cell.

Comes in: a value. Goes out: HTML of a view, beside the plain text that the value writes itself.
The machine tower knows no views, so IPython's formatters are told here which view shows what.
Celery: nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from labq import current_lab
from labq.i18n import words
from labq.log.record import Record
from labq.result import AsyncResult
from labq.views import QueueView, RecordView
from labq.wire.entities import Queue

Show = Callable[[Any], str | None]

HTML = "text/html"


def _result(result: AsyncResult) -> str:
    view: str = current_lab().gallery.task(str(result.id)).html()
    return view


def _record(record: Record) -> str | None:
    lab = current_lab()
    if record.number >= len(lab.log) or lab.log[record.number] != record:
        return None  # of another lab
    return RecordView(record, lab.snapshot(record.number + 1), words(lab.lang)).html()


def _queue(queue: Queue) -> str | None:
    lab = current_lab()
    snapshot = lab.snapshot()
    found = next((each for each in snapshot.queues() if each.name == queue.name), None)
    return None if found is None else QueueView(snapshot, found.broker, found.name, words(lab.lang)).html()


SHOWN: dict[type, Show] = {AsyncResult: _result, Record: _record, Queue: _queue}
"""What is shown by a view."""


class Displays:
    """The displays in one shell.

    Arguments:
        shell: the shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        formatter: Any = shell.display_formatter  # every shell makes itself one
        self._formatter = formatter.formatters[HTML]
        self._before: dict[type, Any] = {}

    def register(self) -> None:
        """Tell the shell which view shows what."""
        for kind, show in SHOWN.items():
            self._before[kind] = self._formatter.for_type(kind, show)

    def unregister(self) -> None:
        """Give back what was there before."""
        for kind, before in self._before.items():
            self._formatter.pop(kind, None)
            if before is not None:
                self._formatter.for_type(kind, before)
        self._before.clear()
