"""Gossip: workers agree on one among them that does something.

Comes in: an election, which every worker hears of by command. Goes out: what it is about, done by the one that wins.
Here the worker with the first name wins, and all know at once who that is; real workers send each other events and
compare their logical clocks.
Next door: ``labq.worker.control`` has the command, ``Signature.election`` holds elections for tasks.
Celery: ``celery/worker/consumer/gossip.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labq.worker.worker import Worker

logger = logging.getLogger("celery.worker.consumer.gossip")


class Gossip:
    """Takes part in elections for one worker.

    Arguments:
        worker: the worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.election_handlers: dict[str, Callable[[Any], Any]] = {"task": self._call_task}
        """What the winner does, by the topic of the election."""

    def election(self, id: str, topic: str, action: Any = None) -> None:  # Celery's names
        """Do *action* if this worker wins the election called *id*."""
        winner = min(self._electorate())
        if winner != self._worker.hostname:
            logger.info("node %s elected for %r", winner, id)
            return
        logger.info("I won the election %r", id)
        act = self.election_handlers.get(topic)
        if act is None:
            logger.error("Unknown election topic %r", topic)
        else:
            act(action)

    def _electorate(self) -> list[str]:
        """Return the names of the workers that heard of the election."""
        world: Any = self._worker.world
        url = self._worker.app.sending.broker_url
        return [
            name
            for name, worker in world.workers.items()
            if worker.online
            and worker.pidbox is not None
            and world.broker(worker.app.sending.broker_url) is world.broker(url)
        ]

    def _call_task(self, task: Any) -> None:
        """Send the task that the election was about."""
        try:
            self._worker.app.signature(task).apply_async()
        except Exception as exc:
            logger.exception("Could not call task: %r", exc)  # noqa: TRY401 - Celery's line
