"""kombu's ways between text and bytes: ``from labq.kombu.utils.encoding import bytes_to_str``.

Celery: ``kombu/utils/encoding.py``.
"""

from __future__ import annotations

from typing import Any

from labq.wire.saferepr import saferepr as safe_repr

__all__ = ("bytes_to_str", "ensure_bytes", "safe_repr", "safe_str", "str_to_bytes")


def str_to_bytes(s: Any) -> Any:
    """Return text as bytes in UTF-8, and anything else as it is."""
    return s.encode() if isinstance(s, str) else s


def bytes_to_str(s: Any) -> Any:
    """Return bytes as text, what is no UTF-8 in them replaced, and anything else as it is."""
    return s.decode(errors="replace") if isinstance(s, bytes) else s


def ensure_bytes(s: Any) -> bytes:
    """Return anything as bytes."""
    return s if isinstance(s, bytes) else str(s).encode()


def safe_str(s: Any, errors: str = "replace") -> str:
    """Return anything as text."""
    return s.decode(errors=errors) if isinstance(s, bytes) else s if isinstance(s, str) else safe_repr(s)
