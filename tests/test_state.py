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
