"""Beat's mailbox: with ``beat_enable_remote_control`` a beat answers ``ping``, as long as it ticks.

Comes in: commands to everybody. Goes out: ``{"ok": "pong"}``; to every other command, and when it has not ticked for
too long, nothing at all: that is what a watcher can see.
Next door: ``labq.app.pidbox`` knows how commands look; ``labq.worker.pidbox`` is the like for workers.
Celery: ``BeatPidbox`` in ``celery/beat.py``.
"""

from __future__ import annotations

import logging
from typing import Any

from labq.app.pidbox import read
from labq.beat.scheduler import DEFAULT_MAX_INTERVAL
from labq.brokers.broker import Delivery
from labq.brokers.declaring import declare
from labq.kernel.clock import Clock
from labq.mappings import AttributeDict
from labq.nodes import default_nodename, host_format
from labq.wire.serializers import prepare_accept_content

logger = logging.getLogger("celery.beat")

NODENAME_DEFAULT = "celerybeat"


def beat_nodename(hostname: str | None = None) -> str:
    """Return the name of beat's node, ``celerybeat@lab``; a name without ``@`` is that of the computer."""
    return host_format(default_nodename(hostname, NODENAME_DEFAULT))


class BeatPidbox:
    """Reads commands for one beat.

    Arguments:
        service: the beat.
    """

    min_tick_age = 60.0
    """Seconds that a beat may be late at least, however short its interval is."""

    def __init__(self, service: Any) -> None:
        self.service = service
        self.app = service.app
        self.hostname = beat_nodename(service.hostname)
        self.state = AttributeDict(app=self.app, service=service)
        self.node = self.app.control.mailbox.Node(self.hostname, state=self.state, handlers={"ping": self._ping})
        self._accept = prepare_accept_content(self.node.mailbox.accept)
        self._broker: Any = None
        self._channel: Any = None

    @property
    def max_tick_age(self) -> float:
        """Seconds since the last tick after which it keeps silent; 0 is never."""
        configured: float | None = self.app.conf.beat_remote_control_max_tick_age
        if configured is not None:
            return configured
        service = self.service
        interval = service.effective_max_interval or service.max_interval or DEFAULT_MAX_INTERVAL
        return float(max(interval * 2, self.min_tick_age))

    def tick_age(self) -> float | None:
        """Return the seconds since the last tick; None before the first."""
        last: float | None = self.service._last_tick
        clock: Clock = self.app.world.clock
        return None if last is None else clock.time - last

    def is_stale(self) -> bool:
        """Tell whether it has not ticked for too long."""
        most, age = self.max_tick_age, self.tick_age()
        return bool(most) and age is not None and age > most

    def start(self) -> None:
        """Open the mailbox if anybody has sent commands already; else wait for the first one."""
        if self._broker is not None:
            return
        world: Any = self.app.world
        self._broker = broker = world.broker(self.app.sending.broker_url)
        exchange = self.node.mailbox.exchange.name
        if broker.has_exchange(exchange):
            self._open()
        else:
            broker.watch(exchange, self._open)

    def _open(self) -> None:
        if self._channel is None:
            mailbox = self.node.mailbox
            self._broker.unwatch(mailbox.exchange.name, self._open)
            queue = mailbox.get_queue(self.hostname)
            declare(self._broker, queue, self.hostname)
            self._channel = self._broker.channel(self.hostname)
            self._channel.consume(queue.name, self._on_delivery, no_ack=True)

    def _on_delivery(self, delivery: Delivery) -> None:
        self.on_message(read(delivery.message, self._accept), delivery.message)

    def on_message(self, body: Any, message: Any) -> None:
        """Answer one command, if it is meant for this node; an error is said, and beat goes on."""
        try:
            if not isinstance(body, dict) or body.get("method") not in self.node.handlers:
                return
            if self.is_stale():
                logger.warning(
                    "beat pidbox: not answering %s, the scheduler has not ticked for %.1fs (over the %ss limit).",
                    body.get("method"), self.tick_age(), self.max_tick_age,
                )  # fmt: skip
                return
            self.node.handle_message(body, message)
        except Exception as exc:
            logger.exception("beat pidbox command error: %r", exc)  # noqa: TRY401 - Celery's text

    def stop(self) -> None:
        """Close the mailbox."""
        if self._broker is not None:
            self._broker.unwatch(self.node.mailbox.exchange.name, self._open)
            self._broker = None
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _ping(self, state: Any, **_: Any) -> dict[str, str]:
        del state
        return {"ok": "pong"}
