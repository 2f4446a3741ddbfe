"""Discovery: importing the modules in which other packages define tasks.

Celery: ``autodiscover_tasks`` in ``celery/app/base.py`` and ``find_related_module`` in ``celery/loaders/base.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType


def import_all_related(packages: Iterable[str], related: str | None = "tasks") -> list[ModuleType]:
    """Import what ``import_related`` imports, for each of *packages*, and return what there was."""
    return [module for package in packages if (module := import_related(package, related)) is not None]


def import_related(package: str, related: str | None) -> ModuleType | None:
    """Import the module called *related* of *package* and return it; a package without such a module gives None.

    What is no package may be a class in one, as in Django's ``INSTALLED_APPS``: then the package above it is meant.

    Raises:
        ModuleNotFoundError: when there is no such package, or when its module misses another one.
    """
    try:
        found = import_module(package)
    except ModuleNotFoundError:
        package = package.rpartition(".")[0]
        if not package:
            raise
    else:
        if not related:
            return found
    name = f"{package}.{related}"
    try:
        return import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name != name:
            raise
        sys.modules.pop(name, None)
        return None
