"""Apps: current, lazy, shared; and what they are asked for that they do not have."""

from __future__ import annotations

import gc
import warnings
import weakref
from contextlib import contextmanager

import pytest

from labq import Celery, current_app, shared_task, signals
from labq.exceptions import AlwaysEagerIgnored, DuplicateTaskNameWarning, NotRegistered, UnknownScheme
from labq.local import PromiseProxy


def add(x, y=0):
    """Add two numbers."""
    return x + y


def test_a_task_is_a_promise_until_somebody_looks(app):
    """Showing it is looking; afterwards it stays what it was, kept."""
    task = app.task(add)
    assert type(task) is PromiseProxy
    assert not task.__evaluated__()
    assert repr(task).startswith("<@task: tests.app.test_apps.add of proj at 0x") or ".add of proj at 0x" in repr(task)
    assert task.__evaluated__()


def test_touching_a_name_leaves_the_app_open_and_the_registry_closes_it(app):
    """Only the registry needs every task."""
    task = app.task(name="t")(add)
    assert task.name == "t"
    assert not app.finalized
    assert "t" in app.tasks
    assert app.finalized


@pytest.mark.usefixtures("app")
def test_an_app_that_waits_for_finalize_refuses_to_guess():
    """The contract is Celery's, with its words."""
    strict = Celery("strict", autofinalize=False)
    task = strict.task(name="t")(add)
    with pytest.raises(RuntimeError, match="Contract breach: app not finalized"):
        _ = strict.tasks
    strict.finalize()
    assert task.name == "t"


def test_a_shared_task_follows_the_current_app(app):
    """It belongs to nobody, and runs for whoever is current."""
    shared = shared_task(name="s")(add)
    other = Celery("other")
    assert shared.app.main == "other"
    app.set_current()
    assert shared.app.main == "proj"
    assert app.tasks["s"] is not other.tasks["s"]


def test_the_last_app_made_is_current_unless_it_does_not_want_to_be(app):
    """set_as_current=False keeps an app in the background."""
    Celery("quiet", set_as_current=False)
    assert current_app == app


def test_the_second_function_of_a_name_is_refused_once_loudly(app):
    """One warning for each name, however often it happens."""
    app.task(name="t", shared=False, lazy=False)(add)
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        for _ in range(3):
            app.task(name="t", shared=False, lazy=False)(len_of)
    assert app.tasks["t"](1, 2) == 3
    assert [each.category for each in given if each.category is DuplicateTaskNameWarning] == [DuplicateTaskNameWarning]


def len_of(text):
    """Return the length."""
    return len(text)


def test_an_unregistered_name_says_what_to_do(app):
    """The error is a KeyError that helps."""
    with pytest.raises(NotRegistered) as caught:
        app.tasks["nope"]
    assert isinstance(caught.value, KeyError)
    assert "please make sure it's imported" in repr(caught.value)


@pytest.mark.parametrize("url", ["kafka://broker", "nonsense"])
@pytest.mark.usefixtures("lab")
def test_an_unknown_address_names_the_known_kinds(url):
    """For brokers and backends alike."""
    with pytest.raises(UnknownScheme, match=r"(?s)no broker.*amqp://"):
        Celery("p", broker=url).send_task("t")
    with pytest.raises(UnknownScheme, match=r"(?s)no result backend.*rpc://"):
        _ = Celery("p", backend=url).backend


def test_a_password_is_nowhere_to_be_seen(lab):
    """Not in the app's configuration, not in what the lab records."""
    app = Celery("p", broker="amqp://me:hunter2@host//", backend="cache+memory://")
    lab.start_worker(app)
    app.task(name="t")(add).delay(1).get()
    assert "hunter2" not in repr(app.conf) + app.conf.humanize() + repr(app.backend) + "".join(map(str, lab.log))


def test_sending_by_name_warns_an_eager_app(app):
    """The message goes out all the same."""
    app.conf.task_always_eager = True
    with pytest.warns(AlwaysEagerIgnored):
        assert app.send_task("t").state == "PENDING"


@pytest.mark.usefixtures("lab")
def test_an_app_may_look_over_its_configuration():
    """prepare_config is called with the source, and what it returns is used."""

    class Own(Celery):
        def prepare_config(self, c):
            return {**super().prepare_config(c), "task_default_queue": "prepared"}

    app = Own("own", config_source={"timezone": "UTC"})
    assert app.conf.task_default_queue == "prepared"


@pytest.mark.usefixtures("lab")
def test_a_forgotten_app_goes_away():
    """Nothing keeps an app alive but its user."""
    app = Celery("brief", set_as_current=False)
    app.task(name="t", shared=False)(add).name  # noqa: B018 - evaluates
    alive = weakref.ref(app)
    del app
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize(
    ("option", "word"), [("link", "callbacks"), ("link_error", "errbacks"), ("chain", "chain"), ("chord", "chord")]
)
def test_what_comes_after_a_task_travels_in_its_message(app, option, word):
    """The worker that runs the task must know what comes next; nobody else is there to tell it."""
    task = app.task(name="t")(add)
    heard = []
    with listening(signals.before_task_publish, heard):
        task.apply_async((1,), **{option: [task.s(1)]})
        app.send_task("t", (1,), **{option: [task.s(1)]})
    assert [[call["task"] for call in told["body"][2][word]] for told in heard] == [["t"], ["t"]]


@contextmanager
def listening(signal, heard):
    """Collect what a signal says."""

    def hear(**told):
        heard.append(told)

    signal.connect(hear, weak=False)
    yield
    signal.disconnect(hear)
