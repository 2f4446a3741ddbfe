"""Deeds of clients that use kombu by hand: each call on a channel, and each message that they take.

Comes in: what a program does with a connection. Goes out: the same, done to the world, and done again when the world is
built again.
Next door: ``labq.brokers.client`` answers; ``labq.kombu`` is what the program holds.
Celery: nothing; there these are bytes on a socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from labq import _state
from labq.brokers.client import Client, Received
from labq.messaging_errors import RecoverableConnectionError

if TYPE_CHECKING:
    from labq.lab.world import LabWorld


ASKING = frozenset(("basic.get", "queue.declare", "queue.delete", "queue.purge"))
"""Methods whose answer depends on what was sent before."""


@dataclass(frozen=True, slots=True)
class Connect:
    """A program connects to a broker.

    Attributes:
        url: the broker's address.
        program: stands for the program's end of the line. After a rewind the number may be given to another line; this
            tells the two apart.
    """

    url: str
    program: object = field(compare=False, repr=False)

    def apply(self, world: LabWorld) -> int:
        """Connect; return the connection's number."""
        number = len(world.clients) + 1
        world.clients[number] = Client(world.broker(self.url), number, self.program)
        return number


class Disconnect(NamedTuple):
    """A program closes its connection."""

    connection: int

    def apply(self, world: LabWorld) -> None:
        """Close it; one that a rewind has undone is closed already."""
        client = world.clients.get(self.connection)
        if client is not None:
            client.close()


class OpenChannel(NamedTuple):
    """A program opens a channel."""

    connection: int

    def apply(self, world: LabWorld) -> int:
        """Open it; return its number."""
        return _client(world, self.connection).open()


class CallChannel(NamedTuple):
    """A program calls one of AMQP's methods."""

    connection: int
    channel: int
    method: str
    arguments: Mapping[str, Any]

    def apply(self, world: LabWorld) -> Any:
        """Call it; return its answer."""
        return _client(world, self.connection).call(self.channel, self.method, self.arguments)


class TakeReceived(NamedTuple):
    """A program takes what has come on its connection."""

    connection: int

    def apply(self, world: LabWorld) -> Received:
        """Take the first."""
        return _client(world, self.connection).take()


def _client(world: LabWorld, number: int) -> Client:
    client = world.clients.get(number)
    if client is None:
        raise RecoverableConnectionError("the lab went back to before this connection was made")
    return client


class ClientLine:
    """A program's line to a broker: ``labq.kombu`` talks to the world through this alone.

    Arguments:
        lab: the lab.
        url: the broker's address.
    """

    def __init__(self, lab: Any, url: str) -> None:
        self._lab: Any = lab
        self._program = object()
        self._number: int = lab.do(Connect(url, self._program))

    @property
    def alive(self) -> bool:
        """Whether the connection is there in the world as it is now."""
        lab = self._lab
        is_current = lab is _state.get_current_lab()
        return is_current and not lab.closed and self._client is not None

    @property
    def _client(self) -> Client | None:
        """The world's end of the line; None when a rewind has undone it."""
        client: Client | None = self._lab.world.clients.get(self._number)
        return client if client is not None and client.program is self._program else None

    def has_channel(self, number: int) -> bool:
        """Tell whether a channel is open."""
        client = self._client if self.alive else None
        return client is not None and number in client.channels

    def open_channel(self) -> int:
        """Open a channel; return its number."""
        return int(self._lab.do(OpenChannel(self._number)))

    def call(self, channel: int, method: str, arguments: Mapping[str, Any]) -> Any:
        """Call one of AMQP's methods on a channel.

        What asks how things stand is answered when everything that is due has happened: a broker does things in order.
        """
        if method in ASKING:
            self._lab.wait(_never, 0, TimeoutError)
        return self._lab.do(CallChannel(self._number, channel, method, arguments))

    def wait(self, timeout: float | None, why: Any) -> bool:
        """Let time pass until something has come; False after *timeout* seconds; ``why()`` is raised if nothing can."""
        return bool(self._lab.wait(self._has_news, timeout, why))

    def _has_news(self) -> bool:
        client = self._client
        return client is None or bool(client.inbox)

    def take(self) -> Received | None:
        """Take the first thing that has come, if any."""
        client = self._client
        if client is None or not client.inbox:
            return None
        taken: Received = self._lab.do(TakeReceived(self._number))
        return taken

    def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            self._lab.do(Disconnect(self._number))


def _never() -> bool:
    return False
