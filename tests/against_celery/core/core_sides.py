"""The two sides: real Celery and labq, each with its way to have a worker, send strange bytes, look at stored ones.

Celery works on a broker and a backend in memory, with a worker in a thread of this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from core_means import LONG, Side


def celerys_side() -> Side:
    """Return real Celery; the only place that imports it."""
    import celery
    import kombu.exceptions
    import kombu.transport.memory
    from celery import exceptions, local, result, signals
    from celery.app import task, trace
    from celery.backends import cache
    from celery.contrib.testing.worker import start_worker
    from celery.worker import state

    @contextmanager
    def working(app: Any, **options: Any) -> Iterator[Any]:
        options = {"pool": "solo", "hostname": "w1@lab", "loglevel": "INFO", **options}
        trace.setup_worker_optimizations(app, options["hostname"])  # as the program celery worker does
        try:
            with start_worker(app, perform_ping_check=False, shutdown_timeout=LONG, **options) as worker:
                try:
                    yield worker
                finally:
                    state.should_terminate = 0
                    for _ in range(2):  # the worker wakes up, sees that it is to stop, and reads once more
                        app.control.broadcast("ping")
        finally:
            trace.reset_worker_optimizations(app)

    def publish(app: Any, body: Any, content_type: str, headers: Any, properties: Any) -> None:
        with app.producer_or_acquire() as producer:
            producer.publish(
                body,
                exchange="",
                routing_key="celery",
                content_type=content_type,
                content_encoding="utf-8",
                headers=headers,
                declare=[app.amqp.queues["celery"]],
                **properties,
            )

    def stored(app: Any, task_id: str) -> bytes:
        backend = app.backend
        kept = backend.get(backend.get_key_for_task(task_id))
        return kept.encode() if isinstance(kept, str) else bytes(kept)

    def renew() -> None:
        kombu.transport.memory.Channel.queues.clear()
        kombu.transport.memory.Transport.global_state.clear()
        cache._DUMMY_CLIENT_CACHE.clear()
        celery._state._tls.current_app = None
        celery._state.default_app = None
        celery._state._on_app_finalizers -= {
            each for each in celery._state._on_app_finalizers if each.__module__ != "celery.app.builtins"
        }
        state.should_terminate = None
        state.reset_state()
        state.revoked.clear()

    def read_error(written: Any) -> Any:
        return celery.Celery(backend="cache+memory://", set_as_current=False).backend.exception_to_python(written)

    parts = (celery, exceptions, kombu.exceptions, signals, result, local, task)
    return Side("celery", *parts, working, publish, stored, read_error, renew)


def labqs_side() -> Side:
    """Return labq."""
    import labq
    from labq import _state, exceptions, local, messaging_errors, result, signals
    from labq.app import task
    from labq.backends.failures import read_exception
    from labq.wire.message import Message
    from labq.wire.serializers import dumps

    @contextmanager
    def working(app: Any, **options: Any) -> Iterator[Any]:
        lab = labq.current_lab()
        worker = lab.start_worker(app, **{"pool": "solo", "hostname": "w1@lab", **options})
        try:
            yield worker
        finally:
            lab.run()
            worker.stop()

    def publish(app: Any, body: Any, content_type: str, headers: Any, properties: Any) -> None:
        encoding = "utf-8"
        if not isinstance(body, bytes | str):
            content_type, encoding, body = dumps(body, "json")
        body = body.encode() if isinstance(body, str) else body
        message = Message(body, content_type, encoding, headers, properties)
        app.world.send("memory://", app.amqp.queues["celery"], "", "celery", message)

    def stored(app: Any, task_id: str) -> bytes:
        kept = app.backend._store.get(task_id)
        return bytes(kept.payload)

    def renew() -> None:
        _state.set_current_app(None)
        _state.set_default_app(None)
        _state._on_app_finalizers -= {each for each in _state._on_app_finalizers if getattr(each, "serial", 0) > 0}
        with suppress(exceptions.LabError):
            labq.current_lab().close()
        labq.Lab(seed=1, start="2030-01-01T09:00:00Z")

    parts = (labq, exceptions, messaging_errors, signals, result, local, task)
    return Side("labq", *parts, working, publish, stored, read_exception, renew)
