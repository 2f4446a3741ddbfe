"""A worker's mailbox: commands come in, are worked on one after the other, and are answered.

Comes in: messages to the exchange of commands. Goes out: replies, and whatever the commands do.
The mailbox is opened with the first command that anybody sends: a worker that nobody commands writes nothing about it.
Next door: ``labq.app.pidbox`` knows how commands look, ``labq.worker.control`` what there is.
Celery: ``celery/worker/pidbox.py``.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from labq.app.pidbox import read
from labq.brokers.broker import Delivery
from labq.brokers.declaring import declare
from labq.exceptions import ContentDisallowed, DecodeError, WorkerTerminate
from labq.log.record import COMMAND_RECEIVED
from labq.mappings import AttributeDict
from labq.wire.message import Message
from labq.wire.saferepr import saferepr
from labq.wire.serializers import prepare_accept_content
from labq.worker.control import Panel

if TYPE_CHECKING:
    from labq.brokers.channel import Channel
    from labq.worker.worker import Worker

SHOWN = 256
"""How many characters of an argument the record of a command tells."""

logger = logging.getLogger("celery.worker.pidbox")


class Pidbox:
    """Reads commands for one worker.

    Arguments:
        worker: the worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._channel: Channel | None = None
        self._broker: Any = None
        app = worker.app
        state = AttributeDict(app=app, hostname=worker.hostname, consumer=worker.consumer, tset=list)
        self.node = app.control.mailbox.Node(worker.hostname, handlers=Panel.data, state=state)
        self._accept = prepare_accept_content(self.node.mailbox.accept)

    def start(self, broker: Any) -> None:
        """Open the mailbox if anybody has sent commands here before; else wait for the first one."""
        self._broker, exchange = broker, self.node.mailbox.exchange.name
        if self._worker.options.mingle:
            self._worker.gossip.mingle()
        if broker.has_exchange(exchange):
            self._open()
        else:
            broker.watch(exchange, self._open)

    def _open(self) -> None:
        if self._channel is not None:
            return
        mailbox, broker = self.node.mailbox, self._broker
        broker.unwatch(mailbox.exchange.name, self._open)
        queue = mailbox.get_queue(self._worker.hostname)
        declare(broker, queue, self._worker.hostname)
        self._channel = broker.channel(f"{self._worker.hostname} (commands)")
        self._channel.consume(queue.name, self._on_delivery, no_ack=True)

    def _on_delivery(self, delivery: Delivery) -> None:
        self._worker.when_free(partial(self.on_message, delivery.message))

    def on_message(self, message: Message) -> None:
        """Work on one command. Whatever it does, the worker lives, unless it is told to stop."""
        worker = self._worker
        world: Any = worker.world
        if not worker.online:
            return
        before, world.acting = world.acting, worker.hostname
        try:
            worker.app.clock.forward()
            body = read(message, self._accept)
            if self.node.is_meant(body):
                said = ", ".join(f"{name}={saferepr(value, SHOWN)}" for name, value in body["arguments"].items())
                worker.log.append(COMMAND_RECEIVED, None, worker.hostname, str(body["method"]), said)
            self.node.handle_message(body, message)
        except KeyError as exc:
            logger.error("No such control command: %s", exc)  # noqa: TRY400 - Celery shows no traceback either
        except SystemExit as exc:
            worker.stop("cold" if isinstance(exc, WorkerTerminate) else "warm", by_signal=False)
        except (ContentDisallowed, DecodeError) as exc:
            logger.exception("Cannot decode message: %r", exc)  # noqa: TRY401 - kombu's line
        except Exception as exc:
            logger.exception("Control command error: %r", exc)  # noqa: TRY401 - Celery's line
        finally:
            world.acting = before

    def stop(self) -> None:
        """Close the mailbox."""
        if self._broker is not None:
            self._broker.unwatch(self.node.mailbox.exchange.name, self._open)
        if self._channel is not None:
            self._channel.close()
            self._channel = None
