"""A store: the bytes of results, by task id. It knows neither apps nor exceptions.

``MemoryStore`` keeps them in a dictionary, as Celery's ``cache+memory://`` does. ``ReplyStore`` sends each as a message
to the client that asked, as ``rpc://`` does: the client's mailbox is then the only place where it can be read.
Celery: ``celery/backends/cache.py`` and ``celery/backends/rpc.py``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple, Protocol

from labq.exceptions import DecodeError
from labq.log.log import Log
from labq.log.record import CHORD_COUNTED, RESULT_FORGOTTEN, RESULT_STORED
from labq.states import READY_STATES, SUCCESS
from labq.wire.message import Message
from labq.wire.saferepr import saferepr
from labq.wire.serializers import loads

MOST_ENTRIES = 5000
"""How many entries Celery's ``cache+memory://`` keeps; the next one pushes the oldest out."""


class Stored(NamedTuple):
    """A result as it is written: bytes, with the little that the lab shows about them."""

    payload: bytes
    state: str
    text: str
    """The value as people see it."""
    reply_to: str | None
    """The client's address, for a store that sends."""
    content_type: str
    content_encoding: str


class Store(Protocol):
    """What a backend asks of the place where results lie."""

    def put(self, task_id: str, stored: Stored) -> None:
        """Write a result over whatever was there."""

    def get(self, task_id: str) -> Stored | None:
        """Return what is there, or None."""

    def forget(self, task_id: str) -> None:
        """Take a result away."""

    def watch(self, task_id: str) -> Callable[[], bool]:
        """Return a function that tells whether a final state is there; a waiting client asks it before every step."""

    def listen(self, address: str) -> None:
        """Make *address* reachable for replies."""

    def listens(self, address: str) -> bool:
        """Tell whether ``listen`` has nothing to do."""


class MemoryStore:
    """Results, groups and the counters of chords in one dictionary of limited size.

    Arguments:
        url: the address under which it is known, its password masked.
        log: where everything is written down.
    """

    def __init__(self, url: str, log: Log) -> None:
        self.url = url
        self._log = log
        self._stored: OrderedDict[str, Stored] = OrderedDict()
        self._groups: OrderedDict[str, bytes] = OrderedDict()
        self._counts: OrderedDict[str, set[str | None]] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._ready: set[str] = set()

    def put(self, task_id: str, stored: Stored) -> None:
        """Write a result over whatever was there, unless that was a success: a task that came twice changes nothing."""
        known = self._stored.get(task_id)
        if known is not None:
            if known.state == SUCCESS:
                return
            self._stored.move_to_end(task_id)
        self._stored[task_id] = stored
        if stored.state in READY_STATES:
            self._ready.add(task_id)
        else:
            self._ready.discard(task_id)
        self._log.append(RESULT_STORED, task_id, self.url, stored.state, stored.text, len(stored.payload))
        if len(self._stored) > MOST_ENTRIES:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        """Make room by forgetting the result that was written longest ago, which nobody is told in Celery."""
        task_id, _ = self._stored.popitem(last=False)
        self._ready.discard(task_id)
        self._log.append(RESULT_FORGOTTEN, task_id, self.url)

    def get(self, task_id: str) -> Stored | None:
        """Return what is there, or None."""
        return self._stored.get(task_id)

    def forget(self, task_id: str) -> None:
        """Take a result away."""
        if self._stored.pop(task_id, None) is not None:
            self._ready.discard(task_id)
            self._log.append(RESULT_FORGOTTEN, task_id, self.url)

    def watch(self, task_id: str) -> Callable[[], bool]:
        """Return a function that tells whether a final state is there."""
        return partial(self._ready.__contains__, task_id)

    def listen(self, address: str) -> None:
        """Do nothing: whoever knows a task's id can read its result here."""

    def listens(self, address: str) -> bool:
        """Return True: nobody needs an address."""
        del address
        return True

    # -- groups and chords -------------------------------------------------------------------------------------
    def save_group(self, group_id: str, payload: bytes) -> None:
        """Write down which results a group has."""
        self._groups[group_id] = payload
        if len(self._groups) > MOST_ENTRIES:
            self._groups.popitem(last=False)

    def group(self, group_id: str) -> bytes | None:
        """Return what was written down about a group, or None."""
        return self._groups.get(group_id)

    def drop_group(self, group_id: str) -> None:
        """Forget a group; its results stay."""
        self._groups.pop(group_id, None)

    def open_count(self, group_id: str) -> None:
        """Begin to count the parts of a chord that have ended."""
        self._counts[group_id] = set()
        if len(self._counts) > MOST_ENTRIES:
            oldest, _ = self._counts.popitem(last=False)
            self._sizes.pop(oldest, None)

    def count_part(self, group_id: str, task_id: str | None, size: int) -> int:
        """Count one more part of a chord of *size* parts and return how many have ended now.

        A part whose message came twice ends twice and counts once, as in Celery with Redis.

        Raises:
            KeyError: when nobody has begun to count.
        """
        ended = self._counts[group_id]
        ended.add(task_id)
        self._log.append(CHORD_COUNTED, task_id, self.url, group_id, len(ended), size)
        return len(ended)

    def set_size(self, group_id: str, size: int) -> None:
        """Note for how many parts a chord waits, if anybody counts them."""
        if group_id in self._counts:
            self._sizes[group_id] = size

    def chord_size(self, group_id: str) -> int | None:
        """Return for how many parts a chord waits; None while nobody knows."""
        return self._sizes.get(group_id)

    def drop_count(self, group_id: str) -> None:
        """Forget a chord's counter."""
        self._counts.pop(group_id, None)
        self._sizes.pop(group_id, None)


class ReplyBroker(Protocol):
    """The part of a broker that replies need."""

    def declare_queue(self, name: str, arguments: Any = None, *, auto_delete: bool = False) -> None:
        """Make a queue."""

    def publish(self, message: Message, exchange: str, routing_key: str) -> None:
        """Send a message."""

    def channel(self, owner: str) -> Any:
        """Open a channel."""


class ReplyStore:
    """Results as messages to the client that sent the task.

    Arguments:
        url: the address under which it is known.
        log: where everything is written down.
        broker: returns the broker that carries the replies, when it is needed.
    """

    def __init__(self, url: str, log: Log, broker: Callable[[], ReplyBroker]) -> None:
        self.url = url
        self._log = log
        self._broker = broker
        self._mailbox: dict[str, Stored] = {}
        self._listening: set[str] = set()
        self._hearers: list[Callable[[str], object]] = []

    def put(self, task_id: str, stored: Stored) -> None:
        """Send a result to the client; without an address it goes nowhere, as in Celery."""
        self._log.append(RESULT_STORED, task_id, self.url, stored.state, stored.text, len(stored.payload))
        if stored.reply_to:
            properties = {"correlation_id": task_id, "delivery_mode": 2}
            message = Message(stored.payload, stored.content_type, stored.content_encoding, {}, properties)
            self._broker().publish(message, "", stored.reply_to)

    def get(self, task_id: str) -> Stored | None:
        """Return the last reply that has arrived, or None."""
        return self._mailbox.get(task_id)

    def forget(self, task_id: str) -> None:
        """Take a reply out of the mailbox."""
        if self._mailbox.pop(task_id, None) is not None:
            self._log.append(RESULT_FORGOTTEN, task_id, self.url)

    def watch(self, task_id: str) -> Callable[[], bool]:
        """Return a function that tells whether a reply with a final state has arrived."""
        return partial(self._is_ready, task_id)

    def _is_ready(self, task_id: str) -> bool:
        reply = self._mailbox.get(task_id)
        return reply is not None and reply.state in READY_STATES

    def listen(self, address: str) -> None:
        """Make the client's own queue and read it from now on."""
        if address not in self._listening:
            self._listening.add(address)
            broker = self._broker()
            broker.declare_queue(address, auto_delete=True)
            broker.channel(f"client {address[:8]}").consume(address, self._collect)

    def listens(self, address: str) -> bool:
        """Tell whether the client's queue is read already."""
        return address in self._listening

    def _collect(self, delivery: Any) -> None:
        body, content_type, encoding, _, properties = delivery.message[:5]
        task_id = properties.get("correlation_id")
        try:
            meta = loads(body, content_type, encoding, None)
            stored = Stored(body, meta["status"], saferepr(meta["result"], 1024), None, content_type, encoding)
        except (DecodeError, LookupError, TypeError):
            delivery.reject(requeue=False, reason="not a result")
        else:
            self._mailbox[str(task_id)] = stored
            delivery.ack()
            for hear in tuple(self._hearers):
                hear(str(task_id))

    @contextmanager
    def heard_by(self, hear: Callable[[str], object]) -> Iterator[None]:
        """Let *hear* be called with the task's id for each reply that arrives meanwhile."""
        self._hearers.append(hear)
        try:
            yield
        finally:
            self._hearers.remove(hear)
