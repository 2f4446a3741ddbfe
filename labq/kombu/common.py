"""What programs that use kombu share: declaring once, and loops over what comes.

Comes in: connections, channels, queues. Goes out: messages.
Next door: ``labq.kombu.connection`` lets time pass; ``labq.kombu.messaging`` publishes and consumes.
Celery: ``kombu/common.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from labq.messaging_errors import ChannelError, RecoverableConnectionError
from labq.nodes import uuid
from labq.wire.broadcast import Broadcast
from labq.wire.serializers import registry

__all__ = (
    "Broadcast", "collect_replies", "drain_consumer", "eventloop", "ignore_errors", "insured", "itermessages",
    "maybe_declare", "send_reply", "uuid",
)  # fmt: skip


def maybe_declare(entity: Any, channel: Any = None, retry: bool = False, **retry_policy: Any) -> bool:
    """Declare an exchange or a queue, unless that was done on this connection before.

    Arguments:
        entity: what to declare.
        channel: where, if it is bound to no channel.
        retry: whether to try again when the connection breaks.
        retry_policy: what ``Connection.ensure`` takes.

    Returns: whether it was declared now.

    Raises:
        ChannelError: when there is no channel.
        RecoverableConnectionError: when the channel is closed.
    """
    bound = entity
    if not entity.is_bound:
        if not channel:
            raise ChannelError(f"Cannot bind channel {channel} to entity {entity}")
        bound = entity.bind(channel)
    line = channel or bound.channel
    line = getattr(line, "default_channel", line)
    if not line.connection:
        raise RecoverableConnectionError("channel disconnected")
    if retry:
        ensured = line.connection.client.ensure(bound, _declare_once, **retry_policy)
        return bool(ensured(bound, line, entity))
    return _declare_once(bound, line, entity)


def _declare_once(bound: Any, channel: Any, original: Any) -> bool:
    declared = channel.connection.client.declared_entities
    if bound.can_cache_declaration:
        if hash(bound) in declared:
            return False
        declared.add(hash(bound))
    bound.declare(channel=channel)
    original.name = bound.name
    return True


def eventloop(
    conn: Any, limit: int | None = None, timeout: float | None = None, ignore_timeouts: bool = False
) -> Iterator[Any]:
    """Take what comes on *conn*, one event at a time.

    Arguments:
        conn: the connection.
        limit: how many; None for ever.
        timeout: seconds to wait for each.
        ignore_timeouts: whether to go on after a wait in vain.

    Raises:
        TimeoutError: when nothing has come in time.
    """
    for _ in range(limit) if limit else count():
        try:
            yield conn.drain_events(timeout=timeout)
        except TimeoutError:
            if timeout and not ignore_timeouts:
                raise


def drain_consumer(
    consumer: Any,
    limit: int | None = 1,
    timeout: float | None = None,
    callbacks: Iterable[Callable[[Any, Any], Any]] | None = None,
) -> Iterator[tuple[Any, Any]]:
    """Yield body and message of what *consumer* gets; for *limit* and *timeout* see ``eventloop``."""
    got: deque[tuple[Any, Any]] = deque()
    consumer.callbacks = [lambda body, message: got.append((body, message)), *(callbacks or ())]
    with consumer:
        for _ in eventloop(consumer.channel.connection.client, limit, timeout, ignore_timeouts=True):
            if got:
                yield got.popleft()


def itermessages(
    conn: Any, channel: Any, queue: Any, limit: int | None = 1, timeout: float | None = None, callbacks: Any = None,
    **options: Any,
) -> Iterator[tuple[Any, Any]]:  # fmt: skip
    """Yield body and message of what comes to *queue*; see ``drain_consumer``."""
    consumer = conn.Consumer(queues=[queue], channel=channel, **options)
    return drain_consumer(consumer, limit=limit, timeout=timeout, callbacks=callbacks)


def send_reply(
    exchange: Any, req: Any, msg: Any, producer: Any = None, retry: bool = False, retry_policy: Any = None, **props: Any
) -> Any:
    """Send *msg* to where the message *req* wants its reply, encoded as *req* was."""
    options = {
        "routing_key": req.properties["reply_to"],
        "correlation_id": req.properties.get("correlation_id"),
        "serializer": registry.type_to_name[req.content_type],
        "content_encoding": req.content_encoding,
        **props,
    }
    return producer.publish(msg, exchange=exchange, retry=retry, retry_policy=retry_policy, **options)


def collect_replies(conn: Any, channel: Any, queue: Any, *args: Any, **options: Any) -> Iterator[Any]:
    """Yield the bodies of the replies that come to *queue*."""
    no_ack = options.setdefault("no_ack", True)
    for body, message in itermessages(conn, channel, queue, *args, **options):
        if not no_ack:
            message.ack()
        yield body


@contextmanager
def _ignoring(conn: Any) -> Iterator[None]:
    try:
        yield
    except conn.connection_errors + conn.channel_errors:
        pass


def ignore_errors(conn: Any, fun: Callable[..., Any] | None = None, *args: Any, **kwargs: Any) -> Any:
    """Call *fun* and pass over errors of the connection; without *fun*, return a ``with`` block that does so."""
    if fun is None:
        return _ignoring(conn)
    with _ignoring(conn):
        return fun(*args, **kwargs)


def insured(
    pool: Any, fun: Callable[..., Any], args: Any, kwargs: Any, errback: Any = None, on_revive: Any = None, **opts: Any
) -> Any:
    """Call *fun* with a connection of *pool* and a channel on it, again and again while the connection breaks."""
    with pool.acquire(block=True) as conn:
        conn.ensure_connection(errback=errback)
        ensured = conn.autoretry(fun, conn.default_channel, errback=errback, on_revive=on_revive, **opts)
        answer, _ = ensured(*args, **dict(kwargs, connection=conn))
        return answer
