"""The door to what is known under this path of an app's: settings, covered addresses, reports, finding an app.

Next door: ``labq.app.settings``, ``labq.app.censorship``, ``labq.app.report``, ``labq.app.finding``.
Celery: ``celery/app/utils.py``.
"""

from __future__ import annotations

from typing import Any

from labq.app.censorship import filter_hidden_settings, sanitize_url
from labq.app.finding import find_app
from labq.app.pickling import AppPickler
from labq.app.report import BUGREPORT_INFO, bugreport
from labq.app.settings import Settings
from labq.app.spelling import detect_settings

__all__ = (
    "BUGREPORT_INFO", "AppPickler", "Settings", "appstr", "bugreport", "detect_settings", "filter_hidden_settings",
    "find_app", "sanitize_url",
)  # fmt: skip


def appstr(app: Any) -> str:
    """Return how an app is called in the ``repr`` of what belongs to it: ``proj at 0x7f0000000000``."""
    return f"{app.main or '__main__'} at {id(app):#x}"
