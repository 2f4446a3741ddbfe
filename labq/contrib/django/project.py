"""A Django project: where its tasks are, what its tasks can do, and what must be ready before they are imported.

Comes in: an app in a process that ``DJANGO_SETTINGS_MODULE`` says is Django's. Goes out: the app, adapted.
Next door: ``fixup`` decides; ``task`` is the base of the app's tasks.
Celery: ``DjangoFixup`` in ``celery/fixups/django.py``. Celery's worker also closes the database's connections around
each task; a lab's tasks share those of the notebook or the test that they run in, and leave them open.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import django
from django.apps import apps
from django.core.checks import run_checks
from django.utils import timezone

from labq import signals

TASK = "labq.contrib.django.task:DjangoTask"


class DjangoProject:
    """The project that an app belongs to.

    Arguments:
        app: the app.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    def install(self) -> Self:
        """Adapt the app: the base of its tasks, the time its loader tells, what comes before its modules."""
        here = str(Path.cwd())
        if here not in sys.path:
            sys.path.insert(0, here)  # a project is run from its own folder
        self.app.loader.now = self.now
        if not self.app._custom_task_cls_used:
            self.app.task_cls = TASK
        signals.import_modules.connect(self._prepare, sender=self.app)
        return self

    def autodiscover_tasks(self) -> list[str]:
        """Return the packages of the project's ``INSTALLED_APPS``."""
        return [config.name for config in apps.get_app_configs()]

    def now(self, utc: bool = False) -> datetime:
        """Return the virtual present: in UTC, or as Django's ``localtime`` shows it."""
        moment: datetime = self.app.now()
        return moment.astimezone(UTC) if utc else timezone.localtime(moment)

    def _prepare(self, **_: Any) -> None:
        """Set Django up and check the project, once a worker is about to import tasks."""
        django.setup()
        if not os.environ.get("CELERY_SKIP_CHECKS"):
            run_checks()
