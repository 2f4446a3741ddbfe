"""A connection to a broker of the lab, for programs that send and get messages by hand.

Comes in: a URL. Goes out: channels, and the events that come on them while virtual time passes.
Next door: ``labq.kombu.channel`` speaks AMQP; the lab holds the other end and writes down what is done.
Celery: ``kombu/connection.py``. Nothing is sent over a network: the URL names one of the lab's own brokers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any, Self
from urllib.parse import quote

from labq import _state, messaging_errors
from labq.exceptions import NeverReady
from labq.i18n import text
from labq.kombu.channel import Channel
from labq.kombu.messaging import Consumer, Producer
from labq.kombu.resource import ChannelPool, ConnectionPool
from labq.kombu.retrying import Retrying
from labq.kombu.simple import SimpleBuffer, SimpleQueue
from labq.kombu.transports import AMQP, SAME, TRANSPORTS, Transport
from labq.wire.url import as_url, parse_url

__all__ = ("BrokerConnection", "ChannelPool", "Connection", "ConnectionPool")


HIDDEN = "**"


class Connection:
    """A connection that is made when it is first needed.

    Arguments:
        hostname: a URL, several (a list, or ``;`` between them: the first counts), or a host's name.
        userid, password, virtual_host, port: what the URL does not say.
        transport: the scheme, for a bare host's name.
        connect_timeout, heartbeat, ssl, login_method, insist: kept and shown; they mean nothing without a network.
        transport_options: kept, for who asks.
        failover_strategy, alternates: kept; a broker of the lab is always there.
    """

    channel_class = Channel

    def __init__(
        self,
        hostname: Any = "localhost",
        userid: str | None = None,
        password: Any = None,
        virtual_host: str | None = None,
        port: int | None = None,
        insist: bool = False,
        ssl: Any = False,
        transport: str | None = None,
        connect_timeout: float | None = 5,
        transport_options: dict[str, Any] | None = None,
        login_method: str | None = None,
        uri_prefix: str | None = None,
        heartbeat: float | None = 0,
        failover_strategy: Any = "round-robin",
        alternates: Any = None,
        credential_provider: Any = None,
        **_: Any,
    ) -> None:
        urls = list(alternates or ())
        if hostname and not isinstance(hostname, str):
            urls.extend(hostname)
            hostname = urls[0]
        if hostname and ";" in hostname:
            urls = [*hostname.split(";"), *urls]
            hostname = urls[0]
        self.alt = urls
        self.cycle = cycle(urls) if urls else None
        self.userid, self.password, self.port = userid, password, port
        self.virtual_host = virtual_host or "/"
        self.transport_cls = transport or "amqp"
        self.hostname = hostname
        if hostname and "://" in hostname:
            self._read(hostname)
        self.insist, self.ssl, self.login_method = insist, ssl, login_method
        self.connect_timeout = connect_timeout
        self.uri_prefix = uri_prefix
        self.heartbeat = heartbeat and float(heartbeat)
        self.transport_options = {} if transport_options is None else transport_options
        self.failover_strategy = failover_strategy
        self.credential_provider = credential_provider
        self.declared_entities: set[int] = set()
        self._line: Any = None
        self._default_channel: Any = None
        self._channels: dict[int, Channel] = {}
        self._closed: bool | None = None
        self._pool: Any = None

    def _read(self, url: str) -> None:
        address = parse_url(url)
        self.transport_cls = address.scheme
        self.hostname = address.hostname
        self.userid = address.userid or self.userid
        self.password = address.password or self.password
        self.port = address.port or self.port
        self.virtual_host = address.virtual_host or self.virtual_host

    # -- what it is --------------------------------------------------------------------------------------------
    @property
    def transport(self) -> Transport:
        """What kind of broker it is."""
        return TRANSPORTS.get(self.transport_cls, AMQP)

    def get_transport_cls(self) -> Transport:
        """Return what kind of broker it is."""
        return self.transport

    def info(self) -> dict[str, Any]:
        """Return everything it was made with, the transport's defaults filled in."""
        return self._info(resolve=True)

    def _info(self, *, resolve: bool) -> dict[str, Any]:
        transport, defaults = self.transport, self.transport.defaults
        is_amqp = transport is AMQP
        return {
            "hostname": self.hostname or ("localhost" if is_amqp else None),
            "userid": self.userid or defaults.get("userid"),
            "password": self.password or defaults.get("password"),
            "virtual_host": self.virtual_host,
            "port": self.port or transport.default_port,
            "insist": self.insist,
            "ssl": self.ssl,
            "transport": SAME.get(self.transport_cls, self.transport_cls) if resolve else self.transport_cls,
            "connect_timeout": self.connect_timeout,
            "transport_options": self.transport_options,
            "login_method": self.login_method or ("PLAIN" if is_amqp else None),
            "uri_prefix": self.uri_prefix,
            "heartbeat": self.heartbeat,
            "failover_strategy": self.failover_strategy,
            "alternates": self.alt,
            "credential_provider": self.credential_provider,
        }

    def as_uri(self, include_password: bool = False, mask: str = HIDDEN, getfields: Any = None) -> str:
        """Return its URL, the password masked unless it is asked for."""
        del getfields
        told = self.info()
        password = told["password"] if include_password else mask
        return as_url(
            told["transport"], self.hostname or "localhost", told["port"], told["userid"],
            password() if callable(password) else password, quote(told["virtual_host"]),
            sanitize=not include_password, mask=mask,
        )  # fmt: skip

    def eqhash(self) -> str:
        """Return what is the same for connections to the same broker, as the same user."""
        return self.as_uri(include_password=True)

    @property
    def host(self) -> str:
        """Host and port."""
        return f"{self.hostname}:{self.port}"

    is_evented = False
    """Whether an event loop could watch it."""
    supports_heartbeats = False
    qos_semantics_matches_spec = False

    @property
    def connection_errors(self) -> tuple[type[Exception], ...]:
        """What may go wrong with it."""
        return (messaging_errors.ConnectionError, OSError)

    @property
    def channel_errors(self) -> tuple[type[Exception], ...]:
        """What may go wrong with a channel."""
        return (messaging_errors.ChannelError,)

    @property
    def recoverable_connection_errors(self) -> tuple[type[Exception], ...]:
        """What connecting again may help against."""
        return (messaging_errors.RecoverableConnectionError, OSError)

    @property
    def recoverable_channel_errors(self) -> tuple[type[Exception], ...]:
        """What opening another channel may help against."""
        return (messaging_errors.RecoverableChannelError,)

    # -- connecting --------------------------------------------------------------------------------------------
    @property
    def connected(self) -> bool:
        """Whether it is connected."""
        return not self._closed and self._line is not None and self._line.alive

    @property
    def connection(self) -> Self | None:
        """Itself, connected; None when it was closed."""
        if self._closed:
            return None
        self._connect()
        return self

    @property
    def client(self) -> Self:
        """Itself, under the name by which channels know it."""
        return self

    def connect(self) -> Self:
        """Connect now.

        Raises:
            UnknownScheme: when the lab has no such broker.
        """
        self._closed = None
        self._connect()
        return self

    def _connect(self) -> None:
        if not self.connected:
            self._channels.clear()
            self.declared_entities.clear()
            self._default_channel = None
            self._line = _state.get_current_lab().line(self.as_uri(include_password=True))
            self._closed = False

    def ensure_connection(self, *_: Any, **__: Any) -> Self:
        """Connect now; the arguments say how to try again, and a broker of the lab is there at once."""
        return self.connect()

    def channel(self) -> Channel:
        """Open another channel."""
        self._connect()
        channel = self.channel_class(self, self._line)
        self._channels[channel.channel_id] = channel
        return channel

    @property
    def default_channel(self) -> Channel:
        """The channel of those who do not care which; connects if that was not done."""
        self.connect()
        if self._default_channel is None or not self._default_channel.is_open:
            self.declared_entities.clear()
            self._default_channel = self.channel()
        default: Channel = self._default_channel
        return default

    def revive(self, new_channel: Any) -> None:
        """Take *new_channel* in the place of the default one."""
        if self._default_channel is not None and new_channel is not self._default_channel:
            self.maybe_close_channel(self._default_channel)
            self._default_channel = None

    def maybe_close_channel(self, channel: Any) -> None:
        """Close *channel*, whatever state it is in."""
        channel.close()

    def release(self) -> None:
        """Close it, or give it back to the pool that it comes from."""
        if self._pool is not None:
            self._pool.release(self)
        else:
            self._close()

    close = release

    def collect(self, socket_timeout: float | None = None) -> None:
        """Forget the other end."""
        del socket_timeout
        self._close()
        self._closed = None

    def _close(self) -> None:
        if self.connected:
            self._line.close()
        self._line, self._default_channel = None, None
        self._channels.clear()
        self.declared_entities.clear()
        self._closed = True

    def clone(self, **options: Any) -> Self:
        """Return another one like it, with other *options*."""
        return type(self)(**{**self._info(resolve=False), **options})

    def switch(self, conn_str: str) -> None:
        """Lead to another URL or host from now on."""
        self._close()
        self._closed = None
        if "://" in conn_str:
            self.userid = self.password = self.port = None
            self.virtual_host = "/"
            self._read(conn_str)
        else:
            self.hostname = conn_str

    def maybe_switch_next(self) -> None:
        """Lead to the next of several URLs, if there are several."""
        if self.cycle is not None:
            self.switch(next(self.cycle))

    # -- what comes --------------------------------------------------------------------------------------------
    def drain_events(self, timeout: float | None = None, **_: Any) -> None:
        """Let time pass until something comes, and hand it to whoever waits for it.

        Arguments:
            timeout: virtual seconds; None to wait as long as it takes.

        Raises:
            TimeoutError: when nothing has come in time.
            NeverReady: without *timeout*, when nothing can come any more; kombu would wait for ever.
        """
        self._connect()
        if not self._line.wait(timeout, _nothing_comes):
            raise TimeoutError("timed out")
        received = self._line.take()
        if received is None:
            raise messaging_errors.RecoverableConnectionError("connection closed")
        channel = self._channels.get(received.channel)
        if channel is not None:
            channel.receive(received)

    def heartbeat_check(self, rate: int = 2) -> None:
        """Do nothing: a connection of the lab does not die of silence."""

    def get_heartbeat_interval(self) -> float | None:
        """Return how often a heart beats, in seconds."""
        return self.heartbeat

    # -- again and again ---------------------------------------------------------------------------------------
    def ensure(self, obj: Any, fun: Callable[..., Any], *args: Any, **options: Any) -> Callable[..., Any]:
        """Return *fun*, tried again when the connection breaks; ``Retrying.ensure`` tells the *options*."""
        return Retrying(self).ensure(obj, fun, *args, **options)

    def autoretry(self, fun: Callable[..., Any], channel: Any = None, **ensure_options: Any) -> Callable[..., Any]:
        """Return *fun*, called with ``channel=`` and tried again when the connection breaks.

        The returned function returns the answer, and the channel that was used last.
        """
        return Retrying(self).autoretry(fun, channel, **ensure_options)

    @contextmanager
    def _reraise_as_library_errors(self, *_: Any, **__: Any) -> Iterator[None]:
        try:
            yield
        except self.recoverable_connection_errors + self.recoverable_channel_errors as exc:
            raise messaging_errors.OperationalError(str(exc)) from exc

    # -- who uses it -------------------------------------------------------------------------------------------
    def Producer(self, channel: Any = None, *args: Any, **options: Any) -> Producer:  # noqa: N802 - kombu's name
        """Return a producer on it."""
        return Producer(channel or self, *args, **options)

    def Consumer(  # noqa: N802 - kombu's name
        self, queues: Any = None, channel: Any = None, *args: Any, **options: Any
    ) -> Consumer:
        """Return a consumer on it."""
        return Consumer(channel or self, queues, *args, **options)

    def SimpleQueue(  # noqa: N802 - kombu's name
        self, name: Any, no_ack: bool | None = None, queue_opts: Any = None, queue_args: Any = None,
        exchange_opts: Any = None, channel: Any = None, **options: Any,
    ) -> SimpleQueue:  # fmt: skip
        """Return a simple queue on it."""
        return SimpleQueue(channel or self, name, no_ack, queue_opts, queue_args, exchange_opts, **options)

    def SimpleBuffer(  # noqa: N802 - kombu's name
        self, name: Any, no_ack: bool | None = None, queue_opts: Any = None, queue_args: Any = None,
        exchange_opts: Any = None, channel: Any = None, **options: Any,
    ) -> SimpleBuffer:  # fmt: skip
        """Return a simple buffer on it."""
        return SimpleBuffer(channel or self, name, no_ack, queue_opts, queue_args, exchange_opts, **options)

    def Pool(self, limit: int | None = None, **options: Any) -> ConnectionPool:  # noqa: N802 - kombu's name
        """Return a pool of connections like it."""
        return ConnectionPool(self, limit, **options)

    def ChannelPool(self, limit: int | None = None, **options: Any) -> ChannelPool:  # noqa: N802 - kombu's name
        """Return a pool of its channels."""
        return ChannelPool(self, limit, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __copy__(self) -> Self:
        return self.clone()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(self.info().values())

    def __repr__(self) -> str:
        return f"<Connection: {self.as_uri()} at {id(self):#x}>"


BrokerConnection = Connection


def _nothing_comes() -> NeverReady:
    hint = text("Give drain_events a timeout, or publish something first.")
    return NeverReady("nothing can come on this connection any more; kombu would wait here for ever", hint)
