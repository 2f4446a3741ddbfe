"""Remote control from the client's side: what is sent, how long is waited, who answers, and how it is rewound."""

from __future__ import annotations

import json
import time
import warnings

import pytest

from labq import Celery
from labq.app.control import flatten_reply
from labq.exceptions import DuplicateNodenameWarning, ImproperlyConfigured, NeverReady
from labq.i18n import Words
from labq.snapshot.series import depths
from labq.views.sentence import say


@pytest.fixture
def two(lab, app):
    """Two workers of an app with a task that adds and one that sleeps."""
    app.task(name="add", shared=False)(_add)
    app.task(name="nap", shared=False)(_nap)
    lab.start_worker(app, hostname="w1@lab")
    lab.start_worker(app, hostname="w2@lab")
    return app


def _add(x, y):
    return x + y


def _nap(seconds):
    time.sleep(seconds)


PONG = {"ok": "pong"}


# -- waiting -----------------------------------------------------------------------------------------------------------
def test_a_ping_collects_for_a_virtual_second(lab, two):
    """Nobody knows how many workers there are, so the client waits for a second without a reply."""
    assert two.control.ping() == [{"w1@lab": PONG}, {"w2@lab": PONG}]
    assert lab.time == 1.0


def test_a_limit_or_a_destination_ends_the_wait_at_once(lab, two):
    """As many replies as there are destinations are enough."""
    assert two.control.ping(limit=2) == [{"w1@lab": PONG}, {"w2@lab": PONG}]
    assert two.control.ping(destination=["w2@lab"]) == [{"w2@lab": PONG}]
    assert lab.time == 0.0


def test_a_missing_reply_is_waited_for_as_long_as_the_timeout_says(lab, two):
    """A worker that is named and is not there costs the whole time."""
    assert two.control.inspect(destination=["w1@lab", "w9@lab"], timeout=3).ping() == {"w1@lab": PONG}
    assert lab.time == 3.0


def test_each_reply_begins_the_time_anew(lab, app):
    """A solo worker that is busy answers when its task is over, and the second counts from there."""
    app.task(name="nap", shared=False)(_nap)
    lab.start_worker(app, hostname="solo@lab", pool="solo")
    lab.start_worker(app, hostname="free@lab")
    app.send_task("nap", (0.75,))
    app.send_task("nap", (0.75,))
    lab.run(until=0)
    assert app.control.ping() == [{"free@lab": PONG}, {"solo@lab": PONG}]
    assert lab.time == 1.75


def test_a_busy_solo_worker_misses_a_short_timeout(lab, app):
    """Its late reply finds nobody: the client's queue is gone."""
    app.task(name="nap", shared=False)(_nap)
    lab.start_worker(app, hostname="solo@lab", pool="solo")
    app.send_task("nap", (5,))
    assert app.control.ping(timeout=1) == []
    lab.run()
    assert [record["exchange"] for record in lab.log.select(kind="message-unroutable")] == ["reply.celery.pidbox"]


def test_without_a_timeout_and_without_workers_it_is_an_error(lab, app):
    """Celery would wait for ever; the lab says so."""
    with pytest.raises(NeverReady, match="nobody will answer"):
        app.control.broadcast("ping", reply=True, timeout=None)
    assert not any("reply" in queue.name for queue in lab.snapshot().queues())


def test_a_body_asks_and_is_answered_at_once(two):
    """Inside a task virtual time does not pass for an answer that is there."""

    @two.task(shared=False)
    def asking():
        before = time.time()
        replies = two.control.inspect(limit=2).ping()
        nobody = two.control.inspect(destination=["w2@lab"]).active_queues() is None
        return [replies, nobody, time.time() - before]

    assert asking.delay().get() == [{"w1@lab": PONG, "w2@lab": PONG}, False, 0.0]


def test_a_body_waits_for_who_does_not_answer(two):
    """And there the time passes."""

    @two.task(shared=False)
    def asking():
        before = time.time()
        two.control.ping(destination=["w9@lab"], timeout=2)
        return time.time() - before

    assert asking.delay().get() == 2.0


# -- on the wire -------------------------------------------------------------------------------------------------------
def test_a_command_and_its_reply_are_kombus_messages(lab, two, monkeypatch):
    """Names, fields, headers and properties are those that real clients and workers exchange."""
    broker = lab.broker("amqp://")
    sent = []
    publish = type(broker).publish

    def note(self, message, exchange, routing_key, *rest):
        sent.append((message, exchange, routing_key))
        publish(self, message, exchange, routing_key, *rest)

    monkeypatch.setattr(type(broker), "publish", note)
    two.control.ping(destination=["w1@lab"], timeout=7)
    (command, exchange, key), (reply, back, oid) = sent
    assert (exchange, key, back) == ("celery.pidbox", "", "reply.celery.pidbox")
    body = json.loads(command.body)
    ticket = body["ticket"]
    assert body == {
        "method": "ping", "arguments": {}, "destination": ["w1@lab"], "pattern": None, "matcher": None,
        "ticket": ticket, "reply_to": {"exchange": "reply.celery.pidbox", "routing_key": oid},
    }  # fmt: skip
    assert command.headers == {"clock": 1, "expires": lab.clock.epoch + 7}
    assert command.properties == {"delivery_mode": 2, "priority": 0}
    assert json.loads(reply.body) == {"w1@lab": PONG}
    assert reply.headers == {"ticket": ticket, "clock": 3}
    assert reply.properties == {"delivery_mode": 1, "priority": 0}
    assert (reply.content_type, reply.content_encoding) == ("application/json", "utf-8")


def test_the_clients_queue_lives_as_long_as_it_is_read(lab, two):
    """Each question has its own, bound by the key that the command tells."""
    two.control.ping(limit=1)
    declared = [record["queue"] for record in lab.log.select(kind="queue-declared")]
    deleted = [record["queue"] for record in lab.log.select(kind="queue-deleted")]
    (mine,) = [name for name in declared if name.endswith(".reply.celery.pidbox")]
    assert deleted == [mine]
    bound = [record for record in lab.log.select(kind="queue-bound") if record["queue"] == mine]
    assert [record["routing_key"] for record in bound] == [mine.partition(".")[0]]


def test_a_worker_that_nobody_commands_declares_no_mailbox(lab, two):
    """Its queue comes with the first command, of whomever; one that starts later has it from the start."""
    assert not any("pidbox" in str(record) for record in lab.log)
    two.control.ping(limit=2)
    lab.start_worker(two, hostname="w3@lab")
    names = [record["queue"] for record in lab.log.select(kind="queue-declared") if ".celery.pidbox" in record["queue"]]
    assert [name for name in names if "reply" not in name] == [f"w{n}@lab.celery.pidbox" for n in (1, 2, 3)]
    assert two.control.inspect().ping() == {"w1@lab": PONG, "w2@lab": PONG, "w3@lab": PONG}


def test_a_stopped_worker_does_not_answer_and_its_mailbox_is_gone(lab, two):
    """One that starts again does."""
    two.control.ping(limit=2)
    worker = lab.start_worker(two, hostname="w3@lab")
    worker.stop()
    assert "w3@lab.celery.pidbox" in [record["queue"] for record in lab.log.select(kind="queue-deleted")]
    assert two.control.ping(timeout=0.5) == [{"w1@lab": PONG}, {"w2@lab": PONG}]
    worker.start()
    assert [*two.control.inspect(limit=3).ping()] == ["w1@lab", "w2@lab", "w3@lab"]


def test_apps_with_another_exchange_do_not_hear_each_other(lab, app):
    """``control_exchange`` is the name of a world of its own."""
    other = Celery("other", broker="amqp://", control_exchange="mine", set_as_current=False)
    lab.start_worker(app, hostname="w1@lab")
    lab.start_worker(other, hostname="w2@lab")
    assert [*app.control.ping(timeout=0.1), *other.control.ping(timeout=0.1)] == [{"w1@lab": PONG}, {"w2@lab": PONG}]


def test_another_broker_is_reached_by_its_connection(lab, app):
    """A connection, or an address, says where."""
    there = Celery("there", broker="amqp://else//", set_as_current=False)
    lab.start_worker(there, hostname="w2@lab")
    assert app.control.ping(timeout=0.1) == []
    assert app.control.ping(connection="amqp://else//", timeout=0.1) == [{"w2@lab": PONG}]
    assert app.control.inspect(connection=there.connection_for_write(), timeout=0.1).ping() == {"w2@lab": PONG}


# -- going back --------------------------------------------------------------------------------------------------------
def test_commands_are_done_again_after_a_rewind(lab, two):
    """To every place in the history, and on to the same end."""
    two.control.revoke("gone", reply=True, limit=2)
    two.control.rate_limit("add", "1/m", destination=["w1@lab"])
    result = two.send_task("add", (1, 2))
    assert result.get() == 3
    two.control.ping(limit=2)
    whole = [str(record) for record in lab.log]
    for place in range(len(whole), 0, -3):
        lab.rewind(to=min(place, len(lab.log)))
        assert [str(record) for record in lab.log] == whole[: len(lab.log)]


def test_what_a_command_has_changed_is_undone_by_a_rewind(lab, two):
    """A worker's state belongs to the world."""
    two.control.ping(limit=2)
    before = len(lab.log)
    two.control.revoke("gone", reply=True, limit=2)
    assert two.control.inspect(limit=2).revoked() == {"w1@lab": ["gone"], "w2@lab": ["gone"]}
    lab.rewind(to=before)
    assert two.control.inspect(limit=2).revoked() == {"w1@lab": [], "w2@lab": []}


def test_clocks_are_turned_back_by_a_rewind(lab, two):
    """The client's too: its count belongs to the world."""
    first = two.control.inspect(limit=2).clock()
    place, mine = len(lab.log), two.clock.forward()
    second = two.control.inspect(limit=2).clock()
    lab.rewind(to=place)
    assert two.clock.value == mine - 1
    assert two.control.inspect(limit=2).clock() == second != first


def test_a_body_that_asks_is_played_from_its_tape(lab, two):
    """Its commands are done again, its code is not."""
    ran = []

    @two.task(shared=False)
    def asking():
        ran.append(1)
        return two.control.inspect(limit=2).ping()

    result = asking.delay()
    value = result.get()
    whole = [str(record) for record in lab.log]
    lab.rewind(to=len(whole))
    assert ran == [1]
    for place in range(len(whole), 0, -4):
        lab.rewind(to=min(place, len(lab.log)))
        assert [str(record) for record in lab.log] == whole[: len(lab.log)]
    assert value == {"w1@lab": PONG, "w2@lab": PONG}


# -- answers -----------------------------------------------------------------------------------------------------------
def test_two_nodes_of_one_name_are_a_warning():
    """The last answer is kept."""
    with pytest.warns(DuplicateNodenameWarning, match="Received multiple replies from node name: a@x.\n"):
        assert flatten_reply([{"a@x": 1}, {"a@x": 2}, {"b@x": 3}]) == {"a@x": 2, "b@x": 3}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert flatten_reply([{"a@x": 1}, {"b@x": 3}]) == {"a@x": 1, "b@x": 3}


def test_queues_for_commands_cannot_be_both():
    """Celery's words."""
    app = Celery("x", control_queue_durable=True, control_queue_exclusive=True, set_as_current=False)
    with pytest.raises(ImproperlyConfigured, match="cannot both be True"):
        _ = app.control


def test_shutting_down_by_command_is_warm(lab, two):
    """What runs may end; nobody answers."""
    result = two.send_task("nap", (3,))
    lab.run(until=1)
    assert two.control.shutdown() is None
    lab.run()
    assert result.state == "SUCCESS"
    assert two.control.ping(timeout=0.1) == []
    assert [record["how"] for record in lab.log.select(kind="worker-stopped")] == ["warm", "warm"]


# -- pictures ----------------------------------------------------------------------------------------------------------
def test_a_command_is_told_in_words(lab, two):
    """The log says which command a worker got, and with what."""
    two.control.rate_limit("add", "1/m", reply=True, destination=["w1@lab"])
    (record,) = lab.log.select(kind="command-received")
    assert say(record, lab.snapshot(), Words("en")) == (
        "w1@lab got the command rate_limit(task_name='add', rate_limit='1/m')"
    )


def test_pictures_of_tasks_show_no_commands(lab, two):
    """The table of queues says what the others are for."""
    two.control.ping(limit=2)
    room = lab.room()
    assert "queue celery" in room.text()
    assert "queue w1@lab.celery.pidbox" not in room.text()
    snapshot = lab.snapshot()
    assert [queue.name for queue in snapshot.task_queues()] == ["celery"]
    assert depths(lab.log) == ()
    assert not any(worker.prefetched for worker in snapshot.workers.values())
    assert "w1@lab.celery.pidbox" in lab.queues().text()
    assert "(commands)" in lab.queues().text()
