"""The journal: what the user did to the world, in order, each line with the moment and the step before which it came.

Together with the seed it says everything: playing the lines again on a fresh world gives the same world. What the lab
does by itself is not in it.
Celery: nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from labq.backends.changes import Change
from labq.backends.store import Stored
from labq.brokers.declaring import declare, declare_entity
from labq.exceptions import LabError
from labq.i18n import text
from labq.views.escape import mask
from labq.wire.message import Message
from labq.worker.options import WorkerOptions

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.lab.world import LabWorld


CLIENT = "client"
"""Whose are the exclusive queues that are declared by sending to them."""


class Deed(Protocol):
    """Something done to the world from outside, or by a body."""

    def apply(self, world: LabWorld) -> Any:
        """Do it."""


class Line(NamedTuple):
    """A line of the journal."""

    steps: int
    """How many steps the kernel had run before."""
    us: int
    """The moment, in microseconds since the lab began."""
    before: int
    """How many records the log had before the deed was done."""
    records: int
    """How many records the log had after the deed was done."""
    ids: int
    """How many task ids the user had been given by then."""
    failed: bool
    """Whether the deed ended in an exception: half a deed leaves traces too."""
    deed: Deed

    def __repr__(self) -> str:
        """Return it in one line, without passwords: deeds keep addresses as they were given."""
        return mask(f"Line(steps={self.steps}, us={self.us}, records={self.records}, deed={self.deed!r})")


class Place(NamedTuple):
    """A place in the history: between two steps, between two lines of the journal. Later places are greater."""

    steps: int
    lines: int


class Publish(NamedTuple):
    """A message goes to a broker."""

    url: str
    queue: Any
    """What is declared first: a queue, a tuple of queues and exchanges, or None for nothing."""
    exchange: str
    routing_key: str
    message: Message

    def apply(self, world: LabWorld) -> None:
        """Declare the queue, if one was chosen, and publish."""
        broker, queue = world.broker(self.url), self.queue
        if queue is not None:
            if type(queue) is tuple:
                for entity in queue:
                    declare_entity(broker, entity, CLIENT)
            elif not broker.knows(queue):
                declare(broker, queue, CLIENT)
        broker.publish(self.message, self.exchange, self.routing_key)


class PutResult(NamedTuple):
    """A result goes to a store."""

    url: str
    broker_url: str
    task_id: str
    stored: Stored

    def apply(self, world: LabWorld) -> None:
        """Write it."""
        world.store(self.url, self.broker_url).put(self.task_id, self.stored)


@dataclass(frozen=True, slots=True)
class ChangeStore:
    """Something else is done to a store: a group is kept, a chord's part is counted."""

    url: str
    broker_url: str
    change: Change

    def apply(self, world: LabWorld) -> Any:
        """Do it, and return what comes of it."""
        store: Any = world.store(self.url, self.broker_url)  # only those that can count are asked to
        return self.change.apply(store)


@dataclass(frozen=True, slots=True)
class ForgetResult:
    """A result is taken out of a store."""

    url: str
    broker_url: str
    task_id: str

    def apply(self, world: LabWorld) -> None:
        """Take it out."""
        world.store(self.url, self.broker_url).forget(self.task_id)


@dataclass(frozen=True, slots=True)
class Listen:
    """A client begins to read the replies sent to its address."""

    url: str
    broker_url: str
    address: str

    def apply(self, world: LabWorld) -> None:
        """Begin to read."""
        world.store(self.url, self.broker_url).listen(self.address)


@dataclass(frozen=True, slots=True)
class StartWorker:
    """A worker goes online."""

    app: Celery
    options: WorkerOptions

    def apply(self, world: LabWorld) -> None:
        """Start it."""
        world.start_worker(self.app, self.options)


@dataclass(frozen=True, slots=True)
class StopWorker:
    """A worker is told to stop."""

    hostname: str
    how: str

    def apply(self, world: LabWorld) -> None:
        """Tell it."""
        world.workers[self.hostname].stop(self.how)


@dataclass(frozen=True, slots=True)
class TellWorker:
    """A worker is told to do something else than to stop."""

    hostname: str
    command: str
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()

    def apply(self, world: LabWorld) -> Any:
        """Tell it; return what it answers."""
        worker = world.workers.get(self.hostname)
        if worker is None or not worker.online:
            msg = f"no worker called {self.hostname!r} is running"
            raise LabError(msg, text("Start it first."))
        return getattr(worker, self.command)(*self.args, **dict(self.kwargs))


@dataclass(frozen=True, slots=True)
class Purge:
    """A queue is emptied."""

    url: str
    queue: str

    def apply(self, world: LabWorld) -> int:
        """Empty it; return how many messages are gone."""
        return world.broker(self.url).purge(self.queue)
