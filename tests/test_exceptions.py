"""The errors: what they print, what of them survives a pickle, and in which language the lab gives its hints."""

from __future__ import annotations

import io
import pickle
import traceback
from datetime import UTC, datetime

import pytest

from labq import exceptions, i18n, messaging_errors
from labq.exceptions import (
    BackendError,
    CeleryCommandException,
    CeleryError,
    LabError,
    NeverReady,
    NotRegistered,
    Reject,
    Retry,
    TaskError,
    UnknownScheme,
)
from labq.i18n import ntext, speak, text


@pytest.fixture
def _tongue():
    """Let a test choose the language, and forget it afterwards."""
    yield
    i18n._last.clear()


def all_errors():
    """Every exception class of both modules, warnings and exits included, but one that Celery's pickles lose too."""
    found = [*vars(exceptions).values(), *vars(messaging_errors).values()]
    errors = {each for each in found if isinstance(each, type) and issubclass(each, BaseException)}
    return sorted(errors - {CeleryCommandException}, key=lambda each: each.__name__)


@pytest.mark.parametrize("error", all_errors())
def test_an_error_survives_a_pickle(error):
    """A worker's child hands an error to its parent as bytes; class, text and attributes arrive."""
    sent = error("text")
    arrived = pickle.loads(pickle.dumps(sent))  # noqa: S301 - what was pickled a moment ago
    assert (type(arrived), str(arrived), vars(arrived).keys()) == (error, str(sent), vars(sent).keys())


def test_a_retry_says_when_and_why():
    """With a message it says just that; without, the time, and the error behind it."""
    boom = ValueError("boom")
    assert str(Retry("later", boom, 10)) == "later"
    assert str(Retry(exc=boom, when=10)) == "Retry in 10s: ValueError('boom')"
    assert str(Retry(when=datetime(2030, 1, 1, 9, tzinfo=UTC))) == "Retry at 2030-01-01 09:00:00+00:00"
    assert Retry(when=1.5).humanize() == "in 1.5s"


def test_a_retry_keeps_its_cause_through_a_pickle():
    """What the parent of a pool's child reads is what the child raised."""
    arrived = pickle.loads(pickle.dumps(Retry("later", ValueError("boom"), 10)))  # noqa: S301
    assert (repr(arrived.exc), arrived.excs, arrived.when, arrived.is_eager) == (
        "ValueError('boom')",
        "ValueError('boom')",
        10,
        False,
    )


def test_a_reject_shows_whether_the_message_comes_back():
    """The two facts that matter stand in its repr."""
    assert repr(Reject("full", requeue=True)) == "reject requeue=True: full"
    assert repr(Reject()) == "reject requeue=False: None"


def test_not_registered_says_what_to_do_in_its_repr_only():
    """It is a KeyError, so its text is the bare name, and the advice is in the repr."""
    error = NotRegistered("proj.add")
    assert repr(error) == "Task of kind 'proj.add' never registered, please make sure it's imported."
    assert str(error) == "'proj.add'"


def test_celerys_timeout_is_not_pythons():
    """``except TimeoutError`` without an import catches nothing of Celery's, which surprises people there as well."""
    assert not issubclass(exceptions.TimeoutError, TimeoutError)
    assert issubclass(exceptions.TimeoutError, TaskError)


def test_errors_of_results_and_messages_are_no_celery_errors():
    """``except CeleryError`` lets them pass, as in Celery."""
    assert not issubclass(BackendError, CeleryError)
    assert not issubclass(exceptions.OperationalError, CeleryError)


def test_reraise_points_to_where_it_was_raised_first():
    """The traceback given is the traceback seen."""
    with pytest.raises(ValueError, match="invalid literal") as first:
        int("one")
    trace = first.value.__traceback__
    with pytest.raises(ValueError, match="invalid literal") as again:
        exceptions.reraise(ValueError, first.value.with_traceback(None), trace)
    assert 'int("one")' in "".join(traceback.format_tb(again.value.__traceback__))


def test_a_command_that_gives_up_prints_as_click_prints():
    """The user reads one line, and the shell gets the code."""
    error, shown = CeleryCommandException("No nodes replied", 69), io.StringIO()
    error.show(shown)
    assert (shown.getvalue(), str(error), error.exit_code) == ("Error: No nodes replied\n", "No nodes replied", 69)


def test_an_amqp_error_says_what_the_broker_was_doing():
    """The method, the reply code and the broker's words."""
    error = messaging_errors.PreconditionFailed("inequivalent arg 'durable'", (50, 10), "Queue.declare")
    assert str(error) == "Queue.declare: (406) inequivalent arg 'durable'"
    assert str(messaging_errors.NotFound()) == "<NotFound: unknown error>"
    assert str(messaging_errors.NotFound("gone")) == "gone"


@pytest.mark.usefixtures("_tongue")
def test_the_lab_says_what_happened_in_english_and_what_to_do_in_the_learners_language():
    """The message stays searchable; the hint is spoken."""
    error = LabError("no body is running", text("Celery would call the receiver again for ever."))
    speak("en")
    assert str(error) == "no body is running\nCelery would call the receiver again for ever."
    known = text("Celery would call the receiver again for ever, and the sender of the signal would wait.")
    error = UnknownScheme("mars://: no such broker", known)
    speak("ru")
    assert str(error).splitlines()[0] == "mars://: no such broker"
    assert "отправитель" in str(error).splitlines()[1]


@pytest.mark.usefixtures("_tongue")
def test_a_hint_can_count_and_can_be_plain_text():
    """All three kinds of hint are said; without one there is no second line."""
    speak("en")
    assert str(NeverReady("m", ntext("{count} worker", "{count} workers", 2))) == "m\n2 workers"
    assert str(LabError("m", "do it again")) == "m\ndo it again"
    assert str(LabError("m")) == "m"


def test_a_hint_survives_a_pickle():
    """An error of the lab crosses from a kernel to its client with its hint."""
    arrived = pickle.loads(pickle.dumps(LabError("m", text("about {name}", name="x"))))  # noqa: S301
    assert arrived.hint == text("about {name}", name="x")
