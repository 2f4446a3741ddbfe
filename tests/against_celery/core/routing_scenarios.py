"""Routing: where calls go by their options, routes, queues and settings, and messages sent and got by hand."""

# ruff: noqa: ARG001, ARG002, FBT003 - routers take what they are asked; a scenario writes its steps out

from __future__ import annotations

import re
from functools import partial
from importlib import import_module
from typing import Any

from core_means import Side, got, scenario, tried


def kombu(e: Side, path: str = "") -> Any:
    """Return a module of kombu's."""
    return import_module(("kombu" if e.name == "celery" else "labq.kombu") + path)


def celery(e: Side, path: str) -> Any:
    """Return a module of Celery's."""
    return import_module(("celery" if e.name == "celery" else "labq") + path)


def described(queue: Any) -> Any:
    """Return a queue as plain values."""
    if queue is None:
        return None
    exchange = queue.exchange
    return [
        queue.name,
        None if exchange is None else [exchange.name, exchange.type, exchange.delivery_mode],
        queue.routing_key,
        queue.queue_arguments,
        queue.alias,
        queue.durable,
        queue.auto_delete,
    ]


def sent(e: Side, app: Any, name: str = "t", args: Any = (), **options: Any) -> Any:
    """Send a call and return where it went, what was declared for it, and its properties."""
    seen: list[Any] = []

    def note(**told: Any) -> None:
        properties = {word: told["properties"].get(word) for word in ("priority", "expiration")}
        declared = [described(each) for each in told["declare"] or ()]
        seen.append([told["exchange"], told["routing_key"], declared, properties])

    e.signals.before_task_publish.connect(note, weak=False)
    try:
        outcome = tried(lambda: app.send_task(name, args, **options))
    finally:
        e.signals.before_task_publish.disconnect(note)
    return seen or outcome


def nothing() -> None:
    """Be a task that does nothing."""


@scenario
def a_call_that_says_nothing_goes_to_the_default_queue(e: Side) -> Any:
    return sent(e, e.app())


@scenario
def the_default_queue_can_be_called_anything(e: Side) -> Any:
    return [
        sent(e, e.app(task_default_queue="mine")),
        sent(e, e.app(task_default_queue="mine", task_default_exchange="x", task_default_routing_key="k")),
        sent(e, e.app(task_default_exchange_type="topic", task_default_routing_key="a.b")),
        sent(e, e.app(task_default_exchange="x", task_default_exchange_type="fanout")),
    ]


@scenario
def the_default_queue_can_be_a_quorum_queue(e: Side) -> Any:
    app = e.app(task_default_queue_type="quorum", task_default_exchange_type="topic")
    return [sent(e, app), sent(e, app, queue="other")]


@scenario
def a_queue_is_named_on_the_call(e: Side) -> Any:
    app = e.app()
    return [sent(e, app, queue="hipri"), sent(e, app, queue="hipri", routing_key="k"), sorted(app.amqp.queues)]


@scenario
def a_queue_object_is_given_on_the_call(e: Side) -> Any:
    k = kombu(e)
    app = e.app()
    return [
        sent(e, app, queue=k.Queue("q", k.Exchange("x", "topic"), "a.b")),
        sent(e, app, queue=k.Queue("q", k.Exchange("x", "topic"), "a.b"), routing_key="a.c"),
        sent(e, app, queue=k.Queue("p", k.Exchange("y", "direct"), "k")),
    ]


@scenario
def an_exchange_is_given_on_the_call(e: Side) -> Any:
    app = e.app()
    return [
        sent(e, app, exchange="x"),
        sent(e, app, exchange="", routing_key="celery"),
        sent(e, app, routing_key="k"),
        sent(e, app, queue="q", exchange="", routing_key="z"),
    ]


@scenario
def priorities_and_lives_are_given_on_the_call(e: Side) -> Any:
    app = e.app(task_default_priority=4)
    task = app.task(name="t")(nothing)
    app.finalize()
    return [sent(e, app, priority=7), sent(e, app, expires=30), sent(e, app), task.priority]


@scenario
def routes_by_name(e: Side) -> Any:
    app = e.app(task_routes={"a.t": {"queue": "qa"}, "b.t": "qb", "c.t": {"queue": "qc", "priority": 3}})
    return [sent(e, app, name) for name in ("a.t", "b.t", "c.t", "d.t")]


@scenario
def routes_by_pattern(e: Side) -> Any:
    routes = [
        ("proj.tasks.bar*", {"queue": "C"}),
        ("proj.tasks.*", "A"),
        (re.compile(r"(video|image)\.tasks\..*"), {"queue": "media"}),
        ("exact", {"routing_key": "rk"}),
    ]
    app = e.app(task_routes=(routes,))
    names = ("proj.tasks.bar", "proj.tasks.bar.baz", "proj.tasks.foo", "video.tasks.x", "image.tasks.y", "exact", "no")
    return [sent(e, app, name) for name in names]


@scenario
def an_exact_name_beats_a_pattern(e: Side) -> Any:
    app = e.app(task_routes={"a.*": "glob", "a.t": "name"})
    return [sent(e, app, "a.t"), sent(e, app, "a.u")]


@scenario
def routes_by_function(e: Side) -> Any:
    asked: list[Any] = []

    def route(name: str, args: Any, kwargs: Any, options: Any, task: Any = None, **kw: Any) -> Any:
        asked.append([name, list(args), kwargs, sorted(options), getattr(task, "name", None), sorted(kw)])
        return {"queue": "fun", "priority": 2} if name == "t" else None

    app = e.app(task_routes=(route,))
    app.task(name="t", typing=False)(nothing)
    app.finalize()
    found = [sent(e, app, "t", (1,), kwargs={"k": 2}, priority=9), sent(e, app, "u", countdown=3, retries=1)]
    return [found, asked]


class Old:
    """A router as Celery 3 had them."""

    def route_for_task(self, task: str, args: Any = None, kwargs: Any = None) -> Any:
        """Answer for one task."""
        return {"queue": f"old{len(args or ())}"} if task == "t" else None


@scenario
def routes_by_an_old_router(e: Side) -> Any:
    return [sent(e, e.app(task_routes=(Old(),)), name, (1, 2)) for name in ("t", "u")]


@scenario
def routes_by_a_router_that_is_named(e: Side) -> Any:
    app = e.app(task_routes=("routing_scenarios.Old", "routing_scenarios:for_u"))
    return [sent(e, app, name) for name in ("t", "u", "v")]


def for_u(name: str, *args: Any, **kwargs: Any) -> Any:
    """Answer for one task."""
    return "named" if name == "u" else None


@scenario
def the_first_router_that_answers_is_heard(e: Side) -> Any:
    app = e.app(task_routes=({"t": "one"}, {"t": "two", "u": "three"}, Old()))
    return [sent(e, app, name) for name in ("t", "u", "v")]


@scenario
def a_router_that_answers_with_nothing_at_all(e: Side) -> Any:
    return [sent(e, e.app(task_routes=(partial(constant, answer),))) for answer in ({}, "", None)]


def constant(answer: Any, *_: Any, **__: Any) -> Any:
    """Answer always the same."""
    return answer


@scenario
def a_router_that_breaks(e: Side) -> Any:
    def broken(name: str, *args: Any, **kwargs: Any) -> Any:
        raise ValueError(name)

    return [tried(lambda: sent(e, e.app(task_routes=(broken,))))]


@scenario
def the_call_counts_more_than_its_route_but_not_by_none(e: Side) -> Any:
    app = e.app(task_routes={"t": {"queue": "route", "priority": 1, "routing_key": "k"}})
    return [
        sent(e, app, queue="call"),
        sent(e, app, priority=5),
        sent(e, app, queue=None, priority=None, routing_key=None),
    ]


@scenario
def a_route_to_an_exchange(e: Side) -> Any:
    app = e.app(task_routes={"t": {"exchange": "", "routing_key": "celery"}, "u": {"exchange": "x"}})
    return [sent(e, app), sent(e, app, "u")]


@scenario
def queues_are_described_in_a_list(e: Side) -> Any:
    k = kombu(e)
    queues = [
        k.Queue("default", k.Exchange("default"), routing_key="default"),
        k.Queue("videos", k.Exchange("media"), routing_key="media.video"),
        k.Queue("feeds", k.Exchange("feeds", "topic"), routing_key="feed.#"),
        k.Queue("bare"),
    ]
    app = e.app(task_queues=queues, task_default_queue="default", task_default_exchange="tasks")
    found = [described(queue) for queue in app.amqp.queues.values()]
    return [found, [sent(e, app, queue=name) for name in ("videos", "feeds", "bare")], sent(e, app, routing_key="x")]


@scenario
def queues_are_described_in_a_table(e: Side) -> Any:
    queues = {
        "images": {"exchange": "media", "exchange_type": "topic", "binding_key": "media.#"},
        "web": {"exchange": "web", "routing_key": "web", "queue_arguments": {"x-max-priority": 5}},
        "bare": {},
    }
    app = e.app(task_queues=queues)
    return [[described(queue) for queue in app.amqp.queues.values()], [sent(e, app, queue=name) for name in queues]]


@scenario
def the_default_queue_need_not_be_among_those_described(e: Side) -> Any:
    k = kombu(e)
    app = e.app(task_queues=[k.Queue("a", k.Exchange("a"), "a")])
    return [sorted(app.amqp.queues), sent(e, app), sorted(app.amqp.queues), sorted(app.amqp.queues.consume_from)]


@scenario
def missing_queues_are_made_up_or_not(e: Side) -> Any:
    k = kombu(e)
    queues = [k.Queue("celery", k.Exchange("celery"), "celery")]
    app = e.app(task_queues=queues, task_create_missing_queues=False)
    other = e.app(task_create_missing_queue_type="quorum", task_create_missing_queue_exchange_type="topic")
    strange = e.app(task_create_missing_queue_type="wooden")
    return [sent(e, app, queue="nope"), sent(e, app), sent(e, other, queue="new"), sent(e, strange, queue="new")]


@scenario
def queues_get_the_highest_priority_of_the_setting(e: Side) -> Any:
    k = kombu(e)
    own = k.Queue("own", k.Exchange("own"), "own", queue_arguments={"x-max-priority": 3})
    app = e.app(task_queue_max_priority=10, task_queues=[own, k.Queue("none", k.Exchange("none"), "none")])
    return [described(app.amqp.queues[name]) for name in ("own", "none", "made-up")]


@scenario
def a_queue_has_an_alias(e: Side) -> Any:
    k = kombu(e)
    app = e.app(task_queues=[k.Queue("real", k.Exchange("x"), "k", alias="short")])
    return [described(app.amqp.queues["short"]), sent(e, app, queue="short"), sorted(app.amqp.queues)]


@scenario
def queues_are_added_and_taken_away(e: Side) -> Any:
    k = kombu(e)
    queues = e.app().amqp.Queues([k.Queue("a", k.Exchange("a"), "a"), k.Queue("b", k.Exchange("b"), "b")])
    told = [sorted(queues), sorted(queues.consume_from)]
    queues.add("c", exchange="cx", routing_key="ck", exchange_type="topic")
    told.append([described(queues["c"]), sorted(queues.consume_from)])
    queues.select_add("d", exchange="dx")
    told.append([described(queues["d"]), sorted(queues.consume_from)])
    queues.deselect("a")
    told.append(sorted(queues.consume_from))
    queues.select(["a", "e"])
    told.append([sorted(queues), sorted(queues.consume_from)])
    queues.select_add("f")
    queues.deselect(["a"])
    queues.deselect("never")
    told.append([sorted(queues), sorted(queues.consume_from)])
    return told


@scenario
def queues_are_shown(e: Side) -> Any:
    k = kombu(e)
    queues = e.app().amqp.Queues([k.Queue("b", k.Exchange("bx", "topic"), "b.#"), k.Queue("a", k.Exchange("ax"), "a")])
    empty = celery(e, ".app.amqp").Queues()
    return [queues.format(), queues.format(indent=4), queues.format(4, indent_first=False), empty.format()]


@scenario
def queues_alone_know_no_settings(e: Side) -> Any:
    k, queues = kombu(e), celery(e, ".app.amqp").Queues
    made = queues()
    made.add(k.Queue("q"))
    made.add("p", binding_key="bk")
    strict = queues(create_missing=False)
    aimed = queues(default_exchange=k.Exchange("dx", "fanout"), default_routing_key="dk", max_priority=4)
    aimed.add(k.Queue("z"))
    aimed["y"] = k.Queue("y", routing_key="mine")
    return [
        [described(made[name]) for name in ("q", "p", "r")],
        tried(lambda: strict["x"]),
        [described(aimed[name]) for name in ("z", "y")],
        queues(None) == {},
    ]


@scenario
def a_router_is_asked_directly(e: Side) -> Any:
    app = e.app(task_routes={"t": {"queue": "q", "priority": 2}})
    router = app.amqp.router
    shown = []
    for options, name in (({}, "t"), ({"queue": "p"}, "t"), ({"x": 1}, "u"), ({"queue": None}, "u")):
        found = router.route(dict(options), name)
        shown.append([sorted(found), described(found.get("queue")), found.get("priority")])
    strict = celery(e, ".app.routes").Router([], app.amqp.Queues(None, False), app=app)
    return [shown, tried(lambda: strict.route({"queue": "nope"}, "t")), app.amqp.router is router]


@scenario
def map_routes_are_asked_directly(e: Side) -> Any:
    routes = celery(e, ".app.routes")
    route = routes.MapRoute({"a": "qa", "b": {"queue": "qb"}, "c.*": "qc", "d": [("queue", "qd")]})
    prepared = routes.prepare([{"x": "y"}, "some.name", Old])
    return [
        [route(name) for name in ("a", "b", "c.d", "d", "z")],
        [type(each).__name__ for each in prepared],
        routes.prepare(None),
        type(routes.expand_router_string("routing_scenarios.Old")).__name__,
        sorted(routes.__all__ if e.name == "celery" else set(routes.__all__) - {"Destination", "destination"}),
    ]


@scenario
def routes_change_by_update(e: Side) -> Any:
    app = e.app(task_routes={"t": "one"})
    first = sent(e, app)
    router = app.amqp.router
    app.conf.update(task_routes={"t": "two"})
    return [first, sent(e, app), app.amqp.router is router]


@scenario
def a_task_says_where_it_goes(e: Side) -> Any:
    app = e.app()

    @app.task(name="t", queue="own", priority=6)
    def task() -> None: ...

    @app.task(name="u", exchange="", routing_key="own")
    def other() -> None: ...

    seen: list[Any] = []
    e.signals.before_task_publish.connect(
        lambda **told: seen.append([told["exchange"], told["routing_key"], told["properties"].get("priority")]),
        weak=False,
    )
    task.delay()
    task.apply_async(queue="call")
    other.delay()
    task.apply_async(priority=1)
    return seen


@scenario
def delivery_modes_come_from_the_exchange_or_the_setting(e: Side) -> Any:
    k = kombu(e)
    queues = [k.Queue("t", k.Exchange("t", delivery_mode="transient"), "t"), k.Queue("p", k.Exchange("p"), "p")]
    app = e.app(task_queues=queues, task_default_delivery_mode="transient")
    other = e.app()
    seen: list[Any] = []

    @app.task(name="t", bind=True)
    def task(self: Any) -> Any: ...

    def mode(where: Any, **options: Any) -> Any:
        connection = where.connection_for_write()
        name = options.get("queue", "celery")
        queue = where.amqp.queues[name](connection.default_channel)
        queue.declare()
        where.send_task("t", **options)
        message = queue.get(no_ack=True)
        return message.properties["delivery_mode"]

    seen.append([mode(app, queue="t"), mode(app, queue="p"), mode(app, queue="p", delivery_mode=2)])
    seen.append([mode(other, queue="x"), mode(other, queue="x", delivery_mode="transient")])
    return seen


@scenario
def a_worker_reads_the_queues_it_is_told(e: Side) -> Any:
    app = e.app()

    @app.task(name="t", bind=True)
    def task(self: Any) -> Any:
        return [self.request.delivery_info[word] for word in ("exchange", "routing_key", "priority")]

    with e.working(app, queues=["a", "b"]):
        return [got(task.apply_async(queue=name, priority=priority)) for name, priority in (("a", 3), ("b", None))]


@scenario
def a_worker_reads_a_topic(e: Side) -> Any:
    k = kombu(e)
    app = e.app(task_queues=[k.Queue("feeds", k.Exchange("feeds", "topic"), "feed.#")], task_default_queue="feeds")

    @app.task(name="t", bind=True)
    def task(self: Any) -> Any:
        return [self.request.delivery_info[word] for word in ("exchange", "routing_key")]

    with e.working(app):
        return [got(task.apply_async(queue="feeds", routing_key=key)) for key in ("feed.a", "feed.a.b")]


@scenario
def a_worker_is_refused_a_queue_that_must_not_be_made_up(e: Side) -> Any:
    k = kombu(e)
    app = e.app(task_create_missing_queues=False, task_queues=[k.Queue("celery", k.Exchange("celery"), "celery")])

    def work() -> None:
        with e.working(app, queues=["nope"]):
            pass

    return str(tried(work)).partition("\n")[0]


@scenario
def a_broadcast_has_a_queue_for_each_reader(e: Side) -> Any:
    broadcast = kombu(e, ".common").Broadcast
    made, named = broadcast("news"), broadcast("news", queue="fixed")
    unique = broadcast("news", queue="fixed", unique=True)
    told = [
        [each.name.partition(".")[0], described(each)[1], each.alias, each.auto_delete, each.routing_key]
        for each in (made, named, unique)
    ]
    return [told, made.name != broadcast("news").name]


@scenario
def a_broadcast_is_sent_by_its_alias_and_not_declared(e: Side) -> Any:
    app = e.app(task_queues=(kombu(e, ".common").Broadcast("news"),), task_routes={"t": {"queue": "news"}})
    kombu(e).Exchange("news", "fanout")(app.connection_for_write().default_channel).declare()
    return sent(e, app)


@scenario
def a_producer_or_a_connection_is_brought_along(e: Side) -> Any:
    app, here = e.app(), []

    @app.task(name="t")
    def task(a: int) -> int:
        here.append(a)
        return a

    with e.working(app):
        with app.connection_for_write() as connection:
            first = got(task.apply_async((1,), connection=connection))
        with app.producer_pool.acquire(block=True) as producer:
            second = got(task.apply_async((2,), producer=producer))
    return [first, second, here]


@scenario
def messages_are_made_by_hand(e: Side) -> Any:
    app = e.app()
    amqp = app.amqp
    made = amqp.as_task_v2("id", "t", (1,), {"k": 2}, retries=2, shadow="s", create_sent_event=True, origin="me")
    old = amqp.as_task_v1("id", "t", (1,), {"k": 2}, retries=2, create_sent_event=True)
    return [
        [dict(made.headers), made.properties, made.body, made.sent_event],
        [old.headers, old.properties, old.body, old.sent_event],
        sorted(amqp.task_protocols),
        tried(lambda: amqp.as_task_v2("id", "t", args="abc")),
        tried(lambda: amqp.as_task_v2("id", "t", kwargs=(1, 2))),
        tried(lambda: amqp.as_task_v2("id", "t", countdown=-(10**12))),
        [amqp.argsrepr_maxsize, amqp.kwargsrepr_maxsize, amqp.utc],
    ]


@scenario
def messages_are_sent_by_hand(e: Side) -> Any:
    app = e.app()

    @app.task(name="t")
    def task(a: int, b: int) -> int:
        return a + b

    message = app.amqp.create_task_message("mine", "t", (2, 3), {})
    with e.working(app), app.producer_or_acquire() as producer:
        app.amqp.send_task_message(producer, "t", message)
        return got(app.AsyncResult("mine"))


@scenario
def simple_queues_put_and_get(e: Side) -> Any:
    told = []
    with kombu(e).Connection("memory://") as connection, connection.SimpleQueue("simple") as queue:
        for value in ({"a": 1}, [1, (2, 3)], "text"):
            queue.put(value)
        told.append(queue.qsize())
        while len(told) < 4:
            message = queue.get(timeout=1)
            told.append([message.payload, message.content_type, message.content_encoding, message.headers])
            message.ack()
            told[-1].append(tried(message.ack))
        told.extend(
            [tried(lambda: queue.get(timeout=0.05)), tried(queue.get_nowait), tried(lambda: queue.get(block=False))]
        )
    return told


@scenario
def a_consumer_hands_messages_to_its_callbacks(e: Side) -> Any:
    k = kombu(e)
    got_here: list[Any] = []
    exchange = k.Exchange("media", "topic")
    queue = k.Queue("video", exchange, "video.#")

    def take(body: Any, message: Any) -> None:
        got_here.append(
            [body, message.delivery_info["exchange"], message.delivery_info["routing_key"], message.headers]
        )
        message.ack()

    with k.Connection("memory://") as connection:
        producer = connection.Producer(serializer="json")
        producer.publish({"n": 1}, exchange=exchange, routing_key="video.a", declare=[queue], headers={"h": 1})
        producer.publish({"n": 2}, exchange=exchange, routing_key="audio", declare=[queue])
        producer.publish([3], exchange=exchange, routing_key="video.b", compression="zlib", priority=3)
        with connection.Consumer([queue], callbacks=[take]) as consumer:
            for _ in range(2):
                connection.drain_events(timeout=1)
            late = tried(lambda: connection.drain_events(timeout=0.05))
            told = [type(late).__name__, consumer.consuming_from("video")]
        told.append(consumer.consuming_from(queue))
    return [got_here, told]


@scenario
def a_message_may_be_of_a_kind_that_is_not_accepted(e: Side) -> Any:
    k = kombu(e)
    told: list[Any] = []
    with k.Connection("memory://") as connection:
        queue = k.Queue("q", k.Exchange("q"), "q")
        producer = connection.Producer()
        for serializer in ("pickle", "json"):
            producer.publish({"a": 1}, exchange="q", routing_key="q", serializer=serializer, declare=[queue])
        consumer = connection.Consumer(
            queue, accept=["json"], callbacks=[lambda body, _: told.append(body)],
            on_decode_error=lambda _, exc: told.append([type(exc).__name__, str(exc)]),
        )  # fmt: skip
        with consumer:
            for _ in range(2):
                connection.drain_events(timeout=1)
    return told


@scenario
def loops_over_messages(e: Side) -> Any:
    k, common = kombu(e), kombu(e, ".common")
    with k.Connection("memory://") as connection:
        queue = k.Queue("q", k.Exchange("q"), "q")
        producer = connection.Producer(exchange=queue.exchange, routing_key="q")
        for number in range(3):
            producer.publish(number, declare=[queue])
        found = [
            body for body, message in common.itermessages(connection, connection.channel(), queue, limit=2, timeout=1)
        ]
        again = (
            common.maybe_declare(queue, connection.default_channel),
            common.maybe_declare(queue, connection.default_channel),
        )
        return [found, list(again)]


@scenario
def connections_say_what_they_are(e: Side) -> Any:
    k = kombu(e)
    told = []
    for url in (
        "amqp://u:p@h:99/v",
        "pyamqp://a:b@c//",
        "amqp://localhost//",
        "memory://localhost//",
        "amqp://h1//;amqp://h2//",
    ):
        connection = k.Connection(url)
        told.append([connection.as_uri(), connection.as_uri(include_password=True), dict(connection.info())])
        told.append([connection.transport_cls, connection.hostname, connection.virtual_host, connection.port])
        told.append([repr(connection).partition(" at ")[0], connection.connected, connection.clone().as_uri()])
    return told


@scenario
def pools_lend_what_they_have(e: Side) -> Any:
    pools = kombu(e, ".pools")
    with kombu(e).Connection("memory://localhost//") as connection:
        pool = connection.Pool(2)
        one, two = pool.acquire(), pool.acquire()
        refused = tried(pool.acquire)
        one.release()
        same = pool.acquire() is one
        other = kombu(e).Connection("memory://localhost//")
        return [refused, same, pools.producers[connection] is pools.producers[other], pools.get_limit(), two is not one]


@scenario
def serializers_are_registered_and_refused(e: Side) -> Any:
    s, json = kombu(e, ".serialization"), kombu(e, ".utils.json")
    s.register("upper", lambda value: value.upper(), lambda text: text.lower(), "application/x-upper", "utf-8")
    told = [
        [getattr(part, "decode", lambda part=part: part)() for part in s.dumps("abc", "upper")],
        s.loads(b"ABC", "application/x-upper", "utf-8").decode(),
    ]
    s.unregister("upper")
    told.append(tried(lambda: s.dumps("abc", "upper")))
    told.append(tried(lambda: s.loads(b"", "application/x-python-serialize", "binary")))
    told.append(json.loads(json.dumps({"a": [1, None]})))
    told.append(sorted(s.prepare_accept_content(["json", "application/x-yaml"])))
    return told


@scenario
def the_queues_of_an_app_can_be_selected(e: Side) -> Any:
    app = e.app()
    app.select_queues(["a", "b"])
    return [sorted(app.amqp.queues.consume_from), sorted(app.amqp.queues)]


@scenario
def the_priority_of_the_parent_is_inherited(e: Side) -> Any:
    told = []
    for inherit in (True, False):
        app = e.app(task_inherit_parent_priority=inherit)

        @app.task(name="child", bind=True, shared=False)
        def child(self: Any) -> Any:
            return self.request.delivery_info["priority"]

        @app.task(name="parent", shared=False)
        def parent(child: Any = child) -> str:
            return str(child.delay().id)

        with e.working(app):
            told.append(got(app.AsyncResult(got(parent.apply_async(priority=5)))))
    return told
