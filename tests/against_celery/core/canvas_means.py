"""What the canvas' scenarios are written with: two tasks, ids by the order of their appearance, results as trees."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from core_means import ID, Side, shown


def canvas(e: Side) -> Any:
    """Return the module ``canvas`` of either side."""
    return import_module(f"{e.root.__name__}.canvas")


def tasks(e: Side, **settings: Any) -> tuple[Any, Any, Any]:
    """Return an app with the tasks ``proj.add`` and ``proj.tsum``."""
    app = e.app(**settings)

    def add(x: Any, y: Any) -> Any:
        return x + y

    def tsum(numbers: Any) -> Any:
        return sum(numbers)

    return app, app.task(name="proj.add", shared=False)(add), app.task(name="proj.tsum", shared=False)(tsum)


class Names:
    """Gives every id a name by the order in which it comes, so that one can see which are the same."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def name(self, text: str) -> str:
        """Return *text* with names for ids."""
        return re.sub(ID, lambda found: self.known.setdefault(found[0], f"id{len(self.known) + 1}"), text)

    def __call__(self, value: Any) -> Any:
        """Return *value* as JSON can carry it, with names for ids."""
        if isinstance(value, dict):
            return {str(key): self(value[key]) for key in sorted(value)}
        if isinstance(value, list | tuple):
            return [self(entry) for entry in value]
        return self.name(value) if isinstance(value, str) else shown(value)


def tree(result: Any, names: Names) -> Any:
    """Return a result with its members and its parents."""
    if result is None:
        return None
    members = getattr(result, "results", None)
    inside = None if members is None else [tree(member, names) for member in members]
    return [type(result).__name__, names(result.id), inside, tree(result.parent, names)]
