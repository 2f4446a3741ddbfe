"""Results: what a worker stores, and what a client reads of it."""

# ruff: noqa: PLW0108 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

import copy
import datetime as dt
import json
from decimal import Decimal
from typing import Any

from core_means import Side, got, masked, scenario, shown, traced, tried


class OwnError(Exception):
    """An error of the user's own."""


class PickyError(Exception):
    """An error that cannot be made of its arguments."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class Outer:
    """A class with an error inside."""

    class InnerError(ValueError):
        """An error in a class."""


ERRORS = {
    "own": lambda: OwnError("a", 1),
    "picky": lambda: PickyError(3, "x"),
    "inner": lambda: Outer.InnerError("in"),
    "key": lambda: KeyError("k"),
    "lambda": lambda: ValueError(lambda: 1),
    "mixed": lambda: ValueError(1, object, {"a": 1}),
    "local": lambda: type("LocalError", (Exception,), {})("l"),
    "os": lambda: FileNotFoundError(2, "No such file", "f"),
    "unicode": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    "empty": lambda: ValueError(),
    "stop": lambda: StopIteration(5),
    "group": lambda: ExceptionGroup("several", [ValueError(1)]),
}


def plain(x: Any, y: Any = 0) -> Any:
    """Add two numbers."""
    return x + y


def failing(kind: str) -> None:
    """Fail in one way or another."""
    error = ERRORS[kind]()
    raise error


def face(result: Any) -> list[Any]:
    """Return what a result tells."""
    return [
        result.id,
        result.state,
        result.status,
        shown(result.result),
        shown(result.info),
        result.ready(),
        result.successful(),
        result.failed(),
        traced(result.traceback),
        type(result.date_done).__name__,
        shown(result.children),
        result.name,
        shown(result.args),
        shown(result.kwargs),
        result.worker,
        result.retries,
        result.queue,
        result.ignored,
        shown(result.parent),
        shown(result.as_tuple()),
        result.as_list(),
        result.task_id,
        result.exists(),
    ]


@scenario
def a_result_tells_about_a_success_and_a_failure(e: Side) -> Any:
    app = e.app()
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    with e.working(app):
        good, wrong = add.apply_async((2, 3), task_id="good"), bad.apply_async(("own",), task_id="bad")
        values = [got(good), got(wrong), got(wrong, propagate=False), got(good, propagate=False)]
    return [values, face(good), face(wrong), face(app.AsyncResult("bad")), face(app.AsyncResult("unknown"))]


@scenario
def the_date_is_aware(e: Side) -> Any:
    answers = []
    for settings in ({}, {"timezone": "Europe/Moscow"}, {"timezone": "Asia/Shanghai", "enable_utc": False}):
        app = e.app(**settings)
        add = app.task(name="t", shared=False)(plain)
        with e.working(app):
            result = add.delay(1)
            got(result)
        stored = json.loads(e.stored(app, result.id))["date_done"]
        offset = result.date_done.utcoffset()
        answers.append([stored[-6:], str(offset), app.now().utcoffset() == offset])
        e.renew()
    return answers


@scenario
def every_error_comes_back_as_what_it_was(e: Side) -> Any:
    app = e.app()
    bad = app.task(name="b")(failing)
    answers = {}
    with e.working(app):
        for kind in ERRORS:
            result = bad.delay(kind)
            error = got(result)
            kept = json.loads(e.stored(app, result.id))["result"]
            answers[kind] = [
                shown(error),
                [masked(str(arg)) for arg in error.args],
                type(error).__mro__[1].__name__,
                result.traceback.splitlines()[-1],
                shown(kept),
            ]
    return answers


@scenario
def errors_of_celery_are_written_under_celerys_name(e: Side) -> Any:
    app = e.app()

    def raising() -> None:
        raise e.exceptions.ImproperlyConfigured("x")

    task = app.task(name="t")(raising)
    with e.working(app):
        result = task.delay()
        error = got(result)
    kept = json.loads(e.stored(app, result.id))["result"]
    return [
        isinstance(error, e.exceptions.ImproperlyConfigured),
        kept["exc_type"],
        kept["exc_module"],
        kept["exc_message"],
    ]


@scenario
def values_travel_as_json(e: Side) -> Any:
    app = e.app()
    moment = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    values = [(1, 2), {"a": (1,)}, moment, Decimal("1.5"), b"bytes", None, True, 1.5, "é", {1: 2}, [], moment.date()]
    echo = app.task(name="echo")(lambda_free(values))
    with e.working(app):
        return [shown(got(echo.delay(index))) for index in range(len(values))]


def lambda_free(values: list[Any]) -> Any:
    """Return a function with a name that gives the values."""

    def give(index: int) -> Any:
        return values[index]

    return give


@scenario
def what_json_cannot_carry_fails_the_task(e: Side) -> Any:
    app = e.app()
    values = [object, {1, 2}, lambda: 1, 1 + 2j]
    give = app.task(name="give")(lambda_free(values))
    with e.working(app):
        answers = []
        for index in range(len(values)):
            result = give.delay(index)
            got(result)
            answers.append(
                [result.state, masked(repr(result.result)), type(result.result).__name__, bool(result.traceback)]
            )
    return answers


@scenario
def the_stored_bytes_have_celerys_fields_in_order(e: Side) -> Any:
    app, extended = e.app(), e.app(result_extended=True)
    answers = []
    for each in (app, extended):
        add, bad = each.task(name="t", shared=False)(plain), each.task(name="b", shared=False)(failing)
        with e.working(each):
            results = add.apply_async((1,), {"y": 2}, task_id="good"), bad.apply_async(("key",), task_id="bad")
            for result in results:
                got(result)
        for result in results:
            told = json.loads(e.stored(each, result.id))
            told.update(date_done=bool(told["date_done"]), traceback=traced(told["traceback"]))
            answers.append([list(told), told, face(result)[11:17]])
        e.renew()
    return answers


@scenario
def a_forgotten_result_is_pending_again(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    with e.working(app):
        result = add.delay(1)
        before = [got(result), result.state, result.exists()]
        result.forget()
        return [
            before,
            result.state,
            result.result,
            result.ready(),
            result.exists(),
            tried(result.forget),
            tried(lambda: result.get(timeout=0.05, interval=0.01)),
        ]


@scenario
def waiting_in_vain_times_out(e: Side) -> Any:
    app = e.app()
    result = app.AsyncResult("nobody")
    error = tried(lambda: result.get(timeout=0.05, interval=0.01))
    return [
        error,
        type(error).__mro__[2].__name__,
        result.TimeoutError is e.exceptions.TimeoutError,
        result.state,
        isinstance(error, TimeoutError),
    ]


@scenario
def results_are_compared_by_id(e: Side) -> Any:
    app = e.app()
    one, same, other = app.AsyncResult("a"), app.AsyncResult("a"), app.AsyncResult("b")
    child = app.AsyncResult("c", parent=one)
    return [
        one == same,
        one == other,
        one == "a",
        one == 5,
        len({one, same, other}),
        copy.copy(one) == one,
        repr(one),
        str(one),
        child.as_tuple(),
        child.as_list(),
        child.parent == one,
        hash(one) == hash("a"),
    ]
