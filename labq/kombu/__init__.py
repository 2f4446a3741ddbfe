"""kombu's names under which people import what moves messages: ``from labq.kombu import Connection, Queue``.

Comes in and goes out: nothing; the rooms are ``labq.kombu.connection``, ``labq.kombu.messaging`` and their neighbours.
Celery: ``kombu/__init__.py``.
"""

from __future__ import annotations

from labq.kombu.common import Broadcast, eventloop, uuid
from labq.kombu.connection import BrokerConnection, Connection
from labq.kombu.message import Message
from labq.kombu.messaging import Consumer, Producer
from labq.kombu.pools import connections, producers
from labq.release import mirrored_version
from labq.wire.entities import Exchange, Queue, binding
from labq.wire.serializers import disable_insecure_serializers, enable_insecure_serializers
from labq.wire.url import parse_url

__version__ = mirrored_version

__all__ = (
    "Broadcast", "BrokerConnection", "Connection", "Consumer", "Exchange", "Message", "Producer", "Queue", "binding",
    "connections", "disable_insecure_serializers", "enable_insecure_serializers", "eventloop", "parse_url", "producers",
    "uuid",
)  # fmt: skip
