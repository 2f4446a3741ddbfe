"""Protocol 2 written and sealed; protocol 1 written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from labq.exceptions import EncodeError
from labq.wire.entities import Queue
from labq.wire.protocol import task_draft, task_draft_1, task_message
from labq.wire.publishing import sealed

NOW = datetime(2030, 1, 1, 9, tzinfo=UTC)
NOTHING = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def message(*arguments, **options):
    """Return a message for ``proj.add``."""
    return task_message("id1", "proj.add", *arguments, origin="gen1@lab", **options)


def test_a_plain_call_has_celerys_nineteen_headers_in_celerys_order():
    """Written out in full: this is what a student sees in RabbitMQ's management page."""
    assert list(message((2, 3), {"k": 1}).headers.items()) == [
        ("lang", "py"),
        ("task", "proj.add"),
        ("id", "id1"),
        ("shadow", None),
        ("eta", None),
        ("expires", None),
        ("group", None),
        ("group_index", None),
        ("retries", 0),
        ("timelimit", [None, None]),
        ("root_id", "id1"),
        ("parent_id", None),
        ("argsrepr", "(2, 3)"),
        ("kwargsrepr", "{'k': 1}"),
        ("origin", "gen1@lab"),
        ("ignore_result", False),
        ("replaced_task_nesting", 0),
        ("stamped_headers", None),
        ("stamps", {}),
    ]


def test_a_plain_call_has_this_body_and_these_properties():
    """The body says nothing of the task's name: the headers do."""
    sent = message((2, 3), reply_to="replies")
    assert (sent.content_type, sent.content_encoding) == ("application/json", "utf-8")
    assert json.loads(sent.body) == [[2, 3], {}, NOTHING]
    assert sent.properties == {"correlation_id": "id1", "reply_to": "replies", "delivery_mode": 2, "priority": 0}


def test_no_arguments_are_empty_ones():
    """None, for both, is how people say so."""
    assert json.loads(message(None, None).body) == [[], {}, NOTHING]
    assert message(None, None).headers["argsrepr"] == "()"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ss",), "task args must be a list or tuple"),
        ((5,), "task args must be a list or tuple"),
        (((), [1]), "task keyword arguments must be a mapping"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused(arguments, words):
    """Text is a sequence too, and meant by mistake."""
    for write in (task_draft, task_draft_1):
        with pytest.raises(TypeError, match=words):
            write("id1", "proj.add", *arguments, **({"origin": "o"} if write is task_draft else {}))


def test_the_sender_can_change_nothing_after_the_message_is_sealed():
    """Neither through its arguments nor through its headers."""
    args, tags = [[1]], ["a"]
    sent = message(args, headers={"tags": tags})
    args[0].append(2)
    tags.append("b")
    assert json.loads(sent.body)[0] == [[1]]
    assert sent.headers["tags"] == ["a"]


def test_receivers_of_before_task_publish_may_change_the_draft():
    """The tables of a draft are what the signal hands out."""
    draft = task_draft("id1", "proj.add", (2, 3), origin="gen1@lab")
    draft.headers["tenant"] = "t1"
    draft.properties["priority"] = 5
    draft.body[1]["late"] = True
    sent = sealed(draft)
    assert sent.headers["tenant"] == "t1"
    assert sent.properties["priority"] == 5
    assert json.loads(sent.body)[1] == {"late": True}


def test_sealing_leaves_the_draft_as_it_was():
    """So that a publish can be tried again."""
    draft = task_draft("id1", "proj.add", (2, 3), origin="gen1@lab")
    draft.properties["expiration"] = 2.5
    assert sealed(draft) == sealed(draft)
    assert draft.properties["expiration"] == 2.5


def test_expiration_is_milliseconds_in_text():
    """AMQP 0-9-1 wants a short string there."""
    assert message(properties={"expiration": 2.5}).properties["expiration"] == "2500"
    assert message(properties={"expiration": 0}).properties["expiration"] == "0"
    assert "expiration" not in message().properties


def test_a_queue_to_reply_to_goes_by_its_name():
    """The wire carries no objects."""
    assert message(reply_to=Queue("answers")).properties["reply_to"] == "answers"


def test_a_priority_is_a_whole_number():
    """None is 0; anything else would only fail inside the client."""
    assert message(properties={"priority": None}).properties["priority"] == 0
    with pytest.raises(EncodeError, match="priority must be a whole number from 0 to 255, not 'high'"):
        message(properties={"priority": "high"})


def test_an_id_that_is_an_object_fails_at_publish():
    """So does every header that came in through an option."""
    with pytest.raises(EncodeError, match="'root_id' cannot travel"):
        message(root_id=object())


def test_stamps_are_those_that_are_named():
    """A name without a stamp is a mistake."""
    sent = message(stamped_headers=("run",), stamps={"run": [1, 2], "other": 3})
    assert (sent.headers["stamped_headers"], sent.headers["stamps"]) == (["run"], {"run": [1, 2]})
    with pytest.raises(KeyError, match="lost"):
        message(stamped_headers=["lost"])


def test_a_compressed_body_says_so_in_a_header():
    """After all others, as kombu writes it."""
    sent = message(("x" * 1000,), compression="gzip")
    assert list(sent.headers.items())[-1] == ("compression", "application/x-gzip")
    assert len(sent.body) < 200


def test_long_arguments_are_shown_short():
    """The arguments themselves are all there."""
    sent = message((list(range(1000)),), {"text": "x" * 3000})
    assert len(sent.headers["argsrepr"]) < 1100
    assert sent.headers["argsrepr"].endswith(", ...],)")
    assert sent.headers["kwargsrepr"].endswith("...'}")
    assert json.loads(sent.body)[0] == [list(range(1000))]


def test_the_depth_of_what_is_shown_can_be_set():
    """The setting is ``task_repr_maxlevels``."""
    assert message(([[1]],), repr_maxlevels=1).headers["argsrepr"] == "([...],)"


def test_protocol_1_says_everything_in_the_body():
    """Celery 3 reads no headers."""
    draft = task_draft_1("id1", "proj.add", (2, 3), countdown=10, now=NOW, group_id="g")
    assert draft.headers == {}
    assert draft.properties == {"correlation_id": "id1", "reply_to": ""}
    told = draft.body
    assert (told["task"], told["id"], told["args"], told["eta"]) == (
        "proj.add",
        "id1",
        (2, 3),
        "2030-01-01T09:00:10+00:00",
    )
    assert told["taskset"] == told["group"] == "g"
    assert told["timelimit"] == (None, None)
