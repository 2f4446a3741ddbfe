"""The machine room: everything in the lab in one picture, from left to right as a message travels.

Comes in: a snapshot. Goes out: text, and HTML that needs no script: clients, exchanges, queues, workers with what is
inside them, results, the clock, and the last step in words.
Next door: ``labq.views.player`` moves through the rooms of all snapshots; ``queue`` and ``worker`` draw the cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labq.i18n import Words
from labq.snapshot.model import Broker, Purpose, Result, Snapshot, Task, purpose_of
from labq.snapshot.moment import clock_face, seconds
from labq.views.card import card, quiet
from labq.views.chip import chip_line, chips, more_words, task_chip, task_label
from labq.views.escape import escape, tidy
from labq.views.mark import mark_of_state
from labq.views.queue import QueueView
from labq.views.sentence import say
from labq.views.view import View
from labq.views.worker import WorkerView

SHOWN_TASKS = 10
SHOWN_RESULTS = 8
SHOWN_BINDINGS = 4


@dataclass(frozen=True, repr=False)
class RoomView(View):
    """The room at one moment.

    Arguments:
        snapshot: the world.
        words: the language.
        length: how many records the log has; when the snapshot is of fewer, the picture says that it shows the past.
    """

    snapshot: Snapshot
    words: Words
    length: int | None = None

    # -- text --------------------------------------------------------------------------------------------------
    def text(self) -> str:
        """Return the room as blocks of lines."""
        snapshot, words = self.snapshot, self.words
        sent = chip_line(map(self._label, self._newest_tasks()), len(snapshot.tasks), words)
        queues = [QueueView(snapshot, queue.broker, queue.name, words).text() for queue in snapshot.task_queues()]
        workers = [WorkerView(snapshot, hostname, words).text() for hostname in snapshot.workers]
        results = [self._result_line(result) for result in self._newest_results()]
        nothing = [words.gettext("nothing yet")]
        blocks = [
            f"labq   t = {clock_face(snapshot.us)}   {self._place()}\n{self._step()}",
            self._block(words.gettext("Clients"), [sent] if sent else nothing),
            self._block(words.gettext("Queues"), queues or nothing),
            self._block(words.gettext("Workers"), workers or nothing),
            self._block(words.gettext("Results"), results or nothing),
        ]
        return "\n\n".join(blocks)

    @staticmethod
    def _block(title: str, parts: list[str]) -> str:
        lines = [line for part in parts for line in part.split("\n")]
        return "\n".join([title, *(f"  {line}" for line in lines)])

    # -- HTML --------------------------------------------------------------------------------------------------
    def markup(self) -> str:
        """Return the room as columns of cards."""
        words = self.words
        columns = (
            ("clients", words.gettext("Clients"), self._sent()),
            ("exchanges", words.gettext("Exchanges"), self._exchanges()),
            ("queues", words.gettext("Queues"), self._queues()),
            ("workers", words.gettext("Workers"), self._workers()),
            ("results", words.gettext("Results"), self._results()),
        )
        inside = "".join(
            f'<div class="labq-column labq-column-{name}"><div class="labq-title">{escape(title)}</div>{content}</div>'
            for name, title, content in columns
        )
        return (
            f'{self._head()}<div class="labq-note" role="status" aria-live="polite">{escape(self._step(), 400)}</div>'
            f'<div class="labq-room">{inside}</div>'
        )

    def _head(self) -> str:
        kind = self.words.gettext("virtual time")
        past = "labq-past" if self._is_past() else "labq-dim"
        return (
            '<div class="labq-head"><h3>labq</h3>'
            f'<span class="labq-mono"><b>t = {clock_face(self.snapshot.us)}</b></span>'
            f'<span class="labq-dim">{escape(kind)}</span>'
            f'<span class="{past}">{escape(self._place())}</span></div>'
        )

    def _sent(self) -> str:
        tasks, count = self._newest_tasks(), len(self.snapshot.tasks)
        if not tasks:
            return self._nothing()
        inside = chips((task_chip(task, self.words) for task in tasks), count, self.words)
        return card(escape(self.words.gettext("tasks sent")), str(count), inside)

    def _exchanges(self) -> str:
        brokers = self.snapshot.brokers.values()
        return "".join(self._exchange(broker, name) for broker in brokers for name in self._names(broker)) or (
            self._nothing()
        )

    @staticmethod
    def _names(broker: Broker) -> dict[str, str]:
        # the default exchange is there without being declared, and leads to every queue by its name
        return {
            "": "direct",
            **{name: kind for name, kind in broker.exchanges.items() if purpose_of(name) is Purpose.TASKS},
        }

    def _exchange(self, broker: Broker, name: str) -> str:
        bindings = [binding for binding in broker.bindings if binding.exchange == name]
        lines = [escape(self._names(broker)[name])]
        if not name:
            lines.append(escape(self.words.gettext("routing key → queue of that name")))
        lines += [f"{escape(each.routing_key)} → {escape(each.queue)}" for each in bindings[:SHOWN_BINDINGS]]
        if len(bindings) > SHOWN_BINDINGS:
            lines.append(escape(more_words(len(bindings) - SHOWN_BINDINGS, self.words)))
        moving = sum(transit.message.exchange == name for transit in broker.transit)
        if moving:
            lines.append(escape(self.words.ngettext(
                "{count} message on its way", "{count} messages on their way", moving
            ).format(count=moving)))  # fmt: skip
        title = escape(name) or escape(self.words.gettext("default exchange"))
        below = "".join(f"<span>{line}</span>" for line in lines)
        return f'<div class="labq-exchange"><strong>{title}</strong>{below}</div>'

    def _queues(self) -> str:
        queues = self.snapshot.task_queues()
        views = (QueueView(self.snapshot, queue.broker, queue.name, self.words) for queue in queues)
        return "".join(view.short_markup() for view in views) or self._nothing()

    def _workers(self) -> str:
        views = (WorkerView(self.snapshot, hostname, self.words) for hostname in self.snapshot.workers)
        return "".join(view.markup() for view in views) or self._nothing()

    def _results(self) -> str:
        stores = (self._store(backend, stored) for backend, stored in self.snapshot.results.items() if stored)
        return "".join(stores) or self._nothing()

    def _store(self, backend: str, stored: Mapping[str, Result]) -> str:
        inside = "".join(self._result(result) for result in list(stored.values())[-SHOWN_RESULTS:])
        if len(stored) > SHOWN_RESULTS:
            inside += f'<div class="labq-label">{escape(more_words(len(stored) - SHOWN_RESULTS, self.words))}</div>'
        name = f'<span title="{escape(backend)}">{escape(backend.partition("://")[0])}</span>'
        return card(name, str(len(stored)), f'<div class="labq-stored">{inside}</div>')

    def _result(self, result: Result) -> str:
        mark = mark_of_state(result.state)
        task = self.snapshot.tasks.get(result.task_id)
        return (
            f'<div class="labq-result labq-{mark.tone}" title="{escape(result.task_id)}">'
            f'<strong class="labq-state">{mark.icon()}{escape(result.state, 20)}</strong>'
            f"<span>{escape(task.call if task else result.task_id, 30)} → "
            f'<b class="labq-mono">{escape(result.result, 36)}</b></span></div>'
        )

    def _nothing(self) -> str:
        return quiet(self.words.gettext("nothing yet"))

    # -- words for both ----------------------------------------------------------------------------------------
    def _is_past(self) -> bool:
        return self.length is not None and self.snapshot.records < self.length

    def _place(self) -> str:
        records, words = self.snapshot.records, self.words
        if self.length is None:
            return words.ngettext("{count} record", "{count} records", records).format(count=records)
        if self._is_past():
            said = words.gettext("record {number} of {length}: looking at the past")
        else:
            said = words.gettext("record {number} of {length}")
        return said.format(number=records, length=self.length)

    def _step(self) -> str:
        record = self.snapshot.last
        if record is None:
            return self.words.gettext("Nothing has happened yet.")
        told = say(record, self.snapshot, self.words)
        return self.words.gettext("Step {number}: {sentence}").format(number=self.snapshot.records, sentence=told)

    def _newest_tasks(self) -> tuple[Task, ...]:
        # in the order in which they were sent, so that a picture changes little from step to step
        return tuple(self.snapshot.tasks.values())[-SHOWN_TASKS:]

    def _label(self, task: Task) -> str:
        return task_label(task, self.words)

    def _newest_results(self) -> list[Result]:
        return [
            result
            for stored in self.snapshot.results.values()
            for result in list(stored.values())[-SHOWN_RESULTS:]
        ]  # fmt: skip

    def _result_line(self, result: Result) -> str:
        task = self.snapshot.tasks.get(result.task_id)
        call = tidy(task.call if task else result.task_id, 40)
        when = self.words.gettext("{seconds} s").format(seconds=seconds(result.us))
        return f"{result.state:<8} {call} → {tidy(result.result)}   {when}"
