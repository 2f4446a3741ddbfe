"""Backends that people bring: a class that says where results are kept, given as itself or by its name."""

from __future__ import annotations

from typing import ClassVar

import pytest

from labq import Celery, chord
from labq.backends.base import BaseBackend, KeyValueStoreBackend, SyncBackendMixin
from labq.backends.cache import CacheBackend
from labq.result import AsyncResult, GroupResult


class Shelf(KeyValueStoreBackend):
    """Keeps results in a dictionary of its own."""

    kept: ClassVar[dict] = {}

    def get(self, key):
        """Return what is there."""
        return self.kept.get(key)

    def set(self, key, value):
        """Keep it."""
        self.kept[key] = value

    def delete(self, key):
        """Take it away."""
        self.kept.pop(key, None)


class Counting(Shelf):
    """One that can count."""

    implements_incr = True

    def incr(self, key):
        """Add one."""
        self.kept[key] = self.kept.get(key, 0) + 1
        return self.kept[key]


@pytest.fixture(autouse=True)
def empty():
    """Begin with an empty shelf."""
    Shelf.kept.clear()


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("backend", [Shelf, f"{__name__}:Shelf", f"{__name__}.Shelf", f"{__name__}:Shelf+any://where"])
def test_a_backend_may_be_a_class_or_its_name(backend):
    """As in Celery, with an address of its own if it needs one."""
    app = Celery("proj", broker="amqp://", backend=backend, set_as_current=False)
    assert type(app.backend) is Shelf
    assert app.backend.url == ("any://where" if "+" in str(backend) else None)


@pytest.mark.parametrize("backend", [Shelf, Counting])
def test_results_and_chords_work_on_a_shelf(lab, backend):
    """Where nothing counts, a task looks again and again whether the header has ended."""
    app = Celery("proj", broker="amqp://", backend=backend, set_as_current=False)

    @app.task(shared=False)
    def add(x, y):
        return x + y

    @app.task(shared=False)
    def tsum(values):
        return sum(values)

    @app.task(shared=False)
    def fail():
        msg = "boom"
        raise ValueError(msg)

    lab.start_worker(app)
    result = add.delay(2, 3)
    assert (result.get(), result.state) == (5, "SUCCESS")
    assert app.backend.get_key_for_task(result.id) in Shelf.kept
    assert chord([add.s(1, 1), add.s(2, 2)], app=app)(tsum.s()).get() == 6
    with pytest.raises(ValueError, match="boom"):
        fail.delay().get()
    looked = [r for r in lab.log.select(kind="message-published") if r["task"] == "celery.chord_unlock"]
    assert bool(looked) == (backend is Shelf)
    result.forget()
    assert (result.state, app.backend.task_result_exists(result.id)) == ("PENDING", False)


def test_the_labs_own_backend_is_one_of_them(app):
    """The very bytes lie under Celery's keys."""
    app.backend.store_result("t", 1, "SUCCESS")
    assert isinstance(app.backend, CacheBackend | KeyValueStoreBackend | BaseBackend)
    assert b'"SUCCESS"' in app.backend.get(app.backend.get_key_for_task("t"))
    with pytest.raises(ValueError, match="task_id must not be empty"):
        app.backend.get_key_for_task(None)


@pytest.mark.usefixtures("lab")
def test_what_a_class_does_not_give_is_named():
    """In Celery's words."""
    app = Celery("proj", broker="amqp://", backend=KeyValueStoreBackend, set_as_current=False)
    with pytest.raises(NotImplementedError, match="Must implement the get method"):
        app.backend.get("key")


class Ledger(SyncBackendMixin):
    """No backend of labq's: it knows how to wait, and borrows the rest."""

    def __init__(self, kept):
        self.kept = kept

    def _ensure_not_eager(self):
        """Have no opinion about eager apps."""

    def wait_for(self, task_id, **_):
        """Have everything at hand, or nothing."""
        return self.kept.get(task_id)

    def get_many(self, task_ids, **_):
        """Give what is kept, in order."""
        return ((task_id, self.kept[task_id]) for task_id in task_ids)

    def get_task_meta(self, task_id):
        """Give what is kept."""
        return self.kept[task_id]


def test_what_knows_how_to_wait_needs_little_else(app):
    """A result asks ``wait_for``, a group of results ``get_many``; who knows nothing answers None."""
    ledger = Ledger({name: {"status": "SUCCESS", "result": name.upper()} for name in ("a", "b")})
    results = [AsyncResult(name, backend=ledger, app=app) for name in ("a", "b", "c")]
    assert [result.get() for result in results] == ["A", "B", None]
    inner = GroupResult("g", results[:1])
    whole = GroupResult("h", [inner, results[1]])
    assert list(ledger.iter_native(whole)) == [("g", [results[0]]), ("b", ledger.kept["b"])]
    assert ledger.add_pending_result(whole) is whole
