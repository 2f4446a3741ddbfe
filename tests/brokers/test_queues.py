"""Messages in a queue: their order, their return, their time, their end."""

from __future__ import annotations

import pytest

from labq.brokers.refusals import NotFound
from labq.exceptions import LabError


def test_messages_come_out_in_the_order_in_which_they_came_in(post):
    """First in, first out."""
    post.queue("celery", "a", "b", "c")
    reader = post.reader()
    post.run()
    assert reader.bodies == ["a", "b", "c"]


def test_each_hop_is_a_step_with_its_record(post):
    """Published, routed and queued, delivered: three steps of the kernel."""
    post.queue()
    post.reader()
    post.send("a")
    assert post.kinds()[-1] == "message-published"
    post.kernel.step()
    assert post.kinds()[-2:] == ["message-routed", "message-queued"]
    post.kernel.step()
    assert post.kinds()[-1] == "message-delivered"
    assert not post.kernel.step()


def test_an_unroutable_message_is_dropped_and_recorded(post):
    """A missing queue is no error for the sender; a missing exchange is."""
    post.send("a", "nowhere")
    with pytest.raises(NotFound, match="no exchange 'nowhere'"):
        post.send("b", "k", exchange="nowhere")
    post.run()
    assert post.kinds() == ["message-published", "message-unroutable"]


def test_a_message_that_fits_two_queues_lies_in_both_and_comes_back_to_one(post):
    """Each queue has a copy of its own."""
    for name in ("p", "q"):
        post.broker.declare_queue(name)
        post.broker.bind(name, "amq.fanout", "")
    post.send("a", exchange="amq.fanout")
    post.run()
    left, right = post.reader("left", "p", 1), post.reader("right", "q", 1)
    post.run()
    left.give_back()
    post.run()
    right.ack()
    assert (left.bodies, right.bodies) == (["a", "a!"], ["a"])


def test_a_message_that_comes_back_goes_to_its_old_place(post):
    """Before all that came after it, behind all that came before it."""
    post.queue("celery", "a", "b", "c", "d")
    reader = post.reader(prefetch=3)
    post.run()
    reader.channel.cancel("celery")
    for place in (1, 0, 0):  # b, a, c
        reader.give_back(place)
    second = post.reader("second")
    post.run()
    assert second.bodies == ["a!", "b!", "c!", "d"]


def test_a_closed_channel_returns_everything_in_order(post):
    """What it had not acknowledged is ready again, marked as redelivered."""
    post.queue("celery", "a", "b", "c", "d")
    reader = post.reader(prefetch=3)
    post.run()
    reader.ack(1)
    reader.channel.close()
    assert post.broker.depth("celery") == 3
    second = post.reader("second")
    post.run()
    assert second.bodies == ["a!", "c!", "d"]
    assert post.kinds("message-delivered", "message-redelivered")[-3:] == [
        "message-redelivered", "message-redelivered", "message-delivered"
    ]  # fmt: skip


def test_a_purged_queue_is_empty_and_what_was_delivered_stays(post):
    """The number of dropped messages is told."""
    post.queue("celery", "a", "b", "c")
    reader = post.reader(prefetch=1)
    post.run()
    assert post.broker.purge("celery") == 2
    assert post.log[-1].named() == {"broker": post.broker.url, "queue": "celery", "messages": 2}
    reader.give_back()
    post.run()
    assert reader.bodies == ["a", "a!"]


def test_what_waits_too_long_is_dropped(post):
    """The time to live is counted in milliseconds from the arrival in the queue."""
    post.queue()
    post.send("a", expiration="1500")
    post.run(1.4)
    assert post.broker.depth("celery") == 1
    post.run(0.2)
    assert post.broker.depth("celery") == 0
    assert post.log[-1].kind == "message-dead-lettered"
    assert (post.log[-1]["reason"], post.log[-1].time) == ("expired", 1.5)


def test_a_time_to_live_of_zero_is_enough_for_who_is_free_at_once(post):
    """RabbitMQ delivers what it can and drops the rest."""
    post.queue()
    reader = post.reader(prefetch=1)
    post.send("a", expiration="0")
    post.send("b", expiration="0")
    post.run(0)
    assert reader.bodies == ["a"]
    assert post.kinds("message-dead-lettered") == ["message-dead-lettered"]


def test_an_expired_message_behind_a_lasting_one_is_not_delivered(post):
    """RabbitMQ looks at the first one only; when the turn comes to the expired one, it goes."""
    post.queue()
    post.send("lasting")
    post.send("short", expiration="100")
    post.run(1)
    assert post.broker.depth("celery") == 2
    reader = post.reader()
    post.run()
    assert reader.bodies == ["lasting"]


def test_a_message_that_comes_back_too_late_is_dropped(post):
    """Its time went on while it was away."""
    post.queue()
    reader = post.reader(prefetch=1)
    post.send("a", expiration="1000")
    post.run(2)
    reader.give_back()
    post.run()
    assert (reader.bodies, post.broker.depth("celery")) == (["a"], 0)


def test_an_auto_delete_queue_goes_with_its_last_consumer(post):
    """With its bindings, what waits in it, and what comes back to it."""
    post.queue("brief", auto_delete=True)
    post.broker.bind("brief", "amq.direct", "k")
    reader, other = post.reader("reader", "brief", 1), post.reader("other", "brief", 1)
    for body in "abc":
        post.send(body, "k", exchange="amq.direct")
    post.run()
    other.channel.close()
    assert post.broker.has_queue("brief")
    post.run()
    reader.channel.close()
    assert not post.broker.has_queue("brief")
    assert post.log[-1].named() == {"broker": post.broker.url, "queue": "brief"}
    lost = post.log.select(kind="message-dead-lettered")
    assert [(record["message"], record["reason"]) for record in lost] == [
        (number, "queue deleted") for number in (1, 2, 3)
    ]
    post.send("d", "k", exchange="amq.direct")
    post.run()
    assert post.kinds()[-1] == "message-unroutable"


def test_an_auto_delete_queue_that_was_never_consumed_stays(post):
    """As in AMQP: only a last consumer can leave."""
    post.queue("brief", "a", auto_delete=True)
    post.run(1000)
    assert post.broker.depth("brief") == 1


@pytest.mark.parametrize("act", ["consume", "purge", "bind"])
def test_a_queue_that_is_not_there_is_said_in_rabbitmqs_words(post, act):
    """NOT_FOUND, and what to do."""
    acts = {
        "consume": lambda: post.reader(queue="nope"),
        "purge": lambda: post.broker.purge("nope"),
        "bind": lambda: post.broker.bind("nope", "amq.direct", "k"),
    }
    with pytest.raises(LabError, match="NOT_FOUND - no queue 'nope' in vhost '/'"):
        acts[act]()


def test_declaring_again_writes_nothing(post):
    """Only what changes something is recorded."""
    for _ in range(2):
        post.broker.declare_exchange("x", "topic")
        post.broker.declare_queue("q")
        post.broker.bind("q", "x", "a.#")
        post.broker.declare_exchange("", "direct")
        post.broker.declare_exchange("amq.topic", "topic")
    assert post.kinds() == ["exchange-declared", "queue-declared", "queue-bound"]
