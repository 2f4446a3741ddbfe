"""What grows, shrinks and is told otherwise shows in the picture, and in words."""

from __future__ import annotations

from labq import Celery, Lab
from labq.i18n import Words
from labq.views.sentence import say


def test_slots_and_queues_follow_what_the_worker_is_told():
    """A slot that is gone is drawn no more."""
    with Lab(seed=1, start="2030-01-01T09:00:00Z") as lab:
        worker = lab.start_worker(Celery("proj", broker="amqp://"), hostname="w1@lab", concurrency=1)
        worker.tell("grow", 2)
        assert [slot.number for slot in lab.snapshot().workers["w1@lab"].slots] == [1, 2, 3]
        worker.tell("shrink", 1)
        worker.tell("add_queue", "hot")
        shown = lab.snapshot().workers["w1@lab"]
        assert (len(shown.slots), shown.concurrency, shown.prefetch) == (2, 2, 8)
        assert shown.queues == ("celery", "hot")
        said = [say(record, lab.snapshot(at=record.number), Words("en")) for record in lab.log]
        assert "w1@lab stopped child 11: slot 1 is gone" in said
        assert "w1@lab runs 2 tasks at once now, may hold 8 messages and reads celery, hot" in said
