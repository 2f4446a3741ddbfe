"""When: from seconds and datetimes to the ISO 8601 text of a message, and back to aware datetimes.

In come ``countdown``, ``eta`` and ``expires`` as people write them, and the present as the lab's clock tells it; no
wall clock is read here. Out comes the text that the headers ``eta`` and ``expires`` carry.
Next door: ``protocol``, on both sides of the wire.
Celery: ``celery/app/amqp.py`` (``as_task_v2``) and ``celery/utils/time.py``.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from numbers import Real
from typing import Any

from labq.exceptions import InvalidTaskError

EARLIEST_SECONDS = -(2**31)
"""Celery refuses a countdown below this: it would not fit a 32-bit integer."""


def after(now: datetime | None, seconds: Any, what: str) -> datetime:
    """Return the moment *seconds* after *now*, in *now*'s time zone.

    Arguments:
        now: the aware present; needed, so None is a TypeError.
        seconds: a number, negative ones down to -2**31 included.
        what: ``countdown`` or ``expires``, for the errors.

    Raises ValueError where no calendar shows that moment. Celery says so only for a number below -2**31; NaN, infinity
    and the year ten thousand end there in the ValueError or OverflowError of some inner conversion.
    """
    if now is None:
        raise TypeError(f"{what} is counted from the present: give now=")
    if not isinstance(seconds, Real):
        raise TypeError(f"{what} must be a number of seconds, not {seconds!r}")
    if not seconds < EARLIEST_SECONDS:  # so that NaN goes on to the conversion, which refuses it
        # Seconds really pass, whatever a change of summer time does to the hands on the wall: so count in UTC.
        with suppress(ValueError, OverflowError):
            return (now.astimezone(UTC) + timedelta(seconds=float(seconds))).astimezone(now.tzinfo)
    raise ValueError(f"{what} is out of range: {seconds!r}")


def eta_text(now: datetime | None, countdown: Any, eta: Any) -> Any:
    """Return the header ``eta``; a *countdown* other than 0 wins over *eta*."""
    return _written(after(now, countdown, "countdown") if countdown else eta, "eta")


def expires_text(now: datetime | None, expires: Any) -> Any:
    """Return the header ``expires``; a number is seconds from *now*, and 0 is one too."""
    return _written(after(now, expires, "expires") if isinstance(expires, Real) else expires, "expires")


def _written(moment: Any, what: str) -> Any:
    """Return *moment* as a header carries it: text stays, a datetime becomes ISO 8601, nothing stays nothing."""
    if not moment or isinstance(moment, str):
        return moment
    try:
        return moment.isoformat()
    except AttributeError:
        raise TypeError(f"{what} must be a datetime or ISO 8601 text, not {moment!r}") from None


def read(text: Any, what: str) -> datetime | None:
    """Return the aware datetime that the header *what* tells; without a time zone it is meant in UTC.

    Raises InvalidTaskError for anything else, as Celery's worker does.
    """
    if not text:
        return None
    try:
        moment = text if isinstance(text, datetime) else datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise InvalidTaskError(f"invalid {what} value {text!r}: {error}") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def seconds_until(moment: Any, now: datetime) -> float:
    """Return how long it is from *now* to ``expires``: a number of seconds already, a datetime, or ISO 8601 text.

    Negative when it is past. This becomes the message's property ``expiration``, its time to live in the queue.
    Raises ValueError for text that is no moment, TypeError for anything else.
    """
    if isinstance(moment, Real):
        return moment  # type: ignore[return-value]  # as it was given: 5 stays 5 in what is said about it
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if not isinstance(moment, datetime):
        raise TypeError(f"expires must be a number of seconds, a datetime or ISO 8601 text, not {moment!r}")
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    # in UTC: between two moments of one time zone Python counts the hours on the wall, also across summer time
    return (aware.astimezone(UTC) - now.astimezone(UTC)).total_seconds()
