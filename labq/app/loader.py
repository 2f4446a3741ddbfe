"""Loaders: what is imported for an app, and where its configuration is read when nobody gave one.

Comes in: an app. Goes out: modules with tasks in them.
Next door: ``labq.app.discovery`` imports by packages, ``labq.app.sources`` reads, ``labq.app.configuration`` keeps.
Celery: ``celery/loaders/``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from labq import signals
from labq.app.discovery import import_all_related, import_related
from labq.app.sources import (
    SOURCE_VARIABLE,
    as_mapping,
    load_settings_module,
    load_source,
    parse_command_line,
    read_environment,
    symbol_by_name,
    working_directory_on_path,
)
from labq.sequences import maybe_list

__all__ = ("AppLoader", "BaseLoader", "Loader", "autodiscover_tasks", "find_related_module", "get_loader_cls")

DEFAULT_CONFIG_MODULE = "celeryconfig"
NOT_READ = object()

find_related_module = import_related
autodiscover_tasks = import_all_related


class BaseLoader:
    """Imports what an app needs; a subclass is told what happens in a worker.

    Arguments:
        app: the app.
    """

    builtin_modules: frozenset[str] = frozenset()
    configured = False
    override_backends: Any = {}  # noqa: RUF012 - Celery's attribute; replaced, never changed
    worker_initialized = False

    def __init__(self, app: Any, **kwargs: Any) -> None:
        del kwargs
        self.app = app
        self.task_modules: set[str] = set()
        self._conf: Any = NOT_READ

    # -- for overriding ------------------------------------------------------------------------------------------
    def on_task_init(self, task_id: str, task: Any) -> None:
        """Be told that a task is about to run."""

    def on_process_cleanup(self) -> None:
        """Be told that a task has run."""

    def on_worker_init(self) -> None:
        """Be told that a worker starts."""

    def on_worker_shutdown(self) -> None:
        """Be told that a worker shuts down."""

    def on_worker_process_init(self) -> None:
        """Be told that a child starts."""

    # -- in a worker ---------------------------------------------------------------------------------------------
    def init_worker(self) -> None:
        """Import the app's modules, once, because a worker starts."""
        if not self.worker_initialized:
            self.worker_initialized = True
            self.import_default_modules()
            self.on_worker_init()

    def shutdown_worker(self) -> None:
        """Tell the loader that a worker shuts down."""
        self.on_worker_shutdown()

    def init_worker_process(self) -> None:
        """Tell the loader that a child starts."""
        self.on_worker_process_init()

    # -- importing -----------------------------------------------------------------------------------------------
    def import_task_module(self, module: str) -> Any:
        """Import a module with tasks, and note that."""
        self.task_modules.add(module)
        return self.import_from_cwd(module)

    def import_module(self, module: str, package: str | None = None) -> Any:
        """Import a module; for overriding."""
        return import_module(module, package=package)

    def import_from_cwd(self, module: str, imp: Callable[..., Any] | None = None, package: str | None = None) -> Any:
        """Import a module, from the working directory first."""
        with working_directory_on_path():
            return (imp or self.import_module)(module, package=package)

    def import_default_modules(self) -> list[Any]:
        """Import what the settings ``imports`` and ``include`` name, after everybody who waits for this moment.

        Raises: what a receiver of the signal ``import_modules`` raised, such as a module that is not there.
        """
        for _, answer in signals.import_modules.send(sender=self.app):
            if isinstance(answer, Exception):
                raise answer
        return [self.import_task_module(module) for module in self.default_modules]

    @property
    def default_modules(self) -> tuple[str, ...]:
        """The modules that a worker of the app imports."""
        conf = self.app.conf
        return (*self.builtin_modules, *(maybe_list(conf.imports) or ()), *(maybe_list(conf.include) or ()))

    def autodiscover_tasks(self, packages: Iterable[str] | None, related_name: str | None = "tasks") -> None:
        """Import the module called *related_name* of each package."""
        self.task_modules.update(module.__name__ for module in autodiscover_tasks(packages or (), related_name))

    def find_module(self, module: str) -> Any:
        """Import *module*, from the working directory too."""
        return load_settings_module(module)

    # -- configuration -------------------------------------------------------------------------------------------
    @property
    def conf(self) -> Any:
        """What was read: the app's own source, or what the environment names."""
        if self._conf is NOT_READ:
            self._conf = self.read_configuration()
        return self._conf

    def config_from_object(self, obj: Any, silent: bool = False) -> bool:
        """Read *obj*, or what it names; return False if that cannot be imported and *silent* passes over it."""
        if isinstance(obj, str):
            try:
                obj = load_source(obj)
            except (ImportError, AttributeError):
                if silent:
                    return False
                raise
        self._conf = as_mapping(obj)
        overridden = self._conf.get("override_backends")
        if overridden is not None:
            self.override_backends = overridden
        return True

    def read_configuration(self, env: str = SOURCE_VARIABLE) -> Mapping[str, Any] | None:
        """Read the module that the variable *env* names, if it names one."""
        name = os.environ.get(env)
        return as_mapping(load_settings_module(name)) if name else None

    def cmdline_config_parser(self, args: Sequence[str], namespace: str = "celery", **_: Any) -> dict[str, Any]:
        """Return the settings that the words of a command line say."""
        return parse_command_line(args, namespace)

    def now(self, utc: bool = True) -> datetime:
        """Return the virtual present: aware and in UTC, or without a zone."""
        now: datetime = self.app.now()
        return now.astimezone(UTC) if utc else now.replace(tzinfo=None)


class AppLoader(BaseLoader):
    """The loader of an app that somebody made."""


class Loader(BaseLoader):
    """The loader of the app that stands in when nobody made one: it reads ``celeryconfig``."""

    def setup_settings(self, settingsdict: Any) -> Any:
        """Return settings as a mapping."""
        return as_mapping(settingsdict)

    def read_configuration(self, fail_silently: Any = True) -> Mapping[str, Any] | None:
        """Read the module that the environment names, else ``celeryconfig``; a missing one may be passed over."""
        if fail_silently:
            return read_environment(DEFAULT_CONFIG_MODULE)
        return as_mapping(load_settings_module(os.environ.get(SOURCE_VARIABLE, DEFAULT_CONFIG_MODULE)))


LOADER_ALIASES: dict[str, Any] = {"app": AppLoader, "default": Loader}


def get_loader_cls(loader: Any) -> Any:
    """Return a class of loaders by its short name, its full name, or itself."""
    if isinstance(loader, str) and loader in LOADER_ALIASES:
        return LOADER_ALIASES[loader]
    with working_directory_on_path():
        return symbol_by_name(loader)
