"""A queue: messages in their order, consumers in their turn.

Ready messages wait in the order in which they came; one that comes back goes to its old place, so an unfinished
first message is first again. Consumers take turns, passing over those whose prefetch is full. A queue with priorities
keeps a row for each: the first message of the highest row is the first of all.
Celery: on RabbitMQ the server does it; ``kombu/transport/virtual/base.py`` elsewhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from labq.brokers.broker import Held, Subscription
from labq.brokers.rules import QueueRules

if TYPE_CHECKING:
    from labq.brokers.channel import Channel


def _put_in_place(row: deque[Held], held: Held) -> None:
    """Put *held* into *row* before everything that came after it."""
    earlier: list[Held] = []
    while row and row[0].place < held.place:
        earlier.append(row.popleft())
    row.appendleft(held)
    row.extendleft(reversed(earlier))


class Rows:
    """Messages by priority: a row for each, the highest first.

    Arguments:
        highest: the highest priority that is told apart; what is more counts as that.
    """

    def __init__(self, highest: int) -> None:
        self._highest = highest
        self._rows: dict[int, deque[Held]] = {}
        self._order: list[int] = []
        self._count = 0

    def append(self, held: Held) -> None:
        """Put a new message at the end of its row."""
        self._row(held).append(held)
        self._count += 1

    def put_in_place(self, held: Held) -> None:
        """Put a message that was here before where it was."""
        _put_in_place(self._row(held), held)
        self._count += 1

    def popleft(self) -> Held:
        """Take the first message out."""
        held = self._first_row().popleft()
        self._count -= 1
        return held

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()
        self._order.clear()
        self._count = 0

    def __len__(self) -> int:
        """Return how many there are in all rows."""
        return self._count

    def __getitem__(self, place: int) -> Held:
        """Return the message at *place*; only the first one is ever asked for in haste."""
        return self._first_row()[0] if place == 0 else list(self)[place]

    def __iter__(self) -> Iterator[Held]:
        """Go through all rows."""
        for priority in self._order:
            yield from self._rows[priority]

    def _first_row(self) -> deque[Held]:
        return next(row for row in map(self._rows.__getitem__, self._order) if row)

    def _row(self, held: Held) -> deque[Held]:
        priority = min(held.message.properties.get("priority") or 0, self._highest)
        row = self._rows.get(priority)
        if row is None:
            row = self._rows[priority] = deque()
            self._order = sorted(self._rows, reverse=True)
        return row


class MessageQueue:
    """One queue of a broker.

    Arguments:
        name: the queue's name.
        auto_delete: whether it goes when its last consumer goes.
        durable: whether it survives a restart of the broker.
        owner: the connection that it is for, None for any.
        arguments: what it was declared with.
        rules: what the arguments ask for; None when they ask for nothing.
    """

    def __init__(
        self,
        name: str,
        *,
        auto_delete: bool = False,
        durable: bool = True,
        owner: object = None,
        arguments: Mapping[str, Any] | None = None,
        rules: QueueRules | None = None,
    ) -> None:
        self.name = name
        self.auto_delete = auto_delete
        self.durable = durable
        self.owner = owner
        self.arguments: Mapping[str, Any] = arguments or {}
        self.rules = rules
        self.consumers: deque[Subscription] = deque()
        self.pump_due = False
        """True while a step that delivers from this queue is on the agenda."""
        self.has_expiring = False
        """Whether a message with a time to live was ever put here."""
        self.last_used = 0
        """When it was last used, in microseconds since the start; kept only where it matters."""
        self.ready: deque[Held] | Rows = deque()
        """What waits for a consumer, in order. Only the queue changes it."""
        if rules is not None and rules.max_priority is not None:
            self.ready = Rows(rules.max_priority)
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
        if isinstance(ready, Rows):
            ready.put_in_place(held)
        else:
            _put_in_place(ready, held)

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

    def is_overfull(self) -> bool:
        """Tell whether more is ready than may be."""
        rules = self.rules
        return rules is not None and _exceeds(rules, list(self.ready))

    def would_overflow(self, held: Held) -> bool:
        """Tell whether *held* is one too many; what consumers are about to be given does not count."""
        rules = self.rules
        if rules is None or not rules.limited:
            return False
        return _exceeds(rules, [*list(self.ready)[self._about_to_go() :], held])

    def _about_to_go(self) -> int:
        """Return how many of the ready messages a consumer has room for."""
        room = 0
        for entry in self.consumers:
            channel = entry.channel
            if not (channel.prefetch or entry.limit):
                return len(self.ready)
            most = min(limit for limit in (channel.prefetch, entry.limit) if limit)
            room += max(0, most - len(channel.unacked))
        return min(room, len(self.ready))

    def next_consumer(self) -> Subscription | None:
        """Return the consumer whose turn it is among those with room, and give the turn on; None if all are full."""
        consumers = self.consumers
        if self.rules is not None and self.rules.single_active:
            return self._active_consumer()
        for _ in range(len(consumers)):
            consumer = consumers[0]
            consumers.rotate(-1)
            if consumer.channel.has_room and (not consumer.limit or consumer.has_room):
                return consumer
            consumer.channel.starving[self] = None
        return None

    def _active_consumer(self) -> Subscription | None:
        """Return the one consumer that a queue with a single active consumer delivers to, if it has room."""
        first = self.consumers[0] if self.consumers else None
        if first is None or (first.channel.has_room and first.has_room):
            return first
        first.channel.starving[self] = None
        return None

    def add_consumer(self, consumer: Subscription) -> None:
        """Let *consumer* take part in the turns."""
        self.consumers.append(consumer)

    def remove_consumers(self, channel: Channel, tag: str | None = None) -> None:
        """Take *channel* out of the turns; with a *tag*, only that consumer of it."""
        self.consumers = deque(
            entry for entry in self.consumers if entry.channel is not channel or (tag is not None and entry.tag != tag)
        )


def _exceeds(rules: QueueRules, messages: list[Held]) -> bool:
    if rules.max_length is not None and len(messages) > rules.max_length:
        return True
    most = rules.max_length_bytes
    return most is not None and sum(len(held.message.body) for held in messages) > most
