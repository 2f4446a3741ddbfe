"""Tracebacks as people read them, and the exception with its traceback that callbacks get.

Comes in: an exception. Goes out: text that begins at the user's own first frame, and ``ExceptionInfo``.
Next door: ``labq.app.trace`` and ``labq.app.aftermath`` store the text; ``labq.worker`` tells it.
Celery: ``billiard/einfo.py``.
"""

from __future__ import annotations

import re
import traceback as tracebacks
from pathlib import Path
from types import TracebackType

HEADING = "Traceback (most recent call last):"

_HOUSE = str(Path(__file__).parent.parent)
_NOTEBOOK_CELL = re.compile(r'[^\s"]*ipykernel_\d+[/\\]\d+\.py')


class ExceptionInfo:
    """An exception with its traceback as text; what callbacks get as ``einfo``.

    Arguments:
        exception: the exception.
        internal: True when it is a signal to the worker rather than a mishap of the task.
    """

    def __init__(self, exception: BaseException, *, internal: bool = False) -> None:
        self.type = type(exception)
        self.exception = exception
        self.internal = internal
        self.tb = exception.__traceback__
        self.traceback = format_traceback(exception)

    @property
    def exc_info(self) -> tuple[type[BaseException], BaseException, TracebackType | None]:
        """The triple that ``sys.exc_info`` would give."""
        return self.type, self.exception, self.tb

    def __str__(self) -> str:
        """Return the traceback."""
        return self.traceback

    def __repr__(self) -> str:
        """Return a short name."""
        return f"<ExceptionInfo: {self.exception!r}>"


def format_traceback(exception: BaseException) -> str:
    """Return the traceback that the user needs: from their own first frame on, none of the lab's before it.

    A notebook's cells have file names with process ids in them; those are said as ``<notebook cell>``.
    """
    told = tracebacks.TracebackException(type(exception), exception, exception.__traceback__)
    link: tracebacks.TracebackException | None = told
    while link is not None:
        frames = list(link.stack)
        while frames and frames[0].filename.startswith(_HOUSE):
            frames.pop(0)
        link.stack = tracebacks.StackSummary.from_list(frames)
        link = link.__cause__ or link.__context__
    text = _NOTEBOOK_CELL.sub("<notebook cell>", "".join(told.format()))
    # without any frame Python leaves the heading out: arguments that do not fit fail before the user's first line
    return text if told.stack or text.startswith(HEADING) else f"{HEADING}\n{text}"


def forget_frames(exc: BaseException) -> None:
    """Let go of the frames: an exception that is kept would keep every local variable of the body alive."""
    link: BaseException | None = exc
    seen: set[int] = set()
    while link is not None and id(link) not in seen:  # ``raise exc from exc`` makes a ring
        seen.add(id(link))
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
