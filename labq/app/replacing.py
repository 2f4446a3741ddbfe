"""Replacing: a running task hands its id, and everything that waits for it, over to another call.

Comes in: the task in the middle of its run, and the call that takes its place. Goes out: that call, sent, under the id
of the task and with its callbacks, errbacks, chord and the rest of its chain; the run itself ends with ``Ignore``.
Celery: ``Task.replace`` and ``Task.add_to_chord`` in ``celery/app/task.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labq.canvas.entries import listed
from labq.canvas.kinds import is_chain, is_empty_chain, is_group
from labq.canvas.signature import signature
from labq.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from labq.app.task import Task

COLLECTOR = "celery.accumulate"
"""The task that gathers what a group returns, so that the group can stand where one task stood."""


def replacement(task: Task, sig: Any) -> Any:
    """Return the call that takes the place of *task*'s present run: *sig*, or what it becomes.

    Raises:
        ImproperlyConfigured: when *sig* belongs to a chord already, or is an empty chain.
    """
    request = task.request
    if "chord" in sig.options:
        msg = "A signature replacing a task must not be part of a chord"
        raise ImproperlyConfigured(msg)
    if is_empty_chain(sig):
        msg = "Cannot replace with an empty chain"
        raise ImproperlyConfigured(msg)
    sig = _with_an_end(task, sig)
    for callback in listed(request.callbacks):
        sig.link(callback)
    for errback in listed(request.errbacks):
        sig.link_error(errback)
    if is_chain(sig) and "link" in sig.options:  # they belong to its last task, also when more tasks follow it below
        sig.tasks[-1].options.setdefault("link", []).extend(listed(sig.options.pop("link")))
    sig.freeze(request.id)
    depth = (request.replaced_task_nesting or 0) + 1
    sig.set(
        chord=request.chord, group_id=request.group, group_index=request.group_index, root_id=request.root_id,
        replaced_task_nesting=depth,
    )  # fmt: skip
    if is_chain(sig):
        for step in sig.tasks:
            step.set(replaced_task_nesting=depth)
    for written in reversed(request.chain or ()):  # a message carries the rest of its chain with the next task last
        step = signature(written, app=task.app)
        step.set(replaced_task_nesting=depth)
        sig |= step
    return sig


def _with_an_end(task: Task, sig: Any) -> Any:
    """Return *sig* with one task at its end: what a group returns is collected, for callbacks need a single result."""
    if is_group(sig):
        return sig | task.app.tasks[COLLECTOR].s(index=0)
    if is_chain(sig) and is_group(sig.tasks[-1]):
        sig.tasks = list(sig.tasks)
        sig.tasks[-1] |= task.app.tasks[COLLECTOR].s(index=0)
    return sig


def join_chord(task: Task, sig: Any, *, lazy: bool) -> Any:
    """Let *sig* be one more part of the chord to which *task*'s present run belongs, and send it unless *lazy*.

    Raises:
        ValueError: when the run belongs to no chord.
        NotImplementedError: from every backend but Celery's Redis backend.
    """
    request = task.request
    if not request.chord:
        msg = "Current task is not member of any chord"
        raise ValueError(msg)
    sig.set(group_id=request.group, group_index=request.group_index, chord=request.chord, root_id=request.root_id)
    task.backend.add_to_chord(str(request.group), sig.freeze())
    return sig if lazy else sig.delay()
