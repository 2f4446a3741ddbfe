"""Gossip: workers learn from each other when they start, and agree on one among them that does something.

Comes in: other workers at the same broker; an election, which every worker hears of by command. Goes out: what was
revoked elsewhere is known here, too; what the election is about is done by the one that wins: here by the first name.
Real workers send each other messages for both; in a lab they simply know.
Next door: ``labq.worker.control`` has the commands, ``Signature.election`` holds elections for tasks.
Celery: ``celery/worker/consumer/mingle.py`` and ``gossip.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labq.worker.worker import Worker

ALONE = "memory"
"""Brokers on which workers do not mingle."""

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

    def mingle(self) -> None:
        """Learn what the others know to be revoked, and tell them; logical clocks go beyond each other's.

        As in Celery, workers do this on brokers that have it (not on ``memory://``).
        """
        worker: Any = self._worker
        world = worker.world
        if world.broker(worker.app.sending.broker_url).url.startswith(ALONE):
            return
        mine = world.logical_clock(worker.hostname)
        for name in self._peers():
            if name != worker.hostname:
                other = world.workers[name]
                told = list(worker.state.revoked)
                worker.state.merge_revoked(list(other.state.revoked))
                other.state.merge_revoked(told)
                mine.adjust(world.logical_clock(name).forward())

    def election(self, id: str, topic: str, action: Any = None) -> None:  # Celery's names
        """Do *action* if this worker wins the election called *id*."""
        winner = min(self._peers())
        if winner != self._worker.hostname:
            logger.info("node %s elected for %r", winner, id)
            return
        logger.info("I won the election %r", id)
        act = self.election_handlers.get(topic)
        if act is None:
            logger.error("Unknown election topic %r", topic)
        else:
            act(action)

    def _peers(self) -> list[str]:
        """Return the names of the workers at the same broker that hear commands, itself among them."""
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
