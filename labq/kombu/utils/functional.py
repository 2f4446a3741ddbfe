"""kombu's small functions: ``from labq.kombu.utils.functional import maybe_list``.

Next door: ``labq.callables`` and ``labq.sequences`` have them.
Celery: ``kombu/utils/functional.py``.
"""

from __future__ import annotations

from labq.callables import LRUCache, dictfilter, lazy, maybe_evaluate, memoize
from labq.sequences import is_list, maybe_list

__all__ = ("LRUCache", "dictfilter", "is_list", "lazy", "maybe_evaluate", "maybe_list", "memoize")
