"""The banner: what a worker says of itself when it starts.

Comes in: an app, and how the worker was started. Goes out: lines, with a drawing on their left.
The content and its order are Celery's; the drawing is labq's. Where Celery prints an address in memory, the name of the
operating system and today's date, the banner has ``0x…``, the lab's seed and the virtual date: the same on each run.
Celery: ``startup_info`` and ``extra_info`` in ``celery/apps/worker.py``; ``Queues.format`` in ``celery/app/amqp.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from labq import Celery, Lab
from labq.app.censorship import broker_uri

FLASK = (
    "     _____",
    "    |_   _|",
    "      | |",
    "      | |",
    "      | |",
    "     /   \\",
    "    /  °  \\",
    "   /~~~~~~~\\",
    "  /  o   .  \\",
    " /  .   o    \\",
    " \\___________/",
)
WIDTH = 16
"""The column at which Celery's own lines begin, to the right of its drawing."""

VERSION = "5.7.0 (labq)"
"""The Celery that is mirrored, and who mirrors it; Celery has its code name in the brackets."""

BUILT_IN = "celery."
"""What the names of built-in tasks begin with."""


@dataclass(frozen=True, slots=True)
class Banner:
    """What a worker says when it starts.

    Attributes:
        lab: where it starts; for seed and date.
        app: whose tasks it runs.
        hostname: its name.
        pool: the name of its pool.
        concurrency: how many children it was asked to have, as it is to be printed.
        events: whether it sends monitoring events.
        queues: what it reads from.
        level: its log level; the tasks are listed from INFO on, the built-in ones from DEBUG on.
    """

    lab: Lab
    app: Celery
    hostname: str
    pool: str
    concurrency: object
    events: bool
    queues: Iterable[Any]
    level: int

    def text(self) -> str:
        """Return the banner, without spaces at the ends of its lines."""
        lines = (f"{drawn:<{WIDTH}}{said}".rstrip() for drawn, said in zip_longest(FLASK, self._lines(), fillvalue=""))
        return "\n".join(["", *lines, "", *self._tasks()])

    def _lines(self) -> list[str]:
        events = "ON" if self.events else "OFF (enable -E to monitor tasks in this worker)"
        return [
            f"{self.hostname} v{VERSION}",
            "",
            f"Lab-seed-{self.lab.seed} {self.lab.now:%Y-%m-%d %H:%M:%S}",
            "",
            "[config]",
            f".> app:         {self.app.main or '__main__'}:0x…",
            f".> transport:   {broker_uri(self.app.conf.broker_url, mask='**')}",
            f".> results:     {self.app.backend.as_uri()}",
            f".> concurrency: {self.concurrency} ({self.pool})",
            f".> task events: {events}",
            "",
            "[queues]",
            *map(_queue_line, sorted(self.queues, key=lambda queue: str(queue.name))),
        ]

    def _tasks(self) -> list[str]:
        if self.level > logging.INFO:
            return []
        built_in = self.level <= logging.DEBUG
        shown = [name for name in sorted(self.app.tasks) if built_in or not name.startswith(BUILT_IN)]
        return ["[tasks]", *(f"  . {name}" for name in shown), ""]


def _queue_line(queue: Any) -> str:
    exchange = queue.exchange
    return f".> {queue.name:<16} exchange={exchange.name}({exchange.type}) key={queue.routing_key}"
