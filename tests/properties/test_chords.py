"""Random chords: whatever their parts do, the body runs once or fails once, every part is counted, and nobody waits."""

from __future__ import annotations

import time

from hypothesis import given, settings
from hypothesis import strategies as some

from labq import Celery, Lab, chain, chord, group

settings.register_profile("labq", derandomize=True, deadline=None)
settings.load_profile("labq")

PARTS = some.sampled_from(["give", "nap", "flaky", "boom", "refuse", "chain", "broken chain", "shift", "chord"])
"""What a part of a header may be."""

BAD = {"boom", "refuse", "broken chain"}
"""Parts that fail."""


def tasks_of(app):
    """Return tasks by name, and the list of what the body was given."""
    given_to_body = []

    @app.task(shared=False)
    def give(x=1):
        return x

    @app.task(shared=False)
    def nap(seconds):
        time.sleep(seconds)
        return 1

    @app.task(bind=True, shared=False)
    def flaky(self):
        if self.request.retries < 2:
            raise self.retry(countdown=1)
        return 1

    @app.task(shared=False)
    def boom(*_):
        msg = "boom"
        raise ValueError(msg)

    @app.task(acks_late=True, shared=False)
    def refuse():
        raise SystemExit(1)

    @app.task(bind=True, shared=False)
    def shift(self):
        return self.replace(chain(give.s(5), give.s()))

    @app.task(shared=False)
    def tsum(values):
        return sum(values)

    @app.task(shared=False)
    def body(values):
        given_to_body.append(values)
        return sum(values)

    parts = {
        "give": give.s,
        "nap": lambda: nap.s(2),
        "flaky": flaky.s,
        "boom": boom.s,
        "refuse": refuse.s,
        "chain": lambda: chain(give.s(1), give.s()),
        "broken chain": lambda: chain(give.s(1), boom.s(), give.s()),
        "shift": shift.s,
        "chord": lambda: chord([give.s(1), give.s(2)], tsum.s()),
    }
    return parts, body, given_to_body


WORTH = {"give": 1, "nap": 1, "flaky": 1, "chain": 1, "shift": 5, "chord": 3}


@settings(max_examples=60)
@given(
    names=some.lists(PARTS, min_size=1, max_size=5),
    concurrency=some.integers(1, 3),
    workers=some.integers(1, 2),
    back=some.floats(0, 1),
)
def test_a_chord_always_comes_to_an_end(names, concurrency, workers, back):
    """Its body gets the values in the order of the header, or fails; and a rewind into the middle ends the same."""
    with Lab(seed=3, start="2030-01-01T09:00:00Z") as lab:
        app = Celery("proj", broker="amqp://", backend="cache+memory://", set_as_current=False)
        parts, body, given_to_body = tasks_of(app)
        for number in range(workers):
            lab.start_worker(app, hostname=f"w{number}@lab", concurrency=concurrency)
        header = group([parts[name]() for name in names], app=app)
        result = chord(header, body.s().set(task_id="body"), app=app).apply_async()
        sent = len(lab.log)
        lab.run()
        fails = bool(BAD.intersection(names))
        assert app.AsyncResult("body").state == ("FAILURE" if fails else "SUCCESS")
        assert given_to_body == ([] if fails else [[WORTH[name] for name in names]])
        outer = [r for r in lab.log.select(kind="chord-counted") if r["group"] == result.parent.id]
        assert [record["count"] for record in outer] == list(range(1, len(names) + 1))
        assert app.backend.restore_group(result.parent.id) is None
        before = [str(record) for record in lab.log]
        lab.rewind(to=sent + int((len(before) - sent) * back))
        lab.run()
        assert [str(record) for record in lab.log] == before
