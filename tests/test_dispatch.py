"""Signals: who is called, who is not, and what happens to those who fail."""

from __future__ import annotations

import gc
import logging

import pytest

from labq.dispatch import Signal
from labq.exceptions import CDeprecationWarning, LabError
from labq.local import PromiseProxy, Proxy


@pytest.fixture
def bell():
    """A signal that nobody listens to yet."""
    return Signal(name="bell", providing_args=["hour"])


def answers(signal, sender=None, **named):
    """Send and return what the receivers answered."""
    return [answer for _, answer in signal.send(sender, **named)]


def listener(**named):
    """Answer with the names of what was heard."""
    return sorted(named)


def other(sender, **_named):
    """Answer with the sender."""
    return sender


def test_a_receiver_gets_the_signal_the_sender_and_what_is_sent(bell):
    """All of it by keyword."""
    bell.connect(listener)
    assert bell.send("tower", hour=3) == [(listener, ["hour", "sender", "signal"])]


def test_a_signal_that_nobody_hears_costs_one_question(bell):
    """``receivers`` is false exactly while nobody listens."""
    assert (bool(bell.receivers), bell.send("tower"), bell.has_listeners()) == (False, [], False)
    bell.connect(listener)
    assert (bool(bell.receivers), bell.has_listeners()) == (True, True)
    assert bell.disconnect(listener)
    assert not bell.receivers


def test_receivers_are_called_in_the_order_of_connection_and_once_each(bell):
    """Connecting again changes nothing: a cell may be run twice."""
    for receiver in (other, listener, other):
        bell.connect(receiver)
    assert answers(bell, "x") == ["x", ["sender", "signal"]]


def test_connect_is_a_decorator_with_and_without_options(bell):
    """And the decorated name stays the function."""

    @bell.connect
    def plain(**_named):
        return "plain"

    @bell.connect(sender="tower")
    def choosy(**_named):
        return "choosy"

    assert (answers(bell, "tower"), answers(bell, "church")) == (["plain", "choosy"], ["plain"])
    assert (plain(), choosy()) == ("plain", "choosy")


def test_a_sender_is_an_object_and_not_its_equal(bell):
    """Two lists may be equal; the receiver listens to one."""
    tower, copy = [1], [1]
    bell.connect(other, sender=tower)
    assert (answers(bell, tower), answers(bell, copy)) == ([[1]], [])


def test_a_sender_can_be_the_name_of_a_task(bell):
    """Signals of publishing are sent by name: texts are compared as texts, whatever object they are."""
    bell.connect(other, sender="proj.add")
    name = "".join(reversed("dda.jorp"))
    assert (answers(bell, name), answers(bell, "proj.mul")) == (["proj.add"], [])


def test_a_promise_as_sender_is_not_made_for_it(bell):
    """``@task_success.connect(sender=add)`` waits until the task is made, and listens to the real one."""

    class Task:
        """A task."""

    add = PromiseProxy(Task)
    bell.connect(other, sender=add)
    assert (bell.receivers, add.__evaluated__()) == ([], False)
    real = add._get_current_object()
    assert (answers(bell, real), answers(bell, add), answers(bell, Task())) == ([real], [real], [])
    assert bell.disconnect(other, sender=add)


def test_a_stand_in_as_sender_is_what_it_stands_for(bell):
    """A promise that is made, and a proxy such as @shared_task leaves, need no waiting."""
    real = ["task"]
    made, shared = PromiseProxy(lambda: real), Proxy(lambda: real)
    repr(made)
    bell.connect(other, sender=made)
    bell.connect(listener, sender=shared)
    assert [len(answers(bell, sender)) for sender in (real, made, shared, ["task"])] == [2, 2, 2, 0]


def test_a_receiver_that_nobody_keeps_is_gone(bell):
    """A lambda is forgotten unless the signal is asked to keep it."""
    bell.connect(lambda **_named: "weak")
    bell.connect(lambda **_named: "strong", weak=False)
    gc.collect()
    assert answers(bell) == ["strong"]


def test_a_method_lives_as_long_as_its_object(bell):
    """Though Python makes a new bound method at each look."""

    class Tower:
        """Has a bell."""

        def ring(self, **_named):
            """Answer."""
            return "ding"

    one, two = Tower(), Tower()
    bell.connect(one.ring)
    bell.connect(two.ring)
    bell.connect(one.ring)
    assert answers(bell) == ["ding", "ding"]
    del two
    gc.collect()
    assert answers(bell) == ["ding"]
    assert bell.disconnect(one.ring)


def test_of_the_receivers_with_one_uid_the_first_is_connected(bell):
    """So a module that is imported under two names connects once."""
    bell.connect(listener, dispatch_uid="mine")
    bell.connect(other, dispatch_uid="mine")
    assert answers(bell) == [["sender", "signal"]]
    assert (bell.disconnect(listener), bell.disconnect(dispatch_uid="mine")) == (False, True)


def test_a_receiver_that_raises_is_logged_and_hurts_nobody(bell, caplog):
    """Its exception is its answer, the next receiver is called, and the log names Celery's logger."""

    def broken(**_named):
        raise ValueError("bad")

    bell.connect(broken)
    bell.connect(other)
    with caplog.at_level(logging.ERROR):
        assert [repr(answer) for answer in answers(bell, "x")] == ["ValueError('bad')", "'x'"]
    (record,) = caplog.records
    assert record.name == "celery.utils.dispatch.signal"
    assert record.getMessage() == f"Signal handler {broken!r} raised: ValueError('bad')"
    assert record.exc_info[0] is ValueError


def test_an_exit_is_no_mistake_of_a_receiver(bell):
    """SystemExit and an interrupt go through: somebody wants to stop."""

    def leave(**_named):
        raise SystemExit(3)

    bell.connect(leave)
    with pytest.raises(SystemExit):
        bell.send(None)


def test_a_receiver_may_disconnect_itself_while_it_is_called(bell):
    """Those who come after it are called all the same."""

    def once(**_named):
        return bell.disconnect(once)

    bell.connect(once)
    bell.connect(other)
    assert (answers(bell, "x"), answers(bell, "y")) == ([True, "x"], ["y"])


def test_a_receiver_has_to_accept_any_keyword(bell):
    """A signal may provide more one day; a receiver of fixed arguments would break then."""
    with pytest.raises(ValueError, match="must accept keyword arguments"):
        bell.connect(lambda sender: sender)
    with pytest.raises(ValueError, match="must accept keyword arguments"):
        bell.connect(len)
    with pytest.raises(AssertionError, match="must be callable"):
        bell.connect()("no function")


def test_a_patient_receiver_is_called_until_it_succeeds(bell, caplog):
    """Each failure is logged with the pause that Celery would make."""
    calls = []

    def flaky(**_named):
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError("no")
        return "done"

    double = bell.connect(flaky, retry=True)
    assert double is not flaky
    assert answers(bell) == ["done"]
    pauses = [record.getMessage().rpartition("Retrying ")[2] for record in caplog.records]
    assert pauses == ["in 2.00 seconds...", "in 4.00 seconds..."]
    assert bell.disconnect(flaky)


def test_patience_ends(bell):
    """Celery would call for ever; the lab gives up after a hundred calls and says so."""
    calls = []

    def hopeless(**_named):
        calls.append(1)
        raise ConnectionError("never")

    bell.connect(hopeless, retry=True)
    (answer,) = answers(bell)
    assert (len(calls), type(answer), type(answer.__cause__)) == (100, LabError, ConnectionError)


def test_weak_at_disconnect_is_deprecated(bell):
    """As in Celery: it never had an effect."""
    with pytest.warns(CDeprecationWarning, match="has no effect"):
        bell.disconnect(other, weak=True)


def test_a_signal_shows_its_name_and_what_it_provides(bell):
    """In repr and str alike."""
    assert repr(bell) == str(bell) == "<Signal: bell providing_args={'hour'}>"
