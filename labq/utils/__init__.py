"""The doors under which people know Celery's small tools: ``labq.utils.log``, ``labq.utils.time``, and others.

Nothing is made here but what no other room needs: each module shows, under Celery's path, what a room of labq holds.
Celery: ``celery/utils/__init__.py``.
"""

from __future__ import annotations

from labq.callables import memoize, noop
from labq.loggers import LOG_LEVELS
from labq.nodes import nodename, nodesplit, uuid
from labq.sequences import chunks
from labq.utils.imports import gen_task_name, import_from_cwd, instantiate
from labq.utils.imports import qualname as get_full_cls_name
from labq.utils.imports import symbol_by_name as get_cls_by_name
from labq.utils.objects import cached_property
from labq.wire.direct import worker_direct

__all__ = (
    "LOG_LEVELS", "cached_property", "chunks", "gen_task_name", "gen_unique_id", "get_cls_by_name",
    "get_full_cls_name", "import_from_cwd", "instantiate", "memoize", "nodename", "nodesplit", "noop", "uuid",
    "worker_direct",
)  # fmt: skip

gen_unique_id = uuid
