"""What may be one or many: an option that is a signature, a list of them, or nothing.

Comes in: such an option. Goes out: something to go through.
Celery: ``maybe_list(...) or []``, all over ``celery/canvas.py``.
"""

from __future__ import annotations

from typing import Any

from labq.sequences import maybe_list


def listed(value: Any) -> Any:
    """Return *value* as something to go through: itself if it is many, a list of it if it is one, nothing for None."""
    return [] if value is None else maybe_list(value)
