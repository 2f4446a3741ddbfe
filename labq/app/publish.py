"""The publisher: a call becomes a message, and the message leaves.

Comes in: a task's name, arguments and options. Goes out: a message at the broker, and an ``AsyncResult`` to hold on to.
Next door: ``labq.wire.protocol`` writes the message, ``labq.app.routes`` says where it goes.
Celery: ``send_task`` in ``celery/app/base.py`` and ``send_task_message`` in ``celery/app/amqp.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labq import _state, signals
from labq.app.delays import detect_quorum_queues
from labq.app.queues import Queues
from labq.app.registry import known_task
from labq.app.routes import Destination, Router, destination
from labq.app.sources import symbol_by_name
from labq.calendar import timezone
from labq.canvas.entries import listed
from labq.wire.moments import seconds_until
from labq.wire.protocol import task_draft, task_draft_1
from labq.wire.publishing import BASIC_PROPERTIES, Draft, sealed
from labq.wire.saferepr import saferepr
from labq.wire.url import first_url

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.app.settings import Settings
    from labq.result import AsyncResult

logger = logging.getLogger("celery.app.base")

LINES = frozenset(("producer", "publisher", "connection"))
"""Options by which a call says on what it is to be sent."""

IN_MESSAGE = frozenset(
    [
        "countdown",
        "eta",
        "group_id",
        "group_index",
        "retries",
        "chord",
        "chain",
        "callbacks",
        "errbacks",
        "reply_to",
        "time_limit",
        "soft_time_limit",
        "root_id",
        "parent_id",
        "argsrepr",
        "kwargsrepr",
        "origin",
        "replaced_task_nesting",
        "stamped_headers",
    ]
)
"""Options that the message itself carries."""

USUAL = frozenset(("ignore_result", "serializer"))
"""Options that every call has; most have no other."""

IN_OLD_MESSAGE = (
    "countdown", "eta", "group_id", "group_index", "retries", "chord", "callbacks", "errbacks", "reply_to",
    "time_limit", "soft_time_limit",
)  # fmt: skip
"""Those of them that a message of protocol 1 carries too."""

TARGETS = frozenset(("queue", "exchange", "routing_key", "router"))
"""Options that say where a message goes."""


NO_MATTER_OF_ROUTES = (IN_MESSAGE - {"stamped_headers", "argsrepr", "kwargsrepr"}) | {
    *("ignore_result", "expires", "link", "link_error", "router", "route_name", "producer", "publisher", "connection"),
    *("add_to_parent", "task_id", "shadow"),
}
"""Options that routers are not shown."""


EXPIRED = """\
%s has an expiration date in the past (%ss ago).
It goes out with a time to live of 0, so that a worker sees it only if one is free at once."""


def _draft_1(*call: Any, now: datetime | None, expires: Any, **carried: Any) -> Draft:
    """Write a message of protocol 1 down, which has no place for most of what is *carried*."""
    known = {word: carried[word] for word in IN_OLD_MESSAGE if word in carried}
    return task_draft_1(*call, now=now, expires=expires, **known)


PROTOCOLS: dict[int, Callable[..., Draft]] = {1: _draft_1, 2: task_draft}
"""The protocols in which messages are written."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The settings that every call needs, read once: looking them up in the layers costs more than sending."""

    always_eager: bool
    serializer: str
    compression: str | None
    delivery_mode: Any
    default_queue: Any
    queues: Queues
    router: Router
    defaults: tuple[str, str]
    """Exchange and routing key for a queue that has none."""
    broker_url: str
    repr_maxlevels: int
    timezone: Any
    draft: Callable[..., Draft]
    """Writes the message down, in the protocol that the app wants."""
    inherit_priority: bool
    usual: Destination | None
    """Where a call goes that says nothing about it; None while the default queue is not made up."""
    amqp: Any = None
    """The app's messaging, if it is just labq's; None lets every call go through it (see ``labq.app.handover``)."""
    delays: bool = False
    """Whether there are quorum queues, so that calls with an ETA may have to wait at the broker."""
    tells: bool = False
    """Whether each call is told to those who monitor the app (``task_send_sent_event``)."""

    @classmethod
    def of(cls, conf: Settings, amqp: Any) -> Sending:
        """Read the settings of an app, and ask its messaging (``app.amqp``) for queues and routes.

        Raises:
            KeyError: when there is no such protocol.
        """
        queues, zone, plain = amqp.queues, conf.timezone, type(amqp) is symbol_by_name("labq.app.amqp:AMQP")
        name = conf.task_default_queue
        known = plain and (name in queues or name in queues.aliases)
        default = queues[name] if known else None  # it is made up when it is needed
        defaults = (conf.task_default_exchange, conf.task_default_routing_key)
        return cls(
            always_eager=bool(conf.task_always_eager),
            serializer=conf.task_serializer,
            compression=conf.task_compression,
            delivery_mode=conf.task_default_delivery_mode,
            default_queue=name if default is None else default,
            queues=queues,
            router=amqp.router,
            defaults=defaults,
            broker_url=first_url(conf.broker_write_url or "amqp://"),
            repr_maxlevels=conf.task_repr_maxlevels,
            timezone=timezone.get_timezone(zone) if zone else timezone.utc if conf.enable_utc else timezone.local,
            draft=PROTOCOLS[conf.task_protocol],
            inherit_priority=bool(conf.task_inherit_parent_priority),
            usual=None if default is None else destination({}, queues, default, defaults),
            amqp=amqp if plain else None,
            delays=plain and detect_quorum_queues(amqp.app, "amqp")[0],
            tells=bool(conf.task_send_sent_event),
        )


class Publisher:
    """Sends the calls of one app.

    Arguments:
        app: the app.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._teller: tuple[Sending, Any] | None = None

    def send_task(
        self,
        name: str,
        args: Sequence[Any] | None,
        kwargs: Mapping[str, Any] | None,
        options: Mapping[str, Any],
        *,
        task_id: str | None = None,
        shadow: str | None = None,
        result_class: Any = None,
    ) -> AsyncResult:
        """Send a call of the task called *name*; see ``Task.apply_async`` for the options and the errors."""
        app = self._app
        world, sending, amqp = app.world, app.sending, app.amqp
        call = _state.get_current_worker_call()
        if not task_id:
            task_id = world.new_id()
        elif not isinstance(task_id, str):
            raise TypeError(f"task_id must be text, not {task_id!r}")
        if (
            amqp is not sending.amqp
            or "send_task_message" in amqp.__dict__
            or not LINES.isdisjoint(options)
            or (sending.delays and (options.get("countdown") or options.get("eta")))
        ):
            hand_over = symbol_by_name("labq.app.handover:hand_over")
            return hand_over(  # type: ignore[no-any-return]
                app, name, args, kwargs, options, task_id=task_id, shadow=shadow, result_class=result_class
            )
        oid, origin = app.address(world)
        carried: dict[str, Any] = {"origin": origin, "reply_to": oid}
        options = {name: value for name, value in options.items() if value is not None}
        special = not options.keys() <= USUAL
        if special:
            carried.update({name: value for name, value in options.items() if name in IN_MESSAGE})
            self._add_canvas(carried, options)
        if call is not None:
            inherits = sending.inherit_priority and not carried.keys() >= {"root_id", "parent_id"}
            options, special = _with_priority(options, call[1]) if inherits else options, special or inherits
            carried.setdefault("root_id", call[1].root_id or call[1].id)
            carried.setdefault("parent_id", call[1].id)
        ignored = options.get("ignore_result")
        draft = sending.draft(
            task_id, name, args, kwargs, now=app.now() if special else None, expires=options.get("expires"),
            shadow=shadow, ignore_result=ignored, repr_maxlevels=sending.repr_maxlevels, **carried,
        )  # fmt: skip
        chosen, target = options, sending.usual
        if target is None or sending.router.routes or not TARGETS.isdisjoint(options):
            chosen, target = self._routed(name, args, kwargs, options, sending)
        if special or chosen is not options:
            self._add_properties(draft.headers, draft.properties, chosen, task_id)
        backend = app.backend
        if backend.replies and not ignored:
            backend.listen(oid)
        self._publish(name, draft, target, chosen, sending, own=not special and chosen is options)
        result: AsyncResult = result_class(task_id, backend)
        result.ignored = bool(ignored)
        if call is not None and options.get("add_to_parent", True):
            call[0].add_trail(result)
        return result

    def _routed(
        self, name: str, args: Any, kwargs: Any, options: Mapping[str, Any], sending: Sending
    ) -> tuple[Mapping[str, Any], Destination]:
        """Return the options together with those of the route, and where they lead."""
        router = options.get("router") or sending.router
        asked = {word: value for word, value in options.items() if word not in NO_MATTER_OF_ROUTES}
        task = known_task(self._app._tasks, name)
        routed = router.route(asked, options.get("route_name") or name, args or (), kwargs, task)
        target = destination(routed, sending.queues, sending.default_queue, sending.defaults)
        return {**options, **routed}, target

    def _add_canvas(self, carried: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Let what comes after the task travel in its message, and the stamps that it bears."""
        for option, word in (("link", "callbacks"), ("link_error", "errbacks")):
            given = options.get(option)
            if given is not None:
                carried[word] = listed(given)
        if options.get("stamped_headers"):
            carried["stamps"] = options

    def _add_properties(
        self, headers: dict[str, Any], properties: dict[str, Any], options: Mapping[str, Any], task_id: str
    ) -> None:
        if options.get("headers"):
            headers.update(options["headers"])
        stamps = options.get("stamped_headers") or ()
        for name in options:
            if name in BASIC_PROPERTIES and name not in ("delivery_mode", "reply_to") and name not in stamps:
                properties[name] = options[name]
        expires = options.get("expires")
        if expires is not None:
            properties["expiration"] = time_to_live(expires, self._app.now, task_id)

    def _publish(
        self, name: str, draft: Any, target: Destination, options: Mapping[str, Any], sending: Sending, *, own: bool
    ) -> None:
        declared = target.queue
        if "declare" in options and options["declare"] is not None:
            declared = tuple(options["declare"])
        if signals.before_task_publish.receivers:
            own = False
            declare = list(declared) if isinstance(declared, tuple) else [declared] if declared else None
            policy = {**self._app.conf.task_publish_retry_policy, **(options.get("retry_policy") or {})}
            signals.before_task_publish.send(
                sender=name, body=draft.body, headers=draft.headers, properties=draft.properties, declare=declare,
                retry_policy=policy, exchange=target.exchange, routing_key=target.routing_key,
            )  # fmt: skip
            declared = tuple(declare or ())
        message = sealed(
            draft,
            options.get("serializer") or sending.serializer,
            options.get("compression") or sending.compression,
            options.get("delivery_mode") or target.delivery_mode or sending.delivery_mode,
            own=own,
        )
        self._app.world.send(sending.broker_url, declared, target.exchange, target.routing_key or "", message)
        if signals.after_task_publish.receivers:
            signals.after_task_publish.send(
                sender=name, body=draft.body, headers=draft.headers, exchange=target.exchange,
                routing_key=target.routing_key,
            )  # fmt: skip
        if signals.task_sent.receivers:
            announce(name, draft.headers, draft.body)
        if sending.tells:
            self._tell(name, draft.headers if "argsrepr" in draft.headers else _told(draft.body), target, sending)

    def _tell(self, name: str, headers: Mapping[str, Any], target: Destination, sending: Sending) -> None:
        """Send the event ``task-sent``."""
        if self._teller is None or self._teller[0] is not sending:
            self._teller = sending, self._app.events.Dispatcher()
        get = headers.get
        self._teller[1].send(
            "task-sent", uuid=get("id"), root_id=get("root_id"), parent_id=get("parent_id"), name=name,
            args=get("argsrepr"), kwargs=get("kwargsrepr"), retries=get("retries"), eta=get("eta"),
            expires=get("expires"), queue=target.name,
            exchange=target.exchange, routing_key=target.routing_key,
        )  # fmt: skip


def announce(name: str, headers: Mapping[str, Any], body: Any) -> None:
    """Send the signal ``task_sent`` of Celery 3, which Celery still sends."""
    told: Mapping[str, Any] = headers if isinstance(body, tuple) else body
    args, kwargs = body[:2] if isinstance(body, tuple) else (body["args"], body["kwargs"])
    signals.task_sent.send(
        sender=name, task_id=told["id"], task=name, args=args, kwargs=kwargs, eta=told["eta"], taskset=told["group"]
    )


def time_to_live(expires: Any, now: Callable[[], datetime], task_id: str) -> float:
    """Return for how many seconds a message that expires then may wait in a queue; 0 when that is over."""
    left: float = seconds_until(expires, now())
    if left < 0:
        logger.warning(EXPIRED, task_id, -left)
    return max(left, 0)


def _with_priority(options: Mapping[str, Any], request: Any) -> Mapping[str, Any]:
    """Return *options* with the priority of the task that sends, unless they have one of their own."""
    return {"priority": (request.delivery_info or {}).get("priority"), **options}


def _told(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message of protocol 1 says, under the names that headers have."""
    return {**body, "argsrepr": saferepr(body["args"]), "kwargsrepr": saferepr(body["kwargs"])}
