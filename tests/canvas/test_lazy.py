"""A lazy list: made as far as it was looked at, and one member ahead."""

from __future__ import annotations

import json

import pytest

from labq.canvas.lazy import _regen, regen


@pytest.fixture
def made():
    """The members that were made so far."""
    return []


@pytest.fixture
def lazy(made):
    """A lazy list of five numbers."""

    def source():
        for number in range(5):
            made.append(number)
            yield number

    return regen(source())


def test_lists_and_tuples_stay_what_they_are():
    """They are made already."""
    numbers = [1, 2]
    assert regen(numbers) is numbers
    assert regen((1, 2)) == (1, 2)
    assert isinstance(regen(range(3)), _regen)


def test_nothing_is_made_before_somebody_looks(lazy, made):
    """And then one member more than was asked for, to know whether that was the last."""
    assert made == []
    assert lazy[0] == 0
    assert made == [0, 1]
    assert repr(lazy) == "<_regen: [0, 1...]>"
    assert bool(lazy)
    assert made == [0, 1]


def test_it_can_be_gone_through_as_often_as_one_likes(lazy, made):
    """Each member is made once, even when two go through it at the same time."""
    one, two = iter(lazy), iter(lazy)
    assert [next(one), next(two), next(one)] == [0, 0, 1]
    assert list(two) == [1, 2, 3, 4]
    assert list(one) == [2, 3, 4]
    assert list(lazy) == made == [0, 1, 2, 3, 4]
    assert repr(lazy) == "<_regen: [0, 1, 2, 3, 4]>"


def test_it_is_a_list_for_all_that_want_one(lazy):
    """Slices, lengths, the last one, JSON."""
    assert lazy[-1] == 4
    assert lazy[1:3] == [1, 2]
    assert len(lazy) == 5
    assert json.dumps(lazy) == "[0, 1, 2, 3, 4]"
    with pytest.raises(IndexError):
        lazy[5]


def test_changes_wait_for_members_that_are_not_made_yet(lazy, made):
    """Those that are made are changed at once."""
    assert lazy[0] == 0
    lazy.map(lambda number: number * 10)
    assert made == [0, 1]
    assert list(lazy) == [0, 10, 20, 30, 40]


def test_an_empty_source_is_false():
    """And goes through nothing."""
    empty = regen(iter(()))
    assert not empty
    assert list(empty) == []
    assert repr(empty) == "<_regen: []>"
