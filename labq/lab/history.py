"""The history: the world as it is, and the journal of what was done to it, by which it can be built again.

Comes in: deeds. Goes out: what they did; after a rewind, another world.
Next door: ``lab`` is what the user holds; ``rewind`` builds; ``world`` runs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from labq.exceptions import LabError, ReentrantStep
from labq.i18n import text
from labq.kernel.body import Body, current_body
from labq.kernel.chance import Ids
from labq.kernel.interrupts import unbroken
from labq.lab.journal import Line
from labq.lab.packing import Journal
from labq.lab.rewind import place_of, rebuild
from labq.lab.tape import Tape
from labq.lab.world import LabWorld


class History:
    """One lab's world with its journal.

    Arguments:
        seed: the lab's seed.
        start: when virtual time begins.
    """

    def __init__(self, seed: int, start: datetime) -> None:
        self.world = LabWorld(seed, start)
        self.journal = Journal()
        self.generation = 0
        """How often the world was built again."""
        self.closed = False
        self._ids = Ids(seed, "client")

    def check_open(self) -> None:
        """Raise LabError when the lab is closed."""
        if self.closed:
            msg = "this lab is closed"
            raise LabError(msg, text("Make another one: lab = Lab(seed=0)."))

    @unbroken
    def do(self, deed: Any) -> Any:
        """Do something to the world: a body's deed goes on its tape, the user's into the journal.

        What follows from a deed by itself (a signal's receiver that sends a task) is written down nowhere: it follows
        again when the deed is done again.
        """
        world = self.world
        if not (world.kernel.stepping or world.actor is not None):
            if self.closed:
                self.check_open()
            return self._write_down(deed)
        body = taped_body()
        if body is not None:
            if world.actor is not body:
                body.owner.note(deed)
            return world.act(deed, body)
        return deed.apply(world)

    def _write_down(self, deed: Any) -> Any:
        world = self.world
        steps, us, rows = world.kernel.steps, world.clock.us, world.log.rows
        before = len(rows)
        world.lines += 1
        failed = True
        try:
            done = world.act(deed, self)
            failed = False
        finally:
            self.journal.add(steps, us, before, len(rows), self._ids.count, failed, deed)
        return done

    def new_id(self) -> str:
        """Return a new task id: the user, each body, and what the world does by itself have streams of their own."""
        world = self.world
        if not (world.kernel.stepping or world.actor is not None):
            return self._ids.next()
        body = taped_body()
        if body is not None and world.actor is not body:
            return str(body.owner.new_id())
        return world.ids.next()

    def rewind(self, to: int) -> None:
        """Go back to where the log had *to* records; see ``Lab.rewind``."""
        self.check_open()
        old, ids = self.world, self._ids.count
        old.kernel.refuse_reentry()
        if old.actor is not None:  # a receiver that a deed has called: its line would be written into another history
            msg = "the lab is in the middle of a deed"
            raise ReentrantStep(msg, text("step, run, advance and get() belong to the notebook, not to a task's body."))
        place, us = place_of(old, self.journal, to)
        self.generation += 1
        try:
            new, lines = rebuild(old, self.journal, place, us, self._enter)
        except BaseException:
            self.world, self._ids.count = old, ids
            raise
        self._move(old, new, lines)

    @unbroken
    def _move(self, old: LabWorld, new: LabWorld, lines: list[Line]) -> None:
        self.world = old  # what its bodies do while they are given up must not reach the new world
        old.close()
        self.world = new
        new.log.inherit(old.log)
        self.journal.cut(len(lines))
        self._ids.count = lines[-1].ids if lines else 0

    def _enter(self, world: LabWorld) -> None:
        self.world = world

    def close(self) -> None:
        """Give up every body that still runs; none of them may do so itself."""
        if not self.closed:
            self.world.kernel.refuse_reentry()
            self.closed = True
            self.world.close()


def taped_body() -> Body | None:
    """Return the body of a task in a worker, if one is running now."""
    body = current_body()
    return body if body is not None and isinstance(body.owner, Tape) else None
