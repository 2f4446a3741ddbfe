"""Replaced tasks: by one call, a chain, a group, a chord; within chains and chords; what may not take their place."""

# ruff: noqa: ARG001 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

from typing import Any

from core_means import Side, bare, got, scenario, shown


def tasks_of(e: Side, app: Any, seen: list[Any]) -> dict[str, Any]:
    """Return plain tasks, and one that is replaced by whatever it is told."""

    def add(x: int, y: int = 0) -> int:
        return x + y

    def tsum(values: list[int]) -> int:
        return sum(values)

    def failing(*_: Any) -> None:
        raise ValueError("boom")

    def noting(self: Any, *args: Any) -> Any:
        request = self.request
        seen.append([shown(list(args)), request.id, request.root_id, request.replaced_task_nesting, request.group])
        return args[0] if args else None

    def told(request: Any, exc: Any, traceback: Any) -> None:
        seen.append(["told", request.id, request.task, shown(bare(exc))])

    made = {fun.__name__: app.task(name=fun.__name__)(fun) for fun in (add, tsum, failing, told)}
    made["noting"] = app.task(name="noting", bind=True)(noting)

    def forms(x: int) -> dict[str, Any]:
        a, s, n, f = made["add"], made["tsum"], made["noting"], made["failing"]
        return {
            "one": lambda: a.s(x, 10),
            "partial": lambda: n.s(x),
            "chain": lambda: e.root.chain(a.s(x, 1), n.s()),
            "group": lambda: e.root.group(a.s(x, 1), a.s(x, 2)),
            "single": lambda: e.root.group([a.s(x, 1)]),
            "chord": lambda: e.root.chord([a.s(x, 1), a.s(x, 2)], s.s()),
            "chain of group": lambda: e.root.chain(a.s(x, 1), e.root.group(a.s(1), a.s(2))),
            "again": lambda: made["replaced"].s("partial", x),
            "failing": f.s,
            "broken chain": lambda: e.root.chain(a.s(x, 1), f.s(), a.s(2)),
            "empty chain": e.root.chain,
            "empty group": e.root.group,
            "in a chord": lambda: a.s(x, 1).set(chord=s.s()),
        }

    def replaced(self: Any, how: str, x: int) -> Any:
        seen.append(["replaced", how])
        return self.replace(forms(x)[how]())

    made["replaced"] = app.task(name="replaced", bind=True)(replaced)
    return made


def of_kind(kind: str) -> Any:
    """Return the scenario in which a task is replaced by something of that kind."""

    def steps(e: Side) -> Any:
        app, seen = e.app(), []
        t = tasks_of(e, app, seen)
        with e.working(app):
            result = t["replaced"].apply_async((kind, 5), task_id="mine")
            value = got(result)
            state = result.state
            chained = e.root.chain(t["replaced"].s(kind, 5), t["noting"].s()).apply_async()
            follows = got(chained)
        return [value, state, follows, shown(sorted(seen, key=str))]

    steps.__name__ = f"a_task_is_replaced_by_{kind.replace(' ', '_')}"
    return scenario(steps)


for _kind in (
    "one", "partial", "chain", "group", "single", "chord", "chain of group", "again", "failing", "broken chain",
    "empty chain", "empty group", "in a chord",
):  # fmt: skip
    of_kind(_kind)


@scenario
def callbacks_wait_for_the_replacement(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(e, app, seen)
    with e.working(app):
        for number, kind in enumerate(("one", "chain", "group", "chord")):
            link = t["noting"].s().set(task_id=f"after{number}")
            t["replaced"].apply_async((kind, 1), task_id=f"mine{number}", link=link)
        values = [[got(app.AsyncResult(f"{name}{number}")) for name in ("mine", "after")] for number in range(4)]
    return shown(values)


@scenario
def errbacks_wait_for_the_replacement(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(e, app, seen)
    with e.working(app):
        for kind in ("failing", "broken chain"):
            got(t["replaced"].apply_async((kind, 1), task_id=kind, link_error=t["told"].s()))
    return sorted((line for line in seen if line[0] == "told"), key=str)


@scenario
def a_part_of_a_chord_may_be_replaced(e: Side) -> Any:
    app, seen = e.app(result_cache_max=100), []
    t = tasks_of(e, app, seen)
    with e.working(app):
        bodies = [
            e.root.chord([t["replaced"].s(kind, 1), t["add"].s(1, 1)])(t["noting"].s())
            for kind in ("one", "chain", "chord", "group", "failing")
        ]
        return [got(app.AsyncResult(body.id)) for body in bodies]


@scenario
def the_body_of_a_chord_may_be_replaced(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(e, app, seen)

    def body(self: Any, values: list[int]) -> Any:
        return self.replace(e.root.chain(t["tsum"].si(values), t["add"].s(100)))

    task = app.task(name="body", bind=True)(body)
    with e.working(app):
        return got(e.root.chord([t["add"].s(1, 1), t["add"].s(2, 2)])(task.s()))


@scenario
def an_eager_task_is_replaced_on_the_spot(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(e, app, seen)
    answers = []
    for kind in ("one", "chain", "group", "chord", "failing"):
        result = t["replaced"].apply((kind, 2))
        answers.append([result.state, shown(result.result)])
    return answers


@scenario
def always_eager_replacing_is_refused_like_waiting(e: Side) -> Any:
    app, seen = e.app(task_always_eager=True), []
    t = tasks_of(e, app, seen)
    result = t["replaced"].delay("one", 2)
    return [result.state, shown(result.result)]


@scenario
def a_replacement_can_be_looked_at(e: Side) -> Any:
    app, seen = e.app(), []
    t = tasks_of(e, app, seen)

    class Watching(e.task.Task):
        def on_replace(self, sig: Any) -> Any:
            seen.append(["on_replace", sig.task, sig.id])
            return super().on_replace(sig)

    def watched(self: Any) -> Any:
        return self.replace(t["add"].s(1, 1))

    task = app.task(name="watched", bind=True, base=Watching)(watched)
    with e.working(app):
        return [got(task.apply_async(task_id="mine")), seen]


@scenario
def replacements_keep_stamps_and_headers(e: Side) -> Any:
    app, seen = e.app(), []

    def looking(self: Any) -> Any:
        request = self.request
        seen.append([request.stamped_headers, request.stamps, request.headers])
        return 1

    target = app.task(name="looking", bind=True)(looking)

    def replaced(self: Any) -> Any:
        return self.replace(target.s())

    task = app.task(name="replaced", bind=True)(replaced)
    with e.working(app):
        value = got(task.apply_async(stamped_headers=["colour"], colour="red", headers={"own": 1}))
    return [value, shown(seen)]
