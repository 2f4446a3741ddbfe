"""What backends keep, read back, refuse and forget."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labq import Celery
from labq.backends.failures import read_exception, write_exception
from labq.exceptions import NeverReady, SecurityError, SerializerNotInstalled, WorkerLostError
from labq.wire.serializers import dumps


class PickyError(Exception):
    """An error that cannot be made from its arguments."""

    def __init__(self, code, text):
        super().__init__(f"{code} {text}")


def as_json(value):
    """Encode as a backend does."""
    return dumps(value, "json")[2]


@pytest.mark.parametrize(
    ("error", "module"),
    [
        (KeyError("k"), "builtins"),
        (WorkerLostError("w"), "billiard.exceptions"),
        (NeverReady("n"), "celery.exceptions"),
    ],
)
def test_an_error_is_written_under_the_name_that_real_clients_know(error, module):
    """And read back as the same class."""
    written = write_exception(error, as_json)
    assert written["exc_module"] == module
    assert type(read_exception(written)) is type(error)


def test_arguments_that_json_cannot_carry_become_their_text():
    """The error arrives all the same."""
    read = read_exception(write_exception(ValueError(1, {2}), as_json))
    assert read.args == (1, "{2}")


def test_an_error_that_cannot_be_made_again_is_described():
    """The reader learns the class and what it said."""
    read = read_exception(write_exception(PickyError(3, "x"), as_json))
    assert type(read) is Exception
    assert "PickyError" in str(read)
    assert "3 x" in str(read)


def test_a_class_that_is_nowhere_is_made_up_under_its_name():
    """So that the client can at least say what it was."""
    read = read_exception({"exc_type": "Gone", "exc_message": ["a"], "exc_module": "no.such.module"})
    assert (type(read).__name__, read.args) == ("Gone", ("a",))


def test_a_name_that_is_no_error_is_never_called():
    """Whoever can write to the backend must not choose what the client runs."""
    with pytest.raises(SecurityError, match=r"Expected an exception class, got os\.system with payload touch it"):
        read_exception({"exc_type": "system", "exc_message": "touch it", "exc_module": "os"})


@pytest.mark.parametrize("backend", ["cache+memory://", "rpc://"])
def test_values_come_back_whole(lab, backend):
    """A Decimal is a number, not a result with an as_tuple of its own."""
    app = Celery("proj", broker="amqp://", backend=backend)

    @app.task(name="give", shared=False)
    def give():
        return [Decimal("1.5"), (1, 2), None]

    lab.start_worker(app)
    assert give.delay().get() == [Decimal("1.5"), [1, 2], None]


def test_replies_reach_only_the_client_that_asked(lab):
    """With rpc:// another client sees PENDING."""
    app, other = (Celery(name, broker="amqp://", backend="rpc://") for name in ("proj", "other"))

    @app.task(name="give", shared=False)
    def give():
        return 1

    lab.start_worker(app)
    result = give.delay()
    assert result.get() == 1
    assert other.AsyncResult("somebody-elses").state == "PENDING"


def test_two_apps_with_one_address_share_results(lab):
    """The store belongs to the address."""
    app, other = (Celery(name, broker="amqp://", backend="cache+memory://") for name in ("proj", "other"))

    @app.task(name="give", shared=False)
    def give():
        return 1

    lab.start_worker(app)
    result = give.delay()
    result.get()
    assert other.AsyncResult(result.id).result == 1


def test_a_forgotten_result_is_recorded_and_pending(lab, app):
    """Forgetting is something that happens, too."""

    @app.task(name="give")
    def give():
        return 1

    lab.start_worker(app)
    result = give.delay()
    result.get()
    result.forget()
    assert result.state == "PENDING"
    assert lab.log[-1].kind == "result-forgotten"


@pytest.mark.usefixtures("lab")
def test_without_a_backend_reading_says_what_is_missing():
    """In the very words that people search for."""
    app = Celery("proj", broker="amqp://")
    result = app.send_task("t")
    with pytest.raises(AttributeError, match="'DisabledBackend' object has no attribute '_get_task_meta_for'"):
        _ = result.state
    with pytest.raises(NotImplementedError, match="No result backend is configured"):
        result.get()


@pytest.mark.usefixtures("lab")
def test_an_unknown_result_serializer_is_said_before_a_task_runs():
    """Else its result would be lost in the worker."""
    app = Celery("proj", broker="amqp://", backend="rpc://", result_serializer="yam", set_as_current=False)
    with pytest.raises(SerializerNotInstalled, match="yam"):
        app.send_task("proj.add")
