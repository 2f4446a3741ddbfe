"""The same seed gives the same world: one scenario, in processes that hash text differently, logs the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCENARIO = """
import time

import labq
from labq.kombu import Exchange, Queue

lab = labq.Lab(seed=11, start="2030-01-01T09:00:00Z")
app = labq.Celery("shop", broker="amqp://", backend="rpc://")
app.conf.task_queues = [Queue("celery"), Queue("mail", Exchange("mail", type="topic"), routing_key="mail.#")]
app.conf.task_routes = {"shop.send": {"queue": "mail", "routing_key": "mail.now"}}


@app.task(name="shop.add")
def add(x, y):
    return x + y


@app.task(name="shop.slow")
def slow(seconds):
    time.sleep(seconds)
    return sorted({"pear", "apple", "plum"})


@app.task(name="shop.broken")
def broken():
    raise KeyError("no such order")


@app.task(name="shop.send", bind=True, autoretry_for=(OSError,), retry_backoff=True, max_retries=4)
def send(self, who):
    if self.request.retries < 3:
        raise OSError("mail server busy")
    return who


first = lab.start_worker(app, hostname="w1@lab", pool="prefork", concurrency=2, queues=["celery", "mail"])
second = lab.start_worker(app, hostname="w2@lab", pool="solo", queues=["celery"])
results = [add.delay(number, number) for number in range(5)]
results += [slow.delay(3), send.delay("ann"), broken.delay(), add.apply_async((1, 2), countdown=7.5), slow.delay(1)]
lab.run()
for result in results:
    print(result.id, result.state, result.result, result.traceback)
for record in lab.log:
    print(record)
print(sorted(app.tasks))
print(lab)
"""
"""Two workers, two pools, two queues, a retry with jitter, a failure, an eta: each place where order could slip."""

BY_HASH = "print(list({'ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jon', 'kim', 'leo'}))"
"""A scenario that leaves its order to the hash of text."""

HASH_SEEDS = ("0", "1", "4294967295")


def _printed(scenario: str, hash_seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", scenario], check=False, capture_output=True, env=environment)
    if done.returncode:
        pytest.fail(done.stderr.decode())
    return done.stdout


@pytest.fixture(scope="module")
def printed() -> list[bytes]:
    """What the scenario printed in each process."""
    return [_printed(SCENARIO, hash_seed) for hash_seed in HASH_SEEDS]


def test_one_scenario_logs_the_same_bytes_under_any_hash_seed(printed):
    """Ids, times, order and texts depend on the lab's seed and on nothing of the process."""
    assert printed[0] == printed[1] == printed[2]


def test_the_scenario_goes_through_every_place_that_could_differ(printed):
    """The comparison would mean little if the scenario had stopped early."""
    log = printed[0].decode()
    kinds = ("message-published", "message-delivered", "task-retried", "task-failed", "task-scheduled", "body-slept")
    assert [kind for kind in kinds if kind not in log] == []
    assert log.count("task-succeeded") >= 9  # five sums, two sleepers, one letter, one late sum


def test_the_guard_sees_an_order_that_comes_from_hashes():
    """A scenario that prints a set is caught, so the processes really hash differently."""
    assert len({_printed(BY_HASH, hash_seed) for hash_seed in HASH_SEEDS}) > 1
