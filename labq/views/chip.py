"""A chip: one task in a small frame, with the mark of its stage. The same in every view.

Comes in: a task or a message, and words. Goes out: text or HTML of one chip, or of a row of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from labq.i18n import Words
from labq.snapshot.model import Message, Snapshot, Stage, Task
from labq.views.escape import escape, tidy
from labq.views.mark import MARKS
from labq.views.table import width

CALL = 40
"""How many characters of a call a chip shows."""

LINE = 84
"""How many columns of a terminal a line of chips takes at most."""


def label(call: str, retries: int, words: Words) -> str:
    """Return what a chip says: the call and, from the second try on, which try it is."""
    short = tidy(call, CALL)
    if not retries:
        return short
    return words.gettext("{call}, try {number}").format(call=short, number=retries + 1)


def task_label(task: Task, words: Words) -> str:
    """Return what the chip of *task* says."""
    return label(task.call, task.retries, words)


def message_label(message: Message, words: Words) -> str:
    """Return what the chip of *message* says; a message that carries no task is called so."""
    if message.name is None:
        return words.gettext("message {number}").format(number=message.serial)
    return label(message.call, message.retries, words)


def chip(text: str, stage: Stage, words: Words, *, hint: str = "", aside: str = "") -> str:
    """Return a chip as HTML.

    Arguments:
        text: what it says, not escaped yet.
        stage: whose mark it bears.
        words: the language of the stage's name.
        hint: what a pointer resting on it shows besides the stage, not escaped yet.
        aside: a short remark after the text, not escaped yet.
    """
    mark = MARKS[stage]
    word = words.say(mark.word)
    title = escape(f"{word}: {hint}" if hint else word, 200)
    note = f"<em>{escape(aside)}</em>" if aside else ""
    return (
        f'<span class="labq-chip labq-{mark.tone}" title="{title}">{mark.icon()}'
        f'<span class="labq-hidden">{escape(word)}</span><span class="labq-call">{escape(text)}</span>{note}</span>'
    )


def task_chip(task: Task, words: Words) -> str:
    """Return the chip of *task*."""
    return chip(task_label(task, words), task.stage, words, hint=f"{task.name} {task.id}")


def message_chip(message: Message, stage: Stage, words: Words, *, aside: str = "") -> str:
    """Return the chip of *message*, which is where *stage* says."""
    hint = f"{message.name} {message.task_id}" if message.name else ""
    return chip(message_label(message, words), stage, words, hint=hint, aside=aside)


def chips(parts: Iterable[str], total: int, words: Words) -> str:
    """Put chips into a row, and say after them how many more there are.

    Arguments:
        parts: the chips that are shown.
        total: how many there are.
        words: the language.
    """
    shown = list(parts)
    more = total - len(shown)
    rest = f'<span class="labq-dim">{escape(more_words(more, words))}</span>' if more > 0 else ""
    return f'<div class="labq-chips">{"".join(shown)}{rest}</div>'


def chip_line(labels: Iterable[str], total: int, words: Words) -> str:
    """Return labels in one line of text: as many as fit, and how many more there are.

    Arguments:
        labels: what the chips say; read only as far as they fit.
        total: how many there are.
        words: the language.
    """
    parts: list[str] = []
    space = LINE
    for said in labels:
        space -= width(said) + 2
        if space < 0 and parts:
            break
        parts.append(said)
    if total > len(parts):
        parts.append(more_words(total - len(parts), words))
    return "  ".join(parts)


def more_words(count: int, words: Words) -> str:
    """Say that there are *count* more."""
    return words.ngettext("and {count} more", "and {count} more", count).format(count=count)


def message_stage(snapshot: Snapshot, message: Message) -> Stage:
    """Return the stage of the task that *message* carries; of a message without a task, that it is queued."""
    task = snapshot.tasks.get(message.task_id or "")
    return task.stage if task else Stage.QUEUED
