"""What comes after a task: its callbacks, its errbacks, the rest of its chain, and what of it the backend keeps."""

# ruff: noqa: ARG001 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

import json
from typing import Any

from core_means import LONG, Side, bare, got, listening, logged, scenario, shown, tried, warned, written


def sums(app: Any) -> Any:
    """Return a task that adds."""
    return app.task(name="add")(lambda_named("add", lambda x, y=0: x + y))


def lambda_named(name: str, function: Any) -> Any:
    """Return *function* with a name that can stand in a def."""
    function.__name__ = function.__qualname__ = name
    return function


def family(app: Any, seen: list[Any]) -> Any:
    """Return a task that notes who it is, whose child it is, and what it was given."""

    def noting(self: Any, *args: Any) -> Any:
        request = self.request
        seen.append(
            [
                shown(list(args)),
                request.id,
                request.parent_id,
                request.root_id,
                request.delivery_info.get("priority"),
                shown(request.callbacks),
                shown(request.chain),
            ]
        )
        return args[0] if args else None

    return app.task(name="note", bind=True)(noting)


def settled(*results: Any) -> list[Any]:
    """Wait for results and return what became of each."""
    return [[got(each), each.state] for each in results]


@scenario
def a_callback_gets_the_value(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        after = note.s("own").set(task_id="after")
        result = note.apply_async(("first",), task_id="first", link=after)
        values = settled(result, app.AsyncResult("after"))
    children = [child.id for child in result.children]
    return [values, seen, children, shown(json.loads(e.stored(app, "first"))["children"])]


@scenario
def several_callbacks_go_out_as_one_group(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        calls = [note.s(f"c{n}").set(task_id=f"c{n}") for n in range(3)]
        result = note.apply_async(("first",), task_id="first", link=calls)
        values = settled(result, *(app.AsyncResult(f"c{n}") for n in range(3)))
    return [values, sorted(seen, key=str), [type(child).__name__ for child in result.children]]


@scenario
def a_callback_of_its_own_mind_takes_no_value(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        result = note.apply_async(("first",), task_id="first", link=note.si("only").set(task_id="after"))
        return [settled(result, app.AsyncResult("after")), seen]


@scenario
def a_callback_has_callbacks(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        second = note.s("b").set(task_id="second")
        second.link(note.s("c").set(task_id="third"))
        result = note.apply_async(("a",), task_id="first", link=second)
        return [settled(result, app.AsyncResult("second"), app.AsyncResult("third")), seen]


@scenario
def callbacks_that_are_groups_go_out_by_themselves(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        pair = e.root.group(note.s("g0").set(task_id="g0"), note.s("g1").set(task_id="g1"))
        result = note.apply_async(("first",), task_id="first", link=[pair, note.s("one").set(task_id="one")])
        values = settled(result, *(app.AsyncResult(name) for name in ("g0", "g1", "one")))
    return [values, sorted(seen, key=str), sorted(type(child).__name__ for child in result.children)]


@scenario
def a_failed_task_calls_no_callback(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)

    def failing() -> None:
        raise ValueError("boom")

    task = app.task(name="failing")(failing)
    with e.working(app):
        result = task.apply_async(link=note.s().set(task_id="after"))
        return [settled(result), seen, app.AsyncResult("after").state]


@scenario
def an_unknown_callback_is_sent_all_the_same(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        stranger = app.signature("no.such", task_id="stranger")
        result = note.apply_async(("first",), link=stranger)
        return settled(result, app.AsyncResult("stranger"))


@scenario
def a_callback_that_cannot_take_the_value_fails_the_task(e: Side) -> Any:
    app = e.app()

    def none() -> int:
        return 1

    def two(a: int, b: int) -> int:
        return a

    first, second = app.task(name="none")(none), app.task(name="two")(two)
    with e.working(app), listening(e.signals, "task_failure", "task_success", "task_internal_error") as heard:
        result = first.apply_async(link=second.s())
        outcome = settled(result)
    return [outcome, [[name, sorted(said)] for name, _, said in heard]]


@scenario
def a_value_that_json_cannot_carry_fails_the_task_before_its_callback(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)

    def strange() -> Any:
        return object

    task = app.task(name="strange")(strange)
    with e.working(app):
        return [settled(task.apply_async(link=note.s())), seen]


@scenario
def an_ignored_result_is_handed_on(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        result = note.apply_async(("v",), task_id="first", ignore_result=True, link=note.s().set(task_id="after"))
        value = got(app.AsyncResult("after"))
    return [value, seen, result.state]


@scenario
def an_errback_of_one_argument_is_sent(e: Side) -> Any:
    app, seen = e.app(), []

    def failing() -> None:
        raise ValueError("boom")

    def old(uuid: str) -> str:
        seen.append(uuid)
        return uuid

    task, errback = app.task(name="failing")(failing), app.task(name="old")(old)
    with e.working(app):
        result = task.apply_async(task_id="bad", link_error=errback.s().set(task_id="err"))
        after = app.AsyncResult("err")
        values = settled(result, after)
    return [values, seen, after.state, shown(json.loads(e.stored(app, "err")))["parent_id"], result.children]


@scenario
def an_errback_of_three_arguments_is_called_on_the_spot(e: Side) -> Any:
    app, seen = e.app(), []

    def failing(x: int) -> None:
        raise ValueError("boom")

    def new(request: Any, exc: Any, traceback: Any) -> None:
        seen.append(
            [type(request).__name__, request.id, request.args, request.task, shown(bare(exc)), type(traceback).__name__]
        )

    task, errback = app.task(name="failing")(failing), app.task(name="new")(new)
    with e.working(app), listening(e.signals, "task_prerun", "before_task_publish") as heard:
        result = task.apply_async((4,), task_id="bad", link_error=errback.s())
        values = settled(result)
    return [values, seen, [[name, getattr(sender, "name", sender)] for name, sender, _ in heard]]


@scenario
def errbacks_of_all_kinds_come_together(e: Side) -> Any:
    app, seen = e.app(), []

    def failing() -> None:
        raise ValueError("boom")

    def bound(self: Any, *args: Any) -> None:
        seen.append(["bound", shown(list(args)), self.request.parent_id])

    def many(*args: Any) -> None:
        seen.append(["many", len(args)])

    def one(uuid: str) -> None:
        seen.append(["one", uuid])

    def filled(mine: str, uuid: str) -> None:
        seen.append(["filled", mine, uuid])

    def filled_three(request: Any, exc: Any, traceback: Any, mine: str = "") -> None:
        seen.append(["filled_three", request.id, mine])

    task = app.task(name="failing")(failing)
    calls = [
        app.task(name="bound", bind=True)(bound).s().set(task_id="e1"),
        app.task(name="many")(many).s(),
        app.task(name="one")(one).s().set(task_id="e2"),
        app.task(name="filled")(filled).s("x").set(task_id="e3"),
        app.task(name="filled_three")(filled_three).s(mine="y"),
        app.task(name="silent")(lambda_named("silent", lambda: seen.append(["silent"]))).si().set(task_id="e4"),
        app.signature("no.such", immutable=True, task_id="e5"),
    ]
    with e.working(app):
        values = settled(
            task.apply_async(task_id="bad", link_error=calls), *(app.AsyncResult(f"e{n}") for n in range(1, 6))
        )
    return [values, sorted(seen, key=str)]


@scenario
def an_errback_that_fails_is_logged(e: Side) -> Any:
    app, seen = e.app(), []

    def failing() -> None:
        raise ValueError("boom")

    def worse(request: Any, exc: Any, traceback: Any) -> None:
        raise KeyError("worse")

    def fine(request: Any, exc: Any, traceback: Any) -> None:
        seen.append(request.id)

    task = app.task(name="failing")(failing)
    calls = [app.task(name="worse")(worse).s(), app.task(name="fine")(fine).s()]
    with logged("celery.backends.base") as records, e.working(app):  # the log is read when the worker has gone
        values = settled(task.apply_async(task_id="bad", link_error=calls))
    return [values, seen, written(records)]


@scenario
def a_retry_keeps_callbacks_for_the_end(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)

    def flaky(self: Any) -> int:
        if self.request.retries < 2:
            raise self.retry(countdown=0, exc=ValueError("again"))
        return self.request.retries

    def told(request: Any, exc: Any, traceback: Any) -> None:
        seen.append("failed")

    task, errback = app.task(name="flaky", bind=True)(flaky), app.task(name="told")(told)
    with e.working(app):
        result = task.apply_async(link=note.s().set(task_id="after"), link_error=errback.s())
        return [settled(result, app.AsyncResult("after")), [line if line == "failed" else line[0] for line in seen]]


@scenario
def used_up_retries_call_the_errback_once(e: Side) -> Any:
    app, seen = e.app(), []

    def flaky(self: Any) -> None:
        raise self.retry(countdown=0, exc=ValueError("again"), max_retries=1)

    def told(request: Any, exc: Any, traceback: Any) -> None:
        seen.append([shown(bare(exc)), request.retries])

    task, errback = app.task(name="flaky", bind=True)(flaky), app.task(name="told")(told)
    with e.working(app):
        return [settled(task.apply_async(link_error=errback.s())), seen]


@scenario
def ignored_and_rejected_tasks_call_nobody_but(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)

    def ending(how: str) -> None:
        raise {"ignore": e.exceptions.Ignore(), "reject": e.exceptions.Reject("no", requeue=False)}[how]

    def told(request: Any, exc: Any, traceback: Any) -> None:
        seen.append([request.id, shown(bare(exc))])

    task, errback = app.task(name="ending")(ending), app.task(name="told")(told)
    with e.working(app):
        options = {"link": note.s(), "link_error": errback.s()}
        rejected = task.apply_async(("reject",), task_id="r", **options)
        ignored = task.apply_async(("ignore",), task_id="i", **options)
        values = settled(rejected)
        got(note.delay("last"))
    return [values, ignored.state, seen]


@scenario
def an_expired_task_fails_nobody(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)

    def told(request: Any, exc: Any, traceback: Any) -> None:
        seen.append("told")

    errback = app.task(name="told")(told)
    with e.working(app):
        result = note.apply_async(("late",), expires=-1, link=note.s(), link_error=errback.s())
        return [settled(result), seen]


@scenario
def an_unknown_task_calls_no_errback(e: Side) -> Any:
    app, seen = e.app(), []

    def old(uuid: str) -> None:
        seen.append(uuid)

    errback = app.task(name="old")(old)
    with e.working(app):
        result = app.send_task("no.such", task_id="bad", link_error=errback.s())
        values = settled(result)
        got(errback.delay("later"))
    return [values, seen]


@scenario
def a_message_carries_the_rest_of_its_chain(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        rest = [note.s("last").set(task_id="t3"), note.s("next").set(task_id="t2")]
        result = note.apply_async(("first",), task_id="t1", chain=rest)
        values = settled(result, app.AsyncResult("t2"), app.AsyncResult("t3"))
    return [values, seen, [child.id for child in result.children]]


@scenario
def a_chain_that_breaks_fails_to_its_end(e: Side) -> Any:
    app = e.app()
    add = sums(app)

    def failing(x: int) -> None:
        raise ValueError("boom")

    task = app.task(name="failing")(failing)
    with e.working(app):
        result = e.root.chain(add.s(1, 1), task.s(), add.s(2), add.s(3)).apply_async()
        value = got(result)
    line = [result, result.parent, result.parent.parent, result.parent.parent.parent]
    return [value, [[each.state, shown(each.result), bool(each.traceback)] for each in line], line[0].children]


@scenario
def a_chain_hands_values_and_family_on(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        steps = [note.s(f"s{n}").set(task_id=f"t{n}") for n in range(3)]
        result = e.root.chain(*steps).apply_async()
        values = settled(result, result.parent, result.parent.parent)
    return [values, [line[:5] for line in seen]]


@scenario
def a_chain_with_errbacks_calls_them_once(e: Side) -> Any:
    app, seen = e.app(), []
    add = sums(app)

    def failing(x: int) -> None:
        raise ValueError("boom")

    def told(request: Any, exc: Any, traceback: Any) -> None:
        seen.append([request.task, shown(bare(exc))])

    task, errback = app.task(name="failing")(failing), app.task(name="told")(told)
    with e.working(app):
        result = e.root.chain(add.s(1, 1), task.s(), add.s(2)).apply_async(link_error=errback.s())
        return [settled(result), seen]


@scenario
def priorities_are_inherited_when_they_shall_be(e: Side) -> Any:
    answers = []
    for inherit in (False, True):
        app, seen = e.app(task_inherit_parent_priority=inherit), []
        note = family(app, seen)

        def sending(self: Any, note: Any = note, inherit: bool = inherit) -> int:
            note.apply_async(("child",), task_id=f"child{inherit}")
            return 1

        task = app.task(name="sending", bind=True)(sending)
        with e.working(app):
            result = task.apply_async(priority=7, link=note.s().set(task_id=f"after{inherit}"))
            settled(result, app.AsyncResult(f"child{inherit}"), app.AsyncResult(f"after{inherit}"))
        e.renew()
        answers.append(sorted(([line[0], line[4]] for line in seen), key=str))
    return shown(answers)


@scenario
def children_are_those_that_a_body_has_sent(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)

    def sending(self: Any) -> Any:
        note.apply_async(("a",), task_id="a")
        note.apply_async(("b",), task_id="b", add_to_parent=False)
        e.root.group(note.s("c").set(task_id="c")).apply_async()
        return [type(child).__name__ for child in self.request.children]

    quiet = app.task(name="quiet", bind=True, trail=False)(sending)
    loud = app.task(name="loud", bind=True)(sending)
    with e.working(app):
        first, second = loud.delay(), quiet.delay()
        values = settled(first, second)
    return [values, shown(first.children), second.children]


@scenario
def stamps_travel_with_the_call(e: Side) -> Any:
    app = e.app(result_extended=True)
    seen = []

    def noting(self: Any, *args: Any) -> None:
        request = self.request
        seen.append([sorted(request.stamped_headers), request.stamps, request.headers])

    task = app.task(name="noting", bind=True)(noting)
    with e.working(app):
        sig = task.s(1)
        sig.stamp(colour="blue", size=[1, 2])
        first = sig.apply_async(task_id="mine", headers={"own": 1})
        second = task.apply_async(stamped_headers=["colour"], colour="red", task_id="other")
        settled(first, second)
    kept = json.loads(e.stored(app, "mine"))
    return [shown(seen), [sorted(kept["stamped_headers"]), kept["colour"], kept["size"]]]


@scenario
def a_retry_keeps_stamps_and_headers(e: Side) -> Any:
    app = e.app()
    seen = []

    def flaky(self: Any) -> None:
        request = self.request
        seen.append([request.stamped_headers, request.stamps, request.headers])
        if not request.retries:
            raise self.retry(countdown=0)

    task = app.task(name="flaky", bind=True)(flaky)
    with e.working(app):
        settled(task.apply_async(stamped_headers=["colour"], colour="red", headers={"own": 1}))
    return shown(seen)


@scenario
def an_eager_call_sends_its_callbacks(e: Side) -> Any:
    app, seen = e.app(), []
    note = family(app, seen)
    with e.working(app):
        result = note.apply(("first",), task_id="first", link=note.s("own").set(task_id="after"))
        value = got(app.AsyncResult("after"))
    return [shown(result.get()), value, [[line[0], line[1], line[2], line[3]] for line in seen]]


@scenario
def an_eager_call_calls_its_errbacks_on_the_spot(e: Side) -> Any:
    app, seen = e.app(), []

    def failing() -> None:
        raise ValueError("boom")

    def old(self: Any, uuid: str) -> None:
        seen.append(["old", uuid, self.request.is_eager, self.request.parent_id])

    def new(request: Any, exc: Any, traceback: Any) -> None:
        seen.append(["new", request.id, shown(bare(exc))])

    task = app.task(name="failing")(failing)
    calls = [app.task(name="old", bind=True)(old).s(), app.task(name="new")(new).s()]
    result = task.apply(task_id="bad", link_error=calls)
    return [result.state, shown(result.result), sorted(seen, key=str)]


@scenario
def always_eager_calls_run_what_follows_at_once(e: Side) -> Any:
    app, seen = e.app(task_always_eager=True), []
    note = family(app, seen)
    result = note.apply_async(("first",), task_id="first", link=[note.s("b").set(task_id="b"), note.s("c")])
    return [shown(result.get()), sorted(str(line[0]) for line in seen), result.state]


@scenario
def reading_results_that_nobody_stores_is_warned_of(e: Side) -> Any:
    app = e.app(task_always_eager=True)
    warnings, state = warned(lambda: app.AsyncResult("nobody").state)
    stored = e.app(task_always_eager=True, task_store_eager_result=True)
    return [warnings, state, warned(lambda: stored.AsyncResult("nobody").state)]


@scenario
def settings_that_the_backend_cannot_keep_are_warned_of(e: Side) -> Any:
    answers = []
    for settings in ({"result_compression": "gzip"}, {"result_failure_expires": 5}):
        for backend in ("cache+memory://", "rpc://"):
            app = e.app(backend=backend, **settings)
            answers.append(warned(lambda app=app: type(app.backend).__name__))
    return answers


@scenario
def a_success_is_never_written_over(e: Side) -> Any:
    app = e.app()
    backend = app.backend
    backend.store_result("t", 1, "SUCCESS")
    backend.store_result("t", ValueError("late"), "FAILURE")
    backend.mark_as_retry("t", KeyError("later"))
    backend.store_result("u", ValueError("first"), "FAILURE")
    backend.store_result("u", 2, "SUCCESS")
    return [[backend.get_state(name), shown(backend.get_result(name))] for name in ("t", "u")]


@scenario
def a_backend_says_what_it_can(e: Side) -> Any:
    answers = []
    for address in ("cache+memory://", "rpc://", None):
        backend = e.app(backend=address).backend
        names = ("supports_native_join", "supports_autoexpire", "persistent", "is_async", "expires", "serializer")
        answers.append([type(backend).__name__, backend.as_uri(), [getattr(backend, name) for name in names]])
    return answers


@scenario
def a_backend_writes_and_reads_forms(e: Side) -> Any:
    backend = e.app().backend
    written_down = backend.prepare_exception(KeyError("k", 1))
    meta = backend.meta_from_decoded({"status": "FAILURE", "result": {**written_down, "exc_module": "builtins"}})
    return [
        shown(written_down),
        shown(meta),
        shown(backend.decode(backend.encode({"a": [1, (2,)]}))),
        shown(backend.encode_result(e.results.AsyncResult("x"), "SUCCESS")),
        shown(backend.encode_result(ValueError("v"), "FAILURE")),
        shown(backend.prepare_value(3)),
        backend.decode(None),
        shown(backend.decode_result(backend.encode({"status": "SUCCESS", "result": 3}))),
        shown(tried(lambda: backend.exception_to_python({"exc_message": "x"}))),
        shown(backend.get_task_meta("nobody")),
        backend.get_children("nobody"),
    ]


@scenario
def groups_are_saved_and_restored(e: Side) -> Any:
    app = e.app()
    group = app.GroupResult("g", [app.AsyncResult("a"), app.AsyncResult("b")])
    before = app.backend.restore_group("g")
    saved = group.save()
    back = app.backend.restore_group("g")
    app.backend.delete_group("g")
    rpc = e.app(backend="rpc://").backend
    refused = [
        shown(tried(lambda: rpc.save_group("g", group))),
        shown(tried(lambda: rpc.restore_group("g"))),
        shown(tried(lambda: rpc.delete_group("g"))),
    ]
    return [before, shown(saved), shown(back), back == group, app.backend.restore_group("g"), refused]


@scenario
def many_results_come_as_they_are_ready(e: Side) -> Any:
    app = e.app()
    add = sums(app)
    heard = []
    with e.working(app):
        results = [add.apply_async((n, n), task_id=f"t{n}") for n in range(3)]
        for each in results:
            each.get(timeout=LONG)
        found = sorted(
            (task_id, meta["result"])
            for task_id, meta in app.backend.get_many(
                [each.id for each in results], timeout=LONG, on_message=lambda meta: heard.append(meta["task_id"])
            )
        )
    late = tried(lambda: list(app.backend.get_many(["nobody"], timeout=0.01, interval=0.005)))
    return [shown(found), len(heard), shown(late)]


@scenario
def a_backend_without_replies_refuses_to_tell(e: Side) -> Any:
    app = e.app()
    add = sums(app)
    with e.working(app):
        result = add.delay(1, 1)
        return [shown(tried(lambda: result.get(timeout=LONG, on_message=print))), got(result)]
