"""A key of a signature as an attribute: ``sig.args`` is ``sig["args"]``, ``sig.id`` is ``sig["options"]["task_id"]``.

A signature is a dictionary so that it travels as plain JSON; people read and write it by attributes.
Next door: ``signature``, ``chains``, ``groups`` and ``chords`` say which keys they have.
Celery: ``getitem_property`` in ``celery/utils/objects.py``.
"""

from __future__ import annotations

from typing import Any


class Key:
    """An attribute that stands for a key.

    Arguments:
        name: the key.
        inside: the key of the dictionary in which it lies; None for the signature itself.
    """

    def __init__(self, name: str, inside: str | None = None) -> None:
        self._name = name
        self._inside = inside

    def _place(self, owner: Any) -> Any:
        return owner if self._inside is None else owner[self._inside]

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        """Return the value, None when the key is missing; on the class the class itself, as in Celery."""
        return kind if owner is None else self._place(owner).get(self._name)

    def __set__(self, owner: Any, value: Any) -> None:
        self._place(owner)[self._name] = value
