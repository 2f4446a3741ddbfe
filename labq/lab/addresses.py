"""Addresses: which broker or store a URL means, and what of it may be shown.

Two apps that name the same address share what is behind it. Passwords never leave this module.
Celery: ``kombu.Connection`` and ``celery/app/backends.py``.
"""

from __future__ import annotations

from labq.exceptions import UnknownScheme
from labq.i18n import text
from labq.wire.url import first_url, parse_url

BROKERS = {"amqp": "amqp", "pyamqp": "amqp", "memory": "memory"}
"""Schemes of brokers, and which of them are the same."""
BACKENDS = ("cache+memory", "rpc")
"""Schemes of result backends, beside ``disabled``."""


def broker_address(url: str) -> str:
    """Return the one way to write *url*, fit to be shown: no password, the defaults filled in.

    Raises:
        UnknownScheme: for a broker the lab has not.
    """
    address = parse_url(first_url(url))
    scheme = BROKERS.get(address.scheme)
    if scheme is None:
        msg = f"the lab has no broker for {address.scheme!r}://"
        raise UnknownScheme(msg, text("Known are: {schemes}.", schemes=", ".join(f"{name}://" for name in BROKERS)))
    host = address.hostname or "localhost"
    vhost = address.virtual_host or "/"
    if scheme == "memory":
        return f"memory://{host}/{vhost}"
    return f"amqp://{address.userid or 'guest'}:**@{host}:{address.port or 5672}/{vhost}"


def backend_scheme(url: str) -> str:
    """Return the scheme of a result backend's *url*.

    Raises:
        UnknownScheme: for a backend the lab has not.
    """
    scheme = url.split("://", 1)[0]
    if scheme == "cache":
        scheme = "cache+memory"
    if scheme not in BACKENDS:
        msg = f"the lab has no result backend for {scheme!r}://"
        raise UnknownScheme(msg, text("Known are: {schemes}.", schemes=", ".join(f"{name}://" for name in BACKENDS)))
    return scheme
