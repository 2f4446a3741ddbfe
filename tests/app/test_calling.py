"""Calling: arguments are checked, really encoded, and refused where the call is made."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from labq.app.header import header_of
from labq.app.queues import Queues
from labq.app.routes import Destination, Router, destination, prepare
from labq.exceptions import EncodeError
from labq.wire.entities import Exchange, Queue


def add(x, y):
    """Add two numbers."""
    return x + y


def test_wrong_arguments_never_reach_the_broker(lab, app):
    """The TypeError is Python's own, at the caller, and nothing was published."""
    task = app.task(name="t")(add)
    with pytest.raises(TypeError, match=r"add\(\) missing 1 required positional argument: 'y'"):
        task.delay(1)
    assert len(lab.log) == 0


@pytest.mark.parametrize("value", [{1}, object(), lambda: 1, 1j])
def test_what_json_cannot_carry_never_reaches_the_broker(lab, app, value):
    """As in production, on every broker."""
    with pytest.raises(EncodeError, match="is not JSON serializable"):
        app.task(name="t")(add).delay(value, 1)
    assert not [record for record in lab.log if record.kind == "message-queued"]


@pytest.mark.parametrize(
    ("options", "error"),
    [({"task_id": 5}, TypeError), ({"task_id": ["x"]}, TypeError), ({"priority": 256}, EncodeError),
     ({"priority": -1}, EncodeError), ({"priority": "high"}, EncodeError)],
)  # fmt: skip
def test_what_amqp_cannot_carry_never_reaches_the_broker(lab, app, options, error):
    """An id is text, a priority one byte."""
    with pytest.raises(error, match="must be"):
        app.task(name="t")(add).apply_async((1, 2), **options)
    assert not [record for record in lab.log if record.kind == "message-queued"]


@pytest.mark.parametrize("countdown", [float("nan"), float("inf"), 10**12])
def test_a_countdown_that_is_no_moment_loses_nothing(lab, app, countdown):
    """The refusal names the option, and the lab goes on."""
    task = app.task(name="t")(add)
    with pytest.raises(ValueError, match="countdown is out of range"):
        task.apply_async((1, 2), countdown=countdown)
    lab.start_worker(app)
    assert task.apply_async((1, 2), countdown=-5).get() == 3


def test_a_tuple_arrives_as_a_list(lab, app):
    """Everything crosses as bytes, also in memory."""
    lab.start_worker(app)

    @app.task(name="kind")
    def kind(value):
        return type(value).__name__

    assert kind.delay((1, 2)).get() == "list"


def test_a_registered_task_brings_its_options_to_a_call_by_name(lab, app):
    """send_task of a task that is known here goes where apply_async would have sent it."""
    app.task(name="t", queue="slow")(add)
    app.tasks  # noqa: B018 - finalizes
    app.send_task("t", (1, 2))
    app.send_task("t", (1, 2), queue="fast")
    lab.run()
    assert [record.fact("queue") for record in lab.log if record.kind == "message-queued"] == ["slow", "fast"]


def test_headers_of_the_caller_are_seen_by_the_task(lab, app):
    """request.headers holds what the caller added, and nothing of Celery's."""
    lab.start_worker(app)

    @app.task(name="t", bind=True)
    def look(self):
        return self.request.headers

    assert look.apply_async(headers={"mine": 1}).get() == {"mine": 1}
    assert look.delay().get() is None


QUEUES = Queues(
    [Queue("direct", Exchange("d", "direct"), "key"), Queue("topic", Exchange("t", "topic"), "a.#")],
    Exchange("celery"),
)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({}, ("", "celery")),
        ({"queue": "direct"}, ("", "direct")),
        ({"queue": "direct", "routing_key": "other"}, ("", "direct")),
        ({"queue": "direct", "exchange": "x", "routing_key": "k"}, ("x", "k")),
        ({"queue": "topic"}, ("t", "a.#")),
        ({"queue": "topic", "routing_key": "a.b"}, ("t", "a.b")),
        ({"queue": "celery", "exchange": "x"}, ("", "celery")),
        ({"exchange": "x", "routing_key": "k"}, ("x", "k")),
    ],
)
def test_half_a_destination_on_a_direct_exchange_leads_to_the_queue(options, where):
    """With a direct exchange neither an exchange nor a key is enough alone: the queue's name decides."""
    found = destination(options, QUEUES, Queue("celery", Exchange("celery"), "celery"))
    assert isinstance(found, Destination)
    assert (found.exchange, found.routing_key) == where


class OldRouter:
    """A router as Celery 3 had them."""

    def route_for_task(self, name, args, kwargs):
        """Send everything one way."""
        return f"{name}-{len(args)}-{len(kwargs)}"


def route(name, args, kwargs, *_, **__):
    """Do the same, as Celery has them today."""
    return {"queue": f"{name}-{len(args)}-{len(kwargs)}"}


@pytest.mark.parametrize("written", ["here:route", "here.OldRouter", ["here:route"], OldRouter(), route])
def test_a_router_may_be_named_and_is_imported_when_it_is_asked(monkeypatch, written):
    """Its module may need the app whose setting this is."""
    router = Router(prepare(written), Queues())
    monkeypatch.setitem(sys.modules, "here", SimpleNamespace(route=route, OldRouter=OldRouter))
    assert router.route({}, "add", (1, 2))["queue"].name == "add-2-0"


def test_a_router_that_is_not_there_is_an_error_of_the_call(app):
    """It names the module."""
    app.conf.task_routes = "nowhere.route"
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        app.send_task("t")


def test_the_head_of_a_function_checks_and_does_nothing():
    """Defaults, stars and keyword-only parameters are those of the function."""
    made = {}
    exec("def places(a, /, b=1, *rest, c, d=2, **more): raise AssertionError", made)  # noqa: S102 - one line of source
    head = header_of(made["places"])
    assert head(1, 2, 3, c=4, e=5) == 1
    assert head(a=1, c=2) == 1
    with pytest.raises(TypeError, match=r"places\(\) missing 1 required keyword-only argument: 'c'"):
        head(1)


def test_a_bound_tasks_head_wants_no_self():
    """The task is its own first argument."""

    def bound(self, x):
        return self, x

    assert header_of(bound, bound=True)(1) == 1


def test_stored_errors_have_celerys_names_on_the_wire(lab, app):
    """A real client must find the class that a lab's worker names."""
    lab.start_worker(app)

    @app.task(name="t")
    def fail():
        return {1}

    result = fail.delay()
    lab.run()
    kept = json.loads(app.backend._store.get(result.id).payload)["result"]
    assert (kept["exc_module"], kept["exc_type"]) == ("kombu.exceptions", "EncodeError")
    assert isinstance(result.result, EncodeError)
