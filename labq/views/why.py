"""Why a task is not ready, in words.

Comes in: a ``Why`` from the snapshot room, and the snapshot it was asked of. Goes out: text and HTML.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Text, Words
from labq.snapshot.model import Snapshot
from labq.snapshot.why import Why
from labq.views.card import card
from labq.views.escape import escape, tidy
from labq.views.view import View

LONGEST = 400
"""How many characters of one sentence are shown."""


@dataclass(frozen=True, repr=False)
class WhyView(View):
    """The reason and the steps before it.

    Arguments:
        why: the explanation.
        snapshot: the world that it explains.
        words: the language.
    """

    why: Why
    snapshot: Snapshot
    words: Words

    def text(self) -> str:
        """Return numbered steps and the reason."""
        steps = [f"  {number} {self._say(step)}" for number, step in enumerate(self.why.steps, 1)]
        return "\n".join([self._title(), *steps, f"→ {self._reason()}"])

    def markup(self) -> str:
        """Return numbered steps and the reason as a card."""
        steps = "".join(f"<li>{escape(self._say(step), LONGEST)}</li>" for step in self.why.steps)
        listed = f'<ol class="labq-steps">{steps}</ol>' if steps else ""
        reason = f'<p class="labq-reason">{escape(self._reason(), LONGEST)}</p>'
        return card(escape(self._title(), 200), escape(self.why.task_id), listed + reason)

    def _title(self) -> str:
        task = self.snapshot.tasks.get(self.why.task_id)
        call = tidy(task.call if task else self.why.task_id, 60)
        if self.why.ready:
            return self.words.gettext("How did {call} become ready?").format(call=call)
        return self.words.gettext("Why is {call} not ready?").format(call=call)

    def _reason(self) -> str:
        return self._say(self.why.reason)

    def _say(self, sentence: Text) -> str:
        return tidy(self.words.say(sentence), LONGEST)
