"""A chain's steps made ready: flat, frozen, groups upgraded, empty ones left out."""

from __future__ import annotations

import pytest

from labq import chord, group
from labq.canvas import _chain, _chord
from labq.result import GroupResult


def ready(work, args=(), **more):
    """Return the tasks of a chain made ready, the first one first."""
    tasks, results = work.prepare_steps(args, {}, work.tasks, app=work.app, **more)
    assert len(tasks) == len(results)
    return tasks[::-1]


@pytest.mark.parametrize(
    "before",
    [
        lambda: [group()],
        lambda: [group(), group()],
        lambda: [_chain()],
        lambda: [_chain(group())],
        lambda: [dict(group())],
    ],
)
def test_arguments_go_to_the_first_task_of_its_own(app, add, before):
    """Whatever empty calls stand before it."""
    tasks = ready(_chain(*before(), add.s(10), add.s(20), app=app), (1, 2))
    assert [task.args for task in tasks] == [(1, 2, 10), (20,)]


def test_empty_groups_further_on_are_left_out(app, add):
    """In the middle and at the end."""
    tasks = ready(_chain(add.s(1), group(), add.s(2), group(), app=app))
    assert [task.args for task in tasks] == [(1,), (2,)]


def test_a_chain_of_nothing_keeps_one_empty_group(app):
    """Callers count on a result."""
    for parts in ([group(app=app), group(app=app)], [group(app=app), _chain(app=app)]):
        assert isinstance(_chain(*parts, app=app).freeze(), GroupResult)


def test_chains_in_chains_are_spread_out(app, add):
    """The written ones stay as they are."""
    inner = _chain(add.s(2), add.s(3))
    tasks = ready(_chain(add.s(1), inner, add.s(4), app=app))
    assert [task.args for task in tasks] == [(1,), (2,), (3,), (4,)]
    assert [task.options for task in inner.tasks] == [{}, {}]


def test_a_group_before_a_task_becomes_a_chord_with_it(app, add, tsum):
    """Its result is the body's; what comes later hangs on that."""
    work = _chain(add.s(0), group([add.s(1), add.s(2)]), tsum.s(), add.s(3), app=app)
    tasks, results = work.prepare_steps((), {}, work.tasks, app=app, last_task_id="last")
    assert [type(task).__name__ for task in tasks] == ["Signature", "_chord", "Signature"]
    assert results[0].id == "last"
    assert results[0].parent.id == tasks[1].body.id
    assert isinstance(results[0].parent.parent, GroupResult)
    assert results[0].parent.parent.parent.id == tasks[2].id


def test_a_body_that_is_a_chain_is_taken_apart(app, add):
    """Unless it begins with a group."""
    tasks = ready(_chain(chord([add.s(1)], _chain(add.s(2), add.s(3))), add.s(4), app=app))
    assert [type(task).__name__ for task in tasks] == ["_chord", "Signature", "Signature"]
    tasks = ready(_chain(chord([add.s(1)], _chain(group([add.s(2), add.s(3)]), add.s(4))), app=app))
    assert [isinstance(task, _chord) for task in tasks] == [True]


@pytest.mark.filterwarnings("ignore:task_allow_error_cb_on_chord_header")
def test_errbacks_of_the_whole_reach_every_task_and_body(app, add, tsum):
    """Any of them may be the one that fails."""
    errback = add.si(9)
    tasks = ready(_chain(add.s(0), chord([add.s(1)], tsum.s()), app=app), link_error=errback)
    assert tasks[0].options["link_error"] == [errback]
    assert tasks[1].body.options["link_error"] == [errback]


def test_no_result_stands_in_the_tree_twice(app, add):
    """With groups in a row, chords, and an id of one's own."""
    work = _chain(
        add.si(0), group([add.si(1), add.si(2)]), group([add.si(3), add.si(4)]), add.si(5),
        chord([add.si(6), add.si(7)], add.si(8)), add.si(9), app=app, task_id="last",
    )  # fmt: skip

    def ids(written):
        if written is None:
            return []
        (own, parent), members = written
        return [own, *(each for member in members or () for each in ids(member)), *ids(parent)]

    found = ids(work.apply_async().as_tuple())
    assert len(found) == len(set(found)) == 13
