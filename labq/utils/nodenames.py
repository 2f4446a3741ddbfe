"""The door to the names of nodes.

Next door: ``labq.nodes``, ``labq.wire.direct``.
Celery: ``celery/utils/nodenames.py``.
"""

from __future__ import annotations

from labq.nodes import (
    NODENAME_DEFAULT,
    NODENAME_SEP,
    anon_nodename,
    default_nodename,
    gethostname,
    host_format,
    node_format,
    nodename,
    nodesplit,
)
from labq.prose import simple_format
from labq.wire.direct import WORKER_DIRECT_EXCHANGE, WORKER_DIRECT_QUEUE_FORMAT, worker_direct

__all__ = (
    "NODENAME_DEFAULT", "NODENAME_SEP", "WORKER_DIRECT_EXCHANGE", "WORKER_DIRECT_QUEUE_FORMAT", "anon_nodename",
    "default_nodename", "gethostname", "host_format", "node_format", "nodename", "nodesplit", "simple_format",
    "worker_direct",
)  # fmt: skip
