"""The Tab key offers verbs, their arguments, and the options of ``%celery``."""

from __future__ import annotations

import pytest


@pytest.fixture
def offered(run, shell):
    """Return what the Tab key offers at the end of a line."""
    run("result = add.delay(2, 3)")

    def offer(line: str) -> set[str]:
        return set(shell.complete(line.rsplit(maxsplit=1)[-1] if line[-1] != " " else "", line, len(line))[1])

    return offer


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%labq st", {"step", "story", "strict"}),
        ("%labq why r", {"result"}),
        ("%labq lang ", {"en", "ru", "zh"}),
        ("%labq strict o", {"on", "off"}),
        ("%labq as ", {"celery"}),
        ("%labq as celery o", {"on", "off"}),
        ("%labq check mul", {"multiply"}),
        ("%labq conf task_seri", {"task_serializer"}),
        ("%labq reset --s", {"--seed", "--start"}),
        ("%labq help adv", {"advance"}),
        ("%celery work", {"worker"}),
        ("%celery -A a", {"app"}),
        ("%celery -A app worker --log", {"--loglevel", "--logfile"}),
        ("%celery -A app worker -l I", {"INFO"}),
        ("%celery -A app worker -P so", {"solo"}),
    ],
)
def test_the_tab_key_offers_what_may_follow(offered, line, expected):
    """Offers depend on the words before the cursor."""
    assert offered(line) == expected


def test_every_verb_is_offered_after_the_magic(offered):
    """Who knows none of the verbs finds them all."""
    assert {"advance", "back", "help", "why"} <= offered("%labq ")
