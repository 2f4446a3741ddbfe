"""Python's garbage collector, asked to come less often while the lab runs.

The collector expects that most objects die young. In a lab that keeps everything that happened they do not, and it would
walk over them again and again for nothing. It still comes: a task's body may leave garbage of its own behind.
Celery: nothing; a worker keeps no story.
"""

from __future__ import annotations

import gc
from types import TracebackType

RARELY = (50_000, 20, 100)
"""After how many new objects the youngest are looked at, and how often the older ones with them."""


class RareCollector:
    """A ``with`` block in which the garbage collector comes rarely; afterwards it is as it was."""

    __slots__ = ("_usual",)

    def __enter__(self) -> None:
        """Let the collector come rarely."""
        self._usual = gc.get_threshold()
        gc.set_threshold(*RARELY)

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        """Let it come as before."""
        gc.set_threshold(*self._usual)
