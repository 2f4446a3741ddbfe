"""Mailboxes: how commands reach workers and how the replies come back.

A command is a message to a fanout exchange; each node reads a queue of its own there, works on what is meant for it,
and sends its reply to the exchange of replies with the key that the client gave. All of it travels as messages do.
Next door: ``labq.app.control`` writes commands, ``labq.worker.pidbox`` reads them in a worker.
Celery: ``kombu/pidbox.py``, whose names of exchanges, queues, fields and headers this keeps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from labq.app.clock import AppClock
from labq.exceptions import NeverReady
from labq.i18n import text
from labq.wire.entities import Exchange, Queue
from labq.wire.matcher import match
from labq.wire.message import Message
from labq.wire.publishing import Draft, sealed
from labq.wire.serializers import loads, prepare_accept_content

if TYPE_CHECKING:
    from labq.app.base import Celery

__all__ = ("Mailbox", "Node")

logger = logging.getLogger("kombu.pidbox")

Handlers = Mapping[str, Callable[..., Any]]

TRANSIENT = "transient"


def broker_url(app: Celery, connection: Any) -> str:
    """Return the address behind *connection*: itself when it is text, the app's when there is none."""
    if isinstance(connection, str):
        return connection
    as_uri = getattr(connection, "as_uri", None)
    address = as_uri(include_password=True) if as_uri is not None else None
    return address if isinstance(address, str) else app.sending.broker_url


class Node:
    """Who reads commands: it knows what each of them does.

    Arguments:
        hostname: its name.
        state: what its commands are given first.
        channel: not used: a node of the lab replies through its app.
        handlers: its commands by name.
        mailbox: where commands come in and replies go out.
    """

    def __init__(
        self,
        hostname: str,
        state: Any = None,
        channel: Any = None,
        handlers: Handlers | None = None,
        mailbox: Any = None,
    ) -> None:
        self.hostname = hostname
        self.state = state
        self.channel = channel
        self.handlers: Any = {} if handlers is None else handlers
        self.mailbox: Mailbox = mailbox

    def handler(self, fun: Callable[..., Any]) -> Callable[..., Any]:
        """Let *fun* be the command of its name; a decorator."""
        self.handlers[fun.__name__] = fun
        return fun

    def handle_message(self, body: Mapping[str, Any], message: Any = None) -> Any:
        """Work on the command in *body* if it is meant for this node; return what it answers."""
        if message is not None:
            self.mailbox.clock.adjust(message.headers.get("clock") or 0)
        return self.dispatch(**body) if self.is_meant(body) else None

    dispatch_from_message = handle_message

    def is_meant(self, body: Mapping[str, Any]) -> bool:
        """Tell whether the command in *body* is for this node."""
        destination, pattern, matcher = body.get("destination"), body.get("pattern"), body.get("matcher")
        if destination:
            return self.hostname in destination
        return match(self.hostname, pattern, matcher) if pattern and matcher else True

    def dispatch(
        self,
        method: str,
        arguments: Mapping[str, Any] | None = None,
        reply_to: Any = None,
        ticket: Any = None,
        **_: Any,
    ) -> Any:
        """Work on a command, send the reply if one is wanted, and return it.

        Raises:
            SystemExit: when the command ends the node; any other exception becomes the reply.
        """
        logger.debug("pidbox received method %s(%r) [reply_to:%s ticket:%s]", method, arguments, reply_to, ticket)
        handle = self.handle_call if reply_to else self.handle_cast
        try:
            reply = handle(method, arguments or {})
        except Exception as exc:
            logger.exception("pidbox command error: %r", exc)  # noqa: TRY401 - kombu's line, which people search for
            reply = {"error": repr(exc)}
        if reply_to:
            self.reply(
                {self.hostname: reply},
                exchange=reply_to["exchange"],
                routing_key=reply_to["routing_key"],
                ticket=ticket,
            )
        return reply

    def handle(self, method: str, arguments: Mapping[str, Any] | None = None) -> Any:
        """Do what the command *method* does, and return what it returns.

        Raises:
            KeyError: when there is no such command.
        """
        return self.handlers[method](self.state, **(arguments or {}))

    def handle_call(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Do a command that wants a reply; for overriding."""
        return self.handle(method, arguments)

    def handle_cast(self, method: str, arguments: Mapping[str, Any]) -> Any:
        """Do a command that wants none; for overriding."""
        return self.handle(method, arguments)

    def reply(self, data: Any, exchange: str, routing_key: str, ticket: Any, **_: Any) -> None:
        """Send *data* back to the client that holds *ticket*."""
        self.mailbox.publish_reply(data, exchange, routing_key, ticket)


class Mailbox:
    """Commands and replies of one namespace.

    Arguments:
        app: the app through which messages go.
        namespace: what the names of the exchanges are made of.
        type: the type of the exchange for commands.
        accept: the serializers that are understood.
        serializer: the one that is spoken; None is JSON.
        queue_ttl, reply_queue_ttl: seconds that a message may wait in a node's or a client's queue.
        queue_expires, reply_queue_expires: seconds after which such a queue goes when nobody reads it.
        queue_durable, queue_exclusive: of both kinds of queues.
        connection: another broker than the app's.

    Raises:
        ValueError: when the queues are to be both exclusive and durable.
    """

    node_cls = Node

    def __init__(
        self,
        app: Celery,
        namespace: str,
        type: str = "direct",
        *,
        accept: Any = None,
        serializer: str | None = None,
        queue_ttl: float | None = None,
        queue_expires: float | None = None,
        queue_durable: bool = False,
        queue_exclusive: bool = True,
        reply_queue_ttl: float | None = None,
        reply_queue_expires: float | None = 10.0,
        connection: Any = None,
    ) -> None:
        if queue_exclusive and queue_durable:
            raise ValueError(
                "queue_exclusive and queue_durable cannot both be True "
                "(exclusive queues are automatically deleted and cannot be durable).",
            )
        self.app = app
        self.namespace = namespace
        self.connection = connection
        self.type = type
        self.clock = AppClock(app, purpose=f" {namespace}.pidbox")
        self.exchange = Exchange(f"{namespace}.pidbox", type=type, durable=False, delivery_mode=TRANSIENT)
        self.reply_exchange = Exchange(f"reply.{namespace}.pidbox", "direct", durable=False, delivery_mode=TRANSIENT)
        self.accept = ["json"] if accept is None else accept
        self.serializer = serializer
        self.queue_ttl, self.queue_expires = queue_ttl, queue_expires
        self.reply_queue_ttl, self.reply_queue_expires = reply_queue_ttl, reply_queue_expires
        self.queue_durable, self.queue_exclusive = queue_durable, queue_exclusive

    def __call__(self, connection: Any) -> Mailbox:
        """Return this mailbox on another connection."""
        bound = copy(self)
        bound.connection = connection
        return bound

    # -- queues ------------------------------------------------------------------------------------------------
    def Node(  # noqa: N802 - kombu's name
        self, hostname: str | None = None, state: Any = None, channel: Any = None, handlers: Handlers | None = None
    ) -> Any:
        """Return a node that reads commands here."""
        return self.node_cls(hostname or self.app.world.hostname, state, channel, handlers, mailbox=self)

    def get_queue(self, hostname: str) -> Queue:
        """Return the queue in which commands wait for the node *hostname*."""
        return self._queue(f"{hostname}.{self.exchange.name}", self.exchange, "", self.queue_expires, self.queue_ttl)

    def get_reply_queue(self, oid: str) -> Queue:
        """Return the queue in which replies wait for the client *oid*."""
        name = f"{oid}.{self.reply_exchange.name}"
        return self._queue(name, self.reply_exchange, oid, self.reply_queue_expires, self.reply_queue_ttl)

    def _queue(self, name: str, exchange: Exchange, key: str, expires: float | None, ttl: float | None) -> Queue:
        return Queue(
            name, exchange, key, durable=self.queue_durable, exclusive=self.queue_exclusive,
            auto_delete=not self.queue_durable, expires=expires, message_ttl=ttl,
        )  # fmt: skip

    # -- asking ------------------------------------------------------------------------------------------------
    def call(
        self, destination: Sequence[str], command: str, kwargs: Any = None, timeout: float | None = None, **options: Any
    ) -> Any:
        """Send a command to some nodes and return their replies."""
        return self._broadcast(command, kwargs, destination, reply=True, timeout=timeout, **options)

    def cast(self, destination: Sequence[str], command: str, kwargs: Any = None) -> Any:
        """Send a command to some nodes."""
        return self._broadcast(command, kwargs, destination, reply=False)

    def abcast(self, command: str, kwargs: Any = None) -> Any:
        """Send a command to all nodes."""
        return self._broadcast(command, kwargs, reply=False)

    def multi_call(self, command: str, kwargs: Any = None, timeout: float = 1, **options: Any) -> Any:
        """Send a command to all nodes and return their replies."""
        return self._broadcast(command, kwargs, reply=True, timeout=timeout, **options)

    def _broadcast(
        self,
        command: str,
        arguments: Mapping[str, Any] | None = None,
        destination: Sequence[str] | None = None,
        reply: bool = False,
        timeout: float | None = 1,
        limit: int | None = None,
        callback: Callable[[Any], Any] | None = None,
        channel: Any = None,
        serializer: str | None = None,
        pattern: str | None = None,
        matcher: str | None = None,
    ) -> Any:
        """Send a command, and return the replies if they are wanted.

        Arguments:
            command: its name.
            arguments: its arguments by name.
            destination: the nodes it is for; None for all.
            reply: whether to wait.
            timeout: seconds without a reply after which no more is waited for; None waits for *limit* replies.
            limit: how many replies are enough; as many as there are destinations when nothing is said.
            callback: called with each reply.
            channel: taken and not used.
            serializer: another one than the mailbox's.
            pattern: what a node's name must be like, together with *matcher*, ``glob`` or ``pcre``.
            matcher: how *pattern* is read.

        Raises:
            ValueError: when *destination* is no list, or *pattern* and *matcher* are no text.
        """
        del channel
        if destination is not None and not isinstance(destination, list | tuple):
            raise ValueError(f"destination must be a list/tuple not {type(destination)}")
        if not any(each is None or isinstance(each, str) for each in (pattern, matcher)):
            raise ValueError(f"pattern and matcher must be strings not {type(pattern)}, {type(matcher)}")
        if limit is None and destination:
            limit = len(destination)
        body = {
            "method": command, "arguments": arguments or {}, "destination": destination, "pattern": pattern,
            "matcher": matcher,
        }  # fmt: skip
        url = broker_url(self.app, self.connection)
        if not reply:
            self._publish(url, body, timeout, serializer)
            return None
        world = self.app.world
        ticket, oid = world.new_id(), world.new_id()
        body |= {"ticket": ticket, "reply_to": {"exchange": self.reply_exchange.name, "routing_key": oid}}
        queue = self.get_reply_queue(oid)
        world.post.open_inbox(url, queue)
        try:
            self._publish(url, body, timeout, serializer)
            return self._collect(url, queue.name, ticket, limit, timeout, callback)
        finally:
            world.post.close_inbox(url, queue.name)

    def _publish(self, url: str, body: Any, timeout: float | None, serializer: str | None) -> None:
        world = self.app.world
        headers = {
            "clock": self.clock.forward(),
            "expires": world.clock.epoch + timeout if timeout else 0,
        }
        message = sealed(Draft(headers, {}, body), serializer or self.serializer)
        world.post.announce(url, self.exchange, "", message)

    def _collect(
        self, url: str, queue: str, ticket: str, limit: int | None, timeout: float | None, callback: Any
    ) -> list[Any]:
        """Read replies: each one begins the time anew after which no more are waited for."""
        world, accept = self.app.world, prepare_accept_content(self.accept)
        replies: list[Any] = []
        for place in range(limit) if limit else count():
            arrived = partial(self._has_more, url, queue, place)
            if not world.wait(arrived, timeout, _nobody_answers, at_once=True):
                break
            message = world.post.inbox(url, queue)[place]
            body, headers = read(message, accept), message.headers
            self.clock.adjust(headers.get("clock") or 0)
            if headers.get("ticket", ticket) == ticket:
                if callback:
                    callback(body)
                replies.append(body)
        return replies

    def _has_more(self, url: str, queue: str, place: int) -> bool:
        return len(self.app.world.post.inbox(url, queue)) > place

    # -- answering ---------------------------------------------------------------------------------------------
    def publish_reply(self, reply: Any, exchange: str, routing_key: str, ticket: Any) -> None:
        """Send a node's *reply* to the client that holds *ticket*."""
        headers = {"ticket": ticket, "clock": self.clock.forward()}
        message = sealed(Draft(headers, {}, reply), self.serializer, delivery_mode=TRANSIENT)
        place = Exchange(exchange, "direct", durable=False, delivery_mode=TRANSIENT)
        self.app.world.post.announce(broker_url(self.app, self.connection), place, routing_key, message)


def read(message: Message, accept: frozenset[str] | None) -> Any:
    """Return the body of a command, a reply or an event.

    Raises:
        ContentDisallowed, DecodeError: when it may not or cannot be read.
    """
    return loads(message.body, message.content_type, message.content_encoding, accept)


def _nobody_answers() -> Exception:
    hint = text("Start a worker, or give a timeout in seconds after which no more replies are waited for.")
    return NeverReady("nobody will answer this command; Celery would wait here for ever", hint)
