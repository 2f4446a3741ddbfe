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
from amqp.exceptions import MessageNacked

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
        self.lasting: set[str] = set()

    def exchange(self, name, kind, durable=False, auto_delete=False, alternate=None):
        self.exchanges.add(name)
        arguments = {"alternate-exchange": self._name(alternate)} if alternate else None
        self._try(
            lambda: self.channel.exchange_declare(
                self._name(name), kind, durable=durable, auto_delete=auto_delete, arguments=arguments
            )
        )

    def _name(self, name):
        return name if not name or name.startswith("amq.") else self.prefix + name

    def queue(self, name, auto_delete=False, **arguments):
        """Arguments are written ``max_priority=3`` for ``x-max-priority``."""
        given = {"x-" + word.replace("_", "-"): value for word, value in arguments.items()}
        for word in ("x-dead-letter-exchange", "x-dead-letter-routing-key"):
            if isinstance(given.get(word), str):
                given[word] = self._name(given[word])
        self._try(
            lambda: self.channel.queue_declare(
                self._name(name), exclusive=True, auto_delete=auto_delete, arguments=given
            )
        )

    def lasting_queue(self, name, **arguments):
        """A queue that is not exclusive, as quorum queues cannot be."""
        given = {"x-" + word.replace("_", "-"): value for word, value in arguments.items()}
        if given.get("x-dead-letter-routing-key"):
            given["x-dead-letter-routing-key"] = self.prefix + given["x-dead-letter-routing-key"]
        self.lasting.add(self.prefix + name)
        self._try(
            lambda: self.channel.queue_declare(self.prefix + name, durable=True, auto_delete=False, arguments=given)
        )

    def delete(self, name, **conditions):
        return self._try(lambda: self.channel.queue_delete(self.prefix + name, **conditions))

    def delete_exchange(self, name, **conditions):
        self._try(lambda: self.channel.exchange_delete(self._name(name), **conditions))

    def link(self, destination, source, key):
        self._try(lambda: self.channel.exchange_bind(self._name(destination), self._name(source), key))

    def unbind(self, queue, exchange, key):
        self._try(lambda: self.channel.queue_unbind(self._name(queue), self._name(exchange), key))

    def exchange_exists(self, name):
        try:
            self.channel.exchange_declare(self._name(name), "direct", passive=True)
        except amqp.NotFound:
            self.channel = self.connection.channel()
            return False
        return True

    def bind(self, queue, exchange, key, arguments=None):
        name = self._name(exchange)
        self._try(lambda: self.channel.queue_bind(self.prefix + queue, name, key, arguments=arguments))

    def send(self, body, key, exchange="", headers=None, expiration=None, priority=None):
        message = amqp.Message(body, application_headers=headers or {})
        if expiration is not None:
            message.properties["expiration"] = expiration
        if priority is not None:
            message.properties["priority"] = priority
        name = self.prefix + exchange if exchange and not exchange.startswith("amq.") else exchange
        with suppress(MessageNacked):  # a full queue may refuse; the lab's sender asks for no receipt
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

    def deaths(self, queue):
        """Take everything out of *queue* and return what its headers tell of deaths, without moments."""
        told = []
        while (message := self.channel.basic_get(self.prefix + queue, no_ack=True)) is not None:
            told.append((message.body, *_deaths(message.headers, self.prefix), message.properties.get("expiration")))
        return told

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
        self.connection.close()
        with amqp.Connection("{}:{}".format(*ADDRESS)) as connection:  # a consumer is told, loudly, that its queue goes
            for name in self.lasting:
                connection.channel().queue_delete(name)
            for name in self.exchanges:
                connection.channel().exchange_delete(self.prefix + name)


class Mirrored:
    """The lab's broker, with the same ways to use it."""

    def __init__(self) -> None:
        self.kernel = Kernel(Clock(datetime(2030, 1, 1, tzinfo=UTC)))
        self.log = Log(self.kernel.clock)
        self.broker = MemoryBroker("amqp://", self.kernel, self.log)
        self.channels = {}
        self.got = {}

    def exchange(self, name, kind, durable=False, auto_delete=False, alternate=None):
        arguments = {"alternate-exchange": alternate} if alternate else None
        self._try(
            lambda: self.broker.declare_exchange(
                name, kind, durable=durable, auto_delete=auto_delete, arguments=arguments
            )
        )

    def queue(self, name, auto_delete=False, **arguments):
        given = {"x-" + word.replace("_", "-"): value for word, value in arguments.items()}
        self._try(
            lambda: self.broker.declare_queue(name, given, auto_delete=auto_delete, durable=False, owner="connection")
        )

    def lasting_queue(self, name, **arguments):
        given = {"x-" + word.replace("_", "-"): value for word, value in arguments.items()}
        self._try(lambda: self.broker.declare_queue(name, given))

    def delete(self, name, **conditions):
        return self._try(lambda: self.broker.delete_queue(name, **conditions))

    def delete_exchange(self, name, **conditions):
        self._try(lambda: self.broker.delete_exchange(name, **conditions))

    def link(self, destination, source, key):
        self._try(lambda: self.broker.link(destination, source, key))

    def unbind(self, queue, exchange, key):
        self._try(lambda: self.broker.unbind(queue, exchange, key))

    def exchange_exists(self, name):
        return self.broker.has_exchange(name)

    def deaths(self, queue):
        name = f"coroner of {queue}"
        self.consume(name, queue)
        self.settle()
        self.channels[name].cancel(queue)
        messages = [delivery.message for delivery, _ in self.got[name]]
        return [(m.body.decode(), *_deaths(m.headers, ""), m.properties.get("expiration")) for m in messages]

    def bind(self, queue, exchange, key, arguments=None):
        self._try(lambda: self.broker.bind(queue, exchange, key, arguments))

    def send(self, body, key, exchange="", headers=None, expiration=None, priority=None):
        properties = {} if expiration is None else {"expiration": expiration}
        if priority is not None:
            properties["priority"] = priority
        message = Message(body.encode(), "text/plain", "utf-8", headers or {}, properties)
        self._try(lambda: self.broker.publish(message, exchange, key))
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


def _deaths(headers, prefix):
    """What headers tell of deaths: names without *prefix*, no moments."""
    told = []
    for death in headers.get("x-death", ()):
        assert isinstance(death["time"], datetime)
        told.append({word: _bare(value, prefix) for word, value in death.items() if word != "time"})
    first = {word: _bare(value, prefix) for word, value in headers.items() if word.startswith("x-first-death")}
    return told, first


def _bare(value, prefix):
    if isinstance(value, list):
        return [_bare(each, prefix) for each in value]
    return value.removeprefix(prefix) if isinstance(value, str) and prefix else value


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
    """Who asks for receipts hears of it at once, and so does everybody in the lab."""

    def scenario(side):
        side.queue("q")
        refused = refusal(side, lambda side: side.send("lost", "q", "nowhere"))
        return refused, side.there("q")

    assert same(scenario) == ("NOT_FOUND - no exchange 'nowhere' in vhost '/'", [])


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


def test_a_missing_exchange_is_refused_to_links_too():
    """Both ends have to be there."""

    def scenario(side):
        side.exchange("x", "direct")
        return [
            refusal(side, lambda side: side.link("x", "nope", "k")),
            refusal(side, lambda side: side.link("nope", "x", "k")),
            refusal(side, lambda side: side.link("x", "", "k")),
        ]

    assert len(same(scenario)) == 3


BAD_ARGUMENTS = [
    {"max_priority": 300},
    {"max_priority": -1},
    {"max_priority": "a"},
    {"message_ttl": -1},
    {"message_ttl": "a"},
    {"message_ttl": 1.5},
    {"expires": 0},
    {"max_length": -1},
    {"max_length_bytes": "z"},
    {"overflow": "bogus"},
    {"dead_letter_routing_key": "k"},
    {"dead_letter_exchange": 5},
    {"single_active_consumer": "a"},
    {"queue_type": "bogus"},
    {"delivery_limit": 5},
]


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS, ids=lambda arguments: "-".join(map(str, *arguments.items())))
def test_an_argument_that_cannot_be_is_refused_in_the_same_words(arguments):
    """Wrong types, wrong ranges, wrong company."""
    assert same(lambda side: refusal(side, lambda side: side.queue("q", **arguments))).startswith("PRECONDITION")


OTHER_ARGUMENTS = [
    {},
    {"max_priority": 5, "message_ttl": 101},
    {"max_priority": 6, "message_ttl": 100},
    {"max_priority": 5, "message_ttl": 100, "max_length": 4},
    {"max_priority": 5, "message_ttl": 100, "overflow": "reject-publish"},
    {"max_priority": 5, "message_ttl": 100, "dead_letter_exchange": ""},
    {"max_priority": 5, "message_ttl": 100, "queue_type": "quorum"},
]


@pytest.mark.parametrize("arguments", OTHER_ARGUMENTS, ids=lambda arguments: " ".join(map(str, arguments.values())))
def test_other_arguments_for_a_queue_are_refused_in_the_same_words(arguments):
    """It keeps what it was declared with."""

    def scenario(side):
        side.lasting_queue("q", max_priority=5, message_ttl=100)
        return refusal(side, lambda side: side.lasting_queue("q", **arguments))

    assert "inequivalent arg" in same(scenario)


def test_arguments_that_mean_nothing_may_differ():
    """And the type that every queue has need not be said."""

    def scenario(side):
        side.lasting_queue("q", max_priority=5, bogus=1)
        side.lasting_queue("q", max_priority=5, bogus=2)
        side.lasting_queue("q", max_priority=5, queue_type="classic")
        return side.exists("q")

    assert same(scenario)


def test_another_durability_is_refused_in_the_same_words():
    """For exchanges, with the automatic end and the alternate as well."""

    def scenario(side):
        side.exchange("x", "direct", durable=True)
        return [
            refusal(side, lambda side: side.exchange("x", "direct")),
            refusal(side, lambda side: side.exchange("x", "direct", durable=True, auto_delete=True)),
            refusal(side, lambda side: side.exchange("x", "direct", durable=True, alternate="amq.fanout")),
        ]

    assert all("inequivalent arg" in words for words in same(scenario))


def test_the_brokers_own_names_are_refused_in_the_same_words():
    """Nobody may make or delete them."""

    def scenario(side):
        return [
            refusal(side, lambda side: side.exchange("amq.mine", "direct")),
            refusal(side, lambda side: side.queue("amq.mine")),
            refusal(side, lambda side: side.delete_exchange("amq.direct")),
        ]

    assert all(words.startswith("ACCESS_REFUSED") for words in same(scenario))


def test_the_default_exchange_takes_no_bindings():
    """It leads to every queue by its name."""

    def scenario(side):
        side.queue("q")
        return refusal(side, lambda side: side.bind("q", "", "k"))

    assert same(scenario).startswith("ACCESS_REFUSED - operation not permitted")


def test_what_is_used_or_full_is_not_deleted_on_those_conditions():
    """``if_unused`` and ``if_empty``."""

    def scenario(side):
        side.queue("q")
        side.queue("p")
        side.consume("reader", "q")
        side.send("m", "p")
        side.settle()
        side.exchange("x", "direct")
        side.bind("q", "x", "k")
        refused = [
            refusal(side, lambda side: side.delete("q", if_unused=True)),
            refusal(side, lambda side: side.delete("p", if_empty=True)),
            refusal(side, lambda side: side.delete_exchange("x", if_unused=True)),
        ]
        side.delete("p")
        side.delete("nope")
        return refused, side.exists("p"), side.exists("q")

    refused, gone, kept = same(scenario)
    assert all(words.startswith("PRECONDITION_FAILED") for words in refused)
    assert (gone, kept) == (False, True)


# -- priorities ------------------------------------------------------------------------------------------------------
def sent_by_priority(side, highest, priorities):
    """Send one message for each of *priorities* and take all out again."""
    side.queue("q", max_priority=highest)
    for number, priority in enumerate(priorities):
        side.send(f"{number}:{priority}", "q", priority=priority)
    side.settle()
    return side.there("q")


def test_the_highest_priority_comes_first_and_equals_in_the_order_of_arrival():
    """None is the lowest, more than the highest counts as that."""
    found = same(lambda side: sent_by_priority(side, 5, [0, 3, None, 9, 5, 3, 0, 255, 1]))
    assert found[:3] == ["3:9", "4:5", "7:255"]


def test_a_queue_without_priorities_ignores_them():
    """The property travels and means nothing."""

    def scenario(side):
        side.queue("q")
        for number in (1, 9, 5):
            side.send(str(number), "q", priority=number)
        return side.there("q")

    assert same(scenario) == ["1", "9", "5"]


def test_a_message_comes_back_to_its_place_within_its_priority():
    """Higher ones that came later still go first."""

    def scenario(side):
        side.queue("q", max_priority=3)
        for number, priority in enumerate((1, 1, 3)):
            side.send(str(number), "q", priority=priority)
        side.consume("reader", "q", prefetch=2)
        side.settle()
        side.cancel("reader")
        side.send("late", "q", priority=2)
        for place in (0, 1):
            side.reject("reader", place, requeue=True)
        side.settle()
        return side.bodies("reader"), side.there("q")

    assert same(scenario) == (["2", "0"], ["2!", "late", "0!", "1"])


def test_what_was_prefetched_is_not_overtaken():
    """A priority orders what waits, nothing else."""

    def scenario(side):
        side.queue("q", max_priority=9)
        for body in ("a", "b", "c"):
            side.send(body, "q", priority=0)
        side.consume("reader", "q", prefetch=2)
        side.settle()
        side.send("urgent", "q", priority=9)
        side.settle()
        side.ack("reader", 0)
        side.settle()
        return side.bodies("reader")

    assert same(scenario) == ["a", "b", "urgent"]


# -- a queue's own time to live --------------------------------------------------------------------------------------
def test_the_shorter_of_two_times_to_live_counts():
    """The queue's and the message's."""

    def scenario(side):
        side.queue("q", message_ttl=60)
        side.queue("p", message_ttl=60000)
        side.send("own", "p", expiration="40")
        side.send("other", "q", expiration="60000")
        side.settle(0.25)
        return side.there("q"), side.there("p")

    assert same(scenario) == ([], [])


def test_a_queues_time_to_live_of_zero_is_for_free_consumers_only():
    """As with a message's own."""

    def scenario(side):
        side.queue("q", message_ttl=0)
        side.send("early", "q")
        side.settle()
        side.consume("reader", "q", prefetch=1)
        side.send("now", "q")
        side.settle()
        side.send("full", "q")
        side.settle()
        return side.bodies("reader"), side.there("q")

    assert same(scenario) == (["now"], [])


def test_an_unused_queue_expires_and_a_consumer_keeps_it():
    """Its consumer's going starts the clock anew."""

    def scenario(side):
        side.queue("lonely", expires=100)
        side.queue("used", expires=100)
        side.consume("reader", "used")
        side.settle(0.4)
        between = side.exists("lonely"), side.exists("used")
        side.cancel("reader")
        side.settle(0.4)
        return between, side.exists("used")

    assert same(scenario) == ((False, True), False)


# -- length limits ---------------------------------------------------------------------------------------------------
def test_a_full_queue_drops_its_first_message():
    """The oldest goes, not the newest."""

    def scenario(side):
        side.queue("q", max_length=2)
        for body in "abcd":
            side.send(body, "q")
        side.settle()
        return side.there("q")

    assert same(scenario) == ["c", "d"]


def test_a_full_queue_with_priorities_drops_its_first_message_too():
    """Which is the most urgent one: RabbitMQ's documentation warns of it."""

    def scenario(side):
        side.queue("q", max_length=2, max_priority=5)
        for number, priority in enumerate((5, 1, 0, 3)):
            side.send(f"{number}:{priority}", "q", priority=priority)
        side.settle()
        return side.there("q")

    assert same(scenario) is not None


@pytest.mark.parametrize("overflow", ["drop-head", "reject-publish"])
def test_only_what_waits_counts_against_the_limit(overflow):
    """What a consumer holds does not."""

    def scenario(side):
        side.queue("q", max_length=1, overflow=overflow)
        side.consume("reader", "q", prefetch=2)
        for body in "abcd":
            side.send(body, "q")
            side.settle()
        side.cancel("reader")
        return side.bodies("reader"), side.there("q")

    assert same(scenario) == (["a", "b"], ["d" if overflow == "drop-head" else "c"])


def test_a_queue_that_refuses_keeps_what_it_has():
    """``reject-publish``: the newest go."""

    def scenario(side):
        side.queue("q", max_length=2, overflow="reject-publish")
        for body in "abcd":
            side.send(body, "q")
        return side.there("q")

    assert same(scenario) == ["a", "b"]


@pytest.mark.parametrize("overflow", ["drop-head", "reject-publish"])
def test_bytes_are_counted_over_the_bodies(overflow):
    """Not over headers."""

    def scenario(side):
        side.queue("q", max_length_bytes=5, overflow=overflow)
        for body in ("aaa", "bb", "c", "dddddd"):
            side.send(body, "q", headers={"long": "x" * 50})
        side.settle()
        return side.there("q")

    assert same(scenario) == ([] if overflow == "drop-head" else ["aaa", "bb"])


def test_a_queue_for_nothing_hands_over_what_a_free_consumer_takes():
    """Its length may be zero."""

    def scenario(side):
        side.queue("q", max_length=0)
        side.send("early", "q")
        side.settle()
        side.consume("reader", "q")
        side.settle()
        side.send("now", "q")
        side.settle()
        return side.bodies("reader")

    assert same(scenario) == ["now"]


# -- dead letters ----------------------------------------------------------------------------------------------------
def test_a_rejected_message_is_told_of_in_x_death():
    """Its own headers stay."""

    def scenario(side):
        side.queue("dead")
        side.queue("q", dead_letter_exchange="", dead_letter_routing_key="dead")
        side.send("m", "q", headers={"mine": 1}, priority=4)
        side.consume("reader", "q")
        side.settle()
        side.reject("reader", 0, requeue=False)
        side.settle()
        return side.deaths("dead")

    [(_, deaths, first, _)] = same(scenario)
    assert deaths[0]["reason"] == first["x-first-death-reason"] == "rejected"


def test_an_expired_message_loses_its_time_to_live_and_tells_it():
    """Or it would expire again at once."""

    def scenario(side):
        side.queue("dead")
        side.queue("q", dead_letter_exchange="", dead_letter_routing_key="dead")
        side.send("m", "q", expiration="20")
        side.settle(0.15)
        return side.deaths("dead")

    [(_, [death], _, expiration)] = same(scenario)
    assert (death["reason"], death["original-expiration"], expiration) == ("expired", "20", None)


@pytest.mark.parametrize("overflow", ["drop-head", "reject-publish", "reject-publish-dlx"])
def test_what_does_not_fit_is_a_dead_letter(overflow):
    """Except where the queue just refuses."""

    def scenario(side):
        side.queue("dead")
        side.queue("q", max_length=1, overflow=overflow, dead_letter_exchange="", dead_letter_routing_key="dead")
        for body in "abc":
            side.send(body, "q")
        side.settle()
        return side.deaths("dead"), side.there("q")

    dead, kept = same(scenario)
    assert [body for body, *_ in dead] == {"drop-head": ["a", "b"], "reject-publish": []}.get(overflow, ["b", "c"])
    assert kept == (["c"] if overflow == "drop-head" else ["a"])


def test_without_a_key_of_its_own_a_dead_letter_keeps_its_key():
    """And the exchange may be of any type."""

    def scenario(side):
        side.exchange("graves", "topic")
        side.queue("dead")
        side.bind("dead", "graves", "a.*")
        side.queue("q", dead_letter_exchange="graves", message_ttl=20)
        side.bind("q", "amq.topic", "a.#")
        side.send("one", "a.b", "amq.topic")
        side.send("lost", "a.b.c", "amq.topic")
        side.settle(0.15)
        return side.deaths("dead")

    assert [body for body, *_ in same(scenario)] == ["one"]


def test_deaths_are_counted_by_queue_and_reason_the_last_one_first():
    """Round and round between two queues, as delayed retries do."""

    def scenario(side):
        side.queue("wait", message_ttl=20, dead_letter_exchange="", dead_letter_routing_key="work")
        side.queue("work", dead_letter_exchange="", dead_letter_routing_key="wait")
        side.send("m", "work")
        side.consume("reader", "work")
        for round_ in range(3):
            side.settle(0.1)
            side.reject("reader", round_, requeue=False)
        side.settle(0.1)
        side.settle(0.1)
        side.cancel("reader")
        side.close("reader")
        side.settle()
        return side.deaths("work")

    [(_, deaths, *_)] = same(scenario)
    assert [(death["queue"], death["count"]) for death in deaths] == [("wait", 3), ("work", 3)]


def test_a_dead_letter_that_nobody_rejected_does_not_go_round():
    """RabbitMQ drops it."""

    def scenario(side):
        side.queue("q", message_ttl=20, dead_letter_exchange="")
        side.send("m", "q")
        side.settle(0.15)
        side.queue("a", message_ttl=20, dead_letter_exchange="", dead_letter_routing_key="b")
        side.queue("b", message_ttl=20, dead_letter_exchange="", dead_letter_routing_key="a")
        side.send("m", "a")
        side.settle(0.3)
        return side.there("q"), side.there("a"), side.there("b")

    assert same(scenario) == ([], [], [])


def test_a_dead_letter_for_a_missing_exchange_is_dropped():
    """Nobody is told; the queue works on."""

    def scenario(side):
        side.queue("q", message_ttl=20, dead_letter_exchange="nowhere")
        side.send("m", "q")
        side.settle(0.15)
        side.send("n", "q")
        return side.there("q")

    assert same(scenario) == ["n"]


def test_copies_in_two_queues_die_each_on_its_own():
    """Two dead letters of one message."""

    def scenario(side):
        side.queue("dead")
        for name in ("p", "q"):
            side.queue(name, message_ttl=20, dead_letter_exchange="", dead_letter_routing_key="dead")
            side.bind(name, "amq.fanout", "")
        side.send("m", "", "amq.fanout")
        side.settle(0.15)
        return sorted(side.deaths("dead"), key=lambda told: told[1][0]["queue"])

    assert [deaths[0]["queue"] for _, deaths, *_ in same(scenario)] == ["p", "q"]


# -- one active consumer, quorum queues ------------------------------------------------------------------------------
def test_a_single_active_consumer_gets_everything_until_it_goes():
    """Then the next one does."""

    def scenario(side):
        side.queue("q", single_active_consumer=True)
        for reader in ("one", "two"):
            side.consume(reader, "q")
        for body in "abc":
            side.send(body, "q")
        side.settle()
        side.cancel("one")
        for body in "de":
            side.send(body, "q")
        side.settle()
        return side.bodies("one"), side.bodies("two")

    assert same(scenario) == (["a", "b", "c"], ["d", "e"])


def test_a_quorum_queue_has_no_priorities():
    """In the version that runs here it refuses them."""
    words = same(lambda side: refusal(side, lambda side: side.lasting_queue("q", queue_type="quorum", max_priority=3)))
    assert words.endswith("of queue type rabbit_quorum_queue")


# -- exchanges behind exchanges --------------------------------------------------------------------------------------
def test_an_exchange_hands_on_to_another_one_and_a_queue_gets_a_message_once():
    """Also when two ways lead to it."""

    def scenario(side):
        side.exchange("front", "topic")
        side.exchange("back", "fanout")
        side.queue("q")
        side.queue("p")
        side.link("back", "front", "a.#")
        side.bind("q", "back", "")
        side.bind("q", "front", "a.b")
        side.bind("p", "front", "b")
        for key in ("a.b", "a", "b", "c"):
            side.send(key, key, "front")
        side.settle()
        return side.there("q"), side.there("p")

    assert same(scenario) == (["a.b", "a"], ["b"])


def test_exchanges_in_a_circle_route_once():
    """Nothing goes round."""

    def scenario(side):
        side.exchange("x", "fanout")
        side.exchange("y", "fanout")
        side.link("x", "y", "")
        side.link("y", "x", "")
        side.queue("q")
        side.bind("q", "y", "")
        side.send("m", "", "x")
        side.settle()
        return side.there("q")

    assert same(scenario) == ["m"]


def test_an_alternate_exchange_gets_what_nobody_takes():
    """And nothing else."""

    def scenario(side):
        side.exchange("rest", "fanout")
        side.exchange("x", "direct", alternate="rest")
        side.queue("q")
        side.queue("others")
        side.bind("q", "x", "k")
        side.bind("others", "rest", "")
        side.send("mine", "k", "x")
        side.send("other", "z", "x")
        side.settle()
        return side.there("q"), side.there("others")

    assert same(scenario) == (["mine"], ["other"])


def test_an_exchange_that_goes_by_itself_goes_with_its_last_binding():
    """Not before it has had one."""

    def scenario(side):
        side.exchange("x", "direct", auto_delete=True)
        side.queue("q")
        before = side.exchange_exists("x")
        side.bind("q", "x", "a")
        side.bind("q", "x", "b")
        side.unbind("q", "x", "a")
        between = side.exchange_exists("x")
        side.unbind("q", "x", "b")
        return before, between, side.exchange_exists("x")

    assert same(scenario) == (True, True, False)


def test_a_deleted_exchange_is_gone_with_its_bindings():
    """Declared again, it is empty."""

    def scenario(side):
        side.exchange("x", "direct")
        side.queue("q")
        side.bind("q", "x", "k")
        side.delete_exchange("x")
        gone = side.exchange_exists("x")
        side.exchange("x", "direct")
        side.send("lost", "k", "x")
        return gone, side.there("q")

    assert same(scenario) == (False, [])


def test_a_quorum_queue_lets_go_of_what_comes_back_too_often():
    """It counts, and says so in a header; the dead letter tells the reason."""

    def scenario(side):
        side.queue("dead")
        side.lasting_queue(
            "q", queue_type="quorum", delivery_limit=2, dead_letter_exchange="", dead_letter_routing_key="dead"
        )
        side.consume("reader", "q")
        side.send("m", "q")
        for place in range(3):
            side.settle(0.3)
            side.reject("reader", place, requeue=True)
        side.settle(0.3)
        return side.bodies("reader"), side.deaths("dead")

    bodies, [(_, [death], *_)] = same(scenario)
    assert (len(bodies), death["reason"]) == (3, "delivery_limit")


def test_a_quorum_queue_takes_messages_back_in_order():
    """Before those that were not delivered yet."""

    def scenario(side):
        side.lasting_queue("q", queue_type="quorum")
        for body in "abcd":
            side.send(body, "q")
        side.settle(0.2)
        side.consume("reader", "q")
        side.settle(0.3)
        side.close("reader")
        side.settle(0.3)
        side.consume("other", "q")
        side.settle(0.3)
        return side.bodies("other")

    assert same(scenario) == ["a!", "b!", "c!", "d!"]
