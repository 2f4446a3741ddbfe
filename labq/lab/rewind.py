"""The rewind: a world built again from the seed and the journal, up to a place in the log.

Comes in: a world, the journal, how far. Goes out: a new world that stands there, and the lines that led to it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress

from labq.exceptions import Diverged, LabError
from labq.i18n import text
from labq.lab.journal import Line, Place
from labq.lab.world import LabWorld
from labq.log.log import Log
from labq.log.record import SUBSCRIBER_REMOVED, Record


def place_of(world: LabWorld, journal: Sequence[Line], records: int) -> tuple[Place, int]:
    """Return the last place, before anything else was recorded or done, at which the log had *records* records.

    When a step or a deed wrote several records and *records* lies among them, that is the place before it.

    Returns: the place, and the latest moment (microseconds) at which the world is known to have stood there.

    Raises:
        LabError: when the log never had so many.
    """
    length = len(world.log)
    if not 0 <= records <= length:
        msg = f"there is no record {records} to rewind to"
        raise LabError(msg, text("Choose a number from 0 to {length}.", length=length))
    # a deed that recorded nothing when the log was that long already was done after it, and is left out
    lines = min(
        bisect_right(journal, records, key=lambda line: line.records),
        bisect_left(journal, records, key=lambda line: line.before),
    )
    steps, us = bisect_right(world.kernel.marks, records), 0
    if lines < len(journal):
        left_out = journal[lines]
        steps = min(steps, left_out.steps)
        us = left_out.us if left_out.steps == steps else 0
    elif steps == world.kernel.steps:
        us = world.clock.us
    return Place(steps, lines), us


def rebuild(
    old: LabWorld, journal: Sequence[Line], place: Place, us: int, enter: Callable[[LabWorld], None]
) -> tuple[LabWorld, list[Line]]:
    """Return a new world that stands at *place*, with the lines of the journal that led there.

    Arguments:
        old: the world as it is now; its tapes answer for bodies that had ended by then.
        journal: what the user did.
        place: where to stop.
        us: what the clock shows then.
        enter: called with the new world before it runs, so that bodies that run again find it.

    Raises:
        Diverged: when a body that runs again, or the world around it, does something else than before.
    """
    new = LabWorld(old.seed, old.clock.start, earlier=old.tapes, until=place)
    enter(new)
    _repeat_removals(old.log, new.log)
    lines = list(journal[: place.lines])
    try:
        for line in lines:
            _step_to(new, line.steps)
            _pass_time(new, line.us)
            new.lines += 1
            with suppress(*((Exception,) if line.failed else ())):
                new.act(line.deed, line)
        _step_to(new, place.steps)
        _pass_time(new, us)
        _compare(old.log, new.log)
    except BaseException:
        new.close()
        raise
    new.go_live()
    return new, lines


def _step_to(world: LabWorld, steps: int) -> None:
    while world.kernel.steps < steps:
        if not world.step():
            _diverge(f"the world ran dry at step {world.kernel.steps} of {steps}")


def _pass_time(world: LabWorld, us: int) -> None:
    if us > world.clock.us:
        world.kernel.pass_time(us)


def _compare(old: Log, new: Log) -> None:
    place = new.parts_from(old)
    if place is not None:
        before = str(old[place]).strip() if place < len(old) else "nothing more"
        _diverge(f"the lab wrote <{str(new[place]).strip()}> where it had written <{before}>")


def _diverge(message: str) -> None:
    raise Diverged(message, text("Something outside the lab has changed since: an app, its settings, or its tasks."))


def _repeat_removals(old: Log, new: Log) -> None:
    """Let *new* say at the same places as *old* that a subscriber was removed: nobody listens while it is written."""
    removals = {record.number: record for record in old.select(kind=SUBSCRIBER_REMOVED)}

    def repeat(record: Record) -> None:
        removal = removals.get(record.number + 1)
        if removal is not None:
            new.append(removal.kind, None, *removal.facts)

    if removals:
        new.subscribe(repeat)
