"""The kinds of composed calls: who is a chain, a group, a chord, and how to make one.

A chain may become a chord, a chord holds groups, a group joins a chain: each kind deals with the others. So that no two
modules import each other, each kind signs up here under its name, and the others ask here.
Next door: ``chains``, ``groups`` and ``chords`` sign up; ``joining`` and ``steps`` ask.
Celery: nothing of its own; there all kinds stand in one file, ``celery/canvas.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from labq.canvas.signature import Signature

Kind = TypeVar("Kind", bound=type)

_KINDS: dict[str, type] = {}


def kind(name: str) -> Callable[[Kind], Kind]:
    """Return a decorator that signs a class up as the one for chains, groups, or chords."""

    def sign_up(found: Kind) -> Kind:
        _KINDS[name] = found
        return found

    return sign_up


def is_chain(call: object) -> bool:
    """Tell whether *call* is a chain, of whatever class."""
    return isinstance(call, _KINDS["chain"])


def is_group(call: object) -> bool:
    """Tell whether *call* is a group."""
    return isinstance(call, _KINDS["group"])


def is_chord(call: object) -> bool:
    """Tell whether *call* is a chord."""
    return isinstance(call, _KINDS["chord"])


def make_chain(*tasks: Any, **options: Any) -> Any:
    """Return a chain of *tasks* just as they are: nothing is joined or unpacked."""
    return _KINDS["chain"](*tasks, **options)


def make_group(*tasks: Any, **options: Any) -> Any:
    """Return a group."""
    return _KINDS["group"](*tasks, **options)


def make_chord(header: Any, body: Any = None, **options: Any) -> Any:
    """Return a chord."""
    return _KINDS["chord"](header, body, **options)


def is_empty_group(call: object) -> bool:
    """Tell whether *call* is a group without members; asking makes a lazy group's first members."""
    return is_group(call) and isinstance(call.tasks, list | tuple) and not call.tasks  # type: ignore[attr-defined]


def is_empty_chain(call: object) -> bool:
    """Tell whether *call* is a chain without steps: it does nothing and has no result."""
    return is_chain(call) and not call.tasks  # type: ignore[attr-defined]


def unrolled(group: Any) -> Any:
    """Return the only member of a group of one, else the group."""
    try:
        size = len(group.tasks)
    except TypeError:
        return group
    return group.tasks[0] if size == 1 else group


def leads_with_task(call: Any) -> bool:
    """Tell whether *call* is a chain whose first step is no group.

    A group at the head of a chain runs the steps after it once for all members, so such a chain cannot be taken apart.
    """
    return is_chain(call) and bool(call.tasks) and not is_group(call.tasks[0])


def without_chord(call: Signature) -> None:
    """Take the chord that waits for *call* off the tasks that would tell it: the last ones."""
    call.options.pop("chord", None)
    if is_group(call):
        for task in call.tasks:  # type: ignore[attr-defined]
            without_chord(task)
    elif is_chain(call) and call.tasks:  # type: ignore[attr-defined]
        without_chord(call.tasks[-1])  # type: ignore[attr-defined]
    elif is_chord(call) and call.body is not None:  # type: ignore[attr-defined]
        without_chord(call.body)  # type: ignore[attr-defined]


def without_header_chords(call: Signature) -> None:
    """Take each pending chord's body off its header tasks: the chord itself carries it, and ``run`` puts it back.

    Freezing puts the body on every header task. In nested chords the copies would multiply in the messages.
    """
    if is_chord(call):
        without_chord(call.tasks)  # type: ignore[attr-defined]
        without_header_chords(call.tasks)  # type: ignore[attr-defined]
        if call.body is not None:  # type: ignore[attr-defined]
            without_header_chords(call.body)  # type: ignore[attr-defined]
    elif is_group(call) or is_chain(call):
        for task in call.tasks:  # type: ignore[attr-defined]
            without_header_chords(task)
