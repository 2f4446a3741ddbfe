"""Which queues a routing key leads to: the rules of AMQP, held against slow and obvious ones."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from labq.brokers.exchanges import Exchange, Exchanges, headers_match, topic_matches
from labq.exceptions import LabError

settings.register_profile("labq", derandomize=True, deadline=None)
settings.load_profile("labq")

word = some.sampled_from(["", "a", "b", "ab"])
keys = some.lists(word, max_size=5).map(".".join)
patterns = some.lists(some.one_of(word, some.sampled_from(["*", "#"])), max_size=5).map(".".join)


def words_of(key):
    """An empty key has no words."""
    return key.split(".") if key else []


def obvious_topic(pattern, key):
    """Write the pattern as a regular expression over whole words, each ended by a comma."""
    pieces = [r"[^,]*," if word == "*" else r"(?:[^,]*,)*" if word == "#" else re.escape(word) + ","
              for word in words_of(pattern)]  # fmt: skip
    return re.fullmatch("".join(pieces), "".join(f"{word}," for word in words_of(key))) is not None


@settings(max_examples=400)
@given(patterns, keys)
def test_a_topic_pattern_covers_what_the_obvious_expression_covers(pattern, key):
    """A star is one word, a hash any number of them."""
    assert topic_matches(pattern, key) == obvious_topic(pattern, key)


@pytest.mark.parametrize(
    ("pattern", "key", "covered"),
    [
        ("stock.*", "stock.usd", True),
        ("stock.*", "stock", False),
        ("stock.*", "stock.usd.nyse", False),
        ("stock.#", "stock", True),
        ("#", "", True),
        ("", "", True),
        ("*", "", False),
        ("a*", "ab", False),
    ],
)
def test_a_topic_pattern_matches_whole_words(pattern, key, covered):
    """The cases that are easy to get wrong, one by one."""
    assert topic_matches(pattern, key) is covered


values = some.sampled_from([None, True, False, 0, 1, 1.0, 2, "1"])
header_tables = some.dictionaries(some.sampled_from(["a", "b", "x-c"]), values, max_size=3)


def obvious_headers(arguments, headers):
    """Count the hits among what counts."""
    how = arguments.get("x-match", "all")
    counting = [name for name in arguments if name != "x-match" and ("with-x" in how or name[:2] != "x-")]
    hits = 0
    for name in counting:
        if name in headers:
            wanted, value = arguments[name], headers[name]
            same_sort = (type(wanted) is bool) == (type(value) is bool)
            hits += wanted is None or (same_sort and wanted == value)
    return hits > 0 if "any" in how else hits == len(counting)


@settings(max_examples=400)
@given(header_tables, header_tables, some.sampled_from([None, "all", "any", "all-with-x", "any-with-x"]))
def test_headers_match_what_counting_the_hits_says(arguments, headers, how):
    """All of them or any of them, with those that begin with an x or without."""
    if how is not None:
        arguments = {**arguments, "x-match": how}
    assert headers_match(arguments, headers) == obvious_headers(arguments, headers)


bindings = some.lists(some.tuples(some.sampled_from("pqr"), patterns), max_size=6)


@given(some.sampled_from(["direct", "topic", "fanout"]), bindings, keys)
def test_a_message_reaches_each_queue_once_in_the_order_of_the_bindings(kind, bound, key):
    """However many of a queue's bindings fit."""
    exchanges = Exchanges()
    exchanges.declare("x", Exchange(kind))
    for queue, pattern in bound:
        exchanges.bind(queue, "x", pattern, {})
    fits = {"direct": lambda pattern: pattern == key, "fanout": lambda _: True,
            "topic": lambda pattern: obvious_topic(pattern, key)}[kind]  # fmt: skip
    expected = tuple(dict.fromkeys(queue for queue, pattern in bound if fits(pattern)))
    assert exchanges.route("x", key, {}) == expected
    assert exchanges.route("x", key, {}) == expected  # the second time it is remembered


def test_the_default_exchange_leads_to_the_queue_named_like_the_key():
    """It needs no bindings."""
    assert Exchanges().route("", "celery", {}) == ("celery",)


def test_an_exchange_that_was_never_declared_leads_nowhere():
    """RabbitMQ closes the sender's channel then; the message is lost there too."""
    assert Exchanges().route("nowhere", "celery", {}) == ()


def test_what_is_remembered_is_forgotten_when_the_bindings_change():
    """A queue bound or gone later counts at once."""
    exchanges = Exchanges()
    exchanges.declare("x", Exchange("direct"))
    assert exchanges.route("x", "k", {}) == ()
    exchanges.bind("q", "x", "k", {})
    assert exchanges.route("x", "k", {}) == ("q",)
    exchanges.unbind("q")
    assert exchanges.route("x", "k", {}) == ()


def test_declaring_twice_changes_nothing_and_another_type_is_refused():
    """The text is RabbitMQ's."""
    exchanges = Exchanges()
    assert (exchanges.declare("x", Exchange("direct")), exchanges.declare("x", Exchange("direct"))) == (True, False)
    with pytest.raises(LabError, match="received 'topic' but current is 'direct'"):
        exchanges.declare("x", Exchange("topic"))
    assert "x" in exchanges


def test_binding_twice_is_one_binding():
    """With other arguments it is another one."""
    exchanges = Exchanges()
    exchanges.declare("x", Exchange("headers"))
    done = [exchanges.bind("q", "x", "", arguments) for arguments in ({"a": 1}, {"a": 1}, {"a": 2})]
    assert done == [True, False, True]


def test_an_unknown_type_is_refused_and_the_known_are_named():
    """Nobody should have to search for them."""
    with pytest.raises(LabError, match="unknown exchange type 'bogus'") as told:
        Exchanges().declare("x", Exchange("bogus"))
    assert "direct, topic, fanout, headers" in told.value.hint.values["types"]


def test_a_binding_needs_an_exchange_and_a_match_that_exists():
    """Both are RabbitMQ's refusals."""
    exchanges = Exchanges()
    with pytest.raises(LabError, match="NOT_FOUND - no exchange 'nope'"):
        exchanges.bind("q", "nope", "k", {})
    with pytest.raises(LabError, match="Invalid x-match field value 'bogus'"):
        exchanges.bind("q", "amq.headers", "", {"x-match": "bogus"})
