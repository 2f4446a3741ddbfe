"""Exchanges: which queues does a routing key lead to? Pure matching, no messages.

The rules are AMQP 0-9-1's: *direct* compares, *topic* compares word by word (``*`` is one word, ``#`` any number of
them), *fanout* asks nothing, *headers* compares headers; the exchange without a name leads to the queue named like
the key.
Celery: ``kombu/transport/virtual/exchange.py``; on RabbitMQ the server does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from labq.exceptions import LabError
from labq.i18n import text

TYPES = ("direct", "topic", "fanout", "headers")
DEFAULT = ""
"""The name of the default exchange."""
PRESENT = {
    DEFAULT: "direct",
    "amq.direct": "direct",
    "amq.fanout": "fanout",
    "amq.topic": "topic",
    "amq.headers": "headers",
    "amq.match": "headers",
}
"""Exchanges that are there without being declared."""
MATCHES = ("all", "any", "all-with-x", "any-with-x")
"""What the argument ``x-match`` of a binding may say."""


class Binding(NamedTuple):
    """A way from an exchange to *queue*."""

    queue: str
    routing_key: str
    arguments: Mapping[str, Any]


def topic_matches(pattern: str, routing_key: str) -> bool:
    """Tell whether a topic *pattern* covers *routing_key* (AMQP 0-9-1, section 3.1.3.3).

    >>> topic_matches("stock.*.nyse", "stock.usd.nyse"), topic_matches("stock.#", "stock")
    (True, True)
    """
    return _words_match(_words(pattern), _words(routing_key))


def _words(key: str) -> list[str]:
    return key.split(".") if key else []


def _words_match(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    first, rest = pattern[0], pattern[1:]
    if first == "#":
        return _words_match(rest, words) or (bool(words) and _words_match(pattern, words[1:]))
    return bool(words) and first in ("*", words[0]) and _words_match(rest, words[1:])


def headers_match(arguments: Mapping[str, Any], headers: Mapping[str, Any]) -> bool:
    """Tell whether *headers* satisfy a binding's *arguments*: all of them, or any with ``x-match: any``.

    An argument without a value asks only for the header to be there. Arguments that begin with ``x-`` do not count
    unless the match is ``all-with-x`` or ``any-with-x``.
    """
    how = arguments.get("x-match", "all")
    counts_all = how.endswith("-with-x")
    wanted = {name for name in arguments if name != "x-match" and (counts_all or not name.startswith("x-"))}
    found = [name in headers and _fits(arguments[name], headers[name]) for name in wanted]
    return any(found) if how.startswith("any") else all(found)


def _fits(wanted: Any, value: Any) -> bool:
    # 1 and 1.0 are the same number to RabbitMQ; True is no number
    return wanted is None or (wanted == value and isinstance(wanted, bool) is isinstance(value, bool))


class Exchanges:
    """The exchanges of one broker with their bindings."""

    def __init__(self) -> None:
        self._types = dict(PRESENT)
        self._bindings: dict[str, list[Binding]] = {name: [] for name in PRESENT}
        self._direct: dict[tuple[str, str], tuple[str, ...]] = {}

    def __contains__(self, name: str) -> bool:
        """Tell whether an exchange of that *name* was declared."""
        return name in self._types

    def declare(self, name: str, kind: str) -> bool:
        """Declare an exchange; return False if it was there already.

        Raises:
            LabError: for an unknown type, or when it exists with another type (RabbitMQ closes the channel then).
        """
        if kind not in TYPES:
            msg = f"COMMAND_INVALID - unknown exchange type '{kind}'"
            raise LabError(msg, text("The types are {types}.", types=", ".join(TYPES)))
        present = self._types.setdefault(name, kind)
        if present != kind:
            msg = (
                f"PRECONDITION_FAILED - inequivalent arg 'type' for exchange '{name}' in vhost '/': "
                f"received '{kind}' but current is '{present}'"
            )
            raise LabError(msg, text("An exchange keeps the type it was declared with; use another name."))
        if name in self._bindings:
            return False
        self._bindings[name] = []
        return True

    def bind(self, queue: str, exchange: str, routing_key: str, arguments: Mapping[str, Any]) -> bool:
        """Bind *queue*; return False if this very binding was there already.

        Raises:
            LabError: when there is no such exchange, or it has headers and ``x-match`` is none of ``MATCHES``.
        """
        if exchange not in self._bindings:
            msg = f"NOT_FOUND - no exchange '{exchange}' in vhost '/'"
            raise LabError(msg, text("Declare the exchange first; kombu does so when a queue names it."))
        how = arguments.get("x-match", "all")
        if self._types[exchange] == "headers" and how not in MATCHES:
            msg = f"PRECONDITION_FAILED - Invalid x-match field value {how!r}"
            raise LabError(msg, text("It is one of {matches}.", matches=", ".join(MATCHES)))
        binding = Binding(queue, routing_key, arguments)
        bindings = self._bindings[exchange]
        if binding in bindings:
            return False
        bindings.append(binding)
        self._direct.clear()
        return True

    def unbind(self, queue: str) -> None:
        """Take away all bindings of *queue*."""
        for exchange, bindings in self._bindings.items():
            self._bindings[exchange] = [binding for binding in bindings if binding.queue != queue]
        self._direct.clear()

    def route(self, exchange: str, routing_key: str, headers: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of the queues, each once, in the order in which they were bound."""
        if exchange == DEFAULT:
            return (routing_key,)
        kind = self._types.get(exchange)
        if kind == "headers":
            return self._lookup(exchange, kind, routing_key, headers)
        known = self._direct.get((exchange, routing_key))
        if known is None:
            known = self._lookup(exchange, kind, routing_key, headers)
            if len(self._direct) < 10_000:  # a client that invents routing keys must not fill the memory
                self._direct[exchange, routing_key] = known
        return known

    def _lookup(self, exchange: str, kind: str | None, key: str, headers: Mapping[str, Any]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for binding in self._bindings.get(exchange, ()):
            if (
                (kind == "fanout")
                or (kind == "direct" and binding.routing_key == key)
                or (kind == "topic" and topic_matches(binding.routing_key, key))
                or (kind == "headers" and headers_match(binding.arguments, headers))
            ):
                found[binding.queue] = None
        return tuple(found)
