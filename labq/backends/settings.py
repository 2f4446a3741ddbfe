"""The settings of an app that concern results, read once.

Comes in: an app's configuration. Goes out: a frozen value, with the warnings that Celery gives about it.
Celery: the constructor of ``Backend`` in ``celery/backends/base.py``.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from labq.exceptions import EncodeError
from labq.wire.serializers import dumps, prepare_accept_content

NO_COMPRESSION = """\
The {0} result backend cannot store compressed payloads, so the
result_compression setting is ignored and results are stored uncompressed.
"""
NO_FAILURE_EXPIRES = """\
The {0} result backend does not support result_failure_expires, so failed
results expire like any other result.
"""


@dataclass(frozen=True, slots=True)
class ResultSettings:
    """The settings of an app that concern results."""

    serializer: str = "json"
    content_type: str = "application/json"
    content_encoding: str = "utf-8"
    accept: frozenset[str] | None = None
    extended: bool = False
    unstored: bool = False
    """Whether eager calls store nothing, so that reading is asking in vain."""
    expires: Any = None
    """How long results are kept, in seconds; no store of the lab lets them expire, as Celery's in memory does not."""
    remembers: bool = False
    """Whether a client keeps what it has read, as ``result_cache_max`` says; the lab reads anew, and only says so."""
    ignored: tuple[str, ...] = ()
    """What to say about settings that change nothing, with a place for the backend's name."""

    @classmethod
    def of(cls, conf: Any, serializer: str | None = None, expires: Any = None) -> ResultSettings:
        """Read the settings of an app; *serializer* and *expires* win over them.

        Raises:
            SerializerNotInstalled: when there is no such serializer.
        """
        serializer = serializer or conf.result_serializer
        content_type, content_encoding = "application/data", "binary"
        with suppress(EncodeError):
            # an unknown serializer is said here, not when a task has run
            content_type, content_encoding, _ = dumps(None, serializer)
        expires = conf.result_expires if expires is None else expires
        return cls(
            serializer=serializer,
            content_type=content_type,
            content_encoding=content_encoding,
            accept=prepare_accept_content(conf.result_accept_content or conf.accept_content),
            extended=bool(conf.result_extended),
            unstored=bool(conf.task_always_eager and not conf.task_store_eager_result),
            expires=expires.total_seconds() if isinstance(expires, timedelta) else expires,
            remembers=conf.result_cache_max != -1,
            ignored=(
                *((NO_FAILURE_EXPIRES,) if conf.result_failure_expires is not None else ()),
                *((NO_COMPRESSION,) if conf.result_compression else ()),
            ),
        )

    def warn(self, backend: str) -> None:
        """Say which settings change nothing with the backend of that name."""
        for words in self.ignored:
            warnings.warn(words.format(backend), UserWarning, stacklevel=4)
