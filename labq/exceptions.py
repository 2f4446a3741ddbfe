"""Every error that Celery or the lab itself can raise, and what a body raises on purpose to steer its task.

Comes in: what went wrong. Goes out: an exception with the name and the English text that people search for.
Next door: ``labq.messaging_errors`` is the other half; ``labq.pickleable`` keeps a Retry's cause; ``i18n`` says hints.
Celery: ``celery/exceptions.py``, ``billiard/exceptions.py``.

Four families that have no common parent but ``Exception``, as in Celery::

    CeleryError           what Celery raises: TaskError, TaskPredicate, configuration
    BackendError          reading or writing a result went wrong
    KombuError            messaging: connection and content of a message (``labq.messaging_errors``)
    the pool's errors     SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError, Terminated

``LabError`` is the fifth, the lab's own. Beside them stand warnings, and children of ``SystemExit`` that stop a worker.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import IO, Any, NoReturn

from labq.i18n import Text, spoken
from labq.messaging_errors import (
    ContentDisallowed,
    DecodeError,
    EncodeError,
    KombuError,
    OperationalError,
    SerializationError,
    SerializerNotInstalled,
)
from labq.pickleable import get_pickleable_exception, safe_repr

__all__ = (
    "UNREGISTERED_FMT",
    "AlreadyRegistered",
    "AlwaysEagerIgnored",
    "BackendError",
    "BackendGetMetaError",
    "BackendStoreError",
    "CDeprecationWarning",
    "CPendingDeprecationWarning",
    "CeleryCommandException",
    "CeleryError",
    "CeleryWarning",
    "ChordError",
    "ContentDisallowed",
    "DecodeError",
    "Diverged",
    "DuplicateNodenameWarning",
    "DuplicateTaskNameWarning",
    "EncodeError",
    "FixupWarning",
    "Ignore",
    "ImproperlyConfigured",
    "IncompleteStream",
    "InvalidTaskError",
    "KombuError",
    "LabError",
    "MaxRetriesExceededError",
    "NeverReady",
    "NotConfigured",
    "NotRegistered",
    "OperationalError",
    "QueueNotFound",
    "ReentrantStep",
    "Reject",
    "Retry",
    "RetryTaskError",
    "SecurityError",
    "SecurityWarning",
    "SerializationError",
    "SerializerNotInstalled",
    "SoftTimeLimitExceeded",
    "SystemTerminate",
    "TaskError",
    "TaskPredicate",
    "TaskRevokedError",
    "Terminated",
    "TimeLimitExceeded",
    "TimeoutError",
    "UnknownScheme",
    "WorkerLostError",
    "WorkerShutdown",
    "WorkerTerminate",
    "get_pickleable_exception",
    "reraise",
)

UNREGISTERED_FMT = "Task of kind {0} never registered, please make sure it's imported."


def reraise(tp: type[BaseException], value: BaseException, tb: TracebackType | None = None) -> NoReturn:  # noqa: ARG001
    """Raise *value* as if it had been raised where *tb* points. *tp* is not used; old code passes it."""
    if value.__traceback__ is not tb:
        raise value.with_traceback(tb)
    raise value


class CeleryWarning(UserWarning):
    """The parent of Celery's warnings."""


class AlwaysEagerIgnored(CeleryWarning):
    """``send_task`` goes to the broker even with ``task_always_eager``, for it has no body to run."""


class DuplicateNodenameWarning(CeleryWarning):
    """Two workers answer to the same node name, so their replies cannot be told apart."""


class DuplicateTaskNameWarning(CeleryWarning):
    """Two functions claim the same task name; the first one keeps it."""


class FixupWarning(CeleryWarning):
    """The adaption to another framework (Django) could not be made."""


class NotConfigured(CeleryWarning):
    """No configuration module was found, so the defaults hold."""


class SecurityWarning(CeleryWarning):
    """Something may be unsafe."""


class CPendingDeprecationWarning(PendingDeprecationWarning):
    """Will be deprecated."""


class CDeprecationWarning(DeprecationWarning):
    """Is deprecated."""


class CeleryError(Exception):
    """The parent of what Celery itself raises."""


class ImproperlyConfigured(CeleryError):
    """The settings ask for something that cannot be."""


class SecurityError(CeleryError):
    """A signed message is not what it claims to be."""


class CeleryCommandException(Exception):
    """A command of the command line gives up.

    In Celery it is a ``click.ClickException``. Here it can do the same without being one: nobody who imports labq
    shall load the whole of click.

    Arguments:
        message: what the user reads.
        exit_code: what the shell gets.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code

    def format_message(self) -> str:
        """Return the line that the user reads, without the word "Error"."""
        return self.message

    def show(self, file: IO[str] | None = None) -> None:
        """Print the message to *file*, or to standard error."""
        (file or sys.stderr).write(f"Error: {self.format_message()}\n")


class TaskPredicate(CeleryError):
    """The parent of Ignore, Reject and Retry: no error, but an answer to "what now?"."""


class Ignore(TaskPredicate):
    """Store no state for this task."""


class Reject(TaskPredicate):
    """Reject the message at the broker.

    Arguments:
        reason: why; goes to the log.
        requeue: put the message back into its queue instead of dropping or dead-lettering it.
    """

    def __init__(self, reason: object = None, requeue: bool = False) -> None:
        self.reason = reason
        self.requeue = requeue
        super().__init__(reason, requeue)

    def __repr__(self) -> str:
        return f"reject requeue={self.requeue}: {self.reason}"


class Retry(TaskPredicate):
    """Run the task again later. Raised by ``task.retry()`` after the new message has been sent.

    Arguments:
        message: what ``str`` shows, if given.
        exc: the error behind it, or its text. An error that does not survive pickling is replaced by a relative.
        when: seconds from now, or the moment itself.
        is_eager: the task runs eagerly, so whoever runs it must run *sig*.
        sig: the signature of the next try.
    """

    message: str | None = None
    exc: BaseException | None = None
    excs: str | None = None
    when: float | datetime | None = None

    def __init__(
        self,
        message: str | None = None,
        exc: BaseException | str | None = None,
        when: float | datetime | None = None,
        is_eager: bool = False,
        sig: Any = None,
        **kwargs: Any,
    ) -> None:
        self.message = message
        if exc is None or isinstance(exc, str):
            self.exc, self.excs = None, exc
        else:
            self.exc, self.excs = get_pickleable_exception(exc), safe_repr(exc)
        self.when = when
        self.is_eager = is_eager
        self.sig = sig
        super().__init__(self, exc, when, **kwargs)  # self among its own args: so Celery's Retry prints

    def humanize(self) -> str:
        """Return "in 10s" or "at 2030-01-01 09:00:00"."""
        return f"in {self.when}s" if isinstance(self.when, int | float) else f"at {self.when}"

    def __str__(self) -> str:
        if self.message:
            return self.message
        if self.excs:
            return f"Retry {self.humanize()}: {self.excs}"
        return f"Retry {self.humanize()}"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.exc, self.when)


RetryTaskError = Retry
"""The name that Retry had in Celery 3."""


class TaskError(CeleryError):
    """The parent of errors about one task."""


class QueueNotFound(KeyError, TaskError):
    """The task is routed to a queue that the settings do not know, and may not be made on the way."""


class IncompleteStream(TaskError):
    """A stream ended before what it carries was complete."""


class NotRegistered(KeyError, TaskError):
    """No task of this name is known here: in most cases its module was not imported."""

    def __repr__(self) -> str:
        return UNREGISTERED_FMT.format(self)


class AlreadyRegistered(TaskError):
    """The name is taken. Celery keeps the class and never raises it."""


class TimeoutError(TaskError):  # noqa: A001 - Celery's name; not a child of the built-in one
    """The result was not there in time."""


class MaxRetriesExceededError(TaskError):
    """The task has been retried as often as it may be.

    Arguments:
        task_args, task_kwargs: the arguments of the task.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.task_args: Sequence[Any] = kwargs.pop("task_args", [])
        self.task_kwargs: dict[str, Any] = kwargs.pop("task_kwargs", {})
        super().__init__(*args, **kwargs)


class TaskRevokedError(TaskError):
    """The task was called off, so there is no result."""


class InvalidTaskError(TaskError):
    """The message is no well-formed task."""


class ChordError(TaskError):
    """A task in the header of the chord failed, so its body cannot run."""


class BackendError(Exception):
    """The parent of errors while reading or writing a result. No CeleryError, in Celery neither."""


class BackendGetMetaError(BackendError):
    """A result could not be read. Keyword *task_id* says which."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - Exception.__new__ has kept them
        self.task_id: str = kwargs.get("task_id", "")

    def __repr__(self) -> str:
        return f"{super().__repr__()} task_id:{self.task_id}"


class BackendStoreError(BackendError):
    """A result could not be written. Keywords *task_id* and *state* say which."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 - Exception.__new__ has kept them
        self.state: str = kwargs.get("state", "")
        self.task_id: str = kwargs.get("task_id", "")

    def __repr__(self) -> str:
        return f"{super().__repr__()} state:{self.state} task_id:{self.task_id}"


class SoftTimeLimitExceeded(Exception):
    """Raised inside the body: time is up, there are moments left to clean up."""

    def __str__(self) -> str:
        return f"SoftTimeLimitExceeded{self.args}"


class TimeLimitExceeded(Exception):
    """Time was up and the child was killed; the body never saw this."""

    def __str__(self) -> str:
        return f"TimeLimitExceeded{self.args}"


class WorkerLostError(Exception):
    """The child that ran the task is gone."""


class Terminated(Exception):
    """The child was killed because the task was revoked."""


class WorkerTerminate(SystemExit):
    """The worker must stop at once."""


SystemTerminate = WorkerTerminate
"""An older name of WorkerTerminate."""


class WorkerShutdown(SystemExit):
    """The worker must stop when the tasks it runs are done."""


class LabError(Exception):
    """The lab cannot do what was asked; Celery has no such error.

    Arguments:
        message: what happened, in English.
        hint: what to do about it; said in the language of the current lab.
    """

    def __init__(self, message: str, hint: Text | str | None = None) -> None:
        self.message = message = message if len(message) <= 2000 else f"{message[:2000]}…"  # it may quote anything
        super().__init__(message, hint)
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n{spoken().say(self.hint)}"

    def _render_traceback_(self) -> list[str]:
        """Show IPython, which asks, the two sentences and not the way through the lab's rooms."""
        return [f"{type(self).__name__}: {self}"]


class Diverged(LabError):
    """The world was built again and did not come out as it was: something outside the lab has changed."""


class NeverReady(LabError):
    """Nothing that is still going to happen can make this result ready; Celery would wait for ever."""


class ReentrantStep(LabError):
    """The lab was asked to step while it is stepping."""


class UnknownScheme(LabError):
    """A URL names a broker or backend that the lab does not have."""
