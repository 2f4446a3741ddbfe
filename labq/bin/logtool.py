"""``celery logtool``: reads the logs of workers.

Comes in: files that workers have written, or what comes in by the standard input. Goes out: what they say of tasks.
Celery: ``celery/bin/logtool.py``.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from labq.bin.base import CeleryCommand, CeleryGroup
from labq.i18n import Text, text

STARTS = re.compile(r"\[\d{4}-\d\d-\d\d ")
RECEIVED = re.compile(r".+?\] Received")
READY = re.compile(r".+?\] Task")
TASK = re.compile(r".+?([\w.]+)\[(.+?)\].+")
OUTCOME = re.compile(r".+?[\w.]+\[.+?\] (.+)")

REPORT = """
Report
======
Task total: {total}
Task errors: {errors}
Task success: {succeeded}
Task completed: {completed}
Tasks
=====
{kinds}
"""

Hear = Callable[[str], object]


class Audit:
    """What a log says, read line by line.

    It looks for the lines of earlier Celeries: today's worker writes *Task …[…] received*, which is taken for the end
    of a task, and no success. Real Celery counts like this.

    Arguments:
        on_task_error: is told each line about a task that did not succeed.
        on_trace: is told each line that is not the beginning of an entry, with the entry if it comes right behind it.
        on_debug: is told each entry that is about no task.
    """

    def __init__(
        self, on_task_error: Hear | None = None, on_trace: Hear | None = None, on_debug: Hear | None = None
    ) -> None:
        self.ids: dict[str, None] = {}
        self.ready: dict[str, None] = {}
        self.task_types: Counter[str] = Counter()
        self.task_errors = 0
        self._on_task_error = on_task_error
        self._on_trace = on_trace
        self._on_debug = on_debug
        self._before = ""

    def run(self, lines: Iterable[str]) -> Audit:
        """Read all *lines*."""
        for line in lines:
            self.feed(line)
        return self

    def feed(self, line: str) -> None:
        """Read one line, with its end."""
        if not STARTS.match(line):
            _tell(self._on_trace, "\n".join(filter(None, [self._before, line])))
            self._before = ""
            return
        self._before = line
        task = TASK.match(line)
        if RECEIVED.match(line) and task:
            self.ids[task[2]] = None
            self.task_types[task[1]] += 1
        elif READY.match(line) and task:
            self._ended(line, task[2])
        else:
            _tell(self._on_debug, line)

    def _ended(self, line: str, task_id: str) -> None:
        self.ready[task_id] = None
        outcome = OUTCOME.match(line)
        if outcome is None or "succeeded" not in outcome[1]:
            self.task_errors += 1
            _tell(self._on_task_error, line)

    def incomplete_tasks(self) -> list[str]:
        """Return the ids that were received and never ended, then those that ended and were never received."""
        return [each for each in self.ids if each not in self.ready] + [
            each for each in self.ready if each not in self.ids
        ]

    def report(self) -> str:
        """Return the numbers as text."""
        return REPORT.format(
            total=len(self.ids),
            errors=self.task_errors,
            succeeded=len(self.ready) - self.task_errors,
            completed=len(self.ready),
            kinds="\n".join(f"{name}: {count}" for name, count in self.task_types.most_common()),
        )


def _tell(hear: Hear | None, said: str) -> None:
    if hear is not None:
        hear(said)


def _lines(files: Iterable[str]) -> Iterator[str]:
    """Return the lines of all *files*; ``-`` is the standard input, and so is nothing."""
    for name in files or ("-",):
        if name == "-":
            yield from sys.stdin
            continue
        try:
            yield from Path(name).read_text("utf-8").splitlines(keepends=True)
        except OSError as error:
            raise click.FileError(name, error.strerror) from error


logtool = CeleryGroup("logtool", help=text("Read the logs of workers."))


def _add(name: str, help: Text, read: Callable[[click.Context, Iterable[str]], object]) -> None:
    """Add a command that reads the lines of files.

    Arguments:
        name: the command's.
        help: what it does.
        read: is given the context and the lines.
    """
    callback = click.pass_context(lambda ctx, files: read(ctx, _lines(files)))
    files = click.Argument(["files"], nargs=-1)
    logtool.add_command(CeleryCommand(name, help=help, params=[files], callback=callback))


def _print_stats(ctx: click.Context, lines: Iterable[str]) -> None:
    ctx.obj.echo(Audit().run(lines).report())


def _print_incomplete(ctx: click.Context, lines: Iterable[str]) -> None:
    for task_id in Audit().run(lines).incomplete_tasks():
        ctx.obj.echo(f"Did not complete: {task_id}")


_add("stats", text("Count the tasks in a log."), _print_stats)
_add("traces", text("Print tracebacks, and whatever else belongs to an entry."),
     lambda ctx, lines: Audit(on_trace=ctx.obj.echo).run(lines))  # fmt: skip
_add("errors", text("Print the entries about tasks that did not succeed."),
     lambda ctx, lines: Audit(on_task_error=ctx.obj.echo).run(lines))  # fmt: skip
_add("incomplete", text("Print the ids of tasks that did not end."), _print_incomplete)
_add("debug", text("Print the entries that are about no task."),
     lambda ctx, lines: Audit(on_debug=ctx.obj.echo).run(lines))  # fmt: skip
