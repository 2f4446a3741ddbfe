"""Each exercise accepts the right answer, refuses each wrong one, and says which step is missing."""

from __future__ import annotations

import pytest

from labq import Celery, Lab
from labq.exceptions import LabError
from labq.lessons.grader import EXERCISES, check

START = "2030-01-01T09:00:00Z"


@pytest.fixture
def desk():
    """A lab with an app and the names that a lesson has given the learner."""
    with Lab(seed=1, start=START) as lab:
        app = Celery("lesson", broker="amqp://", backend="rpc://")
        yield {"lab": lab, "app": app}


# shared=False: tasks are shared with every later app of the process, and there the first body of a name stays.
RIGHT = """
@app.task(shared=False)
def multiply(x, y):
    return x * y

lab.start_worker(app)
answer = multiply.delay(6, 7)
lab.run()
"""

WRONG = {
    "nothing written": ("", "There is no `multiply`"),
    "no task": ("def multiply(x, y): return x * y", "plain function"),
    "called here": (RIGHT.replace(".delay", ""), "here and now"),
    "result not kept": (RIGHT.replace("answer = ", ""), "Keep what"),
    "another task": (RIGHT + "answer = app.send_task('other')", "another task"),
    "no worker": (RIGHT.replace("lab.start_worker(app)", ""), "waits in its queue"),
    "lab not run": (RIGHT.replace("lab.run()", ""), "waits in its queue"),
    "sum": (RIGHT.replace("x * y", "x + y"), "stored 13"),
    "raises": (RIGHT.replace("x * y", "x / 0"), "raised an error"),
}


def _grade(desk, code):
    exec(code, desk)  # noqa: S102 - what the learner types into a cell
    return check("multiply", desk, desk["lab"])


@pytest.mark.parametrize("binding", ["", ", name='lesson.multiply'", ", bind=True"])
def test_multiply_accepts_a_task_that_a_worker_ran(desk, binding):
    """However it is declared, what counts is what happened in the lab."""
    code = RIGHT.replace("shared=False", f"shared=False{binding}")
    if "bind" in binding:
        code = code.replace("multiply(x", "multiply(self, x")
    verdict = _grade(desk, code)
    assert verdict.passed, str(verdict.message)


@pytest.mark.parametrize("answer", WRONG)
def test_multiply_names_the_first_step_that_is_missing(desk, answer):
    """And never passes."""
    code, expected = WRONG[answer]
    verdict = _grade(desk, code)
    assert not verdict.passed
    assert expected in str(verdict.message)


def test_a_check_only_looks(desk):
    """Asking changes nothing in the lab: the second verdict is the first."""
    first = _grade(desk, WRONG["lab not run"][0])
    before = len(desk["lab"].log)
    assert check("multiply", desk, desk["lab"]) == first
    assert len(desk["lab"].log) == before


def test_an_unknown_exercise_is_answered_with_those_there_are(desk):
    """A typing mistake is recognised."""
    with pytest.raises(LabError, match="Did you mean multiply") as caught:
        check("multipy", {}, desk["lab"])
    assert all(name in str(caught.value) for name in EXERCISES)
