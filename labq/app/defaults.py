"""Look-ups in the table of settings: by full name, by the name it had before Celery 4, by half a name.

In: ``NAMESPACES``. Out: the table flat, by new names (``DEFAULTS``) and by old ones (``OLD_DEFAULTS``); two
dictionaries from one spelling to the other; ``find``, which answers "which setting is this?".
Next door: ``namespaces`` is the table; ``settings`` looks values up under both names, ``spelling`` decides which names
a project speaks.
Celery: ``celery/app/defaults.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from labq.app.namespaces import NAMESPACES
from labq.app.option import Namespace, Option, strtobool

__all__ = (
    "DEFAULTS", "NAMESPACES", "OLD_DEFAULTS", "OPTIONS", "TO_NEW_NAME", "TO_OLD_NAME",
    "Option", "find", "flatten", "searchresult", "strtobool",
)  # fmt: skip


class searchresult(NamedTuple):  # noqa: N801 - its repr shows the name, so the name is Celery's
    """Where a setting lives: ``NAMESPACES[namespace][key]``, or ``NAMESPACES[key]`` when the namespace is None."""

    namespace: str | None
    key: str
    type: Any


def flatten(namespaces: Mapping[str, Option | Namespace], root: str = "") -> Iterator[tuple[str, Option]]:
    """Yield each setting of *namespaces* by its full name: first those without a namespace, then family by family.

    Arguments:
        namespaces: a table shaped as ``NAMESPACES``.
        root: put in front of each name.
    """
    families: list[tuple[str, Namespace]] = []
    for key, entry in namespaces.items():
        if isinstance(entry, Option):
            yield root + key, entry
        else:
            families.append((f"{root}{key}_", entry))
    for prefix, options in families:
        yield from flatten(options, prefix)


OPTIONS: dict[str, Option] = dict(flatten(NAMESPACES))
TO_OLD_NAME: dict[str, str] = {name: (option.old or name).upper() for name, option in OPTIONS.items()}
TO_NEW_NAME: dict[str, str] = {old_name: name for name, old_name in TO_OLD_NAME.items()}

DEFAULTS: dict[str, Any] = {name: option.default for name, option in OPTIONS.items()}
OLD_DEFAULTS: dict[str, Any] = {TO_OLD_NAME[name]: default for name, default in DEFAULTS.items()}


@cache
def find(name: str, namespace: str = "celery") -> searchresult:
    """Find a setting by its whole name or by its name within a namespace.

    Arguments:
        name: ``"task_always_eager"`` or ``"always_eager"``, in any case.
        namespace: where to look first.

    Raises KeyError if no setting is called so.
    """
    key, first = name.lower(), namespace.lower()
    preferred = NAMESPACES.get(first)
    if isinstance(preferred, dict) and key in preferred:
        return searchresult(first, key, preferred[key])
    for family, entry in NAMESPACES.items():
        if family == key:
            return searchresult(None, family, entry)
        if isinstance(entry, dict) and key in entry:
            return searchresult(family, key, entry[key])
    return searchresult(None, key, OPTIONS[key])
