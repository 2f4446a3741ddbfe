"""Discovery: importing the modules in which other packages define tasks.

Celery: ``autodiscover_tasks`` in ``celery/app/base.py`` and ``find_related_module`` in ``celery/loaders/base.py``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any


def import_all_related(packages: Any, related: str | None) -> None:
    """Import what ``import_related`` imports, for each of *packages*: a list, or a function that gives one."""
    for package in (packages() if callable(packages) else packages) or ():
        import_related(package, related)


def import_related(package: str, related: str | None) -> None:
    """Import *package* and its module called *related*; a package without such a module is fine.

    Raises:
        ModuleNotFoundError: when there is no such package, or when its module misses another one.
    """
    import_module(package)
    if related is None:
        return
    name = f"{package}.{related}"
    try:
        import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name != name:
            raise
        sys.modules.pop(name, None)
