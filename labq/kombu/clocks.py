"""kombu's logical clocks, under the name people import: ``from kombu.clocks import LamportClock``.

Comes in and goes out: nothing; the room itself is ``labq.wire.clocks``.
Celery: ``kombu/clocks.py``.
"""

from __future__ import annotations

from labq.wire.clocks import LamportClock, timetuple

__all__ = ("LamportClock", "timetuple")
