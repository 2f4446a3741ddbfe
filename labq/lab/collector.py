"""Python's garbage collector, asked to come less often while a lab is open.

The collector expects that most objects die young. In a lab that keeps everything that happened they do not, and it
would walk over them again and again for nothing. It still comes: a task's body may leave garbage of its own behind.
Celery: nothing; a worker keeps no story.
"""

from __future__ import annotations

import gc

RARELY = (200_000, 10, 100)
"""After how many new objects the youngest are looked at, and how often the older ones with them."""


class Collector:
    """The garbage collector, while one lab is open. It is the whole process's: what it is told holds for everybody."""

    __slots__ = ("_usual",)

    def __init__(self) -> None:
        self._usual: tuple[int, int, int] | None = None

    def come_rarely(self) -> None:
        """Let the collector come rarely, unless somebody has switched it off or told it so already."""
        usual = gc.get_threshold()
        if 0 < usual[0] < RARELY[0]:
            self._usual = usual
            gc.set_threshold(*RARELY)

    def come_as_before(self) -> None:
        """Put back what ``come_rarely`` found, unless somebody has said something else since."""
        if self._usual is not None and gc.get_threshold() == RARELY:
            gc.set_threshold(*self._usual)
        self._usual = None
