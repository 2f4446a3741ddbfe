"""A signature: a call to a task that is written down and can be sent, kept, or passed on as plain JSON.

Comes in: a task's name, arguments and options. Goes out: a dictionary with Celery's six keys that knows how to call.
Next door: ``labq.app.task`` makes them (``add.s(2, 2)``) and receives their calls.
Celery: ``Signature`` in ``celery/canvas.py``; its user guide, "Canvas: Designing Work-flows".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labq._state import app_or_default

if TYPE_CHECKING:
    from labq.app.base import Celery


class Signature(dict[str, Any]):
    """A call written down.

    Arguments:
        task: the task, its name, or a mapping with a signature's keys.
        args: the positional arguments known so far.
        kwargs: the keyword arguments known so far.
        options: options for ``apply_async``.
        type: the task itself, when it is at hand.
        subtask_type: the name of a composed call; None for a plain one.
        immutable: True when results of other tasks must not be put in front of *args*.
        app: the app that sends it; the current one by default.
    """

    def __init__(
        self,
        task: Any = None,
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        type: Any = None,
        subtask_type: str | None = None,
        immutable: bool = False,
        app: Celery | None = None,
        **extra: Any,
    ) -> None:
        self._app = app
        self._type = type
        if isinstance(task, Mapping):
            super().__init__(task)
            return
        if task is not None and not isinstance(task, str):
            self._type = task
            task = task.name
        super().__init__(
            task=task,
            args=tuple(args or ()),
            kwargs=dict(kwargs or {}),
            options=dict(options or {}, **extra),
            subtask_type=subtask_type,
            immutable=immutable,
        )

    # -- reading -----------------------------------------------------------------------------------------------
    @property
    def task(self) -> str:
        """The task's name."""
        return str(self["task"])

    @property
    def args(self) -> tuple[Any, ...]:
        """The positional arguments."""
        return tuple(self["args"])

    @property
    def kwargs(self) -> dict[str, Any]:
        """The keyword arguments."""
        kwargs: dict[str, Any] = self["kwargs"]
        return kwargs

    @property
    def options(self) -> dict[str, Any]:
        """The options for ``apply_async``."""
        options: dict[str, Any] = self["options"]
        return options

    @property
    def immutable(self) -> bool:
        """Whether the arguments are complete."""
        return bool(self["immutable"])

    @property
    def name(self) -> str:
        """The task's name."""
        return self.task

    @property
    def app(self) -> Celery:
        """The app that sends this call."""
        return app_or_default(self._app or getattr(self._type, "app", None))

    @property
    def type(self) -> Any:
        """The task; NotRegistered when the app knows none of that name."""
        return self._type or self.app.tasks[self["task"]]

    # -- calling -----------------------------------------------------------------------------------------------
    def __call__(self, *partial: Any, **extra: Any) -> Any:
        """Call the task's function here and now."""
        args, kwargs, _ = self._merge(partial, extra, {})
        return self.type(*args, **kwargs)

    def delay(self, *partial: Any, **extra: Any) -> Any:
        """Send the task with *partial* arguments in front and *extra* keywords over those written down."""
        return self.apply_async(partial, extra)

    def apply_async(
        self, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        """Send the task; *options* win over those written down."""
        merged, keywords, chosen = self._merge(args or (), kwargs or {}, options)
        task = self._type or self.app.tasks.get(self["task"])
        if task is None:
            return self.app.send_task(self["task"], merged, keywords, **chosen)
        return task.apply_async(merged, keywords, **chosen)

    def apply(
        self, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None, **options: Any
    ) -> Any:
        """Run the task here and now and return an ``EagerResult``."""
        merged, keywords, chosen = self._merge(args or (), kwargs or {}, options)
        return self.type.apply(merged, keywords, **chosen)

    def clone(
        self, args: Sequence[Any] | None = None, kwargs: Mapping[str, Any] | None = None, **options: Any
    ) -> Signature:
        """Return a copy with *args* put in front and *kwargs* and *options* laid over."""
        merged, keywords, chosen = self._merge(args or (), kwargs or {}, options)
        return Signature(
            self["task"], merged, keywords, chosen, type=self._type, subtask_type=self["subtask_type"],
            immutable=self.immutable, app=self._app,
        )  # fmt: skip

    def set(self, immutable: bool | None = None, **options: Any) -> Signature:
        """Lay *options* over those written down, and return the signature itself."""
        if immutable is not None:
            self["immutable"] = immutable
        self["options"].update(options)
        return self

    def _merge(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], options: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], dict[str, Any]]:
        chosen = {**self["options"], **options}
        if self.immutable:
            return self.args, self.kwargs, chosen
        return (*args, *self["args"]), {**self["kwargs"], **kwargs}, chosen

    def __repr__(self) -> str:
        """Return the call as it would be written: ``proj.add(2, 2)``."""
        written = [*(repr(value) for value in self["args"]), *(f"{k}={v!r}" for k, v in self["kwargs"].items())]
        return f"{self['task']}({', '.join(written)})"


def signature(varies: Any, *args: Any, **kwargs: Any) -> Signature:
    """Return a signature: of a task's name and arguments, or of a dictionary that came over the wire."""
    if isinstance(varies, Signature):
        return varies.clone()
    return Signature(varies, *args, **kwargs)


def maybe_signature(written: Any, app: Celery | None = None) -> Signature | None:
    """Return *written* as a signature; None stays None."""
    if written is None or isinstance(written, Signature):
        return written
    return Signature(written, app=app)
