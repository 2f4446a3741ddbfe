"""Whatever is sent, delivered, acknowledged, refused or left to die: each message ends in exactly one place."""

# ruff: noqa: D102 - what is done in the shop is said by its name

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from labq.brokers.memory import MemoryBroker
from labq.brokers.refusals import NotFound
from labq.kernel.clock import Clock
from labq.kernel.kernel import Kernel
from labq.log.log import Log
from labq.wire.message import Message

ARGUMENTS = some.fixed_dictionaries(
    {},
    optional={
        "x-max-priority": some.integers(0, 3),
        "x-message-ttl": some.integers(0, 30),
        "x-max-length": some.integers(0, 3),
        "x-overflow": some.sampled_from(["drop-head", "reject-publish", "reject-publish-dlx"]),
        "x-dead-letter-exchange": some.just(""),
        "x-single-active-consumer": some.booleans(),
    },
)
DEEDS = some.lists(
    some.one_of(
        some.tuples(some.just("send"), some.integers(0, 4), some.one_of(some.none(), some.integers(0, 20))),
        some.tuples(some.sampled_from(["ack", "refuse", "give back"]), some.integers(0, 5)),
        some.tuples(some.just("wait"), some.integers(1, 40)),
        some.tuples(some.sampled_from(["leave", "come", "purge"])),
    ),
    max_size=40,
)
PREFETCH = 2


class Shop:
    """A broker with a queue ``q``, a queue for its dead letters, and one consumer at most."""

    def __init__(self, arguments) -> None:
        self.kernel = Kernel(Clock(datetime(2030, 1, 1, tzinfo=UTC)))
        self.log = Log(self.kernel.clock)
        self.broker = MemoryBroker("amqp://", self.kernel, self.log)
        if "x-dead-letter-exchange" in arguments:
            arguments = {**arguments, "x-dead-letter-routing-key": "dead"}
        self.broker.declare_queue("dead")
        self.broker.declare_queue("q", arguments)
        self.sent = 0
        self.done = Counter()
        self.held = []
        self.channel = None

    def send(self, priority, expiration) -> None:
        properties = {"priority": priority, **({} if expiration is None else {"expiration": str(expiration)})}
        self.sent += 1
        self.broker.publish(Message(str(self.sent).encode(), "text/plain", "utf-8", {}, properties), "", "q")

    def come(self) -> None:
        if self.channel is None:
            self.channel = self.broker.channel("reader")
            self.channel.qos(PREFETCH)
            self.channel.consume("q", self.held.append)

    def leave(self) -> None:
        if self.channel is not None:
            self.channel.close()
            self.channel, self.held = None, []

    def end(self, how, place) -> None:
        if self.held:
            delivery = self.held.pop(place % len(self.held))
            if how == "ack":
                delivery.ack()
                self.done[delivery.message.body] += 1
            else:
                delivery.reject(requeue=how == "give back")

    def wait(self, milliseconds) -> None:
        until = self.kernel.clock.us + milliseconds * 1000
        while (due := self.kernel.peek()) is not None and due <= until:
            self.kernel.step()
        self.kernel.pass_time(until)

    def purge(self) -> None:
        self.done.update(held.message.body for held in self.broker.queue("q").ready)
        self.broker.purge("q")

    def play(self, deed) -> None:
        what, *more = deed
        if what in ("ack", "refuse", "give back"):
            self.end(what, *more)
        else:
            {"send": self.send, "wait": self.wait, "leave": self.leave, "come": self.come, "purge": self.purge}[what](
                *more
            )
        self.wait(0)

    def places(self) -> Counter:
        """Count where each message is now: done, held, ready, dead, or dropped."""
        found = Counter(self.done)
        found.update(delivery.message.body for delivery in self.held)
        for name in ("q", "dead"):
            found.update(held.message.body for held in self.broker.queue(name).ready)
        return found

    def dropped(self) -> set:
        """The messages that were let go for good, by their numbers."""
        gone = {r["message"] for r in self.log if r.kind == "message-dead-lettered" and r["exchange"] is None}
        refused = {r["message"] for r in self.log if r.kind == "message-rejected"}
        moved = {r["message"] for r in self.log if r.kind == "message-dead-lettered" and r["exchange"] is not None}
        return {str(number).encode() for number in gone | (refused - moved)}


@settings(deadline=None, max_examples=150, derandomize=True)
@given(ARGUMENTS, DEEDS)
def test_each_message_ends_in_exactly_one_place(arguments, deeds):
    """Nothing is lost without a record, nothing is there twice, and no window or limit is exceeded."""
    shop = Shop(arguments)
    for deed in deeds:
        shop.play(deed)
        assert len(shop.held) <= PREFETCH
        queue = shop.broker.queue("q")
        if "x-max-length" in arguments:
            assert len(queue.ready) <= arguments["x-max-length"]
        places, dropped = shop.places(), shop.dropped()
        assert set(places.values()) <= {1}
        assert places.keys() | dropped == {str(number).encode() for number in range(1, shop.sent + 1)}
        assert not places.keys() & dropped


@settings(deadline=None, max_examples=100, derandomize=True)
@given(some.lists(some.integers(0, 6), max_size=20), some.integers(0, 4))
def test_a_queue_with_priorities_is_a_stable_sort(priorities, highest):
    """The highest first, equals as they came, everything above the highest like the highest."""
    shop = Shop({"x-max-priority": highest})
    for priority in priorities:
        shop.send(priority, None)
    shop.wait(0)
    found = [int(held.message.body) - 1 for held in shop.broker.queue("q").ready]
    assert found == sorted(range(len(priorities)), key=lambda place: -min(priorities[place], highest))


def test_a_quorum_queue_gives_up_on_a_message_that_comes_back_too_often(post):
    """It tells how often, and lets it go as a dead letter."""
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": 2, "x-dead-letter-exchange": ""}
    post.queue("dead")
    post.queue("q", "m", arguments={**arguments, "x-dead-letter-routing-key": "dead"})
    reader = post.reader(queue="q")
    counts = []
    for _ in range(3):
        post.run()
        counts.append(reader.held[0].message.headers.get("x-delivery-count"))
        reader.give_back()
    post.run()
    assert (counts, post.broker.depth("q"), post.broker.depth("dead")) == ([None, 1, 2], 0, 1)
    assert post.broker.queue("dead").ready[0].message.headers["x-death"][0]["reason"] == "delivery_limit"


def test_an_idle_queue_that_expires_takes_its_bindings_along(post):
    """What is sent there later goes nowhere."""
    post.broker.declare_exchange("x", "fanout")
    post.broker.declare_queue("q", {"x-expires": 1000})
    post.broker.bind("q", "x", "")
    post.run(2)
    assert not post.broker.has_queue("q")
    post.send("m", exchange="x")
    post.run()
    assert post.kinds("message-unroutable") == ["message-unroutable"]


def test_declaring_a_queue_again_is_a_use_of_it(post):
    """So clients that send to it keep it."""
    for _ in range(4):
        post.broker.declare_queue("q", {"x-expires": 1000})
        post.run(0.9)
    assert post.broker.has_queue("q")
    post.run(0.2)
    assert not post.broker.has_queue("q")


def test_a_refusal_has_amqps_number_and_words_and_a_hint(post):
    """It is what py-amqp would raise, and the lab's own error too."""
    with pytest.raises(NotFound) as told:
        post.broker.purge("nope")
    error = told.value
    assert (error.reply_code, error.method_name, error.args[2]) == (404, "Queue.purge", (50, 30))
    assert str(error) == "Queue.purge: (404) NOT_FOUND - no queue 'nope' in vhost '/'"
    assert "worker" in error.hint.message
