"""A tape: what one body did, so that a world built again need not run it twice.

A finished body is answered from its tape: what it asked and sent is done again in order, but none of the user's code
runs and no side effect repeats. A body that was in the middle is run again, and held against its tape as far as that
goes.
Celery: nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from labq.exceptions import Diverged
from labq.i18n import text
from labq.kernel.body import Body, BodyPool, Raised, Returned
from labq.kernel.chance import Ids
from labq.kernel.clock import Clock
from labq.views.escape import mask

if TYPE_CHECKING:
    from labq.lab.world import LabWorld


class Tape:
    """What one run of one task did.

    Arguments:
        clock: the lab's clock, for ``time.time()`` in the body.
        seed: the lab's seed.
        key: the task's id and which of its runs this is.
        expected: what an earlier run of the same body did, while this one repeats it.
    """

    __slots__ = ("_ids", "_seed", "clock", "diverged", "ended_at", "expected", "key", "outcome", "wishes")

    def __init__(self, clock: Clock, seed: int, key: tuple[str, int], expected: Tape | None = None) -> None:
        self.clock = clock
        self.key = key
        self.expected = expected
        self.diverged: Diverged | None = None
        """Set when the body did something else than before; the body itself may swallow the exception."""
        self.wishes: list[Any] = []
        """Asks and deeds in order. Asks suspended the body, deeds did not."""
        self.outcome: Returned | Raised | None = None
        """How the body ended; None while it has not, and for ever when it was given up."""
        self.ended_at: tuple[int, int] | None = None
        """Where in the history (a ``Place``) the body ended or was given up."""
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
        if self.expected is not None:
            known = self.expected.wishes[place : place + 1]
            if not (known and _same(known[0], wish)):
                self.diverge(f"did {_shown(wish)}", f"done {_shown(known[0])}" if known else "done nothing more")

    def diverge(self, now: str, before: str) -> None:
        """Raise Diverged: the body does *now* something else than *before*."""
        hint = text("A rewind can only repeat what depends on the lab alone; was a global changed?")
        self.diverged = Diverged(f"task {self.key[0]} {now} where it had {before}", hint)
        raise self.diverged


def _shown(wish: Any) -> str:
    return mask(repr(wish))[:200]  # a deed keeps the broker's address, with its password


def _same(one: Any, other: Any) -> bool:
    try:
        return type(one) is type(other) and bool(one == other)
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
            if self._world.suspends(wish):
                return wish
            with suppress(Exception):  # what failed then fails again, and what the body made of that is on the tape
                self._world.act(wish, self)
        return self._tape.outcome

    def throw(self, exc: BaseException) -> Any:
        """Play on: what the body did when this was raised in it then is on the tape."""
        del exc
        return self.answer()

    def close(self) -> None:
        """Give the body up: what its ``finally`` blocks did then is done again."""
        while self._place < len(self._tape.wishes):
            self.answer()


class TapingBody(Body):
    """A body that runs and is written down.

    Arguments:
        pool: where the greenlet comes from.
        function: what it runs.
        tape: where it is written down.
        world: for the place in which it ends.
    """

    __slots__ = ("_world",)

    def __init__(self, pool: BodyPool, function: Callable[[], Any], tape: Tape, world: LabWorld) -> None:
        super().__init__(pool, function)
        self.owner = tape
        self._world = world

    def close(self) -> None:
        """Give the body up."""
        super().close()
        self.owner.ended_at = self._world.place

    def _enter(self, runner: Any, value: object) -> Any:
        """Run on, and write down what comes out."""
        moment = super()._enter(runner, value)
        tape: Tape = self.owner
        if tape.diverged is not None:
            raise tape.diverged
        if not self.ended:
            tape.note(moment)
        else:
            tape.outcome = moment
            tape.ended_at = (self._world.kernel.steps, self._world.lines)
            if tape.expected is not None:
                if type(moment) is Raised and isinstance(moment.exception, KeyboardInterrupt):
                    raise moment.exception  # the user stops the rewind itself
                tape.diverge("ended", "gone on")
            self._world.keep(tape)
        return moment
