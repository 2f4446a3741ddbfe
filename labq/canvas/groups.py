"""A group: calls that are made at the same time.

Comes in: signatures, or a generator of them, which is not run before it must be. Goes out: a message for each member,
and a ``GroupResult`` that gathers theirs. Groups in groups become one.
Next door: ``chords`` waits for all members of one; ``joining`` makes the chord.
Celery: ``group`` in ``celery/canvas.py``; its user guide, "Canvas: Groups".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, MutableSequence
from itertools import tee
from typing import Any

from labq import _state
from labq.canvas.joining import group_then
from labq.canvas.keys import Key
from labq.canvas.kinds import is_empty_chain, is_group, kind
from labq.canvas.lazy import _regen, regen
from labq.canvas.signature import Signature, maybe_signature, new_id
from labq.canvas.size import size_of
from labq.canvas.stamping import StampingVisitor, collected
from labq.prose import remove_repeating_from_task
from labq.result import GroupResult

Ready = tuple[Any, Any, str]
"""A member that can be sent, its result (None if it was not frozen), the group's id."""


@kind("group")
@Signature.register_type()
class group(Signature):  # noqa: N801 - Celery's name
    """Calls that are made at the same time.

    Arguments:
        tasks: the calls, or one list, tuple, generator or other group of them.
        options: options for every member.
    """

    tasks = Key("tasks", "kwargs")

    @classmethod
    def from_dict(cls, d: Any, app: Any = None) -> Any:
        """Return the group that *d* stands for; *d* itself gets signatures for its tasks."""
        written = d["kwargs"]["tasks"]
        d["kwargs"]["tasks"] = tasks = type(written)(maybe_signature(task, app=app) for task in written)
        return cls(tasks, app=app, **d["options"])

    def __init__(self, *tasks: Any, **options: Any) -> None:
        found: Any = tasks
        if len(tasks) == 1:
            found = tasks[0]
            if is_group(found):
                found = found.tasks
            if isinstance(found, Signature):
                found = [found.clone()]
            found = regen(found)
        super().__init__("celery.group", (), {"tasks": found}, **options)
        self.subtask_type = "group"

    # -- joining -----------------------------------------------------------------------------------------------
    def __or__(self, other: Any) -> Any:
        """Return the chord of this group and *other*; an empty group changes nothing."""
        return group_then(self, other)

    def skew(self, start: float = 1.0, stop: float | None = None, step: float = 1.0) -> Any:
        """Let the members start one after the other: the first in *start* seconds, each *step* seconds later.

        Arguments:
            stop: the longest countdown, in seconds; members that would be later get the last one before it.
        """
        countdown = start * 1.0
        for task in self.tasks:
            if not stop or countdown <= stop:
                task.set(countdown=countdown)
                countdown += step
            else:
                task.set(countdown=countdown - step)
        return self

    # -- calling -----------------------------------------------------------------------------------------------
    def __call__(self, *partial_args: Any, **options: Any) -> Any:
        """Send all members, with *partial_args* in front."""
        return self.apply_async(partial_args, **options)

    def apply_async(  # type: ignore[override]  # Celery's shape
        self,
        args: Any = None,
        kwargs: Any = None,
        add_to_parent: bool = True,
        producer: Any = None,
        link: Any = None,
        link_error: Any = None,
        **options: Any,
    ) -> Any:
        """Send all members; return a ``GroupResult``.

        Raises:
            TypeError: when there is a link: no member could hand the others' results on.
        """
        if link is not None:
            raise TypeError("Cannot add link to group: use a chord")
        if link_error is not None:
            raise TypeError("Cannot add link to group: do that on individual tasks")
        app = self.app
        if app.conf.task_always_eager:
            return self.apply(args, kwargs, **options)
        if not self.tasks:
            return self.freeze()
        options, group_id, root_id = self._freeze_gid(options)
        ready = self._prepared(self.tasks, [], group_id, root_id, app)
        results = list(self._send(ready, producer, app, args=args or (), kwargs=kwargs, **options))
        result = app.GroupResult(group_id, results)
        if len(result) == 1 and isinstance(result[0], GroupResult):
            result = result[0]  # a group of one chain that ends in a group: its members are what there is
        parent = app.current_worker_task
        if add_to_parent and parent:
            parent.add_trail(result)
        return result

    def _send(
        self,
        ready: Iterator[Ready],
        producer: Any,
        app: Any,
        chord: Any = None,
        add_to_parent: Any = None,
        args: Any = None,
        kwargs: Any = None,
        group_index: int | None = None,
        **options: Any,
    ) -> Iterator[Any]:
        """Send the members and yield their results; before the last one goes, a chord is told for how many to wait."""
        del add_to_parent, group_index  # these are the members' own
        size = 0
        ahead, ready = tee(ready)
        next(ahead, None)
        for call, result, group_id in ready:
            body = call.options.get("chord") if chord is None else chord
            size += size_of(call)
            if next(ahead, None) is None and body is not None:
                app.backend.set_chord_size(group_id, size)
            call.apply_async(producer=producer, add_to_parent=False, chord=body, args=args, kwargs=kwargs, **options)
            yield result

    def apply(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Run all members here and now, one after the other; return a ``GroupResult``."""
        app = self.app
        if not self.tasks:
            return self.freeze()
        options, group_id, root_id = self._freeze_gid(options)
        ready = self._prepared(self.tasks, [], group_id, root_id, app, freeze=False)
        return app.GroupResult(
            group_id, [call.apply(args=args or (), kwargs=kwargs or {}, **options) for call, _, _ in ready]
        )

    # -- making ready ------------------------------------------------------------------------------------------
    def _freeze_gid(self, options: dict[str, Any]) -> tuple[dict[str, Any], str, str | None]:
        """Return the options for the members, the group's id (its ``task_id``, or a new one), and the root's."""
        stays = self._IMMUTABLE_OPTIONS & self.options.keys()
        chosen = {**self.options, **{name: value for name, value in options.items() if name not in stays}}
        group_id = chosen["group_id"] = chosen.pop("task_id", None) or new_id()
        return chosen, group_id, chosen.get("root_id")

    def _prepared(
        self,
        tasks: Any,
        partial_args: Any,
        group_id: str,
        root_id: str | None,
        app: Any,
        *,
        freeze: bool = True,
    ) -> Iterator[Ready]:
        """Yield copies of the members, those of groups in the group too; chains without steps are left out."""
        for index, written in enumerate(tasks):
            task = written.clone() if isinstance(written, Signature) else Signature.from_dict(written, app=app)
            if is_group(task):
                yield from task._prepared(task.tasks, partial_args, group_id, root_id, app, freeze=freeze)
            elif not is_empty_chain(task):
                if partial_args and not task.immutable:
                    task.args = (*partial_args, *task.args)
                result = task.freeze(group_id=group_id, root_id=root_id, group_index=index) if freeze else None
                yield task, result, group_id

    def _freeze_group_tasks(
        self,
        _id: str | None = None,
        group_id: str | None = None,
        chord: Any = None,
        root_id: str | None = None,
        parent_id: str | None = None,
        group_index: int | None = None,
    ) -> tuple[str, Any]:
        """Freeze the members and put them in the place of those written; return the group's id and the results.

        A generator stays one: its members are frozen when somebody looks at them, or at the results.
        """
        del _id
        options = self.options
        if "task_id" not in options:
            options["task_id"] = new_id()
        for name, value in (("group_id", group_id), ("chord", chord)):
            if value:
                options[name] = value
        if group_index is not None:
            options["group_index"] = group_index
        root_id = options.setdefault("root_id", root_id)
        parent_id = options.setdefault("parent_id", parent_id)
        ids = {"group_id": group_id, "chord": chord, "root_id": root_id, "parent_id": parent_id}
        results: Any
        if isinstance(self.tasks, _regen):
            to_freeze, to_keep = tee(maybe_signature(task, app=self._app).clone() for task in self.tasks)
            results = regen(
                task.freeze(group_index=index, **ids)
                for index, task in enumerate(to_freeze)
                if not is_empty_chain(task)
            )
            self.tasks = regen(to_keep)
        else:
            members = list(self._unrolled())
            results = [task.freeze(group_index=index, **ids) for index, task in enumerate(members)]
            if isinstance(self.tasks, MutableSequence):
                self.tasks[:] = members
            else:
                self.tasks = members
        return options["task_id"], results

    def _unrolled(self) -> Iterator[Any]:
        """Yield copies of the members, without empty chains; a group's own members come last first, as in Celery."""
        waiting = deque(self.tasks)
        while waiting:
            task = maybe_signature(waiting.popleft(), app=self._app).clone()
            if is_group(task):
                waiting.extendleft(task.tasks)
            elif not is_empty_chain(task):
                yield task

    def freeze(self, *args: Any, **ids: Any) -> Any:
        """Freeze the members; return a ``GroupResult``. For the arguments see ``Signature.freeze``."""
        return self.app.GroupResult(*self._freeze_group_tasks(*args, **ids))

    _freeze = freeze

    # -- for all members ---------------------------------------------------------------------------------------
    def set_immutable(self, immutable: bool) -> None:
        """Say for each member whether results may be put in front of its arguments."""
        for task in self.tasks:
            task.set_immutable(immutable)

    def stamp(self, visitor: StampingVisitor | None = None, append_stamps: bool = False, **headers: Any) -> None:
        """Stamp every member (of a generator: when it is made), and what is linked to the group."""
        told = None if visitor is None else visitor.on_group_start(self, **headers) or {}
        stamps = collected(self, told, append_stamps, headers)
        self.stamp_links(visitor, append_stamps, **stamps)

        def stamped(task: Any) -> Any:
            call = maybe_signature(task, app=self.app)
            call.stamp(visitor, append_stamps, **stamps)
            return call

        if isinstance(self.tasks, _regen):
            self.tasks.map(stamped)
        else:
            members = [stamped(task) for task in self.tasks]
            if isinstance(self.tasks, MutableSequence):
                self.tasks[:] = members
            else:
                self.tasks = members
        if visitor is not None:
            visitor.on_group_end(self, **stamps)

    def link(self, callback: Any) -> Any:
        """Link *callback* to the first member, which hands no result on: it does not have the others'."""
        return self.tasks[0].link(callback.clone().set(immutable=True))

    def link_error(self, errback: Any) -> tuple[Any, ...]:
        """Link a copy of *errback* to every member, for any of them may fail; return the copies."""
        errback = maybe_signature(errback)
        return tuple(task.link_error(errback.clone()) for task in self.tasks)

    # -- what it is --------------------------------------------------------------------------------------------
    def __len__(self) -> int:
        """Return how many members there are."""
        return len(self.tasks)

    @property
    def app(self) -> Any:
        """The app that sends the group: its own, the first member's, or the current one."""
        if self._app is not None:
            return self._app
        try:
            app = self.tasks[0].app
        except LookupError:
            app = None
        return _state.current_app if app is None else app

    def __repr__(self) -> str:
        """Return ``group([proj.add(2, 2), add(4, 4)])``."""
        if not self.tasks:
            return "group(<empty>)"
        return remove_repeating_from_task(self.tasks[0]["task"], f"group({self.tasks!r})")
