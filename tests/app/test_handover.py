"""The handover: who puts something of their own into ``app.amqp``, or brings a producer, is asked to send."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from labq import Celery
from labq.app.amqp import AMQP
from labq.exceptions import OperationalError
from labq.kombu import Producer
from labq.wire.moments import seconds_until


class Told(AMQP):
    """Messaging that notes what it sends."""

    def __init__(self, app):
        super().__init__(app)
        self.told = []

    def send_task_message(self, producer, name, message, **options):
        """Note it, and send it."""
        self.told.append((name, message, options))
        return super().send_task_message(producer, name, message, **options)


class TellingProducer(Producer):
    """A producer that notes what it publishes."""

    told = ()

    def publish(self, body, **options):
        """Note it, and publish it."""
        self.told = (*self.told, options["headers"]["task"])
        return super().publish(body, **options)


@pytest.fixture
def own(lab):
    """Return an app with messaging of its own, at work."""
    app = Celery("proj", broker="memory://", backend="cache+memory://", amqp=Told)

    @app.task(bind=True, name="brew", priority=3)
    def brew(self, cup):
        request = self.request
        return cup, request.root_id == request.id, request.parent_id, request.delivery_info["priority"]

    @app.task(name="order")
    def order(cup):
        return brew.apply_async((cup,), shadow="a cup").id

    lab.start_worker(app)
    return app


def test_messaging_of_ones_own_sends_every_call(own):
    """What it overrides is used, and the call arrives as ever."""
    result = own.tasks["brew"].delay("big")
    assert result.get() == ["big", True, None, 3]
    ((name, message, options),) = own.amqp.told
    assert (name, message.headers["id"], message.body[0]) == ("brew", result.id, ("big",))
    assert (options["priority"], options["queue"].name) == (3, "celery")


def test_a_task_that_sends_is_the_parent(own):
    """Root, parent and children are known as they are when labq's own messaging sends."""
    result = own.tasks["order"].delay("big")
    child = own.AsyncResult(result.get())
    assert result.children == [child]
    assert child.get() == ["big", False, result.id, 3]
    assert own.amqp.told[1][1].headers["shadow"] == "a cup"


def test_a_method_that_is_replaced_is_called(app, monkeypatch):
    """As tests do that want to see what is sent, and nothing sent."""
    seen = []
    monkeypatch.setattr(app.amqp, "send_task_message", lambda *args, **options: seen.append((args, options)))
    app.send_task("brew", ("big",), countdown=5, link=[app.signature("drink")], expires=9, queue="bar")
    (((_, name, message), options),) = seen
    assert (name, message.body[0], options["expiration"]) == ("brew", ("big",), 9)
    assert datetime.fromisoformat(message.headers["eta"]) == app.now() + timedelta(seconds=5)
    assert [call["task"] for call in message.body[2]["callbacks"]] == ["drink"]


def test_what_the_caller_says_stands_over_what_the_task_says(own):
    """None clears it."""
    own.send_task("brew", ("big",), priority=5)
    own.send_task("brew", ("big",), priority=None)
    assert [options.get("priority") for _, _, options in own.amqp.told] == [5, None]


def test_a_producer_that_is_given_publishes(lab, app):
    """And so does one that is made for a connection."""

    @app.task
    def brew(cup):
        return cup

    lab.start_worker(app)
    with app.connection_for_write() as connection:
        producer = TellingProducer(connection)
        assert brew.apply_async(("big",), producer=producer).get() == "big"
        assert producer.told == (brew.name,)
        assert brew.apply_async(("small",), connection=connection).get() == "small"


def test_an_empty_pool_is_said(app):
    """With the settings that would help, as in Celery."""
    app.conf.update(broker_pool_limit=1, broker_pool_acquire_timeout=2)
    with app.pool.acquire(), pytest.raises(OperationalError) as raised, app.connection_or_acquire():
        pass
    assert "waiting for a broker connection after 2s. All 1 connections are in use. Consider" in str(raised.value)


def test_a_call_that_has_expired_goes_out_with_no_time_to_live(app, monkeypatch, caplog):
    """It is not refused."""
    seen = []
    monkeypatch.setattr(app.amqp, "send_task_message", lambda *_, **options: seen.append(options["expiration"]))
    with caplog.at_level(logging.WARNING):
        app.send_task("brew", expires=app.now() - timedelta(seconds=4), task_id="b1")
    assert seen == [0]
    assert "b1 has an expiration date in the past (4.0s ago)" in caplog.text


def test_the_hour_that_summer_time_takes_is_not_waited_for():
    """From half past one to four o'clock it is one hour and a half in that night."""
    here = ZoneInfo("America/New_York")
    night = datetime(2026, 3, 8, 1, 30, tzinfo=here)
    assert seconds_until(datetime(2026, 3, 8, 4, 0, tzinfo=here), night) == 90 * 60
