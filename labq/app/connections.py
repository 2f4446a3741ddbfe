"""Connections: an app's ways to talk to its broker by hand, as programs that use kombu directly do.

Comes in: an app. Goes out: connections and producers of ``labq.kombu``, made or taken from the pool.
Next door: ``labq.app.publish`` sends tasks and needs none of this.
Celery: ``connection_for_write``, ``producer_or_acquire`` and their neighbours in ``celery/app/base.py``.
"""

from __future__ import annotations

from typing import Any

from labq.app.sources import symbol_by_name
from labq.callables import FallbackContext
from labq.exceptions import OperationalError
from labq.messaging_errors import LimitExceeded


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
            pools = symbol_by_name("labq.kombu.pools")
            pools.set_limit(self._app.conf.broker_pool_limit)
            self._pool = pools.connections[self._app.connection_for_write()]
        return self._pool

    def acquire(self, pool: bool = True) -> Any:
        """Return a connection for sending: one of the pool, or a new one."""
        if not pool:
            return self._app.connection_for_write()
        timeout = self._app.conf.broker_pool_acquire_timeout
        try:
            return self._app.pool.acquire(block=True, timeout=timeout)
        except LimitExceeded as exc:
            raise self._exhausted("connection", "connections", timeout) from exc

    def acquire_producer(self, timeout: float | None = None) -> Any:
        """Return a producer of the pool; an empty pool is waited for *timeout* seconds."""
        try:
            return self._app.producer_pool.acquire(block=True, timeout=timeout)
        except LimitExceeded as exc:
            raise self._exhausted("producer", "producer slots", timeout) from exc

    def _exhausted(self, what: str, all_of_them: str, timeout: float | None) -> OperationalError:
        limit = self._app.conf.broker_pool_limit
        return OperationalError(
            f"Timed out waiting for a broker {what} after {timeout}s. All {limit} {all_of_them} are in use. Consider "
            f"increasing broker_pool_limit (currently {limit}) or broker_pool_acquire_timeout (currently {timeout}s)."
        )

    def connection_or_acquired(self, connection: Any, pool: bool) -> FallbackContext:
        """Return a ``with`` block over *connection*, or over one that is acquired for it."""
        return FallbackContext(connection, self.acquire, pool=pool)

    def producer_or_acquired(self, producer: Any) -> FallbackContext:
        """Return a ``with`` block over *producer*, or over one of the pool."""
        timeout = self._app.conf.broker_pool_acquire_timeout
        return FallbackContext(producer, self.acquire_producer, timeout=timeout)

    def close(self) -> None:
        """Forget the pool."""
        self._pool = None
