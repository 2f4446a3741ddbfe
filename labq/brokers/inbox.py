"""An inbox: a queue that one client reads, and the messages that have come.

Comes in: deliveries from the client's own queue: replies to its commands, events of the workers. Goes out: the messages
in their order, for whoever waits for them.
Next door: ``labq.app.pidbox`` and ``labq.events.receiver`` look into theirs.
Celery: ``kombu.Consumer`` with ``no_ack``, and ``drain_events`` on its connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labq.brokers.broker import Delivery
from labq.wire.message import Message

if TYPE_CHECKING:
    from labq.brokers.channel import Channel


class Inbox:
    """What came to one queue since somebody began to read it.

    Arguments:
        channel: the reader's line to the broker.
        queue: the queue's name; it must have been declared.
    """

    def __init__(self, channel: Channel, queue: str) -> None:
        self.queue = queue
        self.messages: list[Message] = []
        """Everything that has come, the oldest first."""
        self.readers = 1
        """How many read it."""
        self._channel = channel
        channel.consume(queue, self._take, no_ack=True)

    def _take(self, delivery: Delivery) -> Any:
        self.messages.append(delivery.message)

    def close(self) -> bool:
        """Let one reader go; with the last one the line is closed, and a queue that lives by its readers goes with it.

        Returns: whether that was the last one.
        """
        self.readers -= 1
        if self.readers:
            return False
        self._channel.close()
        return True
