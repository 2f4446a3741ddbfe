"""What of a configuration may be shown: passwords, keys and tokens are covered.

In: settings with their secrets. Out: the same settings for a page, a log or a bug report.
Next door: ``settings`` calls these for ``table()``, ``humanize()`` and its repr.
Celery: ``celery/app/utils.py`` (``filter_hidden_settings``, ``sanitize_url``), ``kombu/connection.py`` (``as_uri``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from labq.app.defaults import DEFAULTS
from labq.wire.url import as_url, first_url, parse_url

MASK = "*" * 8

HIDDEN_SETTINGS = re.compile(
    "API|TOKEN|KEY|SECRET|PASS|PROFANITIES_LIST|SIGNATURE|DATABASE|BEAT_DBURI",
    re.IGNORECASE,
)
"""A setting with one of these words in its name is a secret whatever its value."""

BROKER_URLS = frozenset({"broker_url", "broker_read_url", "broker_write_url"})

ADDRESS = re.compile("(BROKER_URL|BROKER_READ_URL|BROKER_WRITE_URL|RESULT_BACKEND)$", re.IGNORECASE)
"""A setting whose name ends like this is an address, even if it is written without a scheme."""

PORTS: dict[str, int | None] = {
    "amqp": 5672, "amqps": 5671, "redis": 6379, "rediss": 6379, "sentinel": 26379, "memory": None, "filesystem": None,
}  # fmt: skip
"""The brokers whose whole address is known from a part of it, with the port that kombu takes when none is given."""

ALIASES = {"pyamqp": "amqp", "librabbitmq": "amqp"}

AZURE_SECRETS = frozenset({"accountkey", "sharedaccesssignature"})


def filter_hidden_settings(conf: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return *conf* as it may be shown, dictionaries within it too.

    Secrets by name become asterisks, even where nothing is set; broker URLs are written out in full, as kombu
    understands them; every other URL keeps its form and loses its password.
    Source: ``celery.app.utils.filter_hidden_settings``, which covers fewer URLs.
    """
    return {key: _shown(key, value) for key, value in conf.items()}


def _shown(key: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        return filter_hidden_settings(value)
    if isinstance(key, str):
        if HIDDEN_SETTINGS.search(key):
            return MASK
        if key.lower() in BROKER_URLS:
            return broker_uri(value)
    return _address(key, value)


def veil(layer: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return *layer* for a repr: as ``filter_hidden_settings``, but what holds no secret keeps its own form.

    A value that is Celery's default is no secret, nor is a number or None.
    """
    return {key: _veiled(key, value) for key, value in layer.items()}


def _veiled(key: Any, value: Any) -> Any:
    if isinstance(value, Mapping):
        return veil(value)
    secret = isinstance(value, str | bytes) and isinstance(key, str) and HIDDEN_SETTINGS.search(key)
    if secret and value != DEFAULTS.get(key):
        return MASK
    return _address(key, value)


def _address(key: Any, value: Any) -> Any:
    if isinstance(value, str) and isinstance(key, str) and ADDRESS.search(key) and "://" not in value:
        return _sanitize_servers(value, MASK)
    return _without_passwords(value)


def _without_passwords(value: Any) -> Any:
    if isinstance(value, str):
        return sanitize_url(value)
    if type(value) in {list, tuple}:
        return type(value)(_without_passwords(entry) for entry in value)
    return value


# -- broker URLs ------------------------------------------------------------------------------------------------------


def broker_uri(address: Any, mask: str = MASK) -> Any:
    """Write a broker's *address* out in full: what was left out is filled in, the password is *mask*.

    Arguments:
        address: a URL, several in one text with ``;`` between them, a list of URLs, a bare host name, or None. Of
            several the first is shown: it is the one a client connects to.
        mask: stands for the password, also where there is none.

    A URL that cannot be read, or of a broker whose rules are not known here, keeps its form.
    Source: ``kombu.Connection(address).as_uri(mask=mask)``.
    """
    if isinstance(address, list | tuple) and address:
        return broker_uri(address[0], mask)
    if not isinstance(address, str | None):
        return address
    first = first_url(address or "amqp://")
    if "://" not in first:
        first = f"amqp://{first}"
    try:
        where = parse_url(first)
    except ValueError:
        return sanitize_url(first, mask)
    scheme = ALIASES.get(where.scheme, where.scheme)
    if scheme not in PORTS:
        return sanitize_url(first, mask)
    host, user = where.hostname or "localhost", where.userid or ("guest" if scheme.startswith("amqp") else None)
    virtual_host = quote(where.virtual_host or "/")
    return as_url(scheme, host, where.port or PORTS[scheme], user, mask, virtual_host, sanitize=True, mask=mask)


# -- other URLs -------------------------------------------------------------------------------------------------------


_SECRET_IN_QUERY = re.compile(
    r"([?&][^=&#]*(?:pass(?!ive)|pwd|secret|token|credential|(?:api|access|account)_?key)[^=&#]*=)[^&#]*", re.IGNORECASE
)
"""Libraries for Redis, MongoDB and databases take a password among the options of a URL, too."""


def sanitize_url(url: Any, mask: str = MASK) -> Any:
    """Cover the passwords in *url* and leave its form; what is no URL comes back as it is.

    Options of the URL (``?password=``) whose names say that they are secret are covered, which Celery does not do.
    Several servers may stand in one text, each with its scheme (``a://…;b://…``) or sharing one (``a://…;…/``); a
    password may itself hold ``;``, ``,`` or ``@``. Where it is unclear what is host and what is password, more is
    covered rather than less.
    Source: ``celery.app.utils.sanitize_url``.
    """
    if not isinstance(url, str) or "://" not in url:
        return url
    urls = url.split(";")
    if any("://" in other for other in urls[1:]):
        return ";".join(sanitize_url(each.strip(), mask) for each in urls)
    scheme, _, rest = url.partition("://")
    if scheme == "azureblockblob":
        return f"{scheme}://{_sanitize_azure(rest, mask)}"
    end = _end_of_servers(rest)
    path = _SECRET_IN_QUERY.sub(lambda found: found[1] + mask, rest[end:])
    return f"{scheme}://{_sanitize_servers(rest[:end], mask)}{path}"


def _end_of_servers(rest: str) -> int:
    """Return where the path begins: what looks like a port that is none is a password with a slash in it."""
    end = _path(rest, 0)
    user, colon, port = rest[:end].rpartition(":")
    if colon and not port.isdecimal() and "@" not in user + port and "@" in rest[end:]:
        end = _path(rest, rest.rindex("@"))
    return end


def _path(rest: str, start: int) -> int:
    return min((place for sign in "/?#" if (place := rest.find(sign, start)) >= 0), default=len(rest))


def _sanitize_servers(servers: str, mask: str) -> str:
    """Cover the passwords between ``://`` and the path: of one server, or of several divided by ``;`` or ``,``."""
    divider = next((sign for sign in ";," if sign in servers), "")
    each = [part.strip() for part in servers.split(divider) if part.strip()] if divider else [servers]
    if "@" not in servers:
        return divider.join(each)
    if len(each) > 1 and all(map(_is_server, each)):
        return divider.join(_sanitize_server(server, mask) for server in each)
    if servers.count("@") > 1 and ":" not in servers.rpartition("@")[0]:
        return f"{mask}@{servers.rpartition('@')[2]}"
    return _sanitize_server(servers, mask)


def _is_server(part: str) -> bool:
    """Say whether *part* reads as one server of several, and not as a piece of a password with the divider in it."""
    user, at, _ = part.rpartition("@")
    return ":" in user if at else not part.startswith(":")


def _sanitize_server(server: str, mask: str) -> str:
    user, at, host = server.rpartition("@")
    if ":" not in user:
        return server
    return f"{user.partition(':')[0]}:{mask}{at}{host}"


def _sanitize_azure(connection: str, mask: str) -> str:
    """Cover the secrets in an Azure connection string: ``Name=value;Name=value;…``."""
    parts = []
    for part in connection.split(";"):
        name, equals, value = part.partition("=")
        if equals and name.strip().lower() in AZURE_SECRETS:
            parts.append(f"{name}={mask}")
        else:
            # an endpoint may carry its signature in the query
            signed = re.sub(r"([?&]sig=)[^&;#]*", rf"\g<1>{mask}", value, flags=re.IGNORECASE)
            parts.append(f"{name}{equals}{signed}")
    return ";".join(parts)
