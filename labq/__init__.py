"""labq: a flight simulator for Celery — one process, one thread, a virtual clock.

``from labq import Celery`` where a tutorial says ``from celery import Celery``, and the app runs in a lab: the current
one, or one you make yourself with ``Lab(seed=7)``.
"""

import logging as _logging
from importlib import import_module as _import_module
from typing import Any as _Any

from labq import exceptions, signals, states
from labq._state import current_app, current_task
from labq.alias import as_celery
from labq.app import builtins as _builtins  # every app gets the built-in tasks
from labq.app.base import Celery
from labq.app.creation import shared_task
from labq.app.report import bugreport
from labq.app.task import Task
from labq.canvas import Signature, chain, chord, chunks, group, maybe_signature, signature, subtask, xmap, xstarmap
from labq.kernel.asks import compute, sleep
from labq.kernel.timemodule import install as _install
from labq.lab import Lab, current_lab
from labq.nodes import uuid
from labq.release import SERIES, VERSION, VERSION_BANNER, __version__, version_info, version_info_t

__all__ = [
    "SERIES",
    "VERSION",
    "VERSION_BANNER",
    "Celery",
    "Lab",
    "Signature",
    "Task",
    "__version__",
    "as_celery",
    "bugreport",
    "chain",
    "chord",
    "chunks",
    "compute",
    "current_app",
    "current_lab",
    "current_task",
    "exceptions",
    "group",
    "maybe_signature",
    "shared_task",
    "signals",
    "signature",
    "sleep",
    "states",
    "subtask",
    "uuid",
    "version_info",
    "version_info_t",
    "xmap",
    "xstarmap",
]

_LATER = {"load_ipython_extension": "labq.magics", "unload_ipython_extension": "labq.magics"}
"""What ``%load_ext labq`` looks for here; it needs IPython, which a script has no use for."""


def __getattr__(name: str) -> _Any:
    if name in _LATER:
        return getattr(_import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


_install()
_logging.getLogger("celery").addHandler(_logging.NullHandler())  # as Celery's: silent until somebody sets logging up
del _install, _builtins, _logging
