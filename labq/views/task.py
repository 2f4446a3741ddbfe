"""One task: what was called, how far it has come, what its result is. What Jupyter shows for a result.

Comes in: a snapshot and a task id. Goes out: text and HTML.
Next door: ``labq.views.story`` tells all that happened to it, ``labq.views.why`` what it waits for.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Words
from labq.snapshot.model import Snapshot, Task
from labq.snapshot.moment import seconds
from labq.views.card import head
from labq.views.chip import task_chip
from labq.views.escape import escape, tidy
from labq.views.mark import stage_cell, state_cell
from labq.views.table import Value, facts, facts_html
from labq.views.view import View


@dataclass(frozen=True, repr=False)
class TaskView(View):
    """One task and its result.

    Arguments:
        snapshot: the world.
        task_id: the task.
        words: the language.
    """

    snapshot: Snapshot
    task_id: str
    words: Words

    def text(self) -> str:
        """Return the facts as lines."""
        task = self.snapshot.tasks.get(self.task_id)
        title = tidy(task.call) if task else tidy(self.task_id)
        return f"{title}\n{facts(self._facts(task))}"

    def markup(self) -> str:
        """Return the facts as HTML."""
        task = self.snapshot.tasks.get(self.task_id)
        title = task_chip(task, self.words) if task else escape(self.task_id)
        return head(title) + facts_html(self._facts(task))

    def _facts(self, task: Task | None) -> list[tuple[str, Value]]:
        gettext = self.words.gettext
        result = self.snapshot.result(self.task_id)
        known: list[tuple[str, Value]] = [
            (gettext("id"), tidy(self.task_id)),
            (gettext("state"), state_cell(result.state if result else "PENDING")),
        ]
        if result:
            at = gettext("{backend}, at {seconds} s").format(backend=tidy(result.backend), seconds=seconds(result.us))
            known += [(gettext("result"), tidy(result.result, 300)), (gettext("stored in"), at)]
        if task is None:
            return [*known, (gettext("stage"), gettext("not sent in this lab"))]
        known += [(gettext("task"), tidy(task.name)), (gettext("stage"), stage_cell(task.stage, self.words))]
        known += [(name, tidy(value)) for name, value in self._places(task) if value]
        if task.retries:
            known.append((gettext("retries"), task.retries))
        if task.runs > 1:
            known.append((gettext("started"), self.words.ngettext("{count} time", "{count} times", task.runs).format(
                count=task.runs,
            )))  # fmt: skip
        if task.reason and not result:
            known.append((gettext("reason"), tidy(task.reason, 300)))
        return known

    def _places(self, task: Task) -> list[tuple[str, str | None]]:
        gettext = self.words.gettext
        return [(gettext("queue"), task.queue), (gettext("worker"), task.worker)]
