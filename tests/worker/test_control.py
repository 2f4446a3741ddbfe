"""The commands, in a worker of a lab: what they do where the comparison with Celery cannot look."""

from __future__ import annotations

import logging
import time

import pytest

from labq import Celery
from labq.worker.control import Panel, control_command, inspect_command


@pytest.fixture
def worker(lab, app):
    """A worker of an app with a task that sleeps."""

    @app.task(name="nap", shared=False)
    def nap(seconds, note=None):
        time.sleep(seconds)
        return note

    return lab.start_worker(app, hostname="w1@lab", concurrency=2)


@pytest.fixture
def ask(app, worker):
    """Send a command to the worker and return its answer."""
    return lambda command, **arguments: app.control.broadcast(
        command, arguments, reply=True, destination=[worker.hostname]
    )[0][worker.hostname]


@pytest.fixture
def panel():
    """Take the test's own commands off the panel again."""
    data, meta = dict(Panel.data), dict(Panel.meta)
    yield Panel
    for kept, before in ((Panel.data, data), (Panel.meta, meta)):
        kept.clear()
        kept.update(before)


def test_what_runs_waits_and_is_scheduled_is_told(lab, app, ask):
    """Each task under its stage, with child, moment and arguments."""
    running = app.send_task("nap", (5,), {"note": "x"})
    second, waiting = app.send_task("nap", (5,)), app.send_task("nap", (5,))
    later = app.send_task("nap", (1,), countdown=60)
    lab.run(until=1)
    (first, other), (reserved,), (scheduled,) = ask("active"), ask("reserved"), ask("scheduled")
    assert (first["id"], other["id"]) == (running.id, second.id)
    assert first == {
        "id": running.id, "name": "nap", "args": [5], "kwargs": {"note": "x"}, "type": "nap", "hostname": "w1@lab",
        "time_start": lab.clock.epoch - 1, "acknowledged": True, "worker_pid": first["worker_pid"],
        "delivery_info": {"exchange": "", "routing_key": "celery", "priority": 0, "redelivered": False},
    }  # fmt: skip
    assert first["worker_pid"] in ask("stats")["pool"]["processes"]
    assert (reserved["id"], reserved["time_start"], reserved["acknowledged"]) == (waiting.id, None, False)
    assert (scheduled["request"]["id"], scheduled["priority"]) == (later.id, 6)
    assert scheduled["eta"] == "2030-01-01T09:01:00+00:00"
    stages = {
        task_id: stage for task_id, (stage, _) in ask("query_task", ids=[running.id, waiting.id, later.id, "x"]).items()
    }
    assert stages == {running.id: "active", waiting.id: "reserved", later.id: "scheduled"}


def test_a_running_task_is_terminated(lab, app, ask):
    """Its child dies, its result is REVOKED, and the answer names it."""
    result = app.send_task("nap", (50,))
    lab.run(until=1)
    assert ask("terminate", signal="KILL", task_id=result.id) == {"ok": f"terminate: {result.id}"}
    lab.run()
    assert (result.state, lab.time) == ("REVOKED", 1.0)


def test_stamped_tasks_are_ended_by_their_stamps(lab, app, ask):
    """The answer shows the stamps as Celery shows them."""
    result = app.tasks["nap"].apply_async((50,), stamped_headers=["who"], who="me")
    lab.run(until=1)
    said = ask("revoke_by_stamped_headers", headers={"who": ["me", "you"]}, terminate=True)
    assert said == {"ok": "headers defaultdict(<class 'set'>, {'who': {'me'}}) revoked"}
    lab.run()
    assert result.state == "REVOKED"


def test_a_rate_limit_is_one_workers_own(lab, app, ask):
    """Two workers of one app in one process: what one is told does not reach the other."""
    lab.start_worker(app, hostname="w2@lab")
    ask("rate_limit", task_name="nap", rate_limit="1/h")
    told = app.control.inspect(limit=2).registered("rate_limit")
    assert told == {"w1@lab": ["nap [rate_limit=1/h]"], "w2@lab": ["nap"]}
    assert app.tasks["nap"].rate_limit is None


def test_the_pool_grows_and_shrinks(lab, app, ask):
    """By as many slots as are asked for; the prefetch window follows."""
    assert ask("pool_grow", n=2) == {"ok": "pool will grow"}
    assert (len(ask("stats")["pool"]["processes"]), ask("stats")["prefetch_count"]) == (4, 16)
    assert ask("pool_shrink") == {"ok": "pool will shrink"}
    assert (len(ask("stats")["pool"]["processes"]), ask("stats")["prefetch_count"]) == (3, 12)
    results = [app.send_task("nap", (1,)) for _ in range(3)]
    lab.run()
    assert [result.state for result in results] == ["SUCCESS"] * 3
    assert lab.time == 1.0


def test_autoscaling_is_changed_and_forbids_growing(lab, app):
    """A worker that scales by itself is told its bounds."""
    lab.start_worker(app, hostname="auto@lab", autoscale="4,1")

    def say(command, **options):
        return getattr(app.control, command)(destination=["auto@lab"], reply=True, **options)[0]

    assert say("autoscale", max=6, min=2) == {"auto@lab": {"ok": "autoscale now max=6 min=2"}}
    refused = {"error": "pool_grow is not supported with autoscale. Adjust autoscale range instead."}
    assert say("pool_grow") == {"auto@lab": refused}
    assert list(say("pool_shrink")["auto@lab"]) == ["error"]


def test_a_pool_is_restarted_where_it_is_allowed(app, ask):
    """The setting is ``worker_pool_restarts``."""
    assert ask("pool_restart") == {"error": "ValueError('Pool restarts not enabled')"}
    app.conf.worker_pool_restarts = True
    before = ask("stats")["pool"]["processes"]
    assert ask("pool_restart") == {"ok": "reload started"}
    assert set(ask("stats")["pool"]["processes"]).isdisjoint(before)


def test_a_pool_without_children_has_nothing_to_start_anew(lab):
    """It is no error: as in Celery the answer is the same."""
    app = Celery("green", broker="amqp://", set_as_current=False)
    app.conf.worker_pool_restarts = True
    lab.start_worker(app, hostname="solo@lab", pool="solo")
    assert app.control.pool_restart(reply=True) == [{"solo@lab": {"ok": "reload started"}}]


@pytest.mark.parametrize("command", ["memsample", "memdump", "objgraph"])
def test_what_needs_a_process_of_its_own_says_so(ask, command):
    """All workers of a lab live in one process."""
    assert "one process" in ask(command)["error"]


def test_statistics_name_the_broker_without_its_password(ask):
    """As kombu fills the address in."""
    broker = ask("stats")["broker"]
    assert (broker["hostname"], broker["userid"], broker["port"], broker["login_method"]) == (
        "localhost", "guest", 5672, "PLAIN",
    )  # fmt: skip
    assert "password" not in broker


@pytest.mark.usefixtures("worker")
def test_an_election_is_won_by_one_worker(lab, app):
    """The task runs once, however many workers hear of it."""
    lab.start_worker(app, hostname="w2@lab")
    lab.start_worker(app, hostname="a0@lab")
    app.control.election("id", "task", app.tasks["nap"].s(1, note="done").set(task_id="elected"))
    app.control.election("other", "no topic", None)
    lab.run()
    assert app.AsyncResult("elected").get() == "done"
    assert len(lab.log.select(kind="task-started")) == 1


def test_a_worker_that_starts_learns_what_was_revoked(lab, app, ask):
    """From those that are there, unless it does not mingle; so a restart forgets nothing while another worker lives."""
    ask("revoke", task_id="gone")
    lab.start_worker(app, hostname="w2@lab")
    lab.start_worker(app, hostname="w3@lab", without_mingle=True)
    assert app.control.inspect(limit=3).revoked() == {"w1@lab": ["gone"], "w2@lab": ["gone"], "w3@lab": []}


def test_a_workers_age_is_its_own(lab, app, ask):
    """Counted from its start, not from the lab's."""
    lab.advance(100)
    lab.start_worker(app, hostname="young@lab")
    lab.advance(7)
    ages = {name: told["uptime"] for name, told in app.control.inspect(limit=2).stats().items()}
    assert ages == {"w1@lab": 107, "young@lab": 7}
    assert ask("stats")["clock"].isdigit()


def test_an_unknown_command_is_logged_and_answered(ask, caplog):
    """The worker lives on."""
    with caplog.at_level(logging.ERROR):
        assert ask("nope") == {"error": "KeyError('nope')"}
    assert "pidbox command error: KeyError('nope')" in caplog.text
    assert ask("ping") == {"ok": "pong"}


def test_bytes_that_are_no_command_do_not_stop_a_worker(lab, ask, caplog):
    """They are logged and forgotten."""
    ask("ping")
    lab.broker("amqp://").publish(_message(b"{", {}), "celery.pidbox", "")
    lab.broker("amqp://").publish(_message(b'{"no": "method"}', {}), "celery.pidbox", "")
    with caplog.at_level(logging.ERROR):
        lab.run()
    assert "Cannot decode message" in caplog.text
    assert "Control command error" in caplog.text or "No such control command" in caplog.text
    assert ask("ping") == {"ok": "pong"}


def _message(body, headers):
    from labq.wire.message import Message

    return Message(body, "application/json", "utf-8", headers, {"delivery_mode": 2, "priority": 0})


def test_commands_of_ones_own_are_asked_like_any_other(ask, panel):
    """They get the worker's state first."""

    @control_command(args=[("n", int)], signature="[N=1]")
    def widen(state, n=1):
        """Make the window wider.

        More words.
        """
        state.consumer.qos.increment_eventually(n)
        return {"ok": state.consumer.qos.value}

    @inspect_command(alias="who")
    def whoami(state):
        return [state.hostname, state.app.main, state["hostname"]]

    assert ask("widen", n=3) == {"ok": 11}
    assert ask("who") == ask("whoami") == ["w1@lab", "proj", "w1@lab"]
    assert (panel.meta["widen"].type, panel.meta["widen"].help) == ("control", "Make the window wider.")
    assert panel.meta["whoami"].type == "inspect"


@pytest.mark.usefixtures("panel")
def test_a_command_may_send_a_task(lab, app, ask):
    """What it does belongs to the world, and a rewind does it again."""

    @control_command()
    def order(state):
        return {"ok": state.app.send_task("nap", (1,)).id}

    first = ask("order")["ok"]
    place = len(lab.log)
    lab.run()
    whole = [str(record) for record in lab.log]
    assert app.AsyncResult(first).state == "SUCCESS"
    lab.rewind(to=place)
    lab.run()
    assert [str(record) for record in lab.log] == whole


@pytest.mark.usefixtures("panel")
def test_a_command_cannot_wait(ask):
    """It is the worker's own code: while it runs, nothing else happens, and it is told so."""

    @control_command()
    def impatient(state):
        return state.app.control.ping(timeout=1)

    assert "in the middle of a step" in ask("impatient")["error"]
    assert ask("ping") == {"ok": "pong"}


def test_revoked_ids_are_exchanged_by_hello(ask):
    """A worker tells what it knows and learns what it is told."""
    ask("revoke", task_id="mine")
    reply = ask("hello", from_node="other@lab", revoked=["theirs"])
    assert sorted(reply["revoked"]) == ["mine", "theirs"]
    assert reply["clock"] > 0
    assert ask("hello", from_node="w1@lab") is None
