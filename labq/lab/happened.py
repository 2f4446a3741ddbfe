"""What happened: the records of a step or a run, as a tuple that shows itself as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from labq.log.record import Record

if TYPE_CHECKING:
    from labq.lab.gallery import Gallery


class Happened(tuple[Record, ...]):
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
