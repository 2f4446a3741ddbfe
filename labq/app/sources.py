"""Where a configuration can come from: a name to import, any object, an environment variable, a command line.

In: what the user names. Out: a mapping from setting to value.
Next door: ``configuration`` asks for these and lays the layers.
Celery: ``celery/loaders/base.py``, ``celery/loaders/default.py``, ``celery/utils/imports.py``; kombu:
``kombu/utils/imports.py``.
"""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from labq.app.defaults import NAMESPACES
from labq.app.option import Option, strtobool
from labq.exceptions import NotConfigured

SOURCE_VARIABLE = "CELERY_CONFIG_MODULE"
"""The environment variable that names a configuration module when the app was given none."""

NO_SUCH_MODULE = "Error: Module '{module}' doesn't exist, or it's not a valid Python module name.\n"
DID_YOU_MEAN = NO_SUCH_MODULE + "Did you mean '{suggest}'?\n"

CAST = re.compile(r"\((\w+)\)")
JSON_TYPES = frozenset({"tuple", "list", "dict", "json"})


class NotAPackage(Exception):
    """A dotted name goes through a module that has no modules in it."""


class Attributes(Mapping[str, Any]):
    """Any object read as a mapping: ``mapping["x"]`` is ``object.x``, now and not as it was.

    Arguments:
        obj: a module, a class, an instance.
    """

    __slots__ = ("obj",)

    def __init__(self, obj: object) -> None:
        self.obj = obj

    def __getitem__(self, key: str) -> Any:
        try:
            return getattr(self.obj, key)
        except AttributeError:
            raise KeyError(key) from None

    def get(self, key: str, default: Any = None) -> Any:
        """Return the attribute *key*, or *default*."""
        return getattr(self.obj, key, default)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and hasattr(self.obj, key)

    def __iter__(self) -> Iterator[str]:
        return iter(dir(self.obj))

    def __len__(self) -> int:
        return len(dir(self.obj))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.obj!r}>"


def as_mapping(obj: Any) -> Mapping[str, Any]:
    """Return *obj* itself if it is a mapping, else its attributes as one."""
    return obj if isinstance(obj, Mapping) else Attributes(obj)


# -- by name ----------------------------------------------------------------------------------------------------------


@contextmanager
def working_directory_on_path() -> Iterator[None]:
    """Let modules of the working directory be imported, before all others."""
    try:
        here = os.getcwd()  # noqa: PTH109 - sys.path holds text
    except FileNotFoundError:  # somebody removed it
        here = ""
    if not here or here in sys.path:
        yield
        return
    sys.path.insert(0, here)
    try:
        yield
    finally:
        if here in sys.path:
            sys.path.remove(here)


def import_from_cwd(module: str) -> Any:
    """Import *module*, which may lie in the working directory."""
    with working_directory_on_path():
        return import_module(module)


def symbol_by_name(name: Any, load: Callable[[str], Any] = import_module) -> Any:
    """Return what *name* names: ``"module:Symbol"``, ``"module.Symbol"`` or, without either sign, the module itself.

    Arguments:
        name: the name; anything but text is returned as it is.
        load: imports a module.

    Raises ImportError or AttributeError when there is no such thing, ValueError for what can be no module's name.
    Source: ``kombu.utils.imports.symbol_by_name``.
    """
    if not isinstance(name, str):
        return name
    module_name, _, symbol = name.rpartition(":" if ":" in name else ".")
    if not module_name:
        module_name, symbol = symbol, ""
    try:
        module = load(module_name)
    except ValueError as error:
        raise ValueError(f"Couldn't import {name!r}: {error}") from error
    return getattr(module, symbol) if symbol else module


def load_source(path: str) -> Any:
    """Return the object that ``config_from_object(path)`` means: a module, or something in one.

    Without a colon nobody can say which: the module is tried first, then the last part as its attribute.
    Source: ``celery.loaders.base.BaseLoader._smart_import``.
    """
    if ":" not in path:
        try:
            return import_from_cwd(path)
        except ImportError:
            pass
    return symbol_by_name(path, load=import_from_cwd)


def load_settings_module(name: str) -> Any:
    """Import the module *name* that the environment named.

    Raises NotAPackage, with a suggestion where ``.py`` was written, when a part of the dotted name is no package;
    ImportError when there is no such module.
    """
    try:
        return import_from_cwd(name)
    except ImportError as error:
        if not _goes_through_a_plain_module(name):
            raise
        if name.endswith(".py"):
            raise NotAPackage(DID_YOU_MEAN.format(module=name, suggest=name.removesuffix(".py"))) from error
        raise NotAPackage(NO_SUCH_MODULE.format(module=name)) from error


def _goes_through_a_plain_module(name: str) -> bool:
    parts = name.split(".")
    for count in range(1, len(parts)):
        try:
            module = import_from_cwd(".".join(parts[:count]))
        except ImportError:
            return False
        if not hasattr(module, "__path__"):
            return True
    return False


def read_environment(default_module: str | None = None) -> Mapping[str, Any] | None:
    """Read the module that the environment names, for an app that nobody gave a configuration.

    Arguments:
        default_module: read where the environment names none; it need not exist. The default app has ``celeryconfig``,
            an app that the user made has none.

    Returns None when no module is named.
    Source: ``celery.loaders.base.BaseLoader.read_configuration`` and the default loader's.
    """
    name = os.environ.get(SOURCE_VARIABLE, default_module)
    if default_module is None:
        return Attributes(load_settings_module(name)) if name else None
    try:
        return Attributes(load_settings_module(name or ""))
    except ImportError:
        if strtobool(os.environ.get("C_WNOCONF", "0")):
            sentence = f"No {name} module found! Please make sure it exists and is available to Python."
            warnings.warn(NotConfigured(sentence), stacklevel=2)
        return {}


# -- a command line ---------------------------------------------------------------------------------------------------


def parse_command_line(argv: Sequence[str], namespace: str | None = "celery") -> dict[str, Any]:
    """Read settings from the words after ``--``: ``worker.prefetch_multiplier=1``, ``broker_url=memory://``.

    Arguments:
        argv: one ``namespace.key=value`` each; ``(json)[1, 2]`` says the type of a value aloud.
        namespace: what a name that begins with a dot belongs to.

    Raises ValueError for a word without ``=`` or a value that is not of the setting's type, KeyError for an unknown
    setting or type.
    Source: ``celery.loaders.base.BaseLoader.cmdline_config_parser``.
    """
    return dict(_parse_word(word, (namespace or "").lower()) for word in argv)


def _parse_word(word: str, namespace: str) -> tuple[str, Any]:
    key, text = word.split("=", 1)
    key = key.lower().replace(".", "_")
    if key[0] == "_":
        family, key = namespace, key[1:]
    else:
        family, key = key.split("_", 1)
    name = f"{family}_{key}" if family else key

    cast = CAST.match(text)
    if cast:
        type_name, text = cast[1], text[cast.end() :]
        convert = json.loads if type_name in JSON_TYPES else Option.typemap[type_name]
        return name, convert(text)
    options: Any = NAMESPACES[family]
    try:
        return name, options[key].to_python(text)
    except ValueError as error:
        raise ValueError(f"{name!r}: {error}") from error
