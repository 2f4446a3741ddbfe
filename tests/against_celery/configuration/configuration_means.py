"""What the scenarios are written with: the names of both sides, a list to stand on, and ways to show what was seen."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, NamedTuple


class Side(NamedTuple):
    """Celery's names or labq's: what a scenario may touch."""

    Celery: Any
    defaults: Any
    old_names: Any
    filter_hidden_settings: Any
    sanitize_url: Any


Scenario = Callable[[Side], Any]
SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    """Put *function* on the list; its name is the scenario's."""
    SCENARIOS[function.__name__] = function
    return function


def tried(action: Callable[[], Any]) -> Any:
    """Return what *action* returns, or the error it raises, as text."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - which one it is, is what the scenario asks
        return f"{type(error).__name__}: {error}"


def shown(value: Any) -> Any:
    """Return *value* as JSON can carry it; what JSON has no word for is shown by its repr."""
    if isinstance(value, dict):
        return {str(key): shown(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shown(entry) for entry in value]
    if value is None or isinstance(value, bool | str):
        return value
    return f"{type(value).__name__} {sorted(value) if isinstance(value, set) else value!r}"


def module(name: str, **attributes: Any) -> ModuleType:
    """Make a module that can be imported as *name*."""
    sys.modules[name] = made = ModuleType(name)
    vars(made).update(attributes)
    return made


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextlib.contextmanager
def folder_with(**texts: str) -> Iterator[None]:
    """Work in a folder with these modules."""
    with TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, text in texts.items():
            Path(f"{name}.py").write_text(text, encoding="utf-8")
        try:
            yield
        finally:
            for name in texts:
                sys.modules.pop(name, None)


def seen(engine: Side) -> dict[str, Any]:
    """Run every scenario on *engine*."""
    results = {}
    for name, function in SCENARIOS.items():
        modules = set(sys.modules)
        results[name] = shown(tried(lambda function=function: function(engine)))
        for planted in set(sys.modules) - modules:
            if planted.startswith("proj_"):
                del sys.modules[planted]
    return results


class Plain:
    """Settings as attributes of a class."""

    task_serializer = "yaml"
    own = 1


def app_of(engine: Side, **keywords: Any) -> Any:
    """Make an app that is nobody's current one."""
    return engine.Celery("proj", set_as_current=False, **keywords)
