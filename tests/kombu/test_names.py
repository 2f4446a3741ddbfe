"""kombu's names: each module that people import is there, and shows what the rooms of labq hold."""

from __future__ import annotations

import importlib

import pytest

import labq.kombu

NAMES = {
    "": "Connection BrokerConnection Consumer Exchange Message Producer Queue binding connections producers parse_url "
    "eventloop uuid enable_insecure_serializers disable_insecure_serializers",
    "common": "Broadcast maybe_declare uuid eventloop drain_consumer itermessages collect_replies send_reply insured "
    "ignore_errors",
    "compression": "register compress decompress encoders",
    "connection": "Connection ConnectionPool ChannelPool",
    "entity": "Exchange Queue binding maybe_delivery_mode",
    "exceptions": "KombuError OperationalError SerializationError EncodeError DecodeError NotBoundError "
    "MessageStateError LimitExceeded ContentDisallowed TimeoutError",
    "log": "get_logger",
    "message": "Message",
    "messaging": "Consumer Producer Exchange Queue",
    "mixins": "ConsumerMixin ConsumerProducerMixin",
    "pools": "ProducerPool PoolGroup register_group connections producers get_limit set_limit reset",
    "serialization": "register unregister registry dumps loads prepare_accept_content pickle "
    "enable_insecure_serializers disable_insecure_serializers",
    "simple": "SimpleQueue SimpleBuffer",
    "utils": "uuid maybe_list",
    "utils.encoding": "bytes_to_str str_to_bytes safe_str safe_repr ensure_bytes",
    "utils.functional": "maybe_list lazy memoize LRUCache dictfilter maybe_evaluate is_list",
    "utils.json": "dumps loads register_type JSONEncoder",
    "utils.url": "parse_url maybe_sanitize_url sanitize_url as_url safequote",
    "utils.uuid": "uuid",
}


@pytest.mark.parametrize("path", NAMES)
def test_a_module_has_kombus_names(path):
    """As kombu has them, where it is installed."""
    names = NAMES[path].split()
    ours = importlib.import_module(f"labq.kombu.{path}".rstrip("."))
    assert [name for name in names if not hasattr(ours, name)] == []
    pytest.importorskip("kombu")
    theirs = importlib.import_module(f"kombu.{path}".rstrip("."))
    assert [name for name in names if not hasattr(theirs, name)] == []


def test_a_limit_holds_for_every_pool():
    """And a connection comes back to the pool it was lent from."""
    pools = labq.kombu.pools
    before = pools.get_limit()
    try:
        pools.set_limit(1)
        pool = labq.kombu.Connection("memory://pooled//").Pool(1)
        with pool.acquire() as connection, pytest.raises(labq.kombu.resource.LimitExceeded):
            pool.acquire()
        assert pool.acquire() is connection
    finally:
        pools.set_limit(before)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("amqp://u:secret@h:99/v", "amqp://u:**@h:99/v"),
        ("pyamqp://localhost//", "amqp://guest:**@localhost:5672//"),
        ("redis://:secret@h/2", "redis://:**@h:6379/2"),
    ],
)
def test_a_connection_is_shown_without_its_password(url, shown):
    """Unless somebody asks for it."""
    connection = labq.kombu.Connection(url)
    assert connection.as_uri() == shown
    assert "secret" not in repr(connection)
    assert ("secret" in connection.as_uri(include_password=True)) == ("secret" in url)


def test_a_serializer_that_is_registered_is_used(lab):  # noqa: ARG001 - the lab to send in
    """By name, and read by whoever accepts it."""
    serialization = labq.kombu.serialization
    serialization.register("upper", str.upper, lambda body: body.decode().lower(), "application/x-upper")
    try:
        with labq.kombu.Connection("memory://") as connection:
            queue = connection.SimpleQueue("q", serializer="upper", accept=["upper"])
            queue.put("abc")
            message = queue.get(timeout=1)
            assert (message.content_type, message.body, message.payload) == ("application/x-upper", b"ABC", "abc")
    finally:
        serialization.unregister("upper")
