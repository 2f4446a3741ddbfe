"""What is current: the app, the lab, the running task; each is asked for, never passed along."""

from __future__ import annotations

import threading

import pytest

from labq import Celery, _state, current_app, current_task
from labq.result import allow_join_result, denied_join_result


@pytest.mark.usefixtures("lab")
def test_the_current_app_is_each_threads_own():
    """An app made in another thread does not take over here."""
    mine = Celery("mine")
    seen = []

    def elsewhere():
        seen.append(current_app.main == "mine")
        Celery("theirs")
        seen.append(current_app.main)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [False, "theirs"]
    assert current_app == mine


@pytest.mark.usefixtures("lab")
def test_the_innermost_task_is_current_and_the_outer_one_comes_back():
    """Also when the inner one is merely called."""
    app = Celery("proj", set_as_current=False)
    seen = []

    @app.task(name="inner", shared=False)
    def inner():
        seen.append(current_task.name)

    @app.task(name="outer", shared=False)
    def outer():
        inner()
        seen.append(current_task.name)

    outer()
    assert seen == ["inner", "outer"]
    assert _state.get_current_task() is None


@pytest.mark.usefixtures("lab")
def test_joining_is_denied_and_allowed_in_turn():
    """The inner word counts, the outer one comes back."""
    assert not _state.task_join_will_block()
    with denied_join_result():
        assert _state.task_join_will_block()
        with allow_join_result():
            assert not _state.task_join_will_block()
        assert _state.task_join_will_block()
    assert not _state.task_join_will_block()


@pytest.mark.usefixtures("lab")
def test_finalizers_come_in_the_order_of_definition(monkeypatch):
    """A set has another order under another hash seed; the lab's log must not."""
    monkeypatch.setattr(_state, "_on_app_finalizers", set())
    called = []
    for serial in (3, 1, 2):

        def note(_, serial=serial):
            called.append(serial)

        note.serial = serial
        _state.connect_on_app_finalize(note)
    Celery("proj", set_as_current=False).finalize()
    assert called == [1, 2, 3]


def test_a_task_is_made_current_by_hand(lab, app):
    """What runs a task without a worker says so, and what the task sends is its child."""

    @app.task(bind=True)
    def grind(self):
        return self.request.parent_id

    _state.push_current_task(grind)
    grind.push_request(id="beans", called_directly=False)
    sent = grind.delay()
    assert (current_task.name, _state._task_stack.top, len(_state._task_stack)) == (grind.name, grind, 2)
    assert grind.request.children == [sent]
    grind.pop_request()
    assert _state.pop_current_task() is grind
    assert (_state._task_stack.stack, _state._task_stack.pop()) == ([], None)
    lab.start_worker(app)
    assert sent.get() == "beans"


@pytest.mark.usefixtures("lab")
def test_who_relies_on_the_current_app_is_found_out(capsys):
    """With the trace on the place is shown, and a default app is not brought in."""
    app = Celery("mine")
    _state.enable_trace()
    try:
        assert _state.app_or_default(app) is app
        assert capsys.readouterr().out == ""
        assert _state.app_or_default() is app
        assert capsys.readouterr().out == "-- RETURNING TO CURRENT APP --\n"
        _state.set_current_app(None)
        with pytest.raises(Exception, match="DEFAULT APP"):
            _state.app_or_default()
    finally:
        _state.disable_trace()
    assert _state.app_or_default() is _state.default_app
