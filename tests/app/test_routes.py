"""Routing in a lab: whose queues a worker reads, kombu's own objects, settings that come late, priorities at work."""

from __future__ import annotations

import pytest

from labq import Celery
from labq.app.queues import Queues
from labq.exceptions import ImproperlyConfigured, QueueNotFound, Reject
from labq.kombu import Exchange, Queue
from labq.messaging_errors import NotFound, PreconditionFailed


@pytest.fixture
def order(lab):
    """Let a solo worker with no window run what waits in a queue; return the order in which it ran."""

    def run(app, queue, **options):
        ran = []

        def note(name):
            ran.append(name)

        app.task(note, name="note", shared=False)
        lab.start_worker(app, pool="solo", queues=[queue], prefetch_multiplier=1, **options)
        lab.run()
        return ran

    return run


def test_the_urgent_tasks_run_first(app, order):
    """On a queue that tells priorities apart; equals run in the order of their sending."""
    app.conf.task_queue_max_priority = 10
    for name, priority in (("a", 0), ("b", 5), ("c", 9), ("d", 5), ("e", None)):
        app.send_task("note", (name,), queue="urgent", priority=priority)
    assert order(app, "urgent") == ["c", "b", "d", "a", "e"]


def test_without_a_highest_priority_the_first_sent_runs_first(app, order):
    """The property travels and means nothing to the queue."""
    for name, priority in (("a", 0), ("b", 9)):
        app.send_task("note", (name,), queue="plain", priority=priority)
    assert order(app, "plain") == ["a", "b"]


def test_kombus_own_objects_will_do(app, order):
    """Only their attributes are read."""
    kombu = pytest.importorskip("kombu")
    queue = kombu.Queue("theirs", kombu.Exchange("theirs", "topic"), "t.#", queue_arguments={"x-max-priority": 2})
    app.conf.task_queues = [queue]
    for name, priority in (("a", 0), ("b", 2)):
        app.send_task("note", (name,), queue="theirs", routing_key="t.x", priority=priority)
    assert order(app, "theirs") == ["b", "a"]
    assert Queue("q", Exchange("x")) == kombu.Queue("q", kombu.Exchange("x"))


def test_a_rejected_task_is_found_in_the_dead_letter_queue(lab, app):
    """With its death in its headers, and in its story."""
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "morgue"}
    app.conf.task_queues = [Queue("work", Exchange("work"), "work", queue_arguments=arguments)]

    @app.task(name="t", bind=True, acks_late=True)
    def task(self):  # noqa: ARG001 - it is bound
        raise Reject("no", requeue=False)

    morgue = Queue("morgue")(app.connection_for_write())
    morgue.declare()
    lab.start_worker(app, queues=["work"])
    sent = task.apply_async(queue="work")
    lab.run()
    message = morgue.get()
    assert message.headers["x-death"][0]["reason"] == "rejected"
    ended = [record for record in lab.log if record.kind == "message-dead-lettered" and record.task_id == sent.id]
    assert [(record["queue"], record["reason"], record["exchange"]) for record in ended] == [("work", "rejected", "")]


def test_a_queue_declared_otherwise_is_refused_to_the_caller(app):
    """The task is not sent; the lab lives on."""
    app.send_task("t", queue=Queue("q", Exchange("q"), "q", queue_arguments={"x-max-priority": 3}))
    with pytest.raises(PreconditionFailed, match="inequivalent arg 'x-max-priority' for queue 'q'"):
        app.send_task("t", queue=Queue("q", Exchange("q"), "q", queue_arguments={"x-max-priority": 4}))
    assert app.send_task("t", queue="other").id


def test_a_missing_exchange_is_refused_to_the_caller(app):
    """With RabbitMQ's words."""
    with pytest.raises(NotFound, match=r"Basic.publish: \(404\) NOT_FOUND - no exchange 'nope' in vhost '/'"):
        app.send_task("t", exchange="nope", routing_key="k")


def test_what_a_call_wants_declared_is_there_first(app, order):
    """In the place of the queue that would be declared."""
    source, queue = Exchange("src", "topic"), Queue("q", Exchange("src", "topic"), "k.#")
    app.send_task("note", ("a",), exchange="src", routing_key="k.x", declare=[source, queue])
    app.conf.task_queues = [queue]
    assert order(app, "q") == ["a"]


def test_routes_and_queues_follow_the_settings(app):
    """In a notebook, settings are tried out one after the other."""
    queues = app.amqp.queues
    queues.add("mine", exchange="mine")
    app.send_task("t")
    assert app.amqp.queues is queues
    app.conf.task_routes = {"t": "elsewhere"}
    app.send_task("t")
    assert "elsewhere" in app.amqp.queues
    app.conf.task_queues = [Queue("other", Exchange("other"), "other")]
    assert list(app.amqp.queues) == ["other"]


@pytest.mark.parametrize(
    ("include", "exclude", "read"),
    [(None, [], ["a", "b"]), (["b", "c"], [], ["b", "c"]), (None, ["a"], ["b"]), (["short"], [], ["a"])],
)
def test_each_worker_chooses_among_the_queues_of_the_app(lab, app, include, exclude, read):
    """And changes nothing for the others."""
    app.conf.task_queues = [Queue("a", Exchange("a"), "a", alias="short"), Queue("b", Exchange("b"), "b")]
    worker = lab.start_worker(app, queues=include, exclude_queues=exclude)
    assert sorted(worker.worker.queues) == read
    assert sorted(app.amqp.queues.consume_from) == ["a", "b"]


def test_a_worker_may_have_a_queue_of_its_own(lab):
    """``worker_direct``: named after it."""
    app = Celery("proj", broker="amqp://", backend="cache+memory://", worker_direct=True)
    worker = lab.start_worker(app, hostname="w1@lab")
    assert sorted(worker.worker.queues) == ["celery", "w1@lab.dq2"]


def test_an_unknown_queue_is_refused_where_none_may_be_made_up(lab, app):
    """To callers and to workers, in Celery's words."""
    app.conf.task_create_missing_queues = False
    app.conf.task_queues = [Queue("celery", Exchange("celery"), "celery")]
    with pytest.raises(QueueNotFound, match="Queue 'nope' missing from task_queues"):
        app.send_task("t", queue="nope")
    with pytest.raises(ImproperlyConfigured, match="Trying to select queue subset"):
        lab.start_worker(app, queues=["nope"])


def test_queues_of_an_unknown_type_cannot_be_made_up():
    """The known ones are named."""
    with pytest.raises(ValueError, match="Valid types are 'classic' and 'quorum'"):
        Queues(create_missing_queue_type="wooden")["q"]
