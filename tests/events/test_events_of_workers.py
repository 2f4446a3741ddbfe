"""Events in a lab: when they are sent, what silence costs, and how they are rewound."""

from __future__ import annotations

import time

import pytest

from labq import Celery, Lab, signals
from labq.exceptions import ImproperlyConfigured


@pytest.fixture
def seen():
    """The events that a receiver has got."""
    return []


@pytest.fixture
def receiver(app, seen):
    """A receiver that keeps everything."""
    return app.events.Receiver(handlers={"*": seen.append})


@pytest.fixture
def add(app):
    """A task."""

    @app.task(name="add", shared=False)
    def add(x, y):
        return x + y

    return add


def types(events):
    """Return the types of events."""
    return [event["type"] for event in events]


def test_a_worker_that_nobody_watches_leaves_no_trace():
    """Neither its heart nor its tasks write a record more."""

    def records(**options):
        with Lab(seed=1, start="2030-01-01T09:00:00Z") as other:
            app = Celery("proj", broker="amqp://", backend="cache+memory://", set_as_current=False)
            app.task(name="add", shared=False)(lambda_add)
            other.start_worker(app, **options)
            app.send_task("add", (1, 2))
            other.run()
            other.advance(100)
            return [str(record) for record in other.log]

    assert records() == records(task_events=True) == records(without_heartbeat=True)


def lambda_add(x, y):
    """Add."""
    return x + y


def test_a_capture_drives_the_lab_and_ends_with_it(lab, app, add, receiver, seen):
    """Without limit and timeout it takes everything until only heartbeats would come."""
    lab.start_worker(app, hostname="w1@lab", task_events=True)
    add.apply_async((1, 2), countdown=30)
    receiver.capture()
    tasks = [kind for kind in types(seen) if kind.startswith("task-")]
    assert tasks == ["task-received", "task-started", "task-succeeded"]
    assert lab.time == 30


def test_hearts_beat_every_two_seconds_while_somebody_listens(lab, app, receiver, seen):
    """At the moments at which they would have beaten all the time."""
    lab.advance(0.5)
    lab.start_worker(app, hostname="w1@lab")
    lab.advance(6.25)
    began = lab.clock.start.timestamp() + 0.5
    receiver.capture(limit=8, wakeup=False)
    moments = [event["timestamp"] - began for event in seen]
    assert set(types(seen)) == {"worker-heartbeat"}
    assert moments == [8.0 + 2 * n for n in range(len(moments))]
    assert len(moments) >= 3
    quiet = len(lab.log)
    lab.advance(60)
    assert len(lab.log) - quiet <= 2  # the receiver's queue has gone, and with it the hearts' reason


def test_heartbeats_do_not_keep_the_lab_busy(lab, app, receiver):
    """``run()`` ends although a receiver listens."""
    lab.start_worker(app)
    capture = receiver.itercapture()
    next(capture)
    lab.run()
    assert lab.time < 10
    capture.close()


def test_the_heart_of_a_busy_solo_worker_stands_still(lab, app, receiver, seen):
    """Its only thread is the body's: the beats that were due come when the task is over."""

    @app.task(shared=False)
    def nap():
        time.sleep(5)

    lab.start_worker(app, pool="solo")
    capture = receiver.itercapture(timeout=20)
    next(capture)
    nap.delay()
    for _ in capture:
        if len(seen) == 4:
            break
    capture.close()
    began = lab.clock.start.timestamp()
    assert [event["timestamp"] - began for event in seen] == [0.0, 5.0, 5.0, 6.0]
    assert [event.get("processed") for event in seen] == [None, 1, 1, 1]


def test_a_heart_beats_for_its_signal_too(lab, app):
    """``heartbeat_sent`` is sent at each beat, whoever listens to the events."""
    beats = []
    hear = lambda **_: beats.append(lab.time)  # noqa: E731 - a receiver of one line
    signals.heartbeat_sent.connect(hear, weak=False)
    try:
        lab.start_worker(app)
        lab.advance(5)
    finally:
        signals.heartbeat_sent.disconnect(hear)
    assert beats == [0.0, 2.0, 4.0]


def test_a_worker_says_that_it_comes_and_goes(lab, app, receiver, seen):
    """Online when it starts, offline when it begins to stop."""
    worker = lab.start_worker(app, hostname="w0@lab")
    listening = receiver.itercapture(timeout=50)
    next(listening)
    started = lab.start_worker(app, hostname="w1@lab", heartbeat_interval=7)
    started.stop()
    worker.stop()
    for _ in listening:
        if types(seen).count("worker-offline") == 2:
            break
    told = [
        (event["type"], event["hostname"], event.get("freq")) for event in seen if event["type"] != "worker-heartbeat"
    ]
    assert told == [
        ("worker-online", "w1@lab", 7.0), ("worker-offline", "w1@lab", 7.0), ("worker-offline", "w0@lab", 2.0),
    ]  # fmt: skip


def test_events_of_a_task_that_ends_during_a_warm_stop_are_still_told(lab, app, receiver, seen):
    """The worker is offline by then, as in Celery."""

    @app.task(shared=False)
    def nap():
        time.sleep(5)

    worker = lab.start_worker(app, task_events=True)
    capture = receiver.itercapture(timeout=50)
    next(capture)
    nap.delay()
    lab.run(until=1)
    worker.stop()
    for _ in capture:
        if "task-succeeded" in types(seen):
            break
    assert types(seen)[-2:] == ["worker-offline", "task-succeeded"]


def test_tasks_are_told_of_in_heaps_where_kombu_can_wait(lab, app, add, receiver, seen):
    """On AMQP the events of a task go by ``task.multi``, on memory:// one by one."""
    lab.start_worker(app, task_events=True)
    capture = receiver.itercapture(timeout=5)
    next(capture)
    add.delay(1, 2)
    for _ in capture:
        if "task-succeeded" in types(seen):
            break
    keys = [
        record["routing_key"] for record in lab.log.select(kind="message-published") if record["exchange"] == "celeryev"
    ]
    assert "task.multi" in keys
    assert not {"task.received", "task.started"} & set(keys)


def test_the_clocks_of_events_go_up(lab, app, add, receiver, seen):
    """Of one worker strictly, and the receiver's is beyond them all."""
    lab.start_worker(app, task_events=True)
    for n in range(5):
        add.delay(n, n)
    receiver.capture()
    clocks = [event["clock"] for event in seen]
    assert sorted(set(clocks)) == sorted(clocks)
    assert app.clock.value > max(clocks)


def test_the_events_of_a_terminated_task(lab, app, receiver, seen):
    """Revoked, by which signal, and not expired."""

    @app.task(shared=False)
    def nap():
        time.sleep(50)

    lab.start_worker(app, task_events=True)
    capture = receiver.itercapture(timeout=100)
    next(capture)
    result = nap.delay()
    lab.run(until=1)
    app.control.terminate(result.id, signal="SIGKILL")
    for _ in capture:
        if "task-revoked" in types(seen):
            break
    (event,) = [event for event in seen if event["type"] == "task-revoked"]
    assert (event["uuid"], event["terminated"], event["signum"], event["expired"]) == (result.id, True, 9, False)


def test_a_retry_names_its_cause(lab, app, receiver, seen):
    """As a prefork worker of Celery names it."""

    @app.task(bind=True, shared=False, max_retries=1)
    def flaky(self):
        raise self.retry(exc=KeyError("again"), countdown=1)

    lab.start_worker(app, task_events=True)
    flaky.delay()
    receiver.capture()
    said = {event["type"]: event.get("exception") for event in seen if event["type"] in ("task-retried", "task-failed")}
    assert said == {"task-retried": "KeyError('again')", "task-failed": "KeyError('again')"}


def test_watching_is_rewound_like_everything(lab, app, add, receiver):
    """The log grows again to the same lines, heartbeats, clocks and all."""
    lab.start_worker(app, hostname="w1@lab", task_events=True)
    add.delay(1, 2)
    receiver.capture()
    add.apply_async((3, 4), countdown=5)
    receiver.capture()
    lab.advance(3)
    whole = [str(record) for record in lab.log]
    for place in range(len(whole), 0, -5):
        lab.rewind(to=min(place, len(lab.log)))
        assert [str(record) for record in lab.log] == whole[: len(lab.log)]


def test_the_same_scenario_gives_the_same_events():
    """Ids, clocks and moments depend on the seed alone."""

    def told():
        events = []
        with Lab(seed=3, start="2030-01-01T09:00:00Z") as lab:
            app = Celery("proj", broker="amqp://", set_as_current=False, task_send_sent_event=True)
            app.task(name="add", shared=False)(lambda_add)
            lab.start_worker(app, task_events=True)
            receiver = app.events.Receiver(handlers={"*": events.append})
            capture = receiver.itercapture()
            next(capture)
            app.send_task("add", (1, 2))
            for _ in capture:
                pass
        return events

    first = told()
    assert first == told()
    assert "task-sent" in types(first)


def test_a_receiver_works_inside_a_task(lab, app):
    """A monitor may be a task itself."""

    @app.task(shared=False)
    def watch():
        events = []
        app.events.Receiver(handlers={"*": lambda event: events.append(event["type"])}).capture(limit=3)
        return events

    lab.start_worker(app, concurrency=2, task_events=True)
    assert "worker-heartbeat" in watch.delay().get()


def test_a_receiver_at_another_broker(lab, seen):
    """Given by its address."""
    app = Celery("there", broker="amqp://else//", set_as_current=False)
    lab.start_worker(app)
    here = Celery("here", broker="amqp://", set_as_current=False)
    here.events.Receiver("amqp://else//", handlers={"*": seen.append}).capture(limit=3, wakeup=False)
    assert set(types(seen)) == {"worker-heartbeat"}


def test_a_receivers_queue_is_one_thing_or_the_other(app):
    """Celery's words."""
    with pytest.raises(
        ImproperlyConfigured, match=r"Queue cannot be both exclusive and durable, choose one or the other"
    ):
        app.events.Receiver(queue_exclusive=True, queue_durable=True)


def test_a_camera_takes_pictures_of_virtual_time(lab, app, add):
    """One each second while the lab goes on, and a last one at the end; a rewind takes none again."""
    from labq.events.snapshot import Polaroid

    pictures = []

    class Camera(Polaroid):
        def on_shutter(self, state):
            pictures.append((lab.time, state.task_count))

    lab.start_worker(app, task_events=True)
    state = app.events.State()
    with Camera(state, freq=1.0, app=app):
        add.apply_async((1, 2), countdown=2.5)
        app.events.Receiver(handlers={"*": state.event}).capture()
    assert pictures[:2] == [(1.0, 1), (2.0, 1)]
    assert pictures[-1][1] == 1
    taken = list(pictures)
    lab.rewind(to=len(lab.log))
    assert pictures == taken


def test_a_state_knows_a_worker_that_is_gone_by_its_silence(lab, app):
    """After two intervals without a heartbeat."""
    worker = lab.start_worker(app, hostname="w1@lab")
    state = app.events.State()
    app.events.Receiver(handlers={"*": state.event}).capture(limit=4, wakeup=False)
    assert [each.hostname for each in state.alive_workers()] == ["w1@lab"]
    worker.stop()
    lab.advance(10)
    assert list(state.alive_workers()) == []
    assert state.workers["w1@lab"].status_string == "OFFLINE"


def test_events_are_dumped_as_they_come(lab, app, add, capsys):
    """What ``celery events --dump`` prints."""
    from labq.events.dumper import evdump

    lab.start_worker(app, hostname="w1@lab", task_events=True)
    result = add.delay(1, 2)
    evdump(app)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "-> evdump: starting capture..."
    assert any(f"task received: add({result.id}) args=(1, 2) kwargs={{}}" in line for line in lines)
    assert any(line.startswith("w1@lab [2030-01-01 09:00:00+00:00] heartbeat: ") for line in lines)
