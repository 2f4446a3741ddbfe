"""Results, records and queues show themselves as views; their text stays what Celery's is."""

from __future__ import annotations

import pytest


@pytest.fixture
def shown(run, shell):
    """Return the text and the HTML that Jupyter would get for an expression."""

    def show(code: str) -> tuple[str, str | None]:
        bundle, _ = shell.display_formatter.format(run(code).result)
        return bundle["text/plain"], bundle.get("text/html")

    run("lab.start_worker(app, hostname='w1@lab'); result = add.delay(2, 3); lab.run()")
    return show


def test_a_result_shows_its_task_and_keeps_celerys_text(shown):
    """The text is the repr, the HTML tells call, state and result."""
    text, html = shown("result")
    assert text.startswith("<AsyncResult: ")
    assert "add(2, 3)" in html
    assert "SUCCESS" in html


def test_a_record_shows_its_sentence(shown):
    """The HTML says what happened."""
    text, html = shown("lab.log[-1]")
    assert text.startswith("Record(")
    assert "add(2, 3) returned 5" in html


def test_a_record_of_another_lab_shows_no_view(shown, run):
    """A view of this lab would tell somebody else's story."""
    run("old = lab.log[-1]")
    run("%labq reset")
    assert shown("old")[1] is None


def test_a_queue_shows_what_is_in_it(shown):
    """A queue is known by its name; one that was never declared has nothing to show."""
    assert "celery" in shown("from labq.kombu import Queue; Queue('celery')")[1]
    assert shown("Queue('nowhere')")[1] is None
