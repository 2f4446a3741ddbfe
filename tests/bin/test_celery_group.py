"""What stands before the command: the app, addresses, folders, and what is done with a wrong word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labq.exceptions import LabError


def test_without_a_command_there_is_help(terminal):
    """All of Celery's commands are in it."""
    done = terminal()
    assert done.exit_code == 0
    listed = done.output[done.output.index("Commands:") :].split()
    assert [name for name in (
        "amqp", "beat", "call", "control", "events", "graph", "inspect", "list", "logtool", "migrate", "multi", "purge",
        "report", "result", "shell", "status", "upgrade", "worker",
    ) if name not in listed] == []  # fmt: skip


def test_a_terminal_chooses_for_the_whole_process(terminal):
    """By the environment, as Celery does."""
    assert terminal("-b redis:// --result-backend rpc:// --config conf --skip-checks list --help").exit_code == 0
    names = ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CELERY_CONFIG_MODULE", "CELERY_SKIP_CHECKS")
    assert [os.environ[name] for name in names] == ["redis://", "rpc://", "conf", "true"]


def test_a_notebook_chooses_for_one_app(typed, app):
    """The environment stays as it is."""
    before = dict(os.environ)
    typed("-A app -b memory:// --result-backend rpc:// multi names 1")
    assert (app.conf.broker_url, app.conf.result_backend) == ("memory://", "rpc://")
    assert dict(os.environ) == before


def test_a_configuration_may_be_named(typed, app, tmp_path, monkeypatch):
    """Also for an app that has been configured."""
    (tmp_path / "lineconf.py").write_text("task_serializer = 'pickle'\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert app.conf.task_serializer == "json"
    typed("-A app --config lineconf multi names 1")
    assert app.conf.task_serializer == "pickle"


def test_options_may_come_from_the_environment(terminal, monkeypatch, tmp_path):
    """By Celery's names for them."""
    (tmp_path / "envproj.py").write_text("from labq import Celery\napp = Celery('env', broker='memory://')\n", "utf-8")
    monkeypatch.setenv("CELERY_APP", "envproj")
    monkeypatch.setenv("CELERY_PURGE_FORCE", "1")
    assert terminal("purge").output == "No messages purged from 1 queue.\n"


def test_a_working_folder_is_entered_first(terminal, tmp_path):
    """So that the app is found there."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "inproj.py").write_text(
        "from labq import Celery\napp = Celery('inner', broker='memory://')\n", "utf-8"
    )
    assert terminal("--workdir inner -A inproj purge -f").output == "No messages purged from 1 queue.\n"
    assert Path.cwd() == tmp_path / "inner"


def test_a_folder_that_is_not_there_is_a_usage_error(terminal):
    """Celery shows a traceback."""
    done = terminal("--workdir nowhere purge -f")
    assert done.exit_code == 2
    assert "nowhere: No such file or directory" in done.output


@pytest.mark.parametrize(
    ("words", "code"),
    [("wrker", 2), ("worker --nope", 2), ("-A nowhere purge", 2), ("status -t 0.1", 69), ("graph bootsteps", 69),
     ("worker -c -3", 2), ("upgrade settings nowhere.py", 1)],
)  # fmt: skip
def test_exit_codes_are_celerys(terminal, words, code):
    """2 for usage, 69 for what is unavailable, 1 for the rest."""
    assert terminal(words).exit_code == code


def test_the_labs_errors_end_a_terminals_command_with_a_sentence(terminal):
    """And no traceback; in a notebook they are what they are."""
    terminal("worker -n w1@lab")
    done = terminal("worker -n w1@lab")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: a worker called 'w1@lab' is running already\nGive each worker a name")


def test_a_notebook_gets_the_labs_errors(typed):
    """With a hint."""
    typed("-A app worker -n w1@lab")
    with pytest.raises(LabError, match="a worker called 'w1@lab' is running already"):
        typed("-A app worker -n w1@lab")


def test_a_wrong_command_is_guessed(typed):
    """In a notebook as in a terminal."""
    with pytest.raises(LabError, match=r"No such command 'statsu'\.\n\nDid you mean one of these\?\n    status"):
        typed("statsu")


def test_the_app_behind_the_command_is_explained(typed):
    """Celery 5 took that away."""
    with pytest.raises(LabError, match="You are using `-A` as an option of the worker sub-command:"):
        typed("worker -A app")


def test_a_report_names_the_software_and_the_settings(typed, app):
    """What was changed, and nothing secret."""
    app.conf.broker_url = "amqp://ann:secret@localhost//"
    said = typed("-A app report")
    assert "software -> celery:5.7.0 (collider)" in said
    assert "secret" not in said
