"""A broker in a world of its own, with consumers that note what they get."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labq.brokers.memory import MemoryBroker
from labq.kernel.clock import Clock
from labq.kernel.kernel import Kernel
from labq.log.log import Log
from labq.wire.message import Message


class Post:
    """A broker with its kernel and log."""

    def __init__(self) -> None:
        self.clock = Clock(datetime(2030, 1, 1, 9, tzinfo=UTC))
        self.kernel = Kernel(self.clock)
        self.log = Log(self.clock)
        self.broker = MemoryBroker("amqp://guest:**@localhost:5672//", self.kernel, self.log)

    def run(self, seconds=None) -> None:
        """Run until nothing is left to do, or let *seconds* pass."""
        if seconds is None:
            while not self.kernel.idle:
                self.kernel.step()
            return
        until = self.clock.us + round(seconds * 1_000_000)
        while (due := self.kernel.peek()) is not None and due <= until:
            self.kernel.step()
        self.kernel.pass_time(until)

    def send(self, body, key="celery", exchange="", headers=None, **properties) -> None:
        """Publish *body*; it is routed when the post runs."""
        message = Message(body.encode(), "text/plain", "utf-8", headers or {}, properties)
        self.broker.publish(message, exchange, key)

    def queue(self, name="celery", *bodies, **options) -> None:
        """Declare a queue and put *bodies* into it."""
        self.broker.declare_queue(name, **options)
        for body in bodies:
            self.send(body, name)
        self.run()

    def reader(self, name="reader", queue="celery", prefetch=0):
        """Let somebody consume *queue*."""
        return Reader(self, name, queue, prefetch)

    def kinds(self, *only) -> list[str]:
        """Return the kinds of the records, or of those among *only*."""
        return [record.kind for record in self.log if not only or record.kind in only]


class Reader:
    """Somebody who consumes and notes."""

    def __init__(self, post, name, queue, prefetch) -> None:
        self.held = []
        self.bodies = []
        self.channel = post.broker.channel(name)
        self.channel.qos(prefetch)
        self.channel.consume(queue, self._note)

    def _note(self, delivery) -> None:
        self.held.append(delivery)
        self.bodies.append(delivery.message.body.decode() + "!" * delivery.held.redelivered)

    def ack(self, place=0) -> None:
        """Acknowledge one of those held."""
        self.held.pop(place).ack()

    def give_back(self, place=0) -> None:
        """Let one of those held go back into its queue."""
        self.held.pop(place).reject(requeue=True)


@pytest.fixture
def post() -> Post:
    """An empty broker."""
    return Post()
