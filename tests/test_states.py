"""What the states of a task are, and which one counts more."""

from __future__ import annotations

import pytest

from labq import states
from labq.states import FAILURE, PENDING, RECEIVED, REJECTED, RETRY, REVOKED, STARTED, SUCCESS, precedence, state


def test_the_states_stand_in_the_order_of_what_they_count():
    """A success counts most, then a failure; a task of which nothing is known counts least."""
    shuffled = [RETRY, SUCCESS, PENDING, REVOKED, "UPLOADING", STARTED, FAILURE, REJECTED, RECEIVED]
    assert sorted(shuffled, key=state) == [
        *(PENDING, RETRY, REJECTED, RECEIVED, STARTED, REVOKED, "UPLOADING", FAILURE, SUCCESS)
    ]


def test_a_late_report_does_not_count_more_than_the_end():
    """The order answers the question it is made for: may "received" replace "succeeded"?"""
    assert state(SUCCESS) > RECEIVED
    assert not state(RECEIVED) > SUCCESS


def test_two_states_of_ones_own_count_the_same_and_are_not_equal():
    """Between made-up states there is no order, and yet they stay different texts."""
    one, other = state("UPLOADING"), state("MIXING")
    assert (one <= other, one >= other, one < other, one > other, one == other) == (True, True, False, False, False)


def test_a_state_is_text():
    """A state can be compared, hashed and stored as the text that it is."""
    assert (state("SUCCESS") == "SUCCESS", {state("SUCCESS"): 1}["SUCCESS"], repr(state("SUCCESS"))) == (
        True,
        1,
        "'SUCCESS'",
    )


@pytest.mark.parametrize("name", sorted(states.ALL_STATES))
def test_a_state_is_ready_or_unready_and_never_both(name):
    """Each state that a result can show is on one side of the line."""
    assert (name in states.READY_STATES) != (name in states.UNREADY_STATES)


def test_what_get_raises_is_a_part_of_what_is_an_exception():
    """A retry is an exception in the result, but get() waits on."""
    assert states.PROPAGATE_STATES | {RETRY} == states.EXCEPTION_STATES
    assert states.PROPAGATE_STATES | {SUCCESS} == states.READY_STATES


def test_a_state_of_ones_own_ranks_between_failure_and_revoked():
    """That is where Celery puts what it does not know."""
    assert precedence(FAILURE) < precedence("UPLOADING") < precedence(REVOKED)
