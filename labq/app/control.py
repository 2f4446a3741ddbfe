"""``app.control``: commands for the workers, and questions to them.

Comes in: what the workers shall do or tell. Goes out: a command to all of them or to some, and their replies.
Next door: ``labq.app.pidbox`` carries commands and replies, ``labq.worker.control`` says what each command does.
Celery: ``celery/app/control.py``; its user guide, "Workers: Remote control".
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labq.app import creation
from labq.app.pidbox import Mailbox, broker_url
from labq.exceptions import DuplicateNodenameWarning, ImproperlyConfigured
from labq.prose import pluralize
from labq.wire.matcher import match

if TYPE_CHECKING:
    from labq.app.base import Celery

__all__ = ("Control", "Inspect", "flatten_reply")

TERM_SIGNAME = "SIGTERM"

W_DUPNODE = """\
Received multiple replies from node {0}: {1}.
Please make sure you give each node a unique nodename using
the celery worker `-n` option.\
"""

Answers = Any
"""What the workers answer, by their names; None when none of them does."""


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


class Control:
    """Commands for the workers of one app.

    Most commands take the options of ``broadcast``, above all ``destination``, ``reply`` and ``timeout``. Without
    ``reply=True`` nothing is waited for, and they return None.

    Arguments:
        app: the app.

    Raises:
        ImproperlyConfigured: when queues for commands are to be both durable and exclusive.
    """

    Mailbox = Mailbox

    def __init__(self, app: Celery) -> None:
        conf = app.conf
        if conf.control_queue_durable and conf.control_queue_exclusive:
            raise ImproperlyConfigured(
                "control_queue_durable and control_queue_exclusive cannot both be True "
                "(exclusive queues are automatically deleted and cannot be durable).",
            )
        self.app = app
        self._inspect: Any = None
        self.mailbox: Any = self.Mailbox(
            app,
            conf.control_exchange,
            type="fanout",
            accept=conf.accept_content,
            serializer=conf.task_serializer,
            queue_ttl=conf.control_queue_ttl,
            reply_queue_ttl=conf.control_queue_ttl,
            queue_expires=conf.control_queue_expires,
            queue_exclusive=conf.control_queue_exclusive,
            queue_durable=conf.control_queue_durable,
            reply_queue_expires=conf.control_queue_expires,
        )

    @property
    def inspect(self) -> Any:
        """The class ``Inspect`` for this app: ``app.control.inspect().active()``."""
        if self._inspect is None:
            self._inspect = creation.subclass(Inspect, "Inspect", app=self.app)
        return self._inspect

    # -- queues ------------------------------------------------------------------------------------------------
    def purge(self, connection: Any = None) -> int:
        """Throw away what waits in the queues that workers read; return how many messages that were."""
        url = broker_url(self.app, connection)
        return sum(self.app.world.post.purge(url, queue) for queue in self.app.sending.queues.consume_from.values())

    discard_all = purge

    def add_consumer(
        self,
        queue: str,
        exchange: str | None = None,
        exchange_type: str = "direct",
        routing_key: str | None = None,
        options: Mapping[str, Any] | None = None,
        destination: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Let workers read *queue* too.

        Arguments:
            queue: its name.
            exchange, exchange_type, routing_key: where its messages come from; by default what the queue's name says.
            options: more about the queue, in the words of ``Queue.from_dict``.
            destination: the workers; None for all.
            kwargs: options of ``broadcast``.
        """
        arguments = {
            "queue": queue, "exchange": exchange, "exchange_type": exchange_type, "routing_key": routing_key,
            **(options or {}),
        }  # fmt: skip
        return self.broadcast("add_consumer", destination=destination, arguments=arguments, **kwargs)

    def cancel_consumer(self, queue: str, destination: Any = None, **kwargs: Any) -> Any:
        """Let workers no longer read *queue*."""
        return self.broadcast("cancel_consumer", destination=destination, arguments={"queue": queue}, **kwargs)

    # -- tasks -------------------------------------------------------------------------------------------------
    def revoke(
        self,
        task_id: str | Sequence[str],
        destination: Any = None,
        terminate: bool = False,
        signal: str = TERM_SIGNAME,
        **kwargs: Any,
    ) -> Any:
        """Let workers not run a task (or several) any more.

        Arguments:
            task_id: its id, or a list of ids.
            destination: the workers; None for all.
            terminate: whether to kill the child that runs it.
            signal: how, by a signal's name.
            kwargs: options of ``broadcast``.
        """
        arguments = {"task_id": task_id, "terminate": terminate, "signal": signal}
        return self.broadcast("revoke", destination=destination, arguments=arguments, **kwargs)

    def revoke_by_stamped_headers(
        self,
        headers: Mapping[str, Any],
        destination: Any = None,
        terminate: bool = False,
        signal: str = TERM_SIGNAME,
        **kwargs: Any,
    ) -> Any:
        """Let workers not run tasks any more that carry one of these stamps; see ``revoke`` for the rest."""
        arguments = {"headers": headers, "terminate": terminate, "signal": signal}
        replies = self.broadcast("revoke_by_stamped_headers", destination=destination, arguments=arguments, **kwargs)
        told = [each["ok"] for reply in replies or () for each in reply.values() if isinstance(each["ok"], set)]
        ids = list(dict.fromkeys(task_id for found in told for task_id in sorted(found)))
        if not ids:
            return replies
        return self.revoke(ids, destination=destination, terminate=terminate, signal=signal, **kwargs)

    def terminate(
        self, task_id: str | Sequence[str], destination: Any = None, signal: str = TERM_SIGNAME, **kwargs: Any
    ) -> Any:
        """Revoke a task (or several), and kill the child that runs it."""
        return self.revoke(task_id, destination=destination, terminate=True, signal=signal, **kwargs)

    def rate_limit(self, task_name: str, rate_limit: int | str, destination: Any = None, **kwargs: Any) -> Any:
        """Limit how often workers start tasks of one name: a number per second, or text like ``"10/m"``."""
        arguments = {"task_name": task_name, "rate_limit": rate_limit}
        return self.broadcast("rate_limit", destination=destination, arguments=arguments, **kwargs)

    def time_limit(
        self,
        task_name: str,
        soft: float | None = None,
        hard: float | None = None,
        destination: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Limit for how many seconds tasks of one name may run: *soft* raises in the task, *hard* kills its child."""
        arguments = {"task_name": task_name, "hard": hard, "soft": soft}
        return self.broadcast("time_limit", arguments=arguments, destination=destination, **kwargs)

    # -- events ------------------------------------------------------------------------------------------------
    def enable_events(self, destination: Any = None, **kwargs: Any) -> Any:
        """Let workers tell what becomes of tasks."""
        return self.broadcast("enable_events", arguments={}, destination=destination, **kwargs)

    def disable_events(self, destination: Any = None, **kwargs: Any) -> Any:
        """Let workers not tell any more what becomes of tasks."""
        return self.broadcast("disable_events", arguments={}, destination=destination, **kwargs)

    def heartbeat(self, destination: Any = None, **kwargs: Any) -> Any:
        """Let workers send a heartbeat now."""
        return self.broadcast("heartbeat", arguments={}, destination=destination, **kwargs)

    def election(self, id: str, topic: str, action: Any = None, connection: Any = None) -> None:
        """Let the workers choose one among them that shall do *action*."""
        arguments = {"id": id, "topic": topic, "action": action}
        self.broadcast("election", connection=connection, destination=None, arguments=arguments)

    # -- workers and their pools -------------------------------------------------------------------------------
    def ping(self, destination: Any = None, timeout: float | None = 1.0, **kwargs: Any) -> Any:
        """Ask whether anybody is there; *timeout* seconds without a reply end the wait."""
        return self.broadcast("ping", reply=True, arguments={}, destination=destination, timeout=timeout, **kwargs)

    def pool_grow(self, n: int = 1, destination: Any = None, **kwargs: Any) -> Any:
        """Give pools *n* slots more."""
        return self.broadcast("pool_grow", arguments={"n": n}, destination=destination, **kwargs)

    def pool_shrink(self, n: int = 1, destination: Any = None, **kwargs: Any) -> Any:
        """Take *n* slots from pools."""
        return self.broadcast("pool_shrink", arguments={"n": n}, destination=destination, **kwargs)

    def autoscale(self, max: int, min: int, destination: Any = None, **kwargs: Any) -> Any:
        """Change between how many slots workers choose."""
        return self.broadcast("autoscale", arguments={"max": max, "min": min}, destination=destination, **kwargs)

    def pool_restart(
        self,
        modules: Sequence[str] | None = None,
        reload: bool = False,
        reloader: Any = None,
        destination: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Start pools anew; workers do it only with the setting ``worker_pool_restarts``."""
        arguments = {"modules": modules, "reload": reload, "reloader": reloader}
        return self.broadcast("pool_restart", arguments=arguments, destination=destination, **kwargs)

    def shutdown(self, destination: Any = None, **kwargs: Any) -> Any:
        """Let workers stop, warmly; nobody answers this."""
        return self.broadcast("shutdown", arguments={}, destination=destination, **kwargs)

    # -- any command -------------------------------------------------------------------------------------------
    def broadcast(
        self,
        command: str,
        arguments: Mapping[str, Any] | None = None,
        destination: Sequence[str] | None = None,
        connection: Any = None,
        reply: bool = False,
        timeout: float | None = 1.0,
        limit: int | None = None,
        callback: Callable[[Any], Any] | None = None,
        channel: Any = None,
        pattern: str | None = None,
        matcher: str | None = None,
        **extra_kwargs: Any,
    ) -> Any:
        """Send any command, one of your own among them.

        Arguments:
            command: its name.
            arguments: its arguments by name; others may simply follow.
            destination: a list of workers' names; None is for all.
            connection: another broker than the app's.
            reply: whether to wait for replies and return them, a list of ``{worker: answer}``.
            timeout: seconds without a reply after which no more are waited for; virtual time passes meanwhile.
            limit: how many replies are enough; as many as there are destinations when nothing is said.
            callback: called with each reply as it comes.
            channel: taken and not used.
            pattern: what a worker's name must be like, together with *matcher*.
            matcher: how *pattern* is read: ``glob`` or ``pcre``.

        Raises:
            ValueError: when *destination* is no list.
        """
        told = {**(arguments or {}), **extra_kwargs}
        chosen = {"pattern": pattern, "matcher": matcher} if pattern and matcher else {}
        return self.mailbox(connection)._broadcast(
            command, told, destination, reply, timeout, limit, callback, channel=channel, **chosen
        )
