"""Random histories: whatever is done to a lab, going back and doing the rest again gives the same, and nothing is lost.

A history is a list of deeds drawn by hypothesis: tasks of several kinds sent, workers started, told things and stopped,
tasks revoked, children killed, time passed, steps made, queues purged. After it, four questions are asked.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as some

from labq import Celery, Lab
from labq.exceptions import LabError
from labq.result import allow_join_result
from labq.snapshot.fold import fold

settings.register_profile("labq", derandomize=True, deadline=None)
settings.load_profile("labq")

START = "2030-01-01T09:00:00Z"

seconds = some.sampled_from([0, 0.5, 1, 2, 5])
counts = some.integers(0, 2)
sends = some.one_of(
    some.tuples(some.just("add")),
    some.tuples(some.just("nap"), seconds),
    some.tuples(some.just("flaky"), counts),
    some.tuples(some.just("jittery"), counts),
    some.tuples(some.just("forward"), counts),
    some.tuples(some.just("ask")),
    some.tuples(some.just("leave")),
    some.tuples(some.just("refuse"), some.booleans()),
)
options = some.fixed_dictionaries(
    {},
    optional={
        "countdown": seconds,
        "expires": some.sampled_from([0, 1, 3]),
        "queue": some.sampled_from(["celery", "other"]),
        "time_limit": some.sampled_from([1, 3]),
        "soft_time_limit": some.sampled_from([1, 2]),
        "routing_key": some.just("nowhere"),
    },
)
names = some.sampled_from(["w1@lab", "w2@lab"])
starts = some.tuples(
    some.just("start"),
    names,
    some.fixed_dictionaries(
        {
            "pool": some.sampled_from(["solo", "prefork", "prefork", "threads", "gevent"]),
            "concurrency": some.integers(1, 2),
            "prefetch_multiplier": some.sampled_from([0, 1, 2]),
            "queues": some.sampled_from([None, ["other"], ["celery", "other"]]),
        },
        optional={
            "max_tasks_per_child": some.integers(1, 2),
            "autoscale": some.sampled_from(["3,1", "2,2"]),
        },
    ),
)
orders = some.sampled_from(
    [
        ("grow", 1), ("shrink", 1), ("kill_child", 1), ("set_rate_limit", "story.add", "30/m"), ("autoscale", 3, 1),
        ("set_rate_limit", "story.add", None), ("add_queue", "other"), ("cancel_queue", "celery"),
    ]
)  # fmt: skip
others = some.one_of(
    some.tuples(some.just("send"), sends, options),
    some.tuples(some.just("send"), sends, some.just({})),
    some.tuples(some.just("send"), sends, some.just({})),
    starts,
    some.tuples(some.just("stop"), names, some.sampled_from(["warm", "cold"])),
    some.tuples(some.just("tell"), names, orders),
    some.tuples(some.just("revoke"), names, some.integers(0, 9), some.sampled_from([None, "TERM", "USR1"])),
    some.tuples(some.just("advance"), seconds),
    some.tuples(some.just("step"), some.integers(1, 5)),
    some.tuples(some.just("run")),
    some.tuples(some.just("purge")),
)
deeds = some.builds(
    lambda first, rest: [*first, *rest], some.lists(starts, max_size=2), some.lists(others, min_size=5, max_size=16)
)


class Story:
    """A lab, an app with a task of each kind, and the ways to do a deed."""

    def __init__(self, backend) -> None:  # noqa: C901 - one task after another
        self.lab = Lab(seed=5, start=START)
        self.app = app = Celery("story", broker="amqp://", backend=backend, set_as_current=False)
        self.workers = {}
        self.sent = []

        def add(x=1):
            return x + 1

        def nap(length):
            time.sleep(length)
            time.sleep(length)

        def flaky(task, times):
            if task.request.retries < times:
                raise task.retry(countdown=2, exc=ValueError("not yet"))

        def jittery(task, times):
            if task.request.retries < times:
                raise OSError("busy")

        def forward(depth):
            if depth:
                self.tasks["forward"].delay(depth - 1)
                time.sleep(1)
                self.tasks["add"].delay(depth)

        def ask():
            with allow_join_result():
                return self.tasks["add"].apply_async(countdown=1).get()

        def leave():
            time.sleep(1)
            raise SystemExit(1)

        def refuse(task, requeue):
            from labq.exceptions import Reject

            raise Reject("no", requeue=requeue and not task.request.delivery_info["redelivered"])

        self.tasks = {
            function.__name__: app.task(name=f"story.{function.__name__}", shared=False, **extra)(function)
            for function, extra in (
                (add, {}),
                (nap, {"acks_late": True}),
                (flaky, {"bind": True}),
                (jittery, {"bind": True, "autoretry_for": (OSError,), "retry_backoff": True}),
                (forward, {}),
                (ask, {}),
                (leave, {"acks_late": True}),
                (refuse, {"bind": True, "acks_late": True}),
            )
        }

    def do(self, deed):
        """Do one deed; what the lab refuses is no harm."""
        what, *rest = deed
        with suppress(LabError):
            getattr(self, what)(*rest)

    def send(self, task, options):
        """Send a task."""
        name, *args = task
        options = dict(options)
        if "routing_key" in options:
            options = {**options, "exchange": "celery"}
            options.pop("queue", None)
        if options.get("soft_time_limit", 0) > options.get("time_limit", 9):
            del options["soft_time_limit"]
        self.sent.append(self.tasks[name].apply_async(args, **options).id)

    def start(self, name, options):
        """Start a worker."""
        self.workers[name] = self.lab.start_worker(self.app, hostname=name, **options)

    def stop(self, name, how):
        """Stop a worker, if it was ever started."""
        if name in self.workers:
            self.workers[name].stop(how)

    def tell(self, name, order):
        """Give an order to a worker, which may not be able to do it."""
        if name in self.workers:
            with suppress(ValueError, AttributeError):
                self.workers[name].tell(*order)

    def revoke(self, name, place, signal):
        """Revoke one of the tasks that were sent; end it if there is a signal to do so."""
        if name in self.workers and place < len(self.sent):
            with suppress(NotImplementedError):
                self.workers[name].tell("revoke", [self.sent[place]], terminate=signal is not None, signal=signal)

    def advance(self, length):
        """Let time pass."""
        self.lab.advance(length)

    def step(self, count):
        """Make steps."""
        self.lab.step(count)

    def run(self):
        """Run until nothing is left."""
        self.lab.run()

    def purge(self):
        """Empty the usual queue."""
        self.lab.purge()

    @property
    def rows(self):
        """The log as plain tuples."""
        return [tuple(record) for record in self.lab.log]


def told(history, backend="cache+memory://"):
    """Play a history and let a minute pass at its end."""
    story = Story(backend)
    for deed in history:
        story.do(deed)
    story.lab.advance(60)
    return story


def do_again(lab, lines, steps):
    """Do the deeds of *lines* again, each at its step and moment, and run to *steps*."""
    for line in lines:
        lab.step(line.steps - lab.world.kernel.steps)
        lab.world.kernel.pass_time(line.us)
        with suppress(*((Exception,) if line.failed else ())):
            lab.do(line.deed)
    lab.step(steps - lab.world.kernel.steps)


@settings(max_examples=150)
@given(deeds, some.sampled_from(["cache+memory://", "rpc://"]), some.data())
def test_going_back_anywhere_and_doing_the_rest_again_gives_the_same_log(history, backend, data):
    """Twice in a row, from two places, with the same results in the store."""
    story = told(history, backend)
    lab, rows = story.lab, story.rows
    steps, lines = lab.world.kernel.steps, list(lab.journal)
    ids = dict.fromkeys(record.task_id for record in lab.log if isinstance(record.task_id, str))
    states = [story.app.AsyncResult(task_id).state for task_id in ids]
    for _ in range(2):
        lab.rewind(to=data.draw(some.integers(0, len(rows))))
        assert story.rows == rows[: len(lab.log)]
        do_again(lab, lines[len(lab.journal) :], steps)
        assert story.rows == rows
        assert [story.app.AsyncResult(task_id).state for task_id in ids] == states
    lab.close()


@settings(max_examples=100)
@given(deeds)
def test_a_history_told_twice_is_the_same(history):
    """Same seed, same deeds, same log."""
    first, second = told(history), told(history)
    assert first.rows == second.rows
    first.lab.close()
    second.lab.close()


ENDS = {"message-acked", "message-rejected", "message-unroutable", "message-dead-lettered"}


@settings(max_examples=150)
@given(deeds)
def test_each_message_is_in_one_place_at_a_time_and_ends_in_one(history):  # noqa: C901 - one case for each kind
    """Ready in a queue, held by one consumer, or gone: the records never put it in two places."""
    story = told(history)
    places: dict[int, tuple] = {}
    for record in story.lab.log:
        kind = record.kind
        if kind == "queue-purged":
            gone = [serial for serial, place in places.items() if place == ("ready", record["queue"])]
            assert len(gone) == record["messages"]
            places.update(dict.fromkeys(gone, ("gone",)))
        if "message" not in kind.places or not kind.startswith("message-"):
            continue
        serial, place = record["message"], places.get(record["message"])
        if kind == "message-published":
            assert place is None
            places[serial] = ("sent",)
        elif kind == "message-routed":
            assert place == ("sent",)
        elif kind == "message-queued":
            assert place == ("sent",)
            places[serial] = ("ready", record["queue"])
        elif kind in ("message-delivered", "message-redelivered"):
            assert place == ("ready", record["queue"])
            places[serial] = ("held", record["queue"], record["consumer"], record["delivery_tag"])
        elif kind == "message-requeued":
            assert place == ("held", record["queue"], record["consumer"], record["delivery_tag"])
            places[serial] = ("ready", record["queue"])
        elif kind == "message-dead-lettered":
            assert place == ("ready", record["queue"])
            places[serial] = ("gone",)
        elif kind == "message-unroutable":
            assert place == ("sent",)
            places[serial] = ("gone",)
        else:
            assert kind in ENDS
            assert place == ("held", record["queue"], record["consumer"], record["delivery_tag"])
            places[serial] = ("gone",)
    _compare_with_the_broker(story, places)
    story.lab.close()


def _compare_with_the_broker(story, places):
    """What the records say is what the queues and channels hold."""
    ready = [place[1] for place in places.values() if place[0] == "ready"]
    held = [place[2:] for place in places.values() if place[0] == "held"]
    for broker in story.lab.world.brokers:
        for name in ("celery", "other"):
            assert broker.depth(name) == ready.count(name)
    unacked = [(worker.hostname, tag) for worker in story.lab.world.workers.values() for tag in worker._channel.unacked]
    assert sorted(held) == sorted(unacked)


@settings(max_examples=100)
@given(deeds)
def test_no_worker_ever_holds_more_than_its_window(history):
    """The window is the prefetch count, and one more for each task that waits on the shelf."""
    story = Story("cache+memory://")
    held: dict[str, int] = {}

    def watch(record):
        for worker in story.lab.world.workers.values():
            channel = worker._channel
            if worker.online and channel is not None and channel.prefetch:
                held[worker.hostname] = max(held.get(worker.hostname, 0), len(channel.unacked))
                window = worker.consumer.qos.value
                if record.kind in ("message-delivered", "message-redelivered"):
                    assert len(channel.unacked) <= channel.prefetch == window
                    assert window <= worker.consumer.initial_prefetch_count + len(worker.shelf)

    story.lab.log.subscribe(watch)
    for deed in history:
        story.do(deed)
    story.lab.advance(60)
    assert not story.lab.log.select(kind="subscriber-removed")
    story.lab.close()


@settings(max_examples=60)
@given(deeds, some.data())
def test_a_snapshot_of_any_moment_is_the_fold_of_its_records(history, data):
    """Looking leaps between checkpoints; folding from the beginning gives the same picture."""
    story = told(history)
    log, start = story.lab.log, story.lab.clock.start
    for number in data.draw(some.lists(some.integers(0, len(log)), max_size=5)):
        seen = story.lab.snapshot(at=number)
        moment = seen.us if number == len(log) else fold(log[:number], start).us  # at the end the clock has gone on
        assert seen == replace(fold(log[:number], start), us=moment)
    story.lab.close()
