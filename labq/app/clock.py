"""``app.clock``: the logical clock of the node that looks at it.

Comes in: ``forward()`` and ``adjust()``. Goes out: the count. The counts themselves are the world's, so that a rewind
turns them back; here is only the way to them.
Next door: ``labq.wire.clocks`` counts, ``labq.app.pidbox`` and ``labq.events`` write the counts into messages.
Celery: ``app.clock``, a ``kombu.clocks.LamportClock`` of the process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labq.wire.clocks import first_event

if TYPE_CHECKING:
    from labq.app.base import Celery


class AppClock:
    """The clock of one node, or of whichever acts now: a worker while it works on a command, else this client.

    Arguments:
        app: the app.
        node: whose clock it is; None is whoever acts.
        purpose: what is counted, for a node that counts several things apart.
    """

    def __init__(self, app: Celery, node: str | None = None, purpose: str = "") -> None:
        self._app = app
        self._of = node
        self._purpose = purpose

    @property
    def _node(self) -> str:
        return f"{self._of or self._app.world.post.acting or self._app.oid}{self._purpose}"

    @property
    def value(self) -> int:
        """The count."""
        return self._app.world.post.clock_value(self._node)

    @value.setter
    def value(self, count: int) -> None:
        self._app.world.post.turn_clock(self._node, count, exactly=True)

    def forward(self) -> int:
        """Go on by one; return the new count."""
        return self._app.world.post.turn_clock(self._node)

    def adjust(self, other: int) -> int:
        """Go beyond *other*, which came with a message; return the new count."""
        return self._app.world.post.turn_clock(self._node, other)

    def sort_heap(self, h: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
        """Return the first of the sorted events *h*, ``(clock, id, …)``; among those of one count the lowest id's."""
        return first_event(h)

    def __str__(self) -> str:
        """Return the count."""
        return str(self.value)

    def __repr__(self) -> str:
        """Return ``<LamportClock: 7>``."""
        return f"<LamportClock: {self.value}>"
