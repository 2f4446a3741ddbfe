"""What ``labq.app.settings`` promises beyond Celery: secrets stay covered, changes are told.

What it has in common with Celery is compared with Celery elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labq.app.censorship import broker_uri, sanitize_url
from labq.app.settings import Settings
from labq.app.sources import Attributes

SECRET = "hunter2"  # noqa: S105 - the secret that must never be seen

SOURCES: dict[str, dict[Any, Any]] = {
    "a broker": {"broker_url": f"amqp://me:{SECRET}@host//"},
    "a broker under a namespace": {"CELERY_BROKER_URL": f"amqp://me:{SECRET}@host//"},
    "a broker under its old name": {"BROKER_URL": f"redis://:{SECRET}@host/0"},
    "the second of two brokers": {"broker_read_url": f"amqp://host;amqp://me:{SECRET}@host"},
    "a list of brokers": {"broker_url": ["amqp://host", f"amqp://me:{SECRET}@host"]},
    "a broker of no known kind": {"broker_url": f"carrier+pigeon://me:{SECRET}@loft"},
    "a broker with a port that is none": {"broker_url": f"amqp://me:{SECRET}@host:port/"},
    "a broker without a scheme": {"broker_url": f"me:{SECRET}@host"},
    "a broker with a slash in its password": {"broker_url": f"amqp://me:{SECRET}/{SECRET}@host/x"},
    "a backend without a scheme": {"CELERY_RESULT_BACKEND": f"me:{SECRET}@host"},
    "a backend": {"result_backend": f"redis://:{SECRET}@host/0"},
    "a backend under a namespace": {"CELERY_RESULT_BACKEND": f"db+postgresql://me:{SECRET}@host/results"},
    "a URL of the user's own": {"warehouse": f"https://me:{SECRET}@host/"},
    "a URL within a dictionary": {"task_routes": {"proj.add": {"queue": "q", "origin": f"https://me:{SECRET}@host/"}}},
    "a URL within a tuple": {"mirrors": (f"https://me:{SECRET}@host/",)},
    "a password": {"redis_password": SECRET},
    "a key in bytes": {"security_key_password": SECRET.encode()},
    "a password within a dictionary": {"broker_transport_options": {"sentinel_kwargs": {"password": SECRET}}},
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@pytest.mark.parametrize("layer", ["changes", "defaults"])
def test_no_text_of_the_settings_shows_a_secret(source: dict[Any, Any], layer: str) -> None:
    """Wherever a secret stands and in whichever layer, repr, table and the text for people cover it."""
    settings = Settings(source, [{}]) if layer == "changes" else Settings({}, [source, {}])
    for text in (repr(settings), repr(settings.table()), settings.humanize(), settings.humanize(with_defaults=True)):
        assert SECRET not in text
    assert repr(settings).count("********") == 1


def test_a_secret_is_there_for_who_asks_for_it() -> None:
    """Covering is for the eye: the value itself, and the uncensored table, are whole."""
    settings = Settings({"redis_password": SECRET}, [{}])
    assert settings.redis_password == SECRET
    assert settings.table(censored=False)["redis_password"] == SECRET


def test_a_repr_leaves_alone_what_is_no_secret() -> None:
    """A URL without a password, a default and a None stand in the repr as they are."""
    shown = {"broker_url": "memory://", "redis_password": None, "cosmosdbsql_database_name": "celerydb", "x": ["a://b"]}
    assert repr(Settings(dict(shown))) == f"Settings({shown | {'deprecated_settings': None}!r})"


@given(st.text(st.characters(exclude_characters="/?#;,", min_codepoint=33, max_codepoint=126), min_size=1))
def test_a_password_never_survives_in_a_url(password: str) -> None:
    """Whatever letters a password has, what is left of the URL is the same."""
    assert sanitize_url(f"redis://me:{password}@host:6379/0") == "redis://me:********@host:6379/0"


def test_a_broker_of_no_known_kind_is_shown_as_it_was_written() -> None:
    """A text for people does not fail because of a scheme that nobody knows; only the password is covered."""
    assert broker_uri(f"pigeon://me:{SECRET}@loft/7") == "pigeon://me:********@loft/7"
    assert broker_uri(f"carrier+pigeon://me:{SECRET}@loft/7") == "carrier+pigeon://me:********@loft/7"


# -- layers -----------------------------------------------------------------------------------------------------------


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers()), min_size=1, max_size=4))
def test_the_uppermost_layer_that_has_a_name_gives_its_value(layers: list[dict[str, int]]) -> None:
    """Reading goes from the changes down; what no layer has is missing."""
    settings = Settings(dict(layers[0]), layers[1:])
    for name in "abc":
        values = [layer[name] for layer in layers if name in layer]
        assert settings.get(name, "nothing") == (values[0] if values else "nothing")
        assert (name in settings) == bool(values)
    assert set(settings) == {"deprecated_settings"}.union(*layers)
    assert len(settings) == len(list(settings))


def test_settings_are_a_mutable_mapping() -> None:
    """Code that takes any mapping takes the settings."""
    settings = Settings({"a": 1}, [{"b": 2}])
    assert isinstance(settings, MutableMapping)
    assert dict(settings) == {"a": 1, "b": 2, "deprecated_settings": None}


def test_a_layer_may_be_the_attributes_of_an_object() -> None:
    """A module or a class is looked at when a value is read, not copied before."""

    class Source:
        x = 1

    settings = Settings({}, [Attributes(Source)])
    before = settings.x
    Source.x = 2
    assert (before, settings.x, "x" in settings, "y" in settings) == (1, 2, True, False)
    with pytest.raises(KeyError, match="y"):
        settings["y"]


# -- telling of changes -----------------------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[Settings], object]] = {
    "an attribute": lambda settings: setattr(settings, "x", 2),
    "an item": lambda settings: settings.__setitem__("x", 2),
    "update": lambda settings: settings.update(x=2),
    "setdefault of a new name": lambda settings: settings.setdefault("y", 2),
    "del": lambda settings: settings.__delitem__("x"),
    "pop": lambda settings: settings.pop("x"),
    "clear": lambda settings: settings.clear(),
    "add_defaults": lambda settings: settings.add_defaults({"y": 2}),
}

READINGS: dict[str, Callable[[Settings], object]] = {
    "an attribute": lambda settings: settings.x,
    "an item": lambda settings: settings["x"],
    "get": lambda settings: settings.get("y"),
    "setdefault of a known name": lambda settings: settings.setdefault("x", 2),
    "in": lambda settings: "x" in settings,
    "list": list,
    "humanize": lambda settings: settings.humanize(),
    "copy": lambda settings: settings.copy(),
    "without_defaults": lambda settings: settings.without_defaults(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_told(change: Callable[[Settings], object]) -> None:
    """Who keeps values of the settings hears that they may be stale."""
    told: list[None] = []
    settings = Settings({"x": 1}, [{}], on_change=lambda: told.append(None))
    told.clear()
    change(settings)
    assert len(told) == 1


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_reading_tells_of_no_change(reading: Callable[[Settings], object]) -> None:
    """A cache that is told of every reading would never be of use."""
    told: list[None] = []
    settings = Settings({"x": 1}, [{}], on_change=lambda: told.append(None))
    told.clear()
    reading(settings)
    assert told == []


def test_a_copy_s_changes_are_its_own_affair() -> None:
    """Changing a copy neither changes the settings nor tells of a change."""
    told: list[None] = []
    settings = Settings({"x": 1}, [{}], on_change=lambda: told.append(None))
    told.clear()
    settings.copy().x = 2
    assert (settings.x, told) == (1, [])
