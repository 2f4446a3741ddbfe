"""Where a broker or a result backend is: the parts of a URL, and the same URL fit to be shown.

In goes ``redis://:secret@host:6379/1``; out comes an ``Address``, or the text with ``**`` where the password was.
Next door: brokers and backends take an address; logs and views show the sanitized text.
Celery: ``kombu/utils/url.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

MASK = "**"
"""What stands in the place of a password."""


class Address(NamedTuple):
    """The parts of a URL; what it does not tell is None.

    Attributes:
        scheme: ``redis``, also ``cache+memory``.
        virtual_host: the path without its first slash: RabbitMQ's virtual host, the number of a Redis database.
    """

    scheme: str
    userid: str | None
    password: str | None
    hostname: str | None
    port: int | None
    virtual_host: str | None
    query: Mapping[str, str]


def first_url(urls: str | Sequence[str]) -> str:
    """Return the first of several *urls*, which Celery tries in turn: a list, or a text with ``;`` between them."""
    first = urls if isinstance(urls, str) else urls[0]
    return first.split(";", 1)[0]


def split_scheme(url: str) -> tuple[str, str]:
    """Return who understands *url*, and the URL for them.

    ``cache+memory://`` gives ``cache`` and ``memory://``; ``redis://host`` gives ``redis`` and ``redis://host``.
    """
    scheme = url.partition("://")[0]
    if "+" not in scheme:
        return scheme, url
    outer, _, inner = url.partition("+")
    return outer, inner


def parse_url(url: str) -> Address:
    """Take *url* (of several, the first) apart.

    A word without ``://`` is a scheme, as in ``Celery(broker="memory")``. Raises ValueError for a port that is none.
    """
    scheme, _, rest = first_url(url).partition("://")
    # Every scheme is read like http: urllib would not look for a host behind one it does not know.
    parts = urlsplit("http://" + rest)
    return Address(
        scheme.lower(),
        unquote(parts.username or "") or None,
        unquote(parts.password or "") or None,
        unquote(parts.hostname or "") or None,
        parts.port,
        unquote(parts.path.removeprefix("/")) or None,
        dict(parse_qsl(parts.query)),
    )


def as_url(
    scheme: str,
    host: str | None = None,
    port: int | None = None,
    user: str | None = None,
    password: str | None = None,
    path: str | None = None,
    query: Mapping[str, str] | None = None,  # noqa: ARG001 - has its place, but is not shown
    sanitize: bool = False,
    mask: str | None = MASK,
) -> str:
    """Put the parts of a URL together.

    Arguments:
        scheme: what stands before ``://``.
        host: the host's name.
        port: its port; None or 0 leaves it out.
        user: who logs in; quoted here, as host and password are.
        password: shown only when *sanitize* is false.
        path: the virtual host or database, written as it is.
        query: taken but not written, as in kombu.
        sanitize: write *mask* in the place of *password*.
        mask: none or an empty one leaves the colon only.
    """
    login = ""
    if user or password:
        shown = (mask or "") if sanitize else quote(password or "", safe="")
        login = f"{quote(user or '', safe='')}{f':{shown}' if password else ''}@"
    return f"{scheme}://{login}{quote(host or '', safe='')}{f':{port}' if port else ''}/{path or ''}"


def sanitize_url(url: str, mask: str | None = MASK) -> str:
    """Return *url* without its password and its query, ``amqp://guest:**@localhost:5672//``."""
    scheme, userid, password, hostname, port, virtual_host, _ = parse_url(url)
    return as_url(scheme, hostname, port, userid, password, virtual_host, sanitize=True, mask=mask)


def maybe_sanitize_url(url: Any, mask: str | None = MASK) -> Any:
    """Return *url* sanitized if it is one, and anything else as it is."""
    return sanitize_url(url, mask) if isinstance(url, str) and "://" in url else url
