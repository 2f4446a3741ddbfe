"""An error in a cell shows what helps: two sentences of the lab's, or the whole way through the user's own code."""

from __future__ import annotations

from labq.exceptions import NeverReady


def test_an_error_of_the_lab_shows_message_and_hint_alone(run):
    """No way through the rooms of the lab: the reason is what counts."""
    gave = run("result = add.delay(2, 3)\nresult.get()")
    assert isinstance(gave.error, NeverReady)
    assert gave.printed.startswith("NeverReady: no worker consumes from queue 'celery'")
    assert len(gave.printed.splitlines()) == 2


def test_an_error_of_the_user_keeps_its_traceback(run):
    """Where it was raised is what counts."""
    gave = run("def mine():\n    raise ValueError('of mine')\n\nmine()")
    assert "Traceback" in gave.printed
    assert "mine()" in gave.printed
    assert gave.printed.rstrip().endswith("ValueError: of mine")


def test_an_interrupt_in_a_body_reaches_the_cell_and_the_lab_lives_on(run):
    """Who presses stop ends the cell; the next one works."""
    run("@app.task\ndef long():\n    raise KeyboardInterrupt\n")
    gave = run("lab.start_worker(app)\nlong.delay().get()")
    assert isinstance(gave.error, KeyboardInterrupt)
    assert run("add.delay(2, 3).get()").result == 5
