"""``celery worker`` understands all of Celery's options, and the worker does what they say."""

from __future__ import annotations

import logging

import pytest

from labq import current_lab
from labq.bin.worker_log import worker_log
from labq.exceptions import LabError


@pytest.fixture(autouse=True)
def _quiet_afterwards():
    yield
    worker_log.forget()


@pytest.fixture
def options(typed, lab):
    """Start a worker with a line, and return its options."""

    def start(line: str):
        typed(f"-A app worker -n w@lab {line}")
        return lab.world.workers["w@lab"].options

    return start


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("-c 3", "concurrency", 3),
        ("-c auto", "concurrency", 2),
        ("-P solo", "pool", "solo"),
        ("-P processes", "pool", "prefork"),
        ("-P threads", "pool", "threads"),
        ("-P gevent -c 100", "pool", "gevent"),
        ("-Q a,b", "queues", ("a", "b")),
        ("-X celery", "excluded", ("celery",)),
        ("-E", "task_events", True),
        ("--autoscale=10,3", "autoscale", (10, 3)),
        ("--autoscale 10", "autoscale", (10, 0)),
        ("--max-tasks-per-child 5", "max_tasks_per_child", 5),
        ("--time-limit 9.5", "time_limit", 9.5),
        ("--soft-time-limit 4", "soft_time_limit", 4),
        ("--prefetch-multiplier 1 -c 3", "prefetch", 3),
        ("--without-heartbeat", "heartbeat", False),
        ("--heartbeat-interval 9", "heartbeat_interval", 9),
        ("-S state_%n", "statedb", "state_w"),
        ("worker.prefetch_multiplier=7 -c 1", "prefetch", 7),
    ],
)
def test_an_option_reaches_the_worker(options, tmp_path, monkeypatch, line, name, value):
    """As a keyword of ``app.Worker`` does."""
    monkeypatch.chdir(tmp_path)
    assert getattr(options(line), name) == value


@pytest.mark.parametrize(
    "line",
    ["-O fair", "--without-gossip --without-mingle", "--pidfile=w.pid --uid 1 --gid 1 --umask 77 --executable python",
     "--pool-start-method spawn", "--disable-prefetch", "--max-memory-per-child 1000"],
)  # fmt: skip
def test_what_means_nothing_in_a_lab_is_understood(options, line, tmp_path, monkeypatch):
    """And leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    assert options(line).hostname == "w@lab"
    assert list(tmp_path.iterdir()) == []


def test_modules_are_imported_first(typed, tmp_path, monkeypatch):
    """With the tasks in them."""
    (tmp_path / "more_tasks.py").write_text(
        "from labq import shared_task\n@shared_task(name='more')\ndef more():\n    return 1\n", "utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert "  . more\n" in typed("-A app worker -l INFO -I more_tasks")


def test_queues_are_emptied_first_when_that_is_wanted(typed, app, lab):
    """And it is said how many messages are gone."""
    app.send_task("nobody.knows")
    lab.run()
    assert "purge: Erased 1 message from the queue.\n" in typed("-A app worker --purge")
    assert "purge:" not in typed("-A app worker -n w2@lab --discard")


def test_a_detached_worker_says_nothing(typed, app):
    """And works."""

    @app.task
    def one():
        return 1

    assert typed("-A app worker -D -l INFO") == ""
    assert one.delay().get() == 1


def test_the_log_may_go_to_a_file(typed, lab, tmp_path, capsys):
    """``%n`` is the worker's name; what is in the file stays."""
    (tmp_path / "w1.log").write_text("before\n", "utf-8")
    typed(f"-A app worker -n w1@lab -l INFO -f {tmp_path}/%n.log")
    lab.run()
    assert capsys.readouterr().out == ""
    lines = (tmp_path / "w1.log").read_text("utf-8").splitlines()
    assert lines[0] == "before"
    assert lines[-1].endswith("INFO/MainProcess] w1@lab ready.")


def test_a_file_that_cannot_be_written_is_said(typed, tmp_path):
    """With the reason."""
    with pytest.raises(LabError, match="the log cannot be written to"):
        typed(f"-A app worker -f {tmp_path}/nowhere/w.log")


def test_a_beat_may_be_started_too(typed, app, lab):
    """Its log comes from a process called Beat, as in Celery."""

    @app.task(name="tick")
    def tick():
        return "tock"

    app.conf.beat_schedule = {"every": {"task": "tick", "schedule": 30.0}}
    said = typed("-A app worker -B -l INFO --scheduler celery.beat:PersistentScheduler")
    assert said.endswith("INFO/Beat] beat: Starting...\n")
    lab.advance(61)
    assert sum(record.kind == "task-succeeded" for record in lab.log) == 2


def test_extra_options_of_the_app_are_taken(typed, app):
    """Other projects add some."""
    import click

    app.user_options["worker"].add(click.Option(["--shelf"]))
    typed("-A app worker -n w@lab --shelf upper")
    assert current_lab().world.workers["w@lab"].online


@pytest.mark.parametrize("line", ["-f %x.log", "-S %x", "-n w%x"])
def test_a_sign_that_means_nothing_is_said(typed, line):
    """Before anything is started or written."""
    with pytest.raises(LabError, match=r"Unknown format %x in string"):
        typed(f"-A app worker {line}")


def test_a_configuration_that_cannot_be_is_one_sentence_in_a_terminal(terminal, app):
    """Celery shows a traceback."""
    app.conf.task_create_missing_queues = False
    done = terminal("worker -Q shelf")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Trying to select queue subset of ['shelf']")


def test_a_pool_of_ones_own_is_refused(typed):
    """A lab has no processes to put into it."""
    with pytest.raises(LabError, match="a pool of one's own cannot work in a lab"):
        typed("-A app worker -P custom")


def test_a_queue_that_must_not_be_made_up_is_an_error(typed, app):
    """In Celery's words."""
    from labq.exceptions import ImproperlyConfigured

    app.conf.task_create_missing_queues = False
    with pytest.raises(ImproperlyConfigured, match=r"Trying to select queue subset of \['shelf'\]"):
        typed("-A app worker -Q shelf")


def test_the_environment_may_choose_the_level(terminal, monkeypatch):
    """``CELERY_WORKER_LOGLEVEL`` is ``--loglevel``."""
    monkeypatch.setenv("CELERY_WORKER_LOGLEVEL", "INFO")
    assert "celery@lab ready." in terminal("worker").output
    assert logging.getLogger("celery").level == logging.INFO
