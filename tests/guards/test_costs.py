"""What a task costs, in counts: steps, records, JSON, greenlets, calls of functions. Counts are the same everywhere."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from labq import Celery, Lab
from labq.kernel.body import BodyPool, _Runner
from labq.wire import jsontypes

TASKS = 1000

STEPS = 4
"""Routed; delivered; started; result stored."""
RECORDS = [
    "message-published",
    "message-routed",
    "message-queued",
    "message-delivered",
    "task-received",
    "task-reserved",
    "message-acked",
    "task-started",
    "result-stored",
    "task-succeeded",
]
"""What is told of a task that succeeds at once, each time it is one of these."""
CALLS = 232
"""Calls of Python functions for one task, there and back. Raise it with a reason; lower it with joy."""


class Bill:
    """What was counted while tasks ran."""

    def __init__(self) -> None:
        self.calls: Counter = Counter()
        self.steps = 0
        self.records: list[str] = []

    def of(self, function) -> int:
        """Return how often *function* was called."""
        return self.calls[function.__code__]


@pytest.fixture(scope="module")
def bill() -> Bill:
    """The bill of a thousand tasks that do nothing, after a few that warm up what is made once."""
    counted = Bill()

    def count(frame, event, _):
        if event == "call":
            counted.calls[frame.f_code] += 1

    with Lab(seed=1, start="2030-01-01T00:00:00Z") as lab:
        app = Celery("costs", broker="memory://", backend="cache+memory://", set_as_current=False)

        def add(x, y):
            return x + y

        task = app.task(add, shared=False)
        lab.start_worker(app, concurrency=2)
        for _ in range(10):
            task.delay(2, 3).get()
        steps, records = lab.world.kernel.steps, len(lab.log)
        before = sys.getprofile()
        sys.setprofile(count)
        try:
            for _ in range(TASKS):
                task.delay(2, 3).get()
            results = [task.delay(2, 3) for _ in range(TASKS)]
            for result in results:
                result.get()
        finally:
            sys.setprofile(before)
        lab.run()
        counted.steps = lab.world.kernel.steps - steps
        counted.records = [record.kind for record in lab.log[records:]]
    return counted


def test_a_task_is_four_steps_of_the_kernel(bill):
    """Each hop can be seen, and none is idle."""
    assert bill.steps == STEPS * 2 * TASKS


def test_a_task_leaves_one_record_for_each_thing_that_happens(bill):
    """No more than a reader of its story needs."""
    assert Counter(bill.records) == dict.fromkeys(RECORDS, 2 * TASKS)


def test_a_message_and_a_result_are_each_written_once_and_read_once(bill):
    """The body by the sender and the worker, the result by the worker and the client."""
    assert (bill.of(jsontypes.dumps), bill.of(jsontypes.loads)) == (2 * 2 * TASKS, 2 * 2 * TASKS)


def test_the_greenlets_of_ended_bodies_are_used_again(bill):
    """Making one costs more than running a small task."""
    assert bill.of(BodyPool.take) == 2 * TASKS
    assert bill.of(_Runner.run) <= 2  # as many as run at once


def test_a_task_takes_few_calls_of_functions(bill):
    """The one number that grows with every detour."""
    calls = bill.calls.total() / (2 * TASKS)
    most = ", ".join(f"{code.co_qualname} {times / (2 * TASKS):.1f}" for code, times in bill.calls.most_common(8))
    assert calls <= CALLS, f"{calls:.1f} calls a task; most often: {most}"
