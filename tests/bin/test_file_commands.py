"""``celery upgrade`` and ``celery logtool`` read files: settings of long ago, logs of workers."""

from __future__ import annotations

import pytest

LOG = """\
[2030-01-01 09:00:01,000: INFO/MainProcess] Received task: proj.add[a-1] at once
[2030-01-01 09:00:01,000: INFO/MainProcess] Received task: proj.add[a-2] at once
[2030-01-01 09:00:01,000: INFO/MainProcess] Task proj.add[a-1] succeeded in 0.1s: 3
[2030-01-01 09:00:02,000: ERROR/MainProcess] Task proj.mul[a-3] raised exception: KeyError()
Traceback (most recent call last):
KeyError
[2030-01-01 09:00:03,000: WARNING/MainProcess] said by a task
[2030-01-01 09:00:03,000: INFO/MainProcess] Task without an id
"""


@pytest.fixture
def log(tmp_path):
    """A log."""
    (tmp_path / "w.log").write_text(LOG, "utf-8")
    return "w.log"


def test_settings_get_their_new_names_and_the_old_file_is_kept(terminal, tmp_path):
    """Ends of lines and letters stay as they are."""
    old = b"BROKER_URL = 'memory://'\r\nCELERY_ALWAYS_EAGER = True\n# \xc3\xa9\n"
    (tmp_path / "old.py").write_bytes(old)
    done = terminal("upgrade settings old.py")
    assert done.stdout == "Changes to your setting have been made!\n"
    assert done.stderr == "processing old.py...\nwriting backup to old.py.orig...\n"
    assert (tmp_path / "old.py").read_bytes() == b"broker_url = 'memory://'\r\ntask_always_eager = True\n# \xc3\xa9\n"
    assert (tmp_path / "old.py.orig").read_bytes() == old


@pytest.mark.parametrize("option", ["--django", "--compat"])
def test_a_namespace_is_written_when_the_project_has_one(terminal, tmp_path, option):
    """Once."""
    (tmp_path / "old.py").write_text("CELERY_RESULT_BACKEND = 'rpc://'\nBROKER_POOL_LIMIT = 3\n", "utf-8")
    terminal(f"upgrade settings old.py --no-backup {option}")
    assert (tmp_path / "old.py").read_text(
        "utf-8"
    ) == "CELERY_RESULT_BACKEND = 'rpc://'\nCELERY_BROKER_POOL_LIMIT = 3\n"
    assert not (tmp_path / "old.py.orig").exists()


def test_new_settings_stay(terminal, tmp_path):
    """And there is no copy."""
    (tmp_path / "new.py").write_text("broker_url = 'memory://'\n", "utf-8")
    assert terminal("upgrade settings new.py").stdout == "Does not seem to require any changes :-)\n"
    assert [path.name for path in tmp_path.iterdir()] == ["new.py"]


@pytest.mark.parametrize("line", ["upgrade settings nowhere.py", "logtool stats nowhere.log"])
def test_a_file_that_is_not_there_is_said(terminal, line):
    """Celery shows a traceback."""
    done = terminal(line)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("Error: Could not open file 'nowhere.")


def test_tasks_are_counted(terminal, log):
    """By name, and by how they ended."""
    assert terminal(f"logtool stats {log}").stdout.splitlines() == [
        "", "Report", "======", "Task total: 2", "Task errors: 1", "Task success: 1", "Task completed: 2", "Tasks",
        "=====", "proj.add: 2", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("errors", ["[2030-01-01 09:00:02,000: ERROR/MainProcess] Task proj.mul[a-3] raised exception: KeyError()"]),
        ("incomplete", ["Did not complete: a-2", "Did not complete: a-3"]),
        ("debug", ["[2030-01-01 09:00:03,000: WARNING/MainProcess] said by a task",
                   "[2030-01-01 09:00:03,000: INFO/MainProcess] Task without an id"]),
        ("traces", ["[2030-01-01 09:00:02,000: ERROR/MainProcess] Task proj.mul[a-3] raised exception: KeyError()",
                    "Traceback (most recent call last):", "KeyError"]),
    ],
)  # fmt: skip
def test_lines_are_picked_out(terminal, log, command, said):
    """Each command picks others."""
    assert [line for line in terminal(f"logtool {command} {log}").stdout.splitlines() if line] == said


def test_a_log_may_come_in_by_the_standard_input(terminal):
    """As ``fileinput`` has it."""
    assert "Task total: 2" in terminal("logtool stats", typed=LOG).stdout
    assert "Task total: 2" in terminal("logtool stats -", typed=LOG).stdout
