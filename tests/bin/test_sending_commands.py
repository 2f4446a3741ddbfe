"""``celery call``, ``result`` and ``purge``: tasks are sent, read and thrown away from the line."""

from __future__ import annotations

import pytest

from labq.exceptions import LabError


@pytest.fixture
def add(app):
    """A task."""

    @app.task(name="proj.add")
    def add(x, y=10):
        """Add."""
        return x + y

    return add


@pytest.fixture
def worker(lab, app):
    """A worker for it."""
    return lab.start_worker(app)


@pytest.mark.usefixtures("add", "worker")
def test_a_call_prints_the_tasks_id(typed, app):
    """Under which its result is found."""
    task_id = typed('-A app call proj.add -a [1] -k {"y":2}').strip()
    assert app.AsyncResult(task_id).get() == 3
    assert typed(f"-A app result {task_id}") == "3\n"
    assert typed(f"-A app result {task_id} --task proj.add") == "3\n"


@pytest.mark.usefixtures("add")
def test_a_call_takes_options(typed, lab):
    """When, until when, and where to."""
    typed("-A app call proj.add -a [1] --countdown 60 --expires 90 --queue shelf --serializer json")
    lab.run()
    (message,) = lab.broker("amqp://").queue("shelf").ready
    assert message.message.headers["eta"].startswith("2030-01-01T09:01:00")
    assert message.message.headers["expires"].startswith("2030-01-01T09:01:30")


@pytest.mark.usefixtures("add")
def test_a_moment_may_be_given(typed, lab):
    """In ISO 8601, in UTC unless it says otherwise."""
    typed("-A app call proj.add -a [1] --eta 2030-01-01T12:00:00")
    lab.run()
    (message,) = lab.broker("amqp://").queue("celery").ready
    assert message.message.headers["eta"] == "2030-01-01T12:00:00+00:00"


def test_a_task_need_not_be_known_here(typed):
    """Its worker may be elsewhere."""
    assert len(typed("-A app call somewhere.else").strip()) == 36


@pytest.mark.usefixtures("worker")
def test_a_failure_is_raised_and_its_traceback_can_be_printed(typed, app):
    """As the real command does."""

    @app.task(name="proj.broken")
    def broken():
        raise KeyError("no such order")

    task_id = typed("-A app call proj.broken").strip()
    with pytest.raises(KeyError):
        typed(f"-A app result {task_id}")
    assert "KeyError: 'no such order'" in typed(f"-A app result {task_id} --traceback")


def test_a_result_of_an_unknown_task_is_refused(typed):
    """Celery shows a traceback."""
    with pytest.raises(LabError, match=r"There is no task called 'nope'\."):
        typed("-A app result -t nope x")


def test_a_result_that_will_never_be_there_is_not_waited_for(typed):
    """The lab says why."""
    task_id = typed("-A app call somewhere.else").strip()
    with pytest.raises(LabError, match="no worker consumes from queue 'celery'"):
        typed(f"-A app result {task_id}")


@pytest.mark.usefixtures("add")
def test_what_waits_is_thrown_away(typed, lab):
    """What was sent just now has arrived by then."""
    for _ in range(3):
        typed("-A app call proj.add -a [1]")
    assert typed("-A app purge --force") == "Purged 3 messages from 1 known task queue.\n"
    assert typed("-A app purge -f") == "No messages purged from 1 queue.\n"
    assert lab.broker("amqp://").depth("celery") == 0


@pytest.mark.usefixtures("add")
def test_queues_are_chosen_and_left_out(typed):
    """By name."""
    typed("-A app call proj.add -a [1] --queue shelf")
    typed("-A app call proj.add -a [1]")
    assert typed("-A app purge -f -Q shelf,attic -X attic") == "Purged 1 message from 1 known task queue.\n"
    assert typed("-A app purge -f -Q shelf -X shelf") == ""


@pytest.mark.parametrize(("answer", "gone"), [("y\n", True), ("n\n", False)])
@pytest.mark.usefixtures("add")
def test_somebody_is_asked_first(terminal, app, lab, answer, gone):
    """Nothing happens without a yes."""
    app.send_task("proj.add", (1,))
    lab.run()
    done = terminal("purge", typed=answer)
    assert "WARNING:This will remove all tasks from queue: celery." in done.output
    assert (lab.broker("amqp://").depth("celery") == 0) is gone
    assert done.exit_code == (0 if gone else 1)


def test_where_nobody_can_answer_the_way_out_is_said(typed, monkeypatch):
    """A notebook that runs by itself has no keyboard."""

    def nobody(prompt):
        raise NotImplementedError(prompt)

    monkeypatch.setattr("click.termui.visible_prompt_func", nobody)
    with pytest.raises(LabError, match="add -f to empty the queues without asking"):
        typed("-A app purge")
