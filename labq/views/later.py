"""The two modules of this room that are loaded only when somebody asks for what they draw.

Comes in: a name. Goes out: the module. ``plot`` loads matplotlib and ``widget`` loads ipywidgets; each costs more than
all of labq, and neither has to be installed.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

LATER = ("plot", "widget")
"""What is loaded later."""


def later(name: str) -> ModuleType:
    """Return the module *name* of this room, loaded now if it was not before.

    Raises:
        ImportError: when the library that it needs is not installed.
    """
    return import_module(f"labq.views.{name}")
