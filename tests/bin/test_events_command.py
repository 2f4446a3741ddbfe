"""``celery events`` prints what monitors see, or lets a camera look; the monitor in a terminal is real Celery's."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from labq.events.snapshot import Polaroid
from labq.exceptions import LabError


@pytest.fixture
def busy(lab, app):
    """A worker that tells, and a task that waits for it."""

    @app.task
    def add(x, y):
        return x + y

    lab.start_worker(app, hostname="w1@lab", task_events=True)
    add.apply_async((1, 2), countdown=3)


@pytest.mark.usefixtures("busy")
def test_events_are_printed_as_they_come(typed):
    """Until nothing happens any more."""
    said = typed("-A app events --dump").splitlines()
    assert said[0] == "-> evdump: starting capture..."
    kinds = [line.split("] ", 1)[1] for line in said[1:] if "] task " in line]
    assert [kind.split(":")[0].split(" proj")[0] for kind in kinds][-2:] == ["task started", "task succeeded"]


@pytest.mark.usefixtures("busy")
def test_a_camera_takes_pictures(typed, monkeypatch):
    """Found by its name, as often as it is told."""
    seen = []

    class Camera(Polaroid):
        def on_shutter(self, state):
            seen.append(state.task_count)

    module = ModuleType("line_cameras")
    module.Camera = Camera
    monkeypatch.setitem(sys.modules, "line_cameras", module)
    said = typed("-A app events -c line_cameras.Camera --frequency 0.5")
    assert said.startswith("-> evcam: Taking snapshots with ")
    assert len(seen) >= 3
    assert seen[-1] == 1


def test_the_monitor_in_a_terminal_is_real_celerys(typed):
    """The lab's is its views."""
    with pytest.raises(LabError, match="celery -A proj events"):
        typed("-A app events")


def test_a_camera_that_is_not_there_is_one_line(typed):
    """With the reason."""
    with pytest.raises(LabError, match=r"Unable to run the `events` command\. Reason: No module named 'no_cameras'"):
        typed("-A app events -c no_cameras.Camera")
