"""A line of ``celery multi`` becomes nodes: their names, and what each is started with."""

from __future__ import annotations

import pytest

from labq.bin.cluster import NoSuchNode, Words, nodes_of

pytestmark = pytest.mark.usefixtures("lab")


def _nodes(line: str):
    return list(nodes_of(Words.of(line.split())))


def _names(line: str) -> list[str]:
    return [node.name for node in _nodes(line)]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("3", ["celery1@lab", "celery2@lab", "celery3@lab"]),
        ("2 --range-prefix=w", ["w1@lab", "w2@lab"]),
        ("image video", ["image@lab", "video@lab"]),
        ("image", ["image@lab"]),
        ("2 --hostname=example.com", ["celery1@example.com", "celery2@example.com"]),
        ("a -n example.com", ["a@example.com"]),
        ("a@%h b@here", ["a@lab", "b@here"]),
        ("a b --prefix=p- --suffix=s", ["p-a@s", "p-b@s"]),
        ("a --suffix=''", ["a@"]),
    ],
)
def test_workers_are_counted_or_named(line, names):
    """A number alone is how many; everything else is a name."""
    assert _names(line) == names


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("3 -c 3 -c:1 10", ["10", "3", "3"]),
        ("3 -c 3 -c:1-2 10", ["10", "10", "3"]),
        ("3 -c 3 -c:1,3 10", ["10", "3", "10"]),
        ("a b c -c 3 -c:b 10", ["3", "10", "3"]),
        ("a b c -c 3 -c:2,3 10", ["3", "10", "10"]),
        ("a@x b@x -c 3 -c:a@x 10", ["10", "3"]),
        ("a-1 b -c:a-1 10 -c 3", ["10", "3"]),
        ("2 -c 3 -c:1-5 10", ["10", "10"]),
    ],
)
def test_options_may_be_for_some_of_them(line, values):
    """By number, by name, by ranges and lists."""
    assert [node.options["-c"] for node in _nodes(line)] == values


def test_words_behind_two_dashes_stand_at_the_end_of_the_line():
    """The worker reads them."""
    assert _nodes("1 -E -- worker.x=1 y=2")[0].argv()[-1] == "-- worker.x=1 y=2"


def test_global_options_stand_before_the_command():
    """Where Celery 5 wants them."""
    assert _nodes("1 -A proj -b redis:// -E")[0].argv(as_process=False) == [
        "-m celery -b redis:// -A proj worker --detach", "-E", "-n celery1@lab", "",
    ]  # fmt: skip


def test_a_node_of_the_lab_has_no_files_that_nobody_asked_for():
    """A process has; and what was asked for is there for both."""
    node = _nodes("1 --logfile=%n.log")[0]
    assert "--logfile=celery1.log" in node.argv(as_process=False)
    assert not any("pidfile" in word for word in node.argv(as_process=False))
    assert "--pidfile=/var/run/celery/celery1.pid" in node.argv()


@pytest.mark.parametrize("line", ["a b -c:3 10", "a b -c:0 10"])
def test_an_option_for_a_node_that_is_not_there_is_an_error(line):
    """It would be forgotten silently else."""
    with pytest.raises(NoSuchNode):
        _nodes(line)


def test_an_unknown_sign_is_an_error_in_celerys_words():
    """``%x`` means nothing."""
    with pytest.raises(ValueError, match=r"Unknown format %x in string '%x\.log'"):
        _nodes("1 --logfile=%x.log")[0].argv()
