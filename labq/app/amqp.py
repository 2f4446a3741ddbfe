"""``app.amqp``: the app's queues, its router, and task messages for those who build and send them by hand.

Comes in: settings; calls. Goes out: queues, routes, messages, consumers.
Next door: ``labq.app.publish`` sends the calls of ``apply_async``, by the same queues and routes.
Celery: ``celery/app/amqp.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from numbers import Real
from operator import is_
from typing import Any, NamedTuple

from labq import signals
from labq.app.publish import announce
from labq.app.queues import Queues
from labq.app.routes import Router, destination, prepare
from labq.kombu.connection import Connection
from labq.kombu.messaging import Consumer, Producer
from labq.kombu.pools import producers
from labq.wire.entities import Exchange, Queue
from labq.wire.protocol import task_draft, task_draft_1
from labq.wire.saferepr import saferepr

__all__ = ("AMQP", "Queues", "task_message", "utf8dict")

EARLIEST = -2147483648
"""The least number of seconds that a countdown may have: the time of old C libraries begins there."""


SETTINGS = (
    "task_queues", "task_default_queue", "task_default_queue_type", "task_default_exchange",
    "task_default_exchange_type", "task_default_routing_key", "task_create_missing_queues",
    "task_create_missing_queue_type", "task_create_missing_queue_exchange_type", "task_queue_max_priority",
)  # fmt: skip
"""The settings that queues are made of."""


def utf8dict(d: Mapping[Any, Any], encoding: str = "utf-8") -> dict[Any, Any]:
    """Return a copy of *d* with text in the place of keys that are bytes."""
    return {key.decode(encoding) if isinstance(key, bytes) else key: value for key, value in d.items()}


class task_message(NamedTuple):  # noqa: N801 - Celery's name
    """A task message that is not sent yet."""

    headers: dict[str, Any]
    properties: dict[str, Any]
    body: Any
    sent_event: dict[str, Any] | None


class AMQP:
    """The messaging of one app.

    Arguments:
        app: the app.
    """

    Connection = Connection
    BrokerConnection = Connection
    Consumer = Consumer
    Producer = Producer
    queues_cls = Queues

    autoexchange: Any = None
    """Makes the exchanges of queues that nobody has described, from their names; None for a direct one."""
    argsrepr_maxsize = 1024
    """How many characters of the arguments a message shows."""
    kwargsrepr_maxsize = 1024
    """How many characters of the keyword arguments a message shows."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.task_protocols = {1: self.as_task_v1, 2: self.as_task_v2}
        self._queues: Any = None
        self._described: tuple[Any, ...] = ()
        self._utc: bool | None = None
        self._routes: tuple[Any, Any] | None = None
        self._router: Any = None

    # -- queues and routes -------------------------------------------------------------------------------------
    def Queues(  # noqa: N802 - Celery's name
        self,
        queues: Any,
        create_missing: bool | None = None,
        create_missing_queue_type: str | None = None,
        create_missing_queue_exchange_type: str | None = None,
        autoexchange: Any = None,
        max_priority: int | None = None,
    ) -> Any:
        """Return queues with the settings for what is left open; without any, the default queue."""
        conf = self.app.conf

        def either(given: Any, setting: str) -> Any:
            return conf[setting] if given is None else given

        key = conf.task_default_routing_key
        if not queues and conf.task_default_queue:
            arguments = {"x-queue-type": "quorum"} if conf.task_default_queue_type == "quorum" else None
            queues = (Queue(conf.task_default_queue, self.default_exchange, key, queue_arguments=arguments),)
        return self.queues_cls(
            queues,
            default_exchange=self.default_exchange,
            create_missing=either(create_missing, "task_create_missing_queues"),
            create_missing_queue_type=either(create_missing_queue_type, "task_create_missing_queue_type"),
            create_missing_queue_exchange_type=either(
                create_missing_queue_exchange_type, "task_create_missing_queue_exchange_type"
            ),
            autoexchange=self.autoexchange if autoexchange is None else autoexchange,
            max_priority=either(max_priority, "task_queue_max_priority"),
            default_routing_key=key,
        )

    @property
    def queues(self) -> Any:
        """The app's queues: those of ``task_queues``, and those that were added or made up since."""
        written = self._written()
        if self._queues is None or not all(map(is_, written, self._described)):
            self._described = written
            self._queues = self.Queues(self.app.conf.task_queues)
        return self._queues

    @queues.setter
    def queues(self, queues: Any) -> None:
        self._described = self._written()
        self._queues = queues if isinstance(queues, Queues) else self.Queues(queues)
        self.app.configuration.version += 1  # whoever keeps the old ones looks again

    def _written(self) -> tuple[Any, ...]:
        """Return the settings that the queues are made of."""
        conf = self.app.conf
        return tuple(conf[name] for name in SETTINGS)

    @property
    def default_queue(self) -> Any:
        """The queue for calls that say nothing about it."""
        return self.queues[self.app.conf.task_default_queue]

    @property
    def default_exchange(self) -> Exchange:
        """The exchange of queues that name none."""
        return Exchange(self.app.conf.task_default_exchange, self.app.conf.task_default_exchange_type)

    @property
    def routes(self) -> Any:
        """The setting ``task_routes``, prepared."""
        written = self.app.conf.task_routes
        if self._routes is None or self._routes[0] is not written:
            self.flush_routes()
        return None if self._routes is None else self._routes[1]

    def flush_routes(self) -> None:
        """Prepare ``task_routes`` anew."""
        written = self.app.conf.task_routes
        self._routes = (written, prepare(written))
        self._router = None

    def Router(self, queues: Any = None, create_missing: bool | None = None) -> Any:  # noqa: N802 - Celery's name
        """Return a router for the app's routes."""
        if create_missing is None:
            create_missing = self.app.conf.task_create_missing_queues
        return Router(self.routes, queues or self.queues, bool(create_missing), app=self.app)

    @property
    def router(self) -> Any:
        """The router that calls go by."""
        routes, queues = self.routes, self.queues
        router = self._router
        if router is None or (router.routes is not routes or router.queues is not queues):
            router = self._router = self.Router()
        return router

    @router.setter
    def router(self, router: Any) -> None:
        self._router = router
        self.app.configuration.version += 1  # whoever keeps the old one looks again

    @property
    def utc(self) -> bool:
        """Whether moments are told in UTC: the setting ``enable_utc``, unless it is set here."""
        return bool(self.app.conf.enable_utc) if self._utc is None else self._utc

    @utc.setter
    def utc(self, utc: bool) -> None:
        self._utc = utc

    # -- connections -------------------------------------------------------------------------------------------
    @cached_property
    def producer_pool(self) -> Any:
        """Producers for the app's broker."""
        pool = producers[self.app.connection_for_write()]
        pool.limit = self.app.pool.limit
        return pool

    @property
    def publisher_pool(self) -> Any:
        """The same as ``producer_pool``."""
        return self.producer_pool

    def TaskConsumer(  # noqa: N802 - Celery's name
        self, channel: Any, queues: Any = None, accept: Any = None, **options: Any
    ) -> Any:
        """Return a consumer of task messages, by default from the queues that workers read."""
        return self.Consumer(
            channel,
            accept=self.app.conf.accept_content if accept is None else accept,
            queues=queues or list(self.queues.consume_from.values()),
            **options,
        )

    # -- messages ----------------------------------------------------------------------------------------------
    @property
    def create_task_message(self) -> Any:
        """What makes messages in the protocol of the setting ``task_protocol``."""
        return self.task_protocols[self.app.conf.task_protocol]

    def _present(self, countdown: Any, expires: Any) -> datetime | None:
        """Return the present where it is counted from: reading it fixes the app's time zone."""
        now: datetime | None = self.app.now() if countdown or isinstance(expires, Real) else None
        return now

    def as_task_v2(
        self,
        task_id: str,
        name: str,
        args: Any = None,
        kwargs: Any = None,
        countdown: float | None = None,
        eta: Any = None,
        group_id: str | None = None,
        group_index: int | None = None,
        expires: Any = None,
        retries: int = 0,
        chord: Any = None,
        callbacks: Any = None,
        errbacks: Any = None,
        reply_to: str | None = None,
        time_limit: float | None = None,
        soft_time_limit: float | None = None,
        create_sent_event: bool = False,
        root_id: str | None = None,
        parent_id: str | None = None,
        shadow: str | None = None,
        chain: Any = None,
        now: datetime | None = None,
        timezone: Any = None,
        origin: str | None = None,
        ignore_result: bool = False,
        argsrepr: str | None = None,
        kwargsrepr: str | None = None,
        stamped_headers: Any = None,
        replaced_task_nesting: int = 0,
        **options: Any,
    ) -> task_message:
        """Return a message of protocol 2; for the arguments see ``Task.apply_async``.

        Raises:
            TypeError: when *args* is no list or *kwargs* no mapping.
        """
        del timezone
        levels = self.app.conf.task_repr_maxlevels
        if argsrepr is None and isinstance(args or (), list | tuple):
            argsrepr = saferepr(args or (), self.argsrepr_maxsize, levels)
        if kwargsrepr is None and isinstance(kwargs or {}, Mapping):
            kwargsrepr = saferepr(kwargs or {}, self.kwargsrepr_maxsize, levels)
        draft = task_draft(
            task_id, name, args, kwargs, now=now or self._present(countdown, expires),
            countdown=_checked(countdown, "countdown"), eta=eta,
            group_id=group_id, group_index=group_index, expires=_checked(expires, "expires"), retries=retries,
            chord=chord, callbacks=callbacks, errbacks=errbacks, reply_to=reply_to, time_limit=time_limit,
            soft_time_limit=soft_time_limit, root_id=root_id, parent_id=parent_id, shadow=shadow, chain=chain,
            origin=origin or self.app.origin, ignore_result=ignore_result, argsrepr=argsrepr, kwargsrepr=kwargsrepr,
            stamped_headers=stamped_headers, stamps=options, replaced_task_nesting=replaced_task_nesting,
        )  # fmt: skip
        event = None
        if create_sent_event:
            told = ("root_id", "parent_id", "retries", "eta", "expires")
            event = {"uuid": task_id, "name": name, "args": argsrepr, "kwargs": kwargsrepr}
            event |= {word: draft.headers[word] for word in told}
        return task_message(draft.headers, draft.properties, draft.body, event)

    def as_task_v1(
        self, task_id: str, name: str, args: Any = None, kwargs: Any = None, countdown: float | None = None,
        eta: Any = None, group_id: str | None = None, group_index: int | None = None, expires: Any = None,
        retries: int = 0, chord: Any = None, callbacks: Any = None, errbacks: Any = None, reply_to: str | None = None,
        time_limit: float | None = None, soft_time_limit: float | None = None, create_sent_event: bool = False,
        root_id: str | None = None, parent_id: str | None = None, shadow: str | None = None,
        now: datetime | None = None, timezone: Any = None, **_: Any,
    ) -> task_message:  # fmt: skip
        """Return a message of protocol 1, which Celery 3 wrote; for the arguments see ``Task.apply_async``."""
        del root_id, parent_id, shadow, timezone
        draft = task_draft_1(
            task_id, name, args, kwargs, now=now or self._present(countdown, expires),
            countdown=_checked(countdown, "countdown"), eta=eta,
            group_id=group_id, group_index=group_index, expires=_checked(expires, "expires"), retries=retries,
            chord=chord, callbacks=callbacks, errbacks=errbacks, reply_to=reply_to, time_limit=time_limit,
            soft_time_limit=soft_time_limit, utc=self.utc,
        )  # fmt: skip
        event = None
        if create_sent_event:
            event = {"uuid": task_id, "name": name, "args": saferepr(args or ()), "kwargs": saferepr(kwargs or {})}
            event |= {word: draft.body[word] for word in ("retries", "eta", "expires")}
        return task_message(draft.headers, draft.properties, draft.body, event)

    def send_task_message(
        self,
        producer: Any,
        name: str,
        message: Any,
        exchange: Any = None,
        routing_key: str | None = None,
        queue: Any = None,
        event_dispatcher: Any = None,
        retry: bool | None = None,
        retry_policy: Mapping[str, Any] | None = None,
        serializer: str | None = None,
        delivery_mode: int | str | None = None,
        compression: str | None = None,
        declare: Any = None,
        headers: Mapping[str, Any] | None = None,
        exchange_type: str | None = None,
        timeout: float | None = None,
        confirm_timeout: float | None = None,
        **properties: Any,
    ) -> Any:
        """Send a *message* of ``create_task_message`` with a *producer*; by default to the default queue.

        The *event_dispatcher* sends the event ``task-sent``; for the other options see ``Producer.publish``.
        """
        conf = self.app.conf
        message.headers.update(headers or {})
        message.properties.update(properties)
        options = {"queue": queue, "exchange": exchange, "routing_key": routing_key, "exchange_type": exchange_type}
        defaults = (conf.task_default_exchange, conf.task_default_routing_key)
        target = destination(options, self.queues, conf.task_default_queue, defaults)
        if declare is None and target.queue is not None:
            declare = [target.queue]
        policy = {**conf.task_publish_retry_policy, **(retry_policy or {})}
        retry = conf.task_publish_retry if retry is None else retry
        signals.before_task_publish.send(
            sender=name, body=message.body, exchange=target.exchange, routing_key=target.routing_key, declare=declare,
            headers=message.headers, properties=message.properties, retry_policy=policy,
        )  # fmt: skip
        answer = producer.publish(
            message.body, exchange=target.exchange, routing_key=target.routing_key,
            serializer=serializer or conf.task_serializer, compression=compression or conf.task_compression,
            retry=retry, retry_policy=policy, declare=declare, headers=message.headers, timeout=timeout,
            confirm_timeout=confirm_timeout,
            delivery_mode=delivery_mode or target.delivery_mode or conf.task_default_delivery_mode,
            **message.properties,
        )  # fmt: skip
        signals.after_task_publish.send(
            sender=name, body=message.body, headers=message.headers, exchange=target.exchange,
            routing_key=target.routing_key,
        )  # fmt: skip
        if signals.task_sent.receivers:
            announce(name, message.headers, message.body)
        if message.sent_event:
            where = {"queue": target.name, "exchange": target.exchange, "routing_key": target.routing_key}
            sender = event_dispatcher or self._event_dispatcher
            sender.publish("task-sent", {**message.sent_event, **where}, producer, retry=retry, retry_policy=policy)
        return answer

    @cached_property
    def _event_dispatcher(self) -> Any:
        return self.app.events.Dispatcher(enabled=False)


def _checked(seconds: Any, what: str) -> Any:
    if isinstance(seconds, int | float) and seconds < EARLIEST:
        raise ValueError(f"{what} is out of range: {seconds!r}")
    return seconds
