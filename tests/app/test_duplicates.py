"""Messages that come twice: a task that is acknowledged late may have succeeded before its worker was lost."""

from __future__ import annotations

import time

import pytest

from labq import Task


@pytest.mark.parametrize("settled", [True, False])
def test_a_task_that_has_succeeded_is_not_run_again(lab, app, settled):
    """The setting is off by default, and then a task that is delivered twice runs twice."""
    app.conf.worker_deduplicate_successful_tasks = settled
    runs = []

    class Tidy(Task):
        def on_success(self, *_):
            time.sleep(10)  # the result is stored already, and the message is not acknowledged yet

    @app.task(acks_late=True, base=Tidy)
    def brew():
        runs.append(1)
        return "tea"

    @app.task
    def pour(what):
        runs.append(what)

    first = lab.start_worker(app, hostname="w1@lab", concurrency=1)
    result = brew.apply_async(link=pour.s())
    while result.state != "SUCCESS":
        lab.step()
    lab.step()
    first.stop("cold")
    lab.start_worker(app, hostname="w2@lab", concurrency=1)
    lab.run()
    assert len(lab.log.select(kind="message-redelivered", task_id=result.id)) == 1
    assert runs.count(1) == (1 if settled else 2)
    assert runs.count("tea") == (1 if settled else 2)
    assert result.get() == "tea"
