"""The Tab key offers verbs, their arguments, and the options of ``%celery``."""

from __future__ import annotations

import pytest


@pytest.fixture
def offered(run, shell):
    """Return what the Tab key offers at the end of a line."""
    run("result = add.delay(2, 3)")
    run("%celery -A app worker -n w1@lab -D")
    run("%celery -A app worker -n w2@lab -Q celery,shelf -D")

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
        ("%celery -A app worker -Q ", {"celery", "shelf"}),
        ("%celery -A app purge -X she", {"shelf"}),
        ("%celery insp", {"inspect"}),
        ("%celery inspect act", {"active", "active_queues"}),
        ("%celery inspect -d ", {"w1@lab", "w2@lab"}),
        ("%celery status --destination w1", {"w1@lab"}),
        ("%celery -A app control rate_limit proj.", {"proj.add", "proj.broken"}),
        ("%celery -A app control add_consumer she", {"shelf"}),
        ("%celery -A app call proj.a", {"proj.add"}),
        ("%celery -A nowhere call proj.a", {"proj.add"}),
        ("%celery list bin", {"bindings"}),
        ("%celery amqp basic.p", {"basic.publish"}),
        ("%celery multi resta", {"restart"}),
        ("%celery beat --no-en", {"--no-enable-remote-control"}),
        ("%celery report --he", {"--help"}),
    ],
)
def test_the_tab_key_offers_what_may_follow(offered, line, expected):
    """Offers depend on the words before the cursor."""
    assert offered(line) == expected


def test_every_verb_is_offered_after_the_magic(offered):
    """Who knows none of the verbs finds them all."""
    assert {"advance", "back", "help", "why"} <= offered("%labq ")
