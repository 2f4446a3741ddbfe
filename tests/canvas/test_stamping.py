"""Stamps: marks that travel with a call, and the visitor that hands them out."""

from __future__ import annotations

import json

import pytest

from labq import chain, chord, group
from labq.canvas import StampingVisitor
from labq.canvas.stamping import merge


class ByName(StampingVisitor):
    """Stamps every call with its first argument."""

    def on_signature(self, sig, **_):
        """Return the stamp."""
        return {"name": sig.args[0] if sig.args else None}


def test_stamps_are_options_whose_names_are_noted(add):
    """A new one takes the place of an old one, unless they are to be collected."""
    call = add.s(1, 1)
    assert call.stamp(ticket="a") is call
    call.stamp(ticket="b", other=1)
    assert call.options == {"ticket": "b", "other": 1, "stamped_headers": ["ticket", "other"]}
    call.stamp(append_stamps=True, ticket="c")
    assert call.options["ticket"] == ["c", "b"]


def test_the_names_of_stamps_stand_in_one_order(add):
    """Whatever Python's hash seed is."""
    call = add.s(1, 1)
    call.stamp(**{f"stamp{number}": number for number in range(20)})
    assert call.options["stamped_headers"] == [f"stamp{number}" for number in range(20)]


def test_a_visitor_sees_every_call(add, tsum):
    """In chains, groups (also of generators), chords, and what is linked."""
    work = chain(add.s("a"), group([add.s("b"), add.s("c")]), chord([add.s("d")], tsum.s("f")))
    work.tasks[0].link(add.s("e"))
    work.stamp(ByName())
    text = json.dumps(work)
    for name in "abcdef":
        assert f'"name": "{name}"' in text
    lazy = group(add.s(n) for n in "bc")
    lazy.stamp(ByName())
    assert [task.options["name"] for task in lazy.tasks] == ["b", "c"]


def test_stamps_reach_the_running_task(lab, app):
    """With their names beside them."""

    @app.task(name="seen", bind=True, shared=False)
    def seen(self):
        return [self.request.stamped_headers, self.request.stamps]

    lab.start_worker(app)
    call = seen.s()
    call.stamp(ticket="a")
    assert call.delay().get() == [["ticket"], {"ticket": "a"}]


def test_stamps_are_not_laid_over_when_a_call_is_copied(add):
    """They were given on purpose."""
    call = add.s(1, 1)
    call.stamp(ticket="a")
    assert call.clone(ticket="b", queue="q").options == {"ticket": "a", "queue": "q", "stamped_headers": ["ticket"]}


def test_a_visitor_must_say_something_about_signatures():
    """All other methods have an answer already."""
    with pytest.raises(TypeError, match="on_signature"):
        StampingVisitor()


@pytest.mark.parametrize(
    ("there", "comes", "together", "apart"),
    [
        (1, 2, [1, 2], 1),
        ([1], 2, [1, 2], [1]),
        ([1], [2], [1, 2], [1, 2]),
        (1, [2], [1, 2], 1),
        (None, 2, [2], None),
        ((1,), 2, [1, 2], (1,)),
        ({"a": 1}, {"a": 2, "b": 3}, {"a": [1, 2], "b": 3}, {"a": 1, "b": 3}),
    ],
)
def test_values_under_one_name_are_collected_or_stay(there, comes, together, apart):
    """Lists grow in either case."""
    answers = []
    for collect in (True, False):
        stamps = {"s": there.copy() if isinstance(there, list | dict) else there}
        merge(stamps, {"s": comes}, collect)
        answers.append(stamps["s"])
    assert answers == [together, apart]
