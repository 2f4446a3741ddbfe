"""Direct queues: one for each worker, for messages that are meant for it alone.

Comes in: a worker's name. Goes out: the queue that only it reads, when the setting ``worker_direct`` is on.
Celery: ``worker_direct`` in ``celery/utils/nodenames.py``; its user guide, "Routing".
"""

from __future__ import annotations

from labq.wire.entities import Exchange, Queue

WORKER_DIRECT_EXCHANGE = Exchange("C.dq2")
WORKER_DIRECT_QUEUE_FORMAT = "{hostname}.dq2"


def worker_direct(hostname: str | Queue) -> Queue:
    """Return the queue of the worker called *hostname* (``w1@lab``); a queue is returned as it is."""
    if isinstance(hostname, Queue):
        return hostname
    return Queue(WORKER_DIRECT_QUEUE_FORMAT.format(hostname=hostname), WORKER_DIRECT_EXCHANGE, hostname)
