"""Running on the spot: apply, and apps that always do so."""

from __future__ import annotations

from typing import Any

from core_means import ID, Side, got, listening, logged, scenario, shown, traced, tried, warned, written


def plain(x: Any, y: Any = 0) -> Any:
    """Add two numbers."""
    return x + y


def failing(text: str) -> None:
    """Fail."""
    raise ValueError(text)


REQUEST = (
    *("id", "task", "root_id", "parent_id", "retries", "is_eager", "logfile"),
    *("loglevel", "callbacks", "errbacks", "headers", "timelimit", "time_limit", "soft_time_limit"),
    *("ignore_result", "delivery_info", "args", "kwargs", "called_directly", "group", "chord"),
    *("chain", "eta", "expires", "correlation_id", "reply_to"),
)


def face(result: Any) -> list[Any]:
    """Return what a result tells."""
    return [
        type(result).__name__,
        result.state,
        shown(result.result),
        result.ready(),
        result.successful(),
        result.failed(),
        traced(result.traceback),
        result.name,
        result.date_done,
        result.children,
    ]


@scenario
def apply_runs_the_task_on_the_spot(e: Side) -> Any:
    app = e.app()
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    good = add.apply((1,), {"y": 2}, task_id="mine")
    return [
        face(good),
        good.get(),
        repr(good),
        str(good),
        face(bad.apply(("x",))),
        tried(lambda: bad.apply(("x",)).get()),
        bad.apply(("x",)).get(propagate=False),
        tried(lambda: bad.apply(("x",), throw=True)),
        app.finalized,
        tried(lambda: add.apply(("a", 1)).get()),
        tried(lambda: add.apply().get()),
    ]


@scenario
def an_eager_result_can_be_revoked_and_forgotten(e: Side) -> Any:
    app = e.app()
    result = app.task(name="t")(plain).apply((1,))
    forgotten = result.forget(), result.state
    result.revoke()
    return [
        forgotten,
        result.state,
        tried(result.get),
        result.get(propagate=False),
        result.ready(),
        result.successful(),
        result.result,
        result.traceback,
    ]


@scenario
def an_eager_run_has_a_request(e: Side) -> Any:
    app = e.app()
    requests = []

    def look(self: Any, deeper: bool) -> None:
        assert isinstance(self.request.hostname, str)
        requests.append({name: shown(getattr(self.request, name)) for name in REQUEST})
        if deeper:
            task.apply((False,), task_id="inner")

    task = app.task(bind=True, name="look", time_limit=9)(look)
    task.apply((True,), task_id="outer", headers={"mine": 1}, retries=2, priority=3)
    new = task.apply((False,)).id
    return [requests[:2], bool(ID.fullmatch(new))]


@scenario
def an_eager_retry_runs_at_once(e: Side) -> Any:
    app = e.app()
    tries = []

    def flaky(self: Any, until: int) -> Any:
        tries.append([self.request.retries, self.request.id == "mine", self.request.is_eager])
        if self.request.retries < until:
            raise self.retry(exc=ValueError("x"), countdown=100)
        return self.request.retries

    task = app.task(bind=True, name="flaky", max_retries=3)(flaky)
    good = task.apply((2,), task_id="mine")
    seen = [face(good), good.id, list(tries)]
    tries.clear()
    bad = task.apply((9,), task_id="mine")
    return [
        seen,
        face(bad),
        tries,
        tried(lambda: task.apply((9,), throw=True)),
        tried(lambda: task.apply((1,), throw=True)),
    ]


@scenario
def an_eager_app_runs_every_call_on_the_spot(e: Side) -> Any:
    app = e.app(task_always_eager=True)
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    kinds = app.task(name="k")(lambda_free)
    return [
        face(add.delay(1, 2)),
        add.apply_async((1,), task_id="mine").id,
        kinds.delay((1, 2), {"a": (3,)}).get(),
        face(bad.delay("x")),
        tried(lambda: add.delay(object())),
        tried(lambda: add.delay(1, 2, 3)),
        add.apply_async((1,), countdown=100).get(),
        add.apply_async((1,), ignore_result=True).get(),
        app.AsyncResult("mine").state,
    ]


def lambda_free(*values: Any) -> str:
    """Return the values as they came."""
    return repr(values)


@scenario
def an_eager_app_may_pass_errors_on(e: Side) -> Any:
    app = e.app(task_always_eager=True, task_eager_propagates=True)
    bad = app.task(name="b")(failing)

    def again(self: Any) -> None:
        raise self.retry(exc=KeyError("k"))

    retrying = app.task(name="r", bind=True)(again)
    return [
        tried(lambda: bad.delay("x")),
        tried(lambda: bad.apply(("x",))),
        tried(retrying.delay),
        face(bad.apply(("x",), throw=False)),
    ]


@scenario
def an_eager_app_may_store_results(e: Side) -> Any:
    app = e.app(task_always_eager=True, task_store_eager_result=True)
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    add.apply_async((1, 2), task_id="good")
    bad.apply_async(("x",), task_id="bad")
    add.apply_async((1, 2), task_id="ignored", ignore_result=True)
    return [[app.AsyncResult(name).state, app.AsyncResult(name).result] for name in ("good", "bad", "ignored")]


@scenario
def eager_runs_tell_signals_and_logs(e: Side) -> Any:
    app = e.app()
    add, bad = app.task(name="t")(plain), app.task(name="b")(failing)
    names = ("task_prerun", "task_success", "task_failure", "task_postrun", "task_retry", "task_received")
    with listening(e.signals, *names) as heard, logged() as records:
        add.apply((1,), task_id="good")
        bad.apply(("x",), task_id="bad")
    lines = [[name, level, text.splitlines()[0]] for name, level, text in written(records)]
    return [[[name, sender.name, sorted(said)] for name, sender, said in heard], lines]


@scenario
def an_eager_callback_that_fails_is_the_callers_business(e: Side) -> Any:
    app = e.app()

    class Own(e.root.Task):
        def on_success(self, *_: Any) -> None:
            msg = "in on_success"
            raise KeyError(msg)

    class Late(e.root.Task):
        def after_return(self, *_: Any) -> None:
            msg = "in after_return"
            raise KeyError(msg)

    class Early(e.root.Task):
        def before_start(self, *_: Any) -> None:
            msg = "in before_start"
            raise KeyError(msg)

    own, late, early = (app.task(name=base.__name__, base=base)(plain) for base in (Own, Late, Early))
    return [tried(lambda: own.apply((1,)).get()), tried(lambda: late.apply((1,)).get()), face(early.apply((1,)))]


@scenario
def an_eager_run_may_be_rejected_or_ignored(e: Side) -> Any:
    app = e.app()

    def raising(name: str) -> None:
        raise getattr(e.exceptions, name)("why")

    task = app.task(name="t")(raising)
    results = task.apply(("Ignore",)), task.apply(("Reject",))
    return [[face(result), shown(tried(result.get))] for result in results]


@scenario
def getting_inside_an_eager_task_of_an_eager_app_is_refused(e: Side) -> Any:
    app = e.app(task_always_eager=True)
    inner = app.task(name="inner")(plain)

    def outer() -> Any:
        return inner.delay(1).get()

    def allowed() -> Any:
        with e.results.allow_join_result():
            return inner.delay(1).get()

    def told() -> Any:
        return inner.delay(1).get(disable_sync_subtasks=False)

    tasks = [app.task(name=fun.__name__)(fun) for fun in (outer, allowed, told)]
    return [got(task.delay()) for task in tasks] + [got(tasks[0].apply())]


@scenario
def exits_of_the_process_pass_through_apply(e: Side) -> Any:
    app = e.app()

    def leave(name: str) -> None:
        raise {"exit": SystemExit, "interrupt": KeyboardInterrupt}[name](3)

    task = app.task(name="t")(leave)

    def left(name: str) -> Any:
        try:
            return task.apply((name,)).state
        except BaseException as error:  # noqa: BLE001 - these are no Exceptions
            return error

    return [left("exit"), left("interrupt"), e.root.current_task._get_current_object()]


@scenario
def eager_warnings_are_few(e: Side) -> Any:
    app = e.app(task_always_eager=True)
    return warned(lambda: app.task(name="t")(plain).delay(1).get())
