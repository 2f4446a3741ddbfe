"""The fix-up: what an app does differently in a process of Django's, which the environment tells.

Comes in: each app that is made. Goes out: None, or what adapts the app.
Next door: ``labq.contrib.django.project`` does it.
Celery: ``fixup`` in ``celery/fixups/django.py``.
"""

from __future__ import annotations

import os
import warnings
from importlib.util import find_spec
from typing import Any

from labq.app.sources import symbol_by_name
from labq.exceptions import FixupWarning

NOT_INSTALLED = """\
Environment variable DJANGO_SETTINGS_MODULE is defined
but Django isn't installed.  Won't apply Django fix-ups!
"""


def fixup(app: Any, env: str = "DJANGO_SETTINGS_MODULE") -> Any:
    """Adapt *app* to Django if the variable *env* names a project's settings.

    Returns: what adapts it; None outside Django.
    """
    if not os.environ.get(env) or "django" in str(app.loader_cls).lower():
        return None
    if find_spec("django") is None:
        warnings.warn(FixupWarning(NOT_INSTALLED), stacklevel=2)
        return None
    return symbol_by_name("labq.contrib.django.project:DjangoProject")(app).install()
