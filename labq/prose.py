"""Prose: texts made shorter, filled, indented, filled in.

Comes in: text. Goes out: text.
Next door: ``labq.i18n`` translates; what is here does not depend on a language.
Celery: ``celery/utils/text.py``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from functools import partial
from pprint import pformat
from textwrap import fill
from typing import Any

__all__ = (
    "WhateverIO", "abbr", "abbrtask", "dedent", "dedent_initial", "ensure_newlines", "ensure_sep", "fill_paragraphs",
    "indent", "join", "match_case", "pluralize", "pretty", "remove_repeating", "remove_repeating_from_task",
    "simple_format", "str_to_list", "truncate",
)  # fmt: skip

UNKNOWN_KEY = """\
Unknown format %{0} in string {1!r}.
Possible causes: Did you forget to escape the expand sign (use '%%{0!r}'),
or did you escape and the value was expanded twice? (%%N -> %N -> %hostname)?"""

RE_FORMAT = re.compile(r"%([%\w])")

LONG = 128
"""Characters that a text keeps when it is made shorter."""


def str_to_list(s: Any) -> Any:
    """Return what the commas of a text separate; what is no text stays as it is."""
    return s.split(",") if isinstance(s, str) else s


def dedent_initial(s: str, n: int = 4) -> str:
    """Return *s* without its first *n* spaces, if it has so many."""
    return s.removeprefix(" " * n)


def dedent(s: str, sep: str = "\n") -> str:
    """Return the lines of *s*, each without its first four spaces."""
    return sep.join(map(dedent_initial, s.splitlines()))


def indent(t: str, indent: int = 0, sep: str = "\n") -> str:
    """Return the lines of *t*, each behind *indent* spaces."""
    return sep.join(" " * indent + line for line in t.split(sep))


def fill_paragraphs(s: str, width: int, sep: str = "\n") -> str:
    """Return *s* with no line longer than *width* characters, each paragraph filled by itself."""
    return sep.join(fill(paragraph, width) for paragraph in s.split(sep))


def join(l: Iterable[str], sep: str = "\n") -> str:  # noqa: E741 - Celery's name
    """Return the texts that are not empty, with *sep* between them."""
    return sep.join(filter(None, l))


def ensure_sep(sep: str, s: str, n: int = 2) -> str:
    """Return *s* with as many *sep* behind it as it lacks of *n*."""
    return s + sep * (n - s.count(sep))


ensure_newlines = partial(ensure_sep, "\n")


def abbr(S: str | None, max: int, ellipsis: str | bool = "...") -> str:  # noqa: N803 - Celery's name
    """Return *S* cut to *max* characters, the *ellipsis* among them; False for none."""
    if S is None:
        return "???"
    if len(S) <= max:
        return S
    mark = ellipsis if isinstance(ellipsis, str) else ""
    return S[: max - len(mark)] + mark or S[:max]


def abbrtask(S: str | None, max: int) -> str:  # noqa: N803 - Celery's name
    """Return a task's name cut to *max* characters: its module is shortened, its own name stays."""
    if S is None:
        return "???"
    if len(S) <= max:
        return S
    module, _, name = S.rpartition(".")
    return f"{abbr(module, max - len(name) - 3, ellipsis='')}[.]{name}"


def truncate(s: str, maxlen: int = LONG, suffix: str = "...") -> str:
    """Return *s* cut at the last space before *maxlen* characters."""
    if maxlen and len(s) >= maxlen:
        return s[:maxlen].rsplit(" ", 1)[0] + suffix
    return s


def pluralize(n: float, text: str, suffix: str = "s") -> str:
    """Return *text*, with *suffix* unless *n* is one."""
    return text if n == 1 else text + suffix


def pretty(value: Any, width: int = 80, nl_width: int = 80, sep: str = "\n", **kw: Any) -> str:
    """Return *value* as a terminal shows it; dictionaries and tuples begin on a line of their own."""
    if isinstance(value, dict):
        return f"{sep} {pformat(value, 4, nl_width)[1:]}"
    if isinstance(value, tuple):
        return f"{sep}    {pformat(value, width=nl_width, **kw)}"
    return pformat(value, width=width, **kw)


def match_case(s: str, other: str) -> str:
    """Return *s* in capitals if *other* is, else in small letters."""
    return s.upper() if other.isupper() else s.lower()


def simple_format(s: str, keys: dict[str, Any], pattern: re.Pattern[str] = RE_FORMAT, expand: str = r"\1") -> str:
    """Return *s* with ``%x`` replaced by what *keys* say of ``x``: a text, or a function that gives one.

    Raises:
        ValueError: for a letter of which nothing is said.
    """
    if not s:
        return s
    keys.setdefault("%", "%")

    def resolve(match: re.Match[str]) -> str:
        key = match.expand(expand)
        if key not in keys:
            raise ValueError(UNKNOWN_KEY.format(key, s))
        told: str | Callable[[], str] = keys[key]
        return told() if callable(told) else told

    return pattern.sub(resolve, s)


def remove_repeating_from_task(task_name: str, s: str) -> str:
    """Return *s* with the module of *task_name* printed once, at its first place.

    >>> remove_repeating_from_task("proj.add", "proj.add(2, 2) | proj.mul(3)")
    'proj.add(2, 2) | mul(3)'
    """
    module = str(task_name).rpartition(".")[0]
    return remove_repeating(f"{module}.", s) if module else s


def remove_repeating(substr: str, s: str) -> str:
    """Return *s* with each *substr* but the first taken out, where it begins a name."""
    start = s.find(substr) + len(substr)
    if substr not in s:
        return s
    begins_a_name = rf"(?<![\w.-]){re.escape(substr)}"
    return s[:start] + re.sub(begins_a_name, "", s[start:])


class WhateverIO(io.StringIO):
    """A file in memory that takes bytes for text."""

    def __init__(self, v: bytes | str | None = None, *a: Any, **kw: Any) -> None:
        super().__init__(v.decode() if isinstance(v, bytes) else v, *a, **kw)

    def write(self, data: bytes | str) -> int:
        """Write text, or bytes in UTF-8."""
        return super().write(data.decode() if isinstance(data, bytes) else data)
