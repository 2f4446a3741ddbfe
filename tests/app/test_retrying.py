"""Retries: when a task is tried again, how long it waits, and how it ends."""

from __future__ import annotations

import pytest

from labq.app.retries import backoff_interval
from labq.exceptions import MaxRetriesExceededError


def test_a_retry_waits_its_countdown_in_virtual_time(lab, app):
    """Three tries with a minute between them end after two minutes."""

    @app.task(name="t", bind=True)
    def flaky(self):
        if self.request.retries < 2:
            raise self.retry(countdown=60)
        return self.request.retries

    lab.start_worker(app)
    assert flaky.delay().get() == 2
    assert lab.time == 120


def test_each_wait_is_twice_the_one_before(lab, app):
    """Backoff without jitter: 1, 2 and 4 seconds."""

    @app.task(name="t", bind=True, autoretry_for=(KeyError,), retry_backoff=True, retry_jitter=False)
    def failing(self):
        raise KeyError(self.request.retries)

    lab.start_worker(app)
    result = failing.delay()
    lab.run()
    assert [record.fact("seconds") for record in lab.log if record.kind == "task-retried"] == [1, 2, 4]
    assert (result.state, lab.time) == ("FAILURE", 7)


def test_jitter_is_the_same_in_the_same_lab_and_within_its_bounds(lab):
    """The dice are the lab's, one throw for each try of each task."""
    dice = [lab.dice("some-task", tried).randrange(1000) for tried in range(5)]
    assert dice == [lab.dice("some-task", tried).randrange(1000) for tried in range(5)]
    assert len(set(dice)) > 1
    assert all(0 <= backoff_interval(4, tried, 600, lab.dice("t", tried)) <= 4 * 2**tried for tried in range(8))


@pytest.mark.parametrize(("retries", "wait"), [(0, 1), (5, 32), (10, 600), (10**6, 600)])
def test_the_wait_has_an_end_however_often_it_doubles(retries, wait):
    """No number grows to the sky."""
    assert backoff_interval(1, retries, 600) == wait


def test_the_limit_ends_in_celerys_words(lab, app):
    """Without an exception of its own a task that gives up says which call it was."""

    @app.task(name="t", bind=True, max_retries=1)
    def failing(self, *_, **__):
        raise self.retry(countdown=0)

    lab.start_worker(app)
    result = failing.apply_async((1,), {"k": 2}, task_id="mine")
    with pytest.raises(MaxRetriesExceededError, match=r"Can't retry t\[mine\] args:\(?\[?1,?\]?\)? kwargs:\{'k': 2\}"):
        result.get()


def test_a_retry_keeps_the_id_and_goes_where_the_call_went(lab, app):
    """Same id, same queue, one try more in the header."""

    @app.task(name="t", bind=True)
    def flaky(self):
        if not self.request.retries:
            raise self.retry(countdown=1)

    lab.start_worker(app, queues=["slow"])
    flaky.apply_async(task_id="mine", queue="slow").get()
    published = [record for record in lab.log if record.kind == "message-published"]
    assert [(record.task_id, record.fact("routing_key"), record.fact("retries")) for record in published] == [
        ("mine", "slow", 0),
        ("mine", "slow", 1),
    ]
