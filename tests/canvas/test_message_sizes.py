"""What canvases send: messages that do not grow with every level, and say all that is needed."""

from __future__ import annotations

import json

import pytest

from labq import chain, chord, group, signature
from labq.canvas import _chain
from labq.signals import before_task_publish


@pytest.fixture
def bodies():
    """The bodies of the task messages that were sent."""
    found = []

    def listen(body, **_):
        found.append(json.loads(json.dumps(body)))

    before_task_publish.connect(listen, weak=False)
    yield found
    before_task_publish.disconnect(listen)


def rows(add, count):
    """Return a chain of groups."""
    return chain(group(add.si(row, place) for place in range(3)) for row in range(count))


@pytest.mark.parametrize("serialized", [False, True])
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("as_body", [False, True])
def test_a_chain_of_groups_grows_with_its_length_only(add, bodies, serialized, frozen, as_body):
    """Each header task carries its chord's body; bodies that hold the rest would multiply."""
    sizes = []
    for count in (3, 6):
        work = rows(add, count)
        if as_body:
            work = chord([add.si(0, 0), add.si(1, 1)], work)
        if frozen:
            work.freeze()
        if serialized:
            work = signature(json.loads(json.dumps(work)), app=add.app)
        del bodies[:]
        work.apply_async()
        assert len(bodies) == (2 if as_body else 3)
        sizes.append(len(json.dumps(bodies[0])))
    assert sizes[1] < 3 * sizes[0]


@pytest.mark.parametrize("nested", [False, True])
def test_a_body_of_groups_and_tasks_grows_with_its_length_only(add, bodies, nested):
    """And stays as it was written."""
    sizes = []
    for count in (2, 5):
        steps = [add.s(0, 0)]
        for number in range(count):
            steps += [group(add.si(number, place) for place in range(2)), add.si(number, number)]
        body = chain(*steps)
        if nested:
            body = _chain(body, add.si(1, 1), app=add.app)
        written = json.dumps(body)
        del bodies[:]
        chord([add.si(1, 1), add.si(2, 2)], body, app=add.app).apply_async()
        assert json.dumps(body) == written
        sizes.append(len(json.dumps(bodies[0])))
    assert sizes[1] < 3 * sizes[0]


@pytest.mark.parametrize("wrapped", ["alone", "in a chain", "in a header"])
def test_sending_leaves_a_frozen_chord_in_a_chord_as_it_is(add, tsum, wrapped):
    """It can be sent once more."""
    inner = chord([add.si(5, 6), add.si(7, 8)], tsum.s())
    work = chord([add.si(1, 2), add.si(3, 4)], inner, app=add.app)
    work = {
        "alone": work,
        "in a chain": chain(add.si(0, 0), work),
        "in a header": chord([work, add.si(0, 0)], tsum.s()),
    }[wrapped]
    work.freeze()
    before = json.dumps(work)
    work.apply_async()
    assert json.dumps(work) == before


def test_a_body_that_is_taken_apart_keeps_its_options_and_links(add, tsum, bodies):
    """Options are its first task's, callbacks its last one's, errbacks all its tasks'."""
    callback, errback = tsum.s(), tsum.si([2])
    inner = chain(add.s(10), add.s(100)).set(queue="q2", priority=7)
    inner.link(callback)
    inner.link_error(errback)
    body = _chain(add.si(0, 0), chord([add.s(1), add.s(2)], inner, app=add.app), app=add.app)
    chord([add.si(1, 1)], body, app=add.app).apply_async()
    tasks = bodies[0][2]["chord"]["kwargs"]["tasks"]
    first, last = tasks[1]["kwargs"]["body"]["options"], tasks[2]["options"]
    assert (first["queue"], first["priority"], "queue" in last) == ("q2", 7, False)
    assert [call["task"] for call in last["link"]] == ["proj.tsum"]
    assert first["link_error"] == last["link_error"] == [json.loads(json.dumps(errback))]
