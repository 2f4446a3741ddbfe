"""The words after a verb, read: numbers, seconds, choices, options, tasks.

Comes in: words. Goes out: values, or an error that says what is expected.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from labq import Lab
from labq.exceptions import LabError
from labq.i18n import text
from labq.result import AsyncResult


def whole(said: Sequence[str], default: int) -> int:
    """Return the one whole number that was said, not below 0; *default* when nothing was."""
    _at_most_one(said)
    if not said:
        return default
    if not said[0].isdecimal():
        raise LabError(f"{said[0]!r} is no whole number", text("Write a number such as 3."))
    return int(said[0])


def seconds(said: Sequence[str]) -> float:
    """Return the one number of seconds that was said."""
    _at_most_one(said)
    try:
        number = float(said[0])
    except (IndexError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise LabError(f"{' '.join(said)!r} is no number of seconds", text("Write seconds, such as 60 or 0.5."))
    return number


def choice(said: Sequence[str], choices: Sequence[str]) -> str:
    """Return the one word that was said, if it is among *choices*."""
    _at_most_one(said)
    if not said or said[0] not in choices:
        raise LabError(f"{' '.join(said)!r} is none of {', '.join(choices)}", text("Write one of these words."))
    return said[0]


def options(said: Sequence[str], *names: str) -> dict[str, str]:
    """Return the options that were given, ``--seed 7`` or ``--seed=7``; *names* are the ones there are."""
    found: dict[str, str] = {}
    words = [part for word in said for part in (word.split("=", 1) if word.startswith("--") else [word])]
    while words:
        name = words.pop(0)
        if name not in names or not words:
            known = text("It takes {names}, each with a value.", names=", ".join(names))
            raise LabError(f"{name!r} is not understood", known if names else text("It takes no arguments."))
        found[name] = words.pop(0)
    return found


def task_id(said: Sequence[str], namespace: Mapping[str, Any], lab: Lab) -> str:
    """Return the id of the task that was said: a variable that holds its result, its id, or the beginning of its id."""
    _at_most_one(said)
    if not said:
        raise LabError("which task?", text("Name the variable that holds its result, or write its id."))
    word = said[0]
    value = namespace.get(word)
    if isinstance(value, AsyncResult):
        return str(value.id)
    ids = sorted({record.task_id for record in lab.log if record.task_id and record.task_id.startswith(word)})
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise LabError(f"{len(ids)} tasks have an id that begins with {word!r}", text("Write more of the id."))
    raise LabError(
        f"{word!r} is no result and no task's id", text("Name the variable that holds its result, or write its id.")
    )


def _at_most_one(said: Sequence[str]) -> None:
    if len(said) > 1:
        raise LabError(f"{' '.join(said[1:])!r} is one word too many", text("The verb takes one argument."))
