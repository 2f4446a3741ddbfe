"""A tape: what one body did, so that a world built again need not run it twice.

A finished body is answered from its tape: what it asked and sent is done again in order, but none of the user's code
runs and no side effect repeats. A body that was in the middle is run again, and held against its tape as far as that goes.
Celery: nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labq.exceptions import Diverged
from labq.i18n import text
from labq.kernel.body import Body, Raised, Returned
from labq.kernel.chance import Ids
from labq.kernel.clock import Clock

if TYPE_CHECKING:
    from labq.lab.world import LabWorld


class Tape:
    """What one run of one task did.

    Arguments:
        clock: the lab's clock, for ``time.time()`` in the body.
        seed: the lab's seed.
        key: the task's id and which of its runs this is.
        expected: what an earlier run of the same body did, if this is a repetition.
    """

    __slots__ = ("_ids", "_seed", "clock", "ended_at", "expected", "key", "outcome", "wishes")

    def __init__(self, clock: Clock, seed: int, key: tuple[str, int], expected: Tape | None = None) -> None:
        self.clock = clock
        self.key = key
        self.expected = expected
        self.wishes: list[Any] = []
        """Asks and deeds in order. Asks suspended the body, deeds did not."""
        self.outcome: Returned | Raised | None = None
        self.ended_at: int | None = None
        """The step in which the body ended; None while it has not."""
        self._seed = seed
        self._ids: Ids | None = None

    def new_id(self) -> str:
        """Return an id for a task that this body sends: it depends on nothing that happens elsewhere."""
        if self._ids is None:
            self._ids = Ids(self._seed, f"{self.key[0]}/{self.key[1]}")
        return self._ids.next()

    def note(self, wish: Any) -> None:
        """Write down what the body asked or did.

        Raises:
            Diverged: when a body that is run again does something else than it did the first time.
        """
        place = len(self.wishes)
        self.wishes.append(wish)
        expected = self.expected
        if expected is not None and place < len(expected.wishes) and not _same(expected.wishes[place], wish):
            msg = f"task {self.key[0]} did {wish!r:.200} where it had done {expected.wishes[place]!r:.200}"
            raise Diverged(msg, text("A rewind can only repeat what depends on the lab alone; was a global changed?"))


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - values with a strange __eq__ are not worth stopping for
        return True


class TapedBody:
    """A body that plays its tape instead of running.

    Arguments:
        tape: what the body did.
        world: where it is done again.
    """

    def __init__(self, tape: Tape, world: LabWorld) -> None:
        self._tape = tape
        self._world = world
        self._place = 0

    def start(self) -> Any:
        """Play to the first ask or to the end."""
        return self.answer()

    def answer(self, value: object = None) -> Any:
        """Play on to the next ask or to the end."""
        del value
        wishes = self._tape.wishes
        while self._place < len(wishes):
            wish = wishes[self._place]
            self._place += 1
            if not self._world.suspends(wish):
                wish.apply(self._world)
                continue
            return wish
        return self._tape.outcome

    def close(self) -> None:
        """Stop playing."""
        self._place = len(self._tape.wishes)


class TapingBody:
    """A body that runs and is written down.

    Arguments:
        body: the running body.
        tape: where it is written down.
        world: for the number of the step in which it ends.
    """

    __slots__ = ("_body", "_tape", "_world")

    def __init__(self, body: Body, tape: Tape, world: LabWorld) -> None:
        self._body = body
        self._tape = tape
        self._world = world
        body.owner = tape

    def start(self) -> Any:
        """Run to the first ask or to the end."""
        return self._write(self._body.start())

    def answer(self, value: object = None) -> Any:
        """Run on to the next ask or to the end."""
        return self._write(self._body.answer(value))

    def close(self) -> None:
        """Give the body up."""
        self._body.close()

    def _write(self, moment: Any) -> Any:
        if self._body.ended:
            self._tape.outcome = moment
            self._tape.ended_at = self._world.kernel.steps
        else:
            self._tape.note(moment)
        return moment
