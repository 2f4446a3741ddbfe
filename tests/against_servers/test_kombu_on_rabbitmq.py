"""The same programs with kombu on a real RabbitMQ and with labq's kombu on the lab's: they see the same."""

from __future__ import annotations

import socket
import uuid

import kombu
import kombu.common
import pytest

import labq.kombu
import labq.kombu.common
from labq import Lab

ADDRESS = ("127.0.0.1", 5672)
URL = "amqp://guest:guest@127.0.0.1:5672//"


def _answers() -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(ADDRESS) == 0


pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not _answers(), reason=f"no RabbitMQ answers on {ADDRESS[0]}:{ADDRESS[1]}"),
]


class Program:
    """What a program has to itself: a module called kombu, a connection, and names that nobody else uses."""

    def __init__(self, library, prefix) -> None:
        self.kombu = library
        self.prefix = prefix
        # receipts, so that everything has arrived when the next question is asked
        self.connection = library.Connection(URL, transport_options={"confirm_publish": True})
        self.made = []

    def queue(self, name="q", kind="direct", key="k", **options):
        """Describe a queue on an exchange of its name; both go in the end."""
        exchange = self.kombu.Exchange(self.prefix + name, kind)
        queue = self.kombu.Queue(self.prefix + name, exchange, key, **options)
        self.made.append(queue)
        return queue

    def send(self, queue, *bodies, key="k", **options) -> None:
        """Send *bodies* to the exchange of *queue*."""
        producer = self.connection.Producer()
        for body in bodies:
            producer.publish(body, exchange=queue.exchange, routing_key=key, declare=[queue], **options)
        self.settle()

    def settle(self) -> None:
        """Let everything arrive: who asks on the same channel is answered afterwards."""
        for queue in self.made:
            queue(self.connection).queue_declare()

    def bare(self, text) -> str:
        """Return *text* without the names made unique."""
        return str(text).replace(self.prefix, "")

    def refused(self, act):
        """Return how *act* is refused: the kind, the number, the words, and whether the channel is gone."""
        channel = self.connection.default_channel
        try:
            act()
        except Exception as exc:  # noqa: BLE001 - whatever it is, it is compared
            told = [type(exc).__name__, getattr(exc, "reply_code", None), self.bare(exc)]
            return [*told, channel.connection is None or not channel.is_open]
        return None

    def end(self) -> None:
        """Leave nothing behind."""
        self.connection.release()
        with self.kombu.Connection(URL) as connection:
            for queue in self.made:
                queue(connection).delete()
                queue.exchange(connection).delete()


def same(scenario):
    """Play *scenario* on both sides and return what both saw."""
    seen = []
    for library in (kombu, labq.kombu):
        with Lab(seed=1, start="2030-01-01T00:00:00Z"):
            program = Program(library, f"labq-{uuid.uuid4().hex[:8]}-")
            try:
                seen.append(scenario(program))
            finally:
                program.end()
    assert seen[1] == seen[0]
    return seen[0]


def test_a_message_has_the_same_parts():
    """Body, headers, properties, how it came."""

    def scenario(p):
        queue = p.queue()
        p.send(queue, {"a": [1, None]}, priority=3, headers={"h": {"n": 1}}, expiration=60, correlation_id="c")
        message = queue(p.connection).get()
        info = {
            word: value for word, value in message.delivery_info.items() if word not in ("exchange", "consumer_tag")
        }
        parts = [message.payload, message.headers, message.properties, message.content_type, message.content_encoding]
        return [*parts, info, message.acknowledged, message.ack(), message.acknowledged]

    assert same(scenario)[0] == {"a": [1, None]}


def test_priorities_order_what_waits():
    """The option of a queue, in kombu's word."""

    def scenario(p):
        queue = p.queue(max_priority=5)
        for number, priority in enumerate((0, 5, 3, 9)):
            p.send(queue, number, priority=priority)
        bound = queue(p.connection)
        return [bound.get(no_ack=True).payload for _ in range(4)], bound.get()

    assert same(scenario) == ([1, 3, 2, 0], None)


def test_a_queue_declared_otherwise_is_refused():
    """The kind of error, its number, its words, the end of the channel."""

    def scenario(p):
        p.send(p.queue(max_priority=5), "x")
        return p.refused(lambda: p.queue(max_priority=6)(p.connection).declare())

    assert same(scenario)[:2] == ["PreconditionFailed", 406]


def test_what_is_not_there_is_refused():
    """A queue to look at, a queue to take from, an unknown tag."""

    def scenario(p):
        def channel():
            return p.connection.channel()

        return [
            p.refused(lambda: channel().queue_declare("labq-nowhere", passive=True)),
            p.refused(lambda: channel().basic_get("labq-nowhere")),
            p.refused(lambda: channel().queue_bind("labq-nowhere", "amq.direct", "k")),
            p.refused(lambda: channel().exchange_declare("labq-nowhere", "direct", passive=True)),
            p.refused(lambda: channel().basic_consume("labq-nowhere")),
        ]

    assert [told[0] for told in same(scenario)] == ["NotFound"] * 5


def test_consumers_take_what_their_window_allows():
    """And give back what they leave."""

    def scenario(p):
        queue, got = p.queue(), []
        p.send(queue, 1, 2, 3)
        consumer = p.connection.Consumer(queue, callbacks=[lambda body, _: got.append(body)], prefetch_count=2)
        with consumer:
            for _ in range(2):
                p.connection.drain_events(timeout=1)
            try:
                p.connection.drain_events(timeout=0.2)
            except TimeoutError:
                got.append("no more")
        consumer.recover(requeue=True)
        p.settle()
        bound = queue(p.connection)
        back = [(message.payload, message.delivery_info["redelivered"]) for message in (bound.get(), bound.get())]
        return got, back

    assert same(scenario) == ([1, 2, "no more"], [(1, True), (2, True)])


def test_a_mandatory_message_comes_back():
    """With number and words."""

    def scenario(p):
        back = []

        def on_return(error, exchange, key, message):
            back.append(
                [
                    type(error).__name__,
                    error.reply_code,
                    error.reply_text,
                    exchange,
                    key,
                    bytes(message.body, "utf-8") if isinstance(message.body, str) else bytes(message.body),
                ]
            )

        producer = p.connection.Producer(on_return=on_return)
        producer.publish("x", routing_key="labq-nowhere", mandatory=True)
        if not back:  # it may have come together with the receipt
            p.connection.drain_events(timeout=1)
        return back

    assert same(scenario)[0][1] == 312


def test_simple_queues_count_and_clear():
    """As Python's own queues do."""

    def scenario(p):
        described = p.queue()
        queue = p.connection.SimpleQueue(described)
        for number in range(3):
            queue.put(number)
        p.settle()
        told = [queue.qsize(), len(queue), queue.get_nowait().payload, queue.clear(), queue.qsize()]
        try:
            queue.get(timeout=0.1)
        except queue.Empty:
            told.append("empty")
        return told

    assert same(scenario) == [3, 3, 0, 2, 0, "empty"]


def test_a_buffer_goes_with_its_connection():
    """It is exclusive, not durable, and nothing in it is acknowledged."""

    def scenario(p):
        name = p.prefix + "buffer"
        buffer = p.connection.SimpleBuffer(name)
        buffer.put({"n": 1})
        message = buffer.get(timeout=1)
        told = [message.payload, message.properties["delivery_mode"], message.ack()]
        p.connection.release()
        with p.kombu.Connection(URL) as other:
            told.append(p.refused(lambda: other.channel().queue_declare(name, passive=True))[:2])
        return told

    assert same(scenario) == [{"n": 1}, 1, None, ["NotFound", 404]]


def test_dead_letters_are_read_by_hand():
    """The header that tells how they died."""

    def scenario(p):
        dead = p.queue("dead")
        dead(p.connection).declare()
        arguments = {"x-dead-letter-exchange": dead.exchange.name, "x-dead-letter-routing-key": "k"}
        work = p.queue("work", queue_arguments=arguments)
        p.send(work, {"job": 1})
        work(p.connection).get().reject()
        p.settle()
        message = dead(p.connection).get(no_ack=True)
        [death] = message.headers["x-death"]
        return message.payload, p.bare(sorted((word, value) for word, value in death.items() if word != "time"))

    assert "rejected" in same(scenario)[1]


def test_exchanges_are_bound_to_exchanges_and_unbound():
    """Through the descriptions."""

    def scenario(p):
        front, back = p.queue("front", "topic", "a.#"), p.queue("back", "fanout", "")
        for queue in (front, back):
            queue(p.connection).declare()
        exchange = back.exchange(p.connection)
        exchange.bind_to(front.exchange, "b.*")
        p.send(front, 1, key="b.x")
        exchange.unbind_from(front.exchange, "b.*")
        p.send(front, 2, key="b.x")
        p.send(front, 3, key="a")
        return [queue(p.connection).queue_declare(passive=True).message_count for queue in (front, back)]

    assert same(scenario) == [1, 1]
