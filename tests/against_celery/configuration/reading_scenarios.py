"""Reading and setting single values."""

from __future__ import annotations

from typing import Any

from configuration_means import Side, app_of, environment, scenario, tried

# -- reading -----------------------------------------------------------------------------------------------------------


@scenario
def a_default_is_read_in_every_way(e: Side) -> Any:
    conf = app_of(e).conf
    return [
        conf.task_serializer, conf["task_serializer"], conf.get("task_serializer"), conf.CELERY_TASK_SERIALIZER,
        conf["CELERY_TASK_SERIALIZER"], conf.first("nope", "task_queues", "result_serializer"), conf.first("nope"),
    ]  # fmt: skip


@scenario
def what_is_not_there_is_refused(e: Side) -> Any:
    conf = app_of(e).conf
    return [
        tried(lambda: conf.nope),
        tried(lambda: conf["nope"]),
        conf.get("nope"),
        conf.get("nope", 3),
        "nope" in conf,
    ]


@scenario
def a_missing_name_is_told_with_its_namespace(e: Side) -> Any:
    app = app_of(e, namespace="CELERY")
    return [tried(lambda: app.conf["nope"]), tried(lambda: app.conf["CELERY_NOPE"]), tried(lambda: app.conf.nope)]


@scenario
def all_defaults_are_in_the_table_in_order(e: Side) -> Any:
    table = app_of(e).conf.table(with_defaults=True, censored=False)
    return [[name, repr(value)] for name, value in table.items()]


@scenario
def the_settings_are_a_mapping(e: Side) -> Any:
    app = app_of(e, changes={"task_serializer": "yaml"})
    conf, other = app.conf, app_of(e, changes={"task_serializer": "yaml"}).conf
    return [
        len(conf), bool(conf), list(conf)[:5], list(conf)[-3:], next(iter(conf.items())), len(list(conf.values())),
        "task_serializer" in list(conf.keys()), dict(conf) == dict(other), conf == other,
    ]  # fmt: skip


@scenario
def some_settings_follow_others(e: Side) -> Any:
    app = app_of(e, changes={"task_default_queue": "q"})
    before = [app.conf.task_default_exchange, app.conf.task_default_routing_key, app.conf["task_default_exchange"]]
    app.conf.task_default_routing_key = "key"
    return [before, app.conf.task_default_exchange, app.conf.task_default_routing_key]


@scenario
def django_s_time_zone_is_heard(e: Side) -> Any:
    app = app_of(e)
    app.conf.TIME_ZONE = "Europe/Paris"
    return [app.conf.timezone, tried(lambda: app.conf["timezone"])]


@scenario
def the_broker_url_has_fallbacks(e: Side) -> Any:
    apps = [app_of(e), app_of(e, broker="memory://"), app_of(e, changes={"broker_host": "h"})]
    apps.append(app_of(e, changes={"broker_url": "memory://", "broker_read_url": "r", "broker_write_url": "w"}))
    return [[app.conf.broker_url, app.conf.broker_read_url, app.conf.broker_write_url] for app in apps]


@scenario
def the_environment_is_stronger_than_the_settings(e: Side) -> Any:
    conf = app_of(e, broker="memory://", backend="rpc://").conf
    with environment(CELERY_BROKER_URL="a://", CELERY_RESULT_BACKEND="b://"):
        first = [conf.broker_url, conf.broker_read_url, conf["broker_url"], conf.result_backend]
    with environment(CELERY_BROKER_READ_URL="r://", CELERY_BROKER_WRITE_URL="w://"):
        return [first, conf.broker_url, conf.broker_read_url, conf.broker_write_url, conf.result_backend]


# -- setting -----------------------------------------------------------------------------------------------------------


@scenario
def values_are_set_in_every_way(e: Side) -> Any:
    conf = app_of(e).conf.finalize()
    conf.task_serializer = "yaml"
    conf["worker_pool"] = "solo"
    conf.update({"timezone": "UTC"}, enable_utc=False)
    conf.update([("own", 1)])
    conf.CELERY_DEFAULT_QUEUE = "old"
    return [
        conf.task_serializer, conf.worker_pool, conf["timezone"], conf.enable_utc, conf.own, conf.task_default_queue,
        conf.setdefault("own", 2), conf.own, conf.setdefault("other", 3), conf.other,
    ]  # fmt: skip


@scenario
def values_are_taken_away(e: Side) -> Any:
    conf = app_of(e, changes={"task_serializer": "yaml", "own": 1, "third": 3}).conf
    before = conf.task_serializer
    popped = conf.pop("own")
    del conf["task_serializer"]
    return [
        before, popped, conf.task_serializer, "own" in conf, tried(lambda: conf.pop("own")), conf.pop("own", 7),
        tried(lambda: conf.__delitem__("worker_pool")), conf.clear(), "third" in conf, conf.worker_pool,
    ]  # fmt: skip


@scenario
def who_is_bound_hears_of_updates(e: Side) -> Any:
    conf, heard = app_of(e).conf, []
    conf.finalize()
    conf.bind_to(lambda *args, **kwargs: heard.append([list(args), kwargs]))
    conf.update({"a": 1}, b=2)
    conf.c = 3
    return heard


@scenario
def a_copy_has_changes_of_its_own(e: Side) -> Any:
    app = app_of(e, namespace="CELERY", changes={"task_serializer": "yaml"})
    copied = app.conf.copy()
    copied.task_serializer = "pickle"
    return [
        type(copied).__name__, app.configured, copied.task_serializer, app.conf.task_serializer,
        copied.prefix, len(copied.maps), dict(app.conf.copy()) == dict(app.conf),
    ]  # fmt: skip


# -- old names and new -------------------------------------------------------------------------------------------------


def mixed(e: Side, source: dict[str, Any], names: tuple[str, ...], **keywords: Any) -> Any:
    """Read *names* from *source*, given once as the source and once set by hand."""
    loaded, by_hand = app_of(e, **keywords), app_of(e, **keywords)
    told = tried(lambda: loaded.config_from_object(source))
    by_hand.conf.update(source)

    def read(app: Any) -> Any:
        return [tried(lambda name=name: app.conf[name]) for name in (*names, "deprecated_settings")]

    return [told, read(loaded), loaded.configured, read(by_hand), by_hand.configured]


@scenario
def old_names_alone_are_fine(e: Side) -> Any:
    names = ("task_always_eager", "CELERY_ALWAYS_EAGER", "worker_pool", "task_serializer", "CELERYD_POOL", "BROKER_URL")
    return mixed(e, {"CELERY_ALWAYS_EAGER": 1, "CELERYD_POOL": "solo", "BROKER_URL": "memory://"}, names)


@scenario
def old_names_among_more_new_ones_are_refused(e: Side) -> Any:
    source = {"task_serializer": "yaml", "worker_pool": "solo", "CELERYD_CONSUMER": "x", "CELERY_ALWAYS_EAGER": 1}
    return mixed(e, source | {"timezone": "UTC"}, ("task_serializer", "worker_pool"))


@scenario
def new_names_among_more_old_ones_are_refused(e: Side) -> Any:
    source = {"CELERY_TASK_SERIALIZER": "yaml", "CELERYD_POOL": "solo", "worker_consumer": "x"}
    return mixed(e, source, ("task_serializer", "worker_pool"))


@scenario
def in_a_tie_the_new_names_win(e: Side) -> Any:
    return mixed(e, {"CELERY_TASK_SERIALIZER": "yaml", "worker_pool": "solo"}, ("task_serializer",))


@scenario
def a_setting_given_under_both_names_is_fine(e: Side) -> Any:
    source = {"task_serializer": "yaml", "worker_pool": "solo", "CELERYD_POOL": "threads"}
    return mixed(e, source, ("worker_pool", "CELERYD_POOL", "task_serializer"))


@scenario
def with_a_namespace_names_may_be_mixed(e: Side) -> Any:
    source = {"CELERY_TASK_SERIALIZER": "yaml", "CELERYD_POOL": "solo", "worker_consumer": "x"}
    return mixed(e, source, ("task_serializer", "worker_pool", "worker_consumer"), namespace="CELERY")


@scenario
def keywords_of_the_app_do_not_count_in_the_mix(e: Side) -> Any:
    source = {"CELERY_TASK_SERIALIZER": "yaml"}
    return mixed(e, source, ("task_serializer", "worker_pool"), broker="memory://", worker_pool="solo")


@scenario
def what_was_set_by_hand_follows_the_spelling_of_the_source(e: Side) -> Any:
    app = app_of(e)
    app.conf.worker_pool = "solo"
    app.config_from_object({"CELERY_TASK_SERIALIZER": "yaml"})
    read = [app.conf.worker_pool, app.conf.CELERYD_POOL, app.conf.task_serializer]
    return [read, app.conf.changes, list(app.conf)[:4]]


@scenario
def a_namespace_is_taken_off(e: Side) -> Any:
    source = {"CELERY_TASK_ALWAYS_EAGER": 1, "CELERY_WORKER_POOL": "solo", "task_serializer": "yaml", "DEBUG": 5}

    def read(namespace: str, source: dict[str, Any]) -> Any:
        app = app_of(e)
        app.config_from_object(source, namespace=namespace)
        names = ("task_always_eager", "CELERY_TASK_ALWAYS_EAGER", "worker_pool", "task_serializer", "DEBUG", "x_y")
        return [tried(lambda name=name: app.conf[name]) for name in names] + [app.namespace, app.conf.prefix]

    return [
        read("CELERY", source), read("CELERY_", source), read("celery", source),
        read("celery", {"celery_task_always_eager": 2, "celery_worker_pool": "threads"}),
    ]  # fmt: skip


@scenario
def a_namespace_stays_when_the_next_source_gives_none(e: Side) -> Any:
    app = app_of(e)
    app.config_from_object({"CELERY_TASK_SERIALIZER": "a"}, namespace="CELERY")
    first = app.conf.task_serializer
    app.config_from_object({"CELERY_TASK_SERIALIZER": "b", "task_serializer": "c"})
    return [first, app.conf.task_serializer, app.namespace]


@scenario
def a_value_set_by_hand_is_found_beside_the_namespace(e: Side) -> Any:
    app = app_of(e)
    app.conf.task_serializer = "hand"
    app.config_from_object({"CELERY_TASK_SERIALIZER": "source"}, namespace="CELERY")
    read = app.conf.task_serializer
    app.conf.CELERY_TASK_SERIALIZER = "prefixed"
    return [read, app.conf.task_serializer, app.conf.value_set_for("task_serializer"), "task_serializer" in app.conf]


# -- a command line ----------------------------------------------------------------------------------------------------


@scenario
def a_command_line_sets_values(e: Side) -> Any:
    words = [
        "worker.prefetch_multiplier=1", "task_always_eager=yes", 'broker.transport_options=(json){"x": 1}',
        "TASK.default_queue=q=1", "result.chord_join_timeout=2", "own.thing=(int)3", "own.list=(list)[1, 2]",
    ]  # fmt: skip
    app = app_of(e)
    app.config_from_cmdline(words)
    names = ("worker_prefetch_multiplier", "task_always_eager", "broker_transport_options", "task_default_queue")
    waits = app.configured
    return [waits, [app.conf[name] for name in (*names, "result_chord_join_timeout", "own_thing", "own_list")]]


@scenario
def a_wrong_command_line_is_refused(e: Side) -> Any:
    words = (
        "broker.port=foobar", "nonsense", "nope.x=1", "worker.nope=1", "timezone=UTC", ".pool=solo", "x=1", "a.b=(no)1",
        "cassandra.servers=h", "task.always_eager=maybe", "own.x=(list)oops",
    )  # fmt: skip
    return [[word, tried(lambda word=word: app_of(e).config_from_cmdline([word]))] for word in words] + [
        tried(lambda: app_of(e).config_from_cmdline([".pool=solo"], namespace="worker"))
    ]
