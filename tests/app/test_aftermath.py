"""What comes after a task: callbacks, chains, errbacks, chords, replacements; and going back to before them."""

from __future__ import annotations

import time

import pytest

from labq import chain, chord, group
from labq.exceptions import ChordError, ImproperlyConfigured, NeverReady
from labq.result import allow_join_result


@pytest.fixture
def tasks(app):
    """Return small tasks by name, and a list of what they noted."""
    noted = []

    @app.task
    def add(x, y=0):
        return x + y

    @app.task
    def tsum(values):
        return sum(values)

    @app.task
    def fail(*_):
        msg = "boom"
        raise ValueError(msg)

    @app.task(bind=True)
    def note(self, *args):
        noted.append((self.request.id, args))
        return args[0] if args else None

    @app.task
    def told(request, exc, traceback):
        noted.append((request.id, type(exc).__name__, traceback is None))

    class Tasks:
        pass

    for each in (add, tsum, fail, note, told):
        setattr(Tasks, each.name.rpartition(".")[2], each)
    Tasks.noted = noted
    return Tasks


# -- after a success -------------------------------------------------------------------------------------------------
def test_a_callback_is_sent_before_the_result_is_stored(lab, app, tasks, kinds):
    """So that whoever reads the result finds the children."""
    lab.start_worker(app, concurrency=1)
    result = tasks.add.apply_async((1, 1), link=tasks.note.s())
    assert result.get() == 2
    assert [child.get() for child in result.children] == [2]
    published = [record.number for record in lab.log.select(kind="message-published")]
    stored = lab.log.select(kind="result-stored", task_id=result.id)[0].number
    assert published[1] < stored
    assert kinds(result)[-1] == "task-succeeded"


def test_a_chain_says_where_it_comes_from(lab, app, tasks):
    """Each task knows its parent, and the first of the family."""
    lab.start_worker(app)
    last = chain(tasks.add.s(1, 1), tasks.add.s(2), tasks.add.s(3)).apply_async()
    assert last.get() == 7
    assert app.backend.get_task_meta(last.id)["parent_id"] == last.parent.id
    assert last.parent.parent.children == [last.parent]


def test_a_broken_chain_leaves_nobody_waiting(lab, app, tasks):
    """The tasks that never ran have failed, with the error of the one that did."""
    lab.start_worker(app)
    last = chain(tasks.add.s(1, 1), tasks.fail.s(), tasks.add.s(2), tasks.add.s(3)).apply_async()
    with pytest.raises(ValueError, match="boom"):
        last.get()
    lab.run()
    assert [last.state, last.parent.state, last.parent.parent.state] == ["FAILURE"] * 3
    ran = {record.task_id for record in lab.log.select(kind="task-started")}
    assert last.id not in ran


# -- after a failure -------------------------------------------------------------------------------------------------
def test_an_errback_of_three_arguments_runs_in_the_failed_tasks_place(lab, app, tasks):
    """It is called, not sent: no message, no result of its own."""
    lab.start_worker(app)
    result = tasks.fail.apply_async(link_error=tasks.told.s())
    with pytest.raises(ValueError, match="boom"):
        result.get()
    assert tasks.noted == [(result.id, "ValueError", False)]
    assert len(lab.log.select(kind="message-published")) == 1


def test_an_errback_that_sleeps_costs_the_worker_time(lab, app, tasks):
    """It runs in the failed task's own slot."""

    @app.task
    def slow(*_):
        time.sleep(30)

    lab.start_worker(app, concurrency=1)
    tasks.fail.apply_async(link_error=slow.s())
    later = tasks.add.delay(1, 1)
    assert later.get() == 2
    assert lab.time >= 30


# -- chords ----------------------------------------------------------------------------------------------------------
def test_a_chord_is_counted_part_by_part(lab, app, tasks):
    """The counter is written down where a learner can see it grow."""
    lab.start_worker(app)
    result = chord([tasks.add.s(n, n) for n in range(3)])(tasks.tsum.s())
    assert result.get() == 6
    counted = lab.log.select(kind="chord-counted")
    assert [(record["count"], record["size"]) for record in counted] == [(1, 3), (2, 3), (3, 3)]
    assert {record["group"] for record in counted} == {result.parent.id}


def test_a_chords_traces_are_removed_after_it(lab, app, tasks):
    """The group and its counter are only needed until the body has been sent."""
    lab.start_worker(app)
    result = chord([tasks.add.s(1, 1)])(tasks.tsum.s())
    assert app.backend.restore_group(result.parent.id) == result.parent
    assert result.get() == 2
    assert app.backend.restore_group(result.parent.id) is None


def test_a_failed_part_fails_the_body_by_name(lab, app, tasks):
    """The body never runs; its error says which part is to blame, and has that part's error as its cause's words."""
    lab.start_worker(app)
    body = tasks.tsum.s().set(task_id="body")
    body.link_error(tasks.told.s())
    chord([tasks.add.s(1, 1), tasks.fail.s().set(task_id="culprit")])(body)
    with pytest.raises(ChordError, match=r"Dependency culprit raised ValueError\('boom'\)"):
        app.AsyncResult("body").get()
    assert tasks.noted == [("body", "ChordError", True)]


def test_every_member_of_a_body_that_is_a_group_fails(lab, app, tasks):
    """None of them would ever run, so none may be waited for."""
    lab.start_worker(app)
    members = [tasks.tsum.s().set(task_id=f"m{n}") for n in range(2)]
    chord([tasks.add.s(1, 1), tasks.fail.s()])(group(members))
    lab.run()
    assert [app.AsyncResult(f"m{n}").state for n in range(2)] == ["FAILURE", "FAILURE"]


def test_a_lost_child_fails_its_chord(lab, app, tasks):
    """Whoever stores that the task was lost lets its chord know, too."""

    @app.task
    def die():
        raise SystemExit(3)

    lab.start_worker(app)
    chord([tasks.add.s(1, 1), die.s()])(tasks.tsum.s().set(task_id="body"))
    with pytest.raises(ChordError, match="WorkerLostError"):
        app.AsyncResult("body").get()


def test_a_chord_can_be_rewound(lab, app, tasks):
    """Groups and counters belong to the world: going back takes them back, and from there it comes out the same."""
    lab.start_worker(app, concurrency=1)
    result = chord([tasks.add.s(n, n) for n in range(4)])(tasks.tsum.s())
    assert result.get() == 12
    before = [str(record) for record in lab.log]
    second = lab.log.select(kind="chord-counted")[1].number
    lab.rewind(to=second + 1)
    assert len(lab.log.select(kind="chord-counted")) in (1, 2)
    assert result.state == "PENDING"
    assert result.get() == 12
    assert [str(record) for record in lab.log] == before
    lab.rewind(to=len(lab.log))
    assert [str(record) for record in lab.log] == before


def test_replaced_tasks_and_errbacks_can_be_rewound(lab, app, tasks):
    """What a body sends after its function has ended is on its tape like the rest."""

    @app.task(bind=True)
    def shift(self, x):
        return self.replace(chain(tasks.add.s(x, 1), tasks.fail.s()))

    lab.start_worker(app, concurrency=1)
    result = shift.apply_async((1,), link_error=tasks.told.s())
    with pytest.raises(ValueError, match="boom"):
        result.get()
    lab.run()
    noted, before = list(tasks.noted), [str(record) for record in lab.log]
    lab.rewind(to=len(before))
    assert (tasks.noted, [str(record) for record in lab.log]) == (noted, before)
    for place in range(len(before), 0, -6):
        lab.rewind(to=place)
        assert [str(record) for record in lab.log] == before[: len(lab.log)]
    lab.run()
    assert [str(record) for record in lab.log] == before[: len(lab.log)]


# -- replacements ----------------------------------------------------------------------------------------------------
def test_a_replacement_answers_for_the_task(lab, app, tasks):
    """The id stays, so whoever waits gets the answer of the one that took the place."""

    @app.task(bind=True)
    def shift(self, x):
        return self.replace(group(tasks.add.s(x, n) for n in range(2)))

    lab.start_worker(app)
    assert shift.delay(5).get() == [5, 6]


def test_an_empty_chain_replaces_nothing(lab, app):
    """Celery says so in these words."""

    @app.task(bind=True)
    def shift(self):
        return self.replace(chain())

    lab.start_worker(app)
    with pytest.raises(ImproperlyConfigured, match="Cannot replace with an empty chain"):
        shift.delay().get()


# -- without a counter -----------------------------------------------------------------------------------------------
def test_the_unlocking_task_looks_again_and_again(lab, app, tasks):
    """One second passes between two looks, as the setting says."""

    @app.task
    def slow():
        time.sleep(3.5)
        return 1

    lab.start_worker(app)
    header = group(slow.s(), tasks.add.s(1, 1)).apply_async()
    app.backend.fallback_chord_unlock(header, tasks.tsum.s().set(task_id="body"))
    assert app.AsyncResult("body").get() == 3
    looks = [r for r in lab.log.select(kind="task-started") if _name_of(lab, r.task_id) == "celery.chord_unlock"]
    assert len(looks) == 4


def _name_of(lab, task_id):
    return next(record["task"] for record in lab.log.select(kind="message-published") if record.task_id == task_id)


# -- waiting inside a task -------------------------------------------------------------------------------------------
def test_a_body_may_join_where_that_is_allowed(lab, app, tasks):
    """With two children one can wait for the other."""

    @app.task
    def wait():
        with allow_join_result():
            return tasks.add.delay(2, 2).get()

    lab.start_worker(app, concurrency=2)
    assert wait.delay().get() == 4


def test_waiting_for_oneself_is_explained(lab, app, tasks):
    """One child that waits for the next task waits for ever."""

    @app.task
    def wait():
        with allow_join_result():
            return tasks.add.delay(2, 2).get()

    lab.start_worker(app, concurrency=1)
    with pytest.raises(NeverReady):
        wait.delay().get()
