"""JSON that knows dates, decimals, UUIDs and bytes, and what a program teaches it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from labq.wire import jsontypes
from labq.wire.jsontypes import dumps, loads, register_type


class Temperature:
    """A value JSON has no word for."""

    def __init__(self, degrees):
        self.degrees = degrees


class Flagged:
    """A value that says itself what to write."""

    def __json__(self):
        """Return what to write."""
        return {"flag": True}


class Endless:
    """A value that says itself, again and again."""

    def __json__(self):
        """Return this value."""
        return self


@pytest.fixture
def taught(monkeypatch):
    """Let a test teach JSON a type that no other test knows."""
    monkeypatch.setattr(jsontypes, "_encoders", dict(jsontypes._encoders))
    monkeypatch.setattr(jsontypes, "_decoders", dict(jsontypes._decoders))


@pytest.mark.parametrize(
    "value",
    [
        datetime(2030, 1, 1, 9, 30, 0, 5, tzinfo=UTC),
        datetime(2030, 1, 1),  # noqa: DTZ001 - without a zone, too
        date(2030, 1, 1),
        time(9, 30),
        Decimal("1.10"),
        UUID(int=7),
        b"text",
        b"\xff\x00",
        [{"deep": [Decimal("0.1")]}],
    ],
)
def test_a_value_comes_back_as_what_it_was(value):
    """Of the same type, not as text that looks like it."""
    back = loads(dumps(value))
    assert back == value
    assert type(back) is type(value)


def test_a_datetime_is_not_taken_for_a_date():
    """It is one, to ``isinstance``; its time would be lost."""
    assert json.loads(dumps(datetime(2030, 1, 1, 9, tzinfo=UTC)))["__type__"] == "datetime"


def test_plain_values_are_written_as_the_standard_library_writes_them():
    """The quick encoder is the same encoder."""
    value = [1, -1.5, 1e300, 'é\n"', None, True, {"a": [(), {}], "b": {"1": 2}}, float("inf")]
    assert dumps(value) == json.dumps(value)
    assert dumps({2: 3, None: 4}) == json.dumps({2: 3, None: 4})


def test_white_space_around_is_read_and_rubbish_after_is_not():
    """The quick way in refuses both; the slow one explains."""
    assert loads(b" \n [1] \n") == [1]
    for text in ("[1] x", "", "  ", "[1"):
        with pytest.raises(json.JSONDecodeError) as ours:
            loads(text)
        with pytest.raises(json.JSONDecodeError) as theirs:
            json.loads(text)
        assert str(ours.value) == str(theirs.value)


def test_bytes_of_every_kind_are_read():
    """Transports hand out bytearrays and memoryviews too."""
    for body in (b'["\xc3\xa9"]', bytearray(b'["\xc3\xa9"]'), memoryview(b'["\xc3\xa9"]'), '["é"]'):
        assert loads(body) == ["é"]


def test_a_container_in_itself_is_told_from_a_deep_one():
    """The first is a mistake in the value, the second may be none."""
    ring = []
    ring.append(ring)
    with pytest.raises(ValueError, match="Circular reference detected"):
        dumps(ring)
    with pytest.raises(ValueError, match="Circular reference detected"):
        dumps(Endless())
    assert dumps([ring[:0]]) == "[[]]"


def test_a_value_may_say_itself_what_to_write():
    """Its word goes before everything that is registered."""
    assert dumps([Flagged()]) == '[{"flag": true}]'


@pytest.mark.usefixtures("taught")
def test_a_type_that_was_registered_travels():
    """Both ways with a marker; without one it is written bare and does not come back."""
    with pytest.raises(TypeError, match="Object of type Temperature is not JSON serializable"):
        dumps(Temperature(5))
    register_type(Temperature, "temperature", lambda value: value.degrees, Temperature)
    assert dumps(Temperature(5)) == '{"__type__": "temperature", "__value__": 5}'
    assert loads(dumps(Temperature(5))).degrees == 5
    register_type(Temperature, None, lambda value: value.degrees)
    assert dumps(Temperature(5)) == "5"


def test_a_tag_nobody_registered_is_refused():
    """But a table that merely has such a key is a table."""
    with pytest.raises(ValueError, match="Unsupported type"):
        loads('{"__type__": "ghost", "__value__": 1}')
    assert loads('{"__type__": "ghost"}') == {"__type__": "ghost"}


def test_options_of_the_standard_library_are_taken():
    """They build an encoder of their own, which knows the same types."""
    assert dumps({"b": date(2030, 1, 1), "a": 1}, sort_keys=True, separators=(",", ":")) == (
        '{"a":1,"b":{"__type__":"date","__value__":"2030-01-01"}}'
    )
    assert dumps([1], default_kwargs={"indent": 0}) == "[\n1\n]"
    with pytest.raises(TypeError):
        dumps(timedelta(1), sort_keys=True)
