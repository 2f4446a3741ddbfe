"""The rewind: a world built again from the seed and the journal, up to a place in the log.

Comes in: a world, the journal, how far. Goes out: a new world that stands there, and the lines that led to it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from labq.exceptions import LabError
from labq.i18n import text
from labq.lab.journal import Line
from labq.lab.world import LabWorld


class Place(NamedTuple):
    """Where a rewind stops: between two steps."""

    steps: int
    lines: int


def place_of(world: LabWorld, journal: Sequence[Line], records: int) -> Place:
    """Return the last place between two steps at which the log had at most *records* records.

    Raises:
        LabError: when the log never had so many.
    """
    length = len(world.log)
    if not 0 <= records <= length:
        msg = f"there is no record {records} to rewind to"
        raise LabError(msg, text("Choose a number from 0 to {length}.", length=length))
    marks = world.marks
    steps = bisect_left(marks, records)
    reached = [line for line in journal if line.records <= records]
    if steps < len(marks) and marks[steps] == records and not any(
        line.records == records and line.steps <= steps for line in reached
    ):
        steps += 1  # the step that wrote the last of the wanted records
    lines = bisect_right(journal, steps, key=lambda line: line.steps)
    return Place(steps, min(lines, len(reached)))


def rebuild(
    old: LabWorld, journal: Sequence[Line], place: Place, enter: Callable[[LabWorld], None]
) -> tuple[LabWorld, list[Line]]:
    """Return a new world that stands at *place*, with the lines of the journal that led there.

    Arguments:
        old: the world as it is now; its tapes answer for bodies that had ended by then.
        journal: what the user did.
        place: where to stop.
        enter: called with the new world before it runs, so that bodies that run again find it.

    Raises:
        Diverged: when a body that runs again does something else than before.
    """
    new = LabWorld(old.seed, old.clock.start, earlier=old.tapes, until=place.steps)
    enter(new)
    lines = list(journal[: place.lines])
    for line in lines:
        _step_to(new, line.steps)
        if line.us > new.clock.us:
            new.kernel.pass_time(line.us)
        line.deed.apply(new)
    _step_to(new, place.steps)
    return new, lines


def _step_to(world: LabWorld, steps: int) -> None:
    while world.kernel.steps < steps:
        if not world.step():
            msg = f"the world ran dry at step {world.kernel.steps} of {steps}"
            raise LabError(msg, text("Something outside the lab has changed since: an app, its settings, or its tasks."))
