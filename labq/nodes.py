"""Nodes: how those who take part are called, and the ids of what they send.

Comes in: a worker's name as people write it (``w1@%h``). Goes out: the name that everybody knows it by, ``w1@lab``.
Next door: ``labq.wire.direct`` is the queue of one node.
Celery: ``celery/utils/nodenames.py``, ``kombu/utils/uuid.py``. Every node of a lab is on one computer called ``lab``,
and every id comes from the lab's seed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labq import _state
from labq.prose import simple_format

__all__ = (
    "anon_nodename", "default_nodename", "gethostname", "host_format", "node_format", "nodename", "nodesplit", "uuid",
)  # fmt: skip

NODENAME_SEP = "@"
NODENAME_DEFAULT = "celery"
HOSTNAME = "lab"
"""What the one computer is called as long as there is no lab."""


def uuid(_uuid: Callable[[], Any] | None = None) -> str:
    """Return a new id, the next one of the lab; *_uuid* brings one from elsewhere."""
    return str(_uuid()) if _uuid is not None else _state.get_current_lab().new_id()


def gethostname() -> str:
    """Return the name of the lab's computer."""
    return _state.get_current_lab().hostname if _state.has_current_lab() else HOSTNAME


def nodename(name: str, hostname: str) -> str:
    """Return ``name@hostname``."""
    return NODENAME_SEP.join((name, hostname))


def nodesplit(name: str) -> Any:
    """Return a node's own name (None if it has none) and its host's.

    >>> nodesplit("w1@lab"), nodesplit("lab")
    (['w1', 'lab'], (None, 'lab'))
    """
    parts = name.split(NODENAME_SEP, 1)
    return parts if len(parts) > 1 else (None, parts[0])


def anon_nodename(hostname: str | None = None, prefix: str = "gen") -> str:
    """Return the name of a node that is no worker; in a lab it is always the first one of its kind."""
    return nodename(f"{prefix}1", hostname or gethostname())


def default_nodename(hostname: str | None, default_name: str = NODENAME_DEFAULT) -> str:
    """Return the full name of a node of which a part was said: ``celery@lab``."""
    name, host = nodesplit(hostname or "")
    return nodename(name or default_name, host or gethostname())


def node_format(s: str, name: str, **extra: Any) -> str:
    """Return *s* with ``%n``, ``%h`` and others replaced by parts of the node's *name*, and ``%p`` by all of it."""
    own, host = nodesplit(name)
    return host_format(s, host, own or NODENAME_DEFAULT, p=name, **extra)


def host_format(s: str, host: str | None = None, name: str | None = None, **extra: Any) -> str:
    """Return *s* filled in: ``%h`` host, ``%n`` node's own name, ``%d`` domain, ``%i``/``%I`` number of the child.

    The number of the child is that of the main process: a lab's children share its process.
    """
    host = host or gethostname()
    first, _, domain = host.partition(".")
    return simple_format(s, {"h": host, "n": name or first, "d": domain, "i": "0", "I": "", **extra})
