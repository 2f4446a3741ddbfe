"""A chain: calls that follow one another, each with the result of the one before it.

Comes in: signatures. Goes out: the first task's message, which carries all the rest; the result of the last task.
Next door: ``joining`` makes chains out of ``|``, ``steps`` makes them ready to go.
Celery: ``_chain`` and ``chain`` in ``celery/canvas.py``; its user guide, "Canvas: Chains".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from labq import _state
from labq.canvas.entries import listed
from labq.canvas.joining import chain_then, folded
from labq.canvas.keys import Key
from labq.canvas.kinds import is_chain, is_chord, is_empty_group, kind, leads_with_task
from labq.canvas.lazy import regen
from labq.canvas.signature import Signature, maybe_signature
from labq.canvas.stamping import StampingVisitor, collected
from labq.canvas.steps import Order, Steps
from labq.prose import remove_repeating_from_task
from labq.result import EagerResult, allow_join_result
from labq.sequences import is_list
from labq.states import IGNORED, REJECTED

OWN_OPTIONS = frozenset(
    ("chord", "group_id", "group_index", "link", "link_error", "parent_id", "root_id", "task_id"),
)
"""Options that mean the chain as a whole; all others go to its first task."""


def first_task_options(chain: Any) -> dict[str, Any]:
    """Return those options of *chain* that its first task gets."""
    return {name: value for name, value in chain.options.items() if name not in OWN_OPTIONS}


@kind("chain")
@Signature.register_type(name="chain")
class _chain(Signature):  # noqa: N801 - Celery's name
    """Calls that follow one another, just as they were written; ``|`` and ``chain(...)`` join what can be joined.

    Arguments:
        tasks: the calls, or one list, tuple or generator of them.
        options: options for the whole chain, such as ``task_id`` (the last task's), ``link``, ``link_error``; others
            are the first task's. ``use_link=True`` links each task to the next instead of sending the rest along.
    """

    tasks = Key("tasks", "kwargs")

    @classmethod
    def from_dict(cls, d: Any, app: Any = None) -> Any:
        """Return the chain that *d* stands for."""
        tasks = d["kwargs"]["tasks"]
        if tasks:
            if isinstance(tasks, tuple):
                d["kwargs"]["tasks"] = list(tasks)
            tasks = [maybe_signature(task, app=app) for task in tasks]
        return cls(tasks, app=app, **d["options"])

    def __init__(self, *tasks: Any, **options: Any) -> None:
        found: Any = regen(tasks[0]) if len(tasks) == 1 and is_list(tasks[0]) else tasks
        super().__init__("celery.chain", (), {"tasks": found}, **options)
        self._use_link = options.get("use_link")
        self.subtask_type = "chain"
        self._frozen: Any = None

    # -- joining -----------------------------------------------------------------------------------------------
    def __or__(self, other: Any) -> Any:
        """Return what this chain and *other* make together."""
        return chain_then(self, other) if isinstance(other, Signature) else NotImplemented

    def clone(self, args: Any = None, kwargs: Any = None, **opts: Any) -> Any:
        """Return a copy with copies of the tasks."""
        copy = super().clone(args, kwargs, **opts)
        copy.tasks = [maybe_signature(task, app=self._app, clone=True) for task in copy.tasks]
        return copy

    def unchain_tasks(self) -> list[Any]:
        """Return copies of the tasks, with the chain's links on the last of them and its errbacks on all."""
        tasks = [task.clone() for task in self.tasks]
        for callback in listed(self.options.get("link")):
            tasks[-1].link(callback)
        for errback in listed(self.options.get("link_error")):
            for task in tasks:
                task.link_error(errback)
        return tasks

    # -- making ready ------------------------------------------------------------------------------------------
    def _links_tasks(self, app: Any) -> bool:
        """Tell whether tasks are linked to each other; else the first message carries the rest."""
        return bool(app.conf.task_protocol == 1 if self._use_link is None else self._use_link)

    def prepare_steps(
        self,
        args: Any,
        kwargs: Any,
        tasks: Any,
        root_id: str | None = None,
        parent_id: str | None = None,
        link_error: Any = None,
        app: Any = None,
        last_task_id: str | None = None,
        group_id: str | None = None,
        chord_body: Any = None,
        clone: bool = True,
        from_dict: Any = None,
        group_index: int | None = None,
    ) -> tuple[list[Any], list[Any]]:
        """Return *tasks* frozen, the last one first, and their results; see ``steps``."""
        del parent_id, from_dict
        app = app or self.app
        order = Order(
            app, args, kwargs, root_id, last_task_id, group_id, group_index, chord_body, link_error, clone,
            self._links_tasks(app),
        )  # fmt: skip
        ready, results = Steps(tasks, order).prepare()
        self.id = results[0].id if results else last_task_id
        return ready, results

    def freeze(
        self,
        _id: str | None = None,
        group_id: str | None = None,
        chord: Any = None,
        root_id: str | None = None,
        parent_id: str | None = None,
        group_index: int | None = None,
    ) -> Any:
        """Freeze every task; return the last one's result, whose ``parent`` is that of the one before it."""
        self._frozen = self.prepare_steps(
            self.args, self.kwargs, self.tasks, root_id, parent_id, None, self.app, _id, group_id, chord,
            clone=False, group_index=group_index,
        )  # fmt: skip
        return self._frozen[1][0]

    def _unroll_chords(self, app: Any = None) -> None:
        """Take the tails out of the bodies of chords in this chain, which must be a copy made for sending.

        Each header task's message carries the body; a body that holds the rest of the chain would be in all of them.
        """
        app = app or self.app
        if self._links_tasks(app):
            return  # then a failed header finds the end of the chain only in the whole body
        waiting, tasks = deque(self.tasks), []
        while waiting:
            task = waiting.popleft()
            if is_chain(task):
                task = task.clone()
                task._unroll_chords(app)
            if is_chord(task) and leads_with_task(task.body):
                waiting.extendleft(reversed(task._unrolled_body()))
            else:
                tasks.append(task)
        self.tasks = tasks

    # -- calling -----------------------------------------------------------------------------------------------
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Send the chain; an empty one is None."""
        return self.apply_async(args, kwargs) if self.tasks else None

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        """Send the chain, with *args* and *kwargs* for its first task; return the last one's result."""
        app = self.app
        if app.conf.task_always_eager:
            with allow_join_result():
                return self.apply(args, kwargs, **options)
        return self.run(args or (), kwargs or {}, app=app, **{**self.options, **options})

    def run(
        self,
        args: Any = None,
        kwargs: Any = None,
        group_id: str | None = None,
        chord: Any = None,
        task_id: str | None = None,
        link: Any = None,
        link_error: Any = None,
        publisher: Any = None,
        producer: Any = None,
        root_id: str | None = None,
        parent_id: str | None = None,
        app: Any = None,
        group_index: int | None = None,
        **options: Any,
    ) -> Any:
        """Send the chain's first task, with the rest of it; *options* are the first task's."""
        del publisher, producer
        app = app or self.app
        args = (*args, *self.args) if args and not self.immutable else self.args
        tasks, results = self.prepare_steps(
            args, kwargs, self.tasks, root_id, parent_id, link_error, app, task_id, group_id, chord,
            group_index=group_index,
        )  # fmt: skip
        if not results:
            return None
        if link:
            tasks[0].extend_list_option("link", link)
        first = tasks.pop()
        result = first.apply_async(**self._with_rest(options, tasks, app))
        # alone, the task's own result counts: a group's members are known only when they are sent
        return results[0] if tasks else result

    def _with_rest(self, options: Mapping[str, Any], rest: list[Any], app: Any) -> dict[str, Any]:
        """Return *options* with the rest of the chain, in front of what follows the chain itself.

        The list that is there is left as it is: the members of a group share it.
        """
        if self._links_tasks(app):
            return {**options, "chain": None}
        return {**options, "chain": options["chain"] + rest if "chain" in options else rest}

    def apply(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Run the tasks here and now, one after the other; return the last one's result.

        A callback of the whole chain is called after the last task, errbacks after whichever fails.
        """
        tasks = list(self.tasks)
        options = {**self.options, **options}
        link = options.pop("link", None)
        full = [place for place, task in enumerate(tasks) if not is_empty_group(task)]
        final = full[-1] if full else len(tasks) - 1
        last: Any = None
        for place, task in enumerate(tasks):
            if is_empty_group(task) and (place < len(tasks) - 1 or last is not None):
                continue
            call = task.clone()
            if link and place == final:
                # a chord run on the spot runs its body with the body's own links only
                (call.body if is_chord(call) else call).extend_list_option("link", link)
            if last is None:
                result = call.apply(args or (), kwargs or {}, **options)
            else:
                result = call.apply((last.get(),), None, **options)
            result.parent, last = last, result
            if isinstance(result, EagerResult) and result.state in (IGNORED, REJECTED):
                break
        return last

    # -- stamps and names --------------------------------------------------------------------------------------
    def stamp(self, visitor: StampingVisitor | None = None, append_stamps: bool = False, **headers: Any) -> None:
        """Stamp every task, and what is linked to the chain."""
        told = None if visitor is None else visitor.on_chain_start(self, **headers) or {}
        stamps = collected(self, told, append_stamps, headers)
        self.stamp_links(visitor, **stamps)
        for task in self.tasks:
            task.stamp(visitor, append_stamps, **stamps)
        if visitor is not None:
            visitor.on_chain_end(self, **stamps)

    @property
    def app(self) -> Any:
        """The app that sends the chain: its own, the first task's, or the current one."""
        if self._app is not None:
            return self._app
        try:
            return self.tasks[0].app or _state.current_app
        except (LookupError, AttributeError):  # no task, or one that is still a dictionary
            return _state.current_app

    def __repr__(self) -> str:
        """Return ``proj.add(2, 2) | add(4)``."""
        if not self.tasks:
            return f"<{type(self).__name__}@{id(self):#x}: empty>"
        return remove_repeating_from_task(self.tasks[0]["task"], " | ".join(repr(task) for task in self.tasks))


def joined(tasks: Any) -> Any:
    """Return what ``|`` makes of all these calls, one after the other."""
    return folded(tasks, lambda call: isinstance(call, Signature))


class chain(_chain):  # noqa: N801 - Celery's name
    """Calls that follow one another: ``chain(a, b, c)`` is ``a | b | c``, with all that ``|`` makes of it.

    Arguments:
        tasks: the calls, or one list, tuple or generator of them.
        options: options for the whole chain; with any of them the calls stay as they are written.

    Raises:
        TypeError: when something among them is no signature.
    """

    def __new__(cls, *tasks: Any, **kwargs: Any) -> Any:
        """Return what the calls make together, which need not be a chain."""
        if kwargs or not tasks or (len(tasks) == 1 and not is_list(tasks[0])):
            return super().__new__(cls, *tasks, **kwargs)
        made = joined(tasks[0] if len(tasks) == 1 else tasks)
        if cls is not chain and is_chain(made) and not isinstance(made, cls):
            return super().__new__(cls, made.tasks, **kwargs)
        return made
