"""Routes: which queue a call goes to.

Comes in: a task's name and the options of the call. Goes out: a queue to declare, an exchange and a routing key.
The call's own word counts first, then ``task_routes``, then the default queue.
Next door: ``labq.app.queues`` knows the queues; ``labq.app.publish`` asks for the way of each message.
Celery: ``celery/app/routes.py`` and ``send_task_message`` in ``celery/app/amqp.py``; its user guide, "Routing Tasks".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import translate
from typing import Any, NamedTuple

from labq.app.queues import is_queue
from labq.app.sources import symbol_by_name
from labq.callables import maybe_evaluate, mlazy
from labq.exceptions import QueueNotFound
from labq.wire.broadcast import Broadcast

__all__ = ("Destination", "MapRoute", "Router", "destination", "expand_router_string", "prepare")


class MapRoute:
    """The routes of a table: exact names first, then patterns in their order.

    Arguments:
        map: names, names with ``*``, or regular expressions, each with a queue's name or a table of options; a mapping
            or a list of pairs.
    """

    def __init__(self, map: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> None:
        self.map: dict[str, Any] = {}
        self.patterns: dict[re.Pattern[str], Any] = {}
        for pattern, route in map.items() if isinstance(map, Mapping) else map:
            if isinstance(pattern, re.Pattern):
                self.patterns[pattern] = route
            elif "*" in pattern:
                self.patterns[re.compile(translate(pattern))] = route
            else:
                self.map[pattern] = route

    def __call__(self, name: str, *_: Any, **__: Any) -> dict[str, Any] | None:
        """Return the options for the task called *name*, or None when the table has nothing about it."""
        if name in self.map:
            return _options(self.map[name])
        for pattern, route in self.patterns.items():
            if pattern.match(name):
                return _options(route)
        return None


def _options(route: Any) -> dict[str, Any]:
    try:
        return dict(route)
    except ValueError:  # text, which is no table
        return {"queue": route}


class Router:
    """Finds the way of each call.

    Arguments:
        routes: prepared routes, asked in their order.
        queues: the queues by name.
        create_missing: taken and kept, as in Celery; *queues* makes missing ones up.
        app: whose setting ``task_default_queue`` names the queue for everything else.
    """

    def __init__(
        self, routes: Sequence[Any] | None = None, queues: Any = None, create_missing: bool = False, app: Any = None
    ) -> None:
        self.app = app
        self.queues = {} if queues is None else queues
        self.routes = [] if routes is None else routes
        self.create_missing = create_missing

    def route(
        self, options: Mapping[str, Any], name: str, args: Any = (), kwargs: Any = None, task_type: Any = None
    ) -> dict[str, Any]:
        """Return *options* together with those of the first route that knows *name*; a queue's name becomes the queue.

        Arguments:
            options: of the call; what they say counts more than a route, unless it is None.
            name: the task's name.
            args, kwargs: the task's arguments, for routers that look at them.
            task_type: the task, for the same.

        Raises:
            QueueNotFound: when a queue is not known and none may be made up.
        """
        given = self.expand_destination(dict(options))
        if self.routes:
            route = self.lookup_route(name, args, kwargs or {}, given, task_type)
            if route:
                return _laid_over(given, self.expand_destination(route))
        if "queue" not in given:
            return _laid_over(given, self.expand_destination(self.app.conf.task_default_queue))
        return given

    def expand_destination(self, route: Any) -> dict[str, Any]:
        """Return *route* with its queue in the place of the queue's name; a text is the name of a queue."""
        options = {"queue": route} if isinstance(route, str) else dict(route)
        queue = options.pop("queue", None)
        if queue:
            try:
                options["queue"] = queue if is_queue(queue) else self.queues[queue]
            except KeyError:
                raise QueueNotFound(f"Queue {queue!r} missing from task_queues") from None
        return options

    def lookup_route(
        self, name: str, args: Any = None, kwargs: Any = None, options: Any = None, task_type: Any = None
    ) -> Any:
        """Return what the first router that does not answer None says."""
        for router in self.routes:
            route = self.query_router(router, name, args, kwargs, options, task_type)
            if route is not None:
                return route
        return None

    def query_router(self, router: Any, task: str, args: Any, kwargs: Any, options: Any, task_type: Any) -> Any:
        """Ask one router: a function, or an object of Celery 3's kind with a method ``route_for_task``."""
        router = maybe_evaluate(router)
        if hasattr(router, "route_for_task"):
            return router.route_for_task(task, args, kwargs)
        return router(task, args, kwargs, options, task=task_type)


def _laid_over(options: Mapping[str, Any], route: Mapping[str, Any]) -> dict[str, Any]:
    return {**route, **{name: value for name, value in options.items() if value is not None}}


def expand_router_string(router: str) -> Any:
    """Import a router by its name; a class of Celery 3's kind is called, to have one."""
    found: Any = symbol_by_name(router)
    return found() if hasattr(found, "route_for_task") else found


def prepare(routes: Any) -> Sequence[Any]:
    """Return the routers that the setting ``task_routes`` means.

    Named ones are imported when they are first asked: their module may itself need the app.
    """
    if routes is None:
        return ()
    return [_prepared(route) for route in (routes if isinstance(routes, list | tuple) else (routes,))]


def _prepared(route: Any) -> Any:
    if isinstance(route, Mapping | list | tuple):
        return MapRoute(route)
    return mlazy(expand_router_string, route) if isinstance(route, str) else route


class Destination(NamedTuple):
    """Where a message goes."""

    queue: Any
    """The queue to declare first, if one was chosen; a broadcast is declared by its readers alone."""
    exchange: str
    routing_key: str | None
    """None, as in Celery, for a call that a route gives half a destination: no queue has that name."""
    name: str | None = None
    """The name of the chosen queue."""
    delivery_mode: int | str | None = None
    """What the queue's exchange says about messages."""


def destination(
    options: Mapping[str, Any], queues: Any, default: Any, defaults: tuple[str, str] = ("", "")
) -> Destination:
    """Return where a message with these *options* goes.

    Arguments:
        options: of the call, the route already laid under them: ``queue``, ``exchange``, ``routing_key``.
        queues: what the app knows.
        default: the queue, or its name, for a call that names neither queue nor exchange.
        defaults: exchange and routing key for a queue that has none.
    """
    queue, exchange, key = options.get("queue"), options.get("exchange"), options.get("routing_key")
    exchange = getattr(exchange, "name", exchange)
    if queue is None and exchange is None:
        queue = default
    if isinstance(queue, str):
        queue = queues[queue]
    own = None if queue is None else queue.exchange
    name = None if queue is None else queue.name
    kind = options.get("exchange_type")
    if kind is None:
        kind = "direct" if own is None else own.type
    if (not exchange or not key) and kind == "direct":
        # one of the two alone says too little: then the queue's own name leads to it
        exchange, key = "", name
    elif exchange is None:
        exchange = (own.name if own is not None else "") or defaults[0]
        key = key or (queue.routing_key if queue is not None else "") or defaults[1]
    declared = None if queue is None or isinstance(queue, Broadcast) else queue
    return Destination(declared, exchange, key, name, None if own is None else own.delivery_mode)
