"""kombu's exceptions under the name people import: ``from labq.kombu.exceptions import OperationalError``.

Next door: ``labq.messaging_errors`` has them.
Celery: ``kombu/exceptions.py``.
"""

from __future__ import annotations

from labq.messaging_errors import (
    BatchPublishError,
    ChannelError,
    ChannelLimitExceeded,
    ConnectionError,  # noqa: A004 - its name
    ConnectionLimitExceeded,
    ContentDisallowed,
    DecodeError,
    EncodeError,
    InconsistencyError,
    KombuError,
    LimitExceeded,
    MessageStateError,
    NotBoundError,
    OperationalError,
    ResourceError,
    SerializationError,
    SerializerNotInstalled,
    VersionMismatch,
)

TimeoutError = TimeoutError  # noqa: A001, PLW0127 - kombu has it here too

__all__ = (
    "BatchPublishError", "ChannelError", "ChannelLimitExceeded", "ConnectionError", "ConnectionLimitExceeded",
    "ContentDisallowed", "DecodeError", "EncodeError", "InconsistencyError", "KombuError", "LimitExceeded",
    "MessageStateError", "NotBoundError", "OperationalError", "ResourceError", "SerializationError",
    "SerializerNotInstalled", "TimeoutError", "VersionMismatch",
)  # fmt: skip
