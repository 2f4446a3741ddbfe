"""What an app needs of its surroundings: the lab, seen from below.

The app tower must not know the lab that stands over it, so it says here what it asks of whatever world it finds itself
in. ``labq.lab`` answers.
Celery: the network and the operating system.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from labq.kernel.clock import Clock
from labq.log.log import Log
from labq.wire.message import Message

if TYPE_CHECKING:
    from labq.app.post import Post
    from labq.backends.store import Store
    from labq.brokers.broker import Broker


class Declaration(Protocol):
    """A queue that has to be there before a message is sent to it (kombu's ``Queue``)."""

    name: str


class World(Protocol):
    """The lab as an app sees it."""

    hostname: str
    """The name of the lab's one computer, as the nodes in it see it."""
    replaces_tasks: bool
    """Whether a second function of the same name takes the place of the first, as in a notebook's cell run again."""

    @property
    def generation(self) -> int:
        """Goes up whenever the world was built again: what was read before may no longer be true."""

    @property
    def worker_state(self) -> Any:
        """What the worker that was started last knows of its tasks."""

    @property
    def clock(self) -> Clock:
        """The virtual clock."""

    def new_id(self) -> str:
        """Return a new task id."""

    def new_oid(self) -> str:
        """Return a new client's address for replies."""

    def dice(self, task_id: str, retries: int) -> Any:
        """Return a seeded ``random.Random`` for one attempt of one task."""

    def broker(self, url: str) -> Broker:
        """Return the broker behind *url*."""

    def line(self, url: str) -> Any:
        """Return a new line to the broker behind *url*, for programs that use kombu by hand."""

    def store(self, url: str, broker_url: str) -> Store:
        """Return the store of results behind *url*."""

    def send(self, url: str, queue: Declaration | None, exchange: str, routing_key: str, message: Message) -> None:
        """Publish *message* at the broker behind *url*, declaring *queue* first when there is one."""

    def listen(self, url: str, broker_url: str, address: str) -> None:
        """Start to collect the replies sent to *address*."""

    def put_result(self, url: str, broker_url: str, task_id: str, stored: Any) -> None:
        """Write a result into the store."""

    def change_store(self, url: str, broker_url: str, change: Any) -> Any:
        """Do something else to the store: keep a group, count a chord's part."""

    def forget_result(self, url: str, broker_url: str, task_id: str) -> None:
        """Take a result out of the store."""

    @property
    def post(self) -> Post:
        """What carries commands to workers, their replies and their events."""

    def wait(
        self, ready: Callable[[], bool], timeout: float | None, why: Callable[[], Exception], *, at_once: bool = False
    ) -> bool:
        """Run until *ready*; return False after *timeout* virtual seconds; raise ``why()`` when nothing can help.

        A body looks twice a second, as Celery's does for a result; *at_once* it looks as soon as it may have come.
        """

    def explain(self, task_id: str, extra: Any = None) -> Exception:
        """Return the error that says why the result of *task_id* will never come."""

    def call_eagerly(self, function: Callable[[], Any]) -> Any:
        """Call *function* here and now as a body, so that its sleeping costs virtual time only."""

    def on_task_replaced(self, name: str) -> None:
        """Be told that a task's body was replaced by another one."""

    def run_beat(self, service: Any, embedded: bool = False) -> None:
        """Let the loop of *service* run as a beat."""

    @property
    def shelves(self) -> dict[str, Any]:
        """What beats keep in the lab between one start and the next."""

    @property
    def repeating(self) -> bool:
        """Whether the world repeats what it did before."""

    def recall(self, name: str, function: Callable[[], Any]) -> Any:
        """Return what *function* returns, or what it returned at this place before a rewind."""

    @property
    def log(self) -> Log:
        """Everything that has happened."""
