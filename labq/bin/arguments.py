"""Kinds of arguments: how the words behind Celery's options are read.

Comes in: a word, as it was typed. Goes out: a list, a number, a moment, or click's sentence about what is wrong.
Next door: ``base`` offers them under Celery's names.
Celery: ``celery/bin/base.py``, ``celery/bin/worker.py`` (``Autoscale``, ``Hostname``).
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from numbers import Integral
from typing import TYPE_CHECKING, Any

import click

from labq.nodes import default_nodename, host_format

if TYPE_CHECKING:
    Kind = click.ParamType[Any]
else:
    Kind = click.ParamType  # older versions of click have it without a parameter


class CommaSeparatedList(Kind):
    """Names with commas between them."""

    name = "comma separated list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the names as a list; what is no text is returned as it is."""
        del param, ctx
        return value.split(",") if isinstance(value, str) else value


class Json(Kind):
    """A JSON value of one type.

    Arguments:
        name: what the help calls it.
        kind: the type of Python that it must come out as.
        said: what the type is called when it is another one.
    """

    def __init__(self, name: str, kind: type, said: str) -> None:
        self.name = name
        self._kind = kind
        self._said = said

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value that the text stands for."""
        if isinstance(value, self._kind):
            return value
        try:
            found = json.loads(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not isinstance(found, self._kind):
            self.fail(f"{value} was not an {self._said}", param, ctx)
        return found


class Moment(Kind):
    """A moment as ISO 8601 writes it; without an offset it is UTC.

    Arguments:
        name: what the help calls it.
        or_seconds: whether a number is taken too, as seconds from now.
    """

    def __init__(self, name: str, *, or_seconds: bool = False) -> None:
        self.name = name
        self._or_seconds = or_seconds

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return an aware datetime, or a number of seconds."""
        if isinstance(value, datetime):
            return value
        if self._or_seconds:
            try:
                return float(value)
            except (TypeError, ValueError):
                pass
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            self.fail(str(error), param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class JsonArray(Json):
    """A JSON array."""

    def __init__(self) -> None:
        super().__init__("json array", list, "array")


class JsonObject(Json):
    """A JSON object."""

    def __init__(self) -> None:
        super().__init__("json object", dict, "object")


class ISO8601DateTime(Moment):
    """A moment."""

    def __init__(self) -> None:
        super().__init__("iso-86091")


class ISO8601DateTimeOrFloat(Moment):
    """A moment, or seconds from now."""

    def __init__(self) -> None:
        super().__init__("iso-86091 or float", or_seconds=True)


class LogLevel(click.Choice[str]):
    """The name of a level of ``logging``, in any case; it comes out as its number."""

    def __init__(self) -> None:
        super().__init__(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL"))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the level's number."""
        if isinstance(value, Integral):
            return value
        return getattr(logging, str(super().convert(str(value).upper(), param, ctx)))


class Hostname(Kind):
    """The name of a node, or a part of it: ``w1@%h``, ``w1@``, ``%h``."""

    name = "hostname"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the full name."""
        try:
            return host_format(default_nodename(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Autoscale(Kind):
    """The most children of a pool, then the fewest."""

    name = "<min workers>, <max workers>"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the two numbers, the greater one first; the fewest are none unless they are said."""
        if not isinstance(value, str):
            return value
        said = value.split(",")
        if len(said) > 2:
            self.fail(f"Expected two comma separated integers or one integer.Got {len(said)} instead.", param, ctx)
        try:
            numbers = [int(word) for word in said]
        except ValueError:
            if len(said) == 1:
                self.fail(f"Expected an integer. Got {said} instead.", param, ctx)
            self.fail(f"Expected two comma separated integers. Got {value} instead.", param, ctx)
        return tuple(sorted([*numbers, 0][:2], reverse=True))


JSON_ARRAY = JsonArray()
JSON_OBJECT = JsonObject()
ISO8601 = ISO8601DateTime()
ISO8601_OR_FLOAT = ISO8601DateTimeOrFloat()
LOG_LEVEL = LogLevel()
COMMA_SEPARATED_LIST = CommaSeparatedList()
AUTOSCALE = Autoscale()
HOSTNAME = Hostname()
