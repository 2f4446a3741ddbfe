"""``celery graph`` draws workers, ``celery shell`` has everything at hand."""

from __future__ import annotations

import pytest

from labq.exceptions import LabError


def test_the_workers_that_answer_are_drawn(typed, lab, app):
    """With their broker, the backend and their children."""
    lab.start_worker(app, hostname="w1@lab", concurrency=2)
    drawn = typed("-A app graph workers")
    assert drawn.startswith("digraph dependencies {\n    graph [")
    assert '"w1@lab" -> "amqp://guest:**@localhost:5672//" [' in drawn
    assert '"w1@lab" -> "cache+memory://" [' in drawn
    assert [line.split(" [")[0].strip() for line in drawn.splitlines() if '-> "w1@lab"' in line] == [
        '"thr-1" -> "w1@lab"', '"thr-2" -> "w1@lab"',
    ]  # fmt: skip
    assert drawn.endswith("}\n")


def test_no_password_is_drawn(typed, app):
    """Neither the broker's nor the backend's."""
    app.conf.update(broker_url="amqp://ann:hunter2@host//", result_backend="cache+memory://ann:hunter2@host/")
    drawn = typed("-A app graph workers nodes:w1,w2")
    assert '"cache+memory://ann:**@host/" [' in drawn
    assert "hunter2" not in drawn


def test_many_are_abbreviated(typed):
    """The middle is left out, unless all are wanted."""
    few = typed("-A app graph workers nodes:a,b,c,d,e threads:1,1,1,1,9")
    assert '"W⎨…₂⎬" -> ' in few
    assert 'label="P⎨…₇⎬"' in few
    everybody = typed("-A app graph workers nodes:a,b,c,d,e wmax:0")
    assert all(f'"{name}" -> ' in everybody for name in "abcde")


def test_one_worker_may_be_named_alone(typed):
    """It is no list of letters."""
    assert '"w1" -> "amqp' in typed("-A app graph workers nodes:w1")


def test_more_numbers_than_names_are_refused(typed):
    """Celery shows a traceback."""
    with pytest.raises(LabError, match="There are 2 numbers of threads for 1 nodes"):
        typed("-A app graph workers nodes:w1 threads:1,2")


def test_a_worker_has_no_bootsteps_here(typed):
    """And it is said where there are some."""
    with pytest.raises(LabError, match="celery -A proj graph bootsteps"):
        typed("-A app graph bootsteps")


def test_a_notebook_is_a_shell_already(typed, app):
    """The names are told."""

    @app.task
    def weigh():
        return 1

    said = typed("-A app shell")
    assert "app, celery, Task, chord, group, chain" in said
    assert "weigh" in said
    assert "weigh" not in typed("-A app shell --without-tasks")


def test_a_terminal_gets_pythons_own_shell(terminal, app):
    """With the app, the canvas and the tasks; once."""

    @app.task
    def weigh():
        return 1

    done = terminal("shell --python", typed="print(app.main, weigh.name.split('.')[-1], group([]))\n")
    assert "proj weigh group(<empty>)" in done.output
    assert done.output.count("Python ") == 1


def test_a_shell_that_is_not_installed_is_said(terminal):
    """And no other one is started."""
    done = terminal("-C shell --bpython")
    assert done.stderr == "ERROR: No module named 'bpython'\n"
