"""What a task says about itself: each of its options, and what comes of it."""

# ruff: noqa: ARG001, ARG002 - tasks and callbacks take what is sent

from __future__ import annotations

import json
from typing import Any

from core_means import Side, bare, got, listening, logged, scenario, shown, traced, tried, warned, written

try:
    from pydantic import BaseModel, ValidationInfo, field_validator
except ImportError:
    pass
else:

    class Cup(BaseModel):
        """What a task of these scenarios drinks from."""

        size: int
        label: str = "plain"

    class Labelled(BaseModel):
        """A model whose validator looks at its context."""

        label: str

        @field_validator("label")
        @classmethod
        def told(cls, value: str, info: ValidationInfo) -> str:
            """Note what the context says."""
            context = info.context or {}
            return f"{value} {context.get('celery_task_name')} {sorted(context)}"


def request_of(app: Any, **options: Any) -> tuple[Any, list[Any]]:
    """Return a task with these options, and where its requests are noted."""
    seen: list[Any] = []

    def looking(self: Any, *args: Any) -> int:
        seen.append(self.request)
        return 1

    return app.task(name="looking", bind=True, shared=False, **options)(looking), seen


@scenario
def a_shadow_may_be_chosen_for_each_call(e: Side) -> Any:
    app = e.app()

    def shadow_name(self: Any, args: Any, kwargs: Any, options: Any) -> str:
        return f"shadow of {args} {kwargs} {sorted(options)}"

    class Shadowed(e.task.Task):
        pass

    Shadowed.shadow_name = shadow_name
    task, seen = request_of(app, base=Shadowed)
    with logged("celery.app.trace") as records, e.working(app):
        values = [got(task.delay(1)), got(task.apply_async((2,), shadow="mine"))]
    return [values, [request.shadow for request in seen], written(records)]


@scenario
def expected_errors_are_logged_quietly(e: Side) -> Any:
    app = e.app()

    def failing(kind: str) -> None:
        raise {"key": KeyError, "value": ValueError}[kind]("x")

    task = app.task(name="failing", throws=(KeyError,))(failing)
    with logged("celery.app.trace") as records, e.working(app):
        errors = [got(task.delay("key")), got(task.delay("value"))]
    return [errors, written(records), [record.exc_info is not None for record in records]]


@scenario
def errors_are_stored_even_if_results_are_ignored(e: Side) -> Any:
    app, seen = e.app(), []

    def ending(fails: bool) -> int:
        if fails:
            raise ValueError("x")
        return 1

    def told(request: Any, exc: Any, traceback: Any) -> None:
        seen.append([request.id, shown(bare(exc))])

    errback = app.task(name="told")(told)
    keeping = app.task(name="keeping", ignore_result=True, store_errors_even_if_ignored=True)(ending)
    losing = app.task(name="losing", ignore_result=True)(ending)
    with e.working(app):
        for task in (keeping, losing):
            for fails in (True, False):
                task.apply_async((fails,), task_id=f"{task.name}{fails}", link_error=errback.s())
        got(app.tasks["told"].delay(app.AsyncResult("x").id, None, None))
        got(request_of(app)[0].delay())
    states = [app.AsyncResult(f"{name}{fails}").state for name in ("keeping", "losing") for fails in (True, False)]
    return [states, sorted(line for line in seen if isinstance(line[0], str))]


@scenario
def a_call_may_ask_for_a_result_that_its_task_ignores(e: Side) -> Any:
    app = e.app()
    task, _ = request_of(app, ignore_result=True)
    with e.working(app):
        wanted = task.apply_async(ignore_result=False)
        return [got(wanted), wanted.state, wanted.ignored]


@scenario
def a_task_may_expire_by_itself(e: Side) -> Any:
    app = e.app()
    task, seen = request_of(app, expires=50)
    late, _ = request_of(e.app(), expires=-1)
    with e.working(app):
        got(task.delay())
        got(task.apply_async(expires=None))
    return [[request.expires is not None for request in seen], late.expires]


@scenario
def limits_go_with_the_call(e: Side) -> Any:
    app = e.app()
    task, seen = request_of(app, time_limit=40, soft_time_limit=30)
    with e.working(app):
        got(task.delay())
        got(task.apply_async(time_limit=20, soft_time_limit=10))
    return [[request.timelimit, request.time_limit, request.soft_time_limit] for request in seen]


@scenario
def priorities_go_with_the_call(e: Side) -> Any:
    app = e.app()
    task, seen = request_of(app, priority=3)
    with e.working(app):
        got(task.delay())
        got(task.apply_async(priority=8))
    return [[request.delivery_info["priority"], request.properties.get("priority")] for request in seen]


@scenario
def routing_attributes_are_deprecated(e: Side) -> Any:
    app = e.app()
    names = ("queue", "exchange", "exchange_type", "routing_key", "delivery_mode", "priority", "rate_limit")
    warnings = []
    for name in names:
        said = warned(lambda name=name: app.task(name=name, shared=False, **{name: "x"})(len_of).priority)[0]
        warnings.append([name, said])
    return shown(warnings)


def len_of(value: Any) -> int:
    """Return how long *value* is."""
    return len(value)


@scenario
def a_serializer_may_be_chosen_by_the_task(e: Side) -> Any:
    app = e.app(accept_content=["json", "pickle"])
    task, _ = request_of(app, serializer="pickle")
    with listening(e.signals, "before_task_publish") as heard, e.working(app):
        value = got(task.delay({1, 2}))
        refused = tried(lambda: task.apply_async(({1, 2},), serializer="json"))
    return [value, len(heard), type(refused).__name__]


@scenario
def arguments_may_go_unchecked(e: Side) -> Any:
    app = e.app()

    def two(a: int, b: int) -> int:
        return a + b

    checked, unchecked = app.task(name="checked")(two), app.task(name="unchecked", typing=False)(two)
    with e.working(app):
        return [shown(tried(lambda: checked.delay(1))), type(got(unchecked.delay(1))).__name__]


@scenario
def a_task_may_track_its_start(e: Side) -> Any:
    app = e.app()

    def looking(self: Any) -> Any:
        kept = json.loads(e.stored(app, self.request.id))
        return [kept["status"], sorted(kept["result"]), kept["result"]["hostname"]]

    task = app.task(name="looking", bind=True, track_started=True)(looking)
    with e.working(app):
        return got(task.delay())


@scenario
def long_results_are_cut_in_the_log(e: Side) -> Any:
    app = e.app()

    def long() -> str:
        return "x" * 500

    task = app.task(name="long", resultrepr_maxsize=20)(long)
    with logged("celery.app.trace") as records, e.working(app):
        length = len(got(task.delay()))
    return [length, written(records)]


@scenario
def states_of_ones_own_can_be_told_from_outside(e: Side) -> Any:
    app = e.app()
    task, _ = request_of(app)
    task.update_state(task_id="nobody", state="BREWING", meta={"done": 3})
    result = app.AsyncResult("nobody")
    return [result.state, result.info, shown(json.loads(e.stored(app, "nobody")))]


@scenario
def a_pretended_request_builds_on_the_present_one(e: Side) -> Any:
    app = e.app()

    def looking(self: Any) -> Any:
        self.push_request(retries=3)
        seen = [self.request.id, self.request.retries, self.request.called_directly]
        self.pop_request()
        return [*seen, self.request.retries]

    task = app.task(name="looking", bind=True)(looking)
    with e.working(app):
        return got(task.apply_async(task_id="mine"))


@scenario
def models_go_in_and_plain_values_come_out(e: Side) -> Any:
    app = e.app()

    def fill(cup: Cup, more: int = 1) -> Cup:
        return Cup(size=cup.size + more, label=type(cup).__name__)

    def loose(cup: Cup) -> Any:
        return cup

    def maybe(cup: Cup | None = None) -> Cup | None:
        return cup

    filling = app.task(name="fill", pydantic=True)(fill)
    plain = app.task(name="plain")(loose)
    optional = app.task(name="maybe", pydantic=True)(maybe)
    with e.working(app):
        return [
            got(filling.delay({"size": 3})),
            got(filling.delay(Cup(size=3), more=4)),
            got(filling.apply_async(kwargs={"cup": {"size": "7"}})),
            type(got(filling.delay({"size": "x"}))).__name__,
            got(plain.delay({"size": 3})),
            type(tried(lambda: plain.delay(Cup(size=1)))).__name__,
            got(optional.delay()),
            got(optional.delay(Cup(size=2))),
            shown(filling.apply(({"size": 1},)).get()),
            shown(filling({"size": 5})),
            shown(tried(filling.delay)),
        ]


@scenario
def models_may_be_strict_and_know_their_context(e: Side) -> Any:
    app = e.app()

    def sized(cup: Cup) -> int:
        return cup.size

    def label(item: Labelled) -> str:
        return item.label

    def bound(self: Any, cup: Cup) -> Cup:
        return Cup(size=cup.size, label=self.name)

    strict = app.task(name="strict", pydantic=True, pydantic_strict=True)(sized)
    context = app.task(name="context", pydantic=True, pydantic_context={"mine": 1})(label)
    dumped = app.task(name="dumped", bind=True, pydantic=True, pydantic_dump_kwargs={"exclude": {"size"}})(bound)
    with e.working(app):
        return [
            type(got(strict.delay({"size": "7"}))).__name__,
            got(strict.delay({"size": 7})),
            got(context.delay({"label": "x"})),
            got(dumped.delay({"size": 1})),
            type(tried(lambda: dumped.delay(Cup(size=1)))).__name__,
        ]


@scenario
def children_go_out_on_their_own_with_trail_off(e: Side) -> Any:
    app = e.app()
    task, _ = request_of(app)
    app.task(name="sends", bind=True, trail=False)(lambda_free(task))
    with e.working(app):
        result = app.tasks["sends"].delay()
        return [got(result), result.children]


def lambda_free(task: Any) -> Any:
    """Return a body that sends *task*."""

    def sends(self: Any) -> int:
        task.delay()
        return 1

    return sends


@scenario
def a_failed_receiver_of_children_changes_nothing(e: Side) -> Any:
    app = e.app()
    task, seen = request_of(app)
    with e.working(app):
        result = task.apply_async(task_id="mine", headers={"own": 1}, group_id="g", group_index=2, root_id="r")
        value = got(result)
    request = seen[0]
    return [
        value, request.id, request.root_id, request.parent_id, request.group, request.group_index, request.headers,
        request.chord, request.chain, request.callbacks, request.errbacks, request.is_eager, request.utc,
        request.called_directly, request.replaced_task_nesting, request.stamps, request.stamped_headers, request.lang,
        request.loglevel, request.reply_to == app.thread_oid, request.origin.partition("@")[0][:3],
    ]  # fmt: skip


@scenario
def class_based_tasks_retry_by_themselves(e: Side) -> Any:
    app, seen = e.app(), []

    class Flaky(e.task.Task):
        name = "flaky"
        autoretry_for = (ValueError,)
        max_retries = 2
        default_retry_delay = 0

        def run(self) -> str:
            seen.append(self.request.retries)
            if len(seen) < 3:
                raise ValueError("again")
            return "done"

    app.register_task(Flaky())
    with e.working(app):
        return [got(app.tasks["flaky"].delay()), seen]


@scenario
def retries_fit_arguments_that_have_only_places(e: Side) -> Any:
    app = e.app()

    def placed(self: Any, first: int, /, second: int, third: int = 0, **rest: Any) -> Any:
        if not self.request.retries:
            raise self.retry(kwargs={"second": 20, "first": 10}, countdown=0)
        return [first, second, third, rest]

    task = app.task(name="placed", bind=True)(placed)
    with e.working(app):
        return got(task.delay(1, 2, 3))


@scenario
def an_error_outside_the_body_fails_the_task(e: Side) -> Any:
    app, told = e.app(), []

    def fine() -> int:
        return 1

    class Telling(e.task.Task):
        def on_failure(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
            told.append(shown(bare(exc)))

    def two(a: int, b: int) -> int:
        return a

    second = app.task(name="two")(two)
    task = app.task(name="fine", base=Telling)(fine)
    names = ("task_success", "task_failure", "task_postrun", "task_internal_error")
    with e.working(app), listening(e.signals, *names) as heard:
        result = task.apply_async(link=second.s())
        value = got(result)
    return [value, result.state, told, traced(result.traceback) is not None, [name for name, _, _ in heard]]
