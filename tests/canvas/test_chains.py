"""Chains: sent with all that follows, run on the spot, taken apart."""

from __future__ import annotations

import pytest

from labq import chain, chord, group
from labq.canvas import _chain
from labq.exceptions import NeverReady


def test_each_result_goes_into_the_next_call(lab, app, add):
    """The first task has what the chain is called with."""
    lab.start_worker(app)
    result = chain(add.s(y=1), add.s(10), add.si(5, 5))(3)
    assert (result.get(), result.parent.get(), result.parent.parent.get()) == (10, 14, 4)


def test_the_first_message_carries_the_rest_last_task_first(lab, add, kinds):
    """A worker takes the next one off the end."""
    result = chain(add.s(1, 1), add.s(2), add.s(3)).apply_async(task_id="last")
    sent = [record for record in lab.log if record.kind == "message-published"]
    assert [record.task_id for record in sent] == [result.parent.parent.id]
    assert result.id == "last"
    assert kinds(result) == []


def test_a_chain_can_be_sent_again(lab, app, add):
    """Its tasks are copied, but it remembers the id of the last one, as in Celery: a copy gets a new one."""
    lab.start_worker(app)
    work = chain(add.s(1, 1), add.s(2))
    copy = work.clone()
    first, second, other = work(), work(), copy()
    assert (first.id == second.id == work.id, other.id == work.id) == (True, False)
    assert (first.get(), second.get(), other.get()) == (4, 4, 4)
    assert [task.options for task in work.tasks] == [{}, {}]


def test_tasks_can_be_linked_instead(lab, app, add):
    """The old way: each task has the next one as its callback."""
    lab.start_worker(app)
    result = chain(add.s(1, 1), add.s(2), add.s(3), use_link=True)()
    assert result.get() == 7


def test_an_empty_chain_is_nothing(add):
    """Calling it gives None; it cannot be frozen."""
    assert (chain()(), chain().apply_async(), chain().apply()) == (None, None, None)
    assert (chain() | add.s(1)).tasks == [add.s(1)]
    with pytest.raises(IndexError):
        chain().freeze()


def test_freezing_names_the_last_task(add):
    """The chain has its id, and the results are each other's parents."""
    work = chain(add.s(1, 1), add.s(2), add.s(3))
    assert work.id is None
    result = work.freeze("mine", root_id="root")
    assert work.id == result.id == "mine"
    assert [task.options["root_id"] for task in work.tasks] == ["root"] * 3
    assert [task.id for task in reversed(work.tasks)] == [result.id, result.parent.id, result.parent.parent.id]


def test_a_group_of_a_generator_keeps_its_promise(lab, app, add):
    """The results that are handed out are those of the tasks that will run."""
    lab.start_worker(app)
    result = chain(add.s(1, 1), group(add.s(n) for n in range(3)))()
    assert result.get() == [2, 3, 4]


def test_a_chord_in_a_chain_hands_its_bodys_result_on(lab, app, add, tsum):
    """Also when the body is a chain itself."""
    lab.start_worker(app)
    work = chain(add.s(1, 1), chord([add.s(2), add.s(3)], chain(tsum.s(), add.s(10))), add.s(100))
    assert work().get() == 119


def test_on_the_spot_a_chain_stops_at_a_failure(add, boom):
    """The exception comes when the next task wants the value."""
    with pytest.raises(ValueError, match="boom"):
        chain(add.s(1, 1), boom.s(), add.s(2)).apply()
    result = chain(add.s(1, 1), boom.s()).apply()
    assert (result.state, result.parent.get()) == ("FAILURE", 2)


def test_a_link_on_the_spot_changes_nothing_in_the_written_chain(app, add, tsum, note, notes):
    """A second run does not call it again."""
    app.conf.task_always_eager = True
    work = chain(add.s(1, 1), chord([add.s(10), add.s(20)], group(tsum.s(), tsum.s())))
    work.apply_async(link=note.s())
    work.apply_async()
    assert notes == [(34,), (34,)]


def test_a_chain_that_nobody_runs_says_why(add):
    """The reason is that of its first task: the last one was never sent, and nobody would learn anything from that."""
    with pytest.raises(NeverReady, match="no worker consumes from queue 'celery'"):
        chain(add.s(1, 1), add.s(2))().get()
    work = chain(add.s(1, 1), group(add.s(2), add.s(3)))
    with pytest.raises(NeverReady, match="no worker consumes from queue 'celery'"):
        work().get()
    with pytest.raises(NeverReady, match="no worker consumes from queue 'celery'"):
        (work | add.si(1, 1))().get()


def test_only_empty_groups_leave_one(app):
    """So that there is a result."""
    result = _chain(group(app=app), group(app=app), app=app).apply_async()
    assert result.get() == []
