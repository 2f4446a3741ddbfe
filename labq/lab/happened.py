"""What happened: the records of a step or of a run, which show themselves as a table.

A step's records are a tuple. A run can write a million of them, so its records are a stretch of the log that is read
only when somebody looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

from labq.log.log import Log
from labq.log.record import Record

if TYPE_CHECKING:
    from labq.lab.gallery import Gallery


class Happened(tuple[Record, ...]):  # noqa: SLOT001 - it remembers who draws it
    """Records, in order.

    Arguments:
        records: the records.
        gallery: draws them.
    """

    _gallery: Gallery

    def __new__(cls, records: Iterable[Record], gallery: Gallery) -> Self:
        """Make the tuple and remember who draws it."""
        happened = super().__new__(cls, records)
        happened._gallery = gallery
        return happened

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Show the records as a table."""
        bundle: dict[str, Any] = self._gallery.records(self)._repr_mimebundle_(include, exclude)
        return bundle

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show the table as text too: IPython would print any kind of tuple as a tuple."""
        del cycle
        printer.text(self._gallery.records(self).text())


class Stretch(Sequence[Record]):
    """Records of a log from one place to another.

    Arguments:
        log: the log.
        first: the number of the first record.
        end: the number after the last one.
        gallery: draws them.
    """

    def __init__(self, log: Log, first: int, end: int, gallery: Gallery) -> None:
        self._log = log
        self._places = range(first, end)
        self._gallery = gallery

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, place: int | slice) -> Record | tuple[Record, ...]:
        """Return one record, or a tuple of them for a slice."""
        if isinstance(place, slice):
            return tuple(self._log[number] for number in self._places[place])
        return self._log[self._places[place]]

    def __eq__(self, other: object) -> bool:
        """Compare record by record, with another stretch or a tuple."""
        return tuple(self) == tuple(other) if isinstance(other, tuple | Stretch) else NotImplemented

    def __hash__(self) -> int:
        """Hash like the place in the log."""
        return hash((id(self._log), self._places))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Show the records as a table."""
        bundle: dict[str, Any] = self._gallery.records(self)._repr_mimebundle_(include, exclude)
        return bundle

    def __repr__(self) -> str:
        """Show the records as a table."""
        return self._gallery.records(self).text()
