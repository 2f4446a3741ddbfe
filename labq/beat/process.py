"""A beat in the world: the loop of a service as a body, with a timer for each of its sleeps.

Comes in: a service. Goes out: records; whatever its scheduler sends. Its timers are background ones: a beat does not
keep ``lab.run()`` going, ``lab.advance(seconds)`` lets it work.
Next door: ``service`` is the loop; ``labq.lab.world`` has the beats.
Celery: the process ``celery beat``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from labq.kernel.body import Body, Raised
from labq.kernel.clock import Clock
from labq.kernel.kernel import Kernel, Timer
from labq.log.log import Log
from labq.log.record import BEAT_STARTED, BEAT_STOPPED, SCHEDULE_DUE

logger = logging.getLogger("celery.beat")


class Surroundings(Protocol):
    """The part of the world that a beat needs."""

    kernel: Kernel
    log: Log
    clock: Clock

    def plain_body(self, function: Callable[[], Any]) -> Body:
        """Return a body that nobody writes down."""

    def interrupted(self, exc: KeyboardInterrupt) -> None:
        """Let the user know that their interrupt has reached a body."""


@dataclass(frozen=True, slots=True)
class _Clocked:
    """The owner of a beat's body: it knows the clock."""

    clock: Clock


class BeatProcess:
    """A beat that runs.

    Arguments:
        name: what it is called, ``celerybeat@lab``.
        service: its loop.
        world: where it runs.
        embedded: whether it belongs to a worker.
        beside: the worker with which it ends.
    """

    def __init__(
        self, name: str, service: Any, world: Surroundings, *, embedded: bool = False, beside: Any = None
    ) -> None:
        self.name = name
        self.service = service
        self.online = False
        self._world = world
        self._beside = beside
        self._timer: Timer | None = None
        service.on_sent = self.note
        self._body = world.plain_body(lambda: service.start(embedded_process=embedded))
        self._body.owner = _Clocked(world.clock)

    def start(self) -> None:
        """Let it tick for the first time.

        Raises whatever keeps it from starting.
        """
        self.online = True
        self._world.log.append(BEAT_STARTED, None, self.name)
        moment = self._body.start()
        self._go_on(moment)
        if type(moment) is Raised:
            raise moment.exception

    def note(self, entry: Any, result: Any) -> None:
        """Write down that *entry* was due."""
        task_id = getattr(result, "id", None)
        sent = result is not None
        self._world.log.append(SCHEDULE_DUE, task_id, self.name, str(entry.name), str(entry.task), sent)

    def stop(self) -> None:
        """Stop it at once, as SIGTERM does: it writes its schedule down and ends."""
        if self.online:
            self._cancel()
            self._go_on(self._body.throw(SystemExit()))

    def close(self) -> None:
        """Give it up, as if its computer were switched off: nothing is written down."""
        self._cancel()
        self.online = False
        self.service.sync = lambda: None
        self._body.close()

    def _wake(self) -> None:
        self._timer = None
        if self._beside is not None and not self._beside.online:
            self.stop()
        else:
            self._go_on(self._body.answer())

    def _go_on(self, moment: Any) -> None:
        if not self._body.ended:
            self._timer = self._world.kernel.call_later(moment.seconds, self._wake, background=True)
            return
        self.online = False
        how = "stopped"
        if type(moment) is Raised and not isinstance(moment.exception, SystemExit):
            exc = moment.exception
            how = f"{type(exc).__name__}: {exc}"
            logger.critical("beat raised exception %s: %r", type(exc), exc, exc_info=exc)
        self._world.log.append(BEAT_STOPPED, None, self.name, how)
        if isinstance(interrupt := self._ended_by(moment), KeyboardInterrupt):
            self._world.interrupted(interrupt)

    def _ended_by(self, moment: Any) -> BaseException | None:
        """Return the exception that ended the loop, whether the service has caught it or not."""
        return moment.exception if type(moment) is Raised else getattr(self.service, "ended_by", None)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._world.kernel.cancel(self._timer)
            self._timer = None

    def __repr__(self) -> str:
        """Return ``<BeatProcess: celerybeat@lab (running)>``."""
        return f"<BeatProcess: {self.name} ({'running' if self.online else 'stopped'})>"
