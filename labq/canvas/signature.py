"""A signature: a call to a task that is written down and can be sent, kept, joined, or passed on as plain JSON.

Comes in: a task or its name, arguments and options. Goes out: a dictionary with Celery's six keys that can call.
Next door: ``chains``, ``groups``, ``chords`` and ``maps`` are signatures of many calls; ``joining`` says what ``|``
makes; ``labq.app.task`` makes signatures (``add.s(2, 2)``) and receives their calls.
Celery: ``Signature`` in ``celery/canvas.py``; its user guide, "Canvas: Designing Work-flows".
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from copy import deepcopy
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from labq import _state
from labq.canvas.entries import listed
from labq.canvas.joining import task_then
from labq.canvas.keys import Key
from labq.canvas.stamping import StampingVisitor, collected, stamp_links
from labq.canvas.writing import reprcall

if TYPE_CHECKING:
    from labq.app.base import Celery

Found = TypeVar("Found", bound=type["Signature"])
Classes = dict[str, type["Signature"]]
Merged = tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]
"""Positional arguments, keyword arguments, options."""


def new_id() -> str:
    """Return a new task id of the current lab."""
    return _state.get_current_lab().new_id()


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return *options* without those that are None, which say nothing."""
    return {name: value for name, value in options.items() if value is not None}


class Signature(dict[str, Any]):
    """A call written down.

    Arguments:
        task: the task, its name, or a dictionary with a signature's keys, which then says it all.
        args, kwargs: the arguments known so far.
        options: options for ``apply_async``.
        type: the task; in Celery, too, only what *task* brings along counts.
        subtask_type: the name of a composed call; None for a plain one.
        immutable: True when results of other tasks must not be put in front of *args*.
        app: the app that sends it; the current one by default.
        ex: more options.
    """

    TYPES: ClassVar[Classes] = {}
    """The classes of composed calls by the name under which they travel."""

    _app: Any = None
    _type: Any = None
    _IMMUTABLE_OPTIONS: ClassVar[frozenset[str]] = frozenset({"group_id", "stamped_headers"})
    """Options that stay once they are set: a group that waits for its members counts on them."""

    id = Key("task_id", "options")
    parent_id = Key("parent_id", "options")
    root_id = Key("root_id", "options")
    task = Key("task")
    args = Key("args")
    kwargs = Key("kwargs")
    options = Key("options")
    subtask_type = Key("subtask_type")
    immutable = Key("immutable")

    @classmethod
    def register_type(cls, name: str | None = None) -> Callable[[Found], Found]:
        """Return a class decorator: dictionaries whose ``subtask_type`` is *name* become signatures of that class."""

        def register(found: Found) -> Found:
            cls.TYPES[name or found.__name__] = found
            return found

        return register

    @classmethod
    def from_dict(cls, d: Any, app: Celery | None = None) -> Any:
        """Return the signature that the dictionary *d* stands for, of the class that its ``subtask_type`` says."""
        written = d.get("subtask_type")
        kind = cls.TYPES[written] if written else cls
        return Signature(d, app=app) if kind is cls else kind.from_dict(d, app=app)

    def __init__(
        self,
        task: Any = None,
        args: Sequence[Any] | None = None,
        kwargs: Any = None,
        options: Mapping[str, Any] | None = None,
        type: Any = None,  # noqa: ARG002 - Celery's
        subtask_type: str | None = None,
        immutable: bool = False,
        app: Any = None,
        **ex: Any,
    ) -> None:
        self._app = app
        if isinstance(task, dict):
            super().__init__(task)
            return
        name = getattr(task, "name", task)
        if name is not task:
            self._type = task
        super().__init__(
            task=name,
            args=tuple(args or ()),
            kwargs=kwargs or {},
            options=dict(options or {}, **ex),
            subtask_type=subtask_type,
            immutable=immutable,
        )

    # -- calling -----------------------------------------------------------------------------------------------
    def __call__(self, *partial_args: Any, **partial_kwargs: Any) -> Any:
        """Call the task's function here and now."""
        args, kwargs, _ = self._merge(partial_args, partial_kwargs)
        return self.type(*args, **kwargs)

    def delay(self, *partial_args: Any, **partial_kwargs: Any) -> Any:
        """Send the task with *partial_args* in front and *partial_kwargs* over those written down."""
        return self.apply_async(partial_args, partial_kwargs)

    def apply_async(
        self,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        route_name: str | None = None,
        **options: Any,
    ) -> Any:
        """Send the task; *args* go in front, *kwargs* and *options* (for ``Task.apply_async``) win over those here."""
        del route_name
        options = given(options)
        if args or kwargs or options:
            args, kwargs, options = self._merge(args, kwargs, options)
        else:
            args, kwargs, options = self.args, self.kwargs, self.options
        return self._apply_async(args, kwargs, **options)

    def apply(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Run the task here and now and return an ``EagerResult``."""
        args, kwargs, options = self._merge(args, kwargs, given(options))
        return self.type.apply(args, kwargs, **options)

    def __invert__(self) -> Any:
        """Send the task and wait for its value: ``~add.s(2, 2)``."""
        return self.apply_async().get()

    def election(self) -> Any:
        """Send the call to all workers at once, who choose one among them to run it."""
        task = self.type
        result = task.AsyncResult(self.id or new_id())
        task.app.control.election(result.id, "task", self.clone(task_id=result.id))
        return result

    # -- copying and adding ------------------------------------------------------------------------------------
    def _merge(self, args: Any = None, kwargs: Any = None, options: Any = None, force: bool = False) -> Merged:
        """Return arguments and options with those given laid over; *force* does so even if this one is immutable."""
        chosen = self.options
        if options is not None:
            stays = self._IMMUTABLE_OPTIONS.union(chosen.get("stamped_headers") or ())
            chosen = {**chosen, **{k: v for k, v in options.items() if k not in stays or k not in chosen}}
        if self.immutable and not force:
            return self.args, self.kwargs, chosen
        return (
            (*args, *self.args) if args else self.args,
            {**self.kwargs, **kwargs} if kwargs else self.kwargs,
            chosen,
        )

    def clone(self, args: Any = None, kwargs: Any = None, **opts: Any) -> Any:
        """Return a copy with *args* put in front and *kwargs* and *opts* laid over."""
        merged, keywords, options = self._merge(args, kwargs, opts or None)
        copy = Signature.from_dict(
            {
                "task": self.task,
                "args": tuple(merged),
                "kwargs": dict(keywords),  # not deeper: there may be iterators in it, which must not be run
                "options": deepcopy(options),
                "subtask_type": self.subtask_type,
                "immutable": self.immutable,
            },
            app=self._app,
        )
        copy._type = self._type
        return copy

    partial = clone

    def replace(self, args: Any = None, kwargs: Any = None, options: Any = None) -> Any:
        """Return a copy with the arguments or options that are given in place of its own."""
        copy = self.clone()
        for name, value in (("args", args), ("kwargs", kwargs), ("options", options)):
            if value is not None:
                copy[name] = value
        return copy

    def set(self, immutable: bool | None = None, **options: Any) -> Self:
        """Lay *options* over those written down, and return the signature itself."""
        if immutable is not None:
            self.set_immutable(immutable)
        self.options.update(options)
        return self

    def set_immutable(self, immutable: bool) -> None:
        """Say whether results of other tasks may be put in front of the arguments."""
        self.immutable = immutable

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
        """Give the call the id under which it will run, and return its result, before it is sent.

        Arguments:
            _id: the id, unless the call has one; a new one by default.
            group_id: the group to which it belongs, unless it belongs to one.
            chord: the body that waits for it.
            root_id: the first task of the whole work-flow.
            parent_id: the task that sends it.
            group_index: its place in the group.
        """
        options = self.options
        if "task_id" not in options:
            options["task_id"] = _id or new_id()
        for name, value in (("root_id", root_id), ("parent_id", parent_id), ("chord", chord)):
            if value:
                options[name] = value
        if "reply_to" not in options:
            options["reply_to"] = self.app.thread_oid
        if group_id:
            options.setdefault("group_id", group_id)
        if group_index is not None:
            options["group_index"] = group_index
        return self.AsyncResult(options["task_id"])

    _freeze = freeze

    # -- stamps ------------------------------------------------------------------------------------------------
    def stamp(self, visitor: StampingVisitor | None = None, append_stamps: bool = False, **headers: Any) -> Any:
        """Give the call, and what is linked to it, stamps: those in *headers*, and those that *visitor* says.

        Arguments:
            visitor: says which part of a canvas gets which stamps.
            append_stamps: whether stamps of one name are collected in a list; else the present one is replaced.
        """
        self.stamp_links(visitor, append_stamps, **headers)
        told = None if visitor is None else visitor.on_signature(self, **headers) or {}
        return self.set(**collected(self, told, append_stamps, headers))

    def stamp_links(self, visitor: StampingVisitor | None, append_stamps: bool = False, **headers: Any) -> None:
        """Stamp the callbacks and errbacks only."""
        as_call = partial(maybe_signature, app=self.app)
        stamp_links(self, visitor, append_stamps, headers, as_call)

    # -- links -------------------------------------------------------------------------------------------------
    def _with_list_option(self, key: str) -> Any:
        entries: Any = self.options.setdefault(key, [])
        if not isinstance(entries, MutableSequence):
            entries = self.options[key] = [entries]
        return entries

    def append_to_list_option(self, key: str, value: Any) -> Any:
        """Add *value* to the list that is the option *key*, unless it has an equal one; return *value*."""
        entries = self._with_list_option(key)
        if value not in entries:
            entries.append(value)
        return value

    def extend_list_option(self, key: str, value: Any) -> None:
        """Add one or many values to the list that is the option *key*."""
        self._with_list_option(key).extend(listed(value))

    def link(self, callback: Any) -> Any:
        """Let *callback* be called with the result when the task has succeeded; return *callback*."""
        return self.append_to_list_option("link", callback)

    def link_error(self, errback: Any) -> Any:
        """Let *errback* be called when the task has failed; return *errback*."""
        return self.append_to_list_option("link_error", errback)

    def on_error(self, errback: Any) -> Self:
        """Do as ``link_error``, but return the signature itself."""
        self.link_error(errback)
        return self

    def flatten_links(self) -> list[Any]:
        """Return this call and all that are linked to it, and to those, one after the other."""
        return [self, *(call for link in listed(self.options.get("link")) for call in link.flatten_links())]

    # -- joining -----------------------------------------------------------------------------------------------
    def __or__(self, other: Any) -> Any:
        """Return the chain, or what it is upgraded to, of this call and *other*."""
        return task_then(self, other) if isinstance(other, Signature) else NotImplemented

    def __ior__(self, other: Any) -> Any:  # else a dictionary would take *other* in
        """Do as ``|``: the name gets the new call, the old one stays as it is."""
        return self.__or__(other)

    # -- being written -----------------------------------------------------------------------------------------
    def reprcall(self, *args: Any, **kwargs: Any) -> str:
        """Return the call as it would be typed, with *args* in front and *kwargs* laid over."""
        merged, keywords, _ = self._merge(args, kwargs, {}, force=True)
        return reprcall(self["task"], merged, keywords)

    __class_getitem__: Any = classmethod(types.GenericAlias)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        """Return a plain dictionary: options are copied, arguments, which may be iterators, are not."""
        copy: dict[str, Any] = dict(self)
        memo[id(self)] = copy
        copy["options"] = deepcopy(self.options, memo)
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the dictionary: the reader's app has the task."""
        return signature, (dict(self),)

    def __json__(self) -> dict[str, Any]:
        """Return the dictionary."""
        return dict(self)

    def __repr__(self) -> str:
        """Return the call as it would be typed: ``proj.add(2, 2)``."""
        return self.reprcall()

    # -- what it belongs to ------------------------------------------------------------------------------------
    @property
    def name(self) -> Any:
        """The task's name."""
        return self.task

    @cached_property
    def type(self) -> Any:
        """The task; NotRegistered when the app knows none of that name."""
        return self._type or self.app.tasks[self["task"]]

    @cached_property
    def app(self) -> Any:
        """The app that sends this call."""
        return self._app or _state.current_app

    @cached_property
    def AsyncResult(self) -> Any:  # noqa: N802 - Celery's name
        """What makes this call's results."""
        try:
            return self.type.AsyncResult
        except KeyError:  # a task that is not known here has the app's
            return self.app.AsyncResult

    @cached_property
    def _apply_async(self) -> Any:
        try:
            return self.type.apply_async
        except KeyError:
            return partial(self.app.send_task, self["task"])


def signature(varies: Any, *args: Any, **kwargs: Any) -> Any:
    """Return a signature: of a task or its name, or of a dictionary that came over the wire; of a signature, a copy."""
    if isinstance(varies, Signature):
        return varies.clone()
    if isinstance(varies, dict):
        return Signature.from_dict(varies, app=kwargs.get("app"))
    return Signature(varies, *args, **kwargs)


subtask = signature


def maybe_signature(d: Any, app: Any = None, clone: bool = False) -> Any:
    """Return *d* as a signature, bound to *app* if one is given; what is neither that nor a dictionary stays as it is.

    Arguments:
        d: a signature, the dictionary of one, or None.
        clone: whether a signature is copied first.
    """
    if isinstance(d, Signature):
        d = d.clone() if clone else d
    elif isinstance(d, dict):
        d = signature(d)
    if d is not None and app is not None:
        d._app = app
    return d


maybe_subtask = maybe_signature
