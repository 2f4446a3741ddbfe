"""An entry: one line of the schedule, with when it ran last and how often.

Comes in: a line of ``beat_schedule``. Goes out: an entry; after each run another one, with its time and count.
Next door: ``scheduler`` keeps them; ``labq.schedules`` says when they are due.
Celery: ``ScheduleEntry`` and ``BeatLazyFunc`` in ``celery/beat.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import total_ordering
from typing import Any, Self

from labq.schedules import maybe_schedule

EDITABLE = ("task", "args", "kwargs", "options", "schedule")
"""What the configuration says about an entry; the rest is what has happened to it."""


class BeatLazyFunc:
    """An argument of a periodic task that is worked out each time before the task is sent.

    Arguments:
        func: called with the other arguments.
    """

    def __init__(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._func = func
        self._func_params: dict[str, Any] = {"args": args, "kwargs": kwargs}

    def __call__(self) -> Any:
        """Work it out."""
        return self.delay()

    def delay(self) -> Any:
        """Work it out."""
        return self._func(*self._func_params["args"], **self._func_params["kwargs"])


@total_ordering
class ScheduleEntry:
    """One line of the schedule.

    Arguments:
        name: its key.
        task: the name of the task.
        last_run_at: when it was sent last; the present by default, so that it is sent first after one interval.
        total_run_count: how often it was sent.
        schedule: seconds, a timedelta, or a schedule.
        args, kwargs: the task's arguments.
        options: options of ``apply_async``.
        relative: whether to send at whole minutes, hours or midnights; see ``schedule``.
        app: the app.
    """

    name: Any = None
    schedule: Any = None
    args: Any = None
    kwargs: Any = None
    options: Any = None
    last_run_at: Any = None
    total_run_count = 0

    def __init__(
        self,
        name: str | None = None,
        task: str | None = None,
        last_run_at: datetime | None = None,
        total_run_count: int | None = None,
        schedule: Any = None,
        args: Sequence[Any] | None = (),
        kwargs: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        relative: bool = False,
        app: Any = None,
    ) -> None:
        self.app = app
        self.name = name
        self.task = task
        self.args = args
        self.kwargs = kwargs or {}
        self.options = options or {}
        self.schedule = maybe_schedule(schedule, relative, app=app)
        self.last_run_at = last_run_at or self.default_now()
        self.total_run_count = total_run_count or 0

    def default_now(self) -> datetime:
        """Return the present as its schedule sees it."""
        now: datetime = self.schedule.now() if self.schedule else self.app.now()
        return now

    _default_now = default_now

    def _next_instance(self, last_run_at: datetime | None = None) -> Self:
        """Return the entry after one more run, now or at *last_run_at*."""
        facts = dict(self)
        facts["last_run_at"] = last_run_at or self.default_now()
        facts["total_run_count"] = self.total_run_count + 1
        return self.__class__(**facts)

    __next__ = next = _next_instance

    def update(self, other: ScheduleEntry) -> None:
        """Take over what the configuration says about *other*; when it ran last stays."""
        for name in EDITABLE:
            setattr(self, name, getattr(other, name))

    def is_due(self) -> tuple[bool, float]:
        """Return whether to send it now, and in how many seconds to ask again."""
        due: tuple[bool, float] = self.schedule.is_due(self.last_run_at)
        return due

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Go through its facts by name, so that ``dict(entry)`` can make another one."""
        return iter(vars(self).items())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the app."""
        return self.__class__, (
            self.name, self.task, self.last_run_at, self.total_run_count, self.schedule, self.args, self.kwargs,
            self.options,
        )  # fmt: skip

    def editable_fields_equal(self, other: Any) -> bool:
        """Tell whether the configuration says the same about both."""
        for name in EDITABLE:
            mine, its = getattr(self, name), getattr(other, name)
            if mine is not its and mine != its:
                return False
        return True

    def __eq__(self, other: object) -> bool:
        """Compare what the configuration says."""
        return self.editable_fields_equal(other)

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: object) -> bool:
        """Order by name: of what is due at the same moment, that is the order; in Celery it is left to chance."""
        return str(self.name) < str(other.name) if isinstance(other, ScheduleEntry) else NotImplemented

    def __repr__(self) -> str:
        """Return ``<ScheduleEntry: name task(1, 2) <freq: 10.00 seconds>``; the missing bracket is Celery's."""
        written = [*(repr(value) for value in self.args or ()), *(f"{k}={v!r}" for k, v in (self.kwargs or {}).items())]
        return f"<{type(self).__name__}: {self.name} {self.task}({', '.join(written)}) {self.schedule}"
