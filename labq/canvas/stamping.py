"""Stamps: marks that a call carries from the canvas into its message, and the visitor that hands them out.

Comes in: a signature and what to stamp it with. Goes out: options, with their names in ``stamped_headers``.
Next door: each kind of signature lets the visitor in through its ``stamp``; workers revoke by stamps.
Celery: ``StampingVisitor`` in ``celery/canvas.py``; its user guide, "Canvas: Stamping".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from labq.canvas.entries import listed
from labq.canvas.kinds import is_group, make_group

if TYPE_CHECKING:
    from labq.canvas.signature import Signature

Stamps = dict[str, Any]


class StampingVisitor(ABC):
    """Says which stamps each part of a canvas gets; a part that has no method of its own gets none.

    Each method is given the part and the stamps that are being handed down, and returns stamps to add. The names of
    those that shall travel are taken from the key ``stamped_headers``; without it, all travel.
    """

    @abstractmethod
    def on_signature(self, sig: Any, **headers: Any) -> Any:
        """Return the stamps of a call."""

    def on_group_start(self, group: Any, **headers: Any) -> Any:  # noqa: ARG002 - for overriding
        """Return the stamps that all members of a group get."""
        return {}

    def on_group_end(self, group: Any, **headers: Any) -> None:  # noqa: B027 - for overriding
        """Be told that all members of a group have their stamps."""

    def on_chain_start(self, chain: Any, **headers: Any) -> Any:  # noqa: ARG002 - for overriding
        """Return the stamps that all steps of a chain get."""
        return {}

    def on_chain_end(self, chain: Any, **headers: Any) -> None:  # noqa: B027 - for overriding
        """Be told that all steps of a chain have their stamps."""

    def on_chord_header_start(self, sig: Any, **header: Any) -> Any:
        """Return the stamps that all tasks of a chord's header get: as if the header were a group, which it becomes."""
        if not is_group(sig.tasks):
            sig.tasks = make_group(sig.tasks)
        return self.on_group_start(sig.tasks, **header)

    def on_chord_header_end(self, sig: Any, **header: Any) -> None:
        """Be told that all tasks of a chord's header have their stamps."""
        self.on_group_end(sig.tasks, **header)

    def on_chord_body(self, sig: Any, **header: Any) -> Any:  # noqa: ARG002 - for overriding
        """Return the stamps of a chord's body."""
        return {}

    def on_callback(self, callback: Any, **header: Any) -> Any:  # noqa: ARG002 - for overriding
        """Return the stamps of what is called after success."""
        return {}

    def on_errback(self, errback: Any, **header: Any) -> Any:  # noqa: ARG002 - for overriding
        """Return the stamps of what is called after a failure."""
        return {}


def merge(into: Stamps, others: Mapping[str, Any] | None, aggregate_duplicates: bool = True) -> None:
    """Add *others* to *into*, dictionaries within dictionaries too.

    Arguments:
        into: the stamps that stay.
        others: the stamps that come.
        aggregate_duplicates: whether a name that both have gets a list of both values; else the one that is there
            stays. Two lists become one in either case.

    >>> stamps = {"a": 1, "b": [1], "c": {"d": 1}}
    >>> merge(stamps, {"a": 2, "b": [2], "c": {"e": 2}})
    >>> stamps
    {'a': [1, 2], 'b': [1, 2], 'c': {'d': 1, 'e': 2}}
    """
    for name, other in (others or {}).items():
        if name not in into:
            into[name] = other
        elif isinstance(into[name], dict):
            merge(into[name], other, aggregate_duplicates)
        else:
            into[name] = _together(into[name], other, aggregate_duplicates)


def _together(value: Any, other: Any, aggregate: bool) -> Any:
    if aggregate and isinstance(value, int | float | str):
        value = [value]
    if isinstance(value, list) and isinstance(other, list):
        value.extend(other)
        return value
    if not aggregate:
        return value
    return [*(() if value is None else value), other]


def _once(names: Iterable[str]) -> list[str]:
    """Return *names*, each once, in the order of their first mention."""
    return list(dict.fromkeys(names))


def collected(sig: Signature, visitors: Stamps | None, append: bool, given: Stamps, *, own: bool = True) -> Stamps:
    """Return all stamps for *sig*, with their names under ``stamped_headers``.

    Arguments:
        sig: the call that is stamped.
        visitors: what a visitor's method returned; None without a visitor.
        append: whether values under one name are collected in a list; else the one that was there first stays.
        given: the stamps handed down.
        own: whether the stamps that *sig* has already count too.
    """
    stamps = dict(given)
    stamps.setdefault("stamped_headers", list(given))
    if visitors is not None:
        if "stamped_headers" not in visitors:
            visitors["stamped_headers"] = list(visitors)
        merge(stamps, visitors, append)
        stamps["stamped_headers"] = _once(stamps["stamped_headers"])
    if own:
        names = _once([*stamps["stamped_headers"], *sig.options.get("stamped_headers", ())])
        stamps["stamped_headers"] = list(names)
        merge(stamps, {name: value for name, value in sig.options.items() if name in names}, append)
        stamps["stamped_headers"] = _once(stamps["stamped_headers"])
    return stamps


def stamp_links(
    sig: Signature, visitor: StampingVisitor | None, append: bool, given: Stamps, as_call: Callable[[Any], Any]
) -> None:
    """Stamp what is called after *sig*: its callbacks and its errbacks, which do not get the stamps of *sig* itself.

    Arguments:
        as_call: makes a signature of one that is written as a dictionary.
    """
    for option, ask in (("link", "on_callback"), ("link_error", "on_errback")):
        stamps = deepcopy(given)
        for link in listed(sig.options.get(option)):
            call = as_call(link)
            told = None if visitor is None else getattr(visitor, ask)(call, **stamps) or {}
            stamps = collected(sig, told, append, stamps, own=False)
            call.stamp(visitor, append, **stamps)
