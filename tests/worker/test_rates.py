"""Rate limits: tasks of a limited kind come evenly, on each worker by itself."""

from __future__ import annotations

import pytest

from labq.worker.rates import TokenBucket, rate


@pytest.fixture
def limited(app):
    """A task that may be started six times a minute."""

    @app.task(name="limited", rate_limit="6/m")
    def limited(number):
        return number

    return limited


def starts(lab):
    """Return the moments at which tasks began."""
    return [record.time for record in lab.log.select("task-started")]


@pytest.mark.parametrize(
    ("said", "means"), [("10/m", 10 / 60), ("2/h", 2 / 3600), ("0.5/s", 0.5), ("7", 7.0), (3, 3), (None, 0), ("", 0)]
)
def test_a_rate_is_read_as_celery_reads_it(said, means):
    """A number alone is a second's."""
    assert rate(said) == means


def test_a_rate_of_an_unknown_time_is_refused():
    """With Celery's error."""
    with pytest.raises(KeyError, match="x"):
        rate("10/x")


def test_limited_tasks_come_evenly(lab, app, limited, back_and_forth):
    """One token at most is kept, so the second has to wait, however idle the worker was."""
    lab.start_worker(app)
    lab.advance(100)
    results = [limited.delay(number) for number in range(4)]
    lab.run()
    assert [result.get() for result in results] == [0, 1, 2, 3]
    assert starts(lab) == [100.0, 110.0, 120.0, 130.0]
    assert [record["seconds"] for record in lab.log.select("task-limited")] == [10.0, 20.0, 30.0]
    back_and_forth()


def test_each_worker_counts_for_itself(lab, app, limited):
    """Two workers are twice as fast."""
    for name in ("w1@lab", "w2@lab"):
        lab.start_worker(app, hostname=name, prefetch_multiplier=1)
    for number in range(4):
        limited.delay(number)
    lab.run()
    assert starts(lab) == [0.0, 0.0, 10.0, 10.0]


def test_other_tasks_pass_by(lab, app, limited, nap):
    """Only the limited kind waits."""
    lab.start_worker(app, concurrency=1)
    for number in range(3):
        limited.delay(number)
    assert nap.delay(1).get() == "woke"
    assert lab.time == 1.0


def test_a_limit_can_be_changed_while_a_worker_runs(lab, app, limited):
    """What waits already goes on at the old rate, what comes later at the new one."""
    worker = lab.start_worker(app)
    limited.delay(1)
    limited.delay(2)
    lab.advance(1)
    worker.tell("set_rate_limit", "limited", None)
    for number in range(5):
        limited.delay(number)
    lab.run()
    assert starts(lab) == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 10.0]
    assert limited.rate_limit == "6/m", "the app is not the worker's"


def test_a_limit_can_be_given_to_any_task(lab, app, nap):
    """By its name."""
    worker = lab.start_worker(app, concurrency=4)
    worker.tell("set_rate_limit", "nap", "1/m")
    for _ in range(2):
        nap.delay(1)
    lab.run()
    assert starts(lab) == [0.0, 60.0]


def test_limits_can_be_switched_off(lab, app, limited):
    """``worker_disable_rate_limits``."""
    app.conf.worker_disable_rate_limits = True
    lab.start_worker(app)
    for number in range(3):
        limited.delay(number)
    lab.run()
    assert starts(lab) == [0.0, 0.0, 0.0]


def test_a_scheduled_task_waits_for_its_moment_first_and_then_for_a_token(lab, app, limited):
    """Off the shelf it comes into the line."""
    lab.start_worker(app)
    for number in range(3):
        limited.apply_async((number,), countdown=5)
    lab.run()
    assert starts(lab) == [5.0, 15.0, 25.0]


def test_what_waits_for_a_token_goes_back_when_the_worker_stops(lab, app, limited):
    """It was never acknowledged."""
    worker = lab.start_worker(app)
    for number in range(3):
        limited.delay(number)
    lab.advance(1)
    worker.stop()
    lab.run()
    assert lab.world.brokers[0].depth("celery") == 2


def test_a_bucket_fills_no_higher_than_its_brim():
    """Time that passes over a full bucket is lost."""
    now = [0.0]
    bucket = TokenBucket(0.5, lambda: now[0])
    now[0] = 100.0
    assert (bucket.can_consume(), bucket.can_consume(), bucket.expected_time()) == (True, False, 2.0)
    now[0] = 102.0
    assert bucket.can_consume()
