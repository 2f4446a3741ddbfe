"""The queues an app knows, and which of them its workers read.

Comes in: the setting ``task_queues``, and the names that calls and workers use. Goes out: descriptions of queues; one
that is missing is made up when the settings allow it.
Next door: ``labq.app.routes`` looks queues up here, workers read ``consume_from``.
Celery: ``Queues`` in ``celery/app/amqp.py``; its user guide, "Routing Tasks".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from labq.exceptions import ImproperlyConfigured
from labq.prose import indent as indented
from labq.wire.broadcast import Broadcast
from labq.wire.direct import worker_direct
from labq.wire.entities import Exchange, Queue

FORMAT = ".> {0.name:<16} exchange={0.exchange.name}({0.exchange.type}) key={0.routing_key}"
"""One queue in a worker's banner."""

QUEUE_TYPES = ("classic", "quorum")


UNKNOWN_QUEUE = """\
Trying to select queue subset of {0!r}, but queue {1} isn't
defined in the `task_queues` setting.

If you want to automatically declare unknown queues you can
enable the `task_create_missing_queues` setting.\
"""


def is_queue(value: Any) -> bool:
    """Tell whether *value* describes a queue: labq's own, or kombu's."""
    return isinstance(value, Queue) or (hasattr(value, "queue_arguments") and hasattr(value, "routing_key"))


def _names(names: str | Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


class Queues(dict[str, Any]):
    """Descriptions of queues by name; a name that is missing is looked up by alias, and then made up.

    Arguments:
        queues: queues, or a mapping of names to queues or to tables of options.
        default_exchange: for queues that name none.
        create_missing: whether a queue may be made up.
        create_missing_queue_type: ``quorum`` makes them quorum queues.
        create_missing_queue_exchange_type: the type of their exchanges.
        autoexchange: makes the exchange of such a queue, from its name.
        max_priority: ``x-max-priority`` for queues that say nothing themselves.
        default_routing_key: for queues that have none.
    """

    def __init__(
        self,
        queues: Any = None,
        default_exchange: Any = None,
        create_missing: bool = True,
        create_missing_queue_type: str | None = None,
        create_missing_queue_exchange_type: str | None = None,
        autoexchange: Callable[[str], Any] | None = None,
        max_priority: int | None = None,
        default_routing_key: str | None = None,
    ) -> None:
        super().__init__()
        self.aliases: dict[str, Any] = {}
        self.default_exchange = default_exchange
        self.default_routing_key = default_routing_key
        self.create_missing = create_missing
        self.create_missing_queue_type = create_missing_queue_type
        self.create_missing_queue_exchange_type = create_missing_queue_exchange_type
        self.autoexchange = Exchange if autoexchange is None else autoexchange
        self.max_priority = max_priority
        if queues is not None and not isinstance(queues, Mapping):
            queues = {queue.name: queue for queue in queues}
        for name, queue in (queues or {}).items():
            if is_queue(queue):
                self.add(queue)
            else:
                self.add(name, **queue)
        self._consume_from: dict[str, Any] | None = None
        self._default_consume_from: dict[str, Any] = dict(self)

    def __getitem__(self, name: str) -> Any:
        """Return the queue with the alias or the name *name*; KeyError if there is none and none may be made up."""
        queue = self.aliases.get(name)
        return super().__getitem__(name) if queue is None else queue

    def __setitem__(self, name: str, queue: Any) -> None:
        """Take *queue* in, and fill in what it leaves open."""
        if self.default_exchange and not queue.exchange:
            queue.exchange = self.default_exchange
        if not queue.routing_key:
            queue.routing_key = self.default_routing_key
        if self.max_priority is not None:
            queue.queue_arguments = {"x-max-priority": self.max_priority, **(queue.queue_arguments or {})}
        super().__setitem__(name, queue)
        if queue.alias:
            self.aliases[queue.alias] = queue

    def __missing__(self, name: str) -> Any:
        """Make up a queue called *name*."""
        if self.create_missing:
            return self.add(self.new_missing(name))
        raise KeyError(name)

    def add(self, queue: Any, **options: Any) -> Any:
        """Add a queue and return it.

        Arguments:
            queue: a queue; or a name, and then *options* are those of ``Queue.from_dict``.
        """
        if not is_queue(queue):
            return self.add_compat(queue, **options)
        return self._add(queue)

    def add_compat(self, name: str, **options: Any) -> Any:
        """Add the queue that a table of *options* describes; without a routing key it has its name for one."""
        key = options.get("routing_key")
        if key is None:
            key = options.get("binding_key")
        options["routing_key"] = name if key is None else key
        return self._add(Queue.from_dict(name, **options))

    def _add(self, queue: Any) -> Any:
        if self.default_exchange and (queue.exchange is None or queue.exchange.name == ""):
            queue.exchange = self.default_exchange
        self[queue.name] = queue
        return queue

    def new_missing(self, name: str) -> Queue:
        """Return a new queue called *name*, as the settings want those that nobody has described.

        Raises:
            ValueError: when the settings want a type that there is not.
        """
        kind, exchange_type = self.create_missing_queue_type, self.create_missing_queue_exchange_type
        if kind and kind not in QUEUE_TYPES:
            raise ValueError(f"Invalid queue type '{kind}'. Valid types are 'classic' and 'quorum'.")
        exchange = Exchange(name, exchange_type) if exchange_type else self.autoexchange(name)
        arguments = {"x-queue-type": kind} if kind == "quorum" else None
        return Queue(name, exchange, name, queue_arguments=arguments)

    # -- what workers read -------------------------------------------------------------------------------------
    @property
    def consume_from(self) -> dict[str, Any]:
        """The queues that a worker reads unless it is told otherwise."""
        return self._default_consume_from if self._consume_from is None else self._consume_from

    def select(self, include: str | Iterable[str]) -> None:
        """Let workers read exactly the queues with these names; none means that nothing changes."""
        if include:
            chosen = (self[name] for name in _names(include))
            self._consume_from = {queue.name: queue for queue in chosen}

    def select_add(self, queue: Any, **options: Any) -> Any:
        """Add a queue (as ``add`` does) that workers read too, and return it."""
        added = self.add(queue, **options)
        self.consume_from[added.name] = added
        return added

    def deselect(self, exclude: str | Iterable[str]) -> None:
        """Let workers not read the queues with these names; it stays possible to send there."""
        for name in _names(exclude) if exclude else ():
            queue = self.aliases.get(name)
            self.consume_from.pop(name if queue is None else queue.name, None)

    def format(self, indent: int = 0, indent_first: bool = True) -> str:
        """Return the queues that workers read, a line for each, as a worker's banner shows them.

        Arguments:
            indent: how many spaces stand before each line.
            indent_first: whether also before the first one.
        """
        lines = [FORMAT.format(queue) for _, queue in sorted(self.consume_from.items())]
        if not lines:
            return ""
        if indent_first:
            return indented("\n".join(lines), indent)
        return lines[0] + "\n" + indented("\n".join(lines[1:]), indent)


def queues_of_worker(
    known: Queues, hostname: str, include: Iterable[str] | None, exclude: Iterable[str], *, direct: bool = False
) -> dict[str, Any]:
    """Return the queues that one worker reads, by name.

    In Celery a worker's process has the app's queues to itself and selects among them; here workers share them.

    Arguments:
        known: the app's queues.
        hostname: the worker's name.
        include: names of queues to read; None for those that the app says.
        exclude: names of queues not to read.
        direct: whether it reads a queue of its own too (the setting ``worker_direct``).

    Raises:
        ImproperlyConfigured: when there is no such queue and none may be made up.
    """
    chosen = list(known.consume_from.values())
    if include is not None:
        try:
            chosen = [known[name] for name in include]
        except KeyError as missing:
            raise ImproperlyConfigured(UNKNOWN_QUEUE.format(list(include), missing)) from missing
    gone = {known.aliases[name].name if name in known.aliases else name for name in exclude}
    read = [queue for queue in chosen if queue.name not in gone]
    if direct:
        read.append(worker_direct(hostname))
    own = [queue.of_reader(hostname) if isinstance(queue, Broadcast) else queue for queue in read]
    return {queue.name: queue for queue in own}
