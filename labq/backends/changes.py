"""What a backend does to a store besides writing results: groups are kept, the ended parts of a chord are counted.

Each change is a value that says what to do, so that the lab can write it down and do it again after a rewind.
Next door: ``keyvalue`` makes them, ``labq.lab.journal`` carries them, ``store`` does what they say.
Celery: the keys ``celery-taskset-meta-<id>`` and ``chord-unlock-<id>`` of ``celery/backends/base.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class CountingStore(Protocol):
    """A store that can keep groups and count."""

    def save_group(self, group_id: str, payload: bytes) -> None:
        """Write down which results a group has."""

    def drop_group(self, group_id: str) -> None:
        """Forget a group."""

    def open_count(self, group_id: str) -> None:
        """Begin to count the parts of a chord."""

    def count_part(self, group_id: str, task_id: str | None, size: int) -> int:
        """Count one more part and return how many have ended now."""

    def set_size(self, group_id: str, size: int) -> None:
        """Note for how many parts a chord waits."""

    def drop_count(self, group_id: str) -> None:
        """Forget a chord's counter."""


@dataclass(frozen=True, slots=True)
class SaveGroup:
    """A group is written down."""

    group_id: str
    payload: bytes

    def apply(self, store: CountingStore) -> None:
        """Do it."""
        store.save_group(self.group_id, self.payload)


@dataclass(frozen=True, slots=True)
class DropGroup:
    """A group is forgotten."""

    group_id: str

    def apply(self, store: CountingStore) -> None:
        """Do it."""
        store.drop_group(self.group_id)


@dataclass(frozen=True, slots=True)
class OpenCount:
    """A chord's parts are about to be counted."""

    group_id: str

    def apply(self, store: CountingStore) -> None:
        """Do it."""
        store.open_count(self.group_id)


@dataclass(frozen=True, slots=True)
class CountPart:
    """A part of a chord has ended."""

    group_id: str
    task_id: str | None
    size: int

    def apply(self, store: CountingStore) -> int:
        """Do it, and return how many parts have ended."""
        return store.count_part(self.group_id, self.task_id, self.size)


@dataclass(frozen=True, slots=True)
class SetSize:
    """It is known for how many parts a chord waits."""

    group_id: str
    size: int

    def apply(self, store: CountingStore) -> None:
        """Do it."""
        store.set_size(self.group_id, self.size)


@dataclass(frozen=True, slots=True)
class DropCount:
    """A chord's counter is needed no more."""

    group_id: str

    def apply(self, store: CountingStore) -> None:
        """Do it."""
        store.drop_count(self.group_id)


Change = SaveGroup | DropGroup | OpenCount | CountPart | SetSize | DropCount
"""What a backend does to a store besides writing results."""
