"""Events: how they look, how they are sent and received, and what is known of a cluster by them."""

# ruff: noqa: ARG001 - handlers take what comes; a scenario writes its steps out

from __future__ import annotations

import gc
import importlib
import io
import json
import pickle
from typing import Any

from control_scenarios import one, part, plain_app, ready, tapped
from core_means import LONG, Side, got, scenario, shown, tried

CHANGING = ("timestamp", "local_received", "pid", "clock", "loadavg", "runtime", "utcoffset", "sw_sys", "traceback")
"""Fields that differ from run to run."""


class Recorder:
    """A producer that keeps what it is given to publish.

    Arguments:
        fails: whether it raises instead.
    """

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.sent: list[Any] = []

    def publish(self, body: Any, routing_key: Any = None, exchange: Any = None, **options: Any) -> None:
        """Keep what is published."""
        if self.fails:
            raise KeyError("offline")
        rest = {name: options.get(name) for name in ("headers", "serializer", "delivery_mode", "retry", "retry_policy")}
        declared = [[each.name, each.type, each.durable] for each in options.get("declare") or ()]
        self.sent.append([bare(body), routing_key, exchange, rest, declared])


def bare(event: Any) -> Any:
    """Return an event without what differs from run to run, but with the order and the types of its fields."""
    if isinstance(event, list):
        return [bare(each) for each in event]
    return {name: type(value).__name__ if name in CHANGING else value for name, value in event.items()}


def dispatcher(e: Side, app: Any, **options: Any) -> Any:
    """Return a dispatcher that is enabled and sends to a recorder."""
    made = app.events.Dispatcher(app.connection_for_write() if e.name == "celery" else None, enabled=False, **options)
    made.producer, made.enabled = Recorder(), True
    return made


def receiver(e: Side, app: Any, **options: Any) -> Any:
    """Return a receiver at the app's broker."""
    return app.events.Receiver(app.connection_for_read() if e.name == "celery" else "memory://", **options)


def watched(e: Side, app: Any, act: Any, until: str) -> list[Any]:
    """Return the events of tasks that come after *act*, up to the one of the type *until*."""
    seen: list[Any] = []
    capture = receiver(e, app, handlers={"*": seen.append}).itercapture(limit=None, timeout=5, wakeup=True)
    next(capture)  # the heartbeat that it asks for
    act()
    for _ in capture:
        if any(event["type"] == until for event in seen):
            break
    capture.close()
    return [bare(event) for event in seen if event["type"].startswith("task-")]


# -- events and dispatchers --------------------------------------------------------------------------------------------
@scenario
def an_event_is_a_dictionary(e: Side) -> Any:
    events = part(e, "events")
    given = {"b": 1}
    return [
        sorted(events.Event("world-war", x=1)),
        events.Event("world-war", x=1)["type"],
        events.Event("a-b", timestamp=3.5, z=2),
        events.Event("a-b", given, timestamp=1),
        given,
        events.Event("a-b", __now__=lambda: 7),
        events.Event("a-b", type_="c", timestamp=0),
        [events.group_from(each) for each in ("task-sent", "custom-my-event", "alone", "")],
        [events.event_exchange.name, events.event_exchange.type, events.event_exchange.durable],
    ]


@scenario
def a_dispatcher_says_who_sends(e: Side) -> Any:
    app = plain_app(e)
    made = dispatcher(e, app, hostname="me@here")
    made.send("task-own", x=1)
    made.send("task-own", blind=True)
    made.send("plain")
    made.send("a-b-c", retry=True, retry_policy={"max_retries": 1})
    return [made.producer.sent, made.headers, made.exchange.name, made.exchange.type, made.serializer]


@scenario
def a_dispatcher_has_defaults(e: Side) -> Any:
    app = plain_app(e)
    made = app.events.Dispatcher(app.connection_for_write() if e.name == "celery" else None, enabled=False)
    names = ("buffer_while_offline", "buffer_limit", "on_send_buffered", "delivery_mode", "enabled", "producer")
    return [
        [getattr(made, name) for name in names],
        [sorted(made.groups), sorted(made.buffer_group), sorted(made.on_enabled), sorted(made.on_disabled)],
        made.app is app,
        made.clock is app.clock,
        type(made).__name__,
        made.hostname.startswith("gen"),
        sorted(made.DISABLED_TRANSPORTS),
    ]


@scenario
def only_wanted_groups_are_sent(e: Side) -> Any:
    app = plain_app(e)
    made = dispatcher(e, app, groups=["worker"])
    for type_ in ("task-sent", "worker-online", "workerless", "worker"):
        made.send(type_)
    made.publish("task-sent", {"x": 1}, made.producer)
    made.groups.add("task")
    made.send("task-sent", x=2)
    made.enabled = False
    made.send("task-sent", x=3)
    return [[event["type"], event.get("x"), key] for event, key, *_ in made.producer.sent]


@scenario
def groups_are_gathered(e: Side) -> Any:
    app = plain_app(e)
    rung: list[int] = []
    made = dispatcher(e, app, buffer_group={"task"}, buffer_limit=3, on_send_buffered=lambda: rung.append(1))
    steps = []
    for number in range(4):
        made.send("task-own", n=number)
        steps.append([len(made.producer.sent), len(rung)])
    made.send("worker-own")
    made.flush()
    made.flush()
    return [steps, [[key, [each["n"] for each in body] if isinstance(body, list) else body["type"]]
                    for body, key, *_ in made.producer.sent]]  # fmt: skip


@scenario
def what_cannot_be_sent_is_kept(e: Side) -> Any:
    app = plain_app(e)
    made = dispatcher(e, app)
    made.producer.fails = True
    made.send("task-one")
    made.send("task-two")
    kept = [[event["type"], key] for event, key in made._outbound_buffer]
    made.flush()
    again = len(made._outbound_buffer)
    made.producer.fails = False
    made.flush(errors=False)
    still = len(made._outbound_buffer)
    made.flush()
    other = dispatcher(e, app)
    other.producer.fails = True
    other.send("task-three")
    made.extend_buffer(other)
    made.flush()
    strict = dispatcher(e, app, buffer_while_offline=False)
    strict.producer.fails = True
    return [kept, again, still, [body["type"] for body, *_ in made.producer.sent], tried(lambda: strict.send("x"))]


@scenario
def dispatchers_are_switched_on_and_off(e: Side) -> Any:
    app = plain_app(e)
    heard: list[str] = []
    made = app.events.Dispatcher(app.connection_for_write() if e.name == "celery" else None, enabled=False)
    made.on_enabled.add(lambda: heard.append("on"))
    made.on_disabled.add(lambda: heard.append("off"))
    steps = []
    for name in ("enable", "disable", "disable", "enable", "close"):
        getattr(made, name)()
        steps.append([name, made.enabled, made.producer is not None, made.publisher is made.producer])
    with made as same:
        steps.append(same is made)
    made.send("task-lost")
    return [steps, heard]


@scenario
def a_dispatcher_is_lent(e: Side) -> Any:
    app = plain_app(e)
    with app.events.default_dispatcher(hostname="x@y") as lent:
        said = [lent.enabled, lent.hostname, lent.buffer_while_offline, lent.send("task-own", x=1)]
    with app.events.default_dispatcher(enabled=False) as lent:
        return [said, lent.enabled, lent.send("task-own")]


# -- receivers ---------------------------------------------------------------------------------------------------------
def _described(made: Any) -> Any:
    queue = made.queue
    names = ("durable", "exclusive", "auto_delete", "expires", "message_ttl", "routing_key", "no_ack")
    return [
        queue.name.replace(made.node_id, "<node>"), [getattr(queue, name) for name in names], queue.exchange.name,
        queue.exchange.type, sorted(made.accept), made.routing_key, made.queue_prefix,
    ]  # fmt: skip


@scenario
def a_receiver_has_a_queue(e: Side) -> Any:
    app = plain_app(e)
    settings = {"event_queue_prefix": "ev", "event_queue_ttl": 1.0, "event_queue_expires": 2.0,
                "event_exchange": "mine", "event_serializer": "yaml"}  # fmt: skip
    return [
        _described(receiver(e, app)),
        _described(
            receiver(e, app, routing_key="task.#", node_id="n1", queue_prefix="p", queue_ttl=3, queue_expires=4)
        ),
        _described(receiver(e, app, accept={"pickle"}, queue_exclusive=False)),
        _described(receiver(e, app, queue_exclusive=False, queue_durable=True)),
        _described(receiver(e, plain_app(e, **settings))),
        tried(lambda: receiver(e, app, queue_exclusive=True, queue_durable=True)),
        type(receiver(e, app)).__name__,
        receiver(e, app).handlers,
    ]


@scenario
def handlers_get_their_events(e: Side) -> Any:
    app = plain_app(e)
    heard: list[Any] = []
    made = receiver(e, app, handlers={"a-b": lambda event: heard.append(["a-b", bare(event)])})
    made._receive({"type": "a-b", "clock": 3, "timestamp": 1.0, "utcoffset": 0}, None)
    made._receive({"type": "c-d"}, None)
    made.handlers["*"] = lambda event: heard.append(["*", bare(event)])
    made._receive({"type": "c-d", "x": 1}, None)
    made._receive([{"type": "a-b"}, {"type": "e-f", "clock": 1}], None)
    made.process("g-h", {"type": "g-h"})
    return heard


@scenario
def events_are_put_right_on_arrival(e: Side) -> Any:
    app = plain_app(e)
    made = receiver(e, app)
    app.clock.value = 302
    seen = []
    for body in (
        {"type": "task-sent"},
        {"type": "task-sent", "clock": 9000},
        {"type": "worker-online", "clock": 500},
        {"type": "worker-online"},
        {"type": "worker-online", "clock": 2, "timestamp": 10000.0, "utcoffset": 2},
        {"type": "worker-online", "timestamp": 10000.0},
    ):
        kind, event = made.event_from_message(body, now=lambda: 77)
        seen.append([kind, event is body, dict(event), app.clock.value])
    untouched = made.event_from_message(
        {"type": "a", "timestamp": 10000.0, "utcoffset": 2}, localize=False, now=lambda: 1
    )
    return [seen, untouched]


@scenario
def silence_ends_a_capture(e: Side) -> Any:
    app = plain_app(e)
    made = receiver(e, app)
    capture = made.itercapture(timeout=0.0001, wakeup=False)
    said = [tried(lambda: next(capture)), tried(lambda: made.capture(timeout=0.00001))]
    made.should_stop = True
    return [[type(error).__name__ for error in said], made.capture(), made.capture(limit=3)]


@scenario
def a_capture_has_a_limit(e: Side) -> Any:
    app = plain_app(e)
    heard: list[Any] = []
    made = receiver(e, app, handlers={"*": lambda event: heard.append(event["n"])})
    with e.working(app, task_events=True):
        ready(app)
        capture = made.itercapture(limit=4, timeout=5, wakeup=True)
        made.handlers["*"] = lambda event: heard.append(event["type"])
        next(capture)
        made.handlers["*"] = lambda event: heard.append(event["n"])
        with app.events.default_dispatcher() as lent:
            for number in range(6):
                lent.send("own-event", n=number)
        for _ in capture:
            pass
    return heard


@scenario
def events_are_the_same_on_the_wire(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app, task_events=True):
        ready(app)
        capture = receiver(e, app).itercapture(timeout=5, wakeup=True)
        next(capture)
        with tapped(e) as heard, app.events.default_dispatcher(hostname="me@here") as lent:
            lent.send("task-own-thing", x="é", y=[1, None], timestamp=1.5)
        capture.close()
    return [
        [exchange, key, sorted(json.loads(body)), "\\u00e9" in body, *rest] for exchange, key, body, *rest in heard
    ]  # fmt: skip


# -- what workers tell -------------------------------------------------------------------------------------------------
@scenario
def a_success_is_told(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app, task_events=True):
        ready(app)
        return watched(e, app, lambda: app.send_task("add", (2, 3), task_id="t"), "task-succeeded")


@scenario
def a_failure_is_told(e: Side) -> Any:
    app = plain_app(e)

    def bad(x: Any, y: Any = None) -> None:
        raise ValueError("no", x)

    task = app.task(name="bad")(bad)
    with e.working(app, task_events=True):
        ready(app)
        return watched(e, app, lambda: task.apply_async((1,), {"y": "z"}, task_id="t"), "task-failed")


@scenario
def a_retry_is_told(e: Side) -> Any:
    app = plain_app(e)

    def flaky(self: Any) -> str:
        if not self.request.retries:
            raise self.retry(exc=KeyError("again"), countdown=0)
        return "done"

    task = app.task(name="flaky", bind=True)(flaky)
    with e.working(app, task_events=True):
        ready(app)
        seen = watched(e, app, lambda: task.apply_async(task_id="t"), "task-succeeded")
    return [{**event, "exception": "exception" in event} for event in seen]  # a solo worker shows it in its wrapper


@scenario
def a_revoked_task_is_told(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app, task_events=True):
        ready(app)

        def act() -> None:
            app.control.revoke("t", reply=True, limit=1, timeout=LONG)
            app.send_task("add", (1, 2), task_id="t")

        return watched(e, app, act, "task-revoked")


@scenario
def an_expired_task_is_told(e: Side) -> Any:
    app = plain_app(e)
    past = "2020-01-01T00:00:00+00:00"
    expires = importlib.import_module("datetime").datetime.fromisoformat(past)
    with e.working(app, task_events=True):
        ready(app)
        return watched(e, app, lambda: app.send_task("add", (1, 2), task_id="t", expires=expires), "task-revoked")


@scenario
def a_rejected_task_is_told(e: Side) -> Any:
    app = plain_app(e)

    def refuse() -> None:
        raise e.exceptions.Reject("reason", requeue=False)

    task = app.task(name="refuse", acks_late=True)(refuse)
    with e.working(app, task_events=True):
        ready(app)
        seen = watched(e, app, lambda: task.apply_async(task_id="t"), "task-rejected")
    return [{**event, "exception": "exception" in event} for event in seen]  # a solo worker shows it in its wrapper


@scenario
def a_scheduled_task_is_told(e: Side) -> Any:
    app = plain_app(e)
    moment = importlib.import_module("datetime").datetime.fromisoformat
    eta, expires = moment("2020-01-01T00:00:00+00:00"), moment("2100-01-01T00:00:00+00:00")
    with e.working(app, task_events=True):
        ready(app)

        def act() -> None:
            app.send_task(
                "add", (1, 2), task_id="t", eta=eta, expires=expires, shadow="other", root_id="r", parent_id="p"
            )

        return watched(e, app, act, "task-succeeded")


@scenario
def events_of_ones_own_are_told(e: Side) -> Any:
    app = plain_app(e)

    def progress(self: Any) -> Any:
        return self.send_event("task-progress", done=3, of=[1, {"a": None}])

    task = app.task(name="progress", bind=True)(progress)
    with e.working(app, task_events=True):
        ready(app)
        seen = watched(e, app, lambda: task.apply_async(task_id="t"), "task-succeeded")
    return [seen, sorted(event["type"] for event in seen)]


@scenario
def a_task_may_keep_silent(e: Side) -> Any:
    app = plain_app(e)
    quiet = app.task(name="quiet", send_events=False)(one)
    with e.working(app, task_events=True):
        ready(app)

        def act() -> None:
            got(quiet.apply_async())
            app.send_task("add", (1, 2), task_id="t")

        return [event["type"] for event in watched(e, app, act, "task-succeeded")]


@scenario
def events_are_wanted_later(e: Side) -> Any:
    app = plain_app(e)
    with e.working(app, without_heartbeat=False):
        ready(app)

        def act() -> None:
            got(app.send_task("add", (1, 1), task_id="before"))
            app.control.enable_events(reply=True, limit=1, timeout=LONG)
            got(app.send_task("add", (2, 2), task_id="meanwhile"))
            app.control.disable_events(reply=True, limit=1, timeout=LONG)
            got(app.send_task("add", (3, 3), task_id="after"))
            with app.events.default_dispatcher() as lent:
                lent.send("task-end", uuid="end")

        return [[event["type"], event["uuid"]] for event in watched(e, app, act, "task-end")]


@scenario
def clients_tell_what_they_send(e: Side) -> Any:
    app = plain_app(e, task_send_sent_event=True)

    def outer() -> None:
        app.send_task("add", (1, 2), task_id="inner")

    task = app.task(name="outer")(outer)
    with e.working(app, task_events=True):
        ready(app)

        def act() -> None:
            got(task.apply_async(task_id="outer"))
            app.send_task("add", (1, 2), task_id="last", queue="elsewhere", retries=2)

        heard: list[Any] = []
        capture = receiver(e, app, handlers={"*": heard.append}).itercapture(timeout=5, wakeup=True)
        next(capture)
        act()
        for _ in capture:
            if any(event.get("uuid") == "last" for event in heard):
                break
        capture.close()
    sent = [bare(event) for event in heard if event["type"] == "task-sent"]
    return [{**event, "hostname": event["hostname"].startswith("gen")} for event in sent]


@scenario
def heartbeats_are_told(e: Side) -> Any:
    app = plain_app(e)
    heard: list[Any] = []
    with e.working(app, without_heartbeat=False, heartbeat_interval=0.5):
        ready(app)
        for _ in receiver(e, app, handlers={"*": heard.append}).itercapture(timeout=5, wakeup=True):
            if len(heard) >= 3:
                break
    beats = [event for event in heard if "active" in event]
    return [bare(heard[0]), bare(beats[0]), {event["type"] for event in heard} == {"worker-heartbeat"}]


@scenario
def a_state_follows_a_worker(e: Side) -> Any:
    app = plain_app(e)
    state = app.events.State()
    with e.working(app, task_events=True):
        ready(app)
        capture = receiver(e, app, handlers={"*": state.event}).itercapture(timeout=5, wakeup=True)
        next(capture)
        app.send_task("add", (2, 3), task_id="t")
        for _ in capture:
            if "t" in state.tasks and state.tasks["t"].state == "SUCCESS":
                break
        capture.close()
    task = state.tasks["t"]
    return [
        [task.name, task.args, task.kwargs, task.state, task.result, task.retries, task.worker.hostname, task.ready],
        [task.received <= task.started <= task.succeeded, task.timestamp == task.succeeded, task.eta, task.sent],
        sorted(task.info()),
        [worker.hostname for worker in state.alive_workers()],
        state.task_types(),
        [uuid for uuid, _ in state.tasks_by_time()],
        state.task_count,
    ]


# -- the state of a cluster --------------------------------------------------------------------------------------------
def played(e: Side, *events: dict[str, Any], **options: Any) -> Any:
    """Return a state that has seen these events, each a second after the one before."""
    state = part(e, "events.state").State(**options)
    for number, event in enumerate(events):
        moment = 1000.0 + number
        state.event({"timestamp": moment, "local_received": moment, "hostname": "w1", "clock": number + 1, **event})
    return state


def life(uuid: str = "t1", *types: str, **fields: Any) -> list[dict[str, Any]]:
    """Return the events of a task's life."""
    chosen = types or ("received", "started", "succeeded")
    return [{"type": f"task-{each}", "uuid": uuid, **(fields if each == "received" else {})} for each in chosen]


@scenario
def a_state_knows_tasks(e: Side) -> Any:
    state = played(
        e, *life("t1", name="a", args="(2, 2)", kwargs="{}", retries=0, eta=None, expires=None),
        *life("t2", "sent", "received", "started", "failed", name="b", parent_id="t1", root_id="t1"),
        {"type": "task-retried", "uuid": "t2", "exception": "KeyError('x')"}, {"type": "task-own", "uuid": "t3"},
    )  # fmt: skip
    return [
        repr(state),
        [[uuid, repr(task), task.state] for uuid, task in state.tasks_by_time()],
        [uuid for uuid, _ in state.tasks_by_time(limit=2, reverse=False)],
        [uuid for uuid, _ in state.tasks_by_timestamp()],
        [uuid for uuid, _ in state.tasks_by_type("a")],
        [uuid for uuid, _ in state.tasks_by_type("a", limit=0)],
        sorted(task.uuid for task in state.tasks_by_type["b"]),
        [uuid for uuid, _ in state.tasks_by_worker("w1", reverse=False)],
        sorted(task.uuid for task in state.tasks_by_worker["w1"]),
        state.task_types(),
        [uuid for uuid, _ in state.itertasks()],
        [uuid for uuid, _ in state.itertasks(limit=1)],
        [state.event_count, state.task_count, len(state.workers), len(state.tasks)],
    ]


@scenario
def a_task_knows_itself(e: Side) -> Any:
    state = played(
        e, *life("t1", name="a", args="(2, 2)", kwargs="{}", retries=0, eta=None, expires=None),
        *life("t2", name="b", parent_id="t1", root_id="t1"),
    )  # fmt: skip
    parent, child = state.tasks["t1"], state.tasks["t2"]
    described = {**child.as_dict(), "worker": child.worker.hostname}
    return [
        described,
        sorted(parent.as_dict()),
        parent.as_dict()["children"],
        parent.info(),
        parent.info(["args", "nosuch"]),
        parent.info(extra=["received"]),
        child.parent is parent,
        child.root is parent,
        parent.parent,
        child in parent.children,
        [
            child.id,
            child.origin,
            child.ready,
            parent == child,
            parent == type(parent)("t1"),
            hash(parent) == hash("t1"),
        ],
        list(parent._fields),
        list(parent._info_fields),
    ]


@scenario
def events_out_of_order_are_merged(e: Side) -> Any:
    state_of = part(e, "events.state")
    seen = []
    for order in (
        ("failed", "started", "received"),
        ("succeeded", "received"),
        ("retried", "received", "started"),
        ("received", "retried", "received"),
        ("revoked", "succeeded", "failed"),
        ("started", "own", "received"),
        ("sent", "received", "sent"),
        ("rejected", "received"),
    ):
        task = state_of.Task("t")
        for number, kind in enumerate(order):
            task.event(kind, float(number), float(number), {"name": kind, "other": kind, "args": number})
        seen.append([order, task.state, task.name, task.args, getattr(task, "other", None), task.timestamp, repr(task)])
    return seen


@scenario
def children_may_come_first(e: Side) -> Any:
    late = played(e, *life("t2", "received", name="b", parent_id="t1", root_id="t1"), *life("t1", "received", name="a"))
    alone = played(e, *life("t2", "received", name="b", parent_id="t1", root_id="t1"))
    return [
        [child.uuid for child in late.tasks["t1"].children],
        late.tasks["t2"].parent is late.tasks["t1"],
        alone.tasks["t2"].parent,
        alone.tasks["t2"].root,
        len(alone._tasks_to_resolve),
        len(late._tasks_to_resolve),
    ]


@scenario
def a_state_knows_workers(e: Side) -> Any:
    joined: list[str] = []
    left: list[str] = []
    state = played(
        e,
        {"type": "worker-online", "pid": 3, "freq": 5, "sw_ident": "x"},
        {"type": "worker-heartbeat", "active": 2, "processed": 9, "loadavg": [1, 2, 3]},
        {"type": "worker-heartbeat", "hostname": "w2"},
        {"type": "worker-online", "hostname": "w1"},
        {"type": "worker-offline", "hostname": "w2"},
        {"type": "worker-offline", "hostname": "w9"},
        on_node_join=lambda worker: joined.append(worker.hostname),
        on_node_leave=lambda worker: left.append(worker.hostname),
    )
    worker = state.workers["w1"]
    return [
        [joined, left, sorted(state.workers)],
        [worker.pid, worker.freq, worker.active, worker.processed, worker.loadavg, worker.sw_ident, worker.heartbeats],
        [worker.alive, worker.status_string, worker.heartbeat_expires, worker.id, repr(worker)],
        [worker == type(worker)("w1"), worker == type(worker)("w2"), worker == 3, hash(worker) == hash("w1")],
        list(worker._fields),
        list(state.alive_workers()),
    ]


@scenario
def what_an_event_is_about_is_returned(e: Side) -> Any:
    state = part(e, "events.state").State()
    moment = {"timestamp": 1.0, "local_received": 1.0, "clock": 1}

    def told(**event: Any) -> Any:
        found = tried(lambda: state.event(event))
        if not isinstance(found, tuple) or not isinstance(found[0], tuple):
            return shown(found)
        return [type(found[0][0]).__name__, found[0][1], found[1]]

    state.handlers["own"] = lambda subject, event: [subject, event["type"]]
    return [
        told(type="worker-online", hostname="w1", **moment),
        told(type="worker-online", hostname="w1", **moment),
        told(type="worker-offline", hostname="w2", **moment),
        told(type="worker-online"),
        told(type="task-received", uuid="t", hostname="w1", **moment),
        told(type="task-received", uuid="t", hostname="w1", **moment),
        told(type="task-received", uuid="t"),
        told(type="other-thing"),
        told(type="own-thing"),
        tried(lambda: state.event({})),
        state.event_count,
    ]


@scenario
def a_state_forgets(e: Side) -> Any:
    def fresh() -> Any:
        return played(e, {"type": "worker-online"}, *life("t1", name="a"), *life("t2", "received", name="b"))

    def left(state: Any) -> Any:
        return [sorted(state.tasks), sorted(state.workers), state.event_count, state.task_count, len(state._taskheap)]

    seen = []
    for act in (
        lambda state: state.clear_tasks(),
        lambda state: state.clear_tasks(ready=False),
        lambda state: state.clear(),
        lambda state: state.clear(ready=False),
        lambda state: state.freeze_while(lambda x: x + 1, 2),
        lambda state: state.freeze_while(lambda: left(state), clear_after=True),
        lambda state: state.rebuild_taskheap(),
    ):
        state = fresh()
        seen.append([act(state), left(state)])
    return seen


@scenario
def a_state_keeps_only_so_many(e: Side) -> Any:
    state = part(e, "events.state").State(max_tasks_in_memory=2, max_workers_in_memory=1)
    state.heap_multiplier = 2
    for number in range(6):
        state.event(
            {"type": "task-received", "uuid": f"t{number}", "hostname": f"w{number}", "clock": number + 1,
             "timestamp": float(number), "local_received": float(number), "name": "a", "parent_id": f"p{number}"}
        )  # fmt: skip
    gc.collect()  # Celery's tasks hold themselves
    return [
        sorted(state.tasks), sorted(state.workers), [each.clock for each in state._taskheap],
        [uuid for uuid, _ in state.tasks_by_time()], len(state._tasks_to_resolve),
    ]  # fmt: skip


@scenario
def a_state_travels(e: Side) -> Any:
    state = played(
        e,
        {"type": "worker-online", "pid": 3},
        *life("t1", name="a"),
        *life("t2", name="b", parent_id="t1", root_id="t1"),
    )
    again = pickle.loads(pickle.dumps(state))  # noqa: S301 - what was pickled just now
    return [
        sorted(again.tasks), sorted(again.workers), [uuid for uuid, _ in again.tasks_by_time()],
        sorted(task.uuid for task in again.tasks_by_type["b"]), again.tasks["t1"].state, again.workers["w1"].pid,
    ]  # fmt: skip


@scenario
def things_are_made_when_they_are_missed(e: Side) -> Any:
    state = part(e, "events.state").State()
    worker, new = state.get_or_create_worker("w1", pid=3)
    same, old = state.get_or_create_worker("w1", pid=4, other=5)
    task, fresh = state.get_or_create_task("t1")
    known, stale = state.get_or_create_task("t1")
    return [new, old, same is worker, worker.pid, worker.other, fresh, stale, known is task, repr(task)]


@scenario
def heartbeats_run_out(e: Side) -> Any:
    state_of = part(e, "events.state")
    decimal = importlib.import_module("decimal").Decimal
    worker = state_of.Worker("w")
    for moment in (10, 12, 11, 14, 13, 16):
        worker.event("heartbeat", float(moment), float(moment), {"freq": 5})
    kept = list(worker.heartbeats)
    worker.event("heartbeat")
    worker.event("offline", 20.0, 20.0)
    return [
        state_of.heartbeat_expires(100), state_of.heartbeat_expires(100, 5), state_of.heartbeat_expires(100, 5, 300),
        state_of.heartbeat_expires(decimal("100.5"), decimal("2.5")), kept, worker.heartbeats, worker.alive,
        [state_of.HEARTBEAT_DRIFT_MAX, state_of.HEARTBEAT_EXPIRE_WINDOW], state_of.Worker.heartbeat_max,
    ]  # fmt: skip


@scenario
def an_event_is_called_back(e: Side) -> Any:
    heard: list[Any] = []
    state = played(e, {"type": "worker-online"}, {"type": "x-y"}, callback=lambda _, event: heard.append(event["type"]))
    return [heard, state.event_count]


# -- clocks, cameras, dumps --------------------------------------------------------------------------------------------
def _clocks(e: Side) -> Any:
    return importlib.import_module("kombu.clocks" if e.name == "celery" else "labq.wire.clocks")


@scenario
def logical_clocks_count(e: Side) -> Any:
    clocks = _clocks(e)
    one_, other = clocks.LamportClock(), clocks.LamportClock(initial_value=10)
    steps = [one_.forward(), one_.adjust(0), one_.adjust(7), one_.adjust(3), one_.value, other.forward()]
    heap = [(313, "a"), (313, "b"), (400, "c")]
    return [
        steps, str(one_), repr(one_), other.sort_heap(heap), other.sort_heap([(1, "z"), (2, "a")]),
        other.sort_heap([(5, "z"), (5, "a"), (6, "0")]),
    ]  # fmt: skip


@scenario
def logical_times_are_ordered(e: Side) -> Any:
    when = _clocks(e).timetuple
    a, b, c = when(4, 10.0, "a", "x"), when(4, 9.0, "b"), when(None, 3.0, "a")
    return [
        [a < b, b < a, a <= when(4, 10.0, "a"), a > c, c < a, a >= b, when(5, 1.0, "a") > a, when(0, 1.0, "z") < a],
        repr(a), [a.clock, a.timestamp, a.id, a.obj, b.obj], tuple(a) == (4, 10.0, "a", "x"),
        pickle.loads(pickle.dumps(a)) == a,  # noqa: S301 - what was pickled just now
        [each.id for each in sorted([when(3, 1.0, "z"), when(1, 5.0, "y"), when(3, 0.0, "a")])],
    ]  # fmt: skip


@scenario
def an_app_has_a_clock(e: Side) -> Any:
    app = plain_app(e)
    steps = [app.clock.value, app.clock.forward(), app.clock.adjust(9), str(app.clock), repr(app.clock)]
    app.clock.value = 3
    return [steps, app.clock.forward(), app.clock is app.clock, app.clock.sort_heap([(1, "b"), (1, "a")])]


class _HandTimer:
    """A timer that a scenario turns by hand."""

    def __init__(self) -> None:
        self.installed: list[Any] = []

    def call_repeatedly(self, secs: float, fun: Any) -> Any:
        self.installed.append([secs, fun.__name__])
        entry = lambda: self.installed.append("once more")  # noqa: E731 - it needs an attribute
        entry.cancel = lambda: self.installed.append("cancelled")
        return entry


@scenario
def a_camera_takes_pictures(e: Side) -> Any:
    app = plain_app(e)
    snapshot = part(e, "events.snapshot")
    heard: list[Any] = []
    timer = _HandTimer()

    class Camera(snapshot.Polaroid):
        clear_after = True

        def on_shutter(self, state: Any) -> None:
            heard.append(["shutter", state.event_count])

        def on_cleanup(self) -> None:
            heard.append("cleanup")

    state = app.events.State()
    state.event({"type": "x"})
    camera = Camera(state, freq=2.0, timer=timer, app=app)
    for name, signal in (("shutter", camera.shutter_signal), ("cleanup", camera.cleanup_signal)):
        signal.connect(lambda name=name, **_: heard.append(f"signal {name}"), weak=False)
    with camera:
        camera.capture()
        camera.capture()
        camera.cleanup()
    limited = snapshot.Polaroid(state, app=app, timer=timer, maxrate="1/h")
    limited.shutter_signal.connect(lambda **_: heard.append("limited"), sender=state, weak=False)
    before = len(heard)
    for _ in range(5):
        limited.shutter()
    return [timer.installed, heard[:before], len(heard) - before, limited.freq, limited.cleanup_freq]


@scenario
def events_are_dumped(e: Side) -> Any:
    dumper_of = part(e, "events.dumper")
    out = io.StringIO()
    dumper = dumper_of.Dumper(out=out)
    for event in (
        {"type": "worker-online", "hostname": "w1", "timestamp": 1e9, "b": 2, "a": 1},
        {"type": "worker-heartbeat", "hostname": "w1", "timestamp": 1e9},
        {"type": "worker-offline", "hostname": "w1", "timestamp": 1e9 + 0.5},
        {
            "type": "task-received",
            "hostname": "w1",
            "timestamp": 1e9,
            "uuid": "t-dump",
            "name": "a",
            "args": "()",
            "kwargs": "{}",
        },
        {"type": "task-started", "hostname": "w1", "timestamp": 1e9, "uuid": "t-dump", "pid": 3},
        {"type": "task-own", "hostname": "w1", "timestamp": 1e9, "uuid": "unknown-task"},
        {"type": "Own-Thing", "hostname": "w1", "timestamp": 1e9, "x": None},
    ):
        dumper.on_event(event)
    dumper.say("end")
    kinds = [dumper_of.humanize_type(each) for each in ("worker-online", "Worker-Offline", "task-received", "x")]
    return [out.getvalue().splitlines(), kinds]
