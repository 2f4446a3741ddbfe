"""What is done with workers that have children: limits, kills, revokes, rates, sizes, ways to stop."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

Scenario = Callable[[Any], Any]
SCENARIOS: dict[str, tuple[Scenario, dict[str, Any], dict[str, Any]]] = {}
"""The scenarios by name, with the options of their worker and the settings of the app."""

TOLD = ("on_failure", "on_retry", "on_success", "after_return", "task_failure", "task_success", "task_retry",
        "task_postrun", "task_revoked", "warned", "ended")  # fmt: skip


def scenario(conf: dict[str, Any] | None = None, **options: Any) -> Callable[[Scenario], Scenario]:
    """Put a function on the list."""

    def decorate(function: Scenario) -> Scenario:
        SCENARIOS[function.__name__] = (function, {"pool": "prefork", "concurrency": 1, **options}, conf or {})
        return function

    return decorate


# -- limits of time ----------------------------------------------------------------------------------------------------


@scenario()
def a_hard_limit_of_the_call(worker: Any) -> Any:
    """The child is killed, the task fails, and the next task finds a new child."""
    answer = worker.answer(worker.send("nap", 20, time_limit=1))
    worker.wait(1)
    return [answer, worker.answer(worker.send("add", 1, 1)), worker.notes(*TOLD), worker.log("ERROR", "WARNING")]


@scenario(time_limit=1.0)
def a_hard_limit_of_the_worker(worker: Any) -> Any:
    """What a task does not say the worker's options say."""
    return [worker.answer(worker.send("nap", 20)), worker.answer(worker.send("look"))]


@scenario({"task_time_limit": 1})
def a_hard_limit_of_the_settings(worker: Any) -> Any:
    """So do the settings."""
    return worker.answer(worker.send("nap", 20))


@scenario()
def a_hard_limit_of_the_task(worker: Any) -> Any:
    """The task's own attribute counts, unless the call says something else."""
    return [worker.answer(worker.send("short", 20)), worker.answer(worker.send("short", 1.5, time_limit=4))]


@scenario()
def a_hard_limit_and_a_late_acknowledgement(worker: Any) -> Any:
    """The message is acknowledged with the failure."""
    answer = worker.answer(worker.send("late", 20, time_limit=1))
    worker.stop("warm")
    worker.ended()
    return [answer, worker.left(), worker.notes("task_failure", "on_failure")]


@scenario()
def a_hard_limit_without_an_acknowledgement(worker: Any) -> Any:
    """With acks_on_timeout off the message comes back and is run again."""
    result = worker.send("untimed", 20, time_limit=1)
    worker.wait(8)  # a real pool may take seconds to have a new child
    return [worker.answer(result), worker.notes("task_failure", "on_failure", "after_return")]


@scenario()
def a_soft_limit(worker: Any) -> Any:
    """The body is warned by an exception, and fails by it."""
    answer = worker.answer(worker.send("nap", 20, soft_time_limit=1))
    return [answer, worker.notes(*TOLD), worker.log("ERROR", "WARNING")]


@scenario()
def a_soft_limit_that_is_heeded(worker: Any) -> Any:
    """A body that catches the warning may end well."""
    answer = worker.answer(worker.send("nap", 20, "careful", soft_time_limit=1, time_limit=3))
    worker.wait(0.5)
    return [answer, worker.notes(*TOLD)]


@scenario()
def a_soft_limit_that_is_not_heeded(worker: Any) -> Any:
    """A body that goes on is killed when the hard limit comes."""
    answer = worker.answer(worker.send("nap", 20, "stubborn", soft_time_limit=1, time_limit=2))
    worker.wait(3)
    return [answer, worker.notes(*TOLD), worker.log("ERROR", "WARNING")]


@scenario(soft_time_limit=1.0, time_limit=2.0)
def a_soft_limit_of_the_worker(worker: Any) -> Any:
    """The worker's soft limit warns, too."""
    return [worker.answer(worker.send("nap", 20)), worker.log("WARNING"), worker.stats()["pool"]["timeouts"]]


# -- children ----------------------------------------------------------------------------------------------------------


@scenario()
def a_child_is_killed(worker: Any) -> Any:
    """Its task fails as WorkerLostError."""
    result = worker.send("nap", 20)
    worker.wait(1)
    worker.kill_child(signal.SIGKILL)
    answer = worker.answer(result)
    alive = worker.answer(worker.send("add", 1, 1))
    return [answer, alive, worker.notes("task_failure", "on_failure"), worker.log("ERROR")]


@scenario()
def a_child_is_killed_with_a_late_message(worker: Any) -> Any:
    """It fails as well: what was lost is not run twice unless the task says so."""
    result = worker.send("late", 20)
    worker.wait(1)
    worker.kill_child(signal.SIGKILL)
    answer = worker.answer(result)
    worker.stop("warm")
    worker.ended()
    return [answer, worker.left()]


@scenario()
def a_child_is_killed_and_the_message_returns(worker: Any) -> Any:
    """With reject_on_worker_lost it is run again."""
    result = worker.send("returning", 20)
    worker.wait(1)
    worker.kill_child(signal.SIGKILL)
    return [worker.answer(result), worker.notes("task_failure", "on_failure"), worker.log("ERROR")]


@scenario()
def a_child_is_killed_and_the_task_is_retried(worker: Any) -> Any:
    """With retry_on_worker_lost it is sent again."""
    result = worker.send("again", 20)
    worker.wait(1)
    worker.kill_child(signal.SIGKILL)
    worker.wait(2)
    return [worker.answer(result), worker.notes("task_failure", "on_retry", "task_retry"), worker.log("ERROR")]


@scenario()
def a_child_leaves(worker: Any) -> Any:
    """SystemExit in a body ends the child."""
    answer = worker.answer(worker.send("leave", 3))
    worker.wait(1)
    return [answer, worker.notes("task_failure", "on_failure", "worker_process_shutdown")]


@scenario(max_tasks_per_child=2)
def children_are_replaced(worker: Any) -> Any:
    """After so many tasks a child goes and another one comes."""
    answers = [worker.answer(worker.send("add", 1, number)) for number in range(4)]
    worker.wait(1)
    return [answers, worker.order("worker_process_shutdown"), worker.stats()["pool"]["max-tasks-per-child"]]


@scenario()
def a_pool_grows_and_shrinks(worker: Any) -> Any:
    """The window follows; a busy pool does not shrink."""
    windows = [worker.stats()["prefetch"]]
    result = worker.send("nap", 2)
    worker.wait(1)
    for change in (-1, 2, -1):  # the first in vain: the only child is busy
        worker.grow(change)
        worker.wait(0.5)
        windows.append(worker.stats()["prefetch"])
        if change < 0:
            worker.answer(result)
    return windows


# -- revoking ----------------------------------------------------------------------------------------------------------


@scenario()
def a_running_task_is_ended(worker: Any) -> Any:
    """Its child ends, its state is REVOKED, and a new child takes over."""
    result = worker.send("nap", 20)
    worker.wait(1)
    worker.revoke(result, terminate=True)
    worker.wait(1)
    answer = worker.answer(result)
    return [answer, worker.answer(worker.send("add", 1, 1)), worker.notes(*TOLD), worker.log("ERROR", "WARNING")]


@scenario()
def a_running_task_is_killed(worker: Any) -> Any:
    """A signal that no process can catch."""
    result = worker.send("late", 20)
    worker.wait(1)
    worker.revoke(result, terminate=True, signal="SIGKILL")
    worker.wait(1)
    answer = worker.answer(result)
    worker.stop("warm")
    worker.ended()
    return [answer, worker.left(), worker.notes("task_revoked", "task_failure", "on_failure")]


@scenario()
def a_running_task_is_revoked_without_being_ended(worker: Any) -> Any:
    """Then nothing happens to it."""
    result = worker.send("nap", 1.5)
    worker.wait(0.7)
    worker.revoke(result)
    return [worker.answer(result), worker.notes("task_revoked")]


@scenario()
def a_reserved_task_is_revoked(worker: Any) -> Any:
    """It is discarded when its turn comes, and its state says so at once."""
    first, second = worker.send("nap", 1.5), worker.send("nap", 1)
    worker.wait(0.7)
    worker.revoke(second)
    answers = [worker.answer(second), worker.answer(first)]
    worker.wait(0.5)
    return [answers, worker.notes("task_revoked", "task_prerun")]


@scenario()
def a_scheduled_task_is_revoked(worker: Any) -> Any:
    """So is one that waits for its moment."""
    result = worker.send("add", 1, 1, countdown=1.5)
    worker.wait(0.5)
    worker.revoke(result)
    worker.wait(2)
    return [worker.answer(result), worker.notes("task_revoked", "task_prerun", "task_received")]


@scenario()
def a_task_is_warned_by_a_signal(worker: Any) -> Any:
    """SIGUSR1 raises the soft limit's exception in the body."""
    result = worker.send("nap", 20, "careful")
    worker.wait(1)
    worker.revoke(result, terminate=True, signal="SIGUSR1")
    worker.wait(1)
    return [worker.answer(result), worker.notes("warned", "on_success", "task_revoked")]


@scenario()
def a_task_that_is_too_late(worker: Any) -> Any:
    """It expires while it waits for the only child."""
    first = worker.send("nap", 1.5)
    worker.wait(0.3)
    second = worker.send("add", 1, 1, expires=0.7)
    answers = [worker.answer(first), worker.answer(second)]
    worker.wait(0.5)
    return [answers, worker.notes("task_revoked")]


# -- stopping ----------------------------------------------------------------------------------------------------------


@scenario(concurrency=2)
def a_warm_stop(worker: Any) -> Any:
    """What runs ends; what was only reserved or scheduled goes back."""
    running = [worker.send("nap", 2), worker.send("late", 2)]
    waiting = [worker.send("nap", 1), worker.send("nap", 1, countdown=30)]
    worker.wait(1)
    worker.stop("warm")
    worker.ended()
    states = [result.state for result in running + waiting]
    signals = worker.notes("worker_shutting_down", "worker_shutdown", "worker_process_shutdown")
    return [states, worker.left(), signals]


@scenario(concurrency=3)
def a_cold_stop(worker: Any) -> Any:
    """What runs is ended: acknowledged messages are said to be retried, late ones go back."""
    early, late = worker.send("nap", 20), worker.send("late", 20)
    waiting = worker.send("nap", 1, countdown=30)
    worker.wait(1)
    worker.stop("cold")
    worker.ended()
    states = [result.state for result in (early, late, waiting)]
    signals = worker.notes(
        "worker_shutting_down", "worker_shutdown", "task_retry", "on_retry", "ended", "worker_process_shutdown"
    )
    return [states, repr(early.result), worker.left(), signals]


@scenario({"worker_soft_shutdown_timeout": 3}, concurrency=4)
def a_soft_stop(worker: Any) -> Any:
    """Who ends within the time of grace ends well."""
    results = [worker.send("nap", 2), worker.send("late", 2), worker.send("nap", 20), worker.send("late", 20)]
    worker.wait(1)
    worker.stop("cold")
    worker.ended()
    return [[result.state for result in results], worker.left(), worker.log("WARNING")]


@scenario()
def a_warm_stop_that_becomes_cold(worker: Any) -> Any:
    """A second signal ends the waiting."""
    result = worker.send("late", 20)
    worker.wait(1)
    worker.stop("warm")
    worker.wait(1)
    worker.stop("cold")
    worker.ended()
    return [result.state, worker.left(), worker.notes("worker_shutting_down")]


# -- the rest ----------------------------------------------------------------------------------------------------------


@scenario(concurrency=4)
def rates_are_kept_and_changed(worker: Any) -> Any:
    """A rate limit spaces tasks; none is dropped, and it can be taken away while the worker runs."""
    first = [worker.send("limited", number) for number in range(3)]
    worker.wait(0.25)
    done = [result.state for result in first]
    worker.wait(1.5)
    worker.rate("limited", "")
    second = [worker.send("limited", number) for number in range(4)]
    worker.wait(0.6)
    return [done, [worker.answer(result) for result in first], [result.state for result in second]]


@scenario()
def an_unacknowledged_failure(worker: Any) -> Any:
    """With acks_on_failure off the message goes away, and does not come back."""
    answer = worker.answer(worker.send("unacked_failure"))
    worker.wait(0.5)
    worker.stop("warm")
    worker.ended()
    return [answer, worker.left()]


@scenario()
def a_rejected_message(worker: Any) -> Any:
    """Reject without requeueing is a failure."""
    return [worker.answer(worker.send("away")), worker.notes("task_failure", "task_rejected", "task_internal_error")]


@scenario()
def the_signals_of_a_start(worker: Any) -> Any:
    """Who listens is told in this order; the child's own signal comes when it comes."""
    worker.wait(0.5)
    told = ("celeryd_init", "worker_init", "celeryd_after_setup", "worker_before_create_process", "worker_ready")
    return [worker.order(*told), worker.notes(*told, "worker_process_init")]


@scenario(prefetch_multiplier=2, concurrency=2)
def scheduled_tasks_widen_the_window(worker: Any) -> Any:
    """Tasks that wait for their moment do not count."""
    before = worker.stats()["prefetch"]
    for _ in range(3):
        worker.send("add", 1, 1, countdown=30)
    worker.wait(1)
    return [before, worker.stats()["prefetch"], worker.stats()["total"]]


@scenario({"worker_eta_task_limit": 5}, prefetch_multiplier=2, concurrency=2)
def scheduled_tasks_widen_the_window_so_far(worker: Any) -> Any:
    """With worker_eta_task_limit only up to there; what comes due narrows it all the same."""
    for _ in range(3):
        worker.send("add", 1, 1, countdown=2)
    worker.wait(1)
    wide = worker.stats()["prefetch"]
    worker.wait(2)
    return [wide, worker.stats()["prefetch"]]


@scenario(autoscale="3,1")
def a_worker_scales(worker: Any) -> Any:
    """More tasks, more children."""
    for _ in range(4):
        worker.send("nap", 3)
    worker.wait(2)
    told = worker.stats()
    return [len(told["pool"]["processes"]), told["prefetch"]]


@scenario(pool="threads", concurrency=2)
def threads_know_no_limits(worker: Any) -> Any:
    """A thread cannot be ended, so no limit is kept."""
    return [worker.answer(worker.send("nap", 1.5, time_limit=1, soft_time_limit=1)), worker.log("ERROR", "WARNING")]


@scenario(pool="solo")
def a_solo_worker_knows_no_limits(worker: Any) -> Any:
    """Nor can the worker end itself."""
    return [worker.answer(worker.send("nap", 1.5, time_limit=1)), worker.notes("worker_process_init")]


@scenario(pool="gevent", concurrency=4)
def gevent_knows_hard_limits(worker: Any) -> Any:
    """A green thread that waits can be ended, but not warned."""
    hard = worker.answer(worker.send("nap", 20, time_limit=1))
    soft = worker.answer(worker.send("nap", 1.5, soft_time_limit=1))
    told = ("task_failure", "on_failure", "after_return", "task_postrun", "task_success")
    return [hard, soft, worker.notes(*told), worker.log("ERROR", "WARNING")]


@scenario(pool="gevent", concurrency=4)
def a_green_thread_is_ended(worker: Any) -> Any:
    """Revoking with terminate ends it where it waits."""
    result = worker.send("nap", 20)
    worker.wait(1)
    worker.revoke(result, terminate=True)
    worker.wait(0.5)
    return [worker.answer(result), worker.answer(worker.send("add", 1, 1)), worker.notes("task_revoked", "on_failure")]


def _stopped(worker: Any, how: str) -> Any:
    """Stop a worker in the middle of an early and a late task, with one that is not due yet."""
    results = [worker.send("nap", 3), worker.send("late", 3), worker.send("nap", 1, countdown=30)]
    worker.wait(1)
    worker.stop(how)
    worker.ended()
    told = worker.notes("worker_shutting_down", "worker_shutdown", "task_retry", "on_retry")
    return [[result.state for result in results], worker.left(), told]


@scenario(pool="threads", concurrency=2)
def a_warm_stop_of_threads(worker: Any) -> Any:
    """Threads end as children do."""
    return _stopped(worker, "warm")


@scenario(pool="threads", concurrency=2)
def a_cold_stop_of_threads(worker: Any) -> Any:
    """Nobody can end a thread."""
    return _stopped(worker, "cold")


@scenario(pool="gevent", concurrency=2)
def a_warm_stop_of_green_threads(worker: Any) -> Any:
    """Green threads end as children do."""
    return _stopped(worker, "warm")


@scenario()
def a_task_is_ended_before_it_runs(worker: Any) -> Any:
    """Told to end while it is reserved, it is discarded when its turn comes."""
    first, second = worker.send("nap", 1.5), worker.send("nap", 1)
    worker.wait(0.7)
    worker.revoke(second, terminate=True)
    answers = [worker.answer(second), worker.answer(first)]
    worker.wait(0.5)
    return [answers, worker.notes("task_revoked", "task_prerun"), worker.log("ERROR", "WARNING")]


@scenario(concurrency=2)
def late_messages_of_a_killed_child_with_time_left(worker: Any) -> Any:
    """The other child is not touched."""
    other = worker.send("nap", 2)
    worker.wait(0.3)
    result = worker.send("late", 20)
    worker.wait(1)
    worker.revoke(result, terminate=True, signal="SIGQUIT")
    return [worker.answer(result), worker.answer(other), worker.notes("task_revoked")]


@scenario({"worker_disable_prefetch": True})
def prefetching_cannot_be_switched_off_on_amqp(worker: Any) -> Any:
    """The log says so."""
    return [worker.stats()["prefetch"], [line for line in worker.log("WARNING") if "prefetch" in line]]


@scenario({"worker_pool_restarts": True}, max_tasks_per_child=3)
def what_statistics_say_of_a_pool(worker: Any) -> Any:
    """The names and values of the pool's own facts, but for the processes and what was written to them."""
    pool = worker.stats()["pool"]
    return {name: value for name, value in sorted(pool.items()) if name not in ("processes", "writes")}
