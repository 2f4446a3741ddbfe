"""Shelves: where a schedule is kept between two beats: in the lab, or in a file that real Celery can read.

Comes in: a file's name, or None for the lab. Goes out: a dictionary that can be written down.
A file is read once: a world that is built again finds on the shelf what lay there the first time, and writes nothing.
Celery: the standard library's ``shelve``, which ``PersistentScheduler`` opens.
"""

from __future__ import annotations

import io
import pickle
import pkgutil
import shelve
from collections.abc import Callable
from typing import Any

from labq._state import get_current_lab

OURS, CELERYS = "labq.", "celery."


class Shelf(dict[str, Any]):
    """What lies on a shelf.

    Arguments:
        found: what lay there.
        save: writes a shelf down.
    """

    def __init__(self, found: dict[str, Any], save: Callable[[dict[str, Any]], object]) -> None:
        super().__init__(found)
        self._save = save

    def sync(self) -> None:
        """Write it down."""
        self._save(self)

    def close(self) -> None:
        """Write it down for the last time."""
        self._save(self)


class Shelves:
    """Opens shelves, as the module ``shelve`` does."""

    def open(self, filename: str | None, writeback: bool = True) -> Shelf:
        """Return the shelf in the file *filename*, or the lab's own for None.

        Raises whatever reading a file raises that is no shelf.
        """
        del writeback
        lab = get_current_lab()
        if filename is None:
            return _lab_shelf(lab.shelves)
        found = lab.recall(f"shelf {filename}", lambda: read_file(filename))
        # read anew, for a world that is built again must not find the entries of the one before it
        return Shelf(
            {key: unpickled(value) for key, value in found.items()},
            lambda shelf: None if lab.repeating else write_file(filename, shelf),
        )


def _lab_shelf(shelves: dict[str, Any]) -> Shelf:
    """Return the shelf that the lab keeps; what is taken from it has been pickled in between, as from a file."""

    def save(shelf: dict[str, Any]) -> None:
        if not shelves:
            pickled(dict(shelf))  # what cannot be pickled is said at once; later only times and counts change
        shelves.update({key: dict(value) if isinstance(value, dict) else value for key, value in shelf.items()})

    found: dict[str, Any] = unpickled(pickled(dict(shelves)))
    return Shelf(found, save)


# -- files -------------------------------------------------------------------------------------------------------------
def read_file(filename: str) -> dict[str, bytes]:
    """Return the pickled values of the shelf in a file; a file that is not there is an empty shelf."""
    with shelve.open(filename) as shelf:  # noqa: S301 - the user names the file, as in Celery
        return {key.decode(): shelf.dict[key] for key in shelf.dict}  # type: ignore[attr-defined]


def write_file(filename: str, values: dict[str, Any]) -> None:
    """Write a shelf into a file."""
    with shelve.open(filename) as shelf:  # noqa: S301 - as above
        stored = shelf.dict  # type: ignore[attr-defined]
        for key in [key for key in stored if key.decode() not in values]:
            del stored[key]
        for key, value in values.items():
            stored[key.encode()] = pickled(value)


class _Pickler(pickle.Pickler):
    """Writes labq's classes under the names that they have in Celery."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, type) and obj.__module__.startswith(OURS):
            for module in ("beat", "schedules"):
                if obj.__module__.startswith(OURS + module):
                    return pkgutil.resolve_name, (f"{CELERYS}{module}:{obj.__qualname__}",)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Reads Celery's classes as labq's."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (pkgutil.resolve_name.__module__, "resolve_name"):
            return _resolve
        return super().find_class(_ours(module), name)


def _ours(name: str) -> str:
    return f"{OURS}{name.removeprefix(CELERYS)}" if name.startswith(CELERYS) else name


def _resolve(name: str) -> Any:
    return pkgutil.resolve_name(_ours(name))


def pickled(value: Any) -> bytes:
    """Return *value* as bytes that both Celery and labq can read."""
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.DEFAULT_PROTOCOL).dump(value)
    return buffer.getvalue()


def unpickled(data: bytes) -> Any:
    """Return the value of bytes that either of the two has written."""
    return _Unpickler(io.BytesIO(data)).load()
