"""The page of differences says of each what labq does, what Celery does, and why."""

from __future__ import annotations

import pytest
from divergences import Divergence, sections


@pytest.mark.parametrize("heading", sections())
def test_a_difference_gives_its_reason(heading):
    """A difference without a reason is a bug that somebody wrote down."""
    assert Divergence(heading, None, None).explained


def test_a_heading_that_is_not_there_explains_nothing():
    """The check that the comparisons use can fail."""
    assert not Divergence("A heading that nobody wrote", None, None).explained
