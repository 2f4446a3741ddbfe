"""What a message's tables may hold, and that nothing in them is shared."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType

import pytest

from labq.exceptions import EncodeError
from labq.wire.message import carried, copied


class Colour(StrEnum):
    """Text that is a member of something."""

    RED = "red"


class Level(IntEnum):
    """A number that is a member of something."""

    HIGH = 9


def test_plain_values_are_carried_as_they_are():
    """Every scalar AMQP's tables know comes through, in the order it was written."""
    table = {"a": "é", "b": b"x", "c": True, "d": 1.5, "e": None, "f": 2**62, "g": datetime(2030, 1, 1, tzinfo=UTC)}
    assert list(carried(table).items()) == list(table.items())
    assert carried({"h": Decimal("1.10")}) == {"h": Decimal("1.10")}


def test_members_of_enumerations_go_as_their_values():
    """The other end knows no such class."""
    result = carried({"colour": Colour.RED, "level": Level.HIGH})
    assert [type(value) for value in result.values()] == [str, int]
    assert result == {"colour": "red", "level": 9}


def test_containers_are_copied_and_tuples_arrive_as_lists():
    """A reader that changes what it got changes nothing of the sender's."""
    table = {"list": [1, [2]], "tuple": (1, (2,)), "table": {"inner": MappingProxyType({"a": [3]})}}
    result = carried(table)
    assert result == {"list": [1, [2]], "tuple": [1, [2]], "table": {"inner": {"a": [3]}}}
    result["list"][1].append(9)
    result["table"]["inner"]["a"].append(9)
    assert table["list"] == [1, [2]]
    assert table["table"]["inner"]["a"] == [3]


def test_a_copy_for_the_reader_shares_nothing_either():
    """A message that is delivered twice is the same both times."""
    kept = carried({"timelimit": [None, 5], "stamps": {"who": ["a"]}, "id": "x"})
    got = copied(kept)
    assert got == kept
    got["timelimit"][1] = 6
    got["stamps"]["who"].append("b")
    assert kept == {"timelimit": [None, 5], "stamps": {"who": ["a"]}, "id": "x"}


@pytest.mark.parametrize("value", [{1}, object(), 2**63, -(2**63) - 1, 1j, [{2}], {"deep": ({3},)}, print])
def test_what_no_table_can_hold_is_refused_at_publish(value):
    """The error names the header, so that it can be found."""
    with pytest.raises(EncodeError, match=r"'bad'|'deep'"):
        carried({"good": 1, "bad": value})


def test_a_name_that_is_not_text_is_refused():
    """Also inside a table in a table."""
    for table in ({1: 2}, {"a": {None: 2}}):
        with pytest.raises(EncodeError, match="must be text, not"):
            carried(table)
