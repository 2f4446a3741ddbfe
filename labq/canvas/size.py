"""The size of a chord: for how many results its body waits.

Comes in: a signature, or the dictionary of one. Goes out: a number.
Next door: ``groups`` tells the backend before the last member is sent.
Celery: ``_chord._descend`` in ``celery/canvas.py``.
"""

from __future__ import annotations

from typing import Any

from labq.canvas.kinds import is_chain, is_chord, is_group
from labq.canvas.signature import Signature


def size_of(call: Any) -> int:
    """Return how many results tell a chord that *call*, one of its header's tasks, has ended.

    A task is one; a group as many as its members; a chain as many as its last step that is not empty; a chord as
    many as its body. Any other sequence counts its entries.
    """
    if isinstance(call, dict) and not isinstance(call, Signature):
        call = Signature.from_dict(call)
    if is_group(call):
        return sum(size_of(task) for task in getattr(call.tasks, "tasks", call.tasks))
    if is_chain(call):
        return next((size for task in reversed(call.tasks) if (size := size_of(task)) > 0), 0)
    if is_chord(call):
        return size_of(call.body)
    return 1 if isinstance(call, Signature) else len(call)
