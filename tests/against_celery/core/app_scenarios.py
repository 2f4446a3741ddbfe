"""Apps: how they show themselves, when they become real, and which tasks they have."""

# ruff: noqa: PLW0108 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

from typing import Any

from core_means import Side, scenario, tried


def plain(x: int, y: int = 0) -> int:
    """Add two numbers."""
    return x + y


def itself(self: Any) -> str:
    """Tell the task's name."""
    return str(self.name)


@scenario
def an_app_shows_its_name(e: Side) -> Any:
    class Own(e.root.Celery):
        pass

    e.renew()
    current = repr(e.root.current_app)
    return [repr(e.root.Celery()), repr(e.root.Celery("proj")), repr(Own("mine")), current, repr(e.app().main)]


@scenario
def a_task_is_a_promise_until_it_is_used(e: Side) -> Any:
    app = e.app()
    add = app.task(plain)
    before = [type(add).__name__, add.__evaluated__(), len(app._pending)]
    text = repr(add)
    after = [type(add).__name__, add.__evaluated__(), type(add._get_current_object()).__name__]
    return [before, text, after, app.finalized, isinstance(add, e.root.Task), add.__class__]


@scenario
def touching_a_name_finalizes_nothing_and_reading_the_registry_does(e: Side) -> Any:
    app = e.app()
    one, two = app.task(plain), app.task(name="two")(plain)
    steps = [app.finalized, one.name, app.finalized, two.__evaluated__(), len(app._pending)]
    names = sorted(name for name in app.tasks if not name.startswith("celery."))
    return [*steps, names, app.finalized, two.__evaluated__(), len(app._pending)]


@scenario
def a_task_made_after_finalizing_is_made_at_once(e: Side) -> Any:
    app = e.app()
    app.finalize()
    late = app.task(plain)
    return [type(late).__name__, late.name in app._tasks, len(app._pending), app.finalize()]


@scenario
def built_in_tasks_are_in_every_app(e: Side) -> Any:
    app = e.app()
    return [
        sorted(app.tasks),
        tried(lambda: app.tasks["celery.chain"]()),
        app.tasks["celery.accumulate"](1, 2),
        app.tasks["celery.accumulate"](1, 2, index=0),
    ]


@scenario
def on_init_comes_at_the_end(e: Side) -> Any:
    said = []

    class Own(e.root.Celery):
        def on_init(self) -> None:
            said.append([self.main, self.finalized, self.configured, e.root.current_app == self])

    Own("mine")
    return said


@scenario
def an_app_that_wants_to_be_finalized_says_so(e: Side) -> Any:
    app = e.app(autofinalize=False)
    add = app.task(plain)
    before = [tried(lambda: app.tasks), tried(lambda: add.name), tried(lambda: app.task(lazy=False)(plain))]
    app.finalize()
    return [before, add.name, sorted(name for name in app.tasks if "." not in name)]


@scenario
def the_signal_after_finalizing_comes_once(e: Side) -> Any:
    app, said = e.app(), []
    app.on_after_finalize.connect(lambda sender, **_: said.append([sender is app, sender.finalized]), weak=False)
    app.task(name="t")(plain)
    app.finalize()
    app.finalize()
    return said


@scenario
def a_shared_task_reaches_every_app(e: Side) -> Any:
    early = e.root.Celery("early")
    early.finalize()
    add = e.root.shared_task(name="shared.add")(plain)
    late = e.root.Celery("late")
    return [
        "shared.add" in early.tasks,
        "shared.add" in late.tasks,
        early.tasks["shared.add"] is late.tasks["shared.add"],
        add.name,
        type(add).__name__,
        add(1, 2),
    ]


@scenario
def a_shared_task_follows_the_current_app(e: Side) -> Any:
    add = e.root.shared_task(plain)
    one, two = e.root.Celery("one"), e.root.Celery("two")
    second = add.app.main
    one.set_current()
    return [second, add.app.main, add.name, repr(add), two.main, add._get_current_object() is one.tasks[add.name]]


@scenario
def shared_task_takes_options_and_refuses_a_second_time(e: Side) -> Any:
    app = e.app()
    bound = e.root.shared_task(bind=True, name="b", max_retries=7)(itself)
    add = e.root.shared_task(plain)
    return [tried(lambda: bound.max_retries), tried(lambda: e.root.shared_task(add)), app.tasks["b"]()]


@scenario
def a_task_of_an_app_shows_up_in_apps_made_later_unless_it_is_not_shared(e: Side) -> Any:
    first = e.app()
    first.task(name="open")(plain)
    first.task(name="closed", shared=False)(plain)
    later = e.root.Celery("later")
    return [[name in later.tasks for name in ("open", "closed")], later.tasks["open"].app.main]


@scenario
def the_current_app_is_the_last_one_made(e: Side) -> Any:
    one = e.root.Celery("one")
    quiet = e.root.Celery("quiet", set_as_current=False)
    steps = [e.root.current_app.main]
    two = e.root.Celery("two")
    steps.append(e.root.current_app.main)
    one.set_current()
    steps.append(e.root.current_app.main)
    quiet.set_default()
    steps.append(e.root.current_app.main)
    return [*steps, e.root.current_app == one, two.main]


@scenario
def without_any_app_there_is_a_default_one(e: Side) -> Any:
    e.root.Celery("quiet", set_as_current=False)
    app = e.root.current_app
    return [app.main, repr(app), app.finalized, e.root.current_task._get_current_object()]


@scenario
def an_app_is_closed_by_a_with_block(e: Side) -> Any:
    with e.root.Celery("brief") as app:
        inside = app.main
    return [inside, tried(lambda: app.close())]
