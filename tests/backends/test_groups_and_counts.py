"""Groups and counters in a store; how many entries it keeps; what each backend refuses."""

from __future__ import annotations

import time
import warnings

import pytest

from labq import Celery, exceptions
from labq.backends.store import MOST_ENTRIES, MemoryStore, Stored
from labq.kernel.clock import Clock
from labq.log.log import Log


@pytest.fixture
def store(lab):
    """A store of its own."""
    return MemoryStore("cache+memory://", Log(Clock(lab.now)))


def result(state, value="1"):
    """Return what is stored for a result."""
    return Stored(value.encode(), state, value, None, "application/json", "utf-8")


def test_a_success_stays(store):
    """A task that was delivered twice changes nothing once it has succeeded."""
    store.put("t", result("FAILURE", "0"))
    store.put("t", result("SUCCESS", "1"))
    store.put("t", result("FAILURE", "2"))
    assert store.get("t").payload == b"1"


def test_the_oldest_result_gives_way(store):
    """Celery's memory has room for five thousand entries and forgets silently; the lab writes it down."""
    for number in range(MOST_ENTRIES + 1):
        store.put(str(number), result("SUCCESS"))
    assert store.get("0") is None
    assert not store.watch("0")()
    assert store.get("1") is not None
    assert [record.kind for record in store._log[-2:]] == ["result-stored", "result-forgotten"]


def test_a_result_that_is_written_again_is_young_again(store):
    """What counts is when it was written last; reading changes nothing, so that a rewind comes out the same."""
    for number in range(MOST_ENTRIES):
        store.put(str(number), result("STARTED"))
    store.put("0", result("SUCCESS"))
    store.get("1")
    store.put("new", result("SUCCESS"))
    assert store.get("0") is not None
    assert store.get("1") is None


def test_counting_needs_a_beginning(store):
    """A part of a chord that nobody has opened is an error, as incrementing a missing key is."""
    with pytest.raises(KeyError):
        store.count_part("g", "t", 2)
    store.open_count("g")
    assert [store.count_part("g", task_id, 2) for task_id in ("t", "u")] == [1, 2]
    store.drop_count("g")
    with pytest.raises(KeyError):
        store.count_part("g", "t", 2)


def test_a_part_that_comes_twice_counts_once(store):
    """A broker may deliver a message again; the chord must not begin before its other parts have ended."""
    store.open_count("g")
    assert [store.count_part("g", task_id, 2) for task_id in ("t", "t", "u")] == [1, 1, 2]


def test_groups_go_through_real_bytes(app):
    """What comes back was read from what was written."""
    written = app.GroupResult("g", [app.AsyncResult("a"), app.AsyncResult("b")])
    assert written.save() is written
    back = app.backend.restore_group("g")
    assert (back, back is written) == (written, False)
    app.backend.delete_group("g")
    assert app.backend.restore_group("g") is None


def test_two_apps_share_groups(lab, app):
    """The same address is the same store."""
    other = Celery("other", broker="amqp://", backend="cache+memory://", set_as_current=False)
    app.GroupResult("g", [app.AsyncResult("a")]).save()
    assert other.backend.restore_group("g").id == "g"
    assert len(lab.world.log) == 0  # keeping a group is no event of its own


@pytest.mark.parametrize("backend", ["rpc://", None])
@pytest.mark.usefixtures("lab")
def test_chords_need_a_backend_that_can_count(backend):
    """Celery's own words, and they come where the chord is sent."""
    app = Celery("proj", broker="amqp://", backend=backend, set_as_current=False)
    expected = "does not support chords" if backend else "requires a result backend"
    with pytest.raises(NotImplementedError, match=expected):
        app.backend.ensure_chords_allowed()


@pytest.mark.usefixtures("lab")
def test_settings_that_a_backend_cannot_keep_are_said_once():
    """When the backend is made, not at every result."""
    app = Celery("proj", broker="amqp://", backend="rpc://", result_compression="gzip", set_as_current=False)
    with pytest.warns(UserWarning, match="RPCBackend result backend cannot store compressed"):
        assert app.backend.as_uri() == "rpc://"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert app.backend.as_uri() == "rpc://"


def test_replies_can_be_listened_to(lab):
    """With replies, ``get`` may be told of every state that comes."""
    app = Celery("proj", broker="amqp://", backend="rpc://", set_as_current=False)

    @app.task(bind=True)
    def brew(self):
        self.update_state(state="BREWING", meta={"done": 1})
        return "tea"

    lab.start_worker(app)
    heard = []
    assert brew.delay().get(on_message=lambda meta: heard.append(meta["status"])) == "tea"
    assert heard == ["BREWING", "SUCCESS"]


def test_many_results_are_waited_for_together(lab, app):
    """They come in the order in which they are ready; the time is given once for all."""

    @app.task
    def brew(seconds):
        time.sleep(seconds)
        return seconds

    lab.start_worker(app, concurrency=3)
    results = [brew.delay(seconds) for seconds in (3, 1, 2)]
    ids = [each.id for each in results]
    assert [meta["result"] for _, meta in app.backend.get_many(ids, timeout=10)] == [1, 2, 3]
    late = brew.delay(100)
    with pytest.raises(exceptions.TimeoutError, match=r"Operation timed out \(5\)"):
        list(app.backend.get_many([late.id], timeout=5))
