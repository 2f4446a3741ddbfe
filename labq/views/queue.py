"""A queue: what waits in it, what was delivered from it and not yet acknowledged, who consumes.

Comes in: a snapshot, the broker's address and the queue's name. Goes out: text and HTML.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Words
from labq.snapshot.model import Message, Queue, Snapshot, Stage
from labq.views.card import card, label, quiet
from labq.views.chip import chip_line, chips, message_chip, message_label, message_stage
from labq.views.escape import escape, tidy
from labq.views.view import View

SHOWN = 12
"""How many messages are shown one by one."""


@dataclass(frozen=True, repr=False)
class QueueView(View):
    """One queue.

    Arguments:
        snapshot: the world.
        broker: the address of the queue's broker, its password masked.
        name: the queue.
        words: the language.
    """

    snapshot: Snapshot
    broker: str
    name: str
    words: Words

    @property
    def queue(self) -> Queue:
        """The queue; an empty one if the snapshot does not know it."""
        return self.snapshot.queue(self.broker, self.name) or Queue(self.broker, self.name)

    def text(self) -> str:
        """Return the queue as lines."""
        queue, words = self.queue, self.words
        ready = chip_line((self._label(message) for message in queue.ready), len(queue.ready), words)
        held = (f"{message_label(held.message, words)} → {tidy(held.consumer)}" for held in queue.unacked)
        title = words.gettext("queue {name}").format(name=tidy(self.name))
        lines = [
            f"{title}   {self._counts(queue)}",
            words.gettext("ready: {chips}").format(chips=ready or words.gettext("empty")),
        ]
        if queue.arguments:
            lines.append(words.gettext("arguments: {arguments}").format(arguments=tidy(queue.arguments, 300)))
        if queue.unacked:
            lines.append(words.gettext("unacked: {chips}").format(chips=chip_line(held, len(queue.unacked), words)))
        lines.append(self._consumers())
        return "\n  ".join(lines)

    def markup(self) -> str:
        """Return the queue as a card."""
        unacked = self.queue.unacked
        below = ""
        if unacked:
            parts = (
                message_chip(held.message, message_stage(self.snapshot, held.message), self.words)
                for held in unacked[:SHOWN]
            )
            below = label(escape(self.words.gettext("delivered and not acknowledged yet")))
            below += chips(parts, len(unacked), self.words)
        return self._card(below)

    def short_markup(self) -> str:
        """Return the queue as a card without what was delivered: beside it, the workers show that."""
        return self._card("")

    def _card(self, below: str) -> str:
        queue, words = self.queue, self.words
        if queue.ready:
            parts = (
                message_chip(message, Stage.QUEUED, words, aside=self._urgency(message))
                for message in queue.ready[:SHOWN]
            )
            inside = chips(parts, len(queue.ready), words)
        else:
            inside = quiet(words.gettext("empty"))
        alone = "" if self.snapshot.consumers(self.broker, self.name) else " labq-alone"
        consumers = f'<div class="labq-label{alone}">{escape(self._consumers(), 300)}</div>'
        return card(escape(self.name), escape(self._counts(queue)), inside + below + consumers)

    def _urgency(self, message: Message) -> str:
        """Return what to say about the priority of *message*: nothing where the queue tells none apart."""
        if self.queue.max_priority is None:
            return ""
        return self.words.gettext("priority {number}").format(number=message.priority or 0)

    def _label(self, message: Message) -> str:
        urgency = self._urgency(message)
        said = message_label(message, self.words)
        return f"{said} ({urgency})" if urgency else said

    def _counts(self, queue: Queue) -> str:
        return self.words.gettext("ready {ready} · unacked {unacked}").format(
            ready=len(queue.ready), unacked=len(queue.unacked)
        )

    def _consumers(self) -> str:
        names = [worker.hostname for worker in self.snapshot.consumers(self.broker, self.name)]
        if not names:
            return self.words.gettext("no worker consumes from it")
        return self.words.gettext("consumed by {workers}").format(workers=", ".join(map(tidy, names)))
