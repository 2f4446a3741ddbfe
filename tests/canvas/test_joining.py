"""Joining: what the bar makes of two calls, and of many."""

from __future__ import annotations

import operator
from functools import reduce

import pytest

from labq import chain, chord, group
from labq.canvas import Signature, _chain, _chord


def shape(call):
    """Return what a call is made of."""
    if isinstance(call, _chain):
        return ("chain", *map(shape, call.tasks))
    if isinstance(call, group):
        return ("group", *map(shape, call.tasks))
    if isinstance(call, _chord):
        return ("chord", tuple(map(shape, call.tasks)), shape(call.body) if call.body else None)
    return call.args[0] if call.args else None


def test_tasks_make_a_chain_and_chains_run_into_each_other(add):
    """However they are put together, they lie flat."""
    a, b, c, d = (add.s(n) for n in "abcd")
    assert shape(a | b | c) == shape(a | (b | c)) == ("chain", "a", "b", "c")
    assert shape((a | b) | (c | d)) == ("chain", "a", "b", "c", "d")


def test_what_follows_a_group_waits_for_it(add):
    """The two become a chord, whose body takes in what follows."""
    a, b, c, d = (add.s(n) for n in "abcd")
    pair = group(a, b)
    assert shape(pair | c) == ("chord", ("a", "b"), "c")
    assert shape(pair | c | d) == ("chord", ("a", "b"), ("chain", "c", "d"))
    assert shape(chord([a], b) | c) == ("chord", ("a",), ("chain", "b", "c"))


def test_a_group_in_the_middle_of_a_chain_becomes_a_chord(add):
    """And what comes after its body follows the chord."""
    a, b, c, d, e = (add.s(n) for n in "abcde")
    work = a | group(b, c) | d | e
    assert isinstance(work, _chain)
    assert [type(task).__name__ for task in work.tasks] == ["Signature", "_chord"]
    assert shape(work.tasks[1].body) == ("chain", "d", "e")


def test_a_group_of_one_is_its_member_and_an_empty_one_is_nothing(add):
    """Nobody needs to know beforehand how many there are."""
    a, b, c = (add.s(n) for n in "abc")
    assert shape(a | group([b])) == ("chain", "a", "b")
    assert shape(chain(a, group([]), b)) == ("chain", "a", "b")
    assert shape(group(a, b) | group([])) == ("group", "a", "b")
    assert shape(chord([a], b) | group([c])) == ("chord", ("a",), ("chain", "b", "c"))


def test_joining_leaves_the_parts_as_they_are(add):
    """The parts can be used again for something else."""
    first, second = add.s(1) | add.s(2), chord([add.s(3)], add.s(4))
    first | add.s(5)
    second | add.s(6)
    assert (shape(first), shape(second)) == (("chain", 1, 2), ("chord", (3,), 4))


def test_an_assignment_with_the_bar_gives_the_name_to_the_new_call(add):
    """It does not change the dictionary, as it would with dictionaries."""
    call = before = add.s(1)
    call |= add.s(2)
    assert (shape(call), before) == (("chain", 1, 2), add.s(1))


def test_chain_makes_what_the_bar_makes(add):
    """Folding in one go and one by one are the same."""
    a, b, c, d = (add.s(n) for n in "abcd")
    for parts in (
        [a, b, c],
        [group(a, b), c, d],
        [a, group(b, c), d],
        [group(a, b), group(c, d)],
        [chord([a], b), group(c, d)],
        [chord([a], b), c | d],
        [_chain(group(a, b), c), d],
        [group([]), a, b],
        [a, chain(b, c), group([]), d],
    ):
        assert shape(chain(*parts)) == shape(reduce(operator.or_, parts, _chain()))


def test_the_last_call_goes_into_the_chain_as_it_is(add):
    """So one can still link to it; all others are copies."""
    first, last = add.s(1), add.s(2)
    made = chain(first, last)
    assert made.tasks[-1] is last
    assert made.tasks[0] is not first


def test_a_long_chain_copies_each_call_only_a_few_times(add, monkeypatch):
    """The cost grows with the number of calls, not with its square."""
    copies = []
    clone = Signature.clone
    monkeypatch.setattr(
        Signature, "clone", lambda self, *args, **kwargs: copies.append(1) or clone(self, *args, **kwargs)
    )
    chain(*(add.si(n) for n in range(50)))
    assert len(copies) <= 100


def test_errbacks_of_an_inner_chain_are_each_tasks_own(add):
    """Each can be stamped by itself."""
    inner = _chain(add.s(1), add.s(2))
    inner.link_error(add.si(9))
    made = chain(inner, add.s(3))
    errbacks = [task.options["link_error"][0] for task in made.tasks[:2]]
    assert errbacks[0] == errbacks[1]
    assert errbacks[0] is not errbacks[1]


@pytest.mark.parametrize("other", [3, None, "proj.add"])
def test_what_is_no_signature_cannot_be_joined(add, other):
    """Python says so, in its own words."""
    with pytest.raises(TypeError, match="unsupported operand"):
        add.s(1) | other
    with pytest.raises(TypeError, match="unsupported operand"):
        chain(add.s(1), other)
