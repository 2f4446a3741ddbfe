"""Whatever is in the log, it can be folded, from everywhere and to everywhere."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as some

from labq.i18n import Words
from labq.kernel.clock import Clock
from labq.log.log import Log
from labq.log.record import KINDS
from labq.snapshot.fold import Fold, fold
from labq.snapshot.series import depths, stream
from labq.snapshot.why import explain

START = datetime(2030, 1, 1, 9, tzinfo=UTC)

small = some.integers(1, 4)
name = some.sampled_from(["celery", "hipri", ""])
seconds = some.floats(0, 1e6)
texts = some.one_of(some.none(), some.text(max_size=5))
FACTS = {
    "broker": some.sampled_from(["amqp://a//", "redis://b/0"]), "backend": some.just("cache+memory://"),
    "exchange": name, "queue": name, "routing_key": name, "type": some.just("direct"),
    "queues": some.lists(name, max_size=2, unique=True).map(tuple), "message": small, "messages": small, "ready": small,
    "consumer": some.sampled_from(["w1@lab", "w2@lab", "client 1"]), "worker": some.sampled_from(["w1@lab", "w2@lab"]),
    "delivery_tag": small, "redelivered": some.booleans(), "requeue": some.booleans(), "slot": small, "child": small,
    "children": some.lists(small, max_size=2).map(tuple), "concurrency": small, "prefetch": some.integers(0, 4),
    "pool": some.just("prefork"), "how": some.just("cold"), "task": texts, "args": texts, "kwargs": texts,
    "eta": some.one_of(some.none(), some.just("2030-01-01T09:01:00+00:00"), some.text(max_size=4)), "expires": texts,
    "retries": some.one_of(some.none(), some.integers(0, 3)), "origin": texts, "size": small,
    "reason": some.text(max_size=3),
    "seconds": seconds, "runtime": seconds, "result": some.text(max_size=5), "exception": some.text(max_size=5),
    "state": some.sampled_from(["SUCCESS", "RETRY", "MINE"]), "subscriber": some.text(max_size=3),
    "command": some.just("ping"), "group": some.text(max_size=3), "count": small,
    "error": some.text(max_size=3), "arguments": texts, "priority": some.one_of(some.none(), small),
    "beat": some.sampled_from(["celerybeat@lab", "b@lab"]), "entry": some.text(max_size=3), "sent": some.booleans(),
}  # fmt: skip
"""What each fact may be, whatever kind it belongs to."""


@some.composite
def logs(draw):
    """Make a log of any records in any order."""
    clock = Clock(START)
    log = Log(clock)
    for kind in draw(some.lists(some.sampled_from(sorted(KINDS.values())), max_size=40)):
        clock.us += draw(some.integers(0, 3)) * 500_000
        facts = [draw(FACTS[field]) for field in kind.fields]
        log.append(kind, draw(some.sampled_from(["a", "b", None])), *facts)
    return log


@settings(deadline=None)
@given(logs(), some.data())
def test_every_log_folds_and_any_moment_is_the_fold_of_its_records(log, data):
    """Going to moments in any order, with checkpoints, gives what folding from the start gives."""
    moments = Fold(log, START, every=3, most=4)
    for n in data.draw(some.lists(some.integers(0, len(log)), max_size=6)):
        seen, drawn = moments.at(n), fold(log[:n], START)
        assert seen == drawn
        assert list(seen.tasks) == list(drawn.tasks)


@settings(deadline=None)
@given(logs())
def test_every_picture_answers_why_and_has_its_series(log):
    """No order of records makes a question unanswerable or a bar end before it begins."""
    seen = fold(log, START)
    for task_id in ("a", "b", "never"):
        explained = explain(seen, task_id)
        assert all(Words("en").say(sentence) for sentence in (explained.reason, *explained.steps))
    assert all(bar.end is None or bar.end >= bar.start for bar in stream(log).bars)
    for depth in depths(log):
        moments = [us for us, _, _ in depth.points]
        assert moments == sorted(set(moments))


@settings(deadline=None)
@given(logs())
def test_a_message_is_never_in_two_places_of_one_worker(log):
    """What waits for a slot does not wait for its time as well."""
    for worker in fold(log, START).workers.values():
        waiting = [message.serial for message in worker.prefetched] + [kept.message.serial for kept in worker.shelf]
        assert len(waiting) == len(set(waiting))
