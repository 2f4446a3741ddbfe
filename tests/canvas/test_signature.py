"""Signatures: calls written down, added to, and made."""

from __future__ import annotations

import json

import pytest

from labq.canvas import maybe_signature, signature
from labq.exceptions import NotRegistered


@pytest.fixture
def add(app):
    """A task called proj.add."""

    def add(x, y=0):
        return x + y

    return app.task(name="proj.add", shared=False)(add)


def test_a_signature_is_a_dictionary_with_celerys_keys(add):
    """It goes over the wire as it is."""
    assert dict(add.s(2, y=2)) == {
        "task": "proj.add", "args": (2,), "kwargs": {"y": 2}, "options": {}, "subtask_type": None, "immutable": False,
    }  # fmt: skip
    again = maybe_signature(json.loads(json.dumps(add.s(2, y=2))), app=add.app)
    assert repr(again) == "proj.add(2, y=2)"
    assert again() == 4


def test_new_arguments_go_in_front_and_new_keywords_win(add):
    """As the result of the task before goes in front."""
    assert repr(add.s(4).clone((2,), {"y": 1})) == "proj.add(2, 4, y=1)"
    assert add.s(1, y=2)(y=5) == 6


def test_an_immutable_signature_takes_nothing(add):
    """What is complete stays as it is."""
    assert repr(add.si(2, 2).clone((9,))) == "proj.add(2, 2)"
    assert add.si(2, 3)(99, x=1) == 5


def test_set_changes_the_signature_itself(add):
    """And returns it, so that calls can be strung together."""
    call = add.s(1)
    written = dict(call)
    assert call.set(queue="slow", countdown=3) is call
    assert call.options == {"queue": "slow", "countdown": 3} == written["options"]


def test_a_clone_is_independent(add):
    """Changing the copy leaves the original alone."""
    call = add.s(1)
    call.clone().set(queue="slow")
    assert call.options == {}


@pytest.mark.usefixtures("lab")
def test_a_signature_of_an_unknown_task_can_be_sent_and_not_called(app):
    """The name is enough for a message; for a call the task is needed."""
    call = app.signature("no.such", (1,))
    with pytest.raises(NotRegistered, match=r"no\.such"):
        call()
    assert call.delay().state == "PENDING"
    assert signature(call) is not call


def test_a_signature_is_sent_with_its_options(lab, add):
    """Those of the call win."""
    add.s(1).set(queue="slow").apply_async((2,))
    add.s(1).set(queue="slow").apply_async((2,), queue="fast")
    lab.run()
    assert [record.fact("queue") for record in lab.log if record.kind == "message-queued"] == ["slow", "fast"]
