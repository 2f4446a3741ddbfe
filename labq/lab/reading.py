"""What people write where the lab wants a moment, a time or a place: read, or refused in one sentence.

Comes in: whatever was given. Goes out: datetimes, microseconds, numbers of records; else ``LabError`` with a hint.
Celery: nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from labq.exceptions import LabError
from labq.i18n import text
from labq.kernel.clock import Clock, to_microseconds


def start_moment(said: Any) -> datetime:
    """Return when virtual time begins: *said* as a datetime or as ISO 8601 text; the wall clock's present for None.

    Raises:
        LabError: for anything else.
    """
    if said is None:
        return datetime.now(UTC)
    if isinstance(said, datetime):
        return said
    try:
        return datetime.fromisoformat(said)
    except (TypeError, ValueError):
        msg = f"a lab cannot begin at {said!r}"
        raise LabError(msg, text("Write start='2030-01-01T09:00:00Z', or give a datetime.")) from None


def moment_until(said: Any, clock: Clock) -> int:
    """Return the moment *said* (a datetime, or virtual seconds since the start) in microseconds.

    Raises:
        LabError: for anything else.
    """
    if isinstance(said, datetime):
        return clock.moment(said)
    return microseconds(said, f"the lab cannot run until {said!r}")


def microseconds(said: Any, refusal: str) -> int:
    """Return *said* seconds in microseconds.

    Raises:
        LabError: with *refusal*, when that is no number.
        ValueError: when it is NaN or infinite.
    """
    try:
        return to_microseconds(said)
    except TypeError:
        hint = text("Give seconds as a number, such as 60, or a moment as a datetime.")
        raise LabError(refusal, hint) from None


def steps(said: Any) -> int:
    """Return the number of steps to run.

    Raises:
        LabError: when *said* is no whole number, or less than none.
    """
    if isinstance(said, bool) or not isinstance(said, int) or said < 0:
        msg = f"{said!r} is no number of steps"
        raise LabError(msg, text("lab.step(3) runs the next three steps."))
    return said


def place(said: Any) -> int:
    """Return the number of records to go back to.

    Raises:
        LabError: when *said* is no whole number.
    """
    if isinstance(said, bool) or not isinstance(said, int):
        msg = f"{said!r} is no number of records"
        raise LabError(msg, text("lab.rewind(to=10) goes back to where the log had ten records."))
    return said
