"""The exercises of the lessons: right answers of several kinds pass, and each wrong one is told what is missing."""

from __future__ import annotations

import pytest

from labq import Celery, Lab
from labq.lessons.grader import check
from labq.local import PromiseProxy

START = "2030-01-01T09:00:00Z"


@pytest.fixture
def desk():
    """What the lessons have given the learner by then: a lab, an app with a worker, and the flaky server."""
    with Lab(seed=1, start=START) as lab:
        app = Celery("lesson", broker="amqp://", backend="cache+memory://")
        lab.start_worker(app, hostname="w1@lesson", concurrency=2)
        names = {"lab": lab, "app": app, "PromiseProxy": PromiseProxy, "morning": len(lab.log)}
        exec(SERVER, names)  # noqa: S102 - what a cell of the lesson defines
        yield names


SERVER = """
import time
from datetime import datetime
BACK_AT = datetime.fromisoformat("2030-01-01T09:02:00Z").timestamp()
def deliver(address):
    if time.time() < BACK_AT:
        raise ConnectionError("mail server is down")
    return "delivered to " + address
"""


def _grade(exercise, desk, code):
    exec(code, desk)  # noqa: S102 - what the learner types into a cell
    return check(exercise, desk, desk["lab"])


# -- lesson 2 ----------------------------------------------------------------------------------------------------------
UNTOUCHED = "def untouched(task): return "


@pytest.mark.parametrize(
    "answer",
    [
        "type(task) is PromiseProxy and not task.__evaluated__()",
        "type(task).__name__ == 'PromiseProxy' and not task.__evaluated__()",
        "not getattr(type(task), '__evaluated__', lambda task: True)(task)",
    ],
)
def test_untouched_accepts_whatever_looks_without_touching(desk, answer):
    """There are several ways to ask."""
    verdict = _grade("untouched", desk, UNTOUCHED + answer)
    assert verdict.passed, str(verdict.message)


WRONG_UNTOUCHED = {
    "nothing written": ("", "There is no function"),
    "every promise": (UNTOUCHED + "isinstance(task, PromiseProxy)", "a promise that has been kept"),
    "always": (UNTOUCHED + "True", "a promise that has been kept"),
    "never": (UNTOUCHED + "False", "has not been kept"),
    "touches first": (UNTOUCHED + "bool(task.__name__) and type(task) is PromiseProxy", "made the task by asking"),
    "no promise at all": (UNTOUCHED + "not task.__evaluated__()", "raises"),
}


@pytest.mark.parametrize("answer", WRONG_UNTOUCHED)
def test_untouched_says_in_which_case_the_answer_is_wrong(desk, answer):
    """And never passes."""
    code, expected = WRONG_UNTOUCHED[answer]
    verdict = _grade("untouched", desk, code)
    assert not verdict.passed
    assert expected in str(verdict.message)


def test_the_check_of_untouched_leaves_the_current_app_alone(desk):
    """Its own app is current nowhere, and its tasks are shared with nobody."""
    _grade("untouched", desk, UNTOUCHED + "True")
    later = Celery("later", set_as_current=False)
    assert not [name for name in later.tasks if name.startswith("labq.")]
    assert desk["app"].main == "lesson"


# -- lesson 3 ----------------------------------------------------------------------------------------------------------
PACK = """
@app.task(name="warehouse.pack", shared=False)
def anything(count, thing):
    return f"{count} x {thing}"

packed = app.send_task("warehouse.pack", args=[3, "cups"])
lab.run()
"""

WRONG_PACK = {
    "nothing written": ("", "Keep the result"),
    "name of the function": (PACK.replace('name="warehouse.pack", ', ""), "knows no task"),
    "another message": (PACK.replace('send_task("warehouse.pack"', 'send_task("warehouse.pac"'), "another message"),
    "not run": (PACK.replace("lab.run()", ""), "let the lab run"),
    "raises": (PACK.replace("return", "raise ValueError(1) if thing else"), "raised an error"),
    "another value": (PACK.replace(" x ", " times "), "was expected"),
}


def test_pack_accepts_a_task_with_the_name_that_was_sent(desk):
    """The function may be called anything."""
    verdict = _grade("pack", desk, PACK)
    assert verdict.passed, str(verdict.message)


@pytest.mark.parametrize("answer", WRONG_PACK)
def test_pack_names_the_first_thing_that_is_missing(desk, answer):
    """And never passes."""
    code, expected = WRONG_PACK[answer]
    verdict = _grade("pack", desk, code)
    assert not verdict.passed
    assert expected in str(verdict.message)


# -- lesson 4 ----------------------------------------------------------------------------------------------------------
MENDED = """
mended = dict(
    worker_concurrency=4, task_acks_late=True, worker_prefetch_multiplier=1,
    task_time_limit=30, result_expires=3600, task_default_queue="orders",
)
"""

WRONG_MENDED = {
    "nothing written": ("", "no dictionary"),
    "old name": (MENDED + "mended['CELERY_ACKS_LATE'] = mended.pop('task_acks_late')", "CELERY_ACKS_LATE is an old"),
    "typing mistake": (MENDED + "mended['task_ack_late'] = mended.pop('task_acks_late')", "task_ack_late is not one"),
    "one left out": (MENDED + "del mended['task_time_limit']", "missing: where is the value 30"),
    "another value": (MENDED + "mended['worker_concurrency'] = 8", "worker_concurrency should be 4"),
}


def test_mended_accepts_six_new_names(desk):
    """Each with the value it had."""
    verdict = _grade("mended", desk, MENDED)
    assert verdict.passed, str(verdict.message)


@pytest.mark.parametrize("answer", WRONG_MENDED)
def test_mended_names_the_setting_that_is_wrong(desk, answer):
    """And never passes."""
    code, expected = WRONG_MENDED[answer]
    verdict = _grade("mended", desk, code)
    assert not verdict.passed
    assert expected in str(verdict.message)


# -- lesson 9 ----------------------------------------------------------------------------------------------------------
REMIND = """
@app.task({options}, shared=False)
def remind(address):
    return deliver(address)

lab.rewind(to=morning)
reminder = remind.delay("ann@example.org")
lab.run()
"""
AUTORETRY = "autoretry_for=(ConnectionError,), retry_jitter=False, "


@pytest.mark.parametrize(
    "options",
    [
        AUTORETRY + "retry_backoff=5, max_retries=5",
        AUTORETRY + "default_retry_delay=30, max_retries=4",
        AUTORETRY + "default_retry_delay=180",
        AUTORETRY + "retry_kwargs={'countdown': 60}",
    ],
)
def test_remind_accepts_any_policy_within_the_limits(desk, options):
    """What counts is when it was delivered, and how often the server was asked."""
    verdict = _grade("remind", desk, REMIND.format(options=options))
    assert verdict.passed, str(verdict.message)


GOOD = REMIND.format(options=AUTORETRY + "retry_backoff=5, max_retries=5")
SLEEPER = GOOD.replace("    return", "    time.sleep(130)\n    return")
WRONG_REMIND = {
    "nothing written": ("", "Keep what"),
    "gives up": (REMIND.format(options=AUTORETRY + "retry_backoff=1, max_retries=5"), "gave up after 6 runs, at 31 s"),
    "too many runs": (REMIND.format(options=AUTORETRY + "retry_backoff=True, max_retries=9"), "after 8 runs"),
    "too late": (REMIND.format(options=AUTORETRY + "default_retry_delay=110, max_retries=5"), "only at 220 s"),
    "sleeps": (SLEEPER, "sleeps in its slot"),
    "does not deliver": (GOOD.replace("deliver(address)", "address"), "while the server was down"),
    "not run": (GOOD.replace("lab.run()", ""), "still on its way"),
    "no rewind": (GOOD.replace("lab.rewind(to=morning)", "lab.advance(600)"), "First rewind"),
    "rewound afterwards": (GOOD + "lab.rewind(to=morning)", "not in the lab's log"),
    "another task": (GOOD.replace("remind(", "other(").replace("remind.", "other."), "belongs to another task"),
}


@pytest.mark.parametrize("answer", WRONG_REMIND)
def test_remind_says_which_limit_was_missed(desk, answer):
    """And never passes."""
    code, expected = WRONG_REMIND[answer]
    verdict = _grade("remind", desk, code)
    assert not verdict.passed
    assert expected in str(verdict.message)
