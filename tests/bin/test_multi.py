"""``celery multi`` starts, stops and names several workers of the lab."""

from __future__ import annotations

import pytest

from labq.bin.multi import COMMANDS


def _online(lab) -> list[str]:
    return [name for name, worker in lab.world.workers.items() if worker.online]


def test_start_starts_workers_that_work(typed, lab, app):
    """Each with its options; they say nothing, as detached ones do."""
    said = typed("-A app multi start 2 -c 3 -c:1 5")
    assert said.splitlines() == [
        "celery multi v5.7.0 (collider)", "> Starting nodes...", "\t> celery1@lab: OK", "\t> celery2@lab: OK",
    ]  # fmt: skip
    assert [worker.options.concurrency for worker in lab.world.workers.values()] == [5, 3]

    @app.task
    def add(x, y):
        return x + y

    assert add.delay(2, 3).get() == 5


def test_stop_waits_until_they_have_stopped(typed, lab):
    """Those that are down already are said first."""
    typed("-A app multi start a b")
    said = typed("-A app multi stop a b c")
    assert said.splitlines()[1:] == [
        "> c@lab: DOWN", "> Stopping nodes...", "\t> a@lab: TERM", "> a@lab: DOWN", "\t> b@lab: TERM", "> b@lab: DOWN",
    ]  # fmt: skip
    assert _online(lab) == []


@pytest.mark.parametrize(
    ("sign", "said", "ended"), [("-TERM", "TERM", True), ("-9", "KILL", False), ("-QUIT", "QUIT", False)]
)
def test_the_signal_says_whether_tasks_are_waited_for(typed, lab, app, sign, said, ended):
    """TERM is warm, KILL and QUIT are not."""

    @app.task
    def slow():
        import time

        time.sleep(100)
        return "done"

    typed("-A app multi start a")
    result = slow.delay()
    lab.run(until=1)
    assert f"> a@lab: {said}" in typed(f"-A app multi stop a {sign}")
    assert (result.state == "SUCCESS") is ended


def test_restart_starts_what_was_down_too(typed, lab):
    """With the options of the line."""
    typed("-A app multi start a")
    said = typed("-A app multi restart a b -c 4").splitlines()[1:]
    assert said[0] == "> Restarting node b@lab: OK"
    assert said[-1] == "> Restarting node a@lab: OK"
    assert [lab.world.workers[name].options.concurrency for name in ("a@lab", "b@lab")] == [4, 4]


def test_kill_is_said_and_done(typed, lab):
    """Celery's words, without the number of a process."""
    typed("-A app multi start a")
    assert typed("-A app multi kill a b").splitlines()[1:] == ["Sending KILL to node a@lab", "> b@lab: DOWN"]
    assert _online(lab) == []


def test_a_node_that_cannot_start_has_failed(typed):
    """The others start, and the reason is said."""
    said = typed("-A app multi start a b -P:a gold")
    assert "\t> a@lab: FAILED" in said
    assert "\t> b@lab: OK" in said


def test_a_node_that_runs_already_has_failed_too(typed):
    """A second worker of the same name is refused by the lab."""
    typed("-A app multi start a")
    assert "\t> a@lab: FAILED" in typed("-A app multi start a")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("multi names 2", "celery1@lab\ncelery2@lab\n"),
        ("multi expand %n.log a b", "a.log\nb.log\n"),
        ("multi get b@lab a b -c 2", "-m celery worker --detach -c 2 -n b@lab"),
        ("-A app multi show 1", "-m celery -A app worker --detach -n celery1@lab"),
        ("multi help", "Workers are given as a number"),
    ],
)
def test_looking_starts_nothing(typed, lab, line, said):
    """Names, lines and templates."""
    assert said in typed(line)
    assert lab.world.workers == {}


@pytest.mark.parametrize("line", ["multi", "multi --verbose", "multi begin 3", "multi start a -c:4 3"])
def test_what_is_not_understood_shows_how_it_is_used(typed, line):
    """Celery's usage."""
    assert "usage: multi start <node1 node2 nodeN|range> [worker options]" in typed(line)


def test_quiet_and_verbose_are_options_of_multi(typed):
    """They may stand anywhere behind it."""
    assert typed("-A app multi start a --quiet") == ""
    assert "-m celery -A app worker --detach" in typed("-A app multi start b --verbose --nosplash")


def test_a_log_that_is_asked_for_is_written(typed, tmp_path):
    """In a folder that is made for it."""
    typed(f"-A app multi start a b -l INFO --logfile={tmp_path}/log/celery/%n%I.log --pidfile={tmp_path}/run/%n.pid")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.log", "b.log", "celery", "log"]
    assert "a@lab ready." in (tmp_path / "log" / "celery" / "a.log").read_text("utf-8")


def test_a_log_that_cannot_be_written_fails_its_worker(typed, tmp_path):
    """The reason is said."""
    (tmp_path / "file").write_text("", "utf-8")
    assert "\t> a@lab: FAILED" in typed(f"-A app multi start a -f {tmp_path}/file/a.log")


def test_every_command_is_there(typed):
    """``expand`` and ``get`` need a word more."""
    for command in COMMANDS:
        assert "Invalid command" not in typed(f"multi {command} 0")
