"""``-A`` finds apps by Celery's rules, and in a notebook by the learner's names first."""

from __future__ import annotations

import sys

import click
import pytest

from labq import Celery
from labq.bin.apps import app_called

MODULES = {
    "desk_app.py": 'from labq import Celery\napp = Celery("by_app", set_as_current=False)\ncelery = 1\n',
    "desk_celery.py": 'from labq import Celery\ncelery = Celery("by_celery", set_as_current=False)\n',
    "desk_other.py": 'from labq import Celery\nshop = Celery("by_type", set_as_current=False)\n',
    "desk_package/__init__.py": "",
    "desk_package/celery.py": 'from labq import Celery\napp = Celery("in_package", set_as_current=False)\n',
    "desk_empty.py": "",
    "desk_broken.py": "raise OSError('no disk')\n",
    "desk_needs.py": "import desk_missing_library\n",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A working directory with modules."""
    for name, text in MODULES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    yield
    for name in [name for name in sys.modules if name.startswith("desk_")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "main"),
    [
        ("desk_app", "by_app"),
        ("desk_app:app", "by_app"),
        ("desk_app.app", "by_app"),
        ("desk_celery", "by_celery"),
        ("desk_other", "by_type"),
        ("desk_package", "in_package"),
        ("desk_package.celery", "in_package"),
        ("desk_package.celery:app", "in_package"),
    ],
)
@pytest.mark.usefixtures("project")
def test_an_app_is_found_as_celery_finds_it(name, main):
    """Module, module:name, package; ``app`` before ``celery`` before any app."""
    assert app_called(name, {}).main == main


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("desk_nowhere", "The module desk_nowhere was not found."),
        ("desk_empty", "Module 'desk_empty' has no attribute 'celery'"),
        ("desk_app:nothing", "The module desk_app:nothing was not found."),
        ("desk_app:celery", "desk_app:celery is no Celery app, but int."),
        ("desk_broken", "While trying to load the module desk_broken the following error occurred:\nTraceback"),
        ("desk_needs", "No module named 'desk_missing_library'"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_is_no_app_is_said_in_celerys_words(name, message):
    """People search for these sentences."""
    with pytest.raises(click.UsageError) as caught:
        app_called(name, {})
    assert caught.value.message.startswith("\nUnable to load celery application.\n")
    assert message in caught.value.message


@pytest.mark.usefixtures("project")
def test_a_learners_name_comes_before_a_module():
    """In a notebook the app at hand is meant."""
    mine, newest = Celery("mine", set_as_current=False), Celery("shop", set_as_current=False)
    names = {"desk_app": mine, "first": Celery("shop", set_as_current=False), "app": newest, "_": mine, "x": 3}
    assert app_called("desk_app", names) is mine
    assert app_called("app", names) is newest
    assert app_called("shop", names) is newest
