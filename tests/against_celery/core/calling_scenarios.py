"""Calling: what goes out for delay and apply_async, what is refused, and what is left when a task is just called."""

# ruff: noqa: ARG001, PLW0108 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

import datetime as dt
from typing import Any

from core_means import ID, Side, listening, logged, masked, scenario, shown, tried, warned, written

PUBLISHING = ("before_task_publish", "after_task_publish")


NO_PROPERTIES = ("delivery_info", "argsrepr", "kwargsrepr", "origin")
"""What Celery tells kombu beside properties: they end there, or are in the headers."""


def plain(x: int, y: int = 0) -> int:
    """Add two numbers."""
    return x + y


def sent(e: Side, call: Any) -> Any:
    """Return what goes out for a call: headers, properties, body, and where to."""
    with listening(e.signals, *PUBLISHING) as heard:
        result = tried(call)
    if not heard:
        return result
    said = heard[0][2]
    headers = dict(said["headers"])
    for moment in ("eta", "expires"):
        if headers[moment] is not None and isinstance(headers[moment], str):
            headers[moment] = ["text", headers[moment][-6:]]
    headers["origin"] = headers["origin"].partition("@")[0].strip("0123456789") if headers["origin"] else None
    properties = {
        name: value for name, value in said["properties"].items() if value is not None and name not in NO_PROPERTIES
    }
    if properties.get("expiration", 0) > 1000:
        properties["expiration"] = "long"
    if "reply_to" in properties:
        properties["reply_to"] = bool(ID.fullmatch(properties["reply_to"]))
    return [
        headers,
        properties,
        said["body"],
        said["exchange"],
        said["routing_key"],
        [queue.name for queue in said["declare"]],
    ]


@scenario
def a_call_goes_out_as_one_message(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    return [
        sent(e, lambda: add.delay(2, y=3)),
        sent(e, lambda: add.apply_async()),
        sent(e, lambda: add.apply_async((2,))),
    ]


@scenario
def options_change_the_message(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    moment = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)
    options: list[dict[str, Any]] = [
        {"countdown": 10},
        {"eta": moment},
        {"eta": moment.replace(tzinfo=None)},
        {"countdown": 0},
        {"expires": 60},
        {"expires": moment},
        {"task_id": "mine"},
        {"priority": 5},
        {"queue": "slow"},
        {"routing_key": "celery"},
        {"shadow": "other"},
        {"headers": {"mine": 1}},
        {"ignore_result": True},
        {"time_limit": 9, "soft_time_limit": 8},
        {"time_limit": 8, "soft_time_limit": 9},
        {"retries": 2},
        {"root_id": "r", "parent_id": "p"},
        {"reply_to": "me"},
        {"serializer": "yaml"},
        {"group_id": "g", "group_index": 1},
        {"exchange": "celery", "routing_key": "celery"},
        {"argsrepr": "hidden", "kwargsrepr": "{}"},
        {"expiration": 5},
        {"correlation_id": "c"},
        {"delivery_mode": 1},
        {"origin": "o"},
        {"queue": "slow", "exchange": "celery"},
    ]
    return {repr(each): sent(e, lambda each=each: add.apply_async((1,), **each)) for each in options}


@scenario
def what_task_says_about_itself_goes_with_every_call(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t", queue="slow", priority=4, expires=50, time_limit=7, serializer="yaml")(plain)
    return [
        sent(e, lambda: add.delay(1)),
        sent(e, lambda: app.send_task("t", (1,))),
        sent(e, lambda: app.send_task("t", (1,), queue="fast", time_limit=None, expires=None)),
        sent(e, lambda: add.apply_async((1,), queue="fast", priority=None)),
    ]


@scenario
def a_task_can_be_sent_by_name_alone(e: Side) -> Any:
    app = e.app()
    out = sent(e, lambda: app.send_task("not.here", [1], {"a": 2}, task_id="mine"))
    return [out, app.finalized, repr(app.send_task("not.here", task_id="mine"))]


@scenario
def publishing_is_announced_before_and_after(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    with listening(e.signals, *PUBLISHING) as heard:
        add.apply_async((1, 2), task_id="mine")
    return [[name, sender, sorted(said), shown(said["body"]), said["headers"]["id"]] for name, sender, said in heard]


@scenario
def who_hears_of_a_message_may_change_it(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)

    def change(headers: Any = None, **_: Any) -> None:
        headers["added"] = 1

    e.signals.before_task_publish.connect(change, weak=False)
    with listening(e.signals, "after_task_publish") as heard:
        add.delay(1)
    e.signals.before_task_publish.disconnect(change)
    return [said["headers"].get("added") for _, _, said in heard]


@scenario
def an_expired_call_is_sent_with_a_warning(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    with logged("celery.app.base") as records:
        out = sent(e, lambda: add.apply_async((1,), task_id="mine", expires=-5))
    return [out[1], [[name, level, " ".join(text.split()[:9])] for name, level, text in written(records)]]


@scenario
def a_call_without_interest_in_its_result_has_none(e: Side) -> Any:
    app = e.app()
    add, quiet = app.task(name="t")(plain), app.task(name="q", ignore_result=True)(plain)
    results = add.delay(1), add.apply_async((1,), ignore_result=True), quiet.delay(1)
    return [[result.ignored, result.state, result.get() if result.ignored else None] for result in results] + [
        quiet.apply_async((1,), ignore_result=False).ignored
    ]


@scenario
def a_direct_call_is_a_call_of_the_function(e: Side) -> Any:
    app = e.app()
    seen = []

    def look(self: Any, x: int) -> int:
        request = self.request
        seen.append(
            [
                request.id,
                request.called_directly,
                request.is_eager,
                request.retries,
                request.args,
                request.kwargs,
                request.hostname,
                request.delivery_info,
                self.name,
                e.root.current_task.name,
            ]
        )
        return x

    task = app.task(bind=True, name="look")(look)
    return [task(5), seen, tried(lambda: task()), tried(lambda: task.run(6)), e.root.current_task._get_current_object()]


@scenario
def a_task_that_retries_when_it_is_just_called_raises(e: Side) -> Any:
    app = e.app()

    def again(self: Any, kind: str) -> None:
        if kind == "exc":
            self.retry(exc=KeyError("k"))
        if kind == "raised":
            try:
                raise ValueError("v")  # noqa: TRY301
            except ValueError as error:
                self.retry(exc=error)
        if kind == "other":
            try:
                raise ValueError("v")  # noqa: TRY301
            except ValueError:
                self.retry(exc=KeyError("k"))
        self.retry()

    task = app.task(bind=True, name="again")(again)
    return [tried(lambda kind=kind: task(kind)) for kind in ("exc", "raised", "other", "none")]


@scenario
def sending_by_name_does_not_become_eager(e: Side) -> Any:
    app = e.app(task_always_eager=True)
    app.task(name="t")(plain)
    return warned(lambda: app.send_task("t", (1,), task_id="mine"))


@scenario
def the_id_is_the_callers_or_a_new_one(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    mine, new = add.apply_async((1,), task_id="mine"), add.delay(1)
    return [
        mine.id,
        str(mine),
        repr(mine),
        repr(new),
        bool(ID.fullmatch(new.id)),
        new.id != add.delay(1).id,
        mine == "mine",
    ]


@scenario
def moments_that_are_past_are_now(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    calls: list[dict[str, Any]] = [{"countdown": -5}, {"eta": "2020-01-01T00:00:00"}, {"countdown": -0.0}]
    return [sent(e, lambda each=each: add.apply_async((1,), **each))[0]["eta"] for each in calls]


@scenario
def queues_that_are_not_declared_may_be_refused(e: Side) -> Any:
    app = e.app(task_create_missing_queues=False)
    add = app.task(name="t")(plain)
    return [tried(lambda: add.apply_async((1,), queue="nope")), sent(e, lambda: add.delay(1))[3:]]


@scenario
def routes_choose_a_queue(e: Side) -> Any:
    def router(name: str, args: Any, kwargs: Any, options: Any, task: Any = None, **_: Any) -> Any:
        return {"queue": "by-function", "priority": 2} if name == "f" else None

    app = e.app(task_routes=[router, {"t": "by-name", "p.*": {"queue": "by-pattern", "routing_key": "key"}}])
    tasks = [app.task(name=name)(plain) for name in ("t", "p.x", "f", "other")]
    return [sent(e, lambda task=task: task.delay(1))[1:] for task in tasks] + [
        sent(e, lambda: tasks[0].apply_async((1,), queue="by-call"))[3:]
    ]


@scenario
def an_apps_default_queue_has_a_name_of_its_own(e: Side) -> Any:
    app = e.app(task_default_queue="mine")
    return sent(e, lambda: app.task(name="t")(plain).delay(1))[3:]


@scenario
def results_need_an_id(e: Side) -> Any:
    app = e.app()
    return [
        tried(lambda: app.AsyncResult(None)),
        repr(app.AsyncResult("a")),
        app.AsyncResult("a").state,
        masked(app.AsyncResult.__name__),
        e.results.AsyncResult("b", app=app).app is app,
    ]


@scenario
def signatures_show_and_make_calls(e: Side) -> Any:
    app = e.app()
    add = app.task(name="proj.add")(plain)
    call = add.s(2, y=2)
    return [
        dict(call),
        repr(call),
        call(),
        call.clone((1,)).args,
        repr(add.si(1)),
        add.si(1)(9),
        call.set(queue="x") is call,
        call.options,
        add.signature((1,), countdown=5).options,
        sent(e, lambda: add.s(1).delay(2)),
        sent(e, lambda: add.s(1).apply_async((2,), priority=3)),
        call.type is add._get_current_object(),
        tried(lambda: app.signature("no.such", (1,)).type),
        repr(app.signature("no.such", (1,))),
        call.name,
        call.apply().get(),
        type(call).__name__,
    ]
