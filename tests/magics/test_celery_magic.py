"""``%celery worker`` starts a worker as the real command line does, with its banner and its log at virtual time."""

from __future__ import annotations

import logging
import re

import pytest

from labq import current_lab
from labq.exceptions import LabError


def test_a_worker_starts_and_says_so(run):
    """The command comes back at once; the worker works from then on."""
    gave = run("%celery -A app worker -n w1@%h -c 3")
    assert gave.error is None
    assert gave.result is None
    assert "w1@lab v5.7.0" in gave.printed
    assert ".> transport:   amqp://ann:**@localhost:5672//" in gave.printed
    assert ".> concurrency: 3 (prefork)" in gave.printed
    assert "[tasks]" not in gave.printed
    assert run("add.delay(2, 3).get()").result == 5


def test_without_a_level_only_what_went_wrong_is_logged(run):
    """Celery's default is WARNING."""
    run("%celery -A app worker")
    assert run("add.delay(2, 3).get()").printed == ""
    assert "raised unexpected: KeyError('no such order')" in run("broken.delay(); lab.run()").printed


def test_the_log_has_celerys_lines_at_virtual_time(run):
    """The worker's own process and its children tell what they do, in Celery's format."""
    started = run("%celery -A app worker --loglevel=INFO -n w1@lab").printed
    assert "[tasks]\n  . proj.add\n  . proj.broken\n" in started
    assert started.endswith(
        "[2030-01-01 09:00:00,000: INFO/MainProcess] Connected to amqp://ann:**@localhost:5672//\n"
        "[2030-01-01 09:00:00,000: INFO/MainProcess] w1@lab ready.\n"
    )
    run("lab.advance(61.5)")
    gave = run("result = add.delay(2, 3); result.get()")
    task_id = run("result.id").result
    assert gave.printed == (
        f"[2030-01-01 09:01:01,500: INFO/MainProcess] Task proj.add[{task_id}] received\n"
        f"[2030-01-01 09:01:01,500: INFO/ForkPoolWorker-1] Task proj.add[{task_id}] succeeded in 0.0s: 5\n"
    )


def test_a_tasks_own_log_says_which_task_speaks(run):
    """In Celery's format for tasks."""
    run("%celery -A app worker -l INFO -P solo")
    run("from labq.utils.log import get_task_logger\nlogger = get_task_logger('proj')")
    run("@app.task\ndef weigh():\n    logger.info('as heavy as %s', 'a book')\n")
    gave = run("result = weigh.delay(); lab.run()")
    line = f"INFO/MainProcess] proj.weigh[{run('result.id').result}]: as heavy as a book"
    assert [each.split(": ", 1)[1] for each in gave.printed.splitlines() if "heavy" in each] == [line]


def test_a_failure_is_logged_with_the_users_frames_alone(run):
    """The traceback begins in the task."""
    run("%celery -A app worker -l INFO")
    printed = run("broken.delay(); lab.run()").printed
    assert "ERROR/ForkPoolWorker-1] Task proj.broken[" in printed
    assert printed.rstrip().endswith("KeyError: 'no such order'")
    assert len(re.findall(r"^  File ", printed, re.MULTILINE)) == 1


def test_a_solo_worker_logs_from_its_own_process(run):
    """There is no child."""
    run("%celery -A app worker -l INFO -P solo")
    assert "INFO/MainProcess] Task proj.add" in run("add.delay(2, 3).get()").printed.splitlines()[1]


def test_a_child_that_takes_the_place_of_another_has_the_next_number(run):
    """A pool counts its children, dead ones too."""
    run("%celery -A app worker -l INFO -c 2")
    run("@app.task\ndef leave():\n    raise SystemExit(3)\n")
    printed = run("leave.delay(); lab.run(); [add.delay(1, 1) for _ in range(2)]; lab.run()").printed
    assert sorted(set(re.findall(r"ForkPoolWorker-(\d)\] Task proj.add", printed))) == ["2", "3"]


def test_each_worker_is_heard_from_its_own_level_on(run):
    """A quiet worker beside a talkative one stays quiet."""
    run("%celery -A app worker -l INFO -n loud@lab -Q loud")
    run("%celery -A app worker -n quiet@lab -Q quiet")
    assert run("add.apply_async((1, 1), queue='quiet'); lab.run()").printed == ""
    assert "received" in run("add.apply_async((1, 1), queue='loud'); lab.run()").printed


def test_a_rewind_logs_nothing_a_second_time(run):
    """What is repeated was told before."""
    run("%celery -A app worker -l INFO")
    run("add.delay(1, 1); lab.run()")
    assert run("lab.rewind(to=len(lab.log))").printed == ""


def test_no_worker_command_means_no_log_at_all(run, capsys):
    """An error in a task is in its result and not on the screen."""
    gave = run("lab.start_worker(app); broken.delay(); lab.run()")
    assert "KeyError" not in gave.printed
    assert capsys.readouterr().err == ""


def test_unloading_ends_the_log(run):
    """The logger is as it was."""
    run("%celery -A app worker -l DEBUG")
    run("%unload_ext labq")
    logger = logging.getLogger("celery")
    assert (logger.level, logger.propagate) == (logging.NOTSET, True)
    assert run("add.delay(2, 3).get()").printed == ""


def test_an_app_is_found_by_its_main_name(run):
    """``Celery("proj")`` in a notebook is what the module proj is elsewhere."""
    assert "proj:0x…" in run("%celery -A proj worker").printed


def test_without_an_app_the_current_one_is_taken(run):
    """As in Celery."""
    assert "proj:0x…" in run("%celery worker").printed


def test_queues_and_urls_come_from_the_line(run):
    """What the line says wins over the configuration."""
    printed = run("%celery -A app -b memory:// worker -Q mail,celery --prefetch-multiplier 1").printed
    assert ".> transport:   memory://" in printed
    assert [line.split()[1] for line in printed.splitlines() if "exchange=" in line] == ["celery", "mail"]
    worker = current_lab().world.workers["celery@lab"]
    assert worker.options.prefetch == 2


def test_settings_may_stand_at_the_end_of_the_line(run):
    """``worker.prefetch_multiplier=1`` is read as Celery reads it."""
    run("%celery -A app worker -c 1 worker.prefetch_multiplier=7")
    assert current_lab().world.workers["celery@lab"].options.prefetch == 7


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-A nowhere worker", "Unable to load celery application.\nThe module nowhere was not found."),
        ("-A json worker", "Unable to load celery application.\nModule 'json' has no attribute 'celery'"),
        ("worker -P gold", "Invalid value for '-P' / '--pool': 'gold' is not one of 'prefork', 'eventlet'"),
        ("worker -c some", "must be a non-negative integer or 'auto', got 'some'"),
        ("worker -l loud", "Invalid value for '-l' / '--loglevel'"),
        ("worker -l INFO nonsense", "Unable to parse extra configuration from command line."),
        ("inspect active -t 0.1", "No nodes replied within time constraint"),
        ("inspect nonsense", "Command nonsense not recognized. Available inspect commands: active, active_queues"),
        ("control rate_limit a b c", "Command 'rate_limit' takes arguments: <task_name> <rate_limit (e.g."),
        ("wroker", "No such command 'wroker'"),
    ],
)
def test_a_line_that_cannot_be_obeyed_is_an_error_without_traceback(run, line, message):
    """One sentence, and where to find more."""
    gave = run(f"%celery {line}")
    assert isinstance(gave.error, LabError)
    assert message in gave.printed
    assert "Traceback" not in gave.printed


def test_a_second_worker_of_the_same_name_is_refused(run):
    """And no banner pretends that it started."""
    run("%celery -A app worker")
    gave = run("%celery -A app worker")
    assert isinstance(gave.error, LabError)
    assert "[config]" not in gave.printed


def test_workers_answer_a_line_of_the_notebook(run):
    """Asking takes virtual time, as the real command takes a second."""
    run("%celery -A app worker -n w1@lab")
    assert run("%celery -A app status").printed == "->  w1@lab: OK\n\n1 node online.\n"
    assert "* proj.add" in run("%celery -A app inspect registered").printed


def test_a_line_changes_what_a_later_cell_sees(run):
    """Commands act on the notebook's lab."""
    run("%celery -A app worker -n w1@lab -c 1")
    run("%celery -A app control pool_grow 2")
    assert len(current_lab().world.workers["w1@lab"].pool.slots) == 3
    run("%celery -A app call proj.add -a [1,2]")
    run("lab.run()")
    assert run("[str(record.kind) for record in lab.log if record.kind == 'task-succeeded']").result == [
        "task-succeeded"
    ]
    assert run("%celery multi names 2").printed == "celery1@lab\ncelery2@lab\n"


def test_nothing_is_coloured_in_a_notebook(run):
    """What is stored with a notebook is plain text."""
    run("%celery -A app worker -n w1@lab")
    assert "\x1b" not in run("%celery -A app inspect ping").printed
    assert "\x1b" not in run("%celery -A app multi start a").printed


def test_quiet_prints_no_banner(run):
    """As Celery's option does."""
    assert run("%celery -q -A app worker").printed == ""


def test_help_is_there_in_the_labs_language(run):
    """The commands explain themselves."""
    run("%labq lang ru")
    assert "воркер" in run("%celery worker --help").printed
