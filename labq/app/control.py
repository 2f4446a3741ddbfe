"""``app.control``: commands for the workers.

Comes in: what the workers shall do. Goes out: a command to all of them or to some, and their replies.
Next door: ``labq.app.inspect`` asks, ``labq.app.pidbox`` carries, ``labq.worker.control`` does what is commanded.
Celery: ``celery/app/control.py``; its user guide, "Workers: Remote control".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labq.app import creation
from labq.app.inspect import Inspect, flatten_reply
from labq.app.pidbox import Mailbox
from labq.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from labq.app.base import Celery

__all__ = ("Control", "Inspect", "flatten_reply")

TERM_SIGNAME = "SIGTERM"


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
        with self.app.connection_or_acquire(connection) as chosen:
            purged: int = self.app.amqp.TaskConsumer(chosen).purge()
        return purged

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
