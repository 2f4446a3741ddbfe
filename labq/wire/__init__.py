"""The wire: how calls, results and descriptions of queues look between an app, a broker, a worker and a backend.

Comes in: Python values. Goes out: bytes and tables of plain values, and back. Everything crosses as bytes, also where
both ends live in one process, so that a set or a lambda fails here exactly where it fails in production.
Next door: ``labq.brokers`` and ``labq.backends`` carry and keep what is written here.
Celery: kombu (``kombu/serialization.py``, ``kombu/entity.py``) and ``celery/app/amqp.py``.
"""

from __future__ import annotations

from labq.wire.entities import Exchange, Queue, binding
from labq.wire.message import Message
from labq.wire.protocol import task_draft, task_message
from labq.wire.publishing import Draft, sealed
from labq.wire.reading import TaskMessage, UnknownMessage, read_task_message, task_name
from labq.wire.saferepr import saferepr
from labq.wire.serializers import dumps, loads, prepare_accept_content
from labq.wire.url import Address, parse_url, sanitize_url

__all__ = (
    "Address",
    "Draft",
    "Exchange",
    "Message",
    "Queue",
    "TaskMessage",
    "UnknownMessage",
    "binding",
    "dumps",
    "loads",
    "parse_url",
    "prepare_accept_content",
    "read_task_message",
    "saferepr",
    "sanitize_url",
    "sealed",
    "task_draft",
    "task_message",
    "task_name",
)
