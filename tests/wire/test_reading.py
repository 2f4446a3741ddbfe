"""What a worker makes of a message, good or bad."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labq.exceptions import ContentDisallowed, DecodeError, InvalidTaskError
from labq.wire.message import Message
from labq.wire.protocol import task_draft_1, task_message
from labq.wire.publishing import sealed
from labq.wire.reading import UnknownMessage, read_task_message, task_name
from labq.wire.serializers import dumps

JSON = frozenset({"application/json"})
NOW = datetime(2030, 1, 1, 9, tzinfo=UTC)


def message(body, headers=None, content_type="application/json"):
    """Return a message somebody else wrote."""
    written = body if isinstance(body, bytes) else dumps(body, "json")[2]
    return Message(written, content_type, "utf-8", headers or {}, {})


def test_what_was_written_is_read():
    """A tuple has become a list on the way, as in production."""
    sent = task_message(
        "id1", "proj.add", (2, (3,)), {"k": 1}, origin="o", now=NOW, countdown=10, expires=60, retries=2
    )
    task = read_task_message(sent, JSON)
    assert (task.id, task.name, task.args, task.kwargs) == ("id1", "proj.add", [2, [3]], {"k": 1})
    assert (task.eta, task.expires) == (NOW.replace(second=10), NOW.replace(minute=1))
    assert task.embed == {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    assert task.headers["retries"] == 2
    assert task.properties["correlation_id"] == "id1"


def test_a_message_that_is_delivered_twice_is_the_same_both_times():
    """Whatever the first reader did with what it got."""
    sent = task_message("id1", "proj.add", ([1],), origin="o", stamped_headers=["s"], stamps={"s": ["a"]})
    first = read_task_message(sent)
    first.args[0].append(2)
    first.headers["stamps"]["s"].append("b")
    first.headers["timelimit"][0] = 5
    first.properties["reply_to"] = "elsewhere"
    second = read_task_message(sent)
    assert second.args == [[1]]
    assert second.headers["stamps"] == {"s": ["a"]}
    assert second.headers["timelimit"] == [None, None]
    assert second.properties["reply_to"] == ""


def test_a_compressed_body_is_unpacked():
    """By the header, not by looking at the bytes."""
    sent = task_message("id1", "proj.add", ("x" * 1000,), origin="o", compression="bzip2")
    assert read_task_message(sent).args == ["x" * 1000]


def test_a_body_that_is_not_what_its_header_says_is_a_decode_error():
    """Neither zlib's error nor a KeyError may stop a worker."""
    for compression in ("application/x-gzip", "application/x-unheard-of"):
        with pytest.raises(DecodeError):
            read_task_message(message([[], {}, {}], {"task": "t", "id": "i", "compression": compression}))
    with pytest.raises(DecodeError):
        read_task_message(message(b"{", {"task": "t", "id": "i"}))


def test_a_pickle_is_refused_where_only_json_is_accepted():
    """With kombu's words."""
    sent = task_message("id1", "proj.add", ({1},), origin="o", serializer="pickle")
    with pytest.raises(ContentDisallowed, match="Refusing to deserialize untrusted content of type pickle"):
        read_task_message(sent, JSON)
    assert read_task_message(sent, JSON | {"application/x-python-serialize"}).args == ({1},)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ([[], {}], {"task": "t", "id": "i"}),
        (5, {"task": "t", "id": "i"}),
        ([[], {}, {}], {"task": "t"}),
        ({"args": [], "kwargs": [1]}, {"task": "t", "id": "i"}),
        ([[], {}, {}], {"task": "t", "id": "i", "eta": "rubbish"}),
        ([[], {}, {}], {"task": "t", "id": "i", "expires": 5}),
        ({"task": "t", "args": []}, {}),
    ],
)
def test_a_task_that_makes_no_sense_is_invalid(body, headers):
    """Never an error of Python's own: the worker rejects the message and goes on."""
    with pytest.raises(InvalidTaskError) as caught:
        read_task_message(message(body, headers))
    assert not isinstance(caught.value, UnknownMessage)


@pytest.mark.parametrize("body", [{"no": "task"}, [1, 2], "text", None, 5])
def test_a_message_that_is_no_task_is_unknown(body):
    """Somebody else's message in the wrong queue."""
    with pytest.raises(UnknownMessage):
        read_task_message(message(body))


def test_a_task_of_protocol_1_is_read():
    """Its name stands in the body only."""
    sent = sealed(task_draft_1("id1", "proj.add", (2, 3), group_id="g", eta=NOW, callbacks=[1]))
    task = read_task_message(sent, JSON)
    assert task_name(sent) is None
    assert (task.id, task.name, task.args, task.kwargs) == ("id1", "proj.add", [2, 3], {})
    assert (task.eta, task.headers["group"], task.headers["argsrepr"]) == (NOW, "g", "[2, 3]")
    assert task.embed == {"callbacks": [1], "errbacks": None, "chord": None, "chain": None}


def test_headers_of_protocol_2_win_over_a_body_of_protocol_1():
    """Some clients of other languages send both."""
    sent = message({"args": [1], "retries": 1, "lang": "go", "group": "g"}, {"task": "t", "id": "i", "retries": 5})
    task = read_task_message(sent)
    assert (task.args, task.kwargs) == ([1], {})
    assert (task.headers["retries"], task.headers["lang"], task.headers["group"]) == (5, "go", "g")
    assert task.headers["timelimit"] == (None, None)
    assert task_name(sent) == "t"
