"""``%labq as celery on`` lets a tutorial's cells run as they are."""

from __future__ import annotations

import sys

import pytest

import labq
from labq.exceptions import LabError


@pytest.fixture(autouse=True)
def without_real_celery():
    """Other tests of this process may have imported real Celery, which the alias refuses to hide."""
    real = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in {"celery", "kombu"}}
    for name in real:
        del sys.modules[name]
    yield
    labq.alias.stop()
    sys.modules.update(real)


def test_a_tutorials_cell_runs_after_it_is_on(run):
    """The cell's own imports give labq."""
    assert run("%labq as celery on").printed == "import celery and import kombu mean labq now.\n"
    run("from celery import Celery as RealName\nfrom celery.schedules import crontab")
    assert run("RealName").result is labq.Celery
    assert run("%labq as celery on").error is None


def test_off_gives_the_name_back(run):
    """What was imported stays what it was, new imports find what is installed."""
    run("%labq as celery on")
    run("import celery")
    assert run("%labq as celery off").printed == "import celery and import kombu mean real Celery again.\n"
    assert "celery" not in sys.modules
    assert not labq.alias.is_on()


def test_real_celery_that_is_imported_is_not_hidden(run):
    """Half of the notebook would hold the one and half the other."""
    sys.modules["celery"] = sys
    error = run("%labq as celery on").error
    assert isinstance(error, LabError)
    assert "restart the kernel" in str(error)
    del sys.modules["celery"]


@pytest.mark.parametrize("line", ["as", "as kombu on", "as celery", "as celery maybe"])
def test_other_words_are_explained(run, line):
    """The verb takes two words."""
    assert isinstance(run(f"%labq {line}").error, LabError)
