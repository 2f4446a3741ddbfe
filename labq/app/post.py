"""The post: what those who command and watch workers need of the lab.

Comes in and goes out: nothing; the lab's own post, ``labq.lab.post``, answers to what is said here.
Next door: ``labq.app.pidbox`` and ``labq.events`` use it.
Celery: a connection to the broker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from labq.wire.message import Message


class Post(Protocol):
    """Carries commands, replies and events."""

    @property
    def acting(self) -> str | None:
        """The worker that works on a command just now, if any does."""

    def announce(self, url: str, exchange: Any, routing_key: str, message: Message, *, quietly: bool = False) -> None:
        """Publish *message*, declaring *exchange* first; *quietly* not at all when no queue is bound there."""

    def heard(self, url: str, exchange: str) -> bool:
        """Tell whether any queue is bound to *exchange*."""

    def open_inbox(self, url: str, queue: Any) -> None:
        """Begin to read *queue*."""

    def close_inbox(self, url: str, queue: str) -> None:
        """End reading."""

    def inbox(self, url: str, queue: str) -> Sequence[Message]:
        """Return what has come to *queue* since it was opened."""

    def clock_value(self, node: str) -> int:
        """Return the count of a node's logical clock."""

    def turn_clock(self, node: str, other: int | None = None, *, exactly: bool = False) -> int:
        """Turn it by one, beyond *other*, or to *other* exactly; return the new count."""

    def call_repeatedly(self, token: str, seconds: float, callback: Callable[[], object]) -> None:
        """Call *callback* every so many virtual seconds, in the background."""

    def cancel_call(self, token: str) -> None:
        """Call it no more."""
