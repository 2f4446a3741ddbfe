"""Results: waiting drives the lab, and says why when nothing can make them ready."""

from __future__ import annotations

import copy
import pickle
import time
from datetime import UTC, datetime

import pytest

from labq import result as results
from labq.exceptions import NeverReady, TaskRevokedError, TimeoutError  # noqa: A004 - Celery's name
from labq.result import AsyncResult, EagerResult, allow_join_result


def test_waiting_for_nobody_says_so_at_once(app):
    """Celery would wait for ever; the lab names the queue that nobody reads."""
    with pytest.raises(NeverReady, match="no worker consumes from queue 'celery'"):
        app.send_task("t").get()


def test_waiting_with_a_timeout_passes_the_time(lab, app):
    """The clock has moved, and the error is Celery's."""
    with pytest.raises(TimeoutError, match=r"The operation timed out\."):
        app.send_task("t").get(timeout=30)
    assert lab.time == 30


def test_waiting_stops_as_soon_as_the_result_is_there(lab, app):
    """Other tasks go on later."""

    @app.task(name="nap")
    def nap(seconds):
        time.sleep(seconds)
        return seconds

    lab.start_worker(app, concurrency=2)
    long, short = nap.delay(100), nap.delay(10)
    assert short.get() == 10
    assert lab.time == 10
    assert not long.ready()


def test_the_date_is_the_virtual_moment(lab, app):
    """Aware, in the app's timezone."""

    @app.task(name="t")
    def done():
        return 1

    lab.start_worker(app)
    result = done.apply_async(countdown=60)
    result.get()
    assert result.date_done == datetime(2030, 1, 1, 9, 1, tzinfo=UTC)
    assert result.date_done.utcoffset().total_seconds() == 0


def test_waiting_inside_a_task_is_refused_and_can_be_allowed(lab, app):
    """A child that waits for another one may wait for itself."""

    @app.task(name="inner")
    def inner():
        return 1

    @app.task(name="outer")
    def outer(how):
        result = inner.delay()
        if how == "allowed":
            with allow_join_result():
                return result.get()
        return result.get(disable_sync_subtasks=how != "told")

    lab.start_worker(app, concurrency=2)
    with pytest.raises(RuntimeError, match=r"Never call result.get\(\) within a task!"):
        outer.delay("plain").get()
    assert [outer.delay(how).get() for how in ("allowed", "told")] == [1, 1]


def test_a_failure_is_raised_with_its_traceback_at_hand(lab, app):
    """The user's frame comes first; none of the lab's stands before it."""

    @app.task(name="t")
    def failing():
        raise ValueError("x")

    lab.start_worker(app)
    result = failing.delay()
    with pytest.raises(ValueError, match=r"^x$"):
        result.get()
    lines = result.traceback.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith("in failing")
    assert lines[-1] == "ValueError: x"


def test_arguments_that_do_not_fit_leave_a_traceback_with_a_heading(lab, app):
    """There is no frame of the user's, but the text reads as one expects."""

    @app.task(name="t", typing=False)
    def wants(x):
        return x

    lab.start_worker(app)
    result = wants.delay()
    lab.run()
    assert result.traceback.splitlines()[0] == "Traceback (most recent call last):"


def test_a_result_is_its_id(app):
    """Compared, hashed, copied, shown and pickled by it."""
    result = app.AsyncResult("a")
    assert result == AsyncResult("a") == "a"
    assert {result} == {AsyncResult("a", app=app)}
    assert (repr(result), str(result)) == ("<AsyncResult: a>", "a")
    assert copy.copy(result) == result
    assert pickle.loads(pickle.dumps(result)).id == "a"  # noqa: S301 - what was pickled a moment ago


def test_a_result_needs_an_id(app):
    """The words are Celery's."""
    with pytest.raises(ValueError, match=r"AsyncResult requires valid id, not <class 'NoneType'>"):
        app.AsyncResult(None)


def test_a_known_value_is_not_read_again_but_after_a_rewind_it_is(lab, app):
    """A final answer is kept, as long as the world that gave it is there."""

    @app.task(name="t")
    def done():
        return 1

    lab.start_worker(app)
    before = len(lab.log)
    result = done.delay()
    assert result.get() == 1
    lab.rewind(to=before)
    assert result.state == "PENDING"


def test_an_eager_result_can_be_revoked_after_the_fact():
    """Its value gives way to the error."""
    result = EagerResult("a", 5, "SUCCESS")
    assert result.get() == 5
    result.revoke()
    assert (result.state, type(result.result)) == ("REVOKED", TaskRevokedError)
    with pytest.raises(TaskRevokedError):
        result.get()
    assert EagerResult("b", None, "IGNORED").get() is None


def test_who_asks_whether_waiting_blocks_can_be_put_in_ones_own_place(app, monkeypatch):
    """As tests of Celery's users do, and the result asks there."""
    ended = app.AsyncResult("beans")
    app.backend.mark_as_done("beans", 3)
    monkeypatch.setattr(results, "task_join_will_block", lambda: True)
    with pytest.raises(RuntimeError, match=r"Never call result.get\(\) within a task!"):
        ended.get()
    assert ended.get(disable_sync_subtasks=False) == 3
