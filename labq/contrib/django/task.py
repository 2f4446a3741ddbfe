"""Tasks of a Django project: calls that are sent when the transaction has been committed.

Celery: ``celery/contrib/django/task.py``.
"""

from __future__ import annotations

import functools
from typing import Any

from django.db import transaction

from labq.app.task import Task


class DjangoTask(Task):
    """The base of the tasks of an app in a Django project."""

    abstract = True

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Call ``delay`` when the present transaction is committed: at once if there is none, never if it fails."""
        transaction.on_commit(functools.partial(self.delay, *args, **kwargs))

    def apply_async_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Call ``apply_async`` when the present transaction is committed."""
        transaction.on_commit(functools.partial(self.apply_async, *args, **kwargs))
