"""Groups: sent together, gathered in one result, flat whatever they are made of."""

from __future__ import annotations

import pytest

from labq import chain, group
from labq.canvas import _chain
from labq.exceptions import NeverReady
from labq.result import GroupResult, allow_join_result


def test_all_members_are_sent_and_gathered(lab, app, add):
    """In the order of the members, whichever ends first."""
    lab.start_worker(app, concurrency=2)
    result = group(add.s(1), add.s(2))(10)
    assert isinstance(result, GroupResult)
    assert (result.get(), result.completed_count()) == ([11, 12], 2)


def test_groups_in_groups_become_one(lab, app, add):
    """Each task is a member of the outermost."""
    lab.start_worker(app)
    result = group(group(add.s(1, 1), add.s(2, 2)), add.s(3, 3))()
    assert result.get() == [2, 4, 6]


def test_a_generator_is_run_as_its_members_are_sent(lab, add):
    """A member is asked for when the one before the last that is known goes out."""
    sent = []

    def calls():
        for number in range(4):
            sent.append(sum(record.kind == "message-published" for record in lab.log))
            yield add.si(number, number)

    group(calls())()
    assert sent == [0, 0, 1, 1]


def test_an_empty_group_is_ready(app):
    """It has an id and no members."""
    result = group(app=app)()
    assert (result.get(), result.ready(), bool(result), len(result)) == ([], True, True, 0)


def test_nothing_can_be_linked_to_a_group_when_it_is_sent(add):
    """No member has the others' results."""
    with pytest.raises(TypeError, match="Cannot add link to group: use a chord"):
        group([add.s(1, 1)]).apply_async(link=add.s(1))


def test_freezing_gives_members_their_places(add):
    """And leaves the caller's signatures alone."""
    first = add.s(1, 1)
    work = group([first, add.s(2, 2)])
    result = work.freeze(group_id="g", root_id="r")
    assert [task.options["group_index"] for task in work.tasks] == [0, 1]
    assert {task.options["group_id"] for task in work.tasks} == {"g"}
    assert [task.id for task in work.tasks] == [member.id for member in result]
    assert first.options == {}


def test_empty_chains_are_left_out(app, add):
    """They do nothing and have no result."""
    work = group([_chain(app=app), add.s(1, 1)], app=app)
    assert len(work.freeze()) == 1


def test_members_get_options_of_the_group(lab, add):
    """Their own count where the group says nothing."""
    group([add.s(1, 1).set(priority=1), add.s(2, 2)], app=add.app).apply_async(queue="other")
    lab.run()
    assert {record.fact("queue") for record in lab.log if record.kind == "message-queued"} == {"other"}


def test_a_group_that_ends_in_a_group_has_an_id_of_its_own(add):
    """The inner group's result is not mistaken for the outer one's."""
    result = group(add.si(1, 1), chain(add.si(2, 2), group(add.si(3, 3), add.si(4, 4))))()
    assert isinstance(result[1], GroupResult)
    assert result[1].id != result.id


def test_what_a_task_sends_as_a_group_stands_once_among_its_children(lab, app, add):
    """Not each member by itself."""

    @app.task(name="sending", shared=False)
    def sending():
        group(add.s(1, 1), add.s(2, 2))()

    lab.start_worker(app)
    result = sending.delay()
    result.get()
    assert [len(child) for child in result.children] == [2]


def test_a_group_that_nobody_runs_says_why(add):
    """The first member that cannot come gives the reason."""
    with pytest.raises(NeverReady, match="no worker consumes from queue 'celery'"):
        group(add.s(1, 1), add.s(2, 2))().get()


def test_a_group_on_the_spot(app, add, boom):
    """A failure is raised when the values are asked for."""
    result = group(add.s(1, 1), boom.s()).apply()
    assert result.results[0].get() == 2
    with pytest.raises(ValueError, match="boom"):
        result.get()
    assert group(app=app).apply().get() == []


def test_a_task_may_wait_for_a_group_when_that_is_allowed(lab, app, add):
    """With a second slot, in which the members run."""

    @app.task(name="waiting", shared=False)
    def waiting():
        with allow_join_result():
            return group(add.s(1, 1), add.s(2, 2))().get()

    @app.task(name="blocked", shared=False)
    def blocked():
        return group(add.s(1, 1))().get()

    lab.start_worker(app, concurrency=2)
    assert waiting.delay().get() == [2, 4]
    with pytest.raises(RuntimeError, match=r"Never call result.get\(\) within a task!"):
        blocked.delay().get()
