"""Trying again: retries, their limits and waits, and the other ways in which a task may end early."""

# ruff: noqa: ARG001, FBT003 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

import datetime as dt
from typing import Any

from core_means import Side, bare, got, listening, logged, scenario, shown, traced, tried, written


@scenario
def a_task_tries_again_under_the_same_id(e: Side) -> Any:
    app = e.app()
    tries = []

    def flaky(self: Any, a: int, b: int = 0) -> Any:
        mine = app.AsyncResult(self.request.id)
        tries.append(
            [
                self.request.retries,
                mine.state,
                shown(mine.result),
                traced(mine.traceback),
                mine.ready(),
                a,
                b,
                self.request.id,
                self.request.root_id,
                self.request.parent_id,
                self.request.delivery_info,
            ]
        )
        if self.request.retries < 2:
            raise self.retry(exc=ValueError("x"), countdown=0)
        return "done"

    task = app.task(name="t", bind=True)(flaky)
    with e.working(app):
        result = task.apply_async((1,), {"b": 2}, task_id="mine")
        value = got(result)
    return [value, tries, result.state, result.retries]


@scenario
def a_retry_keeps_its_options(e: Side) -> Any:
    app = e.app()
    seen = []

    def flaky(self: Any) -> None:
        seen.append(
            [
                self.request.retries,
                self.request.shadow,
                self.request.timelimit,
                self.request.headers,
                self.request.delivery_info["priority"],
                self.request.ignore_result,
                bool(self.request.reply_to),
                self.request.correlation_id,
                self.request.expires is not None,
                self.request.eta is not None,
            ]
        )
        if not self.request.retries:
            raise self.retry(countdown=0.01, max_retries=7)

    task = app.task(name="t", bind=True)(flaky)
    with e.working(app):
        got(
            task.apply_async(
                task_id="mine",
                shadow="other",
                time_limit=50,
                soft_time_limit=40,
                headers={"own": 1},
                priority=3,
                expires=90,
            )
        )
    return seen


@scenario
def a_limit_ends_the_tries(e: Side) -> Any:
    app = e.app()

    def without(self: Any, *args: Any, **kwargs: Any) -> None:
        self.retry(countdown=0)

    def with_error(self: Any) -> None:
        self.retry(exc=KeyError("k"), countdown=0)

    def in_error(self: Any) -> None:
        try:
            raise ValueError("v")  # noqa: TRY301
        except ValueError as error:
            raise self.retry(exc=error, countdown=0) from error

    tasks = [app.task(name=fun.__name__, bind=True, max_retries=1)(fun) for fun in (without, with_error, in_error)]
    with e.working(app):
        results = [tasks[0].apply_async((1,), {"a": 2}, task_id="mine"), tasks[1].delay(), tasks[2].delay()]
        errors = [got(result) for result in results]
    return [
        [shown(error), result.state, traced(result.traceback)] for error, result in zip(errors, results, strict=True)
    ]


@scenario
def arguments_may_change_from_try_to_try(e: Side) -> Any:
    app = e.app()
    seen = []

    def changing(self: Any, x: int, y: int = 0, *, how: str = "") -> Any:
        seen.append([x, y, how])
        if self.request.retries == 0:
            raise self.retry(args=(x + 1, 5), countdown=0)
        if self.request.retries == 1:
            raise self.retry(kwargs={"y": 7, "how": "named"}, countdown=0)
        if self.request.retries == 2:
            raise self.retry(args=(9,), kwargs={}, countdown=0)
        return x, y, how

    task = app.task(name="t", bind=True)(changing)
    with e.working(app):
        value = got(task.apply_async((1,), {"y": 2, "how": "first"}))
    return [shown(value), seen]


@scenario
def a_retry_may_be_told_without_ending_the_try(e: Side) -> Any:
    app = e.app()
    seen = []

    def going_on(self: Any) -> Any:
        if self.request.retries:
            return "second"
        told = self.retry(throw=False, countdown=0.05, exc=ValueError("x"))
        seen.append(
            [type(told).__name__, str(told), told.when, told.is_eager, shown(told.exc), told.sig.task, repr(told)]
        )
        return "first"

    task = app.task(name="t", bind=True)(going_on)
    with e.working(app):
        result = task.apply_async(task_id="mine")
        first = got(result)
    return [first in ("first", "second"), seen]


@scenario
def errors_of_some_kinds_lead_to_a_retry_by_themselves(e: Side) -> Any:
    app = e.app()
    tries = []

    def failing(name: str) -> None:
        tries.append(name)
        raise {"key": KeyError, "index": IndexError, "value": ValueError, "ignore": e.exceptions.Ignore}[name]("x")

    options = {
        "autoretry_for": (LookupError,),
        "dont_autoretry_for": (IndexError,),
        "max_retries": 2,
        "default_retry_delay": 0,
    }
    task = app.task(name="t", **options)(failing)
    limited = app.task(name="l", autoretry_for=(KeyError,), retry_kwargs={"max_retries": 1, "countdown": 0})(failing)
    with e.working(app):
        results = [task.delay("key"), task.delay("index"), task.delay("value"), limited.delay("key")]
        errors = [shown(got(result)) for result in results]
    return [errors, sorted(tries), [result.state for result in results], hasattr(task, "_orig_run")]


@scenario
def waits_grow_twofold_up_to_a_limit(e: Side) -> Any:
    app = e.app()

    def failing() -> None:
        raise KeyError("x")

    options: list[dict[str, Any]] = [
        {"retry_backoff": True},
        {"retry_backoff": 5},
        {"retry_backoff": True, "retry_backoff_max": 3},
        {"retry_backoff": 0.5},
    ]
    answers = []
    for number, option in enumerate(options):
        task = app.task(name=f"t{number}", autoretry_for=(KeyError,), retry_jitter=False, max_retries=5, **option)(
            failing
        )
        with listening(e.signals, "task_retry") as heard:
            task.apply()
        answers.append([said["reason"].when for _, _, said in heard])
    jittered = app.task(name="j", autoretry_for=(KeyError,), retry_backoff=4, max_retries=5)(failing)
    with listening(e.signals, "task_retry") as heard:
        for _ in range(20):
            jittered.apply()
    waits = [said["reason"].when for _, _, said in heard]
    inside = all(0 <= wait <= 4 * 2 ** (index % 5) and isinstance(wait, int) for index, wait in enumerate(waits))
    return [answers, inside, len(waits), len(set(waits)) > 5]


@scenario
def the_wait_is_default_given_or_a_moment(e: Side) -> Any:
    app = e.app()
    moment = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)

    def failing(self: Any, options: Any) -> None:
        raise self.retry(exc=KeyError("x"), **({"eta": moment} if options == "eta" else options))

    task = app.task(name="t", bind=True, default_retry_delay=7, max_retries=1)(failing)
    with listening(e.signals, "task_retry") as heard:
        for options in ({}, {"countdown": 3}, {"countdown": 0}, "eta", {"max_retries": 2}):
            task.apply((options,))
    return [[str(said["reason"]), shown(said["reason"].when)] for _, _, said in heard]


@scenario
def a_retry_tells_callbacks_signals_and_logs(e: Side) -> Any:
    app = e.app()
    told = []

    class Telling(e.root.Task):
        def on_retry(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
            told.append(
                [
                    shown(exc),
                    task_id,
                    shown(args),
                    kwargs,
                    type(einfo).__name__,
                    str(bare(einfo.exception)),
                    einfo.type.__name__,
                    traced(einfo.traceback),
                    einfo.internal,
                ]
            )

        def after_return(self, *said: Any) -> None:
            told.append(shown(list(said)))

    def flaky(self: Any, x: int) -> int:
        if not self.request.retries:
            raise self.retry(exc=KeyError("k"), countdown=0)
        return x

    task = app.task(name="t", bind=True, base=Telling)(flaky)
    names = ("task_received", "task_prerun", "task_retry", "task_success", "task_postrun")
    with listening(e.signals, *names) as heard, logged() as records, e.working(app):
        got(task.apply_async((5,), task_id="mine"))
    retry = next(said for name, _, said in heard if name == "task_retry")
    about = [
        sorted(retry),
        type(retry["request"]).__name__,
        retry["request"].id,
        shown(retry["reason"]),
        type(retry["einfo"]).__name__,
    ]
    return [
        told,
        [name for name, _, _ in heard],
        about,
        written(records),
        [[said["state"], shown(said["retval"])] for name, _, said in heard if name == "task_postrun"],
    ]


@scenario
def a_rejected_message_is_gone_and_its_task_failed(e: Side) -> Any:
    app = e.app()
    runs = []

    def rejecting(self: Any, requeue: bool) -> str:
        runs.append(self.request.id)
        if len(runs) > 2:
            return "third"
        raise e.exceptions.Reject("why", requeue=requeue)

    task = app.task(name="t", bind=True, acks_late=True)(rejecting)
    names = ("task_failure", "task_postrun", "task_rejected")
    with listening(e.signals, *names) as heard, logged() as records, e.working(app):
        away = task.apply_async((False,), task_id="away")
        first = got(away)
        back = task.apply_async((True,), task_id="back")
        second = got(back)
    failures = [
        [
            name,
            sorted(said),
            shown(said.get("exception")),
            shown(said.get("retval")),
            said.get("state"),
            type(said.get("einfo")).__name__,
            type(said.get("traceback")).__name__,
        ]
        for name, _, said in heard
    ]
    return [shown(first), away.state, traced(away.traceback), second, runs, failures, written(records)]


@scenario
def an_early_acknowledged_message_can_be_rejected_all_the_same(e: Side) -> Any:
    app = e.app()

    def rejecting(requeue: bool) -> None:
        raise e.exceptions.Reject("why", requeue=requeue)

    task = app.task(name="t")(rejecting)
    probe = app.task(name="p")(rejecting)
    with e.working(app):
        away, back = task.delay(False), task.delay(True)
        got(away)
        got(probe.delay(False))
        state = back.state
    return [away.state, shown(away.result), state]


@scenario
def an_ignored_task_leaves_no_trace(e: Side) -> Any:
    app = e.app()

    def ignoring() -> None:
        raise e.exceptions.Ignore("why")

    def stating(self: Any) -> None:
        self.update_state(state="MINE", meta={"a": 1})
        raise e.exceptions.Ignore

    task, own = app.task(name="t")(ignoring), app.task(name="o", bind=True)(stating)
    last = app.task(name="d")(nothing)
    names = ("task_success", "task_failure", "task_postrun")
    with listening(e.signals, *names) as heard, logged() as records, e.working(app):
        results = task.apply_async(task_id="a"), own.apply_async(task_id="b")
        got(last.apply_async(task_id="c"))
    told = [[name, sender.name, said.get("state"), shown(said.get("retval"))] for name, sender, said in heard]
    return [[result.state for result in results], results[1].info, told, written(records)]


def nothing() -> None:
    """Do nothing."""


@scenario
def a_retry_that_cannot_be_sent_rejects_the_message(e: Side) -> Any:
    app = e.app()

    def again(self: Any) -> None:
        raise self.retry(args=(object(),), kwargs={}, countdown=0)

    task = app.task(name="t", bind=True, typing=False)(again)
    with e.working(app):
        result = task.delay()
        error = got(result)
    return [shown(error), result.state]


@scenario
def retries_without_limit_and_with_none_at_all(e: Side) -> Any:
    app = e.app()

    def flaky(self: Any) -> int:
        if self.request.retries < 6:
            raise self.retry(countdown=0)
        return self.request.retries

    endless, never = (app.task(name=str(limit), bind=True, max_retries=limit)(flaky) for limit in (None, 0))
    with e.working(app):
        return [got(endless.delay()), shown(tried(lambda: got(never.apply_async(task_id="mine"))))]


@scenario
def raising_retry_by_hand(e: Side) -> Any:
    app = e.app()

    def raising() -> None:
        raise e.exceptions.Retry("by hand", ValueError("v"), 5)

    task, probe = app.task(name="t")(raising), app.task(name="n")(nothing)
    with e.working(app):
        result = task.delay()
        got(probe.delay())
        return [result.state, shown(result.result), traced(result.traceback)]
