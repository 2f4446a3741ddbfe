"""Exchanges, queues and bindings as descriptions. Their attributes are compared with kombu's in ``against_celery``."""

from __future__ import annotations

import copy
import pickle

import pytest

from labq import kombu
from labq.messaging_errors import NotBoundError
from labq.wire.entities import Exchange, Queue, binding, delivery_mode_number


def test_people_import_them_from_labq_kombu():
    """The same classes, not copies."""
    assert (kombu.Exchange, kombu.Queue, kombu.binding) == (Exchange, Queue, binding)


def test_a_queue_says_how_messages_come_into_it():
    """In its ``repr``, which is what people look at."""
    assert repr(Queue("q", Exchange("e", "topic"), "a.#")) == "<unbound Queue q -> <unbound Exchange e(topic)> -> a.#>"
    assert repr(Queue("q", [binding(Exchange("e"), "k")])) == "<unbound Queue q -> [e->k]>"


def test_bindings_keep_their_order():
    """In kombu they are a set, whose order is another one next time."""
    ways = [binding(Exchange("e"), key) for key in "zyxwv"]
    queue = Queue("q", ways[:3], bindings=ways[3:])
    assert [way.routing_key for way in queue.bindings] == ["w", "v", "z", "y", "x"]
    assert queue.exchange is None
    assert Queue("q", [ways[0], ways[0]]).bindings == (ways[0],)


def test_equality_is_of_what_a_broker_would_declare():
    """And the hash of the name alone, so that equal ones meet."""
    assert Queue("q", "e", "k") == Queue("q", Exchange("e"), routing_key="k")
    assert Queue("q", durable=False) != Queue("q")
    assert Exchange("e", durable=False) != Exchange("e")
    assert len({Queue("q"), Queue("q"), Exchange("q")}) == 2


def test_a_description_can_be_copied_and_pickled():
    """Settings are."""
    queue = Queue("q", Exchange("e", "topic"), "k", max_priority=10, queue_arguments={"a": 1})
    for other in (copy.copy(queue), copy.deepcopy(queue), pickle.loads(pickle.dumps(queue))):  # noqa: S301 - our own
        assert other == queue
        assert other.as_dict() == queue.as_dict()


def test_arguments_for_the_broker_are_in_its_words_and_milliseconds():
    """An option wins over the same thing among ``queue_arguments``, which stay as they were."""
    queue = Queue("q", queue_arguments={"x-max-priority": 3, "a": 1}, max_priority=5, expires=1.5, message_ttl=2)
    assert queue.broker_arguments == {"x-max-priority": 5, "a": 1, "x-expires": 1500, "x-message-ttl": 2000}
    assert queue.queue_arguments == {"x-max-priority": 3, "a": 1}


def test_a_table_describes_a_queue_and_its_exchange():
    """As in ``task_queues`` written as dicts."""
    queue = Queue.from_dict("q", exchange="e", exchange_type="topic", binding_key="a.*", durable=False, expires=3)
    assert queue.exchange == Exchange("e", "topic", durable=False)
    assert (queue.routing_key, queue.durable, queue.expires) == ("a.*", False, 3.0)
    again = Queue.from_dict(queue.name, **{**queue.as_dict(), "exchange": "e", "exchange_type": "topic"})
    assert again == queue


def test_an_exclusive_queue_goes_with_its_connection():
    """So it is deleted automatically."""
    assert Queue("q", exclusive=True).auto_delete
    assert not Queue("q", exclusive=True).can_cache_declaration


class Line:
    """A channel that notes what it is asked."""

    channel_id = 7

    def __init__(self):
        self.asked = []

    def __getattr__(self, method):
        if method == "default_channel":  # it is no connection
            raise AttributeError(method)
        return lambda **arguments: self.asked.append((method, arguments)) or ("q", 0, 0)


def test_a_description_acts_on_the_channel_it_is_bound_to():
    """The exchange first, then the queue, then the way between them."""
    channel = Line()
    queue = Queue("q", Exchange("x", "topic"), "a.#", max_priority=3)
    assert queue(channel).declare() == "q"
    assert [method for method, _ in channel.asked] == ["exchange_declare", "queue_declare", "queue_bind"]
    assert channel.asked[1][1]["arguments"] == {"x-max-priority": 3}
    assert repr(queue(channel)).endswith("bound to chan:7>")


def test_a_description_that_is_not_bound_cannot_act():
    """Binding makes a copy; the description stays as it was."""
    queue = Queue("q")
    assert (queue(Line()).is_bound, queue.is_bound) == (True, False)
    with pytest.raises(NotBoundError, match="Can't call method on Queue not bound to a channel"):
        queue.purge()


@pytest.mark.parametrize(("mode", "number"), [(None, 2), (0, 2), (1, 1), ("transient", 1), ("persistent", 2)])
def test_a_delivery_mode_has_a_name_and_a_number(mode, number):
    """Persistent, when nothing is said."""
    assert delivery_mode_number(mode) == number


def test_an_unknown_delivery_mode_is_refused_with_the_known_ones():
    """The KeyError of kombu helps nobody."""
    with pytest.raises(ValueError, match="must be 1, 2, 'transient' or 'persistent', not 'forever'"):
        delivery_mode_number("forever")
