"""Delays at the broker: with quorum queues a call with an ETA waits in RabbitMQ, and no worker holds it."""

from __future__ import annotations

import logging

import pytest

from labq import Celery
from labq.app.delays import calculate_routing_key, detect_quorum_queues
from labq.kombu import Exchange, Queue
from labq.log.record import MESSAGE_DEAD_LETTERED
from labq.worker.delays import level_name

QUORUM = {"x-queue-type": "quorum"}


def cafe(broker="amqp://", kind="topic", arguments=QUORUM):
    """Return an app with one queue, and its task ``brew``."""
    app = Celery("proj", broker=broker, backend="cache+memory://")
    exchange = Exchange("cafe", type=kind)
    app.conf.task_queues = [Queue("orders", exchange, routing_key="cups", queue_arguments=arguments)]
    app.conf.task_default_queue = "orders"

    @app.task(bind=True, name="brew", max_retries=2)
    def brew(self, tries=0):
        if self.request.retries < tries:
            raise self.retry(countdown=6)
        return self.request.delivery_info["routing_key"]

    return app


def test_a_countdown_waits_at_the_broker(lab):
    """In the queues for eight, two and one seconds; the worker sees it when it is due."""
    app = cafe()
    worker = lab.start_worker(app)
    result = app.tasks["brew"].apply_async(countdown=11)
    lab.advance(1)
    assert app.control.inspect().scheduled() == {worker.hostname: []}
    assert result.get() == "0." * 24 + "1.0.1.1." + "cups"
    assert lab.clock.time == pytest.approx(11, abs=0.1)
    assert sum(record.kind == MESSAGE_DEAD_LETTERED for record in lab.log) == 3


def test_what_remains_of_a_second_waits_in_the_worker(lab):
    """The broker's queues count whole seconds."""
    app = cafe()
    lab.start_worker(app)
    app.tasks["brew"].apply_async(countdown=2.5).get()
    assert lab.clock.time == pytest.approx(2.5, abs=0.01)


def test_a_retry_waits_there_too(lab):
    """Its routing key tells one delay, its own."""
    app = cafe()
    lab.start_worker(app)
    assert app.tasks["brew"].apply_async((2,)).get() == "0." * 25 + "1.1.0." + "cups"
    assert lab.clock.time == pytest.approx(12, abs=0.1)


@pytest.mark.parametrize("app_of", [{"broker": "memory://"}, {"arguments": None}], ids=["memory", "classic"])
def test_elsewhere_an_eta_waits_in_the_worker(lab, app_of):
    """As ever."""
    app = cafe(**app_of)
    worker = lab.start_worker(app)
    result = app.tasks["brew"].apply_async(countdown=11)
    lab.advance(1)
    assert len(app.control.inspect().scheduled()[worker.hostname]) == 1
    assert result.get() == "cups"


def test_a_direct_exchange_cannot_do_it(lab, caplog):
    """Sender and worker say so, and the ETA waits in the worker."""
    app = cafe(kind="direct")
    with caplog.at_level(logging.WARNING):
        lab.start_worker(app)
        result = app.tasks["brew"].apply_async(countdown=11)
    assert "Exchange cafe is a direct exchange and native delayed delivery do not support" in caplog.text
    assert "cafe is a direct exchange but should be a topic exchange or a fanout exchange" in caplog.text
    assert result.get() == "orders"


def test_the_queues_for_delays_may_be_classic_ones(lab):
    """By a setting; another kind there is not."""
    app = cafe()
    app.conf.broker_native_delayed_delivery_queue_type = "classic"
    lab.start_worker(app)
    assert app.tasks["brew"].apply_async(countdown=1).get() == "0." * 27 + "1.cups"
    app.conf.broker_native_delayed_delivery_queue_type = "lazy"
    with pytest.raises(ValueError, match="queue_type must be either classic or quorum"):
        lab.start_worker(app, hostname="w2@lab")


def test_a_key_tells_the_delay_in_bits():
    """A retry's key begins with the delay of the try before it, which goes."""
    key = calculate_routing_key(5, "cups")
    assert key == "0." * 25 + "1.0.1.cups"
    assert calculate_routing_key(1, key) == "0." * 27 + "1.cups"
    assert level_name(3) == "celery_delayed_3"
    with pytest.raises(ValueError, match="countdown must be a positive number"):
        calculate_routing_key(0, "cups")
    with pytest.raises(ValueError, match="routing_key must be non-empty"):
        calculate_routing_key(1, "")


@pytest.mark.usefixtures("lab")
def test_only_rabbitmq_has_quorum_queues():
    """The first one is named."""
    assert detect_quorum_queues(cafe(), "amqp") == (True, "orders")
    assert detect_quorum_queues(cafe(), "redis") == (False, "")
    assert detect_quorum_queues(cafe(arguments=None), "amqp") == (False, "")
