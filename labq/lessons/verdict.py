"""A verdict on a learner's answer: whether it passed, and what to say.

It comes out of an exercise's check and goes to the learner through `grader`. Celery: no counterpart.
"""

from __future__ import annotations

from dataclasses import dataclass

from labq.i18n import Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found.

    Attributes:
        passed: whether the answer does what the exercise asks.
        message: what was right, or the first thing that is not and where to look; in the learner's language once said.
    """

    passed: bool
    message: Text


def right(message: Text) -> Verdict:
    """Return the verdict on an answer that does what was asked."""
    return Verdict(passed=True, message=message)


def wrong(message: Text) -> Verdict:
    """Return the verdict on an answer that does not do it yet; *message* names the next step, not the solution."""
    return Verdict(passed=False, message=message)
