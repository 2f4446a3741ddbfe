"""The door to importing by name, from the working directory too.

Next door: ``labq.app.sources``, ``labq.app.names``.
Celery: ``celery/utils/imports.py``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module, reload
from importlib.metadata import entry_points
from typing import Any

from labq.app.names import callable_name, task_name
from labq.app.sources import NotAPackage, symbol_by_name, working_directory_on_path

__all__ = (
    "NotAPackage", "cwd_in_path", "find_module", "gen_task_name", "import_from_cwd", "instantiate",
    "load_extension_class_names", "load_extension_classes", "module_file", "qualname", "reload_from_cwd",
    "symbol_by_name",
)  # fmt: skip

cwd_in_path = working_directory_on_path


def qualname(obj: Any) -> str:
    """Return where a class or function, or the class of any other object, comes from: ``proj.tasks.Add``."""
    return callable_name(obj if hasattr(obj, "__name__") else type(obj))


def instantiate(name: Any, *args: Any, **kwargs: Any) -> Any:
    """Make an object of the class that *name* names."""
    return symbol_by_name(name)(*args, **kwargs)


def find_module(module: str, path: Any = None, imp: Callable[[str], Any] | None = None) -> Any:
    """Import *module*, from the working directory too.

    Raises:
        NotAPackage: when a part of the name before the last one is a plain module.
    """
    del path  # Celery takes it and leaves it out, too
    load = imp or import_module
    with cwd_in_path():
        try:
            return load(module)
        except ImportError:
            for package in _packages_above(module):
                try:
                    found = load(package)
                except ImportError:
                    break
                if not hasattr(found, "__path__"):
                    raise NotAPackage(package) from None
            raise


def _packages_above(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts)))


def import_from_cwd(module: str, imp: Callable[..., Any] | None = None, package: str | None = None) -> Any:
    """Import *module*, from the working directory first."""
    with cwd_in_path():
        return (imp or import_module)(module, package=package)


def reload_from_cwd(module: Any, reloader: Callable[[Any], Any] | None = None) -> Any:
    """Load a module anew, from the working directory first."""
    with cwd_in_path():
        return (reloader or reload)(module)


def module_file(module: Any) -> str:
    """Return the source file of a module."""
    name: str = module.__file__
    return name[:-1] if name.endswith(".pyc") else name


def gen_task_name(app: Any, name: str, module_name: str | None) -> str:
    """Return the name that *app* gives to a function called *name* in a module."""
    return task_name(app.main, name, module_name)


@cache
def load_extension_class_names(namespace: str) -> tuple[tuple[str, str], ...]:
    """Return the entry points of installed projects in *namespace*: their names and what they name."""
    return tuple((point.name, point.value) for point in entry_points(group=namespace))


def load_extension_classes(namespace: str) -> Iterator[tuple[str, Any]]:
    """Yield the classes that installed projects offer in *namespace*; one that cannot be loaded is a warning."""
    for name, class_name in load_extension_class_names(namespace):
        try:
            cls = symbol_by_name(class_name)
        except (ImportError, SyntaxError) as exc:
            warnings.warn(f"Cannot load {namespace} extension {class_name!r}: {exc!r}", stacklevel=2)
        else:
            yield name, cls
