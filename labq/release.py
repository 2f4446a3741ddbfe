"""Release: which labq this is, and which Celery it mirrors.

Celery: the top of ``celery/__init__.py``.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ("SERIES", "VERSION", "VERSION_BANNER", "__version__", "mirrored_version", "version_info", "version_info_t")

__version__ = "0.1.0"

mirrored_version = "5.7.0"
"""What ``celery.__version__`` is while labq stands in for Celery."""
SERIES = "collider"


class version_info_t(NamedTuple):  # noqa: N801 - its repr shows the name, so the name is Celery's
    """A version in its parts."""

    major: int
    minor: int
    micro: int
    releaselevel: str
    serial: str


VERSION = version_info = version_info_t(5, 7, 0, "", "")
VERSION_BANNER = f"{mirrored_version} ({SERIES})"
