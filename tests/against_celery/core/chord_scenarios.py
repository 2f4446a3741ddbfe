"""Chords: counted, started, failed; what the header, the body and their errbacks are told."""

from __future__ import annotations

import json
from typing import Any

from core_means import LONG, Side, bare, got, logged, scenario, shown, tried, written

KEEPS = {"result_cache_max": 100}
"""Celery's backend in memory names the part that has failed only if it keeps what it has read, which is not usual."""


def tasks_of(app: Any, seen: list[Any]) -> dict[str, Any]:
    """Return tasks that add, sum, fail, and listen to failures."""

    def add(x: int, y: int = 0) -> int:
        return x + y

    def tsum(values: list[int]) -> int:
        return sum(values)

    def failing(*_: Any) -> None:
        raise ValueError("boom")

    def new(request: Any, exc: Any, traceback: Any) -> None:
        seen.append(["new", request.id, request.task, shown(bare(exc)), type(traceback).__name__])

    def old(uuid: str) -> str:
        seen.append(["old", uuid])
        return uuid

    def noting(self: Any, *args: Any) -> Any:
        request = self.request
        seen.append(
            [shown(list(args)), request.id, request.parent_id, request.root_id, request.group, request.group_index]
        )
        return args[0] if args else None

    made = {fun.__name__: app.task(name=fun.__name__)(fun) for fun in (add, tsum, failing, new, old)}
    made["noting"] = app.task(name="noting", bind=True)(noting)
    return made


def named(sig: Any, task_id: str) -> Any:
    """Give a call the id under which it will run."""
    return sig.set(task_id=task_id)


@scenario
def a_chord_sums_its_header(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        header = [named(t["add"].s(n, n), f"h{n}") for n in range(3)]
        result = e.root.chord(header)(named(t["tsum"].s(), "body"))
        value = got(result)
    return [value, result.id, result.state, shown(result.parent.results), result.parent.get()]


@scenario
def a_chords_parts_know_their_chord(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    chords = []

    def part(self: Any, x: int) -> int:
        request = self.request
        chords.append([request.chord["task"], request.chord.get("chord_size"), request.group_index, request.group])
        return x

    task = app.task(name="part", bind=True)(part)
    with e.working(app):
        value = got(e.root.chord([task.s(n) for n in range(2)], task_id="gid")(t["tsum"].s()))
    return [value, shown(sorted(chords, key=str))]


@scenario
def a_group_and_a_task_make_a_chord(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        result = (e.root.group(t["add"].s(n, 1) for n in range(3)) | t["tsum"].s() | t["add"].s(10)).apply_async()
        return [got(result), result.state]


@scenario
def a_chord_in_a_chain_goes_on(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        work = e.root.chain(
            t["add"].s(1, 1), e.root.group(t["add"].s(1), t["add"].s(2)), t["tsum"].s(), t["add"].s(100)
        )
        return got(work.apply_async())


@scenario
def the_body_of_a_failed_header_fails(e: Side) -> Any:
    app, seen = e.app(**KEEPS), []
    t = tasks_of(app, seen)
    with logged("celery.backends.base") as records, e.working(app):
        header = [named(t["add"].s(1, 1), "h0"), named(t["failing"].s(), "h1")]
        result = e.root.chord(header)(named(t["tsum"].s(), "body"))
        body = app.AsyncResult("body")
        stored = got(body)
        value = got(result)
    kept = json.loads(e.stored(app, "body"))
    kept = {key: value for key, value in kept.items() if key not in ("traceback", "date_done")}
    return [value, result.state, stored, shown(kept), bool(body.traceback), written(records)]


@scenario
def the_culprit_is_named_by_default(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        e.root.chord([named(t["add"].s(1, 1), "h0"), named(t["failing"].s(), "h1")])(named(t["tsum"].s(), "body"))
        return got(app.AsyncResult("body"))


@scenario
def the_bodys_errbacks_are_told(e: Side) -> Any:
    app, seen = e.app(**KEEPS), []
    t = tasks_of(app, seen)
    with e.working(app):
        body = named(t["tsum"].s(), "body")
        body.link_error(t["new"].s())
        body.link_error(named(t["old"].s(), "err"))
        e.root.chord([t["add"].s(1, 1), named(t["failing"].s(), "h1")])(body)
        values = [got(app.AsyncResult("body")), got(app.AsyncResult("err"))]
    return [values, sorted(seen, key=str)]


@scenario
def a_chords_errbacks_reach_its_header_only_when_allowed(e: Side) -> Any:
    answers = []
    for allowed in (False, True):
        app, seen = e.app(task_allow_error_cb_on_chord_header=allowed, **KEEPS), []
        t = tasks_of(app, seen)
        with e.working(app):
            header = [named(t["add"].s(1, 1), "h0"), named(t["failing"].s(), "h1")]
            work = e.root.chord(header, named(t["tsum"].s(), "body"))
            work.link_error(t["new"].s())
            work.apply_async()
            value = got(app.AsyncResult("body"))
        answers.append([value, sorted(seen, key=str)])
        e.renew()
    return answers


@scenario
def a_body_that_fails_is_no_chord_error(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        body = named(t["failing"].s(), "body")
        body.link_error(t["new"].s())
        result = e.root.chord([t["add"].s(1, 1), t["add"].s(2, 2)])(body)
        return [got(result), shown(result.result), seen]


@scenario
def callbacks_of_the_body_run(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        work = e.root.chord([t["add"].s(1, 1), t["add"].s(2, 2)], t["tsum"].s())
        work.link(named(t["noting"].s(), "after"))
        result = work.apply_async()
        return [got(result), got(app.AsyncResult("after")), shown([line[0] for line in seen])]


@scenario
def a_chord_whose_group_was_forgotten_fails(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)

    def forgetting(self: Any) -> int:
        app.backend.delete_group(self.request.group)
        return 1

    task = app.task(name="forgetting", bind=True)(forgetting)
    with logged("celery.backends.base") as records, e.working(app):
        result = e.root.chord([task.s()], task_id="gid")(named(t["tsum"].s(), "body"))
        got(result.parent)
        value = got(app.AsyncResult("body"))
    return [value, shown(app.AsyncResult("body").result), written(records)]


@scenario
def a_chord_of_one_is_still_a_chord(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        return [got(e.root.chord([t["add"].s(1, 2)])(t["tsum"].s())), got(e.root.chord([], t["tsum"].s())())]


@scenario
def retried_parts_are_counted_once(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)

    def flaky(self: Any, x: int) -> int:
        if self.request.retries < 2:
            raise self.retry(countdown=0)
        return x

    task = app.task(name="flaky", bind=True)(flaky)
    with e.working(app):
        return got(e.root.chord([task.s(1), t["add"].s(2, 2), task.s(3)])(t["tsum"].s()))


@scenario
def rejected_and_expired_parts_fail_their_chord(e: Side) -> Any:
    app, seen = e.app(**KEEPS), []
    t = tasks_of(app, seen)

    def rejecting() -> None:
        raise e.exceptions.Reject("no", requeue=False)

    task = app.task(name="rejecting")(rejecting)
    with e.working(app):
        e.root.chord([t["add"].s(1, 1), task.s()])(named(t["tsum"].s(), "b1"))
        e.root.chord([t["add"].s(1, 1), t["add"].s(1, 1).set(expires=-1)])(named(t["tsum"].s(), "b2"))
        return [got(app.AsyncResult("b1")), got(app.AsyncResult("b2"))]


@scenario
def parts_that_ignore_their_results_are_counted(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        part = t["add"].s(1, 1).set(ignore_result=True)
        e.root.chord([part, t["add"].s(2, 2)])(named(t["noting"].s(), "body"))
        body = app.AsyncResult("body")
        return [got(body), body.state]


@scenario
def chains_are_parts_of_chords(e: Side) -> Any:
    app, seen = e.app(**KEEPS), []
    t = tasks_of(app, seen)
    with e.working(app):
        parts = [e.root.chain(t["add"].s(n, 1), t["add"].s(10)) for n in range(2)]
        good = got(e.root.chord(parts)(t["tsum"].s()))
        broken = e.root.chord([e.root.chain(t["failing"].s(), t["add"].s(1), t["add"].s(2)), t["add"].s(1, 1)])
        broken(named(t["tsum"].s(), "body"))
        return [good, got(app.AsyncResult("body"))]


@scenario
def chords_are_parts_of_chords(e: Side) -> Any:
    app, seen = e.app(**KEEPS), []
    t = tasks_of(app, seen)
    with e.working(app):
        inner = e.root.chord([t["add"].s(1, 1), t["add"].s(2, 2)], t["tsum"].s())
        good = got(e.root.chord([inner, t["add"].s(4, 4)])(t["tsum"].s()))
        bad = e.root.chord([t["add"].s(1, 1), t["failing"].s()], t["tsum"].s())
        e.root.chord([named(bad, "inner"), t["add"].s(4, 4)])(named(t["tsum"].s(), "body"))
        inner = got(app.AsyncResult("inner"))
    return [good, inner, app.AsyncResult("body").state]


@scenario
def a_body_may_be_a_group(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        body = e.root.group(t["tsum"].s(), t["noting"].s())
        result = e.root.chord([t["add"].s(1, 1), t["add"].s(2, 2)])(body)
        return [got(result), type(result).__name__]


@scenario
def a_body_that_is_a_group_fails_as_a_whole(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        members = [named(t["tsum"].s(), "m0"), named(t["tsum"].s(), "m1")]
        members[0].link_error(t["new"].s())
        result = e.root.chord([t["add"].s(1, 1), t["failing"].s()])(e.root.group(members))
        values = [got(app.AsyncResult("m0")), got(app.AsyncResult("m1"))]
    return [values, type(result).__name__, sorted(seen, key=str)]


@scenario
def tasks_after_a_failed_chord_fail_too(e: Side) -> Any:
    app, seen = e.app(**KEEPS), []
    t = tasks_of(app, seen)
    with e.working(app):
        work = e.root.chain(e.root.group(t["add"].s(1, 1), t["failing"].s()), t["tsum"].s(), t["add"].s(1))
        result = work.apply_async()
        value = got(app.AsyncResult(result.id))
    return [value, result.state]


@scenario
def a_chord_without_a_backend_is_refused(e: Side) -> Any:
    answers = []
    for backend in (None, "rpc://"):
        app, seen = e.app(backend=backend), []
        t = tasks_of(app, seen)
        answers.append(tried(lambda t=t: e.root.chord([t["add"].s(1, 1)])(t["tsum"].s())))
    return [shown(answer) for answer in answers]


@scenario
def the_unlocking_task_starts_a_body(e: Side) -> Any:
    app, seen = e.app(result_chord_retry_interval=0.01, **KEEPS), []
    t = tasks_of(app, seen)
    with e.working(app):
        group = e.root.group(t["add"].s(1, 1), t["add"].s(2, 2)).apply_async()
        app.backend.fallback_chord_unlock(group, named(t["tsum"].s(), "body"), countdown=0)
        good = got(app.AsyncResult("body"))
        failed = e.root.group(t["add"].s(1, 1), t["failing"].s()).apply_async()
        body = named(t["tsum"].s(), "other")
        body.link_error(t["new"].s())
        app.backend.fallback_chord_unlock(failed, body, countdown=0)
        bad = got(app.AsyncResult("other"))
    return [good, bad, shown(seen)]


@scenario
def the_unlocking_task_gives_up_when_told(e: Side) -> Any:
    app, seen = e.app(result_chord_retry_interval=0.01, **KEEPS), []
    t = tasks_of(app, seen)
    with e.working(app):
        group = app.GroupResult("gid", [app.AsyncResult("nobody")])
        app.backend.fallback_chord_unlock(group, named(t["tsum"].s(), "body"), countdown=0, max_retries=1)
        return [got(app.AsyncResult("body"))]


@scenario
def a_part_can_be_added_on_redis_only(e: Side) -> Any:
    app, seen = e.app(**KEEPS), []
    t = tasks_of(app, seen)

    def adding(self: Any) -> int:
        self.add_to_chord(t["add"].s(1, 1))
        return 0

    task = app.task(name="adding", bind=True)(adding)
    with e.working(app):
        alone = got(task.delay())
        e.root.chord([task.s()])(named(t["tsum"].s(), "body"))
        inside = got(app.AsyncResult("body"))
    return [alone, inside]


@scenario
def the_builtin_tasks_do_their_work(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(app, seen)
    with e.working(app):
        answers = [
            got(app.tasks["celery.accumulate"].delay(1, 2)),
            got(app.tasks["celery.accumulate"].delay(1, 2, index=1)),
            got(app.tasks["celery.map"].delay(t["tsum"].s(), [[1, 2], [3]])),
            got(app.tasks["celery.starmap"].delay(t["add"].s(), [[1, 2], [3, 4]])),
            got(app.tasks["celery.backend_cleanup"].delay()),
            got(app.tasks["celery.chain"].delay()),
            got(t["add"].chunks([(1, 1), (2, 2), (3, 3)], 2).group().apply_async()),
        ]
        unlock = app.tasks["celery.chord_unlock"]
    return [answers, [unlock.max_retries, unlock.default_retry_delay, unlock.ignore_result, sorted(app.tasks)]]


@scenario
def eager_chords_need_no_counter(e: Side) -> Any:
    app, seen = e.app(task_always_eager=True), []
    t = tasks_of(app, seen)
    good = e.root.chord([t["add"].s(1, 1), t["add"].s(2, 2)])(t["tsum"].s())
    bad = tried(lambda: e.root.chord([t["add"].s(1, 1), t["failing"].s()])(t["tsum"].s()))
    return [shown(good.get()), shown(bad if isinstance(bad, Exception) else got(bad)), LONG]
