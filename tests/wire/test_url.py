"""URLs taken apart, put together, and made fit to be shown."""

from __future__ import annotations

import pytest

from labq.wire.url import Address, as_url, first_url, maybe_sanitize_url, parse_url, sanitize_url, split_scheme


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://:p%40ss@host:6379/1?timeout=5", ("redis", None, "p@ss", "host", 6379, "1", {"timeout": "5"})),
        ("amqp://u:p@h//", ("amqp", "u", "p", "h", None, "/", {})),
        ("cache+memory://", ("cache+memory", None, None, None, None, None, {})),
        ("db+sqlite:///results.sqlite", ("db+sqlite", None, None, None, None, "results.sqlite", {})),
        ("memory", ("memory", None, None, None, None, None, {})),
        ("amqp://a;amqp://b", ("amqp", None, None, "a", None, None, {})),
    ],
)
def test_a_url_is_taken_apart(url, address):
    """What it does not tell is None."""
    assert parse_url(url) == Address(*address)


def test_a_port_that_is_none_is_refused():
    """Before anybody tries to connect."""
    with pytest.raises(ValueError, match="Port could not be cast"):
        parse_url("amqp://h:port/")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("amqp://guest:secret@localhost:5672//", "amqp://guest:**@localhost:5672//"),
        ("redis://:secret@h:6379/1", "redis://:**@h:6379/1"),
        ("memory://", "memory:///"),
        ("amqp://u%40x@h/", "amqp://u%40x@h/"),
    ],
)
def test_a_password_is_never_shown(url, shown):
    """Nor is there one where there was none."""
    assert sanitize_url(url) == maybe_sanitize_url(url) == shown
    assert "secret" not in shown


def test_what_is_no_url_stays_as_it_is():
    """A backend may be named by a word, or not at all."""
    for value in ("rpc", None, 5, ["amqp://a:b@c"]):
        assert maybe_sanitize_url(value) is value


def test_a_scheme_with_a_plus_names_who_understands_the_rest():
    """Celery's results in memory and in a database."""
    assert split_scheme("cache+memory://") == ("cache", "memory://")
    assert split_scheme("db+sqlite:///a+b.sqlite") == ("db", "sqlite:///a+b.sqlite")
    assert split_scheme("redis://host/a+b") == ("redis", "redis://host/a+b")


def test_of_several_urls_the_first_counts():
    """The others are for the day it does not answer."""
    assert first_url("amqp://a;amqp://b") == "amqp://a"
    assert first_url("memory://") == "memory://"


def test_the_parts_make_the_url_again():
    """With the password, when nobody asks to hide it."""
    assert as_url("amqp", "h", 5672, "u", "p@ss", "/v") == "amqp://u:p%40ss@h:5672//v"
    assert as_url("amqp", "h", user="u", password="x", sanitize=True, mask=None) == "amqp://u:@h/"  # noqa: S106 - a test
