"""Smaller bodies: what ``task_compression`` and ``compression=`` name.

In goes a body in bytes; out come fewer bytes and the content type that the header ``compression`` tells the reader.
Next door: ``publishing`` presses, ``protocol`` unpacks.
Celery: ``kombu/compression.py``. Only what Python itself brings is here: zlib, bz2, lzma.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Press(NamedTuple):
    """A way to make bytes fewer, and the way back."""

    content_type: str
    pack: Callable[[bytes], bytes]
    unpack: Callable[[bytes], bytes]


_presses: dict[str, Press] = {}


def register(
    pack: Callable[[bytes], bytes],
    unpack: Callable[[bytes], bytes],
    content_type: str,
    aliases: Iterable[str] = (),
) -> None:
    """Add a way to compress, to be found by its *content_type* and by each of its *aliases*."""
    press = Press(content_type, pack, unpack)
    for name in (content_type, *aliases):
        _presses[name] = press


def encoders() -> list[str]:
    """Return the content types that can be compressed to."""
    return list(dict.fromkeys(press.content_type for press in _presses.values()))


def compress(body: bytes, name: str) -> tuple[bytes, str]:
    """Return *body* compressed as *name* says, and the content type to write in the header ``compression``."""
    press = _press(name)
    return press.pack(body), press.content_type


def decompress(body: bytes, name: str) -> bytes:
    """Return what *body* was before; *name* is the message's header ``compression``."""
    return _press(name).unpack(body)


def _press(name: str) -> Press:
    """Return the press called *name*; KeyError, as in kombu, when there is none."""
    press = _presses.get(name)
    if press is None:
        raise KeyError(f"no compression is called {name!r}, only {', '.join(sorted(_presses))}")
    return press


register(zlib.compress, zlib.decompress, "application/x-gzip", ["gzip", "zlib"])
register(bz2.compress, bz2.decompress, "application/x-bz2", ["bzip2", "bzip"])
register(lzma.compress, lzma.decompress, "application/x-lzma", ["lzma", "xz"])
