"""What waits, what loads, from where, and which layer wins."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from configuration_means import Plain, Side, app_of, environment, folder_with, module, scenario, tried

# -- waiting -----------------------------------------------------------------------------------------------------------


@scenario
def setting_does_not_load_and_reading_does(e: Side) -> Any:
    steps: dict[str, Callable[[Any], Any]] = {
        "touch": lambda _: None,
        "attribute": lambda conf: setattr(conf, "x", 1),
        "item": lambda conf: conf.__setitem__("x", 1),
        "update": lambda conf: conf.update(x=1),
        "setdefault": lambda conf: conf.setdefault("x", 1),
        "clear": lambda conf: conf.clear(),
        "in": lambda conf: "task_serializer" in conf,
        "keys": lambda conf: conf.keys() is None,
        "get": lambda conf: conf.get("task_serializer"),
        "read": lambda conf: conf.task_serializer,
        "property": lambda conf: conf.broker_url,
        "missing": lambda conf: tried(lambda: conf.nope),
        "len": lambda conf: len(conf) > 200,
        "bool": bool,
        "list": lambda conf: len(list(conf)) > 200,
        "repr": lambda conf: repr(conf)[:9],
        "finalize": lambda conf: conf.finalize() is conf,
        "copy": lambda conf: conf.copy() and None,
        "table": lambda conf: conf.table(),
        "without_defaults": lambda conf: conf.without_defaults() and None,
        "value_set_for": lambda conf: conf.value_set_for("x"),
        "find_option": lambda conf: repr(conf.find_option("always_eager")),
        "add_defaults": lambda conf: conf.add_defaults({"y": 1}),
    }

    def did(step: Callable[[Any], Any]) -> Any:
        app = app_of(e)
        return [tried(lambda: step(app.conf)), app.configured]

    return {name: did(step) for name, step in steps.items()}


@scenario
def the_settings_stay_the_same_object_when_they_are_loaded(e: Side) -> Any:
    app = app_of(e)
    before = app.conf
    before.x = 1
    read = before.task_serializer
    before.x = 2
    return [read, app.conf is before, app.conf.x, app.configured]


@scenario
def a_dictionary_given_as_source_is_looked_at_live(e: Side) -> Any:
    app, source = app_of(e), {"x": 1}
    app.config_from_object(source)
    first = app.conf.x
    source["x"] = 2
    return [first, app.conf.x]


@scenario
def an_error_of_the_source_comes_at_each_reading(e: Side) -> Any:
    app = app_of(e)
    app.config_from_object("proj_nowhere")
    app.conf.x = 1
    return [
        tried(lambda: app.conf.x), app.configured, tried(lambda: app.conf["x"]), tried(lambda: app.conf.get("x")),
        tried(lambda: app.conf.broker_url),
    ]  # fmt: skip


@scenario
def a_key_error_in_the_source_is_swallowed(e: Side) -> Any:
    app = app_of(e)
    with folder_with(proj_keyless="import os\nx = os.environ['PROJ_NOT_SET_ANYWHERE']\n"):
        app.config_from_object("proj_keyless")
        return [
            tried(lambda: app.conf.x), tried(lambda: app.conf["x"]), app.conf.get("x", 5), app.configured,
            app.conf.finalize() is app.conf, app.conf.table(),
        ]  # fmt: skip


@scenario
def an_attribute_error_in_the_source_is_told_as_a_missing_module(e: Side) -> Any:
    app, forced = app_of(e), app_of(e)
    with folder_with(proj_faulty="x = ().nope\n"):
        app.config_from_object("proj_faulty")
        return [
            tried(lambda: app.conf.x),
            app.configured,
            tried(lambda: forced.config_from_object("proj_faulty", force=True)),
        ]


# -- sources -----------------------------------------------------------------------------------------------------------


@scenario
def a_source_may_be_anything_with_settings_in_it(e: Side) -> Any:
    made = module("proj_settings", task_serializer="yaml", own=1, Plain=Plain)
    sources = {
        "dict": {"task_serializer": "yaml", "own": 1}, "module": made, "name": "proj_settings", "class": Plain,
        "colon": "proj_settings:Plain", "dot": "proj_settings.Plain", "object": Plain(),
        "namespace": SimpleNamespace(task_serializer="yaml", own=1),
    }  # fmt: skip

    def read(source: Any) -> Any:
        app = app_of(e)
        return [app.config_from_object(source), app.configured, app.conf.task_serializer, app.conf.own, app.configured]

    return {name: read(source) for name, source in sources.items()}


@scenario
def a_source_that_is_not_there_is_told_when_it_is_read(e: Side) -> Any:
    module("proj_settings", x=1)
    names = ("proj_nowhere", "proj_settings:Nope", "proj_settings.Nope", "proj_settings.x.y", "proj nowhere", ":x")

    def read(name: str, **keywords: Any) -> Any:
        app = app_of(e)
        given = tried(lambda: app.config_from_object(name, **keywords))
        return [given is None or given, tried(lambda: app.conf.task_serializer), app.configured]

    return [[name, read(name), read(name, force=True), read(name, silent=True)] for name in names] + [
        read("proj_nowhere", silent=True, force=True)
    ]


@scenario
def a_module_in_the_working_directory_is_found(e: Side) -> Any:
    app, path = app_of(e), list(sys.path)
    with folder_with(proj_celeryconfig="task_serializer = 'yaml'\n"):
        app.config_from_object("proj_celeryconfig")
        return [app.conf.task_serializer, sys.path == path]


@scenario
def the_last_source_before_the_first_reading_counts(e: Side) -> Any:
    app = app_of(e)
    app.config_from_object({"a": 1, "b": 1})
    app.config_from_object({"b": 2})
    return ["a" in app.conf, app.conf.b, "a" in app.conf]


@scenario
def forcing_reads_at_once_and_makes_new_settings(e: Side) -> Any:
    app = app_of(e)
    before = app.conf
    before.x = 1
    given = app.config_from_object({"y": 2}, force=True)
    return [app.configured, given is app.conf, app.conf is before, app.conf.x, app.conf.y]


@scenario
def a_new_source_drops_what_was_set_since_the_first_reading(e: Side) -> Any:
    app = app_of(e, changes={"a": "changes"}, broker="memory://")
    app.conf.b = "before"
    app.add_defaults({"c": "added"})
    first = [app.conf.a, app.conf.b, app.conf.c]
    app.conf.a = app.conf.b = app.conf.d = "after"
    before = app.conf
    app.config_from_object({"b": "source", "e": "source"})
    read = [tried(lambda name=name: app.conf[name]) for name in ("a", "b", "c", "d", "e", "broker_url")]
    return [first, read, app.conf is before, before.a]


@scenario
def a_new_source_that_is_silent_and_missing_changes_nothing(e: Side) -> Any:
    app = app_of(e)
    app.config_from_object({"x": 1})
    read = app.conf.x
    app.conf.y = 2
    given = app.config_from_object("proj_nowhere", silent=True)
    app.add_defaults({"z": 3})
    return [read, given, app.conf.x, app.conf.y, app.conf.z]


@scenario
def a_new_source_with_mixed_names_is_told_at_once(e: Side) -> Any:
    app = app_of(e)
    read = app.conf.task_serializer
    told = tried(lambda: app.config_from_object({"task_serializer": "yaml", "CELERY_RESULT_SERIALIZER": "yaml"}))
    return [read, told, tried(lambda: app.conf.task_serializer)]


@scenario
def an_empty_source_is_no_source(e: Side) -> Any:
    app, loaded = app_of(e), app_of(e)
    app.config_from_object({})
    loaded.config_from_object({"x": 1})
    read = loaded.conf.x
    loaded.config_from_object({})
    return [app.conf.task_serializer, len(app.conf.maps), read, tried(lambda: loaded.conf.x)]


@scenario
def a_source_given_to_the_app_is_read_later(e: Side) -> Any:
    module("proj_settings", x=1)
    app, silent = (
        app_of(e, config_source="proj_settings"),
        app_of(e, config_source="proj_no", config_source_silent=True),
    )
    return [app.configured, app.conf.x, silent.conf.task_serializer]


@scenario
def an_environment_variable_names_the_source(e: Side) -> Any:
    module("proj_settings", x=1)
    app, unset = app_of(e), app_of(e)
    with environment(PROJ_CONFIG="proj_settings", PROJ_EMPTY=""):
        app.config_from_envvar("PROJ_CONFIG")
        return [
            app.configured, app.conf.x, tried(lambda: unset.config_from_envvar("PROJ_UNSET")),
            tried(lambda: unset.config_from_envvar("PROJ_EMPTY")), unset.config_from_envvar("PROJ_UNSET", silent=True),
            unset.config_from_envvar("PROJ_CONFIG", force=True) is unset.conf, unset.configured,
        ]  # fmt: skip


@scenario
def an_app_without_a_source_reads_the_module_of_the_environment(e: Side) -> Any:
    module("proj_settings", x=1)

    def read(name: str, source: Any = None) -> Any:
        app = app_of(e, config_source=source)
        with environment(CELERY_CONFIG_MODULE=name):
            return [tried(lambda: app.conf.task_serializer), tried(lambda: app.conf.x)]

    names = ("proj_settings", "proj_nowhere", "proj_settings.py", "proj_settings.x", "")
    return [read(name) for name in names] + [read("proj_settings", source={"y": 1})]


# -- the order of the layers -------------------------------------------------------------------------------------------


@scenario
def what_is_set_by_hand_stands_above_the_source(e: Side) -> Any:
    app = app_of(e)
    app.conf.a = "set before the source"
    app.config_from_object({"a": "source", "b": "source", "c": "source"})
    app.conf.b = "set after the source"
    first = [app.conf.a, app.conf.b, app.conf.c]
    app.conf.c = "set after the reading"
    return [first, app.conf.c]


@scenario
def keywords_of_the_app_stand_above_the_source(e: Side) -> Any:
    app = app_of(e, broker="memory://", backend=None, include=["m"], task_serializer="yaml", own=0)
    app.config_from_object({"broker_url": "x://", "result_backend": "y://", "include": (), "task_serializer": "z"})
    conf = app.conf
    return [conf.broker_url, conf.result_backend, conf.include, conf.task_serializer, conf.own, app.conf.changes]


@scenario
def added_defaults_stand_between_changes_and_source(e: Side) -> Any:
    app = app_of(e)
    app.conf.a = "changes"
    app.config_from_object({"a": "source", "b": "source", "c": "source", "d": "source"})
    app.add_defaults({"a": 1, "b": 1, "c": 1})
    app.add_defaults(lambda: {"c": 2})
    waits = app.configured
    read = [app.conf[name] for name in "abcd"]
    app.add_defaults({"a": 3, "d": 3})
    app.add_defaults(lambda: {"c": 4})
    return [waits, read, [app.conf[name] for name in "abcd"], len(app.conf.maps), app.conf.task_serializer]


@scenario
def added_defaults_may_be_an_object(e: Side) -> Any:
    app = app_of(e)
    app.add_defaults(lambda: Plain)
    read = app.conf.own
    app.conf.add_defaults(SimpleNamespace(own=2))
    return [read, app.conf.own, app.conf.without_defaults().own]


@scenario
def promised_defaults_are_made_once_and_late(e: Side) -> Any:
    app, made = app_of(e), []
    app.add_defaults(lambda: made.append(1) or {"x": 1})
    before = len(made)
    read = app.conf.x
    app.config_from_object({"y": 1})
    return [before, read, made, tried(lambda: app.conf.x)]


# -- signals -----------------------------------------------------------------------------------------------------------


@scenario
def the_app_is_told_before_and_after_it_is_configured(e: Side) -> Any:
    app, told = app_of(e), []

    def before(sender: Any, **_: Any) -> None:
        told.append(["before", sender is app, app.configured])
        app.conf.x = "set in time"

    def after(sender: Any, source: Any, **_: Any) -> None:
        told.append(["after", sender is app, source is app.conf, app.configured, app.conf.x, source.y])

    app.on_configure.connect(before, weak=False)
    app.on_after_configure.connect(after, weak=False)
    app.config_from_object({"x": "source", "y": 1})
    app.add_defaults({"y": 2})
    silent = list(told)
    read = app.conf.x
    app.on_configure.disconnect(before)  # Celery loses itself in a receiver that sets while a loaded source is replaced
    app.config_from_object({"y": 3})
    return [silent, read, told]


@scenario
def a_receiver_that_fails_does_not_stop_the_loading(e: Side) -> Any:
    app = app_of(e)

    def fails(**_: Any) -> None:
        raise ValueError

    app.on_configure.connect(fails, weak=False)
    app.on_after_configure.connect(fails, weak=False)
    return [app.conf.task_serializer, app.configured]
