"""The lab's post: commands, replies and events on their way between clients and workers.

Comes in: what a client does. Goes out: deeds, written down like all others, and what has come back.
Next door: ``labq.lab.mail`` has the deeds; ``labq.app.post`` says what apps need of it.
Celery: a connection to the broker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from labq.lab.mail import Announce, CancelRepeat, CloseInbox, OpenInbox, Repeat, TurnClock
from labq.wire.message import Message

if TYPE_CHECKING:
    from labq.lab.lab import Lab


class Post:
    """The post of one lab.

    Arguments:
        lab: the lab.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    @property
    def acting(self) -> str | None:
        """The worker that works on a command just now, if any does."""
        return self._lab.world.acting

    def announce(self, url: str, exchange: Any, routing_key: str, message: Message, *, quietly: bool = False) -> None:
        """Publish *message*, declaring *exchange* first; *quietly* not at all when no queue is bound there."""
        if not quietly or self.heard(url, exchange.name):
            self._lab.act(Announce(url, exchange, routing_key, message))

    def heard(self, url: str, exchange: str) -> bool:
        """Tell whether any queue is bound to *exchange*."""
        return self._lab.world.broker(url).has_bindings(exchange)

    def open_inbox(self, url: str, queue: Any) -> None:
        """Begin to read *queue*."""
        self._lab.act(OpenInbox(url, queue))

    def close_inbox(self, url: str, queue: str) -> None:
        """End reading; with a lab that is closed, that has ended already."""
        if not self._lab.closed:
            self._lab.act(CloseInbox(url, queue))

    def inbox(self, url: str, queue: str) -> Sequence[Message]:
        """Return what has come to *queue* since it was opened."""
        inbox = self._lab.world.inboxes.get((url, queue))
        return () if inbox is None else inbox.messages

    def clock_value(self, node: str) -> int:
        """Return the count of a node's logical clock."""
        return self._lab.world.logical_clock(node).value

    def turn_clock(self, node: str, other: int | None = None, *, exactly: bool = False) -> int:
        """Turn it by one, beyond *other*, or to *other* exactly; return the new count."""
        return int(self._lab.act(TurnClock(node, other, exactly)))

    def call_repeatedly(self, token: str, seconds: float, callback: Callable[[], object]) -> None:
        """Call *callback* every so many virtual seconds, in the background."""
        self._lab.act(Repeat(token, seconds, callback))

    def cancel_call(self, token: str) -> None:
        """Call it no more."""
        self._lab.act(CancelRepeat(token))
