"""Grades exercises: `%labq check multiply` ends here.

Comes in: the name of an exercise, the learner's namespace and the lab. Goes out: a verdict.
Next door: `exercises` holds the checks, one module for each lesson; the table below names every one of them.
A check only looks. It never steps the lab, so that asking for a verdict twice gives it twice.
Celery: no counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from labq import Lab
from labq.exceptions import LabError
from labq.i18n import text
from labq.lessons.exercises import lesson01, lesson02, lesson03, lesson04, lesson09
from labq.lessons.verdict import Verdict

Check = Callable[[Mapping[str, Any], Lab], Verdict]

EXERCISES: Mapping[str, Check] = {
    "multiply": lesson01.check_multiply,
    "untouched": lesson02.check_untouched,
    "pack": lesson03.check_pack,
    "mended": lesson04.check_mended,
    "remind": lesson09.check_remind,
}
"""Every exercise by the name that learners type, in the order of the lessons."""


def check(exercise: str, namespace: Mapping[str, Any], lab: Lab) -> Verdict:
    """Look at a learner's answer.

    Arguments:
        exercise: its name in EXERCISES.
        namespace: the learner's names and values, as a notebook holds them.
        lab: the lab in which the learner worked.

    Raises:
        LabError: for an unknown exercise; the text names those that there are.
    """
    found = EXERCISES.get(exercise)
    if found is None:
        alike = get_close_matches(exercise, EXERCISES, n=1)
        hint = text("Did you mean {name}?", name=alike[0]) if alike else None
        raise LabError(f"There is no exercise {exercise!r}; there are {', '.join(EXERCISES)}", hint)
    return found(namespace, lab)
