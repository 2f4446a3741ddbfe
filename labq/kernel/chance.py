"""Chance with a seed: the same seed gives the same ids and the same dice.

Ids are counted, not drawn: the *n*-th id of a stream is a hash of (seed, stream, n). So an id depends on nothing but
its own place, and a world that is rebuilt from its journal needs one whole number, not a generator's inner state, to go
on where it stopped.
Celery: ``kombu.utils.uuid`` (``uuid.uuid4``) and the module ``random``.
"""

from __future__ import annotations

from hashlib import blake2b
from random import Random


class Ids:
    """A stream of ids shaped like ``str(uuid.uuid4())``.

    Arguments:
        seed: the lab's seed.
        stream: whose ids these are; two streams of one lab never meet.
    """

    __slots__ = ("_prefix", "count")

    def __init__(self, seed: int, stream: str) -> None:
        self._prefix = f"{seed}/{stream}/"
        self.count = 0
        """How many ids were given out."""

    def next(self) -> str:
        """Return the next id of the stream."""
        self.count = count = self.count + 1
        digits = blake2b(f"{self._prefix}{count}".encode(), digest_size=16).hexdigest()
        # the marks of RFC 4122: version 4, variant 10xx (one of 8, 9, a, b)
        variant = "89ab"[ord(digits[16]) & 3]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


class Chance(Random):
    """The lab's dice: jitter and every tie that has to be broken by luck.

    Arguments:
        seed: the lab's seed; text of it is hashed by ``random`` itself, not by the process's ``PYTHONHASHSEED``.
    """

    def __init__(self, seed: int | str = 0) -> None:
        super().__init__(f"labq/{seed}")
