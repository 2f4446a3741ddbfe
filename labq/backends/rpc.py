"""The backend of replies: each result is a message to the client that has sent the task.

Next door: ``labq.backends.store.ReplyStore`` sends them and has the clients' mailboxes.
Celery: ``celery/backends/rpc.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from labq.backends.backend import Backend, Meta
from labq.backends.owner import Owner

if TYPE_CHECKING:
    from labq.result import AsyncResult

NO_CHORDS = """
The "rpc" result backend does not support chords!

Note that a group chained with a task is also upgraded to be a chord,
as this pattern requires synchronization.

Result backends that supports chords: Redis, Database, Memcached, and more.
"""
NOT_SUPPORTED = "{} is not supported by this backend."


class RPCBackend(Backend):
    """Results as replies: ``rpc://``."""

    supports_native_join = True
    supports_autoexpire = True
    is_async = True
    replies = True

    def __init__(self, app: Owner, **options: Any) -> None:
        super().__init__(app, **options)
        self.persistent = bool(app.conf.result_persistent)

    def as_uri(self, include_password: bool = True) -> str:
        """Return the address, which holds no password."""
        del include_password
        return "rpc://"

    def ensure_chords_allowed(self) -> NoReturn:
        """Raise NotImplementedError: no reply reaches whoever would have to start the body."""
        raise NotImplementedError(NO_CHORDS.strip())

    def wait_for_pending(
        self,
        result: AsyncResult,
        timeout: float | None = None,
        propagate: bool = True,
        callback: Callable[[str, Any], Any] | None = None,
        on_message: Callable[[Meta], Any] | None = None,
        **_: Any,
    ) -> Any:
        """Run the lab until *result* is ready and return its value; *on_message* hears each reply that comes."""
        self._ensure_not_eager()
        if on_message is None:
            self._wait(result.id, timeout)
        else:
            if self.task_result_exists(result.id):
                on_message(self.get_task_meta(result.id))
            with self._store.heard_by(lambda task_id: on_message(self.get_task_meta(task_id))):
                self._wait(result.id, timeout)
        return result.maybe_throw(propagate=propagate, callback=callback)

    def save_group(self, *_: Any, **__: Any) -> NoReturn:
        """Raise NotImplementedError: a reply is read once, by one client, and nothing else is kept."""
        raise NotImplementedError(NOT_SUPPORTED.format("save_group"))

    def restore_group(self, *_: Any, **__: Any) -> NoReturn:
        """Raise NotImplementedError."""
        raise NotImplementedError(NOT_SUPPORTED.format("restore_group"))

    def delete_group(self, *_: Any, **__: Any) -> NoReturn:
        """Raise NotImplementedError."""
        raise NotImplementedError(NOT_SUPPORTED.format("delete_group"))

    def reload_task_result(self, *_: Any, **__: Any) -> NoReturn:
        """Raise NotImplementedError."""
        raise NotImplementedError(NOT_SUPPORTED.format("reload_task_result"))

    def reload_group_result(self, *_: Any, **__: Any) -> NoReturn:
        """Raise NotImplementedError."""
        raise NotImplementedError(NOT_SUPPORTED.format("reload_group_result"))
