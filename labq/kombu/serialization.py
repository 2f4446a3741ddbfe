"""kombu's module of serializers: ``from labq.kombu.serialization import register``.

Next door: ``labq.wire.serializers`` has them.
Celery: ``kombu/serialization.py``.
"""

from __future__ import annotations

import pickle

from labq.wire.serializers import (
    SerializerRegistry,
    disable_insecure_serializers,
    dumps,
    enable_insecure_serializers,
    loads,
    prepare_accept_content,
    register,
    registry,
    unregister,
)

__all__ = (
    "SerializerRegistry", "disable_insecure_serializers", "dumps", "enable_insecure_serializers", "loads", "pickle",
    "prepare_accept_content", "register", "registry", "unregister",
)  # fmt: skip
