"""What stands behind an option is read once, and what cannot be read is said in one sentence."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone

import click
import pytest

from labq.bin.base import (
    AUTOSCALE,
    COMMA_SEPARATED_LIST,
    ISO8601,
    ISO8601_OR_FLOAT,
    JSON_ARRAY,
    JSON_OBJECT,
    LOG_LEVEL,
)


@pytest.mark.parametrize(
    ("kind", "word", "value"),
    [
        (COMMA_SEPARATED_LIST, "a,b", ["a", "b"]),
        (COMMA_SEPARATED_LIST, ["a"], ["a"]),
        (JSON_ARRAY, "[1, null]", [1, None]),
        (JSON_ARRAY, [1], [1]),
        (JSON_OBJECT, '{"x": 2}', {"x": 2}),
        (LOG_LEVEL, "info", logging.INFO),
        (LOG_LEVEL, "FATAL", logging.CRITICAL),
        (LOG_LEVEL, 15, 15),
        (ISO8601, "2030-01-01T09:00:00", datetime(2030, 1, 1, 9, tzinfo=UTC)),
        (ISO8601, "2030-01-01T09:00:00+03:00", datetime(2030, 1, 1, 9, tzinfo=timezone(timedelta(hours=3)))),
        (ISO8601_OR_FLOAT, "2.5", 2.5),
        (ISO8601_OR_FLOAT, "2030-01-01", datetime(2030, 1, 1, tzinfo=UTC)),
        (AUTOSCALE, "10,3", (10, 3)),
        (AUTOSCALE, "3,10", (10, 3)),
        (AUTOSCALE, "7", (7, 0)),
        (AUTOSCALE, (4, 2), (4, 2)),
    ],
)
def test_words_become_values(kind, word, value):
    """What is a value already stays one."""
    assert kind.convert(word, None, None) == value


@pytest.mark.parametrize(
    ("kind", "word", "said"),
    [
        (JSON_ARRAY, "1", "1 was not an array"),
        (JSON_ARRAY, "[1", "Expecting ',' delimiter"),
        (JSON_OBJECT, "[]", "[] was not an object"),
        (LOG_LEVEL, "loud", "'LOUD' is not one of"),
        (ISO8601, "soon", "Invalid isoformat string: 'soon'"),
        (ISO8601_OR_FLOAT, "soon", "Invalid isoformat string: 'soon'"),
        (AUTOSCALE, "a", "Expected an integer."),
        (AUTOSCALE, "a,b", "Expected two comma separated integers."),
        (AUTOSCALE, "1,2,3", "Expected two comma separated integers or one integer."),
    ],
)
def test_what_is_none_is_said(kind, word, said):
    """Click puts the option's name before it."""
    with pytest.raises(click.BadParameter) as caught:
        kind.convert(word, None, None)
    assert said in caught.value.message
