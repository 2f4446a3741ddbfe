"""Matchers: does a node's name fit a pattern? By the shell's wildcards, or by a regular expression.

Comes in: a name, a pattern, a matcher's name. Goes out: yes or no.
Next door: ``labq.app.pidbox`` asks whether a command is meant for its node.
Celery: ``kombu/matcher.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatch

Matcher = Callable[[str, str], bool]


class MatcherNotInstalled(Exception):
    """There is no matcher of that name."""


_matchers: dict[str, Matcher] = {
    "glob": fnmatch,
    "pcre": lambda name, pattern: re.match(pattern, name) is not None,
}


def register(name: str, matcher: Matcher) -> None:
    """Let *matcher*, which is given a node's name and a pattern, be known as *name*."""
    _matchers[name] = matcher


def unregister(name: str) -> None:
    """Forget the matcher called *name*.

    Raises:
        MatcherNotInstalled: when there is none.
    """
    _found(name)
    del _matchers[name]


def match(data: str, pattern: str, matcher: str | None = None) -> bool:
    """Tell whether the name *data* fits *pattern*.

    Arguments:
        data: the name.
        pattern: what it should be like.
        matcher: how *pattern* is read: ``glob`` (when nothing is said) or ``pcre``, a regular expression.

    Raises:
        MatcherNotInstalled: for another *matcher*.
    """
    return bool(_found(matcher or "glob")(data, pattern))


def _found(name: str) -> Matcher:
    try:
        return _matchers[name]
    except KeyError:
        raise MatcherNotInstalled(f"No matcher installed for {name}") from None
