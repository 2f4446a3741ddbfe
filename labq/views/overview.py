"""The lab at a glance: its clock, its brokers, workers and tasks in numbers.

Comes in: a snapshot. Goes out: text and HTML. What Jupyter shows for ``lab``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from labq.i18n import Words
from labq.snapshot.model import Snapshot, Stage
from labq.snapshot.moment import clock_face
from labq.views.card import head
from labq.views.escape import escape, tidy
from labq.views.mark import MARKS
from labq.views.queues import QueuesView
from labq.views.view import View
from labq.views.workers import WorkersView


@dataclass(frozen=True, repr=False)
class LabView(View):
    """The whole lab in short.

    Arguments:
        snapshot: the world.
        seed: the lab's seed.
        words: the language.
    """

    snapshot: Snapshot
    seed: int
    words: Words

    def text(self) -> str:
        """Return the overview as blocks of lines."""
        blocks = [f"{self._title()}   {self._clock()}\n{self._counted()}"]
        blocks.append(WorkersView(self.snapshot, self.words).text())
        blocks.append(QueuesView(self.snapshot, self.words).text())
        if self.snapshot.tasks:
            blocks.append(" · ".join(f"{self._word(stage)} {count}" for stage, count in self._stages()))
        return "\n\n".join(blocks)

    def markup(self) -> str:
        """Return the overview as HTML."""
        clock = f'<span class="labq-mono">{escape(self._clock())}</span>'
        top = head(escape(self._title()), clock, escape(self._counted()))
        parts = [
            WorkersView(self.snapshot, self.words).markup(),
            QueuesView(self.snapshot, self.words).markup(),
        ]
        if self.snapshot.tasks:
            counts = "".join(
                f'<span class="labq-state labq-{MARKS[stage].tone}">{MARKS[stage].icon()}'
                f"{escape(self._word(stage))} <b>{count}</b></span>"
                for stage, count in self._stages()
            )
            title = head(escape(self.words.gettext("Tasks")))
            parts.append(f'{title}<div class="labq-counts">{counts}</div>')
        return top + "".join(f'<div class="labq-part">{part}</div>' for part in parts)

    def _title(self) -> str:
        return self.words.gettext("labq, seed {seed}").format(seed=self.seed)

    def _clock(self) -> str:
        return f"t = {clock_face(self.snapshot.us)}   {self.snapshot.now:%Y-%m-%d %H:%M:%S} UTC"

    def _counted(self) -> str:
        words, snapshot = self.words, self.snapshot
        brokers = ", ".join(tidy(url) for url in snapshot.brokers) or "–"
        records = words.ngettext("{count} record", "{count} records", snapshot.records).format(count=snapshot.records)
        count = len(snapshot.tasks)
        tasks = words.ngettext("{count} task", "{count} tasks", count).format(count=count)
        broker = words.gettext("broker {urls}").format(urls=brokers)
        return " · ".join([records, tasks, broker, *self._beats()])

    def _beats(self) -> Iterator[str]:
        for beat in self.snapshot.beats.values():
            if beat.online:
                yield self.words.ngettext("{beat} sent {count} task", "{beat} sent {count} tasks", beat.sent).format(
                    beat=tidy(beat.name), count=beat.sent
                )

    def _stages(self) -> list[tuple[Stage, int]]:
        count = Counter(task.stage for task in self.snapshot.tasks.values())
        return [(stage, count[stage]) for stage in Stage if count[stage]]

    def _word(self, stage: Stage) -> str:
        return self.words.say(MARKS[stage].word)
