"""Addresses: which broker or store a URL means, and what of it may be shown.

Two apps that name the same address share what is behind it. Passwords never leave this module.
Celery: ``kombu.Connection`` and ``celery/app/backends.py``.
"""

from __future__ import annotations

import re

from labq.exceptions import LabError, UnknownScheme
from labq.i18n import text
from labq.wire.url import first_url, parse_url

BROKERS = {"amqp": "amqp", "pyamqp": "amqp", "memory": "memory"}
"""Schemes of brokers, and which of them are the same."""
BACKENDS = ("cache+memory", "rpc")
"""Schemes of result backends, beside ``disabled``."""


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)


def _shown(scheme: str) -> str:
    """Return *scheme* as errors show it; what is none may be a whole address with its password, and is not shown."""
    return f"{scheme!r}://" if _SCHEME.fullmatch(scheme) else "an address without a scheme"


def broker_address(url: str) -> str:
    """Return the one way to write *url*, fit to be shown: no password, the defaults filled in.

    Raises:
        UnknownScheme: for a broker the lab has not.
        LabError: when nobody can tell what is host and what is password.
    """
    try:
        address = parse_url(first_url(url))
    except ValueError:
        msg = "the broker's address cannot be read"
        hint = text("Write it like amqp://user:password@host:5672/vhost, with %2F for a slash in the password.")
        raise LabError(msg, hint) from None  # Python's own error may quote a piece of the password
    scheme = BROKERS.get(address.scheme)
    if scheme is None:
        msg = f"the lab has no broker for {_shown(address.scheme)}"
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
        msg = f"the lab has no result backend for {_shown(scheme)}"
        raise UnknownScheme(msg, text("Known are: {schemes}.", schemes=", ".join(f"{name}://" for name in BACKENDS)))
    return scheme
