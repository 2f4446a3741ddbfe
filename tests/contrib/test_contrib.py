"""Workers and apps for tests, and tasks that can be asked to stop."""

from __future__ import annotations

import sys
import time

import pytest

from labq import Celery, _state, current_app
from labq.contrib.abortable import AbortableAsyncResult, AbortableTask
from labq.contrib.testing.app import TestApp, setup_default_app
from labq.contrib.testing.worker import start_worker, test_worker_started, test_worker_stopped
from labq.testing import reset

for signal in (test_worker_started, test_worker_stopped):
    signal.__test__ = False  # pytest takes the name for that of a test


def test_a_worker_works_while_the_block_runs(lab):
    """It has answered a ping before the block begins, and is gone after it."""
    app = TestApp()
    with setup_default_app(app), start_worker(app) as worker:
        assert worker.online
        assert app.send_task("celery.ping").get() == "pong"
    assert not worker.online
    assert lab.time < 1


def test_two_workers_for_tests_have_two_names(lab):
    """That of the session and that of one test work side by side."""
    app = TestApp()
    with setup_default_app(app), start_worker(app) as one, start_worker(app) as two:
        assert (one.hostname, two.hostname) == ("gen1@lab", "gen2@lab")
    with start_worker(app) as again:
        assert again.hostname == "gen1@lab"
    assert lab.workers()


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_a_worker_can_be_told_to_reload(lab, pool):  # noqa: ARG001 - the world it is in
    """Celery's guide to testing does so after it has defined a task in the test."""
    app = TestApp()
    with setup_default_app(app), start_worker(app, pool=pool) as worker:

        @app.task(name="late.mul")
        def mul(x, y):
            return x * y

        worker.reload()
        worker.reload(modules=["wave"])
        assert mul.delay(4, 4).get(timeout=10) == 16
    assert "wave" in sys.modules


def test_a_task_may_wait_for_another_in_a_worker_for_tests(lab):  # noqa: ARG001 - the world they are in
    """Celery's test worker allows it, so that tests need no other code than the program."""
    app = TestApp()
    inner = app.task(name="inner")(lambda_two)

    @app.task
    def outer():
        return inner.delay().get() + 1

    with setup_default_app(app), start_worker(app, pool="prefork", concurrency=2):
        assert outer.delay().get() == 3


def lambda_two():
    """Return two."""
    return 2


def test_ping_outlives_the_shared_tasks_of_a_test():
    """A fresh lab forgets what tests shared, but not what Celery's own test worker needs."""
    before = set(_state._on_app_finalizers)
    try:
        with reset() as lab:
            app = TestApp()
            with setup_default_app(app), start_worker(app):
                assert lab.log
    finally:
        _state._on_app_finalizers.update(before)


def test_nothing_stays_current_after_a_test(lab):  # noqa: ARG001 - the world they are in
    """The default app, the current app, the tasks that were shared and the list of apps are as before."""
    mine = Celery("mine")
    finalizers, apps = set(_state._on_app_finalizers), set(_state.get_active_apps())
    app = TestApp("tested")
    with setup_default_app(app):
        app.set_current()
        app.set_default()
        app.task(lambda_two)
    assert current_app._get_current_object() is mine
    assert _state._on_app_finalizers == finalizers
    assert set(_state.get_active_apps()) - {app} == apps


def test_the_app_of_a_test_has_settings_that_need_no_server():
    """What a test gives counts more."""
    assert TestApp().conf.broker_url == "memory://"
    assert TestApp(config={"task_serializer": "yaml"}).conf.task_serializer == "yaml"
    assert TestApp(broker="amqp://", backend="rpc://").conf.result_backend == "rpc://"
    assert TestApp(enable_logging=True).log_cls == Celery.log_cls


def test_a_running_task_sees_that_it_was_asked_to_stop(lab):
    """It looks when it likes; asking kills nothing."""
    app = Celery("proj", broker="amqp://", backend="cache+memory://")

    @app.task(bind=True, base=AbortableTask)
    def long(self):
        for turn in range(10):
            if self.is_aborted():
                return turn
            time.sleep(10)
        return "never stopped"

    lab.start_worker(app)
    result = long.delay()
    lab.advance(25)
    asked = long.AsyncResult(result.id)
    assert isinstance(asked, AbortableAsyncResult)
    asked.abort()
    assert (asked.state, asked.is_aborted()) == ("ABORTED", True)
    assert result.get(timeout=100) == 3
    assert not long.AsyncResult(result.id).is_aborted()


def test_a_plain_task_is_never_aborted(lab):
    """The method is there for tasks that look; an id that nobody has aborted is not."""
    app = Celery("proj", broker="amqp://", backend="cache+memory://")
    task = app.task(base=AbortableTask)(lambda_two)
    assert not task.is_aborted(task_id="nobody")
    with pytest.raises(ValueError, match="requires valid id"):
        task.is_aborted()
    assert lab.time == 0


def test_each_call_gives_the_tasks_own_kind_of_result(lab):  # noqa: ARG001 - the world they are in
    """A subclass that says what a result is need not override the calls too."""
    app = Celery("proj", broker="amqp://", backend="cache+memory://")
    task = app.task(base=AbortableTask)(lambda_two)
    result = task.delay()
    assert isinstance(result, AbortableAsyncResult)
    result.abort()
    assert result.is_aborted()
