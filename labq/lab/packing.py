"""Packing: what the lab keeps for ever is kept as plain tuples of plain values.

Comes in: deeds and tapes, as they are used. Goes out: tuples that stand for them, and the same deeds and tapes again.
A long run keeps a line of the journal and a tape for every task. Packed, they are a fraction of the size, and the
garbage collector, which walks over every object it knows again and again, walks over tuples of numbers and text once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from labq.app.trace import Ended
from labq.backends.store import Stored
from labq.kernel.body import Returned
from labq.lab.journal import Line, Publish, PutResult
from labq.lab.tape import Tape
from labq.wire.message import Message
from labq.wire.protocol import task_draft
from labq.wire.publishing import TABLES, sealed

Packed = tuple[Any, ...]

PAGE = 4096
"""How many lines or tapes are packed at a time."""
LOOSE = 2 * PAGE
"""How many may lie about unpacked."""

_SAMPLE = sealed(task_draft("", "", origin=""), own=True)
HEADERS = tuple(_SAMPLE.headers)
"""The names of the headers that every drafted message has; packed, only their values are kept."""
PROPERTIES = tuple(_SAMPLE.properties)
"""The same for the properties."""
_LIMITS, _STAMPS = (HEADERS.index(name) for name in TABLES)
_PUT, _PUBLISH = "put", "publish"


class Journal(Sequence[Line]):
    """The lines of a journal, packed."""

    def __init__(self) -> None:
        self._rows: list[Packed] = []
        self._packed = 0
        """How many lines, from the first, are packed: the newest are not, so that a short story never pays for it."""
        self._queues: list[Any] = []
        self._numbers: dict[int, int] = {}

    def add(self, steps: int, us: int, before: int, records: int, ids: int, failed: bool, deed: Any) -> None:
        """Add a line at the end; for its parts see ``Line``."""
        rows = self._rows
        rows.append((steps, us, before, records, ids, failed, deed))
        if len(rows) - self._packed > LOOSE:
            self._pack_page()

    def _pack_page(self) -> None:
        rows, first = self._rows, self._packed
        self._packed = end = first + PAGE
        rows[first:end] = [(*numbers, self._pack(deed)) for *numbers, deed in rows[first:end]]

    def cut(self, length: int) -> None:
        """Forget every line after the first *length*."""
        del self._rows[length:]
        self._packed = min(self._packed, length)

    def _pack(self, deed: Any) -> Any:
        if type(deed) is not Publish or deed.message.tables is not TABLES:
            return deed
        url, queue, exchange, routing_key, message = deed
        body, content_type, encoding, headers, properties, _ = message
        values = list(headers.values())
        values[_LIMITS], values[_STAMPS] = tuple(values[_LIMITS]), None
        number = self._number(queue)
        return (
            _PUBLISH, url, number, exchange, routing_key, body, content_type, encoding, tuple(values),
            tuple(properties.values()),
        )  # fmt: skip

    def _number(self, queue: Any) -> int:
        """Return the number that stands for *queue*; what is numbered is kept, so its id stays its own."""
        number = self._numbers.get(id(queue))
        if number is None:
            number = self._numbers[id(queue)] = len(self._queues)
            self._queues.append(queue)
        return number

    def _line(self, row: Packed) -> Line:
        *numbers, deed = row
        return Line._make((*numbers, self._unpack(deed)))

    def _unpack(self, deed: Any) -> Any:
        if type(deed) is not tuple:
            return deed
        _, url, number, exchange, routing_key, body, content_type, encoding, values, properties = deed
        headers = dict(zip(HEADERS, values, strict=True))
        headers[TABLES[0]], headers[TABLES[1]] = list(headers[TABLES[0]]), {}
        message = Message(body, content_type, encoding, headers, dict(zip(PROPERTIES, properties, strict=True)), TABLES)
        return Publish(url, self._queues[number], exchange, routing_key, message)

    def __len__(self) -> int:
        """Return how many lines there are."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Line]:
        """Go through the lines in order."""
        return map(self._line, self._rows)

    @overload
    def __getitem__(self, place: int) -> Line: ...
    @overload
    def __getitem__(self, place: slice) -> list[Line]: ...
    def __getitem__(self, place: int | slice) -> Line | list[Line]:
        """Return one line, or a list of them for a slice."""
        rows = self._rows[place]
        return [self._line(row) for row in rows] if isinstance(place, slice) else self._line(rows)  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        """Compare line by line, with any sequence of lines."""
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]


def pack_tape(tape: Tape) -> Packed | Tape:
    """Return the tape of a body that has ended, packed; one whose end was no ordinary one stays as it is."""
    outcome = tape.outcome
    if type(outcome) is not Returned or type(outcome.value) is not Ended or tape.ended_at is None:
        return tape
    wishes = tuple([
        (_PUT, *wish[:3], *wish[3]) if type(wish) is PutResult else wish for wish in tape.wishes
    ])  # fmt: skip
    return (*tape.ended_at, wishes, *outcome.value)


def unpack_tape(packed: Packed | Tape | None, like: Tape) -> Tape | None:
    """Return the tape that *packed* stands for; what every tape of the lab has is taken from *like*."""
    if packed is None or isinstance(packed, Tape):
        return packed
    steps, lines, wishes, *ended = packed
    like.ended_at = (steps, lines)
    like.outcome = Returned(Ended(*ended))
    like.wishes = [_unpack_wish(wish) if type(wish) is tuple else wish for wish in wishes]
    return like


def _unpack_wish(wish: Packed) -> PutResult:
    return PutResult._make((*wish[1:4], Stored._make(wish[4:])))
