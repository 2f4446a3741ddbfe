# ruff: noqa: ARG002 - programs give arguments that a lab has no use for
"""Trying again: a call that is made once more when the connection breaks under it.

Comes in: a function. Goes out: one that tries, connects anew, and tries again.
Next door: ``labq.kombu.connection`` says what may break.
Celery: ``Connection.ensure`` and ``Connection.autoretry`` in ``kombu/connection.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import count
from typing import Any

from labq import messaging_errors


class Retrying:
    """Makes functions that try again.

    Arguments:
        connection: the connection that may break.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def ensure(
        self,
        obj: Any,
        fun: Callable[..., Any],
        errback: Callable[[Exception, float], Any] | None = None,
        max_retries: int | None = None,
        interval_start: float = 1,
        interval_step: float = 1,
        interval_max: float = 1,
        on_revive: Callable[[Any], Any] | None = None,
        retry_errors: tuple[type[Exception], ...] | None = None,
    ) -> Callable[..., Any]:
        """Return *fun*, tried again when the connection breaks.

        Arguments:
            obj: what has to be given the new channel then (``revive``).
            fun: what to call.
            errback: told of each error and of the seconds until the next try.
            max_retries: how often to try again.
            interval_start, interval_step, interval_max: taken as in kombu; connecting succeeds at once in a lab.
            on_revive: told of the new channel.
            retry_errors: other errors to try again after.
        """
        retried, connection = tuple(retry_errors or ()), self._connection
        broken = connection.recoverable_connection_errors

        @wraps(fun)
        def ensured(*args: Any, **kwargs: Any) -> Any:
            for tries in count():
                try:
                    return fun(*args, **kwargs)
                except (*retried, *broken, *connection.recoverable_channel_errors) as exc:
                    if max_retries is not None and tries >= max_retries:
                        raise messaging_errors.OperationalError(str(exc)) from exc
                    if errback is not None:
                        errback(exc, 0)
                    if isinstance(exc, broken):
                        connection.collect()
                        obj.revive(connection.default_channel)
                        if on_revive is not None:
                            on_revive(connection.default_channel)
            return None

        return ensured

    def autoretry(self, fun: Callable[..., Any], channel: Any = None, **ensure_options: Any) -> Callable[..., Any]:
        """Return *fun*, called with ``channel=`` and tried again when the connection breaks.

        The returned function returns the answer, and the channel that was used last.
        """
        revival = Revival(self._connection, fun, channel)
        return self.ensure(revival, revival.call, **ensure_options)


class Revival:
    """A function that is called with the newest channel."""

    def __init__(self, connection: Any, fun: Callable[..., Any], channel: Any) -> None:
        self._connection = connection
        self._fun = fun
        self._channel = channel

    def revive(self, channel: Any) -> None:
        """Take the new channel."""
        self._channel = channel

    def call(self, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Call the function; return its answer and the channel."""
        if self._channel is None:
            self._channel = self._connection.default_channel
        return self._fun(*args, channel=self._channel, **kwargs), self._channel
