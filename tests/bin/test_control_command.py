"""``celery inspect``, ``control`` and ``status``: workers answer over the broker, and their replies are printed."""

from __future__ import annotations

import json

import pytest

from labq.exceptions import LabError
from labq.worker.control import Panel, control_command, inspect_command


@pytest.fixture
def workers(lab, app):
    """Two workers."""

    @app.task(name="proj.add")
    def add(x, y):
        return x + y

    lab.start_worker(app, hostname="w1@lab")
    lab.start_worker(app, hostname="w2@lab")


@pytest.fixture
def own_commands():
    """Two commands of one's own, on the panel for the length of a test."""
    before = dict(Panel.data), dict(Panel.meta)

    @inspect_command(args=[("x", int)], signature="x")
    def shelf_of(state, x):
        """Tell the shelf."""
        return {"shelf": x + 1, "of": state.hostname}

    @control_command(args=[("a", int), ("b", int)], signature="a b")
    def stock(state, a, b):
        """Stock up."""
        return {"ok": f"{a} and {b} for {state.hostname}"}

    yield
    Panel.data.clear()
    Panel.data.update(before[0])
    Panel.meta.clear()
    Panel.meta.update(before[1])


@pytest.mark.usefixtures("workers")
def test_status_lists_who_answers(typed):
    """And counts them."""
    assert typed("-A app status") == "->  w1@lab: OK\n->  w2@lab: OK\n\n2 nodes online.\n"
    assert typed("-A app status -d w2@lab") == "->  w2@lab: OK\n\n1 node online.\n"
    assert typed("-A app status --json").splitlines()[0] == '{"w1@lab": {"ok": "pong"}, "w2@lab": {"ok": "pong"}}'


@pytest.mark.usefixtures("workers")
def test_a_question_is_answered_in_full(typed):
    """Below each worker's name."""
    assert typed("-A app inspect registered -d w1@lab") == "->  w1@lab: OK\n    * proj.add\n\n1 node online.\n"
    assert typed("-q -A app inspect ping -d w1@lab") == " w1@lab: OK\n        pong\n"


@pytest.mark.usefixtures("workers")
def test_answers_may_be_had_as_json(typed):
    """For other programs."""
    stats = json.loads(typed("-A app inspect stats --json"))
    assert list(stats) == ["w1@lab", "w2@lab"]
    assert json.loads(typed("-A app control pool_grow 1 -j -d w1@lab")) == [{"w1@lab": {"ok": "pool will grow"}}]


@pytest.mark.usefixtures("workers")
def test_a_command_is_obeyed(typed):
    """Its arguments are read as the workers' command declares them."""
    assert "new rate limit set successfully" in typed("-A app control rate_limit proj.add 10/m")
    assert "add consumer shelf" in typed("-A app control add_consumer shelf -d w1@lab")
    assert typed("-A app inspect active_queues -d w1@lab").count("'name': ") == 2 * 2
    assert "tasks unknown" in typed("-A app control terminate KILL some-id")
    assert "tasks {'a', 'b'} flagged as revoked" in typed("-A app control revoke a b").replace(
        "{'b', 'a'}", "{'a', 'b'}"
    )


@pytest.mark.usefixtures("own_commands", "workers")
def test_commands_of_ones_own_are_there_too(typed):
    """On the list, and with their arguments."""
    assert "  shelf_of x " in typed("inspect --list")
    assert "  stock a b " in typed("control --list")
    assert '"shelf": 4' in typed("-A app inspect shelf_of 3 -d w1@lab")
    assert "1 and 2 for w1@lab" in typed("-A app control stock 1 2 -d w1@lab")


@pytest.mark.parametrize("line", ["status", "inspect ping", "control pool_grow 1"])
def test_when_nobody_answers_that_is_an_error(typed, line):
    """In Celery's words."""
    with pytest.raises(LabError, match="No nodes replied within time constraint"):
        typed(f"-A app {line} --timeout 0.5")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "inspect nonsense",
            "Command nonsense not recognized. Available inspect commands: active, active_queues, clock",
        ),
        ("inspect revoke", "Command revoke not recognized. Available inspect commands: "),
        ("control ping", "Command ping not recognized. Available control commands: add_consumer"),
        ("control time_limit a 1 2 3", "Command 'time_limit' takes arguments: <task_name> <soft_secs> [hard_secs]"),
        ("control pool_grow many", "Command 'pool_grow' takes arguments: [N=1] (invalid literal"),
        ("inspect", "Missing argument 'COMMAND'"),
    ],
)
def test_what_workers_do_not_understand_is_not_sent(typed, line, said):
    """The commands that there are are named."""
    with pytest.raises(LabError) as caught:
        typed(f"-A app {line}")
    assert said in caught.value.message


def test_a_list_names_every_visible_command(typed):
    """With its arguments, and no others."""
    listed = typed("inspect --list") + typed("control --list")
    assert all(name in listed for name, meta in Panel.meta.items() if meta.visible)
    assert "  hello" not in listed
