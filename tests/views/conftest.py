"""A lab in which much has happened, to be looked at."""

from __future__ import annotations

import time

import pytest

from labq import Celery, Lab


def shop(app):
    """Give *app* the tasks of a small shop."""

    @app.task(shared=False)
    def add(x, y):
        return x + y

    @app.task(shared=False)
    def report(copies):
        time.sleep(20)
        return f"{copies} copies"

    @app.task(shared=False, bind=True)
    def mail(self, to):
        time.sleep(2)
        if self.request.retries < 1:
            raise self.retry(exc=OSError("mail server is down"), countdown=30)
        return to

    return add, report, mail


@pytest.fixture
def lab():
    """One task is done, one runs, one will be tried again, one waits for its time, and one waits for a worker."""
    with Lab(seed=7, start="2030-01-01T09:00:00Z", lang="en") as lab:
        app = Celery("shop", broker="amqp://ann:secret@localhost//", backend="cache+memory://", set_as_current=False)
        add, report, mail = shop(app)
        lab.start_worker(app, hostname="w1@lab", pool="prefork", concurrency=2)
        lab.done = add.delay(2, 3)
        lab.running = report.delay(copies=7)
        lab.retried = mail.delay("ann")
        lab.scheduled = add.apply_async((9, 9), countdown=60)
        lab.alone = add.apply_async((1, 1), queue="hipri")
        lab.run(until=10)
        yield lab
