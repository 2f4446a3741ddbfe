"""Deeds of those who watch and command workers: commands, events, inboxes, logical clocks, cameras.

Comes in: what a client of remote control or monitoring does. Goes out: the same, done to the world, and done again when
the world is built again.
Next door: ``labq.lab.journal`` writes deeds down; ``labq.app.pidbox`` and ``labq.events`` do them.
Celery: nothing; there these are calls into the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labq.brokers.declaring import declare, declare_exchange
from labq.brokers.inbox import Inbox
from labq.lab.journal import CLIENT
from labq.wire.message import Message

if TYPE_CHECKING:
    from labq.kernel.kernel import Timer
    from labq.lab.world import LabWorld


@dataclass(frozen=True, slots=True)
class Announce:
    """A message goes to an exchange, which is declared first: a command, a reply, an event.

    Attributes:
        url: the broker.
        exchange: the exchange's description.
        routing_key: the message's key.
        message: the message.
    """

    url: str
    exchange: Any
    routing_key: str
    message: Message

    def apply(self, world: LabWorld) -> None:
        """Declare and publish."""
        broker = world.broker(self.url)
        declare_exchange(broker, self.exchange)
        broker.publish(self.message, self.exchange.name, self.routing_key)


@dataclass(frozen=True, slots=True)
class OpenInbox:
    """A client begins to read a queue of its own."""

    url: str
    queue: Any

    def apply(self, world: LabWorld) -> None:
        """Declare the queue and read it; whoever reads it already is joined."""
        key = (self.url, self.queue.name)
        known = world.inboxes.get(key)
        if known is not None:
            known.readers += 1
            return
        broker = world.broker(self.url)
        declare(broker, self.queue, self.queue.name)
        world.inboxes[key] = Inbox(broker.channel(CLIENT), self.queue.name)


@dataclass(frozen=True, slots=True)
class CloseInbox:
    """A client reads its queue no more."""

    url: str
    queue: str

    def apply(self, world: LabWorld) -> None:
        """Stop reading; messages that nobody has looked at are lost with the inbox."""
        key = (self.url, self.queue)
        inbox = world.inboxes.get(key)
        if inbox is not None and inbox.close():
            del world.inboxes[key]


@dataclass(frozen=True, slots=True)
class TurnClock:
    """A node's logical clock goes on.

    Attributes:
        node: whose clock it is.
        other: the count that came with a message; None for a step of its own.
        exactly: whether *other* is the count to show, whatever it was before.
    """

    node: str
    other: int | None = None
    exactly: bool = False

    def apply(self, world: LabWorld) -> int:
        """Turn it; return the new count."""
        clock = world.logical_clock(self.node)
        if self.other is None:
            return clock.forward()
        if self.exactly:
            clock.value = self.other
            return clock.value
        return clock.adjust(self.other)


class Repetition:
    """Something that the lab calls again and again, in the background.

    Arguments:
        world: where time passes.
        seconds: how often.
        callback: what is called; while a world repeats an earlier one, it is not: it has seen all that.
    """

    def __init__(self, world: LabWorld, seconds: float, callback: Callable[[], object]) -> None:
        self._world = world
        self._seconds = seconds
        self._callback = callback
        self._timer: Timer = self._arm()

    def _arm(self) -> Timer:
        return self._world.kernel.call_later(self._seconds, self._ring, background=True)

    def _ring(self) -> None:
        self._timer = self._arm()
        if not self._world.repeating:
            self._callback()

    def cancel(self) -> None:
        """Call it no more."""
        self._world.kernel.cancel(self._timer)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Something is to be called again and again."""

    token: str
    seconds: float
    callback: Callable[[], object]

    def apply(self, world: LabWorld) -> None:
        """Begin."""
        world.repetitions[self.token] = Repetition(world, self.seconds, self.callback)


@dataclass(frozen=True, slots=True)
class CancelRepeat:
    """Something is to be called no more."""

    token: str

    def apply(self, world: LabWorld) -> None:
        """End it."""
        repetition = world.repetitions.pop(self.token, None)
        if repetition is not None:
            repetition.cancel()
