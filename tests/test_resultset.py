"""Many results: looked at, changed and waited for as one; groups saved and found again."""

from __future__ import annotations

import pickle
import time

import pytest

from labq import group
from labq.exceptions import ImproperlyConfigured, NeverReady, TimeoutError  # noqa: A004 - Celery's name
from labq.result import GroupResult, ResultSet, result_from_tuple


@pytest.fixture
def nap(app):
    """A task that sleeps and returns how long."""

    def nap(seconds):
        time.sleep(seconds)
        return seconds

    return app.task(name="nap", shared=False)(nap)


def test_values_come_in_the_order_of_the_results(lab, app, nap):
    """Whichever task ends first; the time that passes is that of the longest."""
    lab.start_worker(app, concurrency=3)
    result = group(nap.s(30), nap.s(10), nap.s(20))()
    assert result.get() == [30, 10, 20]
    assert lab.time == 30


def test_the_first_failure_is_raised_without_waiting_for_the_rest(lab, app, nap):
    """The backend waits for all at once."""

    @app.task(name="failing", shared=False)
    def failing():
        raise ValueError("x")

    lab.start_worker(app, concurrency=2)
    result = app.ResultSet([nap.delay(100), failing.delay()])
    with pytest.raises(ValueError, match="x"):
        result.get()
    assert lab.time < 100


def test_joining_one_by_one_shares_one_timeout(lab, app, nap):
    """It is for all of them together."""
    lab.start_worker(app, concurrency=1)
    result = app.ResultSet([nap.delay(5), nap.delay(5), nap.delay(5)])
    with pytest.raises(TimeoutError):
        result.join(timeout=12)
    assert lab.time == 12
    assert result.join(timeout=10) == [5, 5, 5]


def test_a_member_that_can_never_come_is_explained(app, nap):
    """By the same words as a single result."""
    with pytest.raises(NeverReady, match="no worker consumes from queue 'celery'"):
        app.ResultSet([nap.delay(1)]).join()


def test_messages_can_be_heard_only_where_there_are_some(app):
    """Celery's words."""
    with pytest.raises(ImproperlyConfigured, match="Backend does not support on_message callback"):
        app.ResultSet([app.AsyncResult("a")]).join(on_message=print)


def test_a_set_counts_what_has_ended(lab, app, nap):
    """Ready only when all are."""
    lab.start_worker(app, concurrency=2)
    result = app.ResultSet([nap.delay(1), nap.delay(10)])
    lab.run(until=5)
    assert (result.completed_count(), result.ready(), result.waiting(), result.successful()) == (1, False, True, False)
    lab.run()
    assert (result.completed_count(), result.ready(), result.waiting(), result.successful()) == (2, True, False, True)


def test_a_set_is_changed_by_hand(app):
    """Equal results are in it once."""
    some = ResultSet([app.AsyncResult("a")], app=app)
    some.add(app.AsyncResult("a"))
    some.update([app.AsyncResult("a"), app.AsyncResult("b")])
    assert [each.id for each in some] == ["a", "b"]
    some.remove("a")
    some.discard("a")
    with pytest.raises(KeyError):
        some.remove("a")
    assert some[0] == "b"
    some.clear()
    assert len(some) == 0


def test_a_group_is_saved_and_found_again(lab, app, nap):
    """By its id, in whatever process."""
    lab.start_worker(app)
    result = group(nap.s(1), nap.s(2))()
    result.save()
    assert app.GroupResult.restore(result.id) == result
    assert GroupResult.restore(result.id, app=app).get() == [1, 2]
    result.delete()
    assert app.GroupResult.restore(result.id) is None


def test_a_group_is_written_down_with_its_family(app):
    """As tuples for JSON, as ids for pickle."""
    result = app.GroupResult("g", [app.AsyncResult("a"), app.GroupResult("h", [])], parent=app.AsyncResult("p"))
    assert result.as_tuple() == (("g", (("p", None), None)), [(("a", None), None), (("h", None), [])])
    assert result_from_tuple(result.as_tuple(), app=app) == result
    assert pickle.loads(pickle.dumps(result)).results == result.results  # noqa: S301 - what was pickled a moment ago


def test_whoever_waits_is_called_when_all_are_found_ready(lab, app, nap, monkeypatch):
    """With backends that send replies; a result that is added later is waited for anew."""
    lab.start_worker(app)
    some = app.ResultSet([nap.delay(1), nap.delay(2)])
    monkeypatch.setattr(type(app.backend), "is_async", True)
    heard = []
    some.then(lambda told: heard.append(told is some))
    assert heard == []
    lab.run()
    assert some.ready()
    assert heard == [True]
    some.add(nap.delay(3))
    some.then(lambda _: heard.append("again"))
    assert heard == [True]
    lab.run()
    assert some.ready()
    assert heard == [True, "again"]


def test_a_set_is_revoked_at_once(app):
    """One command names all of them."""
    told = []
    some = app.ResultSet([app.AsyncResult("a"), app.AsyncResult("b")])
    control = type("Control", (), {"revoke": lambda _, ids, **options: told.append((ids, options["terminate"]))})
    type(some).app = type("App", (), {"control": control()})()
    some.revoke(terminate=True)
    assert told == [(["a", "b"], True)]
