"""The backend of an app that has none: writing goes nowhere, reading says so.

Celery: ``DisabledBackend`` in ``celery/backends/base.py``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from labq.backends.backend import Backend

NO_BACKEND = """
No result backend is configured.
Please see the documentation for more information.
"""


NO_CHORDS = """
Starting chords requires a result backend to be configured.

Note that a group chained with a task is also upgraded to be a chord,
as this pattern requires synchronization.

Result backends that supports chords: Redis, Database, Memcached, and more.
"""


class DisabledBackend(Backend):
    """Keeps nothing. Reading a state fails with the very error that Celery's users search for."""

    def store_result(self, *_: Any, **__: Any) -> None:
        """Keep nothing."""

    def listen(self, address: str) -> None:
        """Expect nothing."""

    def as_uri(self, include_password: bool = False) -> str:
        """Return Celery's name for it."""
        del include_password
        return "disabled://"

    def ensure_chords_allowed(self) -> NoReturn:
        """Raise NotImplementedError with Celery's text."""
        raise NotImplementedError(NO_CHORDS.strip())

    def get_task_meta(self, task_id: str, cache: bool = True) -> NoReturn:
        """Raise AttributeError with Celery's text, which names a method that its disabled backend lacks."""
        del task_id, cache
        msg = "'DisabledBackend' object has no attribute '_get_task_meta_for'"
        raise AttributeError(msg)

    def _is_disabled(self, *_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(NO_BACKEND.strip())

    get_state = get_status = get_result = get_traceback = get_many = _is_disabled
    wait_for_pending = _is_disabled

    def task_result_exists(self, task_id: str) -> NoReturn:
        """Raise AttributeError, as reading does."""
        self.get_task_meta(task_id)

    def forget(self, task_id: str) -> NoReturn:
        """Raise NotImplementedError with Celery's text."""
        del task_id
        raise NotImplementedError("backend does not implement forget.")
