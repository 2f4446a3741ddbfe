"""Backends by their addresses: which class keeps an app's results.

Comes in: the setting ``result_backend``: a URL, a class, or the name of one (``proj.results:Backend``), which a URL of
its own may follow after a plus. Goes out: a backend of the app.
Celery: ``celery/app/backends.py``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from labq.app.sources import symbol_by_name
from labq.backends.cache import CacheBackend
from labq.backends.disabled import DisabledBackend
from labq.backends.rpc import RPCBackend

if TYPE_CHECKING:
    from labq.app.base import Celery
    from labq.app.world import World
    from labq.backends.backend import Backend

_CLASS = re.compile(r"[A-Za-z_]\w*(\.\w+)*[.:][A-Za-z_]\w*")


def backend_of(app: Celery, world: World) -> Backend:
    """Return a new backend for *app* in *world*.

    Raises:
        UnknownScheme: for a URL of a kind that the lab does not have.
        ImportError: for a class that is not there.
    """
    said: Any = app.conf.result_backend
    if isinstance(said, type):
        return said(app=app)  # type: ignore[no-any-return]  # a class of the user's own
    name, _, url = (said or "").partition("+")
    if _CLASS.fullmatch(name):
        return symbol_by_name(name)(app=app, url=url or None)  # type: ignore[no-any-return]  # the same, by its name
    if not said or said.startswith("disabled"):
        return DisabledBackend(app, url="disabled://")
    world.store(said, app.sending.broker_url)  # an unknown address is said here, not later
    return (RPCBackend if said.startswith("rpc") else CacheBackend)(app, url=said)
