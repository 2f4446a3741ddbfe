"""Which app ``-A`` means.

Comes in: the text after ``-A``, and in a notebook the learner's names. Goes out: an app.
Next door: ``labq.app.finding`` finds apps in modules.
Celery: ``celery/bin/celery.py``; its user guide, "Application", and ``celery --help``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from labq import Celery
from labq.app.finding import find_app
from labq.app.tracebacks import format_traceback

NOT_FOUND = "\nUnable to load celery application.\nThe module {0} was not found."
BROKEN = "\nUnable to load celery application.\nWhile trying to load the module {0} the following error occurred:\n{1}"
NO_APP = "\nUnable to load celery application.\n{0}"


def app_called(name: str, namespace: Mapping[str, Any]) -> Celery:
    """Return the app that ``-A name`` means.

    In a notebook an app may stand in a variable, or be made for the notebook itself (``Celery("proj")``): these are
    looked at first. Everything else is found as Celery finds it, see ``labq.app.finding``.

    Arguments:
        name: what was typed.
        namespace: the learner's names; empty in a terminal.

    Raises:
        click.UsageError: when there is no such app, in Celery's words.
    """
    here = _in_notebook(name, namespace)
    if here is not None:
        return here
    try:
        found = find_app(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise click.UsageError(BROKEN.format(name, format_traceback(error))) from error
        raise click.UsageError(NOT_FOUND.format(error.name)) from error
    except AttributeError as error:
        raise click.UsageError(NO_APP.format(str(error).capitalize())) from error
    except Exception as error:  # whatever the learner's module raises while it is imported
        raise click.UsageError(BROKEN.format(name, format_traceback(error))) from error
    if not isinstance(found, Celery):
        raise click.UsageError(NO_APP.format(f"{name} is no Celery app, but {type(found).__name__}."))
    return found


def _in_notebook(name: str, namespace: Mapping[str, Any]) -> Celery | None:
    found = namespace.get(name)
    if isinstance(found, Celery):
        return found
    apps = [value for key, value in namespace.items() if isinstance(value, Celery) and not key.startswith("_")]
    return next((app for app in reversed(apps) if app.main == name), None)
