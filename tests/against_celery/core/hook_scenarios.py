"""Hooks: what callbacks, signals and logs are told in a worker, and in which order."""

# ruff: noqa: ARG001 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

from typing import Any

from core_means import ID, SHORT, Side, bare, got, listening, logged, masked, scenario, shown, traced, tried, written


def plain(x: Any, y: Any = 0) -> Any:
    """Add two numbers."""
    return x + y


def failing(text: str) -> None:
    """Fail."""
    raise ValueError(text)


REQUEST = (
    *("id", "task", "args", "kwargs", "root_id", "parent_id", "retries"),
    *("is_eager", "called_directly", "hostname", "timelimit", "time_limit", "soft_time_limit", "ignore_result"),
    *("delivery_info", "headers", "argsrepr", "kwargsrepr", "lang", "origin", "reply_to"),
    *("correlation_id", "properties", "callbacks", "errbacks", "chain", "chord", "group"),
    *("group_index", "eta", "expires", "shadow", "utc", "taskset", "stamps"),
    *("stamped_headers", "replaced_task_nesting", "loglevel", "logfile"),
)
IN_WORKER = (
    *("task_received", "task_prerun", "task_postrun", "task_success", "task_failure", "task_retry", "task_revoked"),
    *("task_unknown", "task_rejected", "task_internal_error"),
)


def telling(e: Side, told: list[Any]) -> Any:
    """Return a base class whose callbacks say what they hear."""

    class Telling(e.root.Task):
        def before_start(self, *said: Any) -> None:
            told.append(["before_start", *shown(list(said))])

        def on_success(self, *said: Any) -> None:
            told.append(["on_success", *shown(list(said)), self.AsyncResult(said[1]).state])

        def on_failure(self, *said: Any) -> None:
            *first, einfo = said
            told.append(
                [
                    "on_failure",
                    *shown(first),
                    self.AsyncResult(said[1]).state,
                    str(einfo).splitlines()[-1],
                    einfo.type.__name__,
                    shown(bare(einfo.exception)),
                    einfo.internal,
                    traced(einfo.traceback),
                    len(einfo.exc_info),
                    repr(bare(einfo.exc_info[1])),
                ]
            )

        def after_return(self, *said: Any) -> None:
            told.append(["after_return", *shown(list(said))])

    return Telling


@scenario
def callbacks_and_signals_come_in_celerys_order(e: Side) -> Any:
    app = e.app()
    told: list[Any] = []
    base = telling(e, told)

    def hear(name: str) -> Any:
        def note(sender: Any = None, **said: Any) -> None:
            told.append([name, masked(getattr(sender, "name", type(sender).__name__)), sorted(said)])

        return note

    add, bad = app.task(name="t", base=base)(plain), app.task(name="b", base=base)(failing)
    receivers = [(getattr(e.signals, name), hear(name)) for name in IN_WORKER]
    for signal, receiver in receivers:
        signal.connect(receiver, weak=False)
    with e.working(app):
        got(add.apply_async((1,), {"y": 2}, task_id="good"))
        got(bad.apply_async(("x",), task_id="bad"))
    for signal, receiver in receivers:
        signal.disconnect(receiver)
    return told


@scenario
def signals_bring_their_arguments(e: Side) -> Any:
    app = e.app()
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    with listening(e.signals, *IN_WORKER) as heard, e.working(app):
        got(add.apply_async((1,), {"y": 2}, task_id="good"))
        got(bad.apply_async(("x",), task_id="bad"))
    answers = []
    for name, sender, said in heard:
        facts = {
            key: shown(value)
            for key, value in said.items()
            if key not in ("runtime", "request", "einfo", "traceback", "task")
        }
        if "runtime" in said:
            facts["runtime"] = isinstance(said["runtime"], float)
        if "traceback" in said:
            facts["traceback"] = type(said["traceback"]).__name__
        if "request" in said:
            request = said["request"]
            facts["request"] = [
                type(request).__name__,
                request.id,
                request.name,
                request.task_id,
                request.argsrepr,
                request.hostname,
                request.delivery_info,
                request.root_id,
                shown(request.eta),
                shown(request.expires),
                request.correlation_id,
                shown(request.args),
                shown(request.kwargs),
                masked(repr(request)),
                str(request),
            ]
        answers.append([name, getattr(sender, "name", type(sender).__name__), facts])
    return answers


@scenario
def a_worker_gives_a_task_its_request(e: Side) -> Any:
    app = e.app()
    seen = []

    def look(self: Any, x: int, y: int = 0) -> None:
        told = {name: getattr(self.request, name, "missing") for name in REQUEST}
        told["origin"] = told["origin"].partition("@")[0].strip("0123456789")
        told["reply_to"] = bool(ID.fullmatch(told["reply_to"]))
        told["eta"] = told["eta"] and [type(told["eta"]).__name__, told["eta"][-6:]]
        properties = dict(told["properties"])
        told["properties"] = sorted(set(properties) - {"delivery_info", "delivery_tag", "body_encoding", "priority"})
        seen.append(
            [
                shown(told),
                e.root.current_task.name,
                e.root.current_task.request.id,
                self.request.called_directly,
                self.request.is_eager,
                self.request.taskset,
                app.current_task.name,
                self.request.children,
            ]
        )

    task = app.task(name="t", bind=True)(look)
    with e.working(app):
        got(task.apply_async((1,), {"y": 2}, task_id="mine", headers={"own": 5}, countdown=0.01, time_limit=50))
        got(task.apply_async((1,), task_id="plain"))
    return seen


@scenario
def logs_say_what_celerys_say(e: Side) -> Any:
    app = e.app()
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    expected = app.task(name="e", throws=(ValueError,))(failing)
    with logged() as records, e.working(app):
        got(add.apply_async((1,), {"y": 2}, task_id="good"))
        got(bad.apply_async(("x",), task_id="bad", shadow="other"))
        got(expected.apply_async(("x",), task_id="expected"))
    told = [
        {
            key: (
                type(value).__name__
                if key in ("runtime", "eta")
                else traced(value)
                if key == "traceback"
                else shown(value)
            )
            for key, value in record.data.items()
        }
        for record in records
    ]
    return [written(records), told, [bool(record.exc_info) for record in records], [record.msg for record in records]]


@scenario
def a_callback_that_fails_after_a_success_changes_nothing(e: Side) -> Any:
    app = e.app()
    ran = []

    class Own(e.root.Task):
        def on_success(self, *_: Any) -> None:
            raise KeyError("in on_success")

        def after_return(self, *_: Any) -> None:
            ran.append("after_return")
            raise KeyError("in after_return")

    task = app.task(name="t", base=Own)(plain)
    with (
        logged() as records,
        listening(e.signals, "task_success", "task_postrun", "task_internal_error") as heard,
        e.working(app),
    ):
        result = task.apply_async((1,), task_id="mine")
        value = got(result)
    return [value, result.state, ran, [name for name, _, _ in heard], written(records)]


@scenario
def a_callback_that_fails_before_the_task_fails_it(e: Side) -> Any:
    app = e.app()

    class Own(e.root.Task):
        def before_start(self, *_: Any) -> None:
            raise KeyError("in before_start")

    task = app.task(name="t", base=Own)(plain)
    with e.working(app):
        result = task.delay(1)
        return [shown(got(result)), result.state]


@scenario
def a_callback_that_fails_after_a_failure_ends_a_real_solo_worker(e: Side) -> Any:
    app = e.app()

    class Own(e.root.Task):
        def on_failure(self, *_: Any) -> None:
            raise KeyError("in on_failure")

    task, fine = app.task(name="t", base=Own)(failing), app.task(name="f")(plain)
    with listening(e.signals, "task_failure", "task_postrun", "task_internal_error") as heard, e.working(app):
        result = task.apply_async(("x",), task_id="mine")
        got(result)
        alive = tried(lambda: fine.delay(1).get(timeout=SHORT, interval=0.01))
    return [shown(alive), [[name, sorted(said)] for name, sender, said in heard if sender.name == "t"]]


@scenario
def a_receiver_that_fails_changes_nothing(e: Side) -> Any:
    app = e.app()

    def broken(**_: Any) -> None:
        raise KeyError("in a receiver")

    names = (
        "task_prerun",
        "task_postrun",
        "task_success",
        "task_received",
        "before_task_publish",
        "after_task_publish",
    )
    for name in names:
        getattr(e.signals, name).connect(broken, weak=False)
    task = app.task(name="t")(plain)
    with e.working(app):
        value = got(task.delay(1))
    for name in names:
        getattr(e.signals, name).disconnect(broken)
    return value


@scenario
def a_task_may_be_called_in_its_own_way(e: Side) -> Any:
    app = e.app()
    seen = []

    class Own(e.root.Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            seen.append([self.request.id, self.request.called_directly])
            return self.run(*args, **kwargs) * 10

    class Through(e.root.Task):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            return super().__call__(*args, **kwargs)

    def look(self: Any) -> Any:
        return [self.request.id, self.request.called_directly, self.request.args]

    task, through = app.task(name="t", base=Own)(plain), app.task(name="u", base=Through, bind=True)(look)
    with e.working(app):
        value, passed = got(task.apply_async((1,), task_id="mine")), got(through.apply_async(task_id="mine"))
    return [value, seen, passed, task(2)]


@scenario
def a_task_that_calls_another_directly_stays_the_current_one(e: Side) -> Any:
    app = e.app()
    seen = []

    def inner(self: Any) -> None:
        seen.append([self.request.id, self.request.called_directly, e.root.current_task.name])

    inside = app.task(name="inner", bind=True)(inner)

    def outer(self: Any) -> None:
        inside()
        seen.append([self.request.id, e.root.current_task.name])
        inside.apply(task_id="eager")
        seen.append([self.request.id, e.root.current_task.name, app.current_worker_task.name])

    task = app.task(name="outer", bind=True)(outer)
    with e.working(app):
        got(task.apply_async(task_id="mine"))
    return seen


@scenario
def getting_inside_a_task_is_refused(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)

    def asking() -> Any:
        with e.results.denied_join_result():
            return add.apply((1,)).get()

    task = app.task(name="asking")(asking)
    with e.working(app):
        return shown(got(task.delay()))
