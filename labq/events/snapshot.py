"""A camera: it takes a picture of a cluster's state at regular intervals.

Comes in: a ``State``, and virtual time. Goes out: calls of ``on_shutter``, for you to write.
Next door: ``labq.events.state`` is what is pictured.
Celery: ``celery/events/snapshot.py``; its user guide, "Monitoring: Snapshots".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Self

from labq import _state
from labq.dispatch import Signal

__all__ = ("Polaroid", "evcam")

logger = logging.getLogger("celery.evcam")

SECONDS = {"s": 1, "m": 60, "h": 3600}


class Entry:
    """Something that is done again and again; calling it does it once more, at once.

    Arguments:
        world: the lab.
        seconds: how often.
        function: what is done.
    """

    def __init__(self, world: Any, seconds: float, function: Callable[[], Any]) -> None:
        self._world = world
        self._function = function
        self._token = world.new_id()
        world.post.call_repeatedly(self._token, seconds, function)

    def __call__(self) -> Any:
        return self._function()

    def cancel(self) -> None:
        """Do it no more."""
        self._world.post.cancel_call(self._token)


class Timer:
    """The lab's virtual time, as a camera needs it.

    Arguments:
        app: whose lab it is.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    def call_repeatedly(self, secs: float, fun: Callable[[], Any]) -> Entry:
        """Call *fun* every *secs* seconds, in the background."""
        return Entry(self._app.world, secs, fun)


class _Shutter:
    """How often pictures may be taken at most.

    Arguments:
        maxrate: like ``"10/m"``, or a number a second.
        app: whose lab's clock counts.
    """

    def __init__(self, maxrate: str | float, app: Any) -> None:
        count, _, unit = str(maxrate).partition("/")
        self._per_second = float(count) / SECONDS[unit or "s"]
        self._app = app
        self._tokens = 1.0
        self._looked: float | None = None

    def can_consume(self) -> bool:
        """Tell whether a picture may be taken now; it counts then."""
        now = self._app.world.clock.epoch
        if self._looked is not None:
            self._tokens = min(1.0, self._tokens + self._per_second * (now - self._looked))
        self._looked = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Polaroid:
    """Takes pictures of a state, from ``install()`` to ``cancel()``, or in a ``with`` block.

    Arguments:
        state: what is pictured.
        freq: seconds from one picture to the next.
        maxrate: how often at most, like ``"10/m"``.
        cleanup_freq: seconds from one ``on_cleanup`` to the next.
        timer: what calls again and again; by default the lab's virtual time.
        app: the app.
    """

    timer: Any = None
    shutter_signal = Signal(name="shutter_signal", providing_args={"state"})
    cleanup_signal = Signal(name="cleanup_signal")
    clear_after = False
    """Whether the state is forgotten after each picture."""
    _tref: Any = None
    _ctref: Any = None

    def __init__(
        self,
        state: Any,
        freq: float = 1.0,
        maxrate: str | float | None = None,
        cleanup_freq: float = 3600.0,
        timer: Any = None,
        app: Any = None,
    ) -> None:
        self.app = _state.app_or_default(app)
        self.state = state
        self.freq = freq
        self.cleanup_freq = cleanup_freq
        self.timer = timer or self.timer or Timer(self.app)
        self.logger = logger
        self.maxrate = _Shutter(maxrate, self.app) if maxrate else None

    def install(self) -> None:
        """Begin."""
        self._tref = self.timer.call_repeatedly(self.freq, self.capture)
        self._ctref = self.timer.call_repeatedly(self.cleanup_freq, self.cleanup)

    def on_shutter(self, state: Any) -> None:
        """Do something with a picture of *state*; for overriding."""

    def on_cleanup(self) -> None:
        """Throw away what is too old; for overriding."""

    def cleanup(self) -> None:
        """Tell everybody that it is time to throw away what is too old."""
        logger.debug("Cleanup: Running...")
        self.cleanup_signal.send(sender=self.state)
        self.on_cleanup()

    def shutter(self) -> None:
        """Take a picture, if one may be taken now."""
        if self.maxrate is None or self.maxrate.can_consume():
            logger.debug("Shutter: %s", self.state)
            self.shutter_signal.send(sender=self.state)
            self.on_shutter(self.state)

    def capture(self) -> None:
        """Take a picture while the state stands still."""
        self.state.freeze_while(self.shutter, clear_after=self.clear_after)

    def cancel(self) -> None:
        """Take a last picture, and end."""
        if self._tref:
            self._tref()
            self._tref.cancel()
        if self._ctref:
            self._ctref.cancel()

    def __enter__(self) -> Self:
        self.install()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self.cancel()


def evcam(
    camera: type[Polaroid],
    freq: float = 1.0,
    maxrate: str | float | None = None,
    loglevel: Any = 0,
    logfile: Any = None,
    pidfile: Any = None,
    timer: Any = None,
    app: Any = None,
    **kwargs: Any,
) -> None:
    """Capture events and let *camera* take pictures, until nothing will happen in the lab any more.

    Arguments:
        camera: a class like ``Polaroid``.
        freq, maxrate, timer: for it.
        loglevel, logfile, pidfile: taken and not used: the lab is no process of its own.
        app: the app.
        kwargs: taken and not used.

    Raises:
        SystemExit: when it is interrupted.
    """
    del loglevel, logfile, pidfile, kwargs
    app = _state.app_or_default(app)
    print(f"-> evcam: Taking snapshots with {camera} (every {freq} secs.)")  # noqa: T201 - a command that prints
    state = app.events.State()
    taking = camera(state, app=app, freq=freq, maxrate=maxrate, timer=timer)
    taking.install()
    receiver = app.events.Receiver(None, handlers={"*": state.event})
    try:
        receiver.capture(limit=None)
    except KeyboardInterrupt:
        raise SystemExit from None
    finally:
        taking.cancel()
