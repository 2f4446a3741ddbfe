"""The fields of a crontab: ``*/15``, ``mon-fri``, ``1-10/3`` or numbers become a set of numbers.

Comes in: one field as people write it, and which numbers it may hold. Goes out: the numbers, or an error that says why.
Next door: ``cron`` has five of them.
Celery: ``crontab_parser`` and ``crontab._expand_cronspec`` in ``celery/schedules.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from labq.calendar import weekday, yearmonth

RANGE_WITH_STEP = re.compile(r"(\w+?)-(\w+)/(\w+)?")
RANGE = re.compile(r"(\w+?)-(\w+)")
STAR_WITH_STEP = re.compile(r"\*/(\w+)?")
STAR = re.compile(r"^\*$")


class ParseException(Exception):
    """A field of a crontab cannot be read."""


class crontab_parser:  # noqa: N801 - Celery's name
    """Reads one field of a crontab.

    Arguments:
        max_: how many numbers the field may hold.
        min_: the least of them.

    >>> sorted(crontab_parser(60).parse("*/15")), sorted(crontab_parser(7).parse("mon-wed,sat"))
    ([0, 15, 30, 45], [1, 2, 3, 6])
    """

    ParseException = ParseException

    def __init__(self, max_: int = 60, min_: int = 0) -> None:
        self.max_ = max_
        self.min_ = min_

    def parse(self, spec: str) -> set[int]:
        """Return the numbers that *spec* stands for.

        Raises:
            ParseException: for a part or a step that is not there, or a negative number.
            ValueError: for a number out of range, or a word that is neither a month nor a day.
        """
        numbers: set[int] = set()
        for part in spec.split(","):
            if not part:
                raise self.ParseException("empty part")
            numbers.update(self._expand(part))
        return numbers

    def _expand(self, part: str) -> list[int]:
        if found := RANGE_WITH_STEP.match(part):
            first, last, step = found.groups()
            return self._stepped(lambda: self._range(first, last), step)
        if found := RANGE.match(part):
            return self._range(*found.groups())
        if found := STAR_WITH_STEP.match(part):
            return self._stepped(self._all, found.group(1))
        if STAR.match(part):
            return self._all()
        return [self._number(part)]

    def _stepped(self, numbers: Any, step: str | None) -> list[int]:
        if not step:
            raise self.ParseException("empty filter")
        chosen: list[int] = numbers()[:: int(step)]
        return chosen

    def _all(self) -> list[int]:
        return list(range(self.min_, self.min_ + self.max_))

    def _range(self, first: str, last: str) -> list[int]:
        start, end = self._number(first), self._number(last)
        if end < start:  # over the top and round again: 22-2
            return [*range(start, self.min_ + self.max_), *range(self.min_, end + 1)]
        return list(range(start, end + 1))

    def _number(self, written: str) -> int:
        if written[0] == "-":
            raise self.ParseException("negative numbers not supported")
        number, most = _value(written), self.min_ + self.max_ - 1
        if number > most:
            raise ValueError(f"Invalid end range: {number} > {most}.")
        if number < self.min_:
            raise ValueError(f"Invalid beginning range: {number} < {self.min_}.")
        return number


def _value(written: str) -> int:
    for read in (int, yearmonth, weekday):
        try:
            return read(written)
        except (ValueError, KeyError):
            continue
    raise ValueError(f"Invalid weekday literal {written!r}.")


def expand(field: Any, max_: int, min_: int = 0) -> set[int]:
    """Return the numbers of a field: one number, text, a set, or any iterable of numbers.

    Raises:
        TypeError: for anything else.
        ValueError: for a number out of range; for text see ``crontab_parser.parse``.
    """
    numbers: Any
    if isinstance(field, int):
        numbers = {field}
    elif isinstance(field, str):
        numbers = crontab_parser(max_, min_).parse(field)
    elif isinstance(field, set):
        numbers = field
    elif isinstance(field, Iterable):
        numbers = set(field)
    else:
        raise TypeError(
            "Argument cronspec needs to be of any of the following types: int, str, or an iterable type. "
            f"{type(field)!r} was given."
        )
    for number in numbers:
        if number >= max_ + min_ or number < min_:
            raise ValueError(
                f"Invalid crontab pattern.  Valid range is {min_}-{max_ - 1 + min_}. '{number}' was found."
            )
    return numbers  # type: ignore[no-any-return]
