"""Answers questions about the wire, with real Celery and kombu or with labq, each in a process of its own.

Run as ``python wire_answers.py celery`` or ``… labq``. Comes in: a pickled tuple (expressions, calls, now, brokers) on
standard input. Goes out: a pickled tuple (answers, sent) on standard output; every error is an answer too.
``test_wire_equals_celery`` asks both and compares.
"""

from __future__ import annotations

import inspect
import os
import pickle
import sys
from collections import OrderedDict, deque, namedtuple
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from uuid import UUID

SIDE = sys.argv[1]

if SIDE == "celery":
    from celery import Celery
    from celery.utils.saferepr import saferepr
    from celery.worker.strategy import hybrid_to_proto2, proto1_to_proto2
    from kombu import Exchange, Queue, binding
    from kombu.serialization import dumps, loads, prepare_accept_content, register, registry, unregister
    from kombu.transport.base import to_rabbitmq_queue_arguments
    from kombu.utils.json import register_type
    from kombu.utils.url import as_url, maybe_sanitize_url, parse_url, sanitize_url
else:
    from labq.wire import moments
    from labq.wire.compression import decompress
    from labq.wire.entities import Exchange, Queue, binding
    from labq.wire.jsontypes import register_type
    from labq.wire.message import Message
    from labq.wire.protocol import task_draft, task_draft_1
    from labq.wire.publishing import sealed
    from labq.wire.reading import read_task_message
    from labq.wire.saferepr import saferepr
    from labq.wire.serializers import dumps, loads, prepare_accept_content, register, registry, unregister
    from labq.wire.url import as_url, maybe_sanitize_url, parse_url, sanitize_url

QUEUE = f"labq-wire-comparison-{os.getpid()}"
VOCABULARY = (
    *(OrderedDict, deque, datetime, date, time, timedelta, timezone, UTC, Decimal, Fraction, MappingProxyType, UUID),
    *(Exchange, Queue, binding, prepare_accept_content, registry, as_url, sanitize_url, maybe_sanitize_url),
)
"""What expressions speak of, beside what is defined here."""

Point = namedtuple("Point", "x y")  # noqa: PYI024 - untyped, as people have them
Colour = Enum("Colour", "RED")


class Text(str):
    """A str that is not quite one."""

    __slots__ = ()


class Reduced:
    """A value that says itself what to write."""

    def __json__(self):
        """Return a table."""
        return {"reduced": True}


class Money:
    """A value that JSON is taught."""

    def __init__(self, cents):
        self.cents = cents

    def __repr__(self):
        return f"Money({self.cents})"


class Recorded(dict):
    """A dict of another class."""


def encoded(value, serializer=None):
    """Return what ``dumps`` does, the body in bytes: kombu leaves JSON as text until it is sent."""
    content_type, encoding, body = dumps(value, serializer)
    return content_type, encoding, body.encode() if isinstance(body, str) else body


def crossed(value, serializer="json"):
    """Return what the other end gets of *value*."""
    content_type, encoding, body = dumps(value, serializer)
    return loads(body, content_type, encoding, accept={content_type})


def crossed_as_money(marker):
    """Teach JSON a type and send one of it."""
    register_type(Money, marker, lambda money: money.cents, Money)
    return crossed(Money(5))


def crossed_by_own_serializer():
    """Register a serializer, use it, and forget it."""
    register("reversed", lambda text: text[::-1], lambda body: bytes(body).decode()[::-1], "application/x-reversed")
    try:
        return encoded("abc", "reversed"), loads(b"cba", "application/x-reversed", "utf-8")
    finally:
        unregister("reversed")


def attributes(entity):
    """Return an entity's attributes; its bindings sorted, since kombu keeps them in a set."""
    told = entity.as_dict(recurse=True)
    return {**told, "bindings": sorted(map(repr, told["bindings"] or ()))} if "bindings" in told else told


def broker_arguments(queue):
    """Return the arguments a queue is declared with on RabbitMQ."""
    if SIDE == "labq":
        return queue.broker_arguments
    words = ("expires", "message_ttl", "max_length", "max_length_bytes", "max_priority")
    return to_rabbitmq_queue_arguments(queue.queue_arguments or {}, **{word: getattr(queue, word) for word in words})


def address(url):
    """Return the parts of a URL, in one order."""
    if SIDE == "labq":
        return tuple(parse_url(url))
    parts = parse_url(url)
    words = ("transport", "userid", "password", "hostname", "port", "virtual_host")
    return (*(parts.pop(word) for word in words), parts)


def drafted_1(*arguments, **options):
    """Return a task message of protocol 1 before it is encoded."""
    write = Celery(set_as_current=False).amqp.as_task_v1 if SIDE == "celery" else task_draft_1
    draft = write("id1", "proj.add", *arguments, **options)
    return draft.headers, draft.properties, draft.body


def understood(headers, body):
    """Return what a worker makes of an old message: args, kwargs, embed, and the headers it works with."""
    if SIDE == "celery":
        read = hybrid_to_proto2 if "task" in headers else proto1_to_proto2
        (args, kwargs, embed), told, _, _ = read(SimpleNamespace(headers=headers), dict(body))
    else:
        content_type, encoding, written = dumps(body, "json")
        task = read_task_message(Message(written, content_type, encoding, headers, {}))
        args, kwargs, embed, told = task.args, task.kwargs, task.embed, task.headers
    return args, kwargs, embed, sorted(told.items())


def looped():
    """Return a list that contains itself, and forget its address."""
    ring = [1]
    ring.append(ring)
    return saferepr(ring, 1024).replace(str(id(ring)), "ID")


def add(*_args, **_kwargs):
    """Stand for a task; nobody runs it."""


def answered(ask, *questions):
    """Return what *ask* gives, or the error it raises as text."""
    try:
        return ask(*questions)
    except Exception as error:  # noqa: BLE001 - which one it is, is the answer
        return f"{type(error).__name__}: {error}"


def evaluated(expression):
    """Return the ``repr`` of what *expression* gives."""
    return repr(eval(expression))  # noqa: S307 - the expressions are the test's own


class RealSender:
    """A Celery app whose clock stands still, and a look into the queue it sends to."""

    def __init__(self, broker, now):
        self.app = Celery("proj", broker=broker, backend="cache+memory://", set_as_current=False)
        self.app.conf.task_default_queue = QUEUE
        self.app.conf.broker_transport_options = {"confirm_publish": True}  # it is in the queue when publish returns
        self.app.now = lambda: now
        self.task = self.app.task(add, name="proj.add", typing=False)
        self.channel = self.app.connection_for_write().default_channel

    def send(self, args, kwargs, options):
        """Return body, content type, encoding, headers and properties as they lie in the queue; None if none does."""
        self.task.apply_async(args, kwargs, **options)
        message = self.channel.basic_get(QUEUE, no_ack=True)
        if message is None:
            return None
        body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
        return body, message.content_type, message.content_encoding, message.headers, message.properties

    def close(self):
        """Leave nothing in the broker."""
        self.channel.queue_delete(QUEUE)


class LabSender:
    """The same out of labq's wire; what the app's publisher does between is done here by hand."""

    words = frozenset(inspect.signature(task_draft).parameters) if SIDE == "labq" else frozenset()

    def __init__(self, broker, now):
        self.unpacks = broker.startswith("memory")  # kombu's memory transport gives the body unpacked
        self.now = now

    def send(self, args, kwargs, options):
        """Return body, content type, encoding, headers and properties."""
        given = dict(options, callbacks=options.get("link"), errbacks=options.get("link_error"))
        given["stamps"] = {stamp: options[stamp] for stamp in options.get("stamped_headers", ())}
        known = {word: value for word, value in given.items() if word in self.words and word != "task_id"}
        draft = task_draft(options["task_id"], "proj.add", args, kwargs, origin="sender", now=self.now, **known)
        draft.headers.update(options.get("headers", {}))
        for word in ("priority", "expiration", "message_id", "timestamp", "type", "app_id"):
            if word in options:
                draft.properties[word] = options[word]
        if options.get("expires") is not None:
            draft.properties["expiration"] = max(0, moments.seconds_until(options["expires"], self.now))
        message = sealed(draft, options.get("serializer"), options.get("compression"), options.get("delivery_mode"))
        if "compression" in message.headers and self.unpacks:
            message = message._replace(body=decompress(message.body, message.headers["compression"]))
        return tuple(message)

    def close(self):
        """There is no broker behind this."""


def main():
    """Answer."""
    expressions, calls, now, brokers = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the test
    sent = {}
    for broker in brokers:
        sender = (RealSender if SIDE == "celery" else LabSender)(broker, now)
        sent[broker] = {name: answered(sender.send, *call) for name, call in calls.items()}
        sender.close()
    answers = {expression: answered(evaluated, expression) for expression in expressions}
    sys.stdout.buffer.write(pickle.dumps((answers, sent)))


if __name__ == "__main__":
    main()
