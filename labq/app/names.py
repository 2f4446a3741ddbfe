"""Names of tasks: from the module and the function, with the app's main name for what ``__main__`` defines.

Celery: ``gen_task_name`` in ``celery/utils/imports.py``; its user guide, "Tasks: Names".
"""

from __future__ import annotations

import sys
from typing import Any


def task_name(main: str | None, name: str, module: str | None) -> str:
    """Return the name under which a function is registered.

    Arguments:
        main: the app's main name, as in ``Celery("proj")``.
        name: the function's name.
        module: the name of the module that defines it.

    >>> task_name("proj", "add", "__main__"), task_name("proj", "add", "proj.tasks"), task_name(None, "add", "__main__")
    ('proj.add', 'proj.tasks.add', '__main__.add')
    """
    module = module or "__main__"
    loaded = sys.modules.get(module)
    full = loaded.__name__ if loaded is not None else module
    if full == "__main__" and main:
        full = main
    return ".".join(part for part in (full, name) if part)


def callable_name(fun: Any) -> str:
    """Return where *fun* comes from: ``proj.tasks.add``; what is defined inside something else says only in what."""
    name = getattr(fun, "__qualname__", None) or type(fun).__qualname__
    return name if "." in name else f"{fun.__module__}.{name}"
