"""Questions to the workers: ``app.control.inspect()``.

Comes in: what the workers shall tell. Goes out: their answers, by their names.
Next door: ``labq.app.control`` sends the questions; ``labq.worker.control`` answers them.
Celery: ``Inspect`` in ``celery/app/control.py``.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from labq.exceptions import DuplicateNodenameWarning
from labq.prose import pluralize
from labq.wire.matcher import match

Answers = Any
"""What the workers answer, by their names; None when none of them does."""

W_DUPNODE = """\
Received multiple replies from node {0}: {1}.
Please make sure you give each node a unique nodename using
the celery worker `-n` option.\
"""


def flatten_reply(reply: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the replies of many nodes as one dictionary; of several under one name the last, with a warning."""
    nodes: dict[str, Any] = {}
    counted: Counter[str] = Counter()
    for item in reply:
        counted.update(item.keys())
        nodes.update(item)
    twice = sorted(name for name, times in counted.items() if times > 1)
    if twice:
        said = W_DUPNODE.format(pluralize(len(twice), "name"), ", ".join(twice))
        warnings.warn(DuplicateNodenameWarning(said), stacklevel=2)
    return nodes


class Inspect:
    """Questions to the workers; see ``Control.inspect``.

    Arguments:
        destination: the workers that are asked; a list, or one name, and then the answer is that worker's alone.
        timeout: seconds without a reply after which no more are waited for.
        callback: called with each reply as it comes.
        connection: another broker than the app's.
        app: the app.
        limit: how many replies are enough.
        pattern: what a worker's name must be like to be asked, together with *matcher*.
        matcher: how *pattern* is read: ``glob`` or ``pcre``.
    """

    app: Any = None

    def __init__(
        self,
        destination: Any = None,
        timeout: float | None = 1.0,
        callback: Callable[[Any], Any] | None = None,
        connection: Any = None,
        app: Any = None,
        limit: int | None = None,
        pattern: str | None = None,
        matcher: str | None = None,
    ) -> None:
        self.app = app or self.app
        self.destination = destination
        self.timeout = timeout
        self.callback = callback
        self.connection = connection
        self.limit = limit
        self.pattern = pattern
        self.matcher = matcher

    def _prepare(self, reply: Any) -> Answers:
        if not reply:
            return None
        nodes = flatten_reply(reply)
        if self.destination and not isinstance(self.destination, list | tuple):
            return nodes.get(self.destination)
        if self.pattern:
            return {name: said for name, said in nodes.items() if match(name, self.pattern, self.matcher)}
        return nodes

    def _request(self, command: str, **kwargs: Any) -> Answers:
        reply = self.app.control.broadcast(
            command, arguments=kwargs, destination=self.destination, callback=self.callback, connection=self.connection,
            limit=self.limit, timeout=self.timeout, reply=True, pattern=self.pattern, matcher=self.matcher,
        )  # fmt: skip
        return self._prepare(reply)

    def report(self) -> Answers:
        """Ask for a report on software and settings, as people read it."""
        return self._request("report")

    def clock(self) -> Answers:
        """Ask for the workers' logical clocks."""
        return self._request("clock")

    def active(self, safe: bool | None = None) -> Answers:
        """Ask which tasks run; with *safe*, arguments come as their repr."""
        return self._request("active", safe=safe)

    def scheduled(self, safe: bool | None = None) -> Answers:
        """Ask which tasks wait for their moment."""
        del safe  # as in Celery, it is not sent
        return self._request("scheduled")

    def reserved(self, safe: bool | None = None) -> Answers:
        """Ask which tasks wait for a free slot."""
        del safe  # the same
        return self._request("reserved")

    def stats(self) -> Answers:
        """Ask for numbers: what the worker has done, its pool, its broker."""
        return self._request("stats")

    def revoked(self) -> Answers:
        """Ask for the ids of tasks that must not run."""
        return self._request("revoked")

    def registered(self, *taskinfoitems: str) -> Answers:
        """Ask for the names of the tasks, each with those of its attributes that *taskinfoitems* name."""
        return self._request("registered", taskinfoitems=taskinfoitems)

    registered_tasks = registered

    def ping(self, destination: Any = None) -> Answers:
        """Ask whether anybody is there."""
        if destination:
            self.destination = destination
        return self._request("ping")

    def active_queues(self) -> Answers:
        """Ask which queues the workers read."""
        return self._request("active_queues")

    def query_task(self, *ids: Any) -> Answers:
        """Ask what has become of tasks that the workers hold, by their *ids* (or one list of them)."""
        if len(ids) == 1 and isinstance(ids[0], list | tuple):
            ids = ids[0]  # type: ignore[assignment] # a list stays a list on its way
        return self._request("query_task", ids=ids)

    def conf(self, with_defaults: bool = False) -> Answers:
        """Ask for the workers' settings."""
        return self._request("conf", with_defaults=with_defaults)

    def hello(self, from_node: str, revoked: Any = None) -> Answers:
        """Tell the workers which tasks *from_node* knows to be revoked, and ask which they know."""
        return self._request("hello", from_node=from_node, revoked=revoked)

    def memsample(self) -> Answers:
        """Ask how much memory the workers use; in the lab no worker has a process of its own, and each says so."""
        return self._request("memsample")

    def memdump(self, samples: int = 10) -> Answers:
        """Ask for earlier answers to ``memsample``; in the lab there are none."""
        return self._request("memdump", samples=samples)

    def objgraph(self, type: str = "Request", n: int = 200, max_depth: int = 10) -> Answers:
        """Ask for a picture of objects in memory; in the lab there is none, and each worker says so."""
        return self._request("objgraph", num=n, max_depth=max_depth, type=type)
