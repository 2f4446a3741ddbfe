"""Callbacks that are given when a chord is sent: they go to the body, which stays as it was written."""

from __future__ import annotations

from labq import chord, group
from labq.canvas.callbacks import with_callbacks


def links(call, option="link"):
    """Return what is linked to a call."""
    return call.options.get(option)


def test_without_callbacks_the_body_is_the_same(add):
    """Nothing is copied in vain."""
    body = add.s(1)
    assert with_callbacks(body, {"link": None, "priority": 3}) is body


def test_a_task_gets_them_beside_its_own(add, tsum):
    """On a copy."""
    body = add.s(1)
    body.link(add.s(2))
    options = {"link": tsum.s(), "link_error": [add.si(3), add.si(4)], "priority": 5}
    linked = with_callbacks(body, options)
    assert links(linked) == [add.s(2), tsum.s()]
    assert links(linked, "link_error") == [add.si(3), add.si(4)]
    assert (links(body), options) == ([add.s(2)], {"priority": 5})


def test_a_group_hands_a_callback_to_its_first_task_and_errbacks_to_all(add, tsum):
    """As ``link`` and ``link_error`` of a group do."""
    body = group([add.s(1), add.s(2)])
    linked = with_callbacks(body, {"link": tsum.s(), "link_error": add.si(3)})
    assert [call.immutable for call in links(linked.tasks[0])] == [True]
    assert links(linked.tasks[1]) is None
    assert [links(task, "link_error") for task in linked.tasks] == [[add.si(3)], [add.si(3)]]
    assert [task.options for task in body.tasks] == [{}, {}]


def test_errbacks_of_a_group_that_has_its_own_stay_there(add):
    """They replace its members' when it runs; a group inside loses its options, so its members get them."""
    own = group([add.s(1), add.s(2)]).set(link_error=[])
    linked = with_callbacks(own, {"link_error": add.si(3)})
    assert (links(linked, "link_error"), links(linked.tasks[0], "link_error")) == ([add.si(3)], None)
    nested = group([group([add.s(1)]).set(link_error=[add.si(0)]), add.s(2)])
    linked = with_callbacks(nested, {"link_error": add.si(3)})
    assert links(linked.tasks[0].tasks[0], "link_error") == [add.si(3)]


def test_a_chord_hands_them_to_its_body(add, tsum):
    """Errbacks of a chord that is the body itself stay with it: there a failed header looks for them."""
    body = chord([add.s(1)], tsum.s())
    linked = with_callbacks(body, {"link": add.s(2), "link_error": add.si(3)})
    assert links(linked.body) == [add.s(2)]
    assert links(linked, "link_error") == [add.si(3)]
    inside = with_callbacks(group([body]), {"link_error": add.si(3)})
    assert links(inside.tasks[0].body, "link_error") == [add.si(3)]
    assert body.body.options == {}
