"""kombu's matchers of node names, under the name people import: ``from kombu.matcher import match``.

Comes in and goes out: nothing; the room itself is ``labq.wire.matcher``.
Celery: ``kombu/matcher.py``.
"""

from __future__ import annotations

from labq.wire.matcher import MatcherNotInstalled, match, register, unregister

__all__ = ("MatcherNotInstalled", "match", "register", "unregister")
