"""The context of a running task: what ``self.request`` tells.

Comes in: the headers of the message, the delivery and the arguments. Goes out: attributes.
Celery: ``Context`` in ``celery/app/task.py``; its user guide, "Tasks: Task Request".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

X_DEATH_HEADERS = (
    "x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason", "x-last-death-exchange",
    "x-last-death-queue", "x-last-death-reason",
)  # fmt: skip
"""Headers by which RabbitMQ recognises a message that runs in circles; a retried task starts afresh."""


class Context:
    """The request of one run of a task. Attributes that the message did not bring have these defaults."""

    _children: list[Any] | None = None
    _protected = 0
    args: Any = None
    callbacks: Any = None
    called_directly = True
    chain: Any = None
    chord: Any = None
    correlation_id: str | None = None
    delivery_info: dict[str, Any] | None = None
    errbacks: Any = None
    eta: str | None = None
    expires: str | None = None
    group: str | None = None
    group_index: int | None = None
    hostname: str | None = None
    id: Any = None
    ignore_result: bool | None = False
    is_eager = False
    kwargs: Any = None
    logfile: str | None = None
    loglevel: int | None = None
    origin: str | None = None
    parent_id: str | None = None
    properties: dict[str, Any] | None = None
    retries = 0
    reply_to: str | None = None
    replaced_task_nesting = 0
    root_id: str | None = None
    shadow: str | None = None
    taskset: str | None = None
    timelimit: Any = None
    time_limit: float | None = None
    soft_time_limit: float | None = None
    utc: bool | None = None
    stamped_headers: list[str] | None = None
    stamps: dict[str, Any] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.update(*args, **kwargs)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Context:
        """Return a context of *values*, which belong to it from now on."""
        context = cls.__new__(cls)
        context.__dict__ = values
        limits = values.get("timelimit")
        if limits:
            values["time_limit"], values["soft_time_limit"] = limits[0], limits[1]
        return context

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Take new values in; a pair of time limits also sets the two single ones, no pair takes them away."""
        before = self.__dict__.get("timelimit", self)
        self.__dict__.update(*args, **kwargs)
        limits = self.__dict__.get("timelimit", self)
        if limits is not before:
            pair = limits if isinstance(limits, list | tuple) and len(limits) > 1 else (None, None)
            self.time_limit, self.soft_time_limit = pair[0], pair[1]

    def clear(self) -> None:
        """Forget everything; the defaults show again."""
        self.__dict__.clear()

    def get(self, key: str, default: Any = None) -> Any:
        """Return the attribute *key*, or *default*."""
        return getattr(self, key, default)

    @property
    def headers(self) -> Any:
        """The headers that the caller added to the message; None when there are none."""
        given = self.__dict__.get("headers")
        if given is None:
            given = {name: value for name, value in self.__dict__.items() if name not in OWN_NAMES} or None
        return given

    @headers.setter
    def headers(self, given: Any) -> None:
        self.__dict__["headers"] = given

    @property
    def children(self) -> list[Any]:
        """The results of the tasks that this one has sent."""
        if self._children is None:
            self._children = []
        return self._children

    def as_execution_options(self) -> dict[str, Any]:
        """Return the options with which this very call can be sent once more."""
        hard, soft = self.timelimit or (None, None)
        options = {
            "task_id": self.id,
            "root_id": self.root_id,
            "parent_id": self.parent_id,
            "group_id": self.group,
            "group_index": self.group_index,
            "shadow": self.shadow,
            "chord": self.chord,
            "chain": self.chain,
            "link": self.callbacks,
            "link_error": self.errbacks,
            "expires": self.expires,
            "soft_time_limit": soft,
            "time_limit": hard,
            "headers": without_deaths(self.headers),
            "retries": self.retries,
            "reply_to": self.reply_to,
            "replaced_task_nesting": self.replaced_task_nesting,
            "origin": self.origin,
        }
        if self.stamps is not None and self.stamped_headers is not None:
            options["stamped_headers"] = self.stamped_headers
            options.update({name: value for name, value in self.stamps.items() if name in self.stamped_headers})
        return options

    def __repr__(self) -> str:
        """Show every value that was set."""
        return f"<Context: {vars(self)!r}>"


OWN_NAMES = frozenset(vars(Context)) | {"lang", "task", "argsrepr", "kwargsrepr", "compression"}
"""What Celery itself puts into a context; every other name is a header of the caller's own."""


def is_ignored(task: Any, request: Context) -> bool:
    """Tell whether the result of this call is thrown away: the call's own word counts before the task's.

    Celery: ``get_actual_ignore_result`` in ``celery/app/task.py``.
    """
    said = request.__dict__.get("ignore_result")
    return bool(task.ignore_result if said is None else said)


def without_deaths(headers: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the custom *headers* without RabbitMQ's marks of dead letters."""
    return {name: value for name, value in (headers or {}).items() if name not in X_DEATH_HEADERS}
