"""Going back in time: to every record of many scenarios, and on again to the same log."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from labq import Celery, Lab, signals
from labq.exceptions import Diverged, LabError, ReentrantStep
from labq.result import allow_join_result

START = "2030-01-01T09:00:00Z"


class Shop:
    """A lab with an app whose tasks note each time that they are really run."""

    def __init__(self, backend: str = "cache+memory://") -> None:  # noqa: C901 - one task after another
        self.lab = Lab(seed=7, start=START)
        self.app = app = Celery("shop", broker="amqp://", backend=backend, set_as_current=False)
        self.ran: list[str] = []

        @app.task(name="shop.add", shared=False)
        def add(x, y):
            self.ran.append(f"add {x} {y}")
            return x + y

        @app.task(name="shop.nap", shared=False)
        def nap(*lengths):
            for length in lengths:
                self.ran.append(f"nap {length}")
                time.sleep(length)
            return len(lengths)

        @app.task(name="shop.flaky", shared=False, bind=True, max_retries=3, default_retry_delay=10)
        def flaky(task, times):
            self.ran.append(f"flaky {task.request.retries}")
            if task.request.retries < times:
                raise task.retry(exc=ValueError("not yet"))
            return task.request.retries

        @app.task(name="shop.jittery", shared=False, bind=True, autoretry_for=(OSError,), retry_backoff=2)
        def jittery(task, times):
            if task.request.retries < times:
                raise OSError("busy")
            return task.request.retries

        @app.task(name="shop.forward", shared=False)
        def forward(depth):
            self.ran.append(f"forward {depth}")
            if depth:
                forward.delay(depth - 1)
                time.sleep(1)
                add.delay(depth, depth)
            return depth

        @app.task(name="shop.ask", shared=False)
        def ask(x):
            with allow_join_result():
                return add.apply_async((x, x), countdown=3).get()

        @app.task(name="shop.broken", shared=False)
        def broken():
            raise KeyError("no such order")

        self.add, self.nap, self.flaky, self.jittery = add, nap, flaky, jittery
        self.forward, self.ask, self.broken = forward, ask, broken

    def work(self, name="w1@lab", **options):
        """Start a worker."""
        return self.lab.start_worker(self.app, hostname=name, **{"concurrency": 2, **options})

    @property
    def rows(self):
        """The log as plain tuples."""
        return [tuple(record) for record in self.lab.log]

    @property
    def values(self):
        """What became of each task that was ever sent, asked of the store."""
        ids = dict.fromkeys(record.task_id for record in self.lab.log if record.task_id)
        return {task_id: (result.state, repr(result.result)) for task_id in ids
                for result in [self.app.AsyncResult(task_id)]}  # fmt: skip

    @property
    def deeds(self):
        """The journal without the count of ids: who does a deed again needs no new id for it."""
        return [line._replace(ids=0) for line in self.lab.journal]


def plain(shop):
    """Three sums, two workers' slots."""
    shop.work()
    for number in range(3):
        shop.add.delay(number, number)


def sent_before_the_worker(shop):
    """Messages wait in the queue before anybody works."""
    shop.add.delay(1, 1)
    shop.nap.delay(2)
    shop.work()


def sleeping(shop):
    """Bodies that are in the middle at many records, more of them than slots."""
    shop.work()
    for lengths in ((5, 1), (2, 2, 2), (3,)):
        shop.nap.delay(*lengths)


def retrying(shop):
    """Retries with a fixed wait, and with jitter."""
    shop.work()
    shop.flaky.delay(2)
    shop.flaky.delay(9)
    shop.jittery.delay(4)


def sending(shop):
    """Tasks that send tasks, before and after they sleep."""
    shop.work()
    shop.forward.delay(2)


def later(shop):
    """Tasks with a countdown, and one that expires on the way."""
    shop.work(concurrency=1)
    shop.add.apply_async((1, 2), countdown=30)
    shop.nap.delay(20)
    shop.add.apply_async((3, 4), expires=10)
    shop.add.apply_async((5, 6), countdown=5)


def alone(shop):
    """A solo worker, which reads nothing while a body sleeps."""
    shop.work(pool="solo")
    shop.nap.delay(3)
    shop.add.delay(1, 1)
    shop.add.apply_async((2, 2), countdown=1)


def crowded(shop):
    """Several workers that take turns."""
    shop.work("w1@lab", concurrency=1)
    shop.work("w2@lab", pool="solo")
    shop.work("w3@lab", concurrency=2, prefetch_multiplier=1)
    for number in range(7):
        shop.nap.delay(number)


def asking(shop):
    """A task that waits for another one's result."""
    shop.work()
    shop.ask.delay(4)


def failing(shop):
    """A task that fails, beside one that does not."""
    shop.work()
    shop.broken.delay()
    shop.add.delay(1, 1)


ALL_DEEDS_FIRST = [plain, sent_before_the_worker, sleeping, retrying, sending, later, alone, crowded, asking, failing]


def in_turns(shop):
    """Deeds between runs, at different moments, with results read and forgotten."""
    worker = shop.work()
    result = shop.nap.delay(4)
    shop.lab.advance(2)
    shop.add.delay(1, 1)
    assert result.get() == 1
    result.forget()
    shop.lab.advance(100)
    shop.lab.purge()
    shop.nap.delay(9, 9)
    shop.lab.step(6)
    worker.stop()


def stopping(shop):
    """Workers that stop warm and cold with bodies in the middle, and one that comes back."""
    first = shop.work("w1@lab", concurrency=1)
    shop.nap.delay(5)
    shop.nap.delay(6)
    shop.lab.advance(1)
    first.stop()
    second = shop.work("w2@lab")
    shop.lab.advance(2)
    second.stop("cold")
    shop.lab.advance(3)
    shop.work("w1@lab")
    shop.lab.run()


def refused(shop):
    """Deeds that fail half-way leave what they did."""
    shop.work()
    with suppress(LabError):
        shop.work("w2@lab", pool="nonsense")
    with suppress(LabError):
        shop.add.apply_async((1, 1), queue="other", exchange="celery", exchange_type="nonsense")
    shop.add.delay(1, 1)
    shop.lab.run()


IN_TURNS = [in_turns, stopping, refused]


def run_through(scenario, backend="cache+memory://"):
    """Play a scenario to its end."""
    shop = Shop(backend)
    scenario(shop)
    shop.lab.run()
    return shop


def do_again(lab, lines, steps):
    """Do the deeds of *lines* again, each at its step and moment, and run to *steps*."""
    for line in lines:
        run_to(lab, line.steps)
        lab.world.kernel.pass_time(line.us)
        with suppress(*((Exception,) if line.failed else ())):
            lab.do(line.deed)
    run_to(lab, steps)


def run_to(lab, steps):
    """Step until there were *steps* steps; who interrupts a body goes on with the next."""
    while lab.world.kernel.steps < steps:
        with suppress(KeyboardInterrupt):
            lab.step()


def back_and_forth(shop):
    """Rewind to every record from the last to the first and each time do the rest again."""
    lab, rows, values = shop.lab, shop.rows, shop.values
    steps, lines, moment, deeds = lab.world.kernel.steps, list(lab.journal), lab.clock.us, shop.deeds
    for number in range(len(rows), -1, -1):
        assert lab.rewind(to=number) <= number
        assert shop.rows == rows[: len(lab.log)]
        do_again(lab, lines[len(lab.journal) :], steps)
        lab.world.kernel.pass_time(moment)
        assert shop.rows == rows
        assert (shop.values, shop.deeds) == (values, deeds)


@pytest.mark.parametrize("backend", ["cache+memory://", "rpc://"])
@pytest.mark.parametrize("scenario", ALL_DEEDS_FIRST + IN_TURNS, ids=lambda scenario: scenario.__name__)
def test_rewinding_to_any_record_and_doing_the_rest_again_gives_the_same_log(scenario, backend):
    """Records, results and journal are the same, from each of them."""
    back_and_forth(run_through(scenario, backend))


@pytest.mark.parametrize("scenario", ALL_DEEDS_FIRST, ids=lambda scenario: scenario.__name__)
def test_running_on_from_any_record_gives_the_same_log(scenario):
    """Where all deeds came first, nothing is needed but to run."""
    shop = Shop()
    scenario(shop)
    done = len(shop.lab.log)
    shop.lab.run()
    rows, values = shop.rows, shop.values
    for number in range(done, len(rows) + 1):
        shop.lab.rewind(to=number)
        shop.lab.run()
        assert shop.rows == rows
        assert shop.values == values


def test_the_user_may_do_the_same_again_by_hand():
    """After a rewind to the beginning the same calls get the same ids."""
    shop = run_through(in_turns)
    rows = shop.rows
    shop.lab.rewind(to=0)
    assert (shop.rows, shop.lab.time, shop.lab.journal) == ([], 0, [])
    in_turns(shop)
    shop.lab.run()
    assert shop.rows == rows


# -- what runs again, and what does not ------------------------------------------------------------------------------
def test_a_finished_body_repeats_no_side_effect():
    """It is answered from its tape."""
    shop = run_through(plain)
    assert len(shop.ran) == 3
    shop.lab.rewind(to=len(shop.lab.log))
    assert len(shop.ran) == 3


def test_a_body_in_the_middle_runs_again_up_to_its_last_ask_and_then_goes_on():
    """What it did before that ask is done twice, what comes after once."""
    shop = Shop()
    shop.work()
    result = shop.nap.delay(1, 2, 3)
    shop.lab.run(until=2)
    here = len(shop.lab.log)
    assert shop.ran == ["nap 1", "nap 2"]
    shop.lab.run()
    assert shop.ran == ["nap 1", "nap 2", "nap 3"]
    shop.lab.rewind(to=here)
    assert shop.ran == ["nap 1", "nap 2", "nap 3", "nap 1", "nap 2"]
    assert result.get() == 3
    assert shop.ran[5:] == ["nap 3"]


def test_a_body_that_was_given_up_does_not_run_again():
    """A cold stop ends a body for good; its tape says how far it came."""
    shop = Shop()
    worker = shop.work()
    shop.nap.delay(5, 5)
    shop.lab.advance(6)
    worker.stop("cold")
    assert shop.ran == ["nap 5", "nap 5"]
    shop.lab.advance(1)
    shop.lab.rewind(to=len(shop.lab.log))
    assert shop.ran == ["nap 5", "nap 5"]
    assert not worker.online


def test_a_body_that_was_given_up_later_is_in_the_middle_again():
    """Right before the cold stop the body still runs, though no step lies between."""
    shop = Shop()
    worker = shop.work()
    result = shop.nap.delay(5, 5)
    shop.lab.advance(6)
    here = len(shop.lab.log)
    worker.stop("cold")
    shop.lab.rewind(to=here)
    assert worker.online
    assert result.get() == 2


@pytest.mark.parametrize("stop", ["cold", "rewind", "close"])
def test_what_a_body_sends_while_it_is_given_up_stays_in_its_own_world(stop):
    """A ``finally`` block that sends a task does so in the world that ends, and nowhere else."""
    shop = Shop()

    @shop.app.task(name="shop.careful", shared=False)
    def careful():
        try:
            time.sleep(10)
        finally:
            shop.add.delay(1, 1)

    worker = shop.work()
    careful.delay()
    shop.lab.advance(1)
    here, journal = len(shop.lab.log), len(shop.lab.journal)
    if stop == "cold":
        worker.stop("cold")
        assert len(shop.lab.log.select(kind="message-published")) == 2
        rows = shop.rows
        shop.lab.rewind(to=len(rows))
        assert shop.rows == rows
    elif stop == "rewind":
        shop.lab.rewind(to=here)
        assert (len(shop.lab.log), len(shop.lab.journal)) == (here, journal)
    else:
        shop.lab.close()
        assert len(shop.lab.log.select(kind="message-published")) == 2
        assert len(shop.lab.journal) == journal


# -- results ---------------------------------------------------------------------------------------------------------
def test_a_result_of_the_dropped_future_is_pending_again():
    """What an ``AsyncResult`` has read is believed only in the world where it was read."""
    shop = Shop()
    here = len(shop.lab.log)
    shop.work()
    result = shop.add.delay(1, 2)
    assert (result.get(), result.state) == (3, "SUCCESS")
    shop.lab.rewind(to=here)
    assert (result.state, result.result, result.ready()) == ("PENDING", None, False)


def test_a_result_that_lies_before_the_place_is_still_there():
    """The store is built again with the rest."""
    shop = Shop()
    shop.work()
    result = shop.add.delay(1, 2)
    shop.lab.run()
    here = len(shop.lab.log)
    other = shop.add.delay(3, 4)
    assert other.get() == 7
    shop.lab.rewind(to=here)
    assert (result.get(), other.state) == (3, "PENDING")


def test_an_id_is_given_again_only_for_the_same_call():
    """The ids of the dropped future are used again; those before the place are not."""
    shop = Shop()
    first = shop.add.delay(1, 1)
    here = len(shop.lab.log)
    second = shop.add.delay(2, 2)
    shop.lab.rewind(to=here)
    third = shop.add.delay(3, 3)
    assert third.id == second.id != first.id


# -- another future --------------------------------------------------------------------------------------------------
def test_another_future_begins_where_something_else_is_done():
    """After a rewind a worker with another pool gives other records from there on."""
    shop = Shop()
    results = [shop.nap.delay(5), shop.nap.delay(5)]
    here = len(shop.lab.log)
    shop.work(concurrency=2)
    shop.lab.run()
    assert shop.lab.time == 5
    before = shop.rows
    shop.lab.rewind(to=here)
    shop.work(pool="solo")
    shop.lab.run()
    assert shop.lab.time == 10
    assert shop.rows[:here] == before[:here]
    assert [result.get() for result in results] == [1, 1]


def test_a_task_may_be_written_anew_after_a_rewind():
    """The tapes of the dropped future are not believed any more: the new body runs."""
    shop = Shop()
    shop.work()
    here = len(shop.lab.log)
    result = shop.add.delay(2, 3)
    assert result.get() == 5
    shop.lab.rewind(to=here)
    shop.add.run = lambda x, y: x * y
    again = shop.add.delay(2, 3)
    assert again.id == result.id
    assert (again.get(), result.get()) == (6, 6)


def test_a_body_in_the_middle_may_live_another_future():
    """What it did later in the dropped future is no rule: it waits as long as this future makes it wait."""
    shop = Shop()

    @shop.app.task(name="shop.wait", shared=False)
    def wait():
        with allow_join_result():
            return shop.add.apply_async((4, 4), queue="other").get()

    shop.work()
    waiter = wait.delay()
    shop.lab.advance(1)
    here = len(shop.lab.log)
    shop.work("w2@lab", queues=["other"])
    assert waiter.get() == 8
    shop.lab.rewind(to=here)
    shop.lab.advance(60)
    assert waiter.state == "PENDING"
    shop.work("w2@lab", queues=["other"])
    assert waiter.get() == 8


# -- what cannot be repeated -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("change", ["another sleep", "another message", "an early end", "one more message"])
def test_a_body_that_does_something_else_is_noticed_and_the_lab_stays_where_it_was(change):
    """Going back would need a body that repeats itself; this one depends on a global."""
    shop = Shop()
    told: list[str] = []

    @shop.app.task(name="shop.moody", shared=False, ignore_result=True)
    def moody():
        if "an early end" in told:
            return
        if "one more message" in told:
            shop.add.delay(0, 0)
        with suppress(Exception):  # what a body swallows is noticed all the same
            shop.add.delay(1, 2 if "another message" in told else 1)
        time.sleep(2 if "another sleep" in told else 1)
        time.sleep(5)

    shop.work()
    moody.delay()
    shop.lab.run(until=0.5)
    rows, lines = shop.rows, list(shop.lab.journal)
    told.append(change)
    with pytest.raises(Diverged, match="where it had"):
        shop.lab.rewind(to=len(rows))
    assert (shop.rows, shop.lab.journal) == (rows, lines)
    told.clear()
    shop.lab.run()
    assert shop.lab.time == 6
    shop.lab.rewind(to=len(rows))
    assert shop.rows == rows


def test_no_password_is_shown_by_what_was_done(lab):
    """Deeds keep the address as it was given; neither the journal nor an error shows it."""
    app = Celery("secret", broker="amqp://ann:hunter2@host//", backend="rpc://", set_as_current=False)
    sums = [1]

    @app.task(name="secret.send", shared=False)
    def send():
        app.send_task("secret.other", args=sums)
        time.sleep(5)

    lab.start_worker(app)
    send.delay()
    lab.advance(1)
    assert "hunter2" not in repr(list(lab.journal))
    sums.append(2)
    with pytest.raises(Diverged, match="where it had done Publish") as error:
        lab.rewind(to=len(lab.log))
    assert "hunter2" not in str(error.value)


def test_a_changed_setting_is_noticed():
    """The world around the bodies is compared too: every record must come out as it was."""
    shop = Shop()
    shop.work()
    shop.add.delay(1, 1)
    shop.lab.run()
    rows = shop.rows
    shop.add.acks_late = True
    with pytest.raises(Diverged, match="where it had written"):
        shop.lab.rewind(to=len(rows))
    assert shop.rows == rows
    shop.add.acks_late = False
    shop.lab.rewind(to=len(rows))
    assert shop.rows == rows


@pytest.mark.parametrize("to", [-1, 10_000])
def test_a_record_that_never_was_cannot_be_gone_to(to):
    """The error says from where to where one can go."""
    shop = run_through(plain)
    with pytest.raises(LabError, match=f"there is no record {to}") as told:
        shop.lab.rewind(to=to)
    assert f"from 0 to {len(shop.lab.log)}" in str(told.value)


def test_a_body_cannot_rewind_the_world_it_runs_in():
    """The same rule as for step and run."""
    shop = Shop()
    shop.work()
    shop.add.run = lambda *_: shop.lab.rewind(to=0)
    with pytest.raises(ReentrantStep):
        shop.add.delay(1, 1).get()


# -- side doors ------------------------------------------------------------------------------------------------------
def test_a_receiver_cannot_rewind_the_world_that_calls_it():
    """A worker's start is a deed; half a deed cannot be taken back."""
    shop, said = Shop(), []

    def receiver(**_):
        with pytest.raises(ReentrantStep, match="in the middle of a deed"):
            shop.lab.rewind(to=0)
        said.append("refused")

    signals.worker_ready.connect(receiver)
    try:
        shop.work()
    finally:
        signals.worker_ready.disconnect(receiver)
    shop.add.delay(1, 1)
    shop.lab.run()
    assert said == ["refused"]
    back_and_forth(shop)


def test_what_a_signals_receiver_sends_comes_again_once():
    """It follows from the start of the worker, so it is no deed of the user's own."""
    shop = Shop()

    def kick(**_):
        shop.add.delay(1, 1)

    signals.worker_ready.connect(kick)
    try:
        worker = shop.work()
        shop.lab.run()
        shop.add.delay(2, 2)
        worker.stop()
        rows = shop.rows
        assert len(shop.lab.journal) == 3
        back_and_forth(shop)
        assert shop.rows == rows
    finally:
        signals.worker_ready.disconnect(kick)


def test_a_subscriber_that_was_removed_is_not_asked_again_and_its_record_stays():
    """The record of its removal is repeated like every other."""
    shop = Shop()
    heard = []

    def weak(record):
        heard.append(record.number)
        if record.number == 8:
            raise ValueError("enough")

    shop.lab.log.subscribe(weak)
    shop.work()
    shop.add.delay(1, 1)
    shop.lab.run()
    assert len(shop.lab.log.select(kind="subscriber-removed")) == 1
    assert heard == list(range(9))
    rows = shop.rows
    for number in range(len(rows), 9, -1):
        shop.lab.rewind(to=number)
        assert shop.rows == rows[: len(shop.lab.log)]
    assert heard == list(range(9))


def test_a_subscriber_hears_the_new_future_and_not_the_repetition():
    """While the world is built again nobody is told what they were told before."""
    shop = Shop()
    shop.work()
    shop.add.delay(1, 1)
    shop.lab.run()
    here = len(shop.lab.log)
    heard = []
    shop.lab.log.subscribe(lambda record: heard.append(record.number))
    shop.lab.rewind(to=here - 2)
    assert heard == []
    shop.lab.run()
    assert heard == list(range(len(shop.lab.log)))[-len(heard) :]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_body_that_ended_its_child_does_so_again_in_silence(stop):
    """The user's interrupt was raised once, when they pressed stop; a rewind repeats only what came of it."""
    shop = Shop()

    @shop.app.task(name="shop.fatal", shared=False)
    def fatal():
        shop.ran.append("fatal")
        raise stop

    shop.work()
    fatal.delay()
    with suppress(KeyboardInterrupt):
        shop.lab.run()
    shop.lab.run()
    back_and_forth(shop)
    assert shop.ran == ["fatal"] * shop.ran.count("fatal")


def test_the_clock_stands_at_the_moment_before_the_next_deed():
    """Time that passed before the first deed that is dropped has still passed."""
    shop = Shop()
    shop.lab.advance(100)
    here = len(shop.lab.log)
    shop.add.delay(1, 1)
    shop.lab.advance(5)
    shop.lab.rewind(to=len(shop.lab.log))
    assert shop.lab.time == 105
    shop.lab.rewind(to=here)
    assert shop.lab.time == 100
