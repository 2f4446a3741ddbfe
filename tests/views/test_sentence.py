"""Every record can be said in words."""

from __future__ import annotations

import string
from datetime import UTC, datetime

import pytest

from labq.i18n import Words
from labq.kernel.clock import Clock
from labq.log.log import Log
from labq.log.record import KINDS, MESSAGE_ACKED, MESSAGE_PUBLISHED, TASK_RETRIED
from labq.snapshot.fold import fold
from labq.snapshot.model import Snapshot
from labq.views.sentence import SENTENCES, say, sentence

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
ENGLISH = Words("en")

USUAL = {
    "queues": ("celery",), "children": (11, 12), "ready": 1, "messages": 2, "retries": 1, "slot": 1, "message": 7,
    "seconds": 1.5, "runtime": 0.25, "eta": "2030-01-01T09:00:10+00:00", "requeue": True, "redelivered": False,
}  # fmt: skip
"""Facts that are not text."""


def recorded(kind, task_id="a", **facts):
    """Return a record of *kind* in which every fact has a value."""
    log = Log(Clock(START))
    values = {**{field: field.upper() for field in kind.fields}, **USUAL, **facts}
    log.append(kind, task_id, *(values[field] for field in kind.fields))
    return log[0]


def test_every_kind_of_record_has_a_sentence():
    """Nothing happens without words."""
    assert set(SENTENCES) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS.values()))
def test_a_sentence_fills_all_its_places(kind):
    """In English and in every translation, for a task that is known and for one that is not."""
    record = recorded(kind)
    for snapshot in (Snapshot(START), fold([record], START)):
        for lang in ("en", "ru", "zh"):
            said = say(record, snapshot, Words(lang))
            assert said
            assert not set("{}") & set(said)


@pytest.mark.parametrize("lang", ["ru", "zh"])
@pytest.mark.parametrize("kind", sorted(KINDS.values()))
def test_a_translation_has_the_places_of_its_sentence(kind, lang):
    """None is lost, and none is invented."""
    told = sentence(recorded(kind), Snapshot(START))
    words = Words(lang)
    forms = (told.message, told.plural) if told.plural else (told.message,)

    def places(form):
        return {name for _, name, _, _ in string.Formatter().parse(form) if name}

    wanted = set().union(*(places(form) for form in forms))
    for count in (1, 2, 5, 21):
        said = words.ngettext(*forms, count) if told.plural else words.gettext(told.message)
        assert places(said) == wanted


def test_a_prefetched_message_says_how_full_the_worker_is(lab):
    """One more is allowed for each that waits on the shelf."""
    first, *_, last = lab.log.select("message-delivered")
    said = say(first, lab.snapshot(at=first.number + 1), ENGLISH)
    assert said == "w1@lab prefetched add(2, 3) from queue celery (1 of 8)"
    said = say(last, lab.snapshot(at=last.number + 1), ENGLISH)
    assert said == "w1@lab prefetched mail('ann') from queue celery (2 of 9)"


def test_a_later_try_is_said_to_be_one(lab):
    """Whoever reads the story sees which try it is."""
    record = lab.log.select("message-published", task_id=lab.retried.id)[1]
    assert say(record, lab.snapshot(), ENGLISH).startswith("mail('ann'), try 2 was sent to the default exchange")


def test_a_message_that_carries_no_task_has_its_number():
    """In the language of whoever reads, whatever the lab speaks."""
    record = recorded(MESSAGE_ACKED, None, consumer="c", queue="q")
    assert say(record, Snapshot(START), ENGLISH) == "c acknowledged message 7: queue q forgets it"


def test_what_users_wrote_is_cut_and_made_visible():
    """A sentence is one line."""
    record = recorded(TASK_RETRIED, exception="x" * 5000 + "\n\x00", seconds=None)
    said = say(record, Snapshot(START), ENGLISH)
    assert len(said) < 150
    record = recorded(MESSAGE_PUBLISHED, exchange="line\nbreak", routing_key="amqp://a:secret@h")
    said = say(record, Snapshot(START), ENGLISH)
    assert r"line\nbreak" in said
    assert "secret" not in said
