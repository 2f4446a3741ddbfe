"""``celery beat`` starts a beat in the lab and says what Celery's says."""

from __future__ import annotations

import pytest

from labq.bin.worker_log import worker_log
from labq.exceptions import LabError


@pytest.fixture(autouse=True)
def _quiet_afterwards():
    yield
    worker_log.forget()


@pytest.fixture
def scheduled(app):
    """An app with one periodic task."""
    app.conf.beat_schedule = {"every": {"task": "tick", "schedule": 30.0}}
    return app


@pytest.mark.usefixtures("scheduled")
def test_a_beat_says_how_it_was_started(typed):
    """Broker, scheduler, its file, the level of its log, its longest sleep."""
    said = typed("-A app beat -l INFO")
    assert said.splitlines()[0] == "celery beat v5.7.0 (collider) is starting."
    for line in (
        "LocalTime -> 2030-01-01 09:00:00", "Configuration ->", "    . broker -> amqp://guest:**@localhost:5672//",
        "    . db -> celerybeat-schedule", "    . logfile -> [stderr]@%INFO",
        "    . maxinterval -> 5.00 minutes (300s)",
    ):  # fmt: skip
        assert line in said.splitlines()
    assert said.endswith("[2030-01-01 09:00:00,000: INFO/MainProcess] beat: Starting...\n")


@pytest.mark.usefixtures("scheduled")
def test_a_beat_sends_what_is_due_and_logs_it(typed, lab, capsys):
    """As time passes."""
    typed("-A app beat -l INFO")
    lab.advance(61)
    assert capsys.readouterr().out.count("Scheduler: Sending due task every (tick)") == 2


@pytest.mark.parametrize("line", ["-q -A app beat", "-A app beat --detach"])
@pytest.mark.usefixtures("scheduled")
def test_a_quiet_beat_says_nothing(typed, lab, line):
    """And ticks."""
    assert typed(line) == ""
    lab.advance(31)
    assert any(record.kind == "message-published" for record in lab.log)


@pytest.mark.usefixtures("scheduled")
def test_options_reach_the_beat(typed, tmp_path):
    """File, scheduler, longest sleep, name."""
    said = typed(f"-A app beat -s {tmp_path}/sched -S celery.beat:PersistentScheduler --max-interval 20 -n b@lab")
    assert f"    . db -> {tmp_path}/sched" in said.splitlines()
    assert "    . maxinterval -> 20.00 seconds (20s)" in said.splitlines()


def test_settings_may_stand_at_the_end_of_the_line(typed, app):
    """As for a worker."""
    typed("-A app beat beat_max_loop_interval=7")
    assert app.conf.beat_max_loop_interval == 7


def test_what_is_no_setting_is_said(typed):
    """In Celery's words."""
    with pytest.raises(LabError, match=r"Unable to parse extra configuration from command line\.\nReason: "):
        typed("-A app beat nonsense")


def test_a_second_beat_of_the_same_name_is_refused(typed):
    """Two beats send everything twice, as in life: that has to be asked for."""
    typed("-A app beat -n b@lab")
    with pytest.raises(LabError, match="is running already"):
        typed("-A app beat -n b@lab")
