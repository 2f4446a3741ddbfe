"""Connections: an app's ways to talk to its broker by hand, as programs that use kombu directly do.

Comes in: an app. Goes out: connections and producers of ``labq.kombu``, made or taken from the pool.
Next door: ``labq.app.publish`` sends tasks and needs none of this.
Celery: ``connection_for_write``, ``producer_or_acquire`` and their neighbours in ``celery/app/base.py``.
"""

from __future__ import annotations

from typing import Any

from labq.app.sources import symbol_by_name
from labq.callables import FallbackContext


class Connections:
    """The connections of one app.

    Arguments:
        app: the app; its part ``amqp`` says what a connection is.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._pool: Any = None

    def open(self, url: str | None, setting: str, **given: Any) -> Any:
        """Return a connection that has not connected yet.

        Arguments:
            url: the broker's; by default what the *setting* says.
            setting: ``broker_read_url`` or ``broker_write_url``.
            given: what kombu's ``Connection`` takes; what is missing or None comes from the settings.
        """
        conf = self._app.conf
        either = self._app.either
        return self._app.amqp.Connection(
            url or getattr(conf, setting),
            given.get("userid") or conf.broker_user,
            given.get("password") or conf.broker_password,
            given.get("virtual_host") or conf.broker_vhost,
            given.get("port") or conf.broker_port,
            transport=given.get("transport") or conf.broker_transport,
            ssl=either("broker_use_ssl", given.get("ssl")),
            heartbeat=given.get("heartbeat"),
            login_method=given.get("login_method") or conf.broker_login_method,
            failover_strategy=given.get("failover_strategy") or conf.broker_failover_strategy,
            transport_options={**conf.broker_transport_options, **(given.get("transport_options") or {})},
            connect_timeout=either("broker_connection_timeout", given.get("connect_timeout")),
        )

    @property
    def pool(self) -> Any:
        """The connections that are kept open for sending."""
        if self._pool is None:
            pools = symbol_by_name("labq.kombu.pools:connections")
            self._pool = pools[self.open(None, "broker_write_url")]
        return self._pool

    def acquire(self, pool: bool = True) -> Any:
        """Return a connection for sending: one of the pool, or a new one."""
        if pool:
            return self.pool.acquire(block=True, timeout=self._app.conf.broker_pool_acquire_timeout)
        return self.open(None, "broker_write_url")

    def connection_or_acquired(self, connection: Any, pool: bool) -> FallbackContext:
        """Return a ``with`` block over *connection*, or over one that is acquired for it."""
        return FallbackContext(connection, self.acquire, pool=pool)

    def producer_or_acquired(self, producer: Any) -> FallbackContext:
        """Return a ``with`` block over *producer*, or over one of the pool."""
        timeout = self._app.conf.broker_pool_acquire_timeout
        return FallbackContext(producer, self._app.producer_pool.acquire, block=True, timeout=timeout)

    def close(self) -> None:
        """Forget the pool."""
        self._pool = None
