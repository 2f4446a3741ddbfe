"""kombu's JSON: ``from labq.kombu.utils.json import register_type``.

Next door: ``labq.wire.jsontypes`` has it.
Celery: ``kombu/utils/json.py``.
"""

from __future__ import annotations

from labq.wire.jsontypes import JSONEncoder, dumps, loads, object_hook, register_type

__all__ = ("JSONEncoder", "dumps", "loads", "object_hook", "register_type")
