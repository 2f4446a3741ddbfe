"""The table of settings, and what may be shown of it."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

from configuration_means import Plain, Side, app_of, module, scenario, tried

# -- the table of settings ---------------------------------------------------------------------------------------------


@scenario
def every_setting_has_its_type_default_and_deprecation(e: Side) -> Any:
    return [
        [name, repr(option), option.deprecate_by, option.remove_by, option.alt]
        for name, option in e.defaults.flatten(e.defaults.NAMESPACES)
    ]


@scenario
def the_names_of_a_part_of_the_table_are_flattened_with_a_root(e: Side) -> Any:
    return [
        name
        for name, _ in e.defaults.flatten(
            {"redis": e.defaults.NAMESPACES["redis"], "timezone": e.defaults.NAMESPACES["timezone"]}, "x_"
        )
    ]


@scenario
def an_option_reads_text(e: Side) -> Any:
    def read(name: str, text: str) -> Any:
        return tried(lambda: e.defaults.find(name).type.to_python(text))

    return {
        "bool": [read("task_always_eager", text) for text in ("yes", "OFF", "1", "maybe")],
        "int": [read("worker_prefetch_multiplier", text) for text in ("7", "many")],
        "float": read("result_chord_join_timeout", "2"),
        "any": read("worker_concurrency", "auto"),
        "list": read("accept_content", "json"),
        "odd": read("beat_cron_starting_deadline", "5"),
    }


@scenario
def a_setting_is_found_by_its_name_or_half_of_it(e: Side) -> Any:
    names = (
        "prefetch_multiplier",
        "always_eager",
        "task_always_eager",
        "TIMEZONE",
        "url",
        "worker",
        "nope",
        "redis_db",
    )
    return [repr(tried(lambda name=name: e.defaults.find(name))) for name in names] + [
        repr(tried(lambda: e.defaults.find("backend", namespace="result"))),
        repr(tried(lambda: e.defaults.find("backend", namespace="nowhere"))),
        repr(tried(lambda: e.defaults.find("worker", namespace="worker")))[:40],
    ]


@scenario
def each_old_name_sets_its_new_one(e: Side) -> Any:
    def read(old_name: str, name: str) -> Any:
        app = app_of(e)
        app.config_from_object({old_name: "it"})
        return [old_name, name, app.conf[name], app.conf[old_name]]

    return [read(old_name, name) for name, old_name in e.old_names.items()]


# -- asking about settings ---------------------------------------------------------------------------------------------


@scenario
def settings_are_found_and_asked_about(e: Side) -> Any:
    app = app_of(e, changes={"worker_pool": "solo", "task_do_this": 3})
    conf = app.conf
    return [
        repr(conf.find_option("prefetch_multiplier")), tried(lambda: conf.find_option("nope")),
        conf.find_value_for_key("always_eager"), conf.find_value_for_key("pool", "worker"),
        conf.find_value_for_key("timezone"), conf.get_by_parts("task", None, "do", "this"),
        conf.value_set_for("worker_pool"), conf.value_set_for("CELERYD_POOL"), conf.value_set_for("task_serializer"),
        tried(lambda: conf.find_value_for_key("nope")), conf.maybe_warn_deprecated_settings(),
    ]  # fmt: skip


@scenario
def old_names_in_use_are_warned_of(e: Side) -> Any:
    app = app_of(e)
    app.config_from_object({"CELERY_TASK_SERIALIZER": "yaml"})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warned = app.conf.maybe_warn_deprecated_settings()
    return [warned, [[type(warning.message).__name__, str(warning.message)] for warning in caught]]


@scenario
def a_setting_that_will_go_is_warned_of_in_a_module_and_not_in_a_dictionary(e: Side) -> Any:
    def warned(source: Any) -> Any:
        app = app_of(e)
        app.config_from_object(source)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            app.conf.finalize()
        return [[type(warning.message).__name__, str(warning.message)] for warning in caught]

    attributes = {"task_acks_on_failure_or_timeout": False}
    return [warned(attributes), warned(SimpleNamespace(**attributes)), warned(module("proj_acks", **attributes))]


@scenario
def settings_without_defaults_are_settings(e: Side) -> Any:
    app = app_of(e, changes={"worker_pool": "solo"})
    app.config_from_object({"task_serializer": "yaml"})
    app.conf.finalize()
    bare = app.conf.without_defaults()
    return [type(bare).__name__, list(bare.items()), repr(bare), bare.broker_url, tried(lambda: bare.worker_consumer)]


@scenario
def the_repr_shows_the_layers(e: Side) -> Any:
    app = app_of(e, broker="memory://", changes={"worker_pool": "solo"})
    app.config_from_object({"task_serializer": "yaml", "task_default_queue": "q"})
    app.conf.finalize()
    return repr(app.conf)


# -- tables and secrets ------------------------------------------------------------------------------------------------


@scenario
def a_table_of_nothing_has_one_line(e: Side) -> Any:
    conf = app_of(e).conf
    return [conf.table(), conf.humanize()]


@scenario
def a_table_shows_what_was_set_and_covers_secrets(e: Side) -> Any:
    app = app_of(e, broker="amqp://me:secret@host//", backend="redis://:secret@host/1")
    app.config_from_object({
        "redis_password": "x", "security_key": None, "database_url": "sqlite://", "task_queues": {"key": 1, "a": [1]},
        "imports": ("a", "b"), "task_routes": [{"x": "y"}], "result_expires": 60, "MY_API_URL": "u", "_private": 1,
    })  # fmt: skip
    return [app.conf.table(), app.conf.table(censored=False), app.conf.humanize(), app.conf.humanize(censored=False)]


@scenario
def a_table_with_defaults_covers_even_what_nobody_set(e: Side) -> Any:
    app = app_of(e, broker="memory://", backend="cache+memory://")
    return [app.conf.humanize(with_defaults=True), app.conf.table(with_defaults=True)]


@scenario
def a_table_of_an_object_leaves_out_what_python_adds(e: Side) -> Any:
    app = app_of(e)
    app.config_from_object(Plain())
    return app.conf.humanize()


@scenario
def long_values_are_broken_into_lines(e: Side) -> Any:
    long = [f"proj.tasks.number_{number}" for number in range(4)]
    return app_of(
        e, changes={"a": long, "b": tuple(long), "c": dict.fromkeys(long, 1), "d": (), "e": {}}
    ).conf.humanize()


@scenario
def a_broker_url_is_written_out_with_its_password_covered(e: Side) -> Any:
    urls = [
        "amqp://", "amqp://guest:guest@localhost:5672//", "amqp://u@h", "amqps://u:p@h/v/x", "redis://h", "redis://",
        "pyamqp://u:p%20w@h/%2Fx", "redis://:pw@h:6379/0", "rediss://u:p@H/3?ssl_cert_reqs=none", "memory://",
        "memory://localhost", "filesystem://", "sentinel://:pw@h1:1/0;sentinel://:pw@h2", "sentinel://h", "", None,
        "localhost", "amqp://a:b@h1;amqp://c:d@h2", ["amqp://a:b@h1", "redis://x"], "amqp://u:p@[::1]:33/",
        "amqp://u%40x:p@h/a b",
    ]  # fmt: skip
    return [[url, e.filter_hidden_settings({"broker_url": url, "BROKER_READ_URL": url})] for url in urls]


@scenario
def a_backend_url_loses_its_password_and_keeps_its_form(e: Side) -> Any:
    urls = [
        None, "", "disabled", "redis://h/0", "redis://:pw@h:6379/0", "redis://u@h", "redis://u:p@h/1?a=1;b=2#c",
        "redis://:p,ass@word@h:6379/0", "redis://user:p,a@ss@h/0", "redis://:pa;ss@h/0", "redis://ambiguous@extra@h/0",
        "cache+memcached://1.1.1.1:1;2.2.2.2:2/", "cache+memcached://1.1.1.1:1;;2.2.2.2:2",
        "cache+memcached://u:p1@1.1.1.1:1;u:p2@2.2.2.2:2/", "mongodb://u:p@h1:1,u:p@h2:2/db?replicaSet=x",
        "sentinel://:s@h1:1;sentinel://:t@h2:2/0", "sentinel://:s@h1:1;h2:2;h3:3/0", "invalid://bad:url:colons",
        "sentinel://u1:p1@h1:1;:ambiguous@h2:2/0", "sentinel://u1:p1@h1:1;;h2:2;u3:p3@h3:3/0", "redis://:p@h:notaport/0",
        "db+postgresql://u:p@h/db", "azureblockblob://Protocol=https;AccountName=a;AccountKey=S==;Suffix=core",
        "azureblockblob://accountkey=SECRET", "azureblockblob://BlobEndpoint=https://a.net/?sv=1&SIG=S;AccountName=a",
        "azureblockblob://AccountName=a;SharedAccessSignature=?sv=2&sig=S", "azureblockblob://AccountKey=SEC#RET;x",
    ]  # fmt: skip
    return [
        [url, tried(lambda url=url: e.sanitize_url(url)), e.filter_hidden_settings({"a_backend": url})] for url in urls
    ]


@scenario
def keys_that_are_not_text_are_let_through(e: Side) -> Any:
    return e.filter_hidden_settings({("my", "key"): "x", "STRING_KEY": {1: 2, "pass": 3}, 5: {"token": 1}})
