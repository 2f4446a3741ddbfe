"""One task for many values: in one call (``map``, ``starmap``), or in calls of some values each (``chunks``).

Comes in: a task and values. Goes out: a call to ``celery.map`` or ``celery.starmap``, or a group of them.
Next door: ``labq.app.builtins`` has these tasks.
Celery: ``xmap``, ``xstarmap``, ``chunks`` in ``celery/canvas.py``; its user guide, "Canvas: Map & Starmap", "Chunks".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from labq.canvas.groups import group
from labq.canvas.lazy import regen
from labq.canvas.signature import Signature, given
from labq.prose import truncate
from labq.sequences import chunks as parts_of

SHOWN = 100
"""How many characters of the values a repr shows."""


class _basemap(Signature):  # noqa: N801 - Celery's name
    """One task called once for each value, in one call.

    Arguments:
        task: the task's signature.
        it: the values.
        options: options for the call.
    """

    _task_name: ClassVar[str | None] = None

    @classmethod
    def from_dict(cls, d: Any, app: Any = None) -> Any:
        """Return the call that *d* stands for."""
        return cls(d["kwargs"]["task"], d["kwargs"]["it"], app=app, **d["options"])

    def __init__(self, task: Any, it: Iterable[Any], **options: Any) -> None:
        super().__init__(self._task_name, (), {"task": task, "it": regen(it)}, immutable=True, **options)

    def apply_async(self, args: Any = None, kwargs: Any = None, **opts: Any) -> Any:  # type: ignore[override]
        """Send the call; a generator of values is run now."""
        del args, kwargs
        _, _, options = self._merge(options=given(opts))
        options = dict(options)
        route_name = options.pop("route_name", None) or _task_name(self.kwargs.get("task"))
        values = {"task": self.kwargs["task"], "it": list(self.kwargs["it"])}
        return self.type.apply_async((), values, route_name=route_name, **options)


@Signature.register_type()
class xmap(_basemap):  # noqa: N801 - Celery's name
    """One task called with each value."""

    _task_name = "celery.map"

    def __repr__(self) -> str:
        """Return ``[proj.tsum(x) for x in [...]]``."""
        return f"[{self.kwargs['task'].task}(x) for x in {truncate(repr(self.kwargs['it']), SHOWN)}]"


@Signature.register_type()
class xstarmap(_basemap):  # noqa: N801 - Celery's name
    """One task called with the arguments in each value."""

    _task_name = "celery.starmap"

    def __repr__(self) -> str:
        """Return ``[proj.add(*x) for x in [...]]``."""
        return f"[{self.kwargs['task'].task}(*x) for x in {truncate(repr(self.kwargs['it']), SHOWN)}]"


@Signature.register_type()
class chunks(Signature):  # noqa: N801 - Celery's name
    """One task for many arguments, in calls of some of them each.

    Arguments:
        task: the task's signature.
        it: the arguments, one tuple for each time.
        n: how many of them one call takes.
        options: options of the signature.
    """

    @classmethod
    def from_dict(cls, d: Any, app: Any = None) -> Any:
        """Return the chunks that *d* stands for."""
        kwargs = d["kwargs"]
        return cls(kwargs["task"], kwargs["it"], kwargs["n"], app=app, **d["options"])

    def __init__(self, task: Any, it: Iterable[Any], n: int, **options: Any) -> None:
        super().__init__("celery.chunks", (), {"task": task, "it": regen(it), "n": n}, immutable=True, **options)

    def __call__(self, **options: Any) -> Any:
        """Send all chunks."""
        return self.apply_async(**options)

    def apply_async(self, args: Any = None, kwargs: Any = None, **opts: Any) -> Any:  # type: ignore[override]
        """Send all chunks; return a ``GroupResult``."""
        route_name = _task_name(self.kwargs.get("task"))
        return self.group().apply_async(args or (), kwargs or {}, route_name=route_name, **opts)

    def group(self) -> Any:
        """Return the group of ``starmap`` calls that this stands for."""
        task, it, n = (self.kwargs[name] for name in ("task", "it", "n"))
        return group((xstarmap(task, part, app=self._app) for part in parts_of(iter(it), n)), app=self._app)

    @classmethod
    def apply_chunks(cls, task: Any, it: Iterable[Any], n: int, app: Any = None) -> Any:
        """Send *task* for the arguments in *it*, *n* in each call."""
        return cls(task, it, n, app=app)()


def _task_name(task: Any) -> Any:
    return getattr(task, "name", task)
