"""Broadcast: a queue of which every reader has its own.

Comes in: the name of an exchange. Goes out: the description of a queue that each reader makes its own.
Next door: ``labq.kombu.common`` shows it under the name people import; ``labq.app.queues`` gives each worker its own.
Celery: ``Broadcast`` in ``kombu/common.py``.
"""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar, Self

from labq.nodes import uuid
from labq.wire.exchange import Exchange
from labq.wire.queue import Queue


class Broadcast(Queue):
    """A queue of which every reader has its own, so that each gets everything that is sent to the exchange.

    Arguments:
        name: of the exchange, and what the queue is called where tasks are sent to it.
        queue: of the queue; by default a new name each time.
        unique: whether the queue has a new name in any case.
        auto_delete: whether it goes with its reader.
        exchange: another exchange than a fanout one called *name*.
        alias: what the queue is called where tasks are sent to it, by default *name*.
        options: what other queues take.
    """

    attrs: ClassVar[tuple[str, ...]] = (*Queue.attrs, "queue")

    def __init__(
        self,
        name: str | None = None,
        queue: str | None = None,
        unique: bool = False,
        auto_delete: bool = True,
        exchange: Exchange | None = None,
        alias: str | None = None,
        **options: Any,
    ) -> None:
        self.is_nameless = unique or not queue
        called = f"{queue or 'bcast'}.{uuid()}" if self.is_nameless else queue
        source = Exchange(name, type="fanout") if exchange is None else exchange
        self.queue = called
        super().__init__(called, source, auto_delete=auto_delete, alias=alias or name, **options)

    def of_reader(self, reader: str) -> Self:
        """Return the queue of one *reader*.

        In Celery every worker's process makes the description anew, and the queue gets another name there. In a lab all
        workers share it, so each puts its own name behind.
        """
        if not self.is_nameless:
            return self
        own = copy(self)
        own.name = own.queue = f"{self.name}.{reader}"
        return own
