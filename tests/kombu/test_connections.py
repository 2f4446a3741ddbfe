"""Connections by hand: what is sent and got, how waiting drives the lab, and how all of it can be taken back."""

# ruff: noqa: D102 - programs have the methods that kombu asks for

from __future__ import annotations

import pytest

from labq import Celery, Lab
from labq.exceptions import LabError, NeverReady
from labq.kombu import Connection, Consumer, Exchange, Producer, Queue
from labq.kombu.common import Broadcast, eventloop
from labq.kombu.exceptions import MessageStateError, OperationalError
from labq.kombu.mixins import ConsumerMixin, ConsumerProducerMixin
from labq.messaging_errors import NotFound, PreconditionFailed, RecoverableConnectionError, ResourceLocked


@pytest.fixture
def connection(lab):  # noqa: ARG001 - the lab in which it lives
    """A connection to the lab's RabbitMQ."""
    with Connection("amqp://guest:guest@localhost:5672//") as connection:
        yield connection


def taken(queue):
    """Take everything out of a simple queue."""
    found = []
    while True:
        try:
            message = queue.get(timeout=1)
        except queue.Empty:
            return found
        found.append(message.payload)
        message.ack()


def test_a_connection_is_made_when_it_is_needed(connection):
    """And closed with its block; afterwards it can be made again."""
    assert not connection.connected
    connection.connect()
    assert connection.connected
    connection.release()
    assert (connection.connected, connection.connect().connected) == (False, True)


def test_an_address_that_the_lab_has_not_is_said_when_connecting(lab):  # noqa: ARG001 - the lab to connect to
    """Making the object costs nothing."""
    with pytest.raises(LabError, match="no broker"):
        Connection("carrier-pigeon://").connect()


def test_waiting_lets_virtual_time_pass(lab, connection):
    """With an end, TimeoutError; without one, the reason why nothing will come."""
    connection.connect()
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=30)
    assert lab.time == 30
    with pytest.raises(NeverReady, match="nothing can come"):
        connection.drain_events()


def test_a_task_is_seen_by_who_reads_its_queue(app, connection):
    """The message is the one a worker would get."""
    app.send_task("shop.pay", (1,), {"currency": "EUR"}, queue="payments", priority=3)
    message = app.amqp.queues["payments"](connection).get()
    assert (message.headers["task"], message.payload[:2]) == ("shop.pay", [[1], {"currency": "EUR"}])
    assert (message.properties["priority"], message.delivery_info["routing_key"]) == (3, "payments")


def test_a_consumer_in_a_task_gets_what_comes_later(lab, app):
    """In a body, waiting suspends the body."""

    @app.task(name="listen")
    def listen():
        with Connection("amqp://guest@localhost//") as connection, connection.SimpleQueue("news") as queue:
            message = queue.get(timeout=60)
            message.ack()
            return message.payload

    lab.start_worker(app)
    result = listen.delay()
    lab.advance(10)
    with Connection("amqp://guest@localhost//") as connection, connection.SimpleQueue("news") as queue:
        queue.put("extra")
    assert result.get() == "extra"


def test_a_rewind_takes_back_what_was_sent_and_got(lab, connection):
    """Declarations, messages, acknowledgements: all stands in the journal."""
    queue = connection.SimpleQueue("q")
    queue.put(1)
    lab.run()
    before = len(lab.log)
    queue.put(2)
    assert taken(queue) == [1, 2]
    lab.rewind(before)
    assert len(queue) == 1
    assert taken(connection.SimpleQueue("q")) == [1]


def test_a_rewind_to_before_a_connection_closes_it(lab, connection):
    """It connects anew when it is next needed; its old channels are dead."""
    before = len(lab.log)
    channel = connection.default_channel
    channel.queue_declare("q", durable=True, auto_delete=False)
    lab.rewind(before)
    assert not connection.connected
    with pytest.raises(RecoverableConnectionError):
        channel.queue_purge("q")
    with pytest.raises(NotFound, match="no queue 'q'"):
        connection.default_channel.queue_purge("q")


def test_connections_of_two_futures_are_two(lab, connection):
    """Though the world gives the second one the number of the first."""
    before = len(lab.log)
    connection.default_channel.queue_declare("q", durable=True, auto_delete=False)
    lab.rewind(before)
    with Connection("amqp://guest:guest@localhost:5672//") as other:
        other.connect()
        assert (other.connected, connection.connected) == (True, False)


def test_a_connection_leads_to_the_current_lab(connection):
    """As an app does."""
    connection.SimpleQueue("q").put("old")
    with Lab(seed=2, start="2031-01-01T00:00:00Z"):
        assert len(connection.SimpleQueue("q")) == 0


# -- channels --------------------------------------------------------------------------------------------------------
def test_what_the_broker_refuses_takes_consumers_and_messages_from_the_channel(connection):
    """It is closed, as AMQP has it, and opened again, as py-amqp does; the connection lives."""
    channel = connection.default_channel
    channel.queue_declare("q", durable=True, auto_delete=False, arguments={"x-max-priority": 3})
    channel.basic_consume("q", callback=print)
    connection.Producer().publish("m", routing_key="q")
    connection.drain_events(timeout=1)
    with pytest.raises(PreconditionFailed, match=r"Queue.declare: \(406\) PRECONDITION_FAILED - inequivalent arg"):
        channel.queue_declare("q", durable=True, auto_delete=False)
    assert (channel.is_open, channel.closed, connection.connected) == (True, False, True)
    assert tuple(channel.queue_declare("q", passive=True)) == ("q", 1, 0)


def test_an_exclusive_queue_is_for_its_connection_and_goes_with_it(connection):
    """Another one may not even look."""
    Queue("mine", exclusive=True)(connection).declare()
    with Connection("amqp://guest:guest@localhost:5672//") as other:
        with pytest.raises(ResourceLocked):
            other.default_channel.basic_get("mine")
        connection.release()
        with pytest.raises(NotFound):
            other.default_channel.queue_declare("mine", passive=True)


def test_a_queue_without_a_name_is_given_one(connection):
    """The description learns it."""
    queue = Queue("", exclusive=True)(connection)
    assert queue.declare() == queue.name == "amq.gen-1"


def test_a_mandatory_message_that_nobody_takes_comes_back(connection):
    """The sender hears of it while it waits for events."""
    back = []
    producer = Producer(connection, on_return=lambda *told: back.append(told))
    producer.publish("x", routing_key="nowhere", mandatory=True)
    connection.drain_events(timeout=1)
    [(error, exchange, key, message)] = back
    assert (error.reply_code, exchange, key, message.body) == (312, "", "nowhere", b"x")


def test_everything_up_to_a_message_can_be_acknowledged_at_once(connection):
    """And an unknown tag is refused."""
    queue = connection.SimpleQueue("q")
    for number in range(3):
        queue.put(number)
    messages = [queue.get(timeout=1) for _ in range(3)]
    messages[1].ack(multiple=True)
    queue.close()
    messages[2].requeue()
    assert len(queue) == 1
    with pytest.raises(PreconditionFailed, match="unknown delivery tag 1"):
        connection.default_channel.basic_ack(1)


def test_a_prefetch_limit_is_one_for_each_consumer(connection):
    """Two queues, one message of each."""
    queues = [Queue(name, Exchange(name), name) for name in ("p", "q")]
    for queue in queues * 2:
        Producer(connection).publish("m", exchange=queue.exchange, routing_key=queue.name, declare=[queue])
    got = []
    with Consumer(connection, queues, on_message=got.append, prefetch_count=1):
        with pytest.raises(TimeoutError):
            for _ in eventloop(connection, timeout=1):
                pass
        assert sorted(message.delivery_info["routing_key"] for message in got) == ["p", "q"]


def test_a_message_is_done_with_once(connection):
    """The second word is an error, in kombu's words."""
    queue = connection.SimpleQueue("q")
    queue.put("x")
    message = queue.get(timeout=1)
    message.reject()
    with pytest.raises(MessageStateError, match="already acknowledged with state: REJECTED"):
        message.ack()


def test_a_call_can_be_tried_again(connection):
    """After a break that connecting anew can heal; the last error is kombu's own."""
    tries = []

    def flaky():
        tries.append(connection.default_channel)
        if len(tries) < 3:
            raise RecoverableConnectionError("gone")
        return "done"

    producer = connection.Producer()
    assert connection.ensure(producer, flaky, max_retries=5)() == "done"
    assert len(tries) == 3
    tries.clear()
    with pytest.raises(OperationalError, match="gone"):
        connection.ensure(producer, flaky, max_retries=1)()


# -- programs --------------------------------------------------------------------------------------------------------
class Printer(ConsumerMixin):
    """Takes what comes, and stops after enough."""

    def __init__(self, connection, enough=None):
        self.connection = connection
        self.enough = enough
        self.seen = []

    def get_consumers(self, Consumer, channel):  # noqa: ARG002, N803 - kombu's names
        return [Consumer(queues=[Queue("jobs", Exchange("jobs"), "jobs")], callbacks=[self.on_job])]

    def on_job(self, body, message):
        self.seen.append(body)
        message.ack()
        self.should_stop = len(self.seen) == self.enough


@pytest.mark.parametrize(("enough", "seen"), [(2, [0, 1]), (None, [0, 1, 2])])
def test_a_program_consumes_until_it_is_told_or_nothing_comes_any_more(connection, enough, seen):
    """In kombu the second one would wait for ever."""
    queue = Queue("jobs", Exchange("jobs"), "jobs")
    for number in range(3):
        connection.Producer().publish(number, exchange="jobs", routing_key="jobs", declare=[queue])
    program = Printer(connection, enough)
    program.run()
    assert program.seen == seen


class Echo(ConsumerProducerMixin):
    """Answers each request where it wants to be answered."""

    def __init__(self, connection):
        self.connection = connection

    def get_consumers(self, Consumer, channel):  # noqa: ARG002, N803 - kombu's names
        return [Consumer(queues=Queue("rpc"), on_message=self.on_request, accept=["json"])]

    def on_request(self, message):
        options = {"correlation_id": message.properties["correlation_id"], "retry": True}
        self.producer.publish({"n": message.payload["n"] + 1}, "reply", **options)
        message.ack()


def test_a_program_answers_requests(connection):
    """On a connection of its own for sending."""
    replies = Queue("reply")
    request = {"reply_to": "reply", "correlation_id": "c1"}
    connection.Producer().publish({"n": 1}, routing_key="rpc", declare=[Queue("rpc"), replies], **request)
    Echo(connection).run()
    answer = replies(connection).get()
    assert (answer.payload, answer.properties["correlation_id"]) == ({"n": 2}, "c1")


def test_a_broadcast_reaches_every_worker(lab):
    """Though they share one description of the queue."""
    seen = []
    app = Celery("proj", broker="amqp://", backend="cache+memory://", task_queues=(Broadcast("all"),))
    app.conf.task_routes = {"t": {"queue": "all", "exchange": "all"}}

    @app.task(name="t", bind=True)
    def task(self):
        seen.append(self.request.hostname)

    for name in ("w1@lab", "w2@lab"):
        lab.start_worker(app, hostname=name)
    task.delay()
    lab.run()
    assert sorted(seen) == ["w1@lab", "w2@lab"]
