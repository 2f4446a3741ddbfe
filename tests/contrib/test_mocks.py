"""Mocks for tests: they look like what a worker gets."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from labq.contrib.testing.mocks import ContextMock, TaskMessage, TaskMessage1, task_message_from_sig


@pytest.mark.usefixtures("lab")
def test_a_message_has_its_arguments_as_a_value_and_as_bytes():
    """Headers tell which task; the body is what a worker reads."""
    message = TaskMessage("brew", id="b1", args=(2,), kwargs={"cup": "big"}, retries=1)
    assert message.headers == {"id": "b1", "task": "brew", "shadow": None, "retries": 1}
    assert message.payload == ((2,), {"cup": "big"}, {"callbacks": None, "errbacks": None, "chain": None})
    assert json.loads(message.body)[:2] == [[2], {"cup": "big"}]
    assert (message.content_type, message.content_encoding) == ("application/json", "utf-8")
    assert TaskMessage("brew").headers["id"]


@pytest.mark.usefixtures("lab")
def test_a_message_of_protocol_1_has_everything_in_its_body():
    """It has no headers."""
    message = TaskMessage1("brew", id="b1", args=(2,), utc=True)
    assert message.headers == {}
    assert message.payload == {
        "task": "brew", "id": "b1", "args": (2,), "kwargs": {}, "callbacks": None, "errbacks": None, "utc": True,
    }  # fmt: skip


def test_a_signature_becomes_a_message(app):
    """With its options as headers, and moments as text."""

    @app.task
    def brew(cup):
        return cup

    call = brew.s(1).set(countdown=10, expires=20, task_id="b1", link=[brew.s()], soft_time_limit=3)
    message = task_message_from_sig(app, call)
    assert datetime.fromisoformat(message.headers["eta"]) == app.now() + timedelta(seconds=10)
    assert datetime.fromisoformat(message.headers["expires"]) == app.now() + timedelta(seconds=20)
    assert (message.headers["id"], message.headers["soft_time_limit"]) == ("b1", 3)
    assert message.payload[2]["callbacks"] == [dict(brew.s())]


def test_a_mock_of_a_context_notes_how_it_was_used():
    """It is its own context, and lets exceptions pass."""
    mock = ContextMock(serializer="json")
    with mock as entered:
        assert entered is mock
    assert mock.serializer == "json"
    mock.__enter__.assert_called_once_with()
    with pytest.raises(KeyError), mock:
        raise KeyError
