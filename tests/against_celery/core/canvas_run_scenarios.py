"""Canvases that run: on the spot (``apply``, ``task_always_eager``) and in a worker, with links, failures, options."""

# ruff: noqa: ARG001 - tasks take what is sent

from __future__ import annotations

from typing import Any

from canvas_means import Names, canvas, tasks, tree
from core_means import Side, got, scenario, shown, tried


def failing(app: Any) -> Any:
    """Return a task that fails."""

    def boom(*args: Any) -> None:
        raise ValueError("boom")

    return app.task(name="proj.boom", shared=False)(boom)


def noting(app: Any) -> tuple[Any, list[Any]]:
    """Return a task that notes what it is given, and the list of that."""
    seen: list[Any] = []

    def note(*args: Any, **kwargs: Any) -> Any:
        seen.append([shown(args), kwargs])
        return args[0] if args else None

    return app.task(name="proj.note", shared=False)(note), seen


def ended(result: Any) -> Any:
    """Return what can be seen of a result that is there at once."""
    members = getattr(result, "results", None)
    if members is not None:
        return [type(result).__name__, [ended(member) for member in members], ended(result.parent)]
    if not hasattr(result, "state"):
        return shown(result)
    return [type(result).__name__, result.state, shown(result.result), ended(result.parent)]


# -- on the spot -----------------------------------------------------------------------------------------------------


@scenario
def canvases_run_on_the_spot(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    made = [
        add.s(1, 2),
        chain(add.s(1, 1), add.s(2), add.s(3)),
        chain(add.s(1, 2)),
        chain(),
        group([add.s(1, 1), add.s(2, 2)]),
        group(add.s(i, i) for i in range(3)),
        group([]),
        group([chain(add.s(1, 1), add.s(2)), chord([add.s(3, 3)], tsum.s())]),
        group([add.si(1, 1), chain(add.si(2, 2), group([add.si(3, 3), add.si(4, 4)]))]),
        chord([add.s(1, 1), add.s(2, 2)], tsum.s()),
        chord([], tsum.s()),
        chord([add.s(1, 1)], tsum.s()) | add.s(10),
        chord([add.s(1, 1)], tsum.s()) | group([add.s(1), add.s(2)]),
        chain(add.s(1, 1), group([add.s(1), add.s(2)]), tsum.s(), add.s(100)),
        chain(group([add.s(1, 1), add.s(2, 2)]), tsum.s()),
        canvas(e)._chain(add.s(1, 1), group([]), add.s(2)),
        canvas(e)._chain(group([])),
        add.starmap([(1, 2), (3, 4)]),
        tsum.map([[1, 2], [3]]),
        add.chunks([(1, 2), (3, 4), (5, 6)], 2).group(),
    ]
    return [[repr(call).split("0x")[0], ended(tried(call.apply)), got_now(call)] for call in made]


def got_now(call: Any) -> Any:
    """Return the value of a call that is run on the spot."""
    return shown(tried(lambda: call.apply().get(disable_sync_subtasks=False)))


@scenario
def arguments_reach_the_first_tasks_on_the_spot(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    return [
        shown(tried(lambda call=call, args=args, kwargs=kwargs: call.apply(args=args, kwargs=kwargs).get()))
        for call, args, kwargs in (
            (chain(add.s(1), add.s(10)), (5,), {}),
            (chain(add.s(y=1), add.s(10)), (), {"x": 5}),
            (chain(chain(add.s(y=2), add.s(10))), (3,), {"y": 4}),
            (chain(add.si(2, 3), add.s(10)), (99,), {"y": 99}),
            (group([add.s(1), add.s(2)]), (5,), {}),
            (group([add.s(), add.s()]), (), {"x": 1, "y": 1}),
            (chord([add.s(1), add.s(2)], tsum.s()), (5,), {}),
            (chord([add.s(y=2), add.s(y=3)], tsum.s()) | add.s(100), (), {"x": 4}),
        )
    ]


@scenario
def failures_on_the_spot(e: Side) -> Any:
    app, add, tsum = tasks(e)
    boom = failing(app)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    made = [
        boom.s(),
        chain(add.s(1, 1), boom.s(), add.s(2)),
        chain(boom.s()),
        group([add.s(1, 1), boom.s()]),
        chord([add.s(1, 1), boom.s()], tsum.s()),
        chord([add.s(1, 1)], boom.s()),
    ]
    return [
        [ended(tried(call.apply)), got_now(call), shown(tried(lambda call=call: call.apply(throw=True)))]
        for call in made
    ]


@scenario
def a_failed_header_on_the_spot_may_be_handed_on(e: Side) -> Any:
    app, add, _ = tasks(e)
    boom = failing(app)
    note, seen = noting(app)
    result = e.root.chord([add.s(1, 1), boom.s()], note.s()).apply(propagate=False)
    return [result.state, seen]


@scenario
def links_are_called_on_the_spot(e: Side) -> Any:
    app, add, tsum = tasks(e)
    boom = failing(app)
    note, seen = noting(app)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord

    def linked(call: Any) -> Any:
        call.link(note.s("ok"))
        call.link_error(note.si("failed"))
        return call

    answers = []
    for call in (
        linked(add.s(1, 1)),
        linked(boom.s()),
        linked(chain(add.s(1, 1), add.s(2))),
        linked(chain(add.s(1, 1), boom.s(), add.s(2))),
        linked(chain(add.s(1, 1), group([add.s(2), add.s(3)]), tsum.s())),
        linked(group([add.s(1, 1), boom.s()])),
        linked(chord([add.s(1, 1)], tsum.s())),
        linked(chord([add.s(1, 1)], boom.s())),
        chain(add.s(1, 1), chord([add.s(10), add.s(20)], tsum.s())).set(link=note.s("option")),
    ):
        del seen[:]
        outcome = ended(tried(call.apply))
        answers.append([outcome, list(seen)])
    return answers


@scenario
def chains_stop_where_a_task_is_ignored_on_the_spot(e: Side) -> Any:
    app, _, _ = tasks(e)
    note, seen = noting(app)
    answers = []
    for error in (e.exceptions.Ignore("why"), e.exceptions.Reject("why")):

        def ending(error: Exception = error) -> None:
            raise error

        task = app.task(name=type(error).__name__, shared=False)(ending)
        result = e.root.chain(task.s(), note.s()).apply()
        answers.append([result.state, result.get(), list(seen)])
    return answers


@scenario
def everything_is_eager_when_the_app_says_so(e: Side) -> Any:
    app, add, tsum = tasks(e, task_always_eager=True)
    boom = failing(app)
    note, seen = noting(app)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    made = [
        add.s(1, 1),
        chain(add.s(1, 1), add.s(2)),
        chain(),
        group([add.s(1, 1), add.s(2, 2)]),
        group([]),
        chord([add.s(1, 1), add.s(2, 2)], tsum.s()),
        chord([add.s(1, 1), boom.s()], tsum.s()),
        chain(add.s(1, 1), group([add.s(1), add.s(2)]), tsum.s()),
        chain(add.s(1, 1), boom.s(), add.s(2)),
        add.chunks([(1, 2), (3, 4)], 1),
        add.starmap([(1, 2), (3, 4)]),
    ]
    answers: list[Any] = [[ended(tried(call.apply_async)), ended(tried(call))] for call in made]
    answers.append(ended(chain(add.s(1, 1), add.s(2)).apply_async(link=note.s("chain"))))
    answers.append(ended(chord([add.s(1, 1)], tsum.s()).apply_async(link=note.s("chord"))))
    answers.append(ended(tried(lambda: chord([boom.s()], tsum.s()).apply_async(link_error=note.si("errors")))))
    return [answers, seen, shown(~chain(add.s(4, 4), add.s(8)))]


@scenario
def replaced_tasks_when_all_is_eager(e: Side) -> Any:
    app, add, _ = tasks(e, task_always_eager=True)

    def replacing(self: Any, how: str) -> None:
        pair = e.root.group([add.si(1, 2), add.si(3, 4)])
        calls = {"task": add.si(1, 2), "chain": e.root.chain(add.si(1, 2), add.s(3)), "group": pair}
        raise self.replace(calls[how])

    task = app.task(name="proj.replacing", bind=True, shared=False)(replacing)
    return [
        [shown(tried(lambda how=how: task.delay(how).get())), shown(tried(lambda how=how: task.apply((how,)).get()))]
        for how in ("task", "chain", "group")
    ]


@scenario
def members_on_the_spot_run_under_the_ids_of_their_results(e: Side) -> Any:
    app, _, _ = tasks(e)

    def who(self: Any) -> Any:
        return [self.request.id, self.request.root_id, self.request.parent_id, self.request.group]

    task = app.task(name="proj.who", bind=True, shared=False)(who)
    names = Names()
    result = e.root.group([task.si().set(task_id="mine"), task.si()]).apply()
    again = e.root.chain(task.si(), task.si()).apply(task_id="whole")
    return [
        [names([member.id, member.get()]) for member in result.results],
        names([again.id, again.get(), again.parent.id]),
    ]


# -- in a worker -----------------------------------------------------------------------------------------------------


@scenario
def canvases_run_in_a_worker(e: Side) -> Any:
    _, add, tsum = tasks(e)
    app = add.app
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    made = [
        chain(add.s(1, 1), add.s(2), add.s(3)),
        chain(add.s(1, 2)),
        group([add.s(1, 1), add.s(2, 2)]),
        group(add.s(i, i) for i in range(3)),
        group([]),
        group([chain(add.s(1, 1), add.s(2)), group([add.s(3, 3), add.s(4, 4)])]),
        chord([add.s(1, 1), add.s(2, 2)], tsum.s()),
        chord([], tsum.s()),
        chain(add.s(1, 1), group([add.s(1), add.s(2)])),
        chain(add.s(1, 1), group([add.s(1), add.s(2)]), tsum.s()),
        chain(group([add.s(1, 1), add.s(2, 2)]), tsum.s(), add.s(5)),
        chain(add.s(1, 1), group([add.s(1)]), add.s(2)),
        chord([add.s(1, 1)], group([tsum.s(), tsum.s()])),
        add.chunks([(1, 2), (3, 4), (5, 6)], 2),
        add.starmap([(1, 2), (3, 4)]),
        tsum.map([[1, 2], [3]]),
    ]
    answers = []
    with e.working(app):
        for call in made:
            result = call.apply_async()
            answers.append([shown(got(result)), tree(result, Names())])
    return answers


@scenario
def canvases_that_are_sent_twice(e: Side) -> Any:
    _, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    answers = []
    for call in (
        add.s(1, 1),
        chain(add.s(1, 1), add.s(2)),
        group([add.s(1, 1), add.s(2, 2)]),
        chord([add.s(1, 1)], tsum.s()),
        chain(add.s(1, 1), group([add.s(1), add.s(2)]), tsum.s()),
    ):
        names = Names()
        results = [tree(call.apply_async(), names) for _ in range(2)]
        answers.append([results, names(call)])
    return answers


@scenario
def arguments_reach_the_first_tasks_in_a_worker(e: Side) -> Any:
    app, add, tsum = tasks(e)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    with e.working(app):
        return [
            shown(got(result))
            for result in (
                chain(add.s(1), add.s(10))(5),
                chain(add.s(y=1), add.s(10)).apply_async(kwargs={"x": 5}),
                group([add.s(1), add.s(2)])(5),
                group([add.s(), add.s()]).apply_async(kwargs={"x": 1, "y": 1}),
                chord([add.s(1, 1), add.s(2, 2)])(tsum.s()),
                chord([add.s(1), add.s(2)], tsum.s()).apply_async((5,)),
                chord([add.s(y=1)], tsum.s()).apply_async(kwargs={"x": 5}),
                add.s(5).delay(1),
                add.s(5).apply_async((1,)),
                add.si(5, 6).delay(1),
            )
        ]


@scenario
def tasks_of_a_canvas_know_their_family(e: Side) -> Any:
    app, _, _ = tasks(e)
    told: list[Any] = []

    def who(self: Any, name: str) -> Any:
        request = self.request
        told.append(
            [
                name,
                request.id,
                request.root_id,
                request.parent_id,
                request.group,
                request.group_index,
                len(request.chain or ()),
                request.chord and request.chord["options"]["task_id"],
            ]
        )

    task = app.task(name="proj.who", bind=True, shared=False)(who)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    answers = []
    with e.working(app):
        for call in (
            chain(task.si("a"), task.si("b"), task.si("c")),
            group([task.si("a"), task.si("b")]),
            chord([task.si("a"), task.si("b")], task.si("body")),
            chain(task.si("a"), group([task.si("b"), task.si("c")]), task.si("body"), task.si("last")),
            chain(task.si("a"), group([chain(task.si("b"), task.si("c")), task.si("d")])),
        ):
            names = Names()
            del told[:]
            result = call.apply_async()
            seen = tree(result, names)
            got(result)
            answers.append([seen, sorted((names(line) for line in told), key=lambda line: line[0])])
    return answers


@scenario
def options_of_canvases_reach_their_tasks(e: Side) -> Any:
    _, add, tsum = tasks(e)
    sent: list[Any] = []

    def listen(headers: Any, properties: Any, **_: Any) -> None:
        told = {"task": headers["task"], "eta": headers["eta"] is not None, "expires": headers["expires"] is not None}
        sent.append({**told, "priority": properties.get("priority"), "limits": headers["timelimit"]})

    e.signals.before_task_publish.connect(listen, weak=False)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    answers = []
    try:
        for call, options in (
            (chain(add.s(1, 1), add.s(2)), {"priority": 3, "countdown": 100}),
            (chain(add.s(1, 1), add.s(2)).set(priority=4), {}),
            (group([add.s(1, 1).set(priority=1), add.s(2, 2)]), {"priority": 5}),
            (group([add.s(1, 1), add.s(2, 2)]).set(countdown=100), {}),
            (group([add.s(1, 1)], countdown=100), {"time_limit": 5}),
            (chord([add.s(1, 1), add.s(2, 2)], tsum.s()), {"countdown": 100, "priority": 2}),
            (chord([add.s(1, 1)], tsum.s()).set(countdown=100), {}),
            (chord([], tsum.s()), {"countdown": 100, "priority": 2}),
            (add.chunks([(1, 2), (3, 4)], 1), {"priority": 2}),
            (add.starmap([(1, 2)]).set(priority=7), {"countdown": None}),
        ):
            del sent[:]
            call.apply_async(**options)
            answers.append([repr(call).split("0x")[0], list(sent)])
    finally:
        e.signals.before_task_publish.disconnect(listen)
    return answers


@scenario
def stamps_travel_in_messages_and_results(e: Side) -> Any:
    app, add, _ = tasks(e, result_extended=True)
    sent: list[Any] = []

    def listen(headers: Any, **_: Any) -> None:
        sent.append([sorted(headers.get("stamped_headers") or ()), headers.get("stamps")])

    seen: list[Any] = []

    def who(self: Any) -> None:
        seen.append([sorted(self.request.stamped_headers or ()), self.request.stamps])

    task = app.task(name="proj.who", bind=True, shared=False)(who)
    call = task.si()
    call.stamp(a=1, b=["x", "y"])
    chained = e.root.chain(add.s(1, 1), task.si())
    chained.stamp(c="z")
    e.signals.before_task_publish.connect(listen, weak=False)
    try:
        with e.working(app):
            first, second = call.delay(), chained.delay()
            got(first)
            got(second)
            meta = first._get_task_meta()
    finally:
        e.signals.before_task_publish.disconnect(listen)
    return [sent, seen, sorted(meta.get("stamped_headers") or ()), meta.get("a"), meta.get("b")]


@scenario
def links_are_called_in_a_worker(e: Side) -> Any:
    app, add, tsum = tasks(e)
    boom = failing(app)
    note, seen = noting(app)
    group, chain, chord = e.root.group, e.root.chain, e.root.chord
    last = add.si(0, 0)

    def linked(call: Any) -> Any:
        call.link(note.s("ok"))
        call.link_error(note.si("failed"))
        return call

    answers = []
    with e.working(app):
        for call in (
            linked(add.s(1, 1)),
            linked(boom.s()),
            linked(chain(add.s(1, 1), add.s(2))),
            linked(chain(add.s(1, 1), boom.s(), add.s(2))),
            linked(group([add.s(1, 1), boom.s()])),
            linked(chord([add.s(1, 1)], tsum.s())),
            linked(chord([add.s(1, 1)], boom.s())),
        ):
            del seen[:]
            outcome = shown(got(call.apply_async()))
            for _ in range(3):
                got(last.delay())
            answers.append([outcome, sorted(map(str, seen))])
    return answers


@scenario
def failures_in_a_worker_reach_whoever_waits(e: Side) -> Any:
    app, add, tsum = tasks(e)
    boom = failing(app)
    chain, chord = e.root.chain, e.root.chord
    with e.working(app):
        tail = chain(add.s(1, 1), boom.s(), add.s(2))()
        error = got(tail)
        states = [tail.state, tail.parent.state, tail.parent.parent.state]
        group = e.root.group([add.s(1, 1), boom.s()])()
        group_error, both = got(group), got(group, propagate=False)
        of_group = [group.ready(), group.waiting(), group.successful(), group.failed(), group.completed_count()]
        body = chord([add.s(1, 1), boom.s()], tsum.s())()
        body_error = got(app.AsyncResult(body.id))  # whose words differ: see the_culprit_is_named_by_default
    return [shown(error), states, shown(group_error), shown(both), of_group, type(body_error).__name__, body.state]


@scenario
def what_a_task_sends_is_its_children(e: Side) -> Any:
    app, add, tsum = tasks(e)

    def sending(how: str) -> None:
        if how == "task":
            add.delay(1, 1)
        elif how == "group":
            e.root.group([add.s(1, 1), add.s(2, 2)])()
        elif how == "chord":
            e.root.chord([add.s(1, 1)], tsum.s())()
        elif how == "apart":
            add.apply_async((1, 1), add_to_parent=False)

    task = app.task(name="proj.sending", shared=False)(sending)
    answers = []
    with e.working(app):
        for how in ("none", "task", "group", "chord", "apart"):
            result = task.delay(how)
            got(result)
            children = [[type(child).__name__, len(getattr(child, "results", ()))] for child in result.children]
            for child in result.children:
                got(child)
            answers.append([how, children, [shown(pair[1]) for pair in result.collect()]])
        chained = e.root.chain(add.s(1, 1), add.s(2))()
        got(chained)
        answers.append([chained.children, [type(child).__name__ for child in chained.parent.children]])
    return answers


@scenario
def graphs_of_what_was_sent(e: Side) -> Any:
    app, add, _ = tasks(e)

    def sending() -> None:
        e.root.group([add.s(1, 1).set(task_id="a"), add.s(2, 2).set(task_id="b")], app=app).apply_async(task_id="g")

    task = app.task(name="proj.sending", shared=False)(sending)
    with e.working(app):
        result = task.apply_async(task_id="top")
        got(result)
        pending = shown(tried(lambda: app.AsyncResult("nobody").build_graph()))
        loose = repr(app.AsyncResult("nobody").build_graph(intermediate=True))
        for child in result.children:
            got(child)
        graph = result.graph
        return [repr(graph), [str(node) for node in graph.topsort()], len(graph), pending, loose, result.get_leaf()]


@scenario
def results_are_written_down_and_found_again(e: Side) -> Any:
    app, add, _ = tasks(e)
    names = Names()
    with e.working(app):
        result = e.root.group([add.s(1, 1), add.s(2, 2)])()
        result.save()
        found = app.GroupResult.restore(result.id)
        values = got(found)
        result.delete()
    again = e.results.result_from_tuple(result.as_tuple(), app=app)
    return [
        found == result,
        values,
        app.GroupResult.restore(result.id),
        again == result,
        names(result.as_tuple()),
        tree(again, names),
    ]
