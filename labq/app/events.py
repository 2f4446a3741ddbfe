"""``app.events``: the classes of monitoring, bound to one app.

Comes in: an app. Goes out: ``Receiver``, ``Dispatcher`` and ``State`` that know it.
Next door: ``labq.events`` has the classes.
Celery: ``celery/app/events.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from labq.app import creation
from labq.app.sources import symbol_by_name


class Events:
    """Monitoring for one app.

    Arguments:
        app: the app.
    """

    receiver_cls: Any = "labq.events.receiver:EventReceiver"
    dispatcher_cls: Any = "labq.events.dispatcher:EventDispatcher"
    state_cls: Any = "labq.events.state:State"

    def __init__(self, app: Any = None) -> None:
        self.app = app
        self._bound: dict[str, Any] = {}

    def _class(self, name: str, cls: Any) -> Any:
        if name not in self._bound:
            base = symbol_by_name(cls)
            self._bound[name] = creation.subclass(base, base.__name__, app=self.app)
        return self._bound[name]

    @property
    def Receiver(self) -> Any:  # noqa: N802 - Celery's name
        """``EventReceiver`` for this app."""
        return self._class("Receiver", self.receiver_cls)

    @property
    def Dispatcher(self) -> Any:  # noqa: N802 - Celery's name
        """``EventDispatcher`` for this app."""
        return self._class("Dispatcher", self.dispatcher_cls)

    @property
    def State(self) -> Any:  # noqa: N802 - Celery's name
        """``State`` for this app."""
        return self._class("State", self.state_cls)

    @contextmanager
    def default_dispatcher(
        self, hostname: str | None = None, enabled: bool = True, buffer_while_offline: bool = False
    ) -> Iterator[Any]:
        """Lend a dispatcher at the app's broker, in a ``with`` block."""
        connection = self.app.connection_for_write()
        with self.Dispatcher(connection, hostname, enabled, buffer_while_offline=buffer_while_offline) as dispatcher:
            yield dispatcher
