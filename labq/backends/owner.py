"""What a backend needs of the app it belongs to, of the lab, and of what follows after a task: all seen from below.

The backends' room must not know the rooms that stand over it, so it says here what it asks of them.
Celery: ``celery/backends/base.py`` takes the whole app.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from labq.backends.changes import Change
from labq.backends.store import Store, Stored

if TYPE_CHECKING:
    from labq.backends.backend import Backend


class Surroundings(Protocol):
    """The part of the lab that a backend needs."""

    @property
    def generation(self) -> int:
        """Goes up whenever the world was built again."""

    def store(self, url: str, broker_url: str) -> Store:
        """Return the store behind *url*."""

    def put_result(self, url: str, broker_url: str, task_id: str, stored: Stored) -> None:
        """Write into the store."""

    def change_store(self, url: str, broker_url: str, change: Change) -> Any:
        """Do something else to the store, and return what comes of it."""

    def forget_result(self, url: str, broker_url: str, task_id: str) -> None:
        """Take out of the store."""

    def listen(self, url: str, broker_url: str, address: str) -> None:
        """Collect replies."""

    def wait(self, ready: Callable[[], bool], timeout: float | None, why: Callable[[], Exception]) -> bool:
        """Run until ready."""

    def explain(self, task_id: str, extra: Any = None) -> Exception:
        """Return the error that says why a result will never come."""


class Aftermath(Protocol):
    """What the end of a task means for others: its errbacks, the rest of its chain, its chord."""

    def fail_chain(
        self, backend: Backend, chain: Any, exc: BaseException, traceback: str | None, store_result: bool, state: str
    ) -> None:
        """Let the tasks that were to follow fail with the one that failed."""

    def call_errbacks(self, request: Any, exc: BaseException, traceback: str | None) -> None:
        """Call or send the errbacks of a failed task."""

    def part_returned(self, backend: Backend, request: Any, state: str, result: Any) -> None:
        """Count an ended part of a chord, and start the body after the last one."""

    def fail_chord(self, backend: Backend, callback: Any, exc: BaseException | None) -> Any:
        """Let the body of a chord fail because a part of its header did."""

    def fail_now(self, backend: Backend, task_id: str, exc: BaseException | None) -> Any:
        """Store that a task has failed with the exception that is being handled, and return it with its traceback."""

    def unlock_later(self, backend: Backend, header: Any, body: Any, countdown: float, options: dict[str, Any]) -> None:
        """Send the task that looks again and again whether the header of a chord has ended."""

    def read_result(self, written: Any) -> Any:
        """Return the result (of a task or of a group) that was written as a tuple."""


class Owner(Protocol):
    """The part of an app that a backend needs."""

    @property
    def conf(self) -> Any:
        """The settings."""

    @property
    def world(self) -> Any:
        """The lab."""

    @property
    def sending(self) -> Any:
        """The settings for sending; the broker's address is one of them."""

    @property
    def aftermath(self) -> Aftermath:
        """What follows after a task."""

    @property
    def GroupResult(self) -> Any:  # noqa: N802 - Celery's name
        """The class of the results of groups."""

    def now_text(self) -> str:
        """Return the virtual present as ISO 8601 text, in the app's timezone."""
