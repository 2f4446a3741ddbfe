"""Tasks: their classes, names, attributes and faces, and the context of a run."""

# ruff: noqa: PLW0108, S102 - tasks take what is sent; a scenario writes its steps out

from __future__ import annotations

import pickle
import sys
from types import ModuleType
from typing import Any

from core_means import Side, scenario, tried, warned


def plain(x: int, y: int = 0) -> int:
    """Add two numbers."""
    return x + y


@scenario
def every_task_has_a_class_of_its_own_below_the_apps_task(e: Side) -> Any:
    app = e.app()
    add = app.task(plain)
    cls = type(add._get_current_object())
    tree = [f"{each.__module__}.{each.__name__}" for each in cls.__mro__ if each.__module__ != __name__]
    return [cls.__name__, tree, app.Task.__name__, app.Task is app.Task, app.Task.app is app, issubclass(cls, app.Task)]


@scenario
def a_base_class_stands_above_the_function(e: Side) -> Any:
    app = e.app()

    class Counting(e.root.Task):
        counted = 0
        abstract = True

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            type(self).counted += 1
            return super().__call__(*args, **kwargs)

    add = app.task(base=Counting, name="add")(plain)
    value = add(2, 2)
    return [
        value,
        add.counted,
        Counting.counted,
        [each.__name__ for each in type(add._get_current_object()).__mro__],
        add.app is app,
    ]


@scenario
def an_app_may_have_a_task_class_of_its_own(e: Side) -> Any:
    class Own(e.root.Task):
        mark = "own"

    app = e.app(task_cls=Own)
    add = app.task(plain)

    class Derived(e.root.Celery):
        task_cls = Own

    other = Derived("other").task(name="x")(plain)
    return [add.mark, app.Task.__mro__[1].__name__, app.Task.mark, other.mark, app.Task.__name__]


@scenario
def names_come_from_module_and_function(e: Side) -> Any:
    app, nameless = e.root.Celery("dome"), e.root.Celery()
    name_of = [("foo", "__main__"), ("foo", "some.module"), ("foo", None)]
    made = [app.task(plain).name, app.task(name="given")(plain).name]
    sys.modules["proj_tasks"] = module = ModuleType("proj_tasks")
    exec("def hello(): return 1", vars(module))
    main = ModuleType("__main__")
    exec("def hello(): return 1", vars(main))
    return [
        made,
        [tried(lambda pair=pair: app.gen_task_name(*pair)) for pair in name_of],
        [tried(lambda pair=pair: nameless.gen_task_name(*pair)) for pair in name_of],
        app.task(module.hello).name,
        app.task(main.hello).name,
        tried(lambda: nameless.task(main.hello).name),
    ]


@scenario
def an_app_may_name_tasks_its_own_way(e: Side) -> Any:
    class Own(e.root.Celery):
        def gen_task_name(self, name: str, module: str) -> str:
            return f"{module.rpartition('.')[2]}:{name}"

    return Own("mine").task(plain).name


@scenario
def the_second_function_of_a_name_is_refused_with_a_warning(e: Side) -> Any:
    app = e.app()

    def first() -> int:
        return 1

    def second() -> int:
        return 2

    app.task(name="t", shared=False)(first)
    app.task(name="t", shared=False)(second)
    again = warned(lambda: app.tasks["t"]())
    return [again, warned(lambda: app.task(name="t")(second)()), warned(lambda: app.task(name="t")(first)())]


@scenario
def a_registered_class_replaces_the_one_before_with_a_warning(e: Side) -> Any:
    app = e.app()

    class One(e.root.Task):
        name = "t"

        def run(self) -> int:
            return 1

    class Two(e.root.Task):
        name = "t"

        def run(self) -> int:
            return 2

    class Unnamed(e.root.Task):
        pass

    first = app.register_task(One())
    told = warned(lambda: app.register_task(Two).run())
    unnamed = app.register_task(Unnamed)
    return [first(), told, app.tasks["t"](), unnamed.name, tried(unnamed), repr(unnamed), first.app is app]


@scenario
def what_is_no_function_is_refused(e: Side) -> Any:
    app = e.app()
    with_lambda = app.task(name="x")(lambda: 1)
    return [
        tried(lambda: app.task(3)),
        tried(lambda: app.task(1, 2)),
        tried(lambda: app.task(1, 2, name="x")),
        tried(lambda: with_lambda.name),
        tried(lambda: app.task(object())),
    ]


@scenario
def a_lambda_breaks_the_registry_when_it_is_read(e: Side) -> Any:
    app = e.app()
    app.task(lambda: 1)
    return [tried(lambda: len(app.tasks) > 0), app.finalized]


@scenario
def a_task_keeps_the_face_of_its_function(e: Side) -> Any:
    app = e.app()
    add = app.task(plain)
    before = [add.__doc__, add.__name__, add.__module__]
    add.name  # noqa: B018 - evaluates
    return [
        before,
        add.__doc__,
        add.__name__,
        add.__qualname__,
        add.__module__,
        add.__annotations__,
        add.__wrapped__ is plain,
        add.run is plain,
        add(2, y=3),
        callable(add),
    ]


@scenario
def options_become_attributes_and_a_filter_has_the_last_word(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t", queue="slow", max_retries=None, colour="red", rate_limit="10/m")(plain)
    filtered = app.task(name="f", filter=lambda task: [type(task).__name__])(plain)
    at_once = app.task(name="l", lazy=False)(plain)
    return [add.queue, add.max_retries, add.colour, add.rate_limit, filtered, type(at_once).__name__, app.finalized]


@scenario
def attributes_have_celerys_defaults(e: Side) -> Any:
    names = (
        *("name", "typing", "max_retries", "default_retry_delay", "rate_limit", "ignore_result"),
        *("trail", "send_events", "serializer", "store_errors_even_if_ignored", "store_eager_result", "time_limit"),
        *(
            "soft_time_limit",
            "track_started",
            "acks_late",
            "acks_on_failure_or_timeout",
            "acks_on_failure",
            "acks_on_timeout",
        ),
        *("reject_on_worker_lost", "retry_on_worker_lost", "throws", "expires", "priority", "resultrepr_maxsize"),
        *("acks_on_timeout", "abstract", "__bound__"),
    )
    app = e.app()
    add = app.task(name="t")(plain)
    bound = {name: getattr(add, name, "missing") for name in names}
    return [{name: getattr(e.root.Task, name, "missing") for name in names}, bound, e.root.Task.from_config]


@scenario
def attributes_follow_the_settings(e: Side) -> Any:
    app = e.app(
        task_serializer="yaml",
        task_time_limit=9,
        task_acks_late=True,
        task_ignore_result=True,
        task_track_started=True,
        task_default_rate_limit="1/s",
        task_acks_on_failure_or_timeout=False,
        task_store_eager_result=True,
        task_default_priority=3,
    )
    add, own = app.task(name="t")(plain), app.task(name="o", serializer="json", acks_late=False)(plain)
    names = (
        "serializer",
        "time_limit",
        "acks_late",
        "ignore_result",
        "track_started",
        "rate_limit",
        "priority",
        "acks_on_failure_or_timeout",
        "acks_on_failure",
        "acks_on_timeout",
        "store_eager_result",
    )
    return [{name: getattr(task, name) for name in names} for task in (add, own)]


@scenario
def annotations_are_laid_over_tasks(e: Side) -> Any:
    class Annotation:
        def annotate(self, task: Any) -> Any:
            return {"seen": task.name} if task.name == "t" else None

    def around(call: Any) -> Any:
        return lambda *args, **kwargs: ("around", call(*args, **kwargs))

    app = e.app(task_annotations=[{"*": {"rate_limit": "1/s", "a": 1}, "t": {"a": 2}}, Annotation()])
    wrapped = e.app(task_annotations={"t": {"@run": around, "max_retries": 9}})
    tasks = app.task(name="t")(plain), app.task(name="u")(plain), wrapped.task(name="t", shared=False)(plain)
    return [[getattr(task, name, None) for name in ("rate_limit", "a", "seen", "max_retries")] for task in tasks] + [
        tried(lambda: tasks[2].run(1))
    ]


@scenario
def tasks_and_their_classes_show_themselves(e: Side) -> Any:
    app = e.app()
    add = app.task(plain)
    cls = type(add._get_current_object())

    class Unbound(e.root.Task):
        pass

    return [repr(add), repr(app.Task), repr(cls), repr(Unbound), str(add), repr(e.root.Task)]


@scenario
def the_registry_knows_what_it_has(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    tasks = app.tasks
    known = [tasks["t"] is add._get_current_object(), tried(lambda: tasks["nope"]), tasks.get("nope"), "nope" in tasks]
    removed = [tried(lambda: tasks.unregister("t")), "t" in tasks, tried(lambda: tasks.unregister("t"))]
    tasks.register(add)
    return [
        known,
        removed,
        "t" in tasks,
        type(tasks).__name__,
        sorted(tasks.regular()) == sorted(tasks),
        tasks.periodic(),
        tried(lambda: tasks.register(e.root.Task())),
    ]


@scenario
def a_task_travels_by_name(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    task = add._get_current_object()
    back = [pickle.loads(pickle.dumps(each)) for each in (task, add)]  # noqa: S301 - what was pickled a moment ago
    return [each is task for each in back]


@scenario
def a_context_has_defaults(e: Side) -> Any:
    context = e.task.Context
    names = sorted(name for name in vars(context) if not name.startswith("__") and not callable(getattr(context, name)))
    empty = context()
    full = context({"id": "1", "timelimit": [3, 2]}, retries=1)
    return [
        {name: getattr(context, name) for name in names if name not in ("children", "headers")},
        repr(empty)[:10],
        empty.children,
        full.id,
        full.time_limit,
        full.soft_time_limit,
        full.get("nope", 5),
        full.get("retries"),
        sorted(set(vars(full)) - {"headers"}),
        [full.clear(), vars(full)],
    ]


@scenario
def a_context_finds_the_headers_of_the_user(e: Side) -> Any:
    made = e.task.Context({"id": "1", "task": "t", "lang": "py", "mine": 5, "argsrepr": "()"})
    given = e.task.Context({"id": "1", "headers": {"own": 1}, "mine": 5})
    return [made.headers, given.headers, e.task.Context(id="2").headers]


@scenario
def a_context_tells_how_to_send_the_call_again(e: Side) -> Any:
    context = e.task.Context(
        id="1",
        root_id="0",
        retries=2,
        timelimit=[9, 8],
        headers={"x-death": 1, "x-last-death-queue": 2, "mine": 3},
        callbacks=[1],
        errbacks=[2],
        group="g",
        stamps={"a": 1, "b": 2},
        stamped_headers=["a"],
        origin="o",
    )
    return [context.as_execution_options(), e.task.Context().as_execution_options()]


@scenario
def tasks_can_be_run_with_a_pretended_request(e: Side) -> Any:
    app = e.app()
    add = app.task(name="t")(plain)
    outside = [add.request.id, add.request.called_directly, add.request.retries]
    add.push_request(id="pretended", retries=3)
    inside = [add.request.id, add.request.retries, add.request.called_directly]
    add.pop_request()
    return [outside, inside, add.request.id]
