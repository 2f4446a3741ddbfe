"""Strange messages: what a worker makes of what it does not know, cannot read, or gets too late."""

from __future__ import annotations

import json
from typing import Any

from core_means import LONG, SHORT, Side, got, listening, logged, masked, scenario, shown, traced, tried

HEARD = (
    "task_received",
    "task_unknown",
    "task_rejected",
    "task_revoked",
    "task_failure",
    "task_prerun",
    "task_internal_error",
)


def plain(x: Any = 0, y: Any = 0) -> Any:
    """Add two numbers."""
    return x + y


def task_headers(**changes: Any) -> dict[str, Any]:
    """Return the headers of a message of protocol 2."""
    headers = {
        "lang": "py",
        "task": "t",
        "id": "strange",
        "root_id": "strange",
        "parent_id": None,
        "group": None,
        "meth": None,
        "shadow": None,
        "eta": None,
        "expires": None,
        "retries": 0,
        "timelimit": [None, None],
        "argsrepr": "()",
        "kwargsrepr": "{}",
        "origin": "somebody",
    }
    headers.update(changes)
    return {name: value for name, value in headers.items() if value is not ...}


EMPTY = json.dumps([[], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}])


def received(e: Side, body: Any, headers: Any, content_type: str = "application/json", patience: float = LONG) -> Any:
    """Return what comes of one strange message: state, signals, log; and whether the worker lives on."""
    e.renew()
    app = e.app()
    add = app.task(name="t", shared=False)(plain)
    with listening(e.signals, *HEARD) as heard, logged() as records, e.working(app):
        e.publish(app, body, content_type, headers, {"correlation_id": "strange", "delivery_mode": 2})
        alive = shown(tried(lambda: add.apply_async((5,), task_id="after").get(timeout=patience, interval=0.005)))
    told = []
    for name, sender, said in heard:
        if "after" not in (said.get("task_id"), getattr(said.get("request"), "id", None)):
            exc = said.get("exc", said.get("exception"))
            about = shown(exc) and shown(exc).partition("'tomorrow'")[0]  # whose words follow is a parser's affair
            told.append([name, getattr(sender, "name", type(sender).__name__), sorted(said), about])
    lines = [
        [
            record.name,
            record.levelname,
            masked(record.getMessage()).splitlines()[0].partition("'tomorrow'")[0],
            bool(record.exc_info),
        ]
        for record in records
        if "after" not in record.getMessage()
    ]
    result = app.AsyncResult("strange")
    return [result.state, shown(result.result), traced(result.traceback), told, lines, alive]


@scenario
def a_task_nobody_registered_fails(e: Side) -> Any:
    return received(e, EMPTY, task_headers(task="not.here"))


@scenario
def the_whole_text_about_an_unregistered_task(e: Side) -> Any:
    app = e.app()
    with logged() as records, e.working(app):
        got(app.send_task("not.here", (1,), {"a": 2}, task_id="strange", ignore_result=False))
    text = masked(records[0].getMessage())
    return [line for line in text.splitlines() if not line.startswith("{")] + [records[0].msg]


@scenario
def garbage_in_a_task_is_read_when_it_is_run(e: Side) -> Any:
    return {
        "not json": received(e, b"\xff\xfe{{{", task_headers()),
        "broken json": received(e, b"[[], {", task_headers()),
    }


@scenario
def a_content_type_nobody_accepts_is_refused(e: Side) -> Any:
    return {
        "pickle": received(e, b"\x80\x04N.", task_headers(), "application/x-python-serialize"),
        "unheard of": received(e, b"abc", task_headers(), "application/unheard-of"),
        "yaml": received(e, b"[[], {}, {}]", task_headers(), "application/x-yaml"),
    }


@scenario
def what_is_no_task_is_put_away(e: Side) -> Any:
    return {
        "json": received(e, b'{"a": 1}', {}),
        "a list": received(e, b"[1, 2]", {}),
        "text": received(e, b"hello", {}, "text/plain"),
        "bytes": received(e, b"\x00\x01", {}, "application/octet-stream"),
        "garbage": received(e, b"{{{", {}),
    }


@scenario
def a_task_that_makes_no_sense_is_refused(e: Side) -> Any:
    return {
        "eta": received(e, EMPTY, task_headers(eta="tomorrow")),
        "expires": received(e, EMPTY, task_headers(expires="tomorrow")),
        "arguments": received(e, json.dumps([5, {}, {}]), task_headers()),
        "too many": received(e, json.dumps([[1, 2, 3], {}, {}]), task_headers()),
    }


@scenario
def an_old_message_is_understood(e: Side) -> Any:
    old = {
        "task": "t",
        "id": "strange",
        "args": [2, 3],
        "kwargs": {},
        "retries": 0,
        "eta": None,
        "expires": None,
        "utc": True,
    }
    return {
        "full": received(e, json.dumps(old), {}),
        "short": received(e, json.dumps({"task": "t", "id": "strange"}), {}),
        "unknown": received(e, json.dumps({**old, "task": "not.here"}), {}),
    }


@scenario
def an_empty_task_ends_a_real_worker(e: Side) -> Any:
    return received(e, b"", task_headers(), patience=SHORT)[:1] + received(e, b"", task_headers(), patience=SHORT)[-1:]


@scenario
def an_old_task_without_an_id_ends_a_real_worker(e: Side) -> Any:
    return received(e, json.dumps({"task": "t"}), {}, patience=SHORT)[-1]


@scenario
def keyword_arguments_that_are_no_mapping(e: Side) -> Any:
    return received(e, json.dumps([[], 5, {}]), task_headers())[:2]


@scenario
def a_task_that_expired_is_revoked(e: Side) -> Any:
    app = e.app()
    add, quiet = app.task(name="t")(plain), app.task(name="q", ignore_result=True)(plain)
    with listening(e.signals, *HEARD) as heard, logged() as records, e.working(app):
        e.publish(
            app, EMPTY, "application/json", task_headers(expires="2020-01-01T00:00:00+00:00"), {"correlation_id": "x"}
        )
        e.publish(
            app,
            EMPTY,
            "application/json",
            task_headers(task="q", id="q", expires="2020-01-01T00:00:00"),
            {"correlation_id": "x"},
        )
        alive = got(add.apply_async((5,), task_id="after", expires=60))
    told = [
        [
            name,
            getattr(sender, "name", None),
            {key: shown(value) for key, value in said.items() if key != "request"},
            type(said.get("request")).__name__,
        ]
        for name, sender, said in heard
        if name == "task_revoked"
    ]
    names = [name for name, _, said in heard]
    lines = [
        [record.name, record.levelname, record.getMessage()] for record in records if "after" not in record.getMessage()
    ]
    result, other = app.AsyncResult("strange"), app.AsyncResult("q")
    return [
        result.state,
        shown(result.result),
        result.ready(),
        result.traceback,
        type(result.date_done).__name__,
        shown(tried(lambda: result.get(timeout=1))),
        other.state,
        told,
        names,
        lines,
        alive,
        quiet.name,
    ]


@scenario
def an_eta_in_the_past_is_now(e: Side) -> Any:
    return received(e, EMPTY, task_headers(eta="2020-01-01T00:00:00+00:00"))


@scenario
def a_message_may_bring_arguments_that_do_not_fit(e: Side) -> Any:
    app = e.app()
    app.task(name="t")(plain)
    with e.working(app):
        result = app.send_task("t", (1, 2, 3), {"z": 4})
        return [shown(got(result)), result.state, traced(result.traceback)]
