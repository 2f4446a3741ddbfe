"""What a worker says of a run that it had to end: what the message said, and nothing that the body did in its child."""

from __future__ import annotations

import time

import pytest

from labq import Celery, Lab
from labq.exceptions import TimeLimitExceeded
from labq.log.record import MESSAGE_PUBLISHED

ENDS = ("limit", "kill", "cold", "revoke")


class Given:
    """A task that sends another one and changes its own arguments, in the middle of its run."""

    def __init__(self, **settings) -> None:
        self.lab = Lab(seed=3, start="2030-01-01T09:00:00Z")
        self.app = Celery("told", broker="amqp://", backend="cache+memory://", set_as_current=False)
        self.app.conf.update(task_acks_late=True, result_extended=True, **settings)

        @self.app.task(name="told.other", shared=False)
        def other():
            return None

        @self.app.task(name="told.change", bind=True, shared=False)
        def change(task, items):
            assert task.request.args == [items]
            other.delay()
            items.append("mine")
            time.sleep(60)

        self.other, self.change = other, change
        self.worker = self.lab.start_worker(self.app, hostname="w1@lab", concurrency=2)
        self.result = change.delay(["theirs"])
        self.lab.advance(1)

    def end(self, how: str) -> None:
        """End the run in the way called *how*."""
        if how == "limit":
            self.lab.advance(10)
        elif how == "kill":
            self.worker.kill_child(1)
        elif how == "cold":
            self.worker.stop("cold")
        else:
            self.result.revoke(terminate=True)
        self.lab.run()


@pytest.mark.parametrize("how", ENDS)
def test_the_lab_can_go_back_after_a_run_was_ended_that_had_sent_something(how):
    """What the worker stores for the lost run is the same whether its body runs or is played from its tape."""
    given = Given(task_time_limit=5)
    given.end(how)
    rows = [tuple(record) for record in given.lab.log]

    assert given.lab.rewind(to=len(rows)) == len(rows)
    assert [tuple(record) for record in given.lab.log] == rows


def test_a_stored_timeout_tells_of_no_children_and_of_the_arguments_that_came():
    """The worker has only the message, as Celery's main process has."""
    given = Given(task_time_limit=5)
    given.end("limit")

    assert isinstance(given.result.result, TimeLimitExceeded)
    assert (given.result.children, given.result.args) == ([], [["theirs"]])


def test_a_run_that_is_tried_again_begins_with_the_arguments_that_came():
    """What the body did to its list is lost with the child."""
    given = Given()
    given.change.retry_on_worker_lost = True
    given.end("kill")

    sent = given.lab.log.select(kind=MESSAGE_PUBLISHED, task_id=given.result.id)
    assert [record.facts[5] for record in sent] == ["(['theirs'],)", "(['theirs'],)"]


def test_inspect_shows_the_arguments_that_came():
    """A body's own changes are not seen from outside while it runs."""
    given = Given()

    (shown,) = given.app.control.inspect().active()["w1@lab"]
    assert shown["args"] == [["theirs"]]
