"""A solar schedule: at sunrise, at noon, at dusk, wherever one is.

Comes in: an event, a place, and when the task ran last. Goes out: whether it is due, and in how many seconds to ask
again. The library ``ephem``, which knows the sun, is named only here, and is loaded when a schedule is made.
Celery: ``solar`` in ``celery/schedules.py``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from labq.calendar import localize, subtract_datetimes, timezone
from labq.exceptions import ImproperlyConfigured
from labq.local import try_import
from labq.schedules.interval import BaseSchedule, schedstate

NOT_INSTALLED = """\
You need to install the ephem library to use solar schedules.
Please install by:

    $ pip install celery[solar]
"""


class Crossing(NamedTuple):
    """What the sun does at an event: the method of ephem that finds it, and how high it stands then.

    Twilight is told by the sun's middle; sunrise and sunset by its upper edge, with what the air bends.
    """

    method: str
    horizon: str
    use_center: bool = True


EVENTS = {
    "dawn_astronomical": Crossing("next_rising", "-18"),
    "dawn_nautical": Crossing("next_rising", "-12"),
    "dawn_civil": Crossing("next_rising", "-6"),
    "sunrise": Crossing("next_rising", "-0:34", use_center=False),
    "solar_noon": Crossing("next_transit", "0", use_center=False),
    "sunset": Crossing("next_setting", "-0:34", use_center=False),
    "dusk_civil": Crossing("next_setting", "-6"),
    "dusk_nautical": Crossing("next_setting", "-12"),
    "dusk_astronomical": Crossing("next_setting", "-18"),
}


class solar(BaseSchedule):  # noqa: N801 - Celery's name
    """Whenever the sun does something.

    Arguments:
        event: one of the names in ``EVENTS``.
        lat: the latitude in degrees, north positive.
        lon: the longitude in degrees, east positive.
        kwargs: ``nowfun`` and ``app``; see ``BaseSchedule``.

    Raises:
        ImproperlyConfigured: without the library ephem.
        ValueError: for an unknown event, or a place that is not on Earth.
    """

    _all_events: ClassVar[set[str]] = set(EVENTS)
    max_search_days = 366
    """How many days to look for an event that does not come every day: near the poles the sun may not rise."""

    def __init__(self, event: str, lat: float, lon: float, **kwargs: Any) -> None:
        self.ephem: Any = try_import("ephem")
        if self.ephem is None:
            raise ImproperlyConfigured(NOT_INSTALLED)
        self.event = event
        self.lat = lat
        self.lon = lon
        super().__init__(**kwargs)
        if event not in EVENTS:
            known = ", ".join(sorted(EVENTS))
            raise ValueError(f'Argument event "{event}" is invalid, must be one of {known}.')
        if lat < -90 or lat > 90:
            raise ValueError(f"Argument latitude {lat} is invalid, must be between -90 and 90.")
        if lon < -180 or lon > 180:
            raise ValueError(f"Argument longitude {lon} is invalid, must be between -180 and 180.")
        self.method, horizon, self.use_center = EVENTS[event]
        self.cal = self.ephem.Observer()
        self.cal.lat, self.cal.lon = str(lat), str(lon)
        self.cal.elev = self.cal.pressure = 0
        self.cal.horizon = horizon

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        """Return how long it is until the event, or until it is worth looking again if none is near."""
        last = localize(self.maybe_make_aware(last_run_at), timezone.utc)
        self.cal.date = last
        found = self._next_event(self.ephem.Date(last))
        return subtract_datetimes(self.maybe_make_aware(found.datetime()), self.maybe_make_aware(self.now()))

    def _next_event(self, start: Any) -> Any:
        """Return ephem's date of the first such event after *start*, or of the day on which the search ended."""
        sun = self.ephem.Sun()
        how = {"use_center": True} if self.use_center else {}
        for _ in range(self.max_search_days):
            try:
                return getattr(self.cal, self.method)(sun, start=start, **how)
            except self.ephem.CircumpolarError:
                start = self.cal.next_antitransit(sun, start=start)
        return start

    def is_due(self, last_run_at: datetime) -> tuple[bool, float]:
        """Return whether the event has come, and in how many seconds to ask again."""
        left = self.remaining_estimate(last_run_at).total_seconds()
        if left > 0:
            return schedstate(is_due=False, next=left)
        again = max(self.remaining_estimate(self.now()).total_seconds(), 0)
        return schedstate(is_due=True, next=again)

    def __eq__(self, other: object) -> Any:
        """Compare event and place."""
        if not isinstance(other, solar):
            return NotImplemented
        return (other.event, other.lat, other.lon) == (self.event, self.lat, self.lon)

    __hash__ = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle event and place."""
        return self.__class__, (self.event, self.lat, self.lon)

    def __repr__(self) -> str:
        """Return ``<solar: sunrise at latitude 60, longitude: 30>``."""
        return f"<solar: {self.event} at latitude {self.lat}, longitude: {self.lon}>"
