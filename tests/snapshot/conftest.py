"""A log written by hand, record by record, as the rooms of the machine write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labq.kernel.clock import Clock
from labq.log.log import Log
from labq.log.record import (
    EXCHANGE_DECLARED,
    MESSAGE_ACKED,
    MESSAGE_DELIVERED,
    MESSAGE_PUBLISHED,
    MESSAGE_QUEUED,
    MESSAGE_REQUEUED,
    MESSAGE_ROUTED,
    QUEUE_BOUND,
    QUEUE_DECLARED,
    RESULT_STORED,
    TASK_RECEIVED,
    TASK_RESERVED,
    TASK_STARTED,
    TASK_SUCCEEDED,
    WORKER_STARTED,
)

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
BROKER = "amqp://guest:**@localhost:5672//"
BACKEND = "cache+memory://"


class Chronicle:
    """Writes the usual life of tasks into a log; anything unusual a test appends itself."""

    def __init__(self) -> None:
        self.clock = Clock(START)
        self.log = Log(self.clock)
        self.serial = 0
        self.tags: dict[str, int] = {}
        self.sent: dict[str, tuple[int, str, str, int]] = {}

    def at(self, seconds: float) -> None:
        """Let the clock show *seconds*."""
        self.clock.move(int(seconds * 1_000_000))

    def append(self, kind, task_id=None, *facts) -> None:
        """Write one record."""
        self.log.append(kind, task_id, *facts)

    def queue(self, name="celery") -> None:
        """Declare a queue with an exchange of its name."""
        self.append(EXCHANGE_DECLARED, None, BROKER, name, "direct")
        self.append(QUEUE_DECLARED, None, BROKER, name)
        self.append(QUEUE_BOUND, None, BROKER, name, name, name)

    def worker(self, hostname="w1@lab", slots=2, prefetch=8, queues=("celery",), first_child=11) -> None:
        """Start a worker."""
        children = tuple(range(first_child, first_child + slots))
        self.append(WORKER_STARTED, None, hostname, BROKER, "prefork", slots, prefetch, queues, children)

    def publish(self, task_id, name="proj.add", args="(2, 2)", kwargs="{}", retries=0, queue="celery") -> None:
        """Send a task; it is published and nothing more."""
        self.serial += 1
        self.sent[task_id] = (self.serial, name, args, retries)
        self.append(
            MESSAGE_PUBLISHED, task_id, BROKER, self.serial, queue, queue, name, args, kwargs, None, retries, "gen", 90
        )

    def send(self, task_id, *args, queue="celery", ready=1, **kwargs) -> None:
        """Send a task into its queue."""
        self.publish(task_id, *args, queue=queue, **kwargs)
        self.append(MESSAGE_ROUTED, task_id, BROKER, self.serial, queue, queue, (queue,))
        self.append(MESSAGE_QUEUED, task_id, BROKER, self.serial, queue, ready)

    def deliver(self, task_id, hostname="w1@lab", queue="celery") -> None:
        """Bring a task's message to a worker, which receives it."""
        serial, name, args, retries = self.sent[task_id]
        tag = self.tags[hostname] = self.tags.get(hostname, 0) + 1
        self.append(MESSAGE_DELIVERED, task_id, BROKER, serial, queue, hostname, tag, False)
        self.append(TASK_RECEIVED, task_id, hostname, serial, name, args, "{}", None, None, retries)

    def reserve(self, task_id, hostname="w1@lab", queue="celery") -> None:
        """Bring a task's message to a worker, where it waits for a slot."""
        self.deliver(task_id, hostname, queue)
        self.append(TASK_RESERVED, task_id, hostname, self.sent[task_id][0])

    def acknowledge(self, task_id, hostname="w1@lab", queue="celery", tag=1) -> None:
        """Let a worker acknowledge the delivery *tag*."""
        self.append(MESSAGE_ACKED, task_id, BROKER, self.sent[task_id][0], queue, hostname, tag)

    def give_back(self, task_id, hostname="w1@lab", queue="celery", tag=1) -> None:
        """Let the delivery *tag* return to its queue."""
        self.append(MESSAGE_REQUEUED, task_id, BROKER, self.sent[task_id][0], queue, hostname, tag)

    def start(self, task_id, hostname="w1@lab", slot=1) -> None:
        """Let a task's body start."""
        serial, _, _, retries = self.sent[task_id]
        self.append(TASK_STARTED, task_id, hostname, slot, serial, retries)

    def run(self, task_id, hostname="w1@lab", slot=1) -> None:
        """Send a task, deliver it, acknowledge it early, and start its body."""
        self.send(task_id)
        self.reserve(task_id, hostname)
        self.acknowledge(task_id, hostname, tag=self.tags[hostname])
        self.start(task_id, hostname, slot)

    def succeed(self, task_id, result="4", hostname="w1@lab", slot=1) -> None:
        """Let a body return, and its result be stored."""
        self.append(TASK_SUCCEEDED, task_id, hostname, slot, result, 1.5)
        self.append(RESULT_STORED, task_id, BACKEND, "SUCCESS", result, 70)


@pytest.fixture
def chronicle() -> Chronicle:
    """An empty log, and a hand that writes in it."""
    return Chronicle()
