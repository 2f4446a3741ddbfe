"""What beat keeps: in the lab, or in a file that both Celery and labq can read."""

from __future__ import annotations

import shelve
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from labq.beat.shelves import read_file, unpickled
from labq.schedules import crontab


@pytest.fixture
def scheduled(app):
    """An app with two entries."""
    app.conf.beat_schedule = {
        "ten": {"task": "t", "schedule": 10, "args": (1,)},
        "noon": {"task": "t", "schedule": crontab(0, 12)},
    }
    return app


def test_without_a_file_nothing_is_written(lab, scheduled, tmp_path, monkeypatch):
    """A beat of a lab leaves nothing behind in the folder in which it ran."""
    monkeypatch.chdir(tmp_path)
    beat = lab.start_beat(scheduled)
    lab.advance(1000)
    beat.stop()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_named_is_written_and_read(lab, scheduled, tmp_path):
    """Another lab goes on where the first one stopped."""
    name = str(tmp_path / "kept")
    with lab.start_beat(scheduled, schedule=name):
        lab.advance(35)
    kept = read_file(name)
    assert sorted(kept) == ["__version__", "entries", "tz", "utc_enabled"]
    assert unpickled(kept["entries"])["ten"].total_run_count == 3
    beat = lab.start_beat(scheduled, schedule=name, hostname="second@lab")
    assert beat.scheduler.schedule["ten"].total_run_count == 3


def test_a_rewind_reads_no_file_again_and_writes_none(lab, scheduled, tmp_path):
    """The file is as it was left; the world is as it was then."""
    name = str(tmp_path / "kept")
    beat = lab.start_beat(scheduled, schedule=name)
    lab.advance(35)
    place = len(lab.log)
    lab.advance(1000)
    beat.stop()
    left = {path: path.read_bytes() for path in tmp_path.iterdir()}
    lab.rewind(place)
    assert beat.scheduler.schedule["ten"].total_run_count == 3
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == left


def test_what_cannot_be_pickled_is_refused_at_the_start(lab, app):
    """As Celery's scheduler does when it first writes its file."""
    app.conf.beat_schedule = {"ten": {"task": "t", "schedule": crontab(nowfun=lambda: lab.now)}}
    with pytest.raises(Exception, match="pickle"):
        lab.start_beat(app)


@pytest.mark.skipif(find_spec("celery") is None, reason="Celery is not installed, there is nobody to read the file")
def test_real_celery_reads_the_file_and_writes_it_for_the_lab(lab, scheduled, tmp_path):
    """The names in the file are Celery's."""
    name = str(tmp_path / "kept")
    with lab.start_beat(scheduled, schedule=name):
        lab.advance(35)
    program = Path(__file__).with_name("celery_reads.py")
    done = subprocess.run(
        [sys.executable, str(program), name], capture_output=True, text=True, check=True, timeout=60,
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "noon celery.beat.ScheduleEntry 0 <crontab: 0 12 * * * (m/h/dM/MY/d)>",
        "ten celery.beat.ScheduleEntry 3 <freq: 10.00 seconds>",
    ]
    again = lab.start_beat(scheduled, schedule=name, hostname="second@lab")
    assert again.scheduler.schedule["ten"].total_run_count == 1003
    with shelve.open(name) as kept:  # noqa: S301 - this test has written it
        assert "entries" in kept
