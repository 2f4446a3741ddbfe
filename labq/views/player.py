"""The room as a film: a slider and buttons over all snapshots of a log.

Comes in: a way to any snapshot, and how many records there are. Goes out: text, static HTML of the last moment and,
where a notebook is alive and ipywidgets is installed, the live widget. It looks, and changes nothing.
Next door: ``labq.views.widget`` is the live part, loaded only then; ``labq.views.room`` draws each moment.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from labq.i18n import Words
from labq.snapshot.model import Snapshot
from labq.views.later import later
from labq.views.room import RoomView
from labq.views.view import View


@dataclass(frozen=True, repr=False)
class RoomPlayer(View):
    """All moments of the room.

    Arguments:
        snapshot_at: returns the world after the first n records.
        length: how many records there are.
        words: the language.
        at: the moment to show first; the last one when None.
    """

    snapshot_at: Callable[[int], Snapshot]
    length: int
    words: Words
    at: int | None = None

    @property
    def first_shown(self) -> int:
        """The number of records after which the film begins to show."""
        return self.length if self.at is None else self.at

    def room(self, n: int) -> RoomView:
        """Return the room after the first *n* records."""
        return RoomView(self.snapshot_at(n), self.words, self.length)

    def text(self) -> str:
        """Return the room at the first shown moment as lines."""
        return self.room(self.first_shown).text()

    def markup(self) -> str:
        """Return the room at the first shown moment as HTML."""
        return self.room(self.first_shown).markup()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return text and HTML, which never change, and the live widget where somebody can move it."""
        bundle: dict[str, Any] = super()._repr_mimebundle_(include, exclude)
        if kernel_is_live() and find_spec("ipywidgets"):
            bundle |= later("widget").room_widget(self)
        return bundle


def kernel_is_live() -> bool:
    """Tell whether this process is the kernel of a notebook: then a widget has somebody to talk to."""
    application = getattr(sys.modules.get("ipykernel.kernelapp"), "IPKernelApp", None)
    return application is not None and application.initialized()
