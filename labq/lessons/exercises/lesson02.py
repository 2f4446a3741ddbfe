"""The check of lesson 2: tell a promise from a task without touching it.

Comes in: a learner's names. Goes out: a verdict that names the first thing that is wrong.
The check makes an app of its own, current nowhere and sharing nothing, so that it leaves no trace.
Next door: `labq.lessons.grader`. Celery: no counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from labq import Celery, Lab
from labq.i18n import Text, text
from labq.lessons.verdict import Verdict, right, wrong


class Case(NamedTuple):
    """What the learner's function is asked about, the right answer, and how to say what it was."""

    asked: Any
    expected: bool
    name: Text


def check_untouched(namespace: Mapping[str, Any], lab: Lab) -> Verdict:
    """Write `untouched(task)`: True for a promise that has not been kept, False for all else, and keep none."""
    del lab
    answer = namespace.get("untouched")
    if not callable(answer):
        return wrong(text("There is no function `untouched` yet. Write `def untouched(task):` with a `return`."))
    for case in _cases():
        verdict = _wrong_on(answer, case)
        if verdict is not None:
            return verdict
    return right(text("Right: it knows a promise from a task, and looks without touching."))


def _cases() -> tuple[Case, ...]:
    app = Celery("check", set_as_current=False)
    fresh, kept = app.task(shared=False)(_first), app.task(shared=False)(_second)
    kept.__maybe_evaluate__()
    made = app.task(shared=False, lazy=False)(_third)
    return (
        Case(fresh, expected=True, name=text("a promise that has not been kept")),
        Case(kept, expected=False, name=text("a promise that has been kept")),
        Case(made, expected=False, name=text("a task that was made at once")),
        Case(_first, expected=False, name=text("a plain function")),
    )


def _wrong_on(answer: Callable[[Any], Any], case: Case) -> Verdict | None:
    """The verdict when the answer is wrong for this case, else None."""
    try:
        said = answer(case.asked)
    except Exception as error:  # noqa: BLE001 - whatever a learner's function raises is told to the learner
        return wrong(text("Asked about {case}, `untouched` raises {error}.", case=case.name, error=repr(error)))
    if case.expected and case.asked.__evaluated__():
        return wrong(text("`untouched` made the task by asking. What can you ask a promise without making it?"))
    if said is not case.expected:
        return wrong(
            text(
                "Asked about {case}, `untouched` returns {said}; it should be {expected}.",
                case=case.name, said=repr(said), expected=repr(case.expected),
            )
        )  # fmt: skip
    return None


def _first() -> None:
    """Be the function of a task."""


def _second() -> None:
    """Be the function of a task."""


def _third() -> None:
    """Be the function of a task."""
