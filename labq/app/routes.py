"""Routes: which queue a call goes to.

Comes in: a task's name and the options of the call. Goes out: a queue to declare, an exchange and a routing key.
The call's own word counts first, then ``task_routes``, then the default queue.
Celery: ``celery/app/routes.py`` and ``Queues`` in ``celery/app/amqp.py``; its user guide, "Routing Tasks".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import translate
from functools import cache
from typing import Any, NamedTuple

from labq.app.sources import symbol_by_name
from labq.exceptions import QueueNotFound
from labq.wire.entities import Exchange, Queue

Pattern = str | re.Pattern[str]
Router = Callable[..., Any]


class Destination(NamedTuple):
    """Where a message goes."""

    queue: Queue | None
    """The queue to declare first, if one was chosen."""
    exchange: str
    routing_key: str


class Queues(dict[str, Queue]):
    """The queues an app knows, by name; one that is missing is made up when the settings allow it.

    Arguments:
        queues: the app's ``task_queues``, a list of queues or a mapping of names to options.
        default: the default queue.
        create_missing: the setting ``task_create_missing_queues``.
    """

    def __init__(self, queues: Any, default: Queue, *, create_missing: bool = True) -> None:
        super().__init__()
        self._default = default
        self._create_missing = create_missing
        for queue in _as_queues(queues, default) or (default,):
            self[queue.name] = queue
        self.consume_from: dict[str, Queue] = dict(self)
        """What a worker of this app reads from unless told otherwise."""

    def find(self, name: str) -> Queue:
        """Return the queue called *name*.

        Raises:
            QueueNotFound: when there is none and none may be made up.
        """
        queue = self.get(name)
        if queue is None:
            if not self._create_missing:
                msg = f"Queue {name!r} missing from task_queues"
                raise QueueNotFound(msg)
            queue = self[name] = Queue(name, Exchange(name, type="direct"), routing_key=name)
        return queue

    def select(self, names: Iterable[str]) -> None:
        """Let workers read from exactly the queues called *names*."""
        self.consume_from = {name: self.find(name) for name in names}


def _as_queues(queues: Any, default: Queue) -> list[Queue]:
    if isinstance(queues, Mapping):
        return [Queue.from_dict(name, **options) for name, options in queues.items()]
    return [_with_exchange(queue, default) for queue in queues or ()]


def _with_exchange(queue: Queue, default: Queue) -> Queue:
    """Give a queue that names no exchange the default one, as Celery does."""
    if queue.exchange is not None and queue.exchange.name:
        return queue
    return Queue(queue.name, default.exchange, routing_key=queue.routing_key or queue.name)


class Routes:
    """The prepared ``task_routes``: exact names, patterns, functions, or lists of them, asked in order.

    Arguments:
        routes: the setting.
    """

    def __init__(self, routes: Any) -> None:
        self._routers = tuple(_prepare(routes))

    def __bool__(self) -> bool:
        """Tell whether there is any route."""
        return bool(self._routers)

    def find(self, name: str, args: Any, kwargs: Any, options: Mapping[str, Any], task: Any) -> dict[str, Any]:
        """Return the options of the first route that knows *name*; empty when none does."""
        for router in self._routers:
            found = router(name, args or (), kwargs or {}, options, task=task)
            if found:
                return {"queue": found} if isinstance(found, str) else dict(found)
        return {}


def _prepare(routes: Any) -> Iterator[Router]:
    if not routes:
        return
    if isinstance(routes, Mapping):
        yield _map_router(routes.items())
    elif isinstance(routes, str):
        yield _named_router(routes)
    elif hasattr(routes, "route_for_task"):
        yield _old_router(routes)
    elif callable(routes):
        yield routes
    elif all(isinstance(entry, list | tuple) and len(entry) == 2 for entry in routes):
        yield _map_router(routes)
    else:
        for entry in routes:
            yield from _prepare(entry)


def _named_router(path: str) -> Router:
    """Return a router that is imported when the first call asks it: its module may itself need the app."""

    @cache
    def found() -> Router:
        router: Any = symbol_by_name(path)
        return _old_router(router()) if hasattr(router, "route_for_task") else router

    def route(name: str, *args: Any, **kwargs: Any) -> Any:
        return found()(name, *args, **kwargs)

    return route


def _old_router(router: Any) -> Router:
    """Return a router for an object of Celery 3's kind, which is asked by its method ``route_for_task``."""

    def route(name: str, args: Any, kwargs: Any, *_: Any, **__: Any) -> Any:
        return router.route_for_task(name, args, kwargs)

    return route


def _map_router(pairs: Iterable[tuple[Pattern, Any]]) -> Router:
    exact: dict[str, Any] = {}
    patterns: list[tuple[re.Pattern[str], Any]] = []
    for pattern, target in pairs:
        if isinstance(pattern, re.Pattern):
            patterns.append((pattern, target))
        elif "*" in pattern:
            patterns.append((re.compile(translate(pattern)), target))
        else:
            exact[pattern] = target

    def route(name: str, *_: Any, **__: Any) -> Any:
        if name in exact:
            return exact[name]
        return next((target for pattern, target in patterns if pattern.match(name)), None)

    return route


def destination(options: Mapping[str, Any], queues: Queues, default: Queue) -> Destination:
    """Return where a message with these *options* goes.

    Arguments:
        options: of the call, the route already laid under them: ``queue``, ``exchange``, ``routing_key``.
        queues: what the app knows.
        default: where everything else goes.
    """
    queue, exchange, key = options.get("queue", default), options.get("exchange"), options.get("routing_key")
    if isinstance(exchange, Exchange):
        exchange = exchange.name
    if queue is None and exchange is None:
        queue = default
    if isinstance(queue, str):
        queue = queues.find(queue)
    kind = "direct" if queue is None or queue.exchange is None else queue.exchange.type
    if (not exchange or not key) and options.get("exchange_type", kind) == "direct":
        # one of the two alone says too little: then the queue's own name leads to it
        return Destination(queue, "", queue.name if queue is not None else "")
    if exchange is None:
        exchange = queue.exchange.name if queue.exchange is not None else ""
        key = key or queue.routing_key or default.routing_key
    return Destination(queue, exchange, key or "")
