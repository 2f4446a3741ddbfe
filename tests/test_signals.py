"""The list of Celery's signals."""

from __future__ import annotations

import pytest

from labq import signals
from labq.dispatch import Signal


@pytest.mark.parametrize("name", signals.__all__)
def test_a_signal_carries_the_name_it_is_found_by(name):
    """Whoever prints a signal in a receiver sees which one it is."""
    assert getattr(signals, name).name == name


def test_every_signal_is_public():
    """``from labq.signals import *`` brings them all."""
    made = {name for name, each in vars(signals).items() if isinstance(each, Signal)}
    assert made == set(signals.__all__)


def test_nobody_listens_at_first():
    """The lab itself connects nothing to signals: what a user sees there is the user's."""
    assert [name for name in signals.__all__ if getattr(signals, name).receivers] == []


def test_the_signals_of_a_run_provide_what_the_documentation_promises():
    """The ones that every tutorial uses."""
    assert signals.task_prerun.providing_args == {"task_id", "task", "args", "kwargs"}
    assert signals.task_postrun.providing_args - signals.task_prerun.providing_args == {"retval"}
    assert signals.worker_ready.providing_args == set()
