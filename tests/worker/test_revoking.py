"""Revoked tasks do not run, and running ones can be ended."""

from __future__ import annotations

import logging

import pytest

from labq import signals
from labq.exceptions import LabError, TaskRevokedError


def started(lab, app, **options):
    """Return a worker with one child."""
    return lab.start_worker(app, hostname="w1@lab", concurrency=1, **options)


def test_a_task_revoked_before_it_comes_is_discarded(lab, app, nap, caplog, back_and_forth):
    """The worker keeps the id in mind."""
    caplog.set_level(logging.INFO)
    worker = started(lab, app)
    result = nap.apply_async((1,), countdown=5)
    worker.tell("revoke", [result.id])
    lab.run()
    assert (result.state, repr(result.result)) == ("REVOKED", "TaskRevokedError('revoked')")
    assert f"Tasks flagged as revoked: {result.id}" in caplog.messages
    assert f"Discarding revoked task: nap[{result.id}]" in caplog.messages
    with pytest.raises(TaskRevokedError):
        result.get()
    back_and_forth()


def test_a_reserved_task_is_discarded_when_its_turn_comes(lab, app, nap):
    """Its state says so at once."""
    worker = started(lab, app)
    first, second = nap.delay(5), nap.delay(5)
    lab.advance(1)
    worker.tell("revoke", second.id)
    assert second.state == "REVOKED"
    lab.run()
    assert (first.state, lab.time) == ("SUCCESS", 5.0)
    assert [record["reason"] for record in lab.log.select("task-revoked")] == ["revoked"]


def test_a_running_task_is_ended_by_a_signal(lab, app, nap, heard, back_and_forth):
    """Its body sees what SIGTERM does to a process; its child is replaced."""
    worker = started(lab, app)
    result = nap.delay(60)
    lab.advance(1)
    assert worker.tell("revoke", [result.id, "nobody"], terminate=True) == (result.id,)
    assert (result.state, repr(result.result)) == ("REVOKED", "TaskRevokedError('terminated')")
    assert heard == ["SystemExit(-241)"]
    assert nap.delay(1).get() == "woke"
    back_and_forth()


def test_a_running_task_is_not_ended_without_being_told(lab, app, nap):
    """Revoking alone does nothing to what runs."""
    worker = started(lab, app)
    result = nap.delay(5)
    lab.advance(1)
    worker.tell("revoke", [result.id])
    lab.run()
    assert result.get() == "woke"


def test_a_late_message_of_an_ended_task_is_acknowledged(lab, app, late):
    """It does not come back."""
    worker = started(lab, app)
    result = late.delay(60)
    lab.advance(1)
    worker.tell("revoke", [result.id], terminate=True, signal="KILL")
    lab.run()
    worker.stop()
    assert (result.state, lab.world.brokers[0].depth("celery")) == ("REVOKED", 0)


def test_a_task_that_is_told_to_end_before_it_runs_ends_when_it_begins(lab, app, nap):
    """The signal waits for it."""
    worker = started(lab, app)
    first, second = nap.delay(5), nap.delay(5)
    lab.advance(1)
    worker.tell("revoke", [second.id], terminate=True)
    lab.run()
    assert (first.state, second.state) == ("SUCCESS", "REVOKED")


def test_usr1_warns_a_body(lab, app, nap, heard):
    """As its soft limit would."""
    worker = started(lab, app)
    result = nap.delay(60, careful=True)
    lab.advance(1)
    worker.tell("revoke", [result.id], terminate=True, signal="SIGUSR1")
    lab.run()
    assert (heard, lab.time) == (["warned"], 1.0)


def test_a_signal_that_does_not_exist_is_said(lab, app):
    """With those that do."""
    with pytest.raises(LabError, match="no signal 'SIGNOTHING'"):
        started(lab, app).tell("revoke", ["x"], terminate=True, signal="SIGNOTHING")


def test_threads_cannot_be_ended(lab, app, nap):
    """The pool says so, in Celery's words."""
    worker = started(lab, app, pool="threads")
    result = nap.delay(5)
    lab.advance(1)
    with pytest.raises(NotImplementedError, match="does not implement kill_job"):
        worker.tell("revoke", [result.id], terminate=True)
    lab.run()
    assert result.state == "SUCCESS"


def test_a_green_thread_is_ended_where_it_waits(lab, app, nap, heard, back_and_forth):
    """Any signal does."""
    worker = started(lab, app, pool="gevent")
    result = nap.delay(60)
    lab.advance(1)
    worker.tell("revoke", [result.id], terminate=True)
    lab.run()
    assert (result.state, heard, lab.time) == ("REVOKED", ["GreenletExit()"], 1.0)
    back_and_forth()


def test_stamps_revoke_what_carries_them(lab, app, nap, caplog):
    """Tasks that wait are discarded, those that run are ended when that is wanted."""
    caplog.set_level(logging.INFO)
    worker = lab.start_worker(app, concurrency=2)
    stamps = {"stamped_headers": ["customer"], "customer": "acme"}
    running = nap.s(60).apply_async(**stamps)
    other = nap.delay(5)
    waiting = nap.s(1).apply_async(countdown=3, **stamps)
    lab.advance(1)
    assert worker.tell("revoke_by_stamped_headers", {"customer": ["acme"]}, terminate=True) == {"customer": ["acme"]}
    lab.run()
    assert [result.state for result in (running, waiting, other)] == ["REVOKED", "REVOKED", "SUCCESS"]
    assert f"Discarding revoked task: nap[{waiting.id}] (revoked by header: {{'customer': 'acme'}})" in caplog.messages


def test_who_listens_is_told(lab, app, nap):
    """Whether it was ended, by which signal, and whether it was too late."""
    told = []
    signals.task_revoked.connect(
        lambda sender, request, **facts: told.append((sender.name, request.id, facts)), weak=False, dispatch_uid="t"
    )
    try:
        worker = started(lab, app)
        ended, expired = nap.delay(60), nap.apply_async((1,), expires=2)
        lab.advance(3)
        worker.tell("revoke", [ended.id], terminate=True)
        lab.run()
    finally:
        signals.task_revoked.disconnect(dispatch_uid="t")
    facts = [
        (name, task_id, {key: value for key, value in found.items() if key != "signal"})
        for name, task_id, found in told
    ]
    assert facts == [
        ("nap", ended.id, {"terminated": True, "signum": 15, "expired": False}),
        ("nap", expired.id, {"terminated": False, "signum": None, "expired": True}),
    ]
    assert repr(expired.result) == "TaskRevokedError('expired')"


def test_revoked_ids_are_forgotten_with_their_worker(lab, app, nap):
    """The next one runs the task."""
    worker = started(lab, app)
    result = nap.apply_async((1,), countdown=10)
    worker.tell("revoke", [result.id])
    worker.restart()
    assert not worker.state.revoked
    lab.run()
    assert result.state == "SUCCESS"


def test_a_state_file_keeps_them(lab, app, nap, tmp_path, back_and_forth):
    """A rewind reads what was in the file then."""
    worker = started(lab, app, statedb=tmp_path / "state")
    result = nap.apply_async((1,), countdown=10)
    worker.tell("revoke", [result.id])
    worker.restart()
    assert list(worker.state.revoked) == [result.id]
    lab.run()
    assert result.state == "REVOKED"
    back_and_forth()


def test_the_names_of_celerys_module_speak_for_the_last_worker(lab, app, nap):
    """As they do in a worker's process."""
    from labq.worker import state

    assert not state.revoked
    assert not state.active_requests
    started(lab, app)
    result = nap.delay(5)
    nap.delay(5)
    lab.advance(1)
    assert [request.id for request in state.active_requests] == [result.id]
    assert (len(state.reserved_requests), dict(state.total_count)) == (2, {"nap": 1})
    state.revoked.add("x")
    assert "x" in lab.world.workers["w1@lab"].state.revoked
    lab.run()
    assert (len(state.requests), dict(state.total_count), state.all_total_count) == (0, {"nap": 2}, [2])
