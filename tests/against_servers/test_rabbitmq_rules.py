"""The same deeds on a real RabbitMQ and on the lab's: both must do the same, message for message."""

# ruff: noqa: D102 - the two sides have one way of each name, and the scenarios read them as sentences

from __future__ import annotations

import itertools
import socket
import uuid
from contextlib import suppress
from datetime import UTC, datetime

import amqp
import pytest

from labq.brokers.exchanges import headers_match, topic_matches
from labq.brokers.memory import MemoryBroker
from labq.exceptions import LabError
from labq.kernel.clock import Clock
from labq.kernel.kernel import Kernel
from labq.log.log import Log
from labq.wire.message import Message

ADDRESS = ("127.0.0.1", 5672)
QUIET = 0.05
"""Seconds without a delivery after which the real server is taken to have no more."""


def _answers() -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(ADDRESS) == 0


pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not _answers(), reason=f"no RabbitMQ answers on {ADDRESS[0]}:{ADDRESS[1]}"),
]


class Real:
    """RabbitMQ, through py-amqp; everything it makes goes with the connection."""

    def __init__(self) -> None:
        self.prefix = f"labq-{uuid.uuid4().hex[:8]}-"
        self.connection = amqp.Connection("{}:{}".format(*ADDRESS), confirm_publish=True)
        self.connection.connect()
        self.channel = self.connection.channel()
        self.channels: dict[str, amqp.Channel] = {}
        self.got: dict[str, list] = {}
        self.exchanges: set[str] = set()

    def exchange(self, name, kind):
        self.exchanges.add(name)
        self._try(lambda: self.channel.exchange_declare(self.prefix + name, kind, durable=False, auto_delete=False))

    def queue(self, name, auto_delete=False):
        self.channel.queue_declare(self.prefix + name, exclusive=True, auto_delete=auto_delete)

    def bind(self, queue, exchange, key, arguments=None):
        name = exchange if exchange.startswith("amq.") else self.prefix + exchange
        self._try(lambda: self.channel.queue_bind(self.prefix + queue, name, key, arguments=arguments))

    def send(self, body, key, exchange="", headers=None, expiration=None):
        message = amqp.Message(body, application_headers=headers or {})
        if expiration is not None:
            message.properties["expiration"] = expiration
        name = self.prefix + exchange if exchange and not exchange.startswith("amq.") else exchange
        self._try(lambda: self.channel.basic_publish(message, name, key if exchange else self.prefix + key))

    def consume(self, reader, queue, prefetch=0):
        channel = self.channels.get(reader)
        if channel is None:
            channel = self.channels[reader] = self.connection.channel()
            self.got[reader] = []
        channel.basic_qos(0, prefetch, a_global=True)
        channel.basic_consume(self.prefix + queue, callback=self.got[reader].append)

    def cancel(self, reader):
        for tag in list(self.channels[reader].callbacks):
            self.channels[reader].basic_cancel(tag)

    def ack(self, reader, place):
        self.channels[reader].basic_ack(self.got[reader][place].delivery_tag)

    def reject(self, reader, place, *, requeue):
        self.channels[reader].basic_reject(self.got[reader][place].delivery_tag, requeue)

    def close(self, reader):
        self.channels[reader].close()

    def purge(self, queue):
        return self._try(lambda: self.channel.queue_purge(self.prefix + queue))

    def settle(self, seconds=0):
        """Take what the server has to deliver; let *seconds* pass if they matter."""
        if seconds:
            self._drain(seconds)
        while self._drain(QUIET):
            pass

    def _drain(self, seconds):
        try:
            self.connection.drain_events(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def bodies(self, reader):
        return [message.body + "!" * message.delivery_info["redelivered"] for message in self.got[reader]]

    def there(self, queue):
        """Take everything out of *queue* and return it."""
        found = []
        while (message := self.channel.basic_get(self.prefix + queue, no_ack=True)) is not None:
            found.append(message.body + "!" * message.delivery_info["redelivered"])
        return found

    def exists(self, queue):
        try:
            self.channel.queue_declare(self.prefix + queue, passive=True)
        except amqp.NotFound:
            self.channel = self.connection.channel()
            return False
        return True

    def _try(self, act):
        """Do it; what the server refuses is told in its words, without the names made unique."""
        try:
            return act()
        except amqp.AMQPError as refusal:
            if not self.connection.connected:
                self.connection = amqp.Connection("{}:{}".format(*ADDRESS), confirm_publish=True)
                self.connection.connect()
            self.channel = self.connection.channel()
            raise Refused(refusal.reply_text.replace(self.prefix, "")) from None

    def end(self):
        for name in self.exchanges:
            self.connection.channel().exchange_delete(self.prefix + name)
        self.connection.close()


class Mirrored:
    """The lab's broker, with the same ways to use it."""

    def __init__(self) -> None:
        self.kernel = Kernel(Clock(datetime(2030, 1, 1, tzinfo=UTC)))
        self.log = Log(self.kernel.clock)
        self.broker = MemoryBroker("amqp://", self.kernel, self.log)
        self.channels = {}
        self.got = {}

    def exchange(self, name, kind):
        self._try(lambda: self.broker.declare_exchange(name, kind))

    def queue(self, name, auto_delete=False):
        self.broker.declare_queue(name, auto_delete=auto_delete)

    def bind(self, queue, exchange, key, arguments=None):
        self._try(lambda: self.broker.bind(queue, exchange, key, arguments))

    def send(self, body, key, exchange="", headers=None, expiration=None):
        properties = {} if expiration is None else {"expiration": expiration}
        self.broker.publish(Message(body.encode(), "text/plain", "utf-8", headers or {}, properties), exchange, key)
        self.settle()

    def consume(self, reader, queue, prefetch=0):
        if reader not in self.channels:
            self.channels[reader] = self.broker.channel(reader)
            self.got[reader] = []
        self.channels[reader].qos(prefetch)
        note = self.got[reader].append
        self.channels[reader].consume(queue, lambda delivery: note((delivery, delivery.held.redelivered)))

    def cancel(self, reader):
        for queue in list(self.channels[reader]._consuming):
            self.channels[reader].cancel(queue)

    def ack(self, reader, place):
        self.got[reader][place][0].ack()

    def reject(self, reader, place, *, requeue):
        self.got[reader][place][0].reject(requeue=requeue)

    def close(self, reader):
        self.channels[reader].close()

    def purge(self, queue):
        return self._try(lambda: self.broker.purge(queue))

    def settle(self, seconds=0):
        until = self.kernel.clock.us + round(seconds * 1_000_000)
        while (due := self.kernel.peek()) is not None and due <= until:
            self.kernel.step()
        self.kernel.pass_time(until)

    def bodies(self, reader):
        return [delivery.message.body.decode() + "!" * redelivered for delivery, redelivered in self.got[reader]]

    def there(self, queue):
        name = f"taker of {queue}"
        self.consume(name, queue)
        self.settle()
        self.channels[name].cancel(queue)
        return self.bodies(name)

    def exists(self, queue):
        return self.broker.has_queue(queue)

    def _try(self, act):
        try:
            return act()
        except LabError as refusal:
            raise Refused(refusal.message) from None

    def end(self):
        pass


class Refused(Exception):
    """The server has refused something."""


def on(side, scenario):
    """Play *scenario* and return what it saw."""
    here = side()
    try:
        return scenario(here)
    finally:
        here.end()


def same(scenario):
    """Play *scenario* on both sides and return what both saw."""
    real, mirrored = on(Real, scenario), on(Mirrored, scenario)
    assert mirrored == real
    return real


# -- routing ---------------------------------------------------------------------------------------------------------
PATTERNS = ["", "#", "*", "a", "a.#", "#.a", "a.*", "*.a", "a..b", ".", "#.#", "*.#", "a.#.b", "#.b.#", "a.", "a.*."]
KEYS = ["", "a", "a.b", "b", ".", "a.", ".a", "a..b", "a.b.b", "a.x.b", "..", "a.c.", "a#"]


def routed(side, kind, bindings, sends):
    """Bind one queue for each binding, send everything, and return what lies in each queue."""
    side.exchange("x", kind)
    for number, (key, arguments) in enumerate(bindings):
        side.queue(f"q{number}")
        side.bind(f"q{number}", "x", key, arguments)
    for number, (key, headers) in enumerate(sends):
        side.send(str(number), key, "x", headers)
    side.settle()
    return [side.there(f"q{number}") for number in range(len(bindings))]


def test_topics_reach_the_same_queues():
    """Every pattern against every key, empty words among them."""
    bindings, sends = [(pattern, None) for pattern in PATTERNS], [(key, None) for key in KEYS]
    found = same(lambda side: routed(side, "topic", bindings, sends))
    for pattern, bodies in zip(PATTERNS, found, strict=True):
        assert bodies == [str(number) for number, key in enumerate(KEYS) if topic_matches(pattern, key)]


def test_headers_reach_the_same_queues():
    """Every way to match, values of different types, headers without a value."""
    tables = [{}, {"a": 1}, {"a": 1, "b": 2}, {"a": True}, {"a": None}, {"a": 1.0}, {"x-a": 1}, {"a": "1"}]
    hows = [None, "all", "any", "all-with-x", "any-with-x"]
    bound = [{**table, **({"x-match": how} if how else {})} for table, how in itertools.product(tables, hows)]
    sent = [{}, {"a": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 2}, {"a": True}, {"a": 1.0}, {"x-a": 1}, {"a": "1"}]
    sent.append({"a": None})
    bindings, sends = [("", table) for table in bound], [("k", table) for table in sent]
    found = same(lambda side: routed(side, "headers", bindings, sends))
    for arguments, bodies in zip(bound, found, strict=True):
        assert bodies == [str(number) for number, headers in enumerate(sent) if headers_match(arguments, headers)]


@pytest.mark.parametrize("kind", ["direct", "fanout"])
def test_direct_and_fanout_reach_the_same_queues(kind):
    """One compares, the other asks nothing."""
    bindings, sends = [("a", None), ("b", None), ("", None)], [("a", None), ("", None), ("c", None)]
    assert any(same(lambda side: routed(side, kind, bindings, sends)))


def test_a_queue_bound_twice_gets_a_message_once():
    """However many bindings fit."""

    def scenario(side):
        side.queue("q")
        for key in ("a.#", "#.b", "a.b"):
            side.bind("q", "amq.topic", key)
        side.send("once", "a.b", "amq.topic")
        return side.there("q")

    assert same(scenario) == ["once"]


def test_an_unroutable_message_is_dropped():
    """The sender hears nothing of it."""

    def scenario(side):
        side.queue("q")
        side.send("lost", "nowhere")
        side.send("kept", "q")
        return side.there("q")

    assert same(scenario) == ["kept"]


def test_a_message_for_a_missing_exchange_is_in_no_queue():
    """RabbitMQ closes the channel too; the lab, where sending waits for no answer, records that it went nowhere."""

    def scenario(side):
        side.queue("q")
        with suppress(Refused):
            side.send("lost", "q", "nowhere")
        return side.there("q")

    assert same(scenario) == []


# -- delivering ------------------------------------------------------------------------------------------------------
def test_consumers_take_turns_in_the_order_in_which_they_came():
    """Round robin, one message each."""

    def scenario(side):
        side.queue("q")
        for reader in ("one", "two", "three"):
            side.consume(reader, "q")
        for body in "abcdefgh":
            side.send(body, "q")
        side.settle()
        return [side.bodies(reader) for reader in ("one", "two", "three")]

    assert same(scenario)[0] == ["a", "d", "g"]


def test_a_full_consumer_is_passed_over():
    """Its turn is not waited for."""

    def scenario(side):
        side.queue("q")
        side.consume("full", "q", prefetch=1)
        side.consume("free", "q")
        for body in "abcde":
            side.send(body, "q")
        side.settle()
        return side.bodies("full"), side.bodies("free")

    assert same(scenario) == (["a"], ["b", "c", "d", "e"])


def test_the_global_prefetch_limit_counts_over_all_consumers_of_a_channel():
    """Two queues, one window."""

    def scenario(side):
        for queue in ("p", "q"):
            side.queue(queue)
            for body in "ab":
                side.send(queue + body, queue)
        for queue in ("p", "q"):
            side.consume("reader", queue, prefetch=3)
            side.settle()
        seen = len(side.bodies("reader"))
        side.ack("reader", 0)
        side.settle()
        return seen, sorted(side.bodies("reader"))

    assert same(scenario) == (3, ["pa", "pb", "qa", "qb"])


def test_a_refused_message_goes_back_to_its_place_marked_as_redelivered():
    """Before everything that came after it."""

    def scenario(side):
        side.queue("q")
        for body in "abcd":
            side.send(body, "q")
        side.consume("reader", "q", prefetch=3)
        side.settle()
        side.cancel("reader")
        for place in (1, 2, 0):
            side.reject("reader", place, requeue=True)
        side.settle()
        return side.bodies("reader"), side.there("q")

    assert same(scenario) == (["a", "b", "c"], ["a!", "b!", "c!", "d"])


def test_a_message_thrown_away_does_not_come_back():
    """Reject without requeue, and ack, are both the end."""

    def scenario(side):
        side.queue("q")
        for body in "abc":
            side.send(body, "q")
        side.consume("reader", "q", prefetch=2)
        side.settle()
        side.reject("reader", 0, requeue=False)
        side.ack("reader", 1)
        side.settle()
        return side.bodies("reader")

    assert same(scenario) == ["a", "b", "c"]


def test_a_closed_channel_gives_everything_back_in_order():
    """All that it had not acknowledged, marked as redelivered."""

    def scenario(side):
        side.queue("q")
        for body in "abcdef":
            side.send(body, "q")
        side.consume("reader", "q", prefetch=4)
        side.settle()
        side.ack("reader", 1)
        side.settle()
        side.close("reader")
        side.settle()
        return side.there("q")

    assert same(scenario) == ["a!", "c!", "d!", "e!", "f"]


def test_a_purge_takes_what_is_ready_and_nothing_else():
    """What was delivered stays with its consumer."""

    def scenario(side):
        side.queue("q")
        for body in "abc":
            side.send(body, "q")
        side.consume("reader", "q", prefetch=1)
        side.settle()
        gone = side.purge("q")
        side.close("reader")
        side.settle()
        return gone, side.there("q")

    assert same(scenario) == (2, ["a!"])


def test_an_auto_delete_queue_goes_with_its_last_consumer():
    """Not with the first one."""

    def scenario(side):
        side.queue("q", auto_delete=True)
        side.consume("one", "q")
        side.consume("two", "q")
        side.cancel("one")
        side.settle()
        between = side.exists("q")
        side.cancel("two")
        side.settle()
        return between, side.exists("q")

    assert same(scenario) == (True, False)


# -- time to live ----------------------------------------------------------------------------------------------------
def test_an_expired_message_goes_but_not_before_the_one_in_front_of_it():
    """The queue looks at its first message only, and delivers no expired one."""

    def scenario(side):
        side.queue("q")
        side.queue("p")
        side.send("lasting", "q")
        side.send("short", "q", expiration="20")
        side.send("short", "p", expiration="20")
        side.send("long", "p", expiration="60000")
        side.settle(0.1)
        return side.there("q"), side.there("p")

    assert same(scenario) == (["lasting"], ["long"])


def test_a_message_that_comes_back_after_its_time_is_gone():
    """Its time goes on while a consumer has it."""

    def scenario(side):
        side.queue("q")
        side.consume("reader", "q", prefetch=1)
        side.send("short", "q", expiration="20")
        side.settle(0.1)
        side.settle(0.1)
        side.close("reader")
        side.settle()
        return side.bodies("reader"), side.there("q")

    assert same(scenario) == (["short"], [])


def test_a_time_to_live_of_zero_reaches_a_consumer_that_is_free():
    """And nobody else."""

    def scenario(side):
        side.queue("q")
        side.queue("p")
        side.consume("reader", "q")
        side.send("now", "q", expiration="0")
        side.send("never", "p", expiration="0")
        side.settle()
        return side.bodies("reader"), side.there("p")

    assert same(scenario) == (["now"], [])


# -- refusals --------------------------------------------------------------------------------------------------------
def refusal(side, act):
    """Return the words with which *act* is refused."""
    with pytest.raises(Refused) as told:
        act(side)
    return str(told.value)


def test_another_type_for_an_exchange_is_refused_in_the_same_words():
    """The text is what people search for."""

    def scenario(side):
        side.exchange("x", "direct")
        return refusal(side, lambda side: side.exchange("x", "topic"))

    assert same(scenario).startswith("PRECONDITION_FAILED - inequivalent arg 'type' for exchange 'x'")


def test_an_unknown_type_is_refused_in_the_same_words():
    """On the real server the whole connection ends."""
    assert "bogus" in same(lambda side: refusal(side, lambda side: side.exchange("y", "bogus")))


def test_what_is_not_there_is_refused_in_the_same_words():
    """A missing queue to purge, a missing exchange or queue to bind."""

    def scenario(side):
        side.queue("q")
        return [
            refusal(side, lambda side: side.purge("nope")),
            refusal(side, lambda side: side.bind("q", "nope", "k")),
            refusal(side, lambda side: side.bind("nope", "amq.direct", "k")),
        ]

    assert all(words.startswith("NOT_FOUND") for words in same(scenario))
