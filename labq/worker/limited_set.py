"""A set that forgets: the oldest go when it is full, and all go when their time is over.

Comes in: ids of revoked tasks. Goes out: whether one is among them.
Next door: ``labq.worker.state`` keeps two of these for each worker.
Celery: ``LimitedSet`` in ``celery/utils/collections.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any


class LimitedSet(dict[Any, float]):
    """A set with a limit on how many things it holds, and for how long.

    It is a dictionary of the moments at which things came, the oldest first: a worker asks for each of its tasks
    whether anything is in, and that must cost next to nothing.

    Arguments:
        maxlen: the most it holds; 0 is no limit.
        expires: how many seconds it keeps a thing; 0 is for ever.
        data: what is in it at first: things, or a mapping from things to the moments when they came.
        minlen: so many it keeps even when their time is over.
        clock: tells the present in seconds; a lab's workers give theirs.

    Raises:
        ValueError: when *minlen* is above *maxlen* or below 0, or *expires* is negative.
    """

    def __init__(
        self,
        maxlen: int | None = 0,
        expires: float | None = 0,
        data: Any = None,
        minlen: int | None = 0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.maxlen = maxlen or 0
        self.minlen = minlen or 0
        self.expires = expires or 0
        self._clock = clock
        super().__init__()
        self._in_order = True
        """Whether the dictionary's order is that of the moments; only moments given by hand disturb it."""
        if data:
            self.update(data)
        if not self.maxlen >= self.minlen >= 0:
            msg = "minlen must be a positive number, less or equal to maxlen."
            raise ValueError(msg)
        if self.expires < 0:
            msg = "expires cannot be negative!"
            raise ValueError(msg)

    def add(self, item: Any, now: float | None = None) -> None:
        """Put *item* in, or begin its time anew; *now* is the moment in seconds."""
        moment = self._clock() if now is None else float(now)
        dict.pop(self, item, None)
        if self and next(reversed(self.values())) > moment:
            self._in_order = False
        self[item] = moment
        if self.maxlen and len(self) >= self.maxlen:
            self.purge()

    def update(self, other: Any = ()) -> None:  # type: ignore[override]
        """Take in another set's things with their moments, or a mapping's, or those of any iterable as of now.

        Raises:
            ValueError: when a mapping has something else than seconds as a moment.
        """
        if not other:
            return
        if isinstance(other, LimitedSet):
            for item, moment in other.as_dict().items():
                self.add(item, moment)
            self.purge()
        elif isinstance(other, Mapping):
            for item, said in other.items():
                moment = said[0] if isinstance(said, tuple | list) else said
                if not isinstance(moment, float):
                    msg = f"Expecting float timestamp, got type {type(moment)!r} with value: {moment}"
                    raise ValueError(msg)  # noqa: TRY004 - Celery's choice
                self.add(item, moment)
        else:
            for item in other:
                self.add(item)

    def discard(self, item: Any) -> None:
        """Take *item* out, if it is in."""
        dict.pop(self, item, None)

    pop_value = discard

    def purge(self, now: Any = None) -> None:
        """Take out what is too much or too old; *now* is the moment in seconds, or a function that tells it."""
        moment = self._clock() if now is None else now() if callable(now) else now
        self._sort()
        while self.maxlen and len(self) > self.maxlen:
            del self[next(dict.__iter__(self))]
        while self.expires and len(self) > self.minlen:
            oldest = next(dict.__iter__(self))
            if self[oldest] + self.expires > moment:
                break
            del self[oldest]

    def pop(self, default: Any = None) -> Any:  # type: ignore[override]
        """Take the oldest thing out and return it; *default* when there is none."""
        self._sort()
        if not self:
            return default
        oldest = next(dict.__iter__(self))
        del self[oldest]
        return oldest

    def clear(self) -> None:
        """Take everything out."""
        super().clear()
        self._in_order = True

    def as_dict(self) -> dict[Any, float]:
        """Return the things with the moments when they came, in seconds, the oldest first."""
        self._sort()
        return {item: self[item] for item in dict.__iter__(self)}

    def _sort(self) -> None:
        if not self._in_order:
            entries = sorted(self.items(), key=lambda entry: entry[1])
            super().clear()
            super().update(entries)
            self._in_order = True

    def __iter__(self) -> Iterator[Any]:
        """Go through the things, the oldest first."""
        self._sort()
        return super().__iter__()

    def __eq__(self, other: object) -> bool:
        """Compare things and moments."""
        return self.as_dict() == other.as_dict() if isinstance(other, LimitedSet) else NotImplemented

    __hash__ = None

    def __repr__(self) -> str:
        """Return the class, how many are in, and the limits."""
        return (
            f"<{type(self).__name__}({len(self)}): maxlen={self.maxlen}, expires={self.expires}, minlen={self.minlen}>"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the things with their moments; whoever reads them has a clock of their own."""
        return type(self), (self.maxlen, self.expires, self.as_dict(), self.minlen)
