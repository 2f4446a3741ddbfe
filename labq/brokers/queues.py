"""A queue: messages in their order, consumers in their turn.

Ready messages wait in the order in which they came; one that comes back goes to its old place, so an unfinished
first message is first again. Consumers take turns, passing over those whose prefetch is full.
Celery: on RabbitMQ the server does it; ``kombu/transport/virtual/base.py`` elsewhere.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from labq.brokers.broker import Consumer, Held

if TYPE_CHECKING:
    from labq.brokers.channel import Channel


class MessageQueue:
    """One queue of a broker.

    Arguments:
        name: the queue's name.
        auto_delete: whether it goes when its last consumer goes.
    """

    def __init__(self, name: str, *, auto_delete: bool = False) -> None:
        self.name = name
        self.auto_delete = auto_delete
        self.consumers: deque[tuple[Channel, Consumer]] = deque()
        self.pump_due = False
        """True while a step that delivers from this queue is on the agenda."""
        self.has_expiring = False
        """Whether a message with a time to live was ever put here."""
        self.ready: deque[Held] = deque()
        """What waits for a consumer, in order. Only the queue changes it."""
        self._places = 0

    def __len__(self) -> int:
        """Return how many messages are ready."""
        return len(self.ready)

    def put(self, held: Held) -> None:
        """Take a new message in at the end."""
        self._places += 1
        held.place = self._places
        self.ready.append(held)

    def put_back(self, held: Held) -> None:
        """Take a message back to where it was, before everything that came after it."""
        held.redelivered = True
        ready = self.ready
        earlier: list[Held] = []
        while ready and ready[0].place < held.place:
            earlier.append(ready.popleft())
        ready.appendleft(held)
        ready.extendleft(reversed(earlier))

    def take(self) -> Held:
        """Take the first ready message out."""
        return self.ready.popleft()

    def purge(self) -> int:
        """Drop every ready message; return how many."""
        count = len(self.ready)
        self.ready.clear()
        return count

    def take_expired(self, now: int) -> Held | None:
        """Take the first message out if its time to live is over at *now*; RabbitMQ too looks at the first one only."""
        ready = self.ready
        if ready and (expires := ready[0].expires) is not None and expires <= now:
            return ready.popleft()
        return None

    def next_consumer(self) -> tuple[Channel, Consumer] | None:
        """Return the consumer whose turn it is among those with room, and give the turn on; None if all are full."""
        consumers = self.consumers
        for _ in range(len(consumers)):
            consumer = consumers[0]
            consumers.rotate(-1)
            if consumer[0].has_room:
                return consumer
            consumer[0].starving[self] = None
        return None

    def add_consumer(self, channel: Channel, consumer: Consumer) -> None:
        """Let *channel* take part in the turns."""
        self.consumers.append((channel, consumer))

    def remove_consumers(self, channel: Channel) -> None:
        """Take *channel* out of the turns."""
        self.consumers = deque(entry for entry in self.consumers if entry[0] is not channel)
