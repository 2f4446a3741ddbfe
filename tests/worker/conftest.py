"""Tasks that wait, and a way to go back and forth."""

from __future__ import annotations

import time

import pytest

from labq.exceptions import SoftTimeLimitExceeded


@pytest.fixture
def heard() -> list:
    """What bodies say; a list that outlives a rewind."""
    return []


@pytest.fixture
def nap(app, heard):
    """A task that sleeps, and says how its sleep ended."""

    @app.task(name="nap")
    def nap(seconds, careful=False):
        try:
            time.sleep(seconds)
        except SoftTimeLimitExceeded:
            heard.append("warned")
            if careful:
                return "careful"
            raise
        except BaseException as error:
            heard.append(repr(error))
            raise
        return "woke"

    return nap


@pytest.fixture
def late(app):
    """A task that sleeps and acknowledges afterwards."""

    @app.task(name="late", acks_late=True)
    def late(seconds):
        time.sleep(seconds)
        return "late"

    return late


@pytest.fixture
def back_and_forth(lab):
    """Rewind to several places: each time the world must come out as it was, record by record."""

    def go() -> None:
        before = tuple(lab.log)
        for place in (len(before), len(before) * 2 // 3, len(before) // 3):
            reached = lab.rewind(place)
            assert tuple(lab.log) == before[:reached]
        lab.run()

    return go
