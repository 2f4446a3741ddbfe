"""What is kept of a task: states of its own, children, nothing at all, replies; and what a reader believes."""

# ruff: noqa: ARG001 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

import json
from typing import Any

from core_means import Side, got, scenario, shown, traced, tried


class OwnError(Exception):
    """An error of the user's own."""


def plain(x: Any, y: Any = 0) -> Any:
    """Add two numbers."""
    return x + y


def failing(kind: str) -> None:
    """Fail in one way or another."""
    raise {"own": OwnError, "key": KeyError}[kind]("k")


@scenario
def a_task_may_have_states_of_its_own(e: Side) -> Any:
    app = e.app()
    seen = []

    def working(self: Any) -> int:
        self.update_state(state="PROGRESS", meta={"done": 5})
        mine = app.AsyncResult(self.request.id)
        seen.append([mine.state, mine.info, mine.ready(), mine.date_done, mine.traceback])
        self.update_state(task_id="another", state="MINE", meta=(1, 2))
        self.update_state(meta={"done": 9})
        seen.append([app.AsyncResult(self.request.id).state, app.AsyncResult(self.request.id).info])
        return 1

    task = app.task(name="t", bind=True)(working)
    with e.working(app):
        result = task.delay()
        value = got(result)
    return [value, seen, app.AsyncResult("another").state, app.AsyncResult("another").result, result.state]


@scenario
def starting_may_be_tracked(e: Side) -> Any:
    app = e.app()
    seen = []

    def look(self: Any) -> None:
        mine = app.AsyncResult(self.request.id)
        seen.append(
            [mine.state, sorted(mine.info or ()), (mine.info or {}).get("hostname"), type(mine.info["pid"]).__name__]
        )

    task = app.task(name="t", bind=True, track_started=True)(look)
    with e.working(app):
        got(task.delay())
    return seen


@scenario
def tasks_sent_by_a_task_are_its_children(e: Side) -> Any:
    app = e.app()
    inner = app.task(name="inner")(plain)
    requests = []

    def outer(self: Any) -> str:
        inner.apply_async((1,), task_id="one")
        inner.apply_async((1,), task_id="two", add_to_parent=False)
        return "sent"

    def look(self: Any) -> None:
        requests.append([self.request.parent_id, self.request.root_id])

    task, looking = app.task(name="outer", bind=True)(outer), app.task(name="look", bind=True)(look)

    def both(self: Any) -> Any:
        return looking.apply_async(task_id="deep")

    chain = app.task(name="both", bind=True)(both)
    untrailed = app.task(name="untrailed", bind=True, trail=False)(both)
    with e.working(app):
        results = [task.apply_async(task_id="a"), chain.apply_async(task_id="b"), untrailed.apply_async(task_id="c")]
        values = [shown(got(result)) for result in results]
        for name in ("deep", "one", "two"):
            got(app.AsyncResult(name))
    return [
        values,
        [shown(result.children) for result in results],
        requests,
        json.loads(e.stored(app, "one")).get("parent_id"),
        list(json.loads(e.stored(app, "one"))),
    ]


@scenario
def without_a_backend_reading_is_an_error(e: Side) -> Any:
    app = e.root.Celery("proj", broker="memory://")
    result = app.task(name="t")(plain).delay(1)
    calls = (
        lambda: result.state,
        lambda: result.result,
        lambda: result.get(timeout=1),
        result.ready,
        result.forget,
        result.exists,
        lambda: result.traceback,
        lambda: result.children,
    )
    return [
        [tried(call) for call in calls],
        app.backend.as_uri(),
        type(app.backend).__name__,
        result.id != "",
        result.ignored,
    ]


@scenario
def replies_bring_results_to_the_client_that_asked(e: Side) -> Any:
    app = e.app(backend="rpc://")
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    with e.working(app):
        good, wrong = add.delay(1), bad.delay("own")
        values = [got(good), got(good), good.state, good.ready(), got(wrong), wrong.state, traced(wrong.traceback)]
    return [values, app.AsyncResult("unknown").state, app.backend.as_uri()]


@scenario
def a_callback_hears_of_the_value(e: Side) -> Any:
    app = e.app()
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    heard: list[Any] = []
    with e.working(app):
        results = add.apply_async((1,), task_id="a"), bad.apply_async(("key",), task_id="b")
        values = [
            got(results[0], callback=lambda *said: heard.append(said)),
            got(results[1], callback=lambda *said: heard.append(said)),
            got(results[1], callback=lambda *said: heard.append(said), propagate=False),
        ]
    return [
        values,
        heard,
        results[0].maybe_throw(),
        tried(results[1].maybe_throw),
        results[1].maybe_throw(propagate=False),
    ]


@scenario
def a_parents_failure_is_raised_first(e: Side) -> Any:
    app = e.app()
    bad = app.task(name="b")(failing)
    with e.working(app):
        parent = bad.apply_async(("key",), task_id="p")
        got(parent)
        child = app.AsyncResult("c", parent=parent)
        return [
            tried(lambda: child.get(timeout=0.05, interval=0.01)),
            tried(lambda: child.get(timeout=0.05, interval=0.01, follow_parents=False)),
            tried(lambda: child.get(timeout=0.05, interval=0.01, propagate=False)),
        ]


@scenario
def errors_may_be_stored_although_results_are_ignored(e: Side) -> Any:
    app = e.app()
    tasks = [
        app.task(name=name, **options)(failing)
        for name, options in {
            "ignored": {"ignore_result": True},
            "stored": {"ignore_result": True, "store_errors_even_if_ignored": True},
        }.items()
    ]
    with e.working(app):
        results = [task.delay("key") for task in tasks]
        results.append(tasks[0].apply_async(("key",), ignore_result=False))
        got(results[-1])
    return [[app.AsyncResult(result.id).state, app.AsyncResult(result.id).result] for result in results]


@scenario
def a_tasks_own_result_class_reads_the_same(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    result = add.AsyncResult("x")
    return [type(result).__name__, result.state, repr(result), result.app is app]


@scenario
def a_stored_name_that_is_no_error_is_refused(e: Side) -> Any:
    values: list[Any] = [
        {"exc_type": "system", "exc_module": "os", "exc_message": "x"},
        {"exc_message": "x"},
        "text",
        5,
        None,
        {},
        {"exc_type": "ValueError", "exc_message": ["a"], "exc_module": "builtins"},
        {"exc_type": "Gone", "exc_message": ["a"], "exc_module": "no.such"},
        {"exc_type": "Gone", "exc_message": "a"},
        {"exc_type": "UnicodeDecodeError", "exc_message": "a", "exc_module": "builtins"},
        ValueError("v"),
    ]
    return [shown(tried(lambda value=value: e.read_error(value))) for value in values]
