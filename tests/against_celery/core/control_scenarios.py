"""Remote control: commands to workers, their replies, and what becomes of both."""

# ruff: noqa: ARG001 - commands take what is sent; a scenario writes its steps out

from __future__ import annotations

import base64
import importlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core_means import LONG, Side, got, masked, scenario, shown, tried, warned

SOON = 0.25
"""Seconds after which it is clear that nobody answers."""

QUEUE = (
    "name", "routing_key", "durable", "exclusive", "auto_delete", "expires", "message_ttl", "queue_arguments",
    "binding_arguments", "consumer_arguments", "no_ack", "alias", "no_declare", "max_length", "max_priority",
)  # fmt: skip


def add(x: Any, y: Any) -> Any:
    return x + y


def one() -> int:
    return 1


def part(e: Side, path: str) -> Any:
    """Return the module *path* of Celery, or of labq."""
    return importlib.import_module(f"{e.name}.{path}")


def inspected(app: Any, **options: Any) -> Any:
    """Return an ``Inspect`` that waits for one worker."""
    return app.control.inspect(**{"limit": 1, "timeout": LONG, **options})


def asked(app: Any, command: str, **arguments: Any) -> Any:
    """Send a command, wait for one reply."""
    return app.control.broadcast(command, arguments=arguments, reply=True, limit=1, timeout=LONG)


def ready(app: Any) -> None:
    """Wait until the worker reads commands."""
    while not app.control.ping(limit=1, timeout=SOON):
        pass


def plain_app(e: Side, **settings: Any) -> Any:
    """Return an app with a task ``add``."""
    app = e.app(**settings)
    app.task(name="add")(add)
    return app


@contextmanager
def tapped(e: Side) -> Iterator[list[Any]]:
    """Collect the messages that any exchange gets: its name, the key, body, headers, properties, content type."""
    heard: list[Any] = []

    def hear(exchange: str, key: str, body: str, headers: Any, properties: Any, kinds: Any) -> None:
        numbers = {
            name: type(value).__name__ if name in ("clock", "expires") else value for name, value in headers.items()
        }
        kept = {name: properties.get(name) for name in ("delivery_mode", "priority", "correlation_id", "reply_to")}
        heard.append([exchange, key, body, numbers, kept, kinds])

    if e.name == "labq":
        owner = importlib.import_module("labq.brokers.memory").MemoryBroker
        names = ("publish",)

        def tap(_: str, args: Any) -> None:
            message, exchange, key = args[:3]
            hear(exchange, key, message.body.decode(), message.headers, message.properties, list(message[1:3]))
    else:
        owner = importlib.import_module("kombu.transport.memory").Channel
        names = ("_put", "_put_fanout")

        def tap(_: str, args: Any) -> None:
            message = args[1]
            told = message["properties"]
            body = base64.b64decode(message["body"]).decode()
            info, kinds = told["delivery_info"], [message["content-type"], message["content-encoding"]]
            hear(info["exchange"], info["routing_key"], body, message["headers"], told, kinds)

    before = {name: getattr(owner, name) for name in names}

    def tapping(name: str) -> Any:
        def method(self: Any, *args: Any, **options: Any) -> Any:
            tap(name, args)
            return before[name](self, *args, **options)

        return method

    for name in names:
        setattr(owner, name, tapping(name))
    try:
        yield heard
    finally:
        for name, method in before.items():
            setattr(owner, name, method)


@scenario
def commands_and_replies_are_the_same_on_the_wire(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        with tapped(e) as heard:
            app.control.ping(limit=1, timeout=LONG)
            app.control.rate_limit("add", "1/m", destination=["w1@lab"], reply=True, timeout=LONG)
            app.control.broadcast("ping", pattern="w1*", matcher="glob", reply=True, limit=1, timeout=LONG)
            inspected(app).query_task("a", "b")
            app.control.broadcast("revoke", {"task_id": ["é"]}, timeout=None)
            ready(app)
    return heard[:9]


@scenario
def a_ping_is_answered_by_name(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        return [
            app.control.ping(limit=1, timeout=LONG),
            inspected(app).ping(),
            inspected(app, destination=["w1@lab"]).ping(),
            app.control.ping(destination=["w1@lab"], timeout=LONG),
            app.control.ping(destination=("w1@lab",), timeout=LONG),
        ]


@scenario
def a_ping_that_nobody_hears(e: Side) -> Any:
    app = plain_app(e)
    alone = [app.control.ping(timeout=SOON), inspected(app, timeout=SOON).ping(), app.control.broadcast("ping")]
    with e.working(app):
        ready(app)
        others = app.control.inspect(destination=["w2@lab"], timeout=SOON)
        return [alone, others.ping(), app.control.ping(destination=["w2@lab", "w3@lab"], timeout=SOON)]


@scenario
def a_destination_is_a_list(e: Side) -> Any:
    app = plain_app(e)
    return [
        tried(lambda: app.control.ping(destination="w1@lab")),
        tried(lambda: app.control.inspect(destination="w1@lab").active()),
        tried(lambda: app.control.ping(destination={"w1@lab"})),
        tried(lambda: app.control.broadcast("ping", pattern=1, matcher=2)),
    ]


@scenario
def workers_are_asked_by_a_pattern(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)

        def ask(pattern: str, matcher: str | None, timeout: float = SOON) -> Any:
            return app.control.inspect(pattern=pattern, matcher=matcher, timeout=timeout).ping()

        return [
            ask("w1*", "glob"),
            ask("w2*", "glob"),
            ask("w[0-9]@lab", "pcre"),
            ask("[0-9]", "pcre"),
            ask("w1@*", None),
            ask("w2@*", None),
            tried(lambda: ask("w1", "nosuch")),
            app.control.broadcast("ping", pattern="w1*", matcher="glob", reply=True, limit=1, timeout=LONG),
        ]


@scenario
def a_command_that_does_not_exist(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        return [asked(app, "nope"), asked(app, "nope", x=1), app.control.ping(limit=1, timeout=LONG)]


@scenario
def a_command_with_wrong_arguments(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        return [
            asked(app, "enable_events", x=1),
            asked(app, "ping", anything=1),
            asked(app, "cancel_consumer"),
            asked(app, "autoscale", many=1),
        ]


@scenario
def commands_of_ones_own(e: Side) -> Any:
    control = part(e, "worker.control")
    heard: list[Any] = []

    @control.inspect_command(alias="own_alias", signature="[N=1]", args=[("n", int)])
    def own_question(state: Any, n: int = 1) -> Any:
        """Ask something.

        With more lines.
        """
        return {"n": n, "host": state.hostname, "app": state.app.main, "window": state.consumer.qos.value}

    @control.control_command(name="own_name", default_timeout=5.0, help="Help.", variadic="words", visible=False)
    def own_command(state: Any, words: Any = (), **rest: Any) -> None:
        heard.append([words, rest])

    @control.Panel.register
    def own_plain(state: Any) -> Any:
        return ["a", ("b",), {"c": None}]

    app = plain_app(e)
    with e.working(app):
        ready(app)
        replies = [
            asked(app, "own_question"),
            asked(app, "own_question", n=3),
            asked(app, "own_alias", n=4),
            asked(app, "own_name", words=["a", "b"], c=1),
            asked(app, "own_plain"),
            app.control.broadcast("own_question", {"n": 5}, reply=True, limit=1, timeout=LONG),
            app.control.broadcast("own_question", n=6, reply=True, limit=1, timeout=LONG),
        ]
    metas = [tuple(control.Panel.meta[name])[:6] for name in ("own_question", "own_name", "own_plain")]
    variadics = [control.Panel.meta[name].variadic for name in ("own_question", "own_name", "own_plain")]
    return [replies, heard, metas, variadics, "own_alias" in control.Panel.meta, "own_alias" in control.Panel.data]


@scenario
def a_command_that_fails(e: Side) -> Any:
    control = part(e, "worker.control")

    @control.control_command()
    def own_failure(state: Any, how: str = "value") -> Any:
        if how == "value":
            raise ValueError("no", 3)
        return {1, 2} if how == "set" else object

    app = plain_app(e)
    with e.working(app):
        ready(app)
        return [asked(app, "own_failure"), asked(app, "own_failure", how="nothing", x=1), app.control.ping(limit=1)]


@scenario
def replies_are_called_back_one_by_one(e: Side) -> Any:
    app = plain_app(e)
    heard: list[Any] = []
    with e.working(app):
        ready(app)
        replies = app.control.broadcast("ping", reply=True, limit=1, timeout=LONG, callback=heard.append)
        inspected(app, callback=heard.append).clock()
    return [replies, heard[0], list(heard[1]["w1@lab"]), len(heard)]


@scenario
def arguments_that_cannot_travel(e: Side) -> Any:
    app = plain_app(e)
    return [
        tried(lambda: app.control.broadcast("ping", arguments={"x": object()})),
        tried(lambda: app.control.revoke({"a", "b"}.__iter__())),
    ]


@scenario
def what_is_known_of_each_command(e: Side) -> Any:
    panel = part(e, "worker.control").Panel
    own = {"own_question", "own_name", "own_plain", "own_failure"}
    return {
        name: [
            *(info.alias, info.type, info.visible, info.default_timeout, info.signature, info.variadic),
            [[word, kind.__name__] for word, kind in info.args or ()],
            bool(info.help),
        ]
        for name, info in sorted(panel.meta.items())
        if name not in own
    }


@scenario
def every_command_has_its_client(e: Side) -> Any:
    app = plain_app(e)
    panel = part(e, "worker.control").Panel
    inspect = app.control.inspect()
    return sorted(
        [name, hasattr(app.control if info.type == "control" else inspect, name)]
        for name, info in panel.meta.items()
        if not name.startswith("own_")
    )


@scenario
def registered_tasks_are_listed(e: Side) -> Any:
    app = plain_app(e)
    app.task(name="slow", rate_limit="5/m", max_retries=7)(one)
    with e.working(app):
        ready(app)
        return [
            inspected(app).registered(),
            inspected(app).registered_tasks(),
            inspected(app).registered("name"),
            inspected(app).registered("rate_limit", "max_retries", "nosuch"),
            inspected(app).registered("__dict__", "_app"),
            asked(app, "dump_tasks", taskinfoitems=["name"]),
            [name for name in asked(app, "registered", builtins=True)[0]["w1@lab"] if name.startswith("celery.")][:3],
        ]


@scenario
def active_queues_are_described(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        return inspected(app).active_queues()


@scenario
def queues_come_and_go(e: Side) -> Any:
    app = plain_app(e)

    def names() -> list[str]:
        return sorted(queue["name"] for queue in inspected(app).active_queues()["w1@lab"])

    with e.working(app):
        ready(app)
        steps = [names(), app.control.add_consumer("extra", reply=True, limit=1, timeout=LONG), names()]
        result = app.send_task("add", (2, 3), queue="extra")
        steps += [got(result)]
        steps += [app.control.add_consumer("extra", reply=True, limit=1, timeout=LONG), names()]
        described = [queue for queue in inspected(app).active_queues()["w1@lab"] if queue["name"] == "extra"]
        steps += [app.control.cancel_consumer("extra", reply=True, limit=1, timeout=LONG), names()]
        steps += [app.control.cancel_consumer("nosuch", reply=True, limit=1, timeout=LONG), names()]
    return [steps, described[0]["exchange"]["name"], described[0]["routing_key"]]


@scenario
def a_queue_is_added_with_everything_said(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        app.control.add_consumer(
            "q2", exchange="ex", exchange_type="topic", routing_key="a.#", options={"queue_durable": False},
            reply=True, limit=1, timeout=LONG,
        )  # fmt: skip
        queue = next(each for each in inspected(app).active_queues()["w1@lab"] if each["name"] == "q2")
    return [queue["exchange"]["name"], queue["exchange"]["type"], queue["routing_key"]]


@scenario
def revoking_answers(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        said = [
            app.control.revoke("abc", reply=True, limit=1, timeout=LONG),
            app.control.revoke(["def"], reply=True, limit=1, timeout=LONG),
            app.control.revoke("ghi", terminate=True, reply=True, limit=1, timeout=LONG),
            app.control.terminate("jkl", reply=True, limit=1, timeout=LONG),
            app.control.terminate("mno", signal="SIGKILL", reply=True, limit=1, timeout=LONG),
            app.control.revoke([], reply=True, limit=1, timeout=LONG),
            app.control.revoke("pqr"),
        ]
        return [said, sorted(inspected(app).revoked()["w1@lab"])]


@scenario
def revoking_stores_what_nobody_runs(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        done = app.send_task("add", (1, 1))
        got(done)
        app.control.revoke([done.id, "never-seen"], reply=True, limit=1, timeout=LONG)
        unseen = app.AsyncResult("never-seen")
        return [done.state, done.result, unseen.state, shown(unseen.result)]


@scenario
def a_scheduled_task_is_revoked(e: Side) -> Any:
    app = plain_app(e)
    ran: list[int] = []

    def note() -> None:
        ran.append(1)

    task = app.task(name="note")(note)
    with e.working(app):
        ready(app)
        result = task.apply_async(countdown=0.5)
        while not inspected(app).scheduled()["w1@lab"]:
            pass
        app.control.revoke(result.id, reply=True, limit=1, timeout=LONG)
        error = got(result)
        app.control.ping(timeout=0.8)
        return [
            error,
            result.state,
            ran,
            inspected(app).scheduled(),
            sorted(inspected(app).revoked()["w1@lab"]) == [result.id],
        ]


@scenario
def results_revoke_their_tasks(e: Side) -> Any:
    app = plain_app(e)
    task = app.task(name="note")(one)
    with e.working(app):
        ready(app)
        first, other = task.apply_async(countdown=60), task.apply_async(countdown=60)
        while len(inspected(app).scheduled()["w1@lab"]) < 2:
            pass
        said = [first.revoke(), other.revoke(terminate=True)]
        ready(app)
        return [said, first.state, other.state, shown(tried(lambda: first.get(timeout=LONG)))]


@scenario
def revoking_by_stamps_answers(e: Side) -> Any:
    app = plain_app(e)

    def revoke(headers: Any, **options: Any) -> Any:
        return app.control.revoke_by_stamped_headers(headers, reply=True, limit=1, timeout=LONG, **options)

    with e.working(app):
        ready(app)
        return [
            revoke({"myheader": ["myvalue"]}),
            revoke({"a": "b"}),
            revoke(["c=d", "e=f"]),
            revoke({"a": "b"}, terminate=True),
            revoke({"a": 1}, terminate=True, signal="SIGKILL"),
            app.control.revoke_by_stamped_headers({"x": "y"}),
        ]


@scenario
def rate_limits_answer(e: Side) -> Any:
    app = plain_app(e)

    def limit(name: str, rate: Any) -> Any:
        return app.control.rate_limit(name, rate, reply=True, limit=1, timeout=LONG)

    with e.working(app):
        ready(app)
        steps = [limit("add", "10/m"), inspected(app).registered("rate_limit"), limit("add", 100), limit("add", "0.5")]
        steps += [limit("add", 0), limit("add", None), limit("add", ""), limit("nosuch", "10/m")]
        steps += [limit("add", "10/x"), limit("add", "x1240301#%!"), limit("add", "/s")]
        return steps


@scenario
def time_limits_answer(e: Side) -> Any:
    app = plain_app(e)

    def limit(name: str, **limits: Any) -> Any:
        return app.control.time_limit(name, reply=True, limit=1, timeout=LONG, **limits)

    with e.working(app):
        ready(app)
        return [limit("add", soft=1, hard=2), limit("add", soft=1), limit("add"), limit("nosuch", hard=3)]


@scenario
def pools_answer(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        return [
            app.control.autoscale(10, 3, reply=True, limit=1, timeout=LONG),
            app.control.pool_restart(reply=True, limit=1, timeout=LONG),
            sorted(app.control.pool_grow(reply=True, limit=1, timeout=LONG)[0]["w1@lab"]),
        ]


@scenario
def events_are_switched_on_and_off(e: Side) -> Any:
    app = plain_app(e)

    def said(command: str) -> Any:
        return getattr(app.control, command)(reply=True, limit=1, timeout=LONG)

    with e.working(app, without_heartbeat=False):
        ready(app)
        return [
            said("disable_events"), said("enable_events"), said("enable_events"), said("disable_events"),
            said("disable_events"), said("heartbeat"),
        ]  # fmt: skip


@scenario
def events_that_are_on_from_the_start(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app, task_events=True, without_heartbeat=False):
        ready(app)
        return [
            app.control.enable_events(reply=True, limit=1, timeout=LONG),
            app.control.disable_events(reply=True, limit=1, timeout=LONG),
        ]


@scenario
def an_election_is_held_in_silence(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        return [app.control.election("id", "topic", "action"), app.control.ping(limit=1, timeout=LONG)]


@scenario
def clocks_go_on(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        first, second = (inspected(app).clock()["w1@lab"] for _ in range(2))
        return [list(first), type(first["clock"]), first["clock"] < second["clock"]]


@scenario
def saying_hello(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        app.control.revoke("known", reply=True, limit=1, timeout=LONG)
        first = inspected(app).hello("w9@lab")["w1@lab"]
        second = inspected(app).hello("w9@lab", revoked=["told"])["w1@lab"]
        third = inspected(app).hello("w9@lab", revoked={"as-mapping": [1e9, 0, "as-mapping"]})["w1@lab"]
        return [
            inspected(app).hello("w1@lab"),
            *[[list(reply), sorted(reply["revoked"])] for reply in (first, second, third)],
            sorted(inspected(app).revoked()["w1@lab"]),
        ]


@scenario
def settings_are_told(e: Side) -> Any:
    app = plain_app(e, task_time_limit=7, task_routes={"a": {"queue": "b"}})
    app.conf.my_password = "hidden"  # noqa: S105 - to see that it is masked
    app.conf.__private = 1
    with e.working(app):
        ready(app)
        told = inspected(app).conf()["w1@lab"]
        everything = inspected(app).conf(with_defaults=True)["w1@lab"]
    told.pop("broker_transport_options", None)
    told["include"] = sorted(map(masked, told["include"]))
    asked_for = ("result_expires", "worker_prefetch_multiplier", "task_queues", "accept_content", "beat_schedule")
    return [told, len(everything) > 100, {name: everything[name] for name in asked_for}]


@scenario
def a_report_is_told(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        reply = inspected(app).report()["w1@lab"]
        return [list(reply), "software -> celery:" in reply["ok"], "settings -> transport:memory" in reply["ok"]]


@scenario
def statistics_are_told(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        before = inspected(app).stats()["w1@lab"]
        for _ in range(2):
            got(app.send_task("add", (1, 2)))
        after = inspected(app).stats()["w1@lab"]
    broker = {name: value for name, value in after["broker"].items() if name not in ("transport_options", "heartbeat")}
    pool = after["pool"]
    return [
        list(after), before["total"], after["total"], type(after["clock"]), type(after["uptime"]), broker,
        [list(pool), pool["max-concurrency"], len(pool["processes"]), pool["implementation"]], after["prefetch_count"],
    ]  # fmt: skip


def _told(request: Any) -> Any:
    """Return what is told of a request, without what differs from run to run."""
    return {name: (value is None if name in ("time_start", "worker_pid") else value) for name, value in request.items()}


@scenario
def scheduled_tasks_are_listed(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        eta = "2040-01-01T12:00:00+00:00"
        app.send_task("add", (1, 2), eta=part(e, "utils.time").maybe_iso8601(eta), task_id="one")
        while not inspected(app).scheduled()["w1@lab"]:
            pass
        reply = inspected(app).scheduled()["w1@lab"]
        found = inspected(app).query_task("one", "two")["w1@lab"]
        said = (
            [[each["eta"], each["priority"], _told(each["request"])] for each in reply],
            {name: [stage, _told(request)] for name, (stage, request) in found.items()},
        )
        app.control.revoke("one")
        return [said, inspected(app).reserved(), inspected(app).active(), inspected(app).query_task(["three"])]


@scenario
def active_tasks_are_listed(e: Side) -> Any:
    app = plain_app(e)

    def nap(x: Any, y: Any = None) -> int:
        time.sleep(1)
        return 1

    task = app.task(name="nap")(nap)
    with e.working(app, pool="threads", concurrency=1):
        ready(app)
        result = task.apply_async(([1, "a"],), {"y": {"b": 2}}, task_id="running")
        while not inspected(app).active()["w1@lab"]:
            app.control.ping(timeout=0.05)
        active = inspected(app).active()["w1@lab"]
        safe = inspected(app).active(safe=True)["w1@lab"]
        stage = inspected(app).query_task("running")["w1@lab"]["running"][0]
        reserved = inspected(app).reserved()
        after = got(result)
        return [
            [_told(each) for each in active],
            [_told(each) for each in safe],
            stage,
            reserved,
            after,
            inspected(app).active(),
        ]


@scenario
def a_shutdown_is_not_answered(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app):
        ready(app)
        said = [app.control.shutdown(), app.control.shutdown(destination=["w2@lab"], reply=True, timeout=SOON)]
        silent = app.control.ping(timeout=SOON)
        return [said, app.control.ping(timeout=SOON), silent]


@scenario
def a_worker_without_remote_control(e: Side) -> Any:
    app = plain_app(e, worker_enable_remote_control=False)
    with e.working(app):
        value = got(app.send_task("add", (1, 2)))
        return [value, app.control.ping(timeout=SOON), inspected(app, timeout=SOON).active()]


@scenario
def replies_of_one_name_are_flattened_with_a_warning(e: Side) -> Any:
    flatten = part(e, "app.control").flatten_reply
    some = {"a@x": {"ok": 1}}
    return [
        warned(lambda: flatten([some, {"b@x": {"ok": 2}}])),
        warned(lambda: flatten([some, {"a@x": {"ok": 3}}])),
        warned(lambda: flatten([some, some, {"b@x": 1}, {"b@x": 2}])),
        warned(lambda: flatten([])),
    ]


@scenario
def answers_are_prepared_for_who_asked(e: Side) -> Any:
    app = plain_app(e)
    replies = [{"w1": {"ok": 1}}, {"w2": {"ok": 2}}]
    inspect = app.control.inspect
    return [
        inspect()._prepare(replies),
        inspect(destination="w1")._prepare(replies),
        inspect(destination="w3")._prepare(replies),
        inspect(destination=["w1"])._prepare(replies),
        inspect(pattern="w1*")._prepare(replies),
        inspect(pattern="w.", matcher="pcre")._prepare(replies),
        inspect()._prepare([]),
        inspect()._prepare(None),
    ]


@scenario
def an_inspect_keeps_what_it_was_given(e: Side) -> Any:
    app = plain_app(e)
    inspect = app.control.inspect(["w1"], 3.5, None, None, None, 2, "p", "glob")
    plain = app.control.inspect()
    names = ("destination", "timeout", "callback", "connection", "limit", "pattern", "matcher")
    return [
        [getattr(inspect, name) for name in names],
        [getattr(plain, name) for name in names],
        inspect.app is app,
        type(inspect).__name__,
        app.control.inspect is app.control.inspect,
        issubclass(app.control.inspect, part(e, "app.control").Inspect),
        type(app.control).__name__,
        app.control is app.control,
    ]


@scenario
def waiting_tasks_are_purged(e: Side) -> Any:
    app = plain_app(e)
    for _ in range(3):
        app.send_task("add", (1, 2))
    if e.name == "labq":
        app.world.run()  # a message takes its steps to the queue
    return [app.control.purge(), app.control.purge(), app.control.discard_all()]


def _queue(queue: Any) -> Any:
    return [{name: getattr(queue, name) for name in QUEUE}, queue.exchange.name, queue.exchange.type]


@scenario
def mailboxes_have_their_names(e: Side) -> Any:
    seen = []
    for settings in ({}, {"control_exchange": "mine", "control_queue_ttl": 5.0, "control_queue_expires": 60.0},
                     {"control_queue_exclusive": False, "control_queue_durable": True}):  # fmt: skip
        mailbox = plain_app(e, **settings).control.mailbox
        seen.append(
            [
                *(mailbox.namespace, mailbox.type, mailbox.serializer, mailbox.accept),
                [
                    mailbox.exchange.name,
                    mailbox.exchange.type,
                    mailbox.exchange.durable,
                    mailbox.exchange.delivery_mode,
                ],
                [mailbox.reply_exchange.name, mailbox.reply_exchange.type, mailbox.reply_exchange.durable],
                _queue(mailbox.get_queue("w1@lab")),
            ]
        )
    return seen


@scenario
def a_queue_for_commands_is_either_durable_or_exclusive(e: Side) -> Any:
    app = plain_app(e, control_queue_exclusive=True, control_queue_durable=True)
    return tried(lambda: app.control)


@scenario
def nodes_work_on_what_is_meant_for_them(e: Side) -> Any:
    app = plain_app(e)
    heard: list[Any] = []
    node = app.control.mailbox.Node("w1@lab", state={"s": 1})

    @node.handler
    def note(state: Any, **arguments: Any) -> Any:
        heard.append([state, arguments])
        return len(heard)

    def told(**body: Any) -> Any:
        return tried(lambda: node.handle_message({"method": "note", **body}))

    return [
        told(),
        told(arguments={"x": 1}),
        told(destination=["w1@lab"]),
        told(destination=["w2@lab"]),
        told(destination="w1@lab"),
        told(pattern="w1*", matcher="glob"),
        told(pattern="w2*", matcher="glob"),
        told(pattern="w2*"),
        node.dispatch("nope"),
        tried(lambda: node.handle("nope")),
        tried(lambda: node.handle("note", {"a": 2})),
        heard,
        sorted(node.handlers),
    ]
