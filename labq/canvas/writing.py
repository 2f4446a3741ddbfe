"""How a call is written for people: ``proj.add(2, y=2)``.

Comes in: a task's name and arguments. Goes out: text.
Next door: every signature's ``repr`` begins here; ``labq.prose`` takes repeated modules out of longer ones.
Celery: ``reprcall`` in ``kombu/utils/functional.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from labq.pickleable import safe_repr


def reprcall(name: Any, args: Iterable[Any] = (), kwargs: Mapping[str, Any] | None = None, sep: str = ", ") -> str:
    """Return a call as it would be typed.

    >>> reprcall("proj.add", (2,), {"y": 2})
    'proj.add(2, y=2)'
    """
    words = [*(safe_repr(value) for value in args or ())]
    words += [f"{key}={safe_repr(value)}" for key, value in (kwargs or {}).items()]
    return f"{name}({sep.join(words)})"
