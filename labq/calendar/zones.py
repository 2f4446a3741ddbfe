"""Zones: which hour it is where, and the hours that a change of summer time shows twice or never.

Comes in: datetimes with and without a zone. Goes out: datetimes with one.
Next door: ``spans`` counts between them.
Celery: ``timezone``, ``localize`` and ``maybe_make_aware`` in ``celery/utils/time.py``, which ask python-dateutil.

``ZoneInfo("UTC")`` and ``datetime.timezone.utc`` show the same hours and are not equal; ``localize`` knows only the
first one as UTC, as Celery's does.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, tzinfo
from datetime import timezone as fixed
from typing import Any
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
DAY = timedelta(hours=24)
NOTHING = timedelta(0)


class LocalTimezone(tzinfo):
    """The zone of the computer on which Python runs, as its C library tells it.

    Nothing in a lab uses it: the lab's own computer shows UTC, wherever it is run.
    """

    def __init__(self) -> None:
        self.STDOFFSET = timedelta(seconds=-time.timezone)
        self.DSTOFFSET = timedelta(seconds=-time.altzone) if time.daylight else self.STDOFFSET
        self.DSTDIFF = self.DSTOFFSET - self.STDOFFSET

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """Return how far its clocks are ahead of UTC at *dt*."""
        return self.DSTOFFSET if self._isdst(dt) else self.STDOFFSET

    def dst(self, dt: datetime | None) -> timedelta:
        """Return how much of that is summer time."""
        return self.DSTDIFF if self._isdst(dt) else NOTHING

    def tzname(self, dt: datetime | None) -> str:
        """Return what the zone is called at *dt*."""
        return time.tzname[self._isdst(dt)]

    def fromutc(self, dt: datetime) -> datetime:
        """Return the hour here when it is *dt* in UTC."""
        minutes = self.utcoffset(dt) // timedelta(minutes=1)
        here = fixed(timedelta(minutes=minutes))
        return here.fromutc(dt.replace(tzinfo=here))

    def _isdst(self, dt: datetime | None) -> bool:
        if dt is None:
            return False
        noted = (dt.year, dt.month, dt.day, dt.hour, dt.minute, dt.second, dt.weekday(), 0, 0)
        return time.localtime(time.mktime(noted)).tm_isdst > 0

    def __repr__(self) -> str:
        """Return ``<LocalTimezone: UTC+01>``."""
        return f"<LocalTimezone: UTC{int(self.DSTOFFSET.total_seconds() / 3600):+03d}>"


class Zones:
    """Celery's ``timezone``: the zones, under the names by which its code asks for them."""

    utc: tzinfo = UTC
    local: tzinfo = ZoneInfo("Etc/UTC")
    """The zone of the lab's computer: the same scenario gives the same log everywhere. It shows UTC under another name,
    so that who asks for the local time can be told from who asks for UTC."""

    def get_timezone(self, zone: Any) -> Any:
        """Return the zone of a name; what is no text is returned as it is.

        Raises:
            ZoneInfoNotFoundError: when nobody knows a zone of that name.
        """
        return ZoneInfo(zone) if isinstance(zone, str) else zone

    def tz_or_local(self, tzinfo: Any = None) -> Any:
        """Return the zone that *tzinfo* is or names, or that of the lab's computer for None."""
        return self.local if tzinfo is None else self.get_timezone(tzinfo)

    def to_local(self, dt: datetime, local: Any = None, orig: tzinfo | None = None) -> datetime:
        """Return *dt* in the zone *local*; without a zone of its own it is meant in *orig*, else in UTC."""
        aware = make_aware(dt, orig or self.utc) if is_naive(dt) else dt
        return localize(aware, self.tz_or_local(local))

    def to_system(self, dt: datetime) -> datetime:
        """Return *dt* in the zone of the computer on which Python runs."""
        return dt.astimezone(tz=None)

    def to_local_fallback(self, dt: datetime) -> datetime:
        """Return *dt* in the zone of the lab's computer; without a zone it is meant there."""
        return make_aware(dt, self.local) if is_naive(dt) else localize(dt, self.local)


timezone = Zones()


# -- hours that there are twice, or never ------------------------------------------------------------------------------
def is_ambiguous(dt: datetime, tz: tzinfo) -> bool:
    """Tell whether the hour of *dt* could mean two moments in *tz*; False where the zone cannot tell."""
    if not _can_tell(tz):
        return False
    asked = getattr(dt.tzinfo, "is_ambiguous", None)
    if asked is not None:
        return bool(asked(dt))
    first, second = dt.replace(fold=0), dt.replace(fold=1)
    return first.utcoffset() != second.utcoffset() or first.dst() != second.dst()


def exists(dt: datetime, tz: tzinfo) -> bool:
    """Tell whether clocks in *tz* ever show the hour of *dt*: then it survives the way to UTC and back."""
    wall = dt.replace(tzinfo=None)
    return wall.replace(tzinfo=tz).astimezone(UTC).astimezone(tz).replace(tzinfo=None) == wall


def is_imaginary(dt: datetime, tz: tzinfo | None) -> bool:
    """Tell whether clocks in *tz* jump over the hour of *dt*; False where the zone cannot tell."""
    try:
        return tz is not None and _can_tell(tz) and not exists(dt, tz)
    except ValueError:
        return False


def resolved(dt: datetime) -> datetime:
    """Return what clocks show at *dt* when they have jumped over it: as much later as they have jumped."""
    if dt.tzinfo is None or exists(dt, dt.tzinfo):
        return dt
    after, before = (dt + DAY).utcoffset(), (dt - DAY).utcoffset()
    return dt + ((after or NOTHING) - (before or NOTHING))


def _can_tell(tz: tzinfo | None) -> bool:
    return isinstance(tz, ZoneInfo) or hasattr(tz, "is_ambiguous")


# -- with a zone -------------------------------------------------------------------------------------------------------
def is_naive(dt: datetime) -> bool:
    """Tell whether *dt* has no zone, or one that says nothing."""
    return dt.tzinfo is None or dt.tzinfo.utcoffset(dt) is None


def make_aware(dt: datetime, tz: tzinfo) -> datetime:
    """Return the hour of *dt* in the zone *tz*: of two such hours the first, instead of none the one after the gap."""
    dt = dt.replace(tzinfo=tz)
    if tz is UTC or not is_ambiguous(dt, tz):
        return dt
    return resolved(dt) if is_imaginary(dt, tz) else dt.replace(fold=0)


def localize(dt: datetime, tz: tzinfo) -> datetime:
    """Return *dt* in the zone *tz* if it has no zone or is in UTC; else it stays in its own."""
    if is_naive(dt):
        dt = make_aware(dt, tz)
    return dt.astimezone(tz) if dt.tzinfo == UTC else dt


def to_utc(dt: datetime) -> datetime:
    """Return the hour of *dt* as one in UTC."""
    return make_aware(dt, UTC)


def maybe_make_aware(dt: datetime, tz: Any = None, naive_as_utc: bool = True) -> datetime:
    """Return *dt* with a zone; one that has a zone is left alone.

    Arguments:
        dt: the moment.
        tz: the zone, or its name, in which to return it; UTC by default.
        naive_as_utc: whether *dt* without a zone is meant in UTC; else in *tz*.
    """
    if not is_naive(dt):
        return dt
    if naive_as_utc:
        dt = to_utc(dt)
    return localize(dt, UTC if tz is None else timezone.tz_or_local(tz))
