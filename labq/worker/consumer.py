"""The consumer: it reads what the broker delivers and decides what to do with it.

Comes in: deliveries. Goes out: requests to the strategy, or a rejected message with a record of why. Whatever bytes
come, the worker lives.
Celery: ``celery/worker/consumer/consumer.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labq import signals
from labq.app.context import Context
from labq.app.trace import LOG_RECEIVED
from labq.brokers.broker import Delivery
from labq.exceptions import ContentDisallowed, DecodeError, InvalidTaskError, NotRegistered
from labq.log.record import TASK_RECEIVED, TASK_UNREGISTERED
from labq.wire.entities import Exchange, Queue
from labq.wire.reading import TaskMessage, UnknownMessage, read_task_message, task_name
from labq.wire.saferepr import saferepr
from labq.worker.pools import Pool
from labq.worker.request import Request
from labq.worker.texts import INVALID_TASK, MESSAGE_DECODE_ERROR, UNKNOWN_MESSAGE, UNKNOWN_TASK
from labq.worker.window import Window

if TYPE_CHECKING:
    from labq.worker.worker import Worker

logger = logging.getLogger("celery.worker.consumer.consumer")
received = logging.getLogger("celery.worker.strategy")

BODY_SHOWN = 2048
"""How many characters of a strange message the log shows."""


class Consumer:
    """Reads deliveries for one worker.

    Arguments:
        worker: the worker.
        handle: what takes a request on: the strategy.
    """

    def __init__(self, worker: Worker, handle: Callable[[Request], None]) -> None:
        self._worker = worker
        self._handle = handle
        self.controller = worker
        """The worker, under the name that receivers of signals know."""
        self.app = worker.app
        self.hostname = worker.hostname
        self.qos = Window(worker.tell_prefetch, worker.options.prefetch, worker.app.conf.worker_eta_task_limit)
        """How many messages the worker may hold."""
        self.initial_prefetch_count = worker.options.prefetch
        self.prefetch_multiplier = worker.options.multiplier

    @property
    def pool(self) -> Pool:
        """The worker's pool."""
        return self._worker.pool

    @property
    def event_dispatcher(self) -> Any:
        """What tells those who monitor the worker; None before it has started."""
        return self._worker.monitoring.dispatcher

    def update_prefetch_count(self, index: int = 0) -> None:
        """Let the window follow a pool that has *index* more slots than before, or fewer if it is negative."""
        size = self._worker.pool.num_processes
        if not self.initial_prefetch_count or not size:
            return
        self.initial_prefetch_count = size * self.prefetch_multiplier
        change = self.qos.decrement_eventually if index < 0 else self.qos.increment_eventually
        change(abs(index) * self.prefetch_multiplier)

    def add_task_queue(
        self, queue: str, exchange: str | None = None, exchange_type: str | None = None, routing_key: str | None = None,
        **options: Any,
    ) -> None:  # fmt: skip
        """Read from one more queue; see ``Worker.add_queue``."""
        worker, known = self._worker, self.app.sending.queues
        if queue in worker.queues:
            return
        chosen = known[queue] if queue in known else made_up(queue, exchange, exchange_type, routing_key, options)
        worker.queues[queue] = chosen
        worker.consume(chosen)
        logger.info("Started consuming from %s", queue)
        worker.note_change()

    def cancel_task_queue(self, queue: str) -> None:
        """Read from one queue less."""
        logger.info("Canceling queue %s", queue)
        if self._worker.queues.pop(queue, None) is not None:
            self._worker.cancel_consumer(queue)
            self._worker.note_change()

    def on_delivery(self, delivery: Delivery) -> None:
        """Read a message and hand its request on; a message that cannot be read is rejected and recorded."""
        worker = self._worker
        try:
            message = read_task_message(delivery.message, worker.accept)
        except UnknownMessage:
            self._discard(delivery, logging.WARNING, UNKNOWN_MESSAGE, "unknown message")
        except DecodeError as exc:
            self._on_unreadable(delivery, exc)
        except ContentDisallowed as exc:
            if task_name(delivery.message) is None:  # Celery reads such a message at once, to find the task's name
                self._on_unreadable(delivery, exc)
            else:
                self._discard(delivery, logging.ERROR, INVALID_TASK, f"ContentDisallowed: {exc}", exc)
        except InvalidTaskError as exc:
            self._discard(delivery, logging.ERROR, INVALID_TASK, f"InvalidTaskError: {exc}", exc)
        else:
            task = worker.tasks.get(message.name)
            if task is None:
                self._on_unregistered(delivery, message)
            else:
                self._on_task(Request(delivery, message, task, worker))

    def _on_task(self, request: Request) -> None:
        message, headers = request.message, request.message.headers
        self._worker.log.append(
            TASK_RECEIVED,
            message.id,
            self._worker.hostname,
            request.serial,
            message.name,
            headers.get("argsrepr"),
            headers.get("kwargsrepr"),
            headers.get("eta"),
            headers.get("expires"),
            headers.get("retries"),
        )
        if received.isEnabledFor(logging.INFO):
            told = {
                "id": request.id, "name": request.name, "args": request.argsrepr, "kwargs": request.kwargsrepr,
                "eta": message.eta,
            }  # fmt: skip
            received.info(LOG_RECEIVED, told, extra={"data": told})
        self._handle(request)

    def _on_unregistered(self, delivery: Delivery, message: TaskMessage) -> None:
        """Reject a task that this worker does not know, and store that it failed, as Celery 5.7 does."""
        worker, body = self._worker, delivery.message.body
        missing = KeyError(message.name)  # what Celery's worker finds when it looks the task up
        headers = saferepr(dict(delivery.message.headers), BODY_SHOWN)
        logger.error(UNKNOWN_TASK, missing, _shown(body), headers, delivery.info, exc_info=missing)
        worker.log.append(TASK_UNREGISTERED, message.id, worker.hostname, delivery.held.serial, message.name)
        delivery.reject(requeue=False, reason=f"unregistered task {message.name!r}")
        properties = message.properties
        failed = Context(  # no more: as in Celery neither errbacks nor a chord hear of it
            name=message.name, root_id=message.headers.get("root_id"), reply_to=properties.get("reply_to"),
            correlation_id=properties.get("correlation_id"),
        )  # fmt: skip
        worker.app.backend.mark_as_failure(message.id, NotRegistered(message.name), request=failed)
        if signals.task_unknown.receivers:
            signals.task_unknown.send(
                sender=self, message=delivery.message, exc=missing, name=message.name, id=message.id
            )

    def _on_unreadable(self, delivery: Delivery, exc: Exception) -> None:
        """Put a body away that cannot be read. Celery acknowledges it; rejecting keeps the reason in the log."""
        self._log_strange(delivery, logging.CRITICAL, MESSAGE_DECODE_ERROR, exc)
        delivery.reject(requeue=False, reason=_short(f"{type(exc).__name__}: {exc}"))

    def _discard(self, delivery: Delivery, level: int, form: str, reason: str, exc: Exception | None = None) -> None:
        """Reject a message that makes no sense, and tell who listens."""
        self._log_strange(delivery, level, form, exc)
        delivery.reject(requeue=False, reason=_short(reason))
        if signals.task_rejected.receivers:
            signals.task_rejected.send(sender=self, message=delivery.message, exc=exc)

    def _log_strange(self, delivery: Delivery, level: int, form: str, exc: Exception | None) -> None:
        message = delivery.message
        told = {
            "body": _shown(message.body), "exc": exc, "content_type": message.content_type,
            "content_encoding": message.content_encoding, "headers": saferepr(dict(message.headers), BODY_SHOWN),
            "delivery_info": delivery.info,
        }  # fmt: skip
        logger.log(level, form, told, exc_info=exc)


def made_up(
    name: str, exchange: str | None, exchange_type: str | None, routing_key: str | None, options: Any
) -> Queue:  # fmt: skip
    """Return a queue that nobody has described but for these words."""
    via = Exchange(name if exchange is None else exchange, type=exchange_type or "direct")
    return Queue(name, via, routing_key=name if routing_key is None else routing_key, **options)


def _short(reason: str) -> str:
    return saferepr(reason, BODY_SHOWN) if len(reason) > BODY_SHOWN else reason


def _shown(body: bytes) -> str:
    """Return the body as the log shows it, cut."""
    return f"{body[:BODY_SHOWN]!r} ({len(body)}b)"
