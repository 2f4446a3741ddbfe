"""What a worker needs of the world around it, seen from below.

Comes in: nothing; this is a promise that ``labq.lab.world`` keeps.
Celery: the network and the operating system.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from labq.brokers.broker import Broker
from labq.kernel.body import Running
from labq.kernel.kernel import Kernel
from labq.log.log import Log


class Surroundings(Protocol):
    """The part of the world that a worker needs."""

    kernel: Kernel
    log: Log

    @property
    def repeating(self) -> bool:
        """Whether what happens now has happened before: then nothing outside the world is touched."""

    def recall(self, name: str, function: Callable[[], Any]) -> Any:
        """Return what *function* finds outside of the world, or found here when this happened before."""

    def broker(self, url: str) -> Broker:
        """Return the broker behind *url*."""

    def body(self, task_id: str, function: Callable[[], Any]) -> Running:
        """Return a body that will call *function* for the task, or play what it did before."""

    def new_child(self) -> int:
        """Return the number of a new process."""

    def interrupted(self, exc: KeyboardInterrupt) -> None:
        """Let the user know that their interrupt has reached a body."""
