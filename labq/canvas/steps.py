"""The steps of a chain made ready: every one frozen, each result the parent of the next, groups upgraded to chords.

Comes in: a chain's tasks as they were written: signatures or dictionaries, chains in chains, groups before tasks.
Goes out: the tasks from the last to the first, which is how a message carries them (a worker pops the next one off the
end), and their results in the same order.
Next door: ``chains`` asks for it before it sends or freezes.
Celery: ``prepare_steps`` in ``celery/canvas.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from labq.canvas.entries import listed
from labq.canvas.kinds import (
    is_chain,
    is_chord,
    is_empty_group,
    is_group,
    leads_with_task,
    make_chord,
    unrolled,
    without_header_chords,
)  # fmt: skip
from labq.canvas.signature import Signature


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a chain.

    Attributes:
        app: the app that will send it.
        args: go in front of the first task's arguments.
        kwargs: are laid over the first task's keyword arguments.
        root_id: the first task of the whole work-flow.
        last_task_id: the id for the chain's last task.
        group_id: the group to which the chain belongs, as its last task does.
        group_index: its place in that group.
        chord: the body that waits for the last task.
        link_error: errbacks for every task.
        clone: whether the tasks are copied; freezing works on the written ones.
        links: whether each task is linked to the one before it, as protocol 1 needs it.
    """

    app: Any
    args: Any = ()
    kwargs: Any = None
    root_id: str | None = None
    last_task_id: str | None = None
    group_id: str | None = None
    group_index: int | None = None
    chord: Any = None
    link_error: Any = None
    clone: bool = True
    links: bool = False


class Steps:
    """A chain's steps on their way from written to ready, taken from the last to the first.

    Arguments:
        tasks: the steps as written.
        order: what is asked.
    """

    def __init__(self, tasks: Iterable[Any], order: Order) -> None:
        self.tasks: list[Any] = []
        self.results: list[Any] = []
        self._order = order
        self._written: deque[Any] = deque(tasks)
        self._next_task: Any = None
        """The step that follows the one that is being made ready."""
        self._next_result: Any = None
        """The oldest result of what follows: its parent is still to be said."""

    def prepare(self) -> tuple[list[Any], list[Any]]:
        """Return the tasks and their results, the last first."""
        self._find_first()
        while self._written:
            self._take(self._written.pop())
        if self._order.clone:
            for task in self.tasks:
                without_header_chords(task)
        return self.tasks, self.results

    def _call(self, written: Any) -> Any:
        return written if isinstance(written, Signature) else Signature.from_dict(written, app=self._order.app)

    def _find_first(self) -> None:
        """Let the chain begin with a task of its own, for that one gets the arguments.

        Chains at the front are spread out, empty groups there are dropped; one of these stays if nothing else would.
        """
        dropped = None
        steps = self._written
        while steps:
            head = steps[0] = self._call(steps[0])
            if is_chain(head):
                steps.popleft()
                steps.extendleft(reversed((head.clone() if self._order.clone else head).tasks))
                continue
            if is_group(head):
                steps[0] = unrolled(head)
            if len(steps) == 1 or not is_empty_group(steps[0]):
                break
            dropped = steps.popleft()
        if dropped is not None and not steps:
            steps.append(dropped)

    def _take(self, written: Any) -> None:
        order, is_first = self._order, not self._written
        task = self._call(written)
        if is_group(task):
            task = unrolled(task)
            if is_empty_group(task) and (self._written or self._next_task is not None):
                return
        if order.clone and is_chord(task) and leads_with_task(task.body):
            self._written.extend(task._unrolled_body())
            return
        if order.clone:
            task = task.clone(order.args, order.kwargs) if is_first else task.clone()
        elif is_first:
            task.args = (*order.args, *task.args)
        if is_chain(task):
            self._written.extend(task.tasks)
            return
        is_last = not self.tasks
        if is_group(task) and self._next_task is not None:
            task = self._upgraded(task)
        self._freeze(task, is_last)

    def _upgraded(self, group: Any) -> Any:
        """Return the chord of *group* and the step after it, which is taken back and becomes the body."""
        self.tasks.pop()
        body_result = self.results.pop()
        options = {"root_id": self._order.root_id, "app": self._order.app}
        if hasattr(self._next_result, "task_id"):  # the result of a group has none
            options["task_id"] = self._next_result.task_id
        chord = make_chord(group, body=self._next_task, **options)
        self._next_task = self.tasks[-1] if self.tasks else None
        # what comes later hangs on the body's result; let it hang on the chord's, or the body would be there twice
        node = self.results[-1] if self.results else None
        while node is not None and node.parent is not body_result:
            node = node.parent
        if node is not None:
            node.parent = None
            self._next_result = node
        return chord

    def _freeze(self, task: Any, is_last: bool) -> None:
        order = self._order
        if is_last:
            result = task.freeze(
                order.last_task_id, root_id=order.root_id, group_id=order.group_id, chord=order.chord,
                group_index=order.group_index,
            )  # fmt: skip
        else:
            result = task.freeze(root_id=order.root_id)
        if self._next_task is not None:
            if order.links:
                task.link(self._next_task)
            if self._next_result is not None and not self._next_result.parent:
                self._next_result.parent = result
        for errback in listed(order.link_error):
            task.link_error(errback)
            if is_chord(task) and task.body:
                task.body.link_error(errback)  # where a failed header looks for it
        self.tasks.append(task)
        self.results.append(result)
        self._next_task, self._next_result = task, result
        if is_chord(task):
            order.app.backend.ensure_chords_allowed()
            while self._next_result.parent:  # down to the header's result, to which what came before is the parent
                self._next_result = self._next_result.parent
