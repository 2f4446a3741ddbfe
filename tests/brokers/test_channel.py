"""A channel: turns, the prefetch limit, acknowledging and refusing."""

from __future__ import annotations


def test_consumers_take_turns(post):
    """One message each, in the order in which they came."""
    post.queue()
    readers = [post.reader(name) for name in ("one", "two", "three")]
    for body in "abcdef":
        post.send(body)
    post.run()
    assert [reader.bodies for reader in readers] == [["a", "d"], ["b", "e"], ["c", "f"]]


def test_a_full_consumer_is_passed_over(post):
    """The others get what it cannot take."""
    post.queue()
    full, free = post.reader("full", prefetch=1), post.reader("free")
    for body in "abcd":
        post.send(body)
    post.run()
    assert (full.bodies, free.bodies) == (["a"], ["b", "c", "d"])


def test_the_prefetch_limit_counts_over_all_queues_of_the_channel(post):
    """Celery asks for exactly that: the global flag of basic.qos."""
    post.queue("p", "a", "b")
    post.queue("q", "c", "d")
    reader = post.reader("reader", "p", 3)
    reader.channel.consume("q", reader._note)
    post.run()
    assert len(reader.bodies) == 3
    reader.ack()
    post.run()
    assert sorted(reader.bodies) == ["a", "b", "c", "d"]


def test_a_greater_limit_lets_more_messages_come(post):
    """And a smaller one takes nothing back."""
    post.queue("celery", *"abcdef")
    reader = post.reader(prefetch=2)
    post.run()
    reader.channel.qos(4)
    post.run()
    assert reader.bodies == list("abcd")
    reader.channel.qos(1)
    reader.ack()
    post.run()
    assert (reader.bodies, len(reader.channel.unacked)) == (list("abcd"), 3)
    reader.channel.qos(0)
    post.run()
    assert reader.bodies == list("abcdef")


def test_an_acknowledged_message_is_gone_and_a_second_time_changes_nothing(post):
    """The tag is forgotten with it."""
    post.queue("celery", "a")
    reader = post.reader()
    post.run()
    delivery = reader.held[0]
    reader.ack()
    delivery.ack()
    delivery.reject(requeue=True)
    post.run()
    assert (post.kinds("message-acked"), reader.channel.unacked) == (["message-acked"], {})
    assert post.broker.depth("celery") == 0


def test_a_refused_message_is_gone_and_the_record_says_why(post):
    """Without requeue it does not come back."""
    post.queue("celery", "a")
    reader = post.reader()
    post.run()
    reader.held[0].reject(requeue=False, reason="no use")
    post.run()
    assert (post.log[-1].kind, post.log[-1]["reason"]) == ("message-rejected", "no use")
    assert reader.bodies == ["a"]


def test_a_refused_message_comes_back_to_the_only_consumer(post):
    """Marked as redelivered, and with the next tag."""
    post.queue("celery", "a")
    reader = post.reader(prefetch=1)
    post.run()
    reader.give_back()
    post.run()
    assert reader.bodies == ["a", "a!"]
    assert [record["delivery_tag"] for record in post.log if "delivered" in record.kind] == [1, 2]


def test_who_cancels_gets_no_more_and_keeps_what_it_has(post):
    """Cancelling is not closing."""
    post.queue("celery", "a", "b")
    reader = post.reader(prefetch=1)
    post.run()
    reader.channel.cancel("celery")
    reader.channel.cancel("celery")
    reader.ack()
    post.run()
    assert (reader.bodies, post.broker.depth("celery")) == (["a"], 1)


def test_who_comes_later_gets_what_waited_for_nobody(post):
    """The new consumer is served though the old one is full."""
    post.queue("celery", "a", "b")
    post.reader(prefetch=1)
    post.run()
    late = post.reader("late")
    post.run()
    assert late.bodies == ["b"]


def test_a_delivery_tells_where_it_came_from(post):
    """What Celery shows as ``request.delivery_info``."""
    post.queue()
    post.broker.bind("celery", "amq.direct", "k")
    post.send("a", "k", exchange="amq.direct", priority=3)
    reader = post.reader()
    post.run()
    assert reader.held[0].info == {"exchange": "amq.direct", "routing_key": "k", "priority": 3, "redelivered": False}
