"""A chord: a group, the header, and a body that is called with the list of its members' results.

Comes in: signatures. Goes out: the header's messages, each of which carries the body; the body's result. Who counts the
members that have ended, and sends the body, is the backend.
Next door: ``groups`` sends the header, ``callbacks`` gives the body what was linked to the chord.
Celery: ``_chord`` in ``celery/canvas.py``; its user guide, "Canvas: Chords".
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, MutableSequence
from types import GeneratorType
from typing import Any

from labq import _state
from labq.canvas.callbacks import with_callbacks
from labq.canvas.chains import first_task_options
from labq.canvas.entries import listed
from labq.canvas.groups import group
from labq.canvas.joining import chord_then
from labq.canvas.keys import Key
from labq.canvas.kinds import is_chain, is_chord, is_group, kind, make_chain, without_header_chords
from labq.canvas.lazy import _regen, regen
from labq.canvas.signature import Signature, maybe_signature, new_id, signature
from labq.canvas.size import size_of
from labq.canvas.stamping import StampingVisitor, collected
from labq.exceptions import CPendingDeprecationWarning
from labq.prose import remove_repeating_from_task
from labq.result import allow_join_result

ERRBACKS_WARNING = (
    "task_allow_error_cb_on_chord_header=False is pending deprecation in a future release of Celery.\n"
    "Please test the new behavior by setting task_allow_error_cb_on_chord_header to True and report any concerns you "
    "might have in our issue tracker before we make a final decision regarding how errbacks should behave when used "
    "with chords."
)
DELAYS = ("countdown", "eta")


def _maybe_group(tasks: Any, app: Any) -> Any:
    """Return what a chord keeps as its header: the members of a group, the steps of a chain, or signatures."""
    if isinstance(tasks, dict):
        tasks = signature(tasks, app=app)
    if is_group(tasks) or is_chain(tasks):
        return tasks.tasks
    if isinstance(tasks, Signature):
        return [tasks]
    if isinstance(tasks, GeneratorType):
        return regen(signature(task, app=app) for task in tasks)
    return [signature(task, app=app) for task in tasks]


def _header_and_body(header: Any = None, body: Any = None, **kwargs: Any) -> tuple[Any, Any, dict[str, Any]]:
    return header, body, kwargs


@kind("chord")
@Signature.register_type(name="chord")
class _chord(Signature):  # noqa: N801 - Celery's name
    """A header and a body that waits for it.

    Arguments:
        header: the tasks to wait for: a list, tuple, generator, group, or one call.
        body: called with the list of their results; it can be given when the chord is called, too.
        args: go in front of each header task's arguments.
        kwargs: ``{"kwargs": {...}}``: keyword arguments for each header task.
        options: options for ``apply_async``.
    """

    tasks = Key("header", "kwargs")
    body = Key("body", "kwargs")

    @classmethod
    def from_dict(cls, d: Any, app: Any = None) -> Any:
        """Return the chord that *d* stands for."""
        options = dict(d)
        header, body, options["kwargs"] = _header_and_body(**options["kwargs"])
        return cls(header, body, app=app, **options)

    def __init__(
        self,
        header: Any,
        body: Any = None,
        task: str = "celery.chord",
        args: Any = None,
        kwargs: Any = None,
        app: Any = None,
        **options: Any,
    ) -> None:
        parts = {"header": _maybe_group(header, app), "body": maybe_signature(body, app=app)}
        super().__init__(task, args, {**(kwargs or {"kwargs": {}}), **parts}, app=app, **options)
        self.subtask_type = "chord"

    # -- joining -----------------------------------------------------------------------------------------------
    def __or__(self, other: Any) -> Any:
        """Return what this chord and *other* make together: a task joins the body."""
        return chord_then(self, other) if isinstance(other, Signature) else NotImplemented

    def clone(self, args: Any = None, kwargs: Any = None, **opts: Any) -> Any:
        """Return a copy with a copy of the body."""
        copy = super().clone(args, kwargs, **opts)
        if "body" in copy.kwargs:
            copy.body = maybe_signature(copy.body, clone=True)
        return copy

    # -- freezing ----------------------------------------------------------------------------------------------
    def freeze(
        self,
        _id: str | None = None,
        group_id: str | None = None,
        chord: Any = None,
        root_id: str | None = None,
        parent_id: str | None = None,
        group_index: int | None = None,
    ) -> Any:
        """Freeze header and body; return the body's result, whose oldest ancestor's ``parent`` is the header's.

        Raises:
            RuntimeError: when a result is its own ancestor.
        """
        if not is_group(self.tasks):
            self.tasks = group(self.tasks, app=self.app)
        header_result = self.tasks.freeze(parent_id=parent_id, root_id=root_id, chord=self.body)
        self.id = self.tasks.id
        if self.body is None:
            return None
        body_result = self.body.freeze(_id, root_id=root_id, chord=chord, group_id=group_id, group_index=group_index)
        seen, oldest = {body_result.id}, body_result
        while oldest.parent is not None:
            oldest = oldest.parent
            if oldest.id in seen:
                raise RuntimeError("Recursive result parents")
            seen.add(oldest.id)
        oldest.parent = header_result
        return body_result

    def _unrolled_body(self) -> list[Any]:
        """Return this chord with the first task of its body only, and then the rest of the body, which is a chain."""
        alone = self.clone()
        first, *rest = alone.body.unchain_tasks()
        alone.body = first.clone(**first_task_options(alone.body))
        return [alone, *rest]

    # -- calling -----------------------------------------------------------------------------------------------
    def __call__(self, body: Any = None, **options: Any) -> Any:
        """Send the header, with *body* to wait for it."""
        return self.apply_async((), {"body": body} if body else {}, **options)

    def apply_async(  # type: ignore[override]  # Celery's shape
        self,
        args: Any = None,
        kwargs: Any = None,
        task_id: str | None = None,
        producer: Any = None,
        publisher: Any = None,
        connection: Any = None,
        router: Any = None,
        result_cls: Any = None,
        **options: Any,
    ) -> Any:
        """Send the header; return the body's result, whose ``parent`` is the header's.

        ``countdown`` and ``eta`` are the header's; ``link`` and ``link_error`` the body's, as are all other options.
        """
        del producer, publisher, connection, router, result_cls
        args = (*args, *self.args) if args and not self.immutable else self.args
        kwargs = dict(kwargs or {})
        body = kwargs.pop("body", None) or self.kwargs["body"]
        kwargs = {**self.kwargs["kwargs"], **kwargs}
        delay = {name: options.pop(name) for name in DELAYS if options.get(name) is not None}
        callbacks: dict[str, Any] = {name: options.pop(name) for name in ("link", "link_error") if name in options}
        body = body.clone(**_body_options(options))
        app = self._get_app(body)
        if app.conf.task_always_eager:
            body = with_callbacks(body, {**self.options, **callbacks})
            with allow_join_result():
                return self.apply(args, kwargs, body=body, task_id=task_id, **options)
        merged: dict[str, Any] = {**self.options, **options, **callbacks}
        own_id = merged.pop("task_id", None)
        for name in DELAYS:
            merged.pop(name, None)  # ``run`` finds those written down in the chord itself
        if delay:
            merged["header_delay"] = delay
        return self.run(
            self._header_to_send(app),
            body,
            args,
            task_id=own_id if task_id is None else task_id,
            kwargs=kwargs,
            **merged,
        )

    def _header_to_send(self, app: Any) -> Any:
        """Return a copy of the header as a group."""
        if is_group(self.tasks):
            return self.tasks.clone()
        tasks = self.tasks
        if isinstance(tasks, MutableSequence) and not isinstance(tasks, _regen):
            tasks = tasks[:]
        return group(tasks, app=app, task_id=self.options.get("task_id") or new_id())

    def run(
        self,
        header: Any,
        body: Any,
        partial_args: Any,
        app: Any = None,
        interval: float | None = None,
        countdown: float = 1,
        max_retries: int | None = None,
        eager: bool = False,
        task_id: str | None = None,
        kwargs: Any = None,
        header_delay: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """Send *header* with *body* to wait for it; without header tasks send the body at once.

        Arguments:
            header: a group.
            body: what to call with the results.
            partial_args: go in front of each header task's arguments.
            interval, countdown, max_retries: how a backend that cannot count waits: seconds, and how often.
            task_id: the body's id.
            kwargs: keyword arguments for each header task.
            header_delay: ``countdown`` (seconds) or ``eta`` of the header.
            options: options for header and body.
        """
        del eager
        app = app or self._get_app(body)
        group_id = header.options.get("task_id") or new_id()
        root_id = body.options.get("root_id")
        options = {**self.options, **options}
        delay = {name: options[name] for name in DELAYS if options.get(name) is not None} | dict(header_delay or {})
        for name in (*DELAYS, "task_id"):
            options.pop(name, None)
        body = with_callbacks(body, options)
        body.options.update(_body_options(options))
        if is_chain(body):
            body._unroll_chords(app)
        body_result = body.freeze(task_id or new_id(), group_id=group_id, root_id=root_id)
        without_header_chords(body)
        for name in ("chain", "chord"):  # what follows the chord follows its body
            options.pop(name, None)
        header.options["task_id"] = group_id
        frozen = header._freeze_group_tasks(group_id=group_id, chord=body, root_id=root_id)
        if header.tasks:
            app.backend.apply_chord(frozen, body, interval=interval, countdown=countdown, max_retries=max_retries)
            result = header.apply_async(partial_args, kwargs, task_id=group_id, **{**options, **delay})
        else:
            body.delay([])
            result = self.app.GroupResult(*frozen)
        body_result.parent = result
        return body_result

    def apply(self, args: Any = None, kwargs: Any = None, propagate: bool = True, body: Any = None, **_: Any) -> Any:
        """Run header and body here and now; return the body's result."""
        body = self.body if body is None else body
        header = self.tasks.clone() if is_group(self.tasks) else group(self.tasks, app=self.app)
        return body.apply(args=(header.apply(args or (), kwargs or {}).get(propagate=propagate),))

    # -- for header and body -----------------------------------------------------------------------------------
    def stamp(self, visitor: StampingVisitor | None = None, append_stamps: bool = False, **headers: Any) -> None:
        """Stamp the header's tasks and what is linked to the chord; the body only by a visitor."""
        tasks = self.tasks.tasks if is_group(self.tasks) else self.tasks
        told = None if visitor is None else visitor.on_chord_header_start(self, **headers) or {}
        stamps = collected(self, told, append_stamps, headers)
        self.stamp_links(visitor, append_stamps, **stamps)

        def stamped(task: Any) -> Any:
            task.stamp(visitor, append_stamps, **stamps)
            return task

        if isinstance(tasks, _regen):
            tasks.map(stamped)
        else:
            for task in tasks:
                stamped(task)
        if visitor is None:
            return
        visitor.on_chord_header_end(self, **stamps)
        if self.body is not None:
            told = visitor.on_chord_body(self, **stamps) or {}
            self.body.stamp(visitor, append_stamps, **collected(self, told, append_stamps, stamps))

    def link(self, callback: Any) -> Any:
        """Link *callback* to the body."""
        self.body.link(callback)
        return callback

    def link_error(self, errback: Any) -> Any:
        """Link *errback* to the body, and to the header's tasks with ``task_allow_error_cb_on_chord_header``."""
        errback = maybe_signature(errback)
        if self.app.conf.task_allow_error_cb_on_chord_header:
            for task in listed(self.tasks):
                task.link_error(errback.clone(immutable=True))
        else:
            warnings.warn(ERRBACKS_WARNING, CPendingDeprecationWarning, stacklevel=2)
        for task in listed(self.tasks):
            if is_chord(task):
                task.link_error(errback)
        self.body.link_error(errback)
        return errback

    def set_immutable(self, immutable: bool) -> None:
        """Say for each of the header's tasks whether results may be put in front of its arguments."""
        for task in self.tasks:
            task.set_immutable(immutable)

    # -- what it is --------------------------------------------------------------------------------------------
    def __length_hint__(self) -> int:
        """Return for how many results the body waits."""
        return sum(size_of(task) for task in getattr(self.tasks, "tasks", self.tasks))

    @property
    def app(self) -> Any:
        """The app that sends the chord: its own, the first task's, the body's, or the current one."""
        return self._get_app(self.body)

    def _get_app(self, body: Any = None) -> Any:
        app = self._app
        if app is None:
            tasks = getattr(self.tasks, "tasks", self.tasks)
            app = _app_of(tasks[0]) if tasks else None
            if app is None and body is not None:
                app = _app_of(body)
        return _state.current_app if app is None else app

    def __repr__(self) -> str:
        """Return ``%proj.tsum([add(1, 1), add(2, 2)])``: the body, called with the header."""
        if not self.body:
            return f"<chord without body: {self.tasks!r}>"
        if not is_chain(self.body):
            return "%" + remove_repeating_from_task(self.body["task"], self.body.reprcall(self.tasks))
        first, rest = self.body.tasks[0], make_chain(self.body.tasks[1:], app=self._app)
        return remove_repeating_from_task(first["task"], f"%({first.reprcall(self.tasks)} | {rest!r})")


chord = _chord


def _body_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that go on to the body: its parent is the header task that lets it go."""
    return {name: value for name, value in options.items() if name != "parent_id"}


def _app_of(task: Any) -> Any:
    """Return the app of *task*, None if it has none but the current one."""
    if task._app is not None:
        return task._app
    try:
        app = task.app
    except AttributeError:  # a canvas whose first task is still a dictionary
        return None
    return None if app is _state.current_app else app
