"""kombu's module of compression: ``from labq.kombu.compression import compress``.

Next door: ``labq.wire.compression`` has it.
Celery: ``kombu/compression.py``.
"""

from __future__ import annotations

from labq.wire.compression import compress, decompress, encoders, register

__all__ = ("compress", "decompress", "encoders", "register")
