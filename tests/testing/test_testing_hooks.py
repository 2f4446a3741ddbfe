"""What a project's tests ask of the lab: a worker for a while, time that passes when told, a fresh start."""

from __future__ import annotations

import time

import pytest

from labq import Celery, Lab, current_lab, shared_task
from labq.testing import advance, now, reset, start_worker


@pytest.fixture
def app():
    """An app with two tasks in a fresh lab."""
    reset()
    app = Celery("proj", broker="memory://", backend="cache+memory://", set_as_current=False)

    @app.task(name="proj.add")
    def add(x, y):
        return x + y

    @app.task(name="proj.nap")
    def nap(seconds):
        time.sleep(seconds)
        return seconds

    yield app
    reset()


def test_a_worker_works_while_the_block_runs(app):
    """After the block it has stopped, and what is sent then waits."""
    with start_worker(app) as worker:
        assert app.tasks["proj.add"].delay(2, 3).get() == 5
        assert worker.concurrency == 1
    assert not worker.online
    late = app.tasks["proj.add"].delay(2, 3)
    current_lab().run()
    assert late.state == "PENDING"


def test_a_worker_stops_when_the_block_fails_too(app):
    """A test that fails leaves no worker behind."""
    with pytest.raises(KeyError), start_worker(app) as worker:
        raise KeyError
    assert not worker.online


def test_what_runs_at_the_end_of_the_block_ends(app):
    """The worker stops warmly, as Celery's does."""
    with start_worker(app):
        result = app.tasks["proj.nap"].delay(10)
        current_lab().step(5)
    assert (result.state, now()) == ("SUCCESS", 10)


def test_options_of_celerys_start_worker_are_accepted(app):
    """A test that was written for Celery's start_worker runs as it is."""
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30, loglevel="INFO") as worker:
        assert worker.options.pool == "solo"


def test_time_passes_when_a_test_says_so(app):
    """What is due is done on the way."""
    with start_worker(app):
        result = app.tasks["proj.add"].apply_async((2, 3), countdown=60)
        advance(59.5)
        assert (now(), result.state) == (59.5, "PENDING")
        advance(0.5)
        assert (now(), result.state) == (60, "SUCCESS")


def test_a_reset_forgets_queues_results_workers_and_time(app):
    """Nothing of the test before is there."""
    with start_worker(app):
        result = app.tasks["proj.add"].delay(2, 3)
        assert result.get() == 5
    before = current_lab()
    fresh = reset()
    assert current_lab() is fresh
    assert before.closed
    assert (now(), len(fresh.log), app.AsyncResult(result.id).state) == (0, 0, "PENDING")


def test_a_reset_gives_the_same_world_each_time(app):
    """Ids and dates do not depend on the tests before, nor on today."""
    seen = []
    for _ in range(2):
        fresh = reset(seed=3)
        seen.append((app.tasks["proj.add"].delay(1, 1).id, fresh.now))
    assert seen[0] == seen[1]


def test_a_reset_forgets_shared_tasks_and_keeps_the_built_in_ones():
    """An app made in the next test has no task of this one."""

    @shared_task(name="leaked")
    def leaked():
        return 1

    assert "leaked" in Celery("one", set_as_current=False).tasks
    reset()
    tasks = Celery("two", set_as_current=False).tasks
    assert "leaked" not in tasks
    assert "celery.backend_cleanup" in tasks


def test_a_reset_keeps_no_lab_alive_before_the_fresh_one():
    """Leaving a fresh lab's block does not bring the old lab back."""
    old = Lab(seed=1)
    with reset():
        pass
    assert current_lab() is not old


def test_a_task_that_lets_time_pass_sleeps():
    """Code that is written for tests may run inside a task, too; the lab is in the middle of a step there."""
    reset()
    app = Celery("proj", broker="memory://", backend="cache+memory://")

    @app.task(name="napping", shared=False)
    def napping():
        advance(5)
        return now()

    with start_worker(app):
        assert napping.delay().get() == 5


def test_a_tests_worker_lets_its_tasks_wait_for_others():
    """Celery's own test worker does, too; any other worker refuses, for waiting can lock it up."""
    reset()
    app = Celery("proj", broker="memory://", backend="cache+memory://")

    @app.task(name="add", shared=False)
    def add(x, y):
        return x + y

    @app.task(name="waiting", shared=False)
    def waiting():
        return add.delay(1, 1).get()

    with start_worker(app, concurrency=2):
        assert waiting.delay().get() == 2
    current_lab().start_worker(app, concurrency=2)
    with pytest.raises(RuntimeError, match="Never call result"):
        waiting.delay().get()


def test_a_tests_worker_speaks_from_info_on(caplog):
    """So that a test can look at what a worker says; afterwards the loggers are as they were."""
    reset()
    app = Celery("proj", broker="memory://", backend="cache+memory://")

    @app.task(name="add", shared=False)
    def add(x, y):
        return x + y

    with start_worker(app):
        add.delay(1, 1).get()
    said = [record.name for record in caplog.records]
    assert said[-2:] == ["celery.worker.strategy", "celery.app.trace"]
