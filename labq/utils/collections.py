"""The door to mappings, sets and buffers of a special kind.

Next door: ``labq.mappings``, ``labq.buffers``, ``labq.worker.limited_set``.
Celery: ``celery/utils/collections.py``.
"""

from __future__ import annotations

from labq.buffers import BufferMap, Evictable, Messagebuffer
from labq.callables import first
from labq.mappings import (
    AttributeDict,
    AttributeDictMixin,
    ChainMap,
    ConfigurationView,
    DictAttribute,
    OrderedDict,
    force_mapping,
    lpmerge,
)
from labq.sequences import uniq
from labq.worker.limited_set import LimitedSet

__all__ = (
    "AttributeDict", "AttributeDictMixin", "BufferMap", "ChainMap", "ConfigurationView", "DictAttribute", "Evictable",
    "LimitedSet", "Messagebuffer", "OrderedDict", "first", "force_mapping", "lpmerge", "uniq",
)  # fmt: skip
