"""A schedule: every so many seconds. And what all schedules have in common.

Comes in: when the task ran last. Goes out: whether it is due, and in how many seconds to ask again.
Next door: ``cron`` and ``sun`` have the other kinds; ``labq.beat`` asks.
Celery: ``BaseSchedule``, ``schedule`` and ``maybe_schedule`` in ``celery/schedules.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from labq._state import get_current_app
from labq.calendar import humanize_seconds, maybe_make_aware, maybe_timedelta, remaining, timezone


class schedstate(NamedTuple):  # noqa: N801 - Celery's name
    """Whether a task is due, and in how many seconds to ask again."""

    is_due: bool
    next: float


class BaseSchedule:
    """What every schedule has; a base for one's own.

    Arguments:
        nowfun: a function that returns the present; ``app.now`` by default.
        app: the app whose time zone it follows; the current one by default.
    """

    def __init__(self, nowfun: Callable[[], datetime] | None = None, app: Any = None) -> None:
        self.nowfun = nowfun
        self._app = app

    def now(self) -> datetime:
        """Return the present."""
        now: datetime = (self.nowfun or self.app.now)()
        return now

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        """Return how long it is until the task is due again."""
        raise NotImplementedError

    def is_due(self, last_run_at: datetime) -> tuple[bool, float]:
        """Return whether the task is due, and in how many seconds to ask again."""
        raise NotImplementedError

    def maybe_make_aware(self, dt: datetime, naive_as_utc: bool = True) -> datetime:
        """Return *dt* in the app's time zone if it has none; for *naive_as_utc* see ``labq.calendar``."""
        return maybe_make_aware(dt, self.tz, naive_as_utc=naive_as_utc)

    @property
    def app(self) -> Any:
        """The app."""
        return self._app or get_current_app()

    @app.setter
    def app(self, app: Any) -> None:
        self._app = app

    @cached_property
    def tz(self) -> Any:
        """The app's time zone, as it was when it was first asked for."""
        return self.app.timezone

    @cached_property
    def utc_enabled(self) -> bool:
        """The app's setting ``enable_utc``, as it was when it was first asked for."""
        return bool(self.app.conf.enable_utc)

    def to_local(self, dt: datetime) -> datetime:
        """Return *dt* in the zone of the lab's computer when the app does without UTC, else as it is."""
        return dt if self.utc_enabled else timezone.to_local_fallback(dt)

    def __eq__(self, other: object) -> Any:
        """Compare what tells the time; the kinds of schedules compare the rest."""
        return other.nowfun == self.nowfun if isinstance(other, BaseSchedule) else NotImplemented

    __hash__: Any = None


class schedule(BaseSchedule):  # noqa: N801 - Celery's name
    """Every so many seconds after the last run.

    Arguments:
        run_every: the seconds, or a timedelta.
        relative: whether to run at whole minutes, hours or midnights: whichever is the longest that *run_every* fills.
        nowfun, app: see ``BaseSchedule``.
    """

    relative = False

    def __init__(
        self,
        run_every: float | timedelta | None = None,
        relative: bool = False,
        nowfun: Callable[[], datetime] | None = None,
        app: Any = None,
    ) -> None:
        self.run_every: Any = maybe_timedelta(run_every)
        self.relative = relative
        super().__init__(nowfun=nowfun, app=app)

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        """Return how long it is until the task is due again; negative when it is late."""
        now = self.maybe_make_aware(self.now())
        return remaining(self.maybe_make_aware(last_run_at), self.run_every, now, self.relative)

    def is_due(self, last_run_at: datetime) -> tuple[bool, float]:
        """Return whether the task is due, and in how many seconds to ask again."""
        last_run_at = self.maybe_make_aware(last_run_at)
        left = self.remaining_estimate(last_run_at).total_seconds()
        if left > 0:
            return schedstate(is_due=False, next=left)
        again = self._until_whole(last_run_at) if self.relative else self.seconds
        return schedstate(is_due=True, next=again)

    def _until_whole(self, last_run_at: datetime) -> float:
        """Return the seconds to the next whole unit: a task that runs late is not late the next time too."""
        now = self.maybe_make_aware(self.now()).astimezone(last_run_at.tzinfo)
        left = self.remaining_estimate(now).total_seconds()
        return left if left > 0 else self.seconds

    @property
    def seconds(self) -> float:
        """The interval in seconds, not less than 0."""
        seconds: float = max(self.run_every.total_seconds(), 0)
        return seconds

    @property
    def human_seconds(self) -> str:
        """The interval in words."""
        return humanize_seconds(self.seconds)

    def __eq__(self, other: object) -> Any:
        """Compare the interval, also with a plain timedelta."""
        return self.run_every == (other.run_every if isinstance(other, schedule) else other)

    __hash__ = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the app."""
        return self.__class__, (self.run_every, self.relative, self.nowfun)

    def __repr__(self) -> str:
        """Return ``<freq: 30.00 seconds>``."""
        return f"<freq: {self.human_seconds}>"


def maybe_schedule(s: Any, relative: bool = False, app: Any = None) -> Any:
    """Return a number of seconds or a timedelta as a schedule, and let a schedule know its *app*; None stays None."""
    if s is None:
        return None
    if isinstance(s, int | float):
        s = timedelta(seconds=s)
    if isinstance(s, timedelta):
        return schedule(s, relative, app=app)
    s.app = app
    return s
