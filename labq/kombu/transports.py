"""What kinds of brokers there are, in kombu's words.

Comes in: the scheme of a URL. Goes out: who would speak to such a broker, and what its URL may leave out.
Celery: ``kombu/transport/pyamqp.py``, ``memory.py`` and ``redis.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Transport(NamedTuple):
    """What kind of broker it is, in kombu's words.

    Attributes:
        driver_type: ``amqp``, ``memory``, ``redis``.
        driver_name: the library that would speak to it.
        default_port: where it would listen; None when it has no port.
        defaults: user and password when the URL names none.
    """

    driver_type: str
    driver_name: str
    default_port: int | None
    defaults: Mapping[str, Any]


AMQP = Transport("amqp", "py-amqp", 5672, {"userid": "guest", "password": "guest"})
TRANSPORTS = {
    "amqp": AMQP,
    "pyamqp": AMQP,
    "memory": Transport("memory", "memory", None, {}),
    "redis": Transport("redis", "redis", 6379, {}),
}
"""By the scheme of the URL."""
SAME = {"pyamqp": "amqp", "librabbitmq": "amqp"}
"""Schemes that mean another one."""
