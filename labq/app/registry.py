"""The registry: an app's tasks by name.

Celery: ``celery/app/registry.py``.
"""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

from labq import _state
from labq.app.retries import add_autoretry
from labq.exceptions import InvalidTaskError, NotRegistered


class TaskRegistry(dict[str, Any]):
    """Tasks by name; a name that is missing raises NotRegistered, which is a KeyError too."""

    NotRegistered = NotRegistered

    def __missing__(self, key: str) -> Any:
        """Raise NotRegistered for an unknown name."""
        raise self.NotRegistered(key)

    def register(self, task: Any) -> None:
        """Add *task* (a class is made an instance first) under its name.

        Raises:
            InvalidTaskError: when it has no name.
        """
        if task.name is None:
            msg = f"Task class {type(task).__name__!r} must specify .name attribute"
            raise InvalidTaskError(msg)
        task = task() if inspect.isclass(task) else task
        add_autoretry(task, {})
        self[task.name] = task

    def unregister(self, name: Any) -> None:
        """Take a task (or the task of a name) out.

        Raises:
            NotRegistered: when it is not there.
        """
        try:
            self.pop(getattr(name, "name", name))
        except KeyError:
            raise self.NotRegistered(name) from None

    def regular(self) -> dict[str, Any]:
        """Return the tasks that are not periodic."""
        return self.filter_types("regular")

    def periodic(self) -> dict[str, Any]:
        """Return the tasks of Celery 3's periodic kind."""
        return self.filter_types("periodic")

    def filter_types(self, kind: str) -> dict[str, Any]:
        """Return the tasks whose ``type`` is *kind*."""
        return {name: task for name, task in self.items() if getattr(task, "type", "regular") == kind}


def known_task(registry: Any, name: str) -> Any:
    """Return the task called *name*, or None; a registry of the user's own may have no ``get``."""
    try:
        return registry[name]
    except KeyError:
        return None


def _unpickle_task_v2(name: str, module: str | None = None) -> Any:
    """Return the current app's task called *name*, once *module*, where it is defined, is imported."""
    if module:
        import_module(module)
    return _state.get_current_app().tasks[name]


_unpickle_task = _unpickle_task_v2  # the name in pickles of older clients
