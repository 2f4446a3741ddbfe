"""Periodic tasks of one app: what ``add_periodic_task`` says becomes an entry of the setting ``beat_schedule``.

Comes in: a schedule and a call. Goes out: an entry, at once or as soon as the configuration is there.
Next door: ``labq.beat`` reads the entries.
Celery: ``Celery.add_periodic_task`` in ``celery/app/base.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labq.canvas.signature import Signature

if TYPE_CHECKING:
    from labq.app.base import Celery

logger = logging.getLogger("celery.app.base")

SHADOWED = (
    "Periodic task key='%s' shadowed a previous unnamed periodic task. Pass a name kwarg to add_periodic_task to "
    "silence this warning."
)


class PeriodicTasks:
    """The periodic tasks that an app's code adds.

    Arguments:
        app: the app.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._pending: list[tuple[str, dict[str, Any], bool]] = []

    def add(
        self,
        schedule: Any,
        sig: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        name: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> str:
        """Add one, and return its key; see ``Celery.add_periodic_task``."""
        if isinstance(sig, Signature):
            call = sig.clone(args, kwargs or {})
        else:
            call = self._app.signature(sig.name, args, kwargs or {})
        key = name or repr(call)
        entry = {
            "schedule": schedule,
            "task": call.name,
            "args": call.args,
            "kwargs": call.kwargs,
            "options": {**call.options, **(options or {})},
        }
        if self._app.configured:
            self._enter(key, entry, unnamed=name is None)
        else:
            self._pending.append((key, entry, name is None))
        return key

    def enter_pending(self) -> None:
        """Write down what was added before there was a configuration."""
        pending, self._pending = self._pending, []
        for key, entry, unnamed in pending:
            self._enter(key, entry, unnamed=unnamed)

    def _enter(self, key: str, entry: dict[str, Any], *, unnamed: bool) -> None:
        entries = self._app.conf.beat_schedule
        if unnamed and key in entries:
            logger.warning(SHADOWED, key)
        entries[key] = entry
