"""The publisher: in which words a call is written down."""

from __future__ import annotations

import pytest

from labq import chain, signals


@pytest.fixture
def published():
    """Collect what goes out: the headers and the body of each message."""
    sent = []

    def hear(headers, body, properties, **_):
        sent.append((headers, body, dict(properties)))

    signals.before_task_publish.connect(hear)
    yield sent
    signals.before_task_publish.disconnect(hear)


def test_messages_can_be_written_for_workers_of_celery_3(lab, app, published):
    """Protocol 1 has one table for everything, and no place for a chain: its tasks are each other's callbacks."""
    app.conf.task_protocol = 1

    @app.task
    def brew(cup):
        return cup + 1

    lab.start_worker(app)
    assert chain(brew.s(1), brew.s()).apply_async().get() == 3
    headers, body, _ = published[0]
    assert headers == {}
    assert (body["task"], body["args"], len(body["callbacks"])) == (brew.name, (1,), 1)


def test_another_protocol_is_a_key_that_nobody_has(app):
    """Celery looks it up in a table, too."""
    app.conf.task_protocol = 3

    @app.task
    def brew():
        """Do nothing."""

    with pytest.raises(KeyError, match="3"):
        brew.delay()


def test_priorities_are_inherited_only_when_that_is_asked_for(lab, app, published):
    """A task that an urgent one has sent may be urgent too."""

    @app.task
    def sip():
        """Do nothing."""

    @app.task
    def brew():
        sip.delay()

    lab.start_worker(app)
    for inherits in (False, True):
        app.conf.task_inherit_parent_priority = inherits
        published.clear()
        brew.apply_async(priority=5).get()
        lab.run()
        assert [properties.get("priority") for _, _, properties in published] == [5, 5 if inherits else None]
