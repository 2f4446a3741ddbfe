"""Results, many and one: what they are, how they are compared, changed, waited for, written down and revoked."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from canvas_means import Names, tasks, tree
from core_means import Side, got, scenario, shown, tried


def boom() -> None:
    """Fail."""
    raise ValueError("boom")


@scenario
def results_are_shown_and_compared_by_their_ids(e: Side) -> Any:
    app = e.app()
    one, two = app.AsyncResult("a"), app.AsyncResult("b", parent=app.AsyncResult("p"))
    some, group = app.ResultSet([one, two]), app.GroupResult("g", [one, two], parent=app.AsyncResult("p"))
    return [
        [repr(each) for each in (one, some, group, app.GroupResult("g", []), app.ResultSet([]))],
        [str(one), str(group), len(some), len(group), bool(app.GroupResult("g", [])), bool(app.ResultSet([]))],
        [one == "a", one == two, one == app.AsyncResult("a"), one != "b", one == 3, hash(one) == hash("a")],
        [some == app.ResultSet([one, two]), some == app.ResultSet([two, one]), some == [one, two]],
        [group == "g", group == app.GroupResult("g", [one, two]), hash(group) == hash("g"), group == 3],
        [group == app.GroupResult("g", [one, two], parent=app.AsyncResult("p"))],
        tried(lambda: hash(some)),
        [type(each).__mro__[1].__name__ for each in (some, group)],
    ]


@scenario
def results_are_written_as_tuples_and_lists(e: Side) -> Any:
    app = e.app()
    parent = app.AsyncResult("p")
    one = app.AsyncResult("a", parent=app.GroupResult("g", [app.AsyncResult("x")], parent=parent))
    group = app.GroupResult("h", [one, app.GroupResult("i", [app.AsyncResult("y")])])
    read = e.results.result_from_tuple
    return [
        shown(one.as_tuple()),
        shown(group.as_tuple()),
        app.AsyncResult("a", parent=parent).as_list(),
        [tree(read(each.as_tuple(), app=app), Names()) for each in (one, group, parent)],
        tree(read(["z", None], app=app), Names()),
        tree(read([["z", None], []], app=app), Names()),
        read(one, app=app) is one,
        tried(lambda: read("ab c", app=app)),
    ]


@scenario
def a_set_of_results_can_be_changed(e: Side) -> Any:
    app = e.app()
    one, two = app.AsyncResult("a"), app.AsyncResult("b")
    some = app.ResultSet([one])
    some.add(two)
    some.add(app.AsyncResult("a"))
    steps = [repr(some)]
    some.update([app.AsyncResult("b"), app.AsyncResult("c")])
    steps.append(repr(some))
    some.remove("a")
    some.discard("nobody")
    some.discard(two)
    steps.append(repr(some))
    missing = shown(tried(lambda: some.remove("nobody")))
    kept = some.results
    some.clear()
    return [steps, missing, kept is some.results, len(some), list(some), shown(tried(lambda: some[0]))]


@scenario
def a_set_without_results(e: Side) -> Any:
    app = e.app()
    return [
        [
            [some.ready(), some.successful(), some.failed(), some.waiting(), some.completed_count()],
            [some.get(), some.join(), some.maybe_throw(), some.forget()],
            [some.supports_native_join, list(some), list(some.iter_native()), some.join_native()],
        ]
        for some in (app.ResultSet([]), app.GroupResult("g", []))
    ]


@scenario
def a_set_whose_tasks_ended(e: Side) -> Any:
    app, add, _ = tasks(e)
    failing = app.task(name="proj.boom", shared=False)(boom)
    called: list[Any] = []
    with e.working(app):
        good = app.ResultSet([add.delay(1, 1), add.delay(2, 2)])
        mixed = app.ResultSet([add.delay(1, 1), failing.delay(), add.delay(3, 3)])
        values = got(good)
        error, kept = got(mixed), got(mixed, propagate=False)
        joined, native = mixed.join(propagate=False), mixed.join_native(propagate=False)
        with_callback = good.join(callback=lambda *told: called.append(told[1]))
        natively = good.join_native(callback=lambda *told: called.append(told[1]))
        through = sorted(meta["result"] for _, meta in good.iter_native())
    return [
        [values, shown(error), shown(kept), shown(joined), shown(native)],
        [with_callback, natively, sorted(called), through],
        [
            [each.ready(), each.successful(), each.failed(), each.waiting(), each.completed_count()]
            for each in (good, mixed)
        ],
        shown(tried(mixed.maybe_throw)),
        shown(tried(lambda: good.join(on_message=print))),
        [repr(good[0].result), [each.result for each in good[:1]]],
    ]


@scenario
def a_set_that_nobody_works_on(e: Side) -> Any:
    app, add, _ = tasks(e)
    some = app.ResultSet([add.delay(1, 1), add.delay(2, 2)])
    group = e.root.group([add.s(1, 1), add.s(2, 2)])()
    return [
        [shown(tried(lambda each=each: each.get(timeout=0.05, interval=0.01))) for each in (some, group)],
        [shown(tried(lambda each=each: each.join(timeout=0))) for each in (some, group)],
        [[each.ready(), each.waiting(), each.completed_count(), each.failed()] for each in (some, group)],
        [some.maybe_throw(), group.maybe_throw()],
    ]


@scenario
def groups_in_groups_are_waited_for(e: Side) -> Any:
    app, add, _ = tasks(e)
    failing = app.task(name="proj.boom", shared=False)(boom)
    with e.working(app):
        inner = app.GroupResult("i", [add.delay(1, 1), add.delay(2, 2)])
        bad = app.GroupResult("j", [failing.delay()])
        for each in (*inner.results, *bad.results):
            got(each)
        outer = app.GroupResult("o", [add.delay(3, 3), inner])
        spoiled = app.GroupResult("s", [inner, bad])
        return [
            shown(got(outer)),
            shown(outer.join()),
            shown(got(spoiled)),
            shown(got(spoiled, propagate=False)),
            shown(spoiled.join(propagate=False)),
            [outer.ready(), outer.successful(), spoiled.failed()],
            outer.children is outer.results,
        ]


@scenario
def results_taken_out_of_the_backend(e: Side) -> Any:
    app, add, _ = tasks(e)
    with e.working(app):
        chained = e.root.chain(add.s(1, 1), add.s(2))()
        group = e.root.group([add.s(1, 1), add.s(2, 2)])()
        before = [got(chained), got(group)]
    chained.forget()
    group.forget()
    fresh = [app.AsyncResult(each.id).state for each in (chained, chained.parent, *group.results)]
    return [before, fresh, [each.state for each in (chained, *group.results)]]


@scenario
def results_are_copied_and_pickled(e: Side) -> Any:
    app = e.app(set_as_current=True)
    parent = app.AsyncResult("p")
    one = app.AsyncResult("a", parent=parent)
    group = app.GroupResult("g", [one, app.AsyncResult("b")], parent=parent)
    eager = e.results.EagerResult("e", {"v": 1}, "SUCCESS", "tb", name="n")
    answers = []
    for result in (one, group, eager):
        again = pickle.loads(pickle.dumps(result))  # noqa: S301 - what was pickled a moment ago
        answers.append(
            [repr(again), again.id, again.parent and again.parent.id, isinstance(again, type(result).__mro__[1])]
        )
    copied = copy.copy(one)
    eagerly = copy.copy(eager)
    return [
        answers,
        [copied == one, copied is one, copied.parent is parent, copied.app is app],
        [eagerly.result is eager.result, eagerly.name, eagerly.traceback, eagerly.state],
    ]


@scenario
def an_eager_result_answers_like_any_other(e: Side) -> Any:
    called: list[Any] = []
    eager = e.results.EagerResult
    good, bad = eager("a", 5, "SUCCESS"), eager("b", KeyError("k"), "FAILURE", "tb", "name")
    odd, retried, plain = eager("c", "x", "MINE"), eager("d", "x", "RETRY"), eager("f", "text", "FAILURE")
    answers = [
        [
            [
                repr(result),
                str(result),
                result.id,
                result.task_id,
                result.state,
                result.status,
                shown(result.result),
            ],
            [result.ready(), result.successful(), result.failed(), shown(result.info), result.traceback],
            [shown(tried(result.get)), shown(tried(lambda result=result: result.get(propagate=False)))],
            [result.name, result.args, result.worker, result.retries, result.date_done, result.children],
            [
                result.supports_native_join,
                result.forget(),
                result.ignored,
                result is not plain and shown(tried(result.maybe_throw)),
            ],
            [shown(result.as_tuple()), result.as_list(), result.parent],
        ]
        for result in (good, bad, odd, retried, plain)
    ]
    good.then(called.append)
    bad.revoke()
    return [
        answers,
        [each is good for each in called],
        bad.state,
        shown(bad.result),
        bad.traceback,
        shown(tried(bad.get)),
    ]


@scenario
def promises_about_results_are_kept(e: Side) -> Any:
    app, add, _ = tasks(e)
    called: list[Any] = []
    with e.working(app):
        result = add.delay(1, 1)
        got(result)
        again = app.AsyncResult(result.id)
        again.then(lambda told: called.append(["first", told.id == result.id]))
        before = list(called)
        state = again.state
        again.then(lambda told: called.append(["second", told.result]))
    return [before, state, called]


@scenario
def parents_are_asked_first(e: Side) -> Any:
    app, add, _ = tasks(e)
    failing = app.task(name="proj.boom", shared=False)(boom)
    eager = e.results.EagerResult
    with e.working(app):
        bad, good = failing.delay(), add.delay(1, 1)
        got(bad)
        got(good)
    late = app.AsyncResult(good.id, parent=app.AsyncResult(bad.id))
    far = app.AsyncResult(
        good.id, parent=app.AsyncResult(good.id, parent=app.GroupResult("g", [app.AsyncResult(bad.id)]))
    )
    near = app.AsyncResult(good.id, parent=eager("e", 1, "SUCCESS"))
    return [
        shown(got(late)),
        shown(got(late, follow_parents=False)),
        shown(got(late, propagate=False)),
        shown(got(far)),
        shown(got(near)),
    ]


@scenario
def a_result_is_handed_to_callbacks(e: Side) -> Any:
    app, add, _ = tasks(e)
    called: list[Any] = []
    with e.working(app):
        result = add.apply_async((1, 1), task_id="mine")
        value = got(result, callback=lambda *told: called.append(list(told)))
        again = got(result, callback=lambda *told: called.append(list(told)))
        thrown = result.maybe_throw(callback=lambda *told: called.append(list(told)))
        ignored = app.AsyncResult("nobody")
        ignored.ignored = True
    return [value, again, thrown, called, ignored.get(), app.AsyncResult("nobody").exists(), result.exists()]


@scenario
def sets_know_their_app_and_backend(e: Side) -> Any:
    app = e.app()
    other = e.root.Celery("other", set_as_current=True)
    loose = e.results.ResultSet([app.AsyncResult("a")])
    empty = e.results.ResultSet([])
    bound = app.ResultSet([])
    group = e.results.GroupResult("g", [app.AsyncResult("a")], app=app)
    answers = [each.app.main for each in (loose, empty, bound, group)]
    loose.app = other
    return [
        answers,
        loose.app.main,
        [type(bound).__name__, issubclass(type(bound), e.results.ResultSet)],
        [type(app.GroupResult("g", [])).__name__, issubclass(app.GroupResult, e.results.GroupResult)],
        group.backend is app.backend,
        [group.supports_native_join, app.AsyncResult("a").supports_native_join],
    ]


@scenario
def results_of_the_lists_type_are_generic(e: Side) -> Any:
    return [
        str(e.results.AsyncResult[int]).replace("labq", "celery"),
        str(e.root.Signature[int]).replace("labq", "celery").rpartition(".")[2],
        sorted(
            name
            for name in ("allow_join_result", "denied_join_result", "assert_will_not_block")
            if hasattr(e.results, name)
        ),
    ]


@scenario
def leaves_of_what_is_not_finished(e: Side) -> Any:
    app, add, _ = tasks(e)
    pending = add.delay(1, 1)
    loose = list(pending.iterdeps(intermediate=True))
    return [
        shown(tried(lambda: list(pending.iterdeps()))),
        [[parent, child is pending] for parent, child in loose],
        shown(tried(lambda: pending.graph)),
        pending.children,
        app.AsyncResult("nobody").children,
    ]
