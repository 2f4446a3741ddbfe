"""What the canvas' tests start from: tasks that add, sum, fail and take notes."""

from __future__ import annotations

import pytest


@pytest.fixture
def add(app):
    """A task called proj.add."""

    def add(x, y=0):
        return x + y

    return app.task(name="proj.add", shared=False)(add)


@pytest.fixture
def tsum(app):
    """A task called proj.tsum."""

    def tsum(numbers):
        return sum(numbers)

    return app.task(name="proj.tsum", shared=False)(tsum)


@pytest.fixture
def boom(app):
    """A task that fails."""

    def boom(*args):
        raise ValueError("boom", *args)

    return app.task(name="proj.boom", shared=False)(boom)


@pytest.fixture
def notes():
    """What the task ``note`` was given."""
    return []


@pytest.fixture
def note(app, notes):
    """A task that notes what it is given."""

    def note(*args):
        notes.append(args)

    return app.task(name="proj.note", shared=False)(note)
