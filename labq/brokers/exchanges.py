"""Exchanges: which queues does a routing key lead to? Pure matching, no messages.

The rules are AMQP 0-9-1's: *direct* compares, *topic* compares word by word (``*`` is one word, ``#`` any number of
them), *fanout* asks nothing, *headers* compares headers; the exchange without a name leads to the queue named like
the key.
Celery: ``kombu/transport/virtual/exchange.py``; on RabbitMQ the server does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from labq.brokers.refusals import CommandInvalid, PreconditionFailed, inequivalent, no_exchange
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


class Exchange(NamedTuple):
    """An exchange as it was declared.

    Attributes:
        kind: its type, one of ``TYPES``.
        durable: whether it survives a restart of the broker.
        auto_delete: whether it goes with its last binding.
        alternate: the exchange that gets what this one cannot route; None for nowhere.
    """

    kind: str
    durable: bool = True
    auto_delete: bool = False
    alternate: str | None = None


class Exchanges:
    """The exchanges of one broker with their bindings."""

    def __init__(self) -> None:
        self._declared = {name: Exchange(kind) for name, kind in PRESENT.items()}
        self._bindings: dict[str, list[Binding]] = {name: [] for name in PRESENT}
        self._links: dict[str, list[Binding]] = {}
        """Bindings that lead to another exchange; their ``queue`` is its name."""
        self._detours = False
        """Whether any message may pass through a second exchange."""
        self._direct: dict[tuple[str, str], tuple[str, ...]] = {}

    def __contains__(self, name: str) -> bool:
        """Tell whether an exchange of that *name* was declared."""
        return name in self._declared

    def declare(self, name: str, exchange: Exchange) -> bool:
        """Declare an exchange; return False if it was there already.

        Raises:
            CommandInvalid: for an unknown type.
            PreconditionFailed: when it exists and is not the same.
        """
        if exchange.kind not in TYPES:
            msg = f"COMMAND_INVALID - unknown exchange type '{exchange.kind}'"
            raise CommandInvalid(msg, text("The types are {types}.", types=", ".join(TYPES)), "Exchange.declare")
        present = self._declared.get(name)
        if present is not None:
            _check_same(name, exchange, present)
            return False
        self._declared[name] = exchange
        self._bindings[name] = []
        self._detours = self._detours or exchange.alternate is not None
        return True

    def delete(self, name: str) -> None:
        """Forget an exchange with everything that leads from it or to it."""
        del self._declared[name], self._bindings[name]
        self._links.pop(name, None)
        for source, links in self._links.items():
            self._links[source] = [link for link in links if link.queue != name]
        self._direct.clear()

    def is_used(self, name: str) -> bool:
        """Tell whether a binding leads from the exchange *name*."""
        return bool(self._bindings[name] or self._links.get(name))

    def bind(self, queue: str, exchange: str, routing_key: str, arguments: Mapping[str, Any]) -> bool:
        """Bind *queue*; return False if this very binding was there already.

        Raises:
            NotFound: when there is no such exchange.
            PreconditionFailed: when it has headers and ``x-match`` is none of ``MATCHES``.
        """
        if exchange not in self._bindings:
            raise no_exchange(exchange, "Queue.bind")
        how = arguments.get("x-match", "all")
        if self._declared[exchange].kind == "headers" and how not in MATCHES:
            msg = f"PRECONDITION_FAILED - Invalid x-match field value {how!r}"
            hint = text("It is one of {matches}.", matches=", ".join(MATCHES))
            raise PreconditionFailed(msg, hint, "Queue.bind")
        return self._add(self._bindings[exchange], Binding(queue, routing_key, arguments))

    def link(self, destination: str, source: str, routing_key: str, arguments: Mapping[str, Any]) -> bool:
        """Let *source* hand messages on to the exchange *destination*; return False if it did so already."""
        self._detours = True
        return self._add(self._links.setdefault(source, []), Binding(destination, routing_key, arguments))

    def _add(self, bindings: list[Binding], binding: Binding) -> bool:
        if binding in bindings:
            return False
        bindings.append(binding)
        self._direct.clear()
        return True

    def unbind(self, queue: str, only: tuple[str, str, Mapping[str, Any]] | None = None) -> list[str]:
        """Take away all bindings of *queue*, or *only* one (exchange, routing key, arguments).

        Returns: the exchanges that go with that, because they were declared to.
        """
        gone = None if only is None else Binding(queue, only[1], only[2])
        touched = []
        for exchange, bindings in self._bindings.items():
            if only is not None and exchange != only[0]:
                continue
            kept = [binding for binding in bindings if (binding != gone if gone else binding.queue != queue)]
            if len(kept) != len(bindings):
                self._bindings[exchange] = kept
                touched.append(exchange)
        self._direct.clear()
        return [name for name in touched if self._declared[name].auto_delete and not self.is_used(name)]

    def unlink(self, destination: str, source: str, routing_key: str, arguments: Mapping[str, Any]) -> None:
        """Take away one binding between two exchanges, if it is there."""
        gone = Binding(destination, routing_key, arguments)
        self._links[source] = [link for link in self._links.get(source, ()) if link != gone]
        self._direct.clear()

    def route(self, exchange: str, routing_key: str, headers: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of the queues, each once, in the order in which they were bound."""
        if exchange == DEFAULT:
            return (routing_key,)
        present = self._declared.get(exchange)
        if self._detours:
            found: dict[str, None] = {}
            self._spread(exchange, routing_key, headers, found, set())
            return tuple(found)
        kind = None if present is None else present.kind
        if kind == "headers":
            return self._lookup(exchange, kind, routing_key, headers)
        known = self._direct.get((exchange, routing_key))
        if known is None:
            known = self._lookup(exchange, kind, routing_key, headers)
            if len(self._direct) < 10_000:  # a client that invents routing keys must not fill the memory
                self._direct[exchange, routing_key] = known
        return known

    def _spread(self, name: str, key: str, headers: Mapping[str, Any], found: dict[str, None], seen: set[str]) -> None:
        """Collect what *name* and the exchanges behind it lead to; an exchange is asked once, however it is reached."""
        present = self._declared.get(name)
        if present is None or name in seen:
            return
        seen.add(name)
        queues = self._lookup(name, present.kind, key, headers)
        links = [link for link in self._links.get(name, ()) if _fits_binding(present.kind, link, key, headers)]
        found.update(dict.fromkeys(queues))
        for link in links:
            self._spread(link.queue, key, headers, found, seen)
        if present.alternate is not None and not queues and not links:
            self._spread(present.alternate, key, headers, found, seen)

    def _lookup(self, exchange: str, kind: str | None, key: str, headers: Mapping[str, Any]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for binding in self._bindings.get(exchange, ()):
            if _fits_binding(kind, binding, key, headers):
                found[binding.queue] = None
        return tuple(found)


def _fits_binding(kind: str | None, binding: Binding, key: str, headers: Mapping[str, Any]) -> bool:
    return (
        (kind == "fanout")
        or (kind == "direct" and binding.routing_key == key)
        or (kind == "topic" and topic_matches(binding.routing_key, key))
        or (kind == "headers" and headers_match(binding.arguments, headers))
    )


def _check_same(name: str, received: Exchange, current: Exchange) -> None:
    for argument, one, other in (
        ("type", received.kind, current.kind),
        ("durable", received.durable, current.durable),
        ("auto_delete", received.auto_delete, current.auto_delete),
        ("alternate-exchange", received.alternate, current.alternate),
    ):
        if one != other:
            raise inequivalent("exchange", name, argument, one, other)
