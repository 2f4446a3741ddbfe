"""Whatever bytes lie in a queue, the worker lives, and the log says what became of them."""

from __future__ import annotations

import json
import logging

import pytest

from labq import signals
from labq.wire.message import Message

EMPTY = json.dumps([[], {}, {}]).encode()


@pytest.fixture
def strange(lab, app):
    """Put a message into the queue, let a worker meet it, and return the records about messages and tasks."""
    app.task(name="alive")(alive)

    def put(body, headers=None, content_type="application/json"):
        before = len(lab.log)
        message = Message(body, content_type, "utf-8", headers or {}, {})
        lab.send("amqp://", app.sending.queues["celery"], "", "celery", message)
        if not lab.world.workers:
            lab.start_worker(app)
        lab.run()
        records = lab.log[before:]
        assert app.tasks["alive"].delay().get() == "alive"
        return records

    return put


def alive():
    """Answer."""
    return "alive"


def headers(**changes):
    """Return the headers of a task's message."""
    return {"lang": "py", "task": "alive", "id": "strange", "retries": 0, "eta": None, "expires": None, **changes}


@pytest.mark.parametrize(
    ("body", "sent", "content_type", "reason"),
    [
        (b"\xff\xfe", headers(), "application/json", "DecodeError"),
        (b"{{{", {}, "application/json", "DecodeError"),
        (b"", headers(), "application/json", "InvalidTaskError"),
        (b"[1, 2]", {}, "application/json", "unknown message"),
        (b"\x80\x04N.", headers(), "application/x-python-serialize", "ContentDisallowed"),
        (b"text", {}, "text/plain", "ContentDisallowed"),
        (EMPTY, headers(eta="tomorrow"), "application/json", "invalid ETA value 'tomorrow'"),
        (b'{"task": "alive"}', {}, "application/json", "has no id"),
        (EMPTY, headers(id=["strange"]), "application/json", "has an id that is not text but ['strange']"),
        (EMPTY, headers(task="not.here"), "application/json", "unregistered task 'not.here'"),
    ],
)
def test_a_strange_message_is_rejected_with_a_reason(strange, body, sent, content_type, reason):
    """The reason stands in the record; the next task runs."""
    rejected = [record for record in strange(body, sent, content_type) if record.kind == "message-rejected"]
    assert len(rejected) == 1
    assert reason in rejected[0].fact("reason")


def test_an_unregistered_task_has_failed_for_its_client(strange, app):
    """Celery 5.7 stores NotRegistered, so that nobody waits for ever."""
    strange(EMPTY, headers(task="not.here"))
    result = app.AsyncResult("strange")
    assert result.state == "FAILURE"
    assert repr(result.result).startswith("Task of kind 'not.here' never registered")


def test_garbage_is_said_loudly_and_nonsense_is_announced(strange, caplog):
    """What cannot be decoded is critical; what is no task reaches receivers of task_rejected."""
    heard = []

    def hear(exc=None, **_):
        heard.append(type(exc).__name__)

    signals.task_rejected.connect(hear)
    with caplog.at_level(logging.WARNING, "celery.worker.consumer.consumer"):
        strange(b"{{{")
        strange(b"[1, 2]")
        strange(EMPTY, headers(eta="tomorrow"))
    signals.task_rejected.disconnect(hear)
    assert [record.levelname for record in caplog.records] == ["CRITICAL", "WARNING", "ERROR"]
    assert heard == ["NoneType", "InvalidTaskError"]
