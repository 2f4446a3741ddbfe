"""Joining: what ``a | b`` makes of two calls. All upgrades stand on this page.

A task and a task make a chain; chains run into each other. What follows a group must wait for all its members: the two
make a chord. What follows a chord joins the chord's body. A group of one counts as its member, an empty one as nothing.
Comes in: two calls, or all that ``chain(...)`` was given. Goes out: one call.
Next door: ``signature``, ``chains``, ``groups`` and ``chords`` come here with their ``|``.
Celery: the methods ``__or__`` in ``celery/canvas.py``; its user guide, "Canvas: Chains", "Groups", "Chords".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import reduce
from typing import TYPE_CHECKING, Any

from labq.canvas.kinds import is_chain, is_chord, is_empty_group, is_group, make_chain, make_chord, unrolled
from labq.canvas.lazy import _regen

if TYPE_CHECKING:
    from labq.canvas.signature import Signature


def task_then(task: Signature, other: Signature) -> Any:
    """Return the chain of a plain call and whatever follows."""
    if is_chain(other):
        steps = other.unchain_tasks()  # type: ignore[attr-defined]
        # as long as the chain is the longer one, its list is what goes on; else the pair's tuple does
        return make_chain([task, *steps] if len(steps) > 1 else (task, *steps), app=task._app)
    if is_group(other):
        return make_chain(task, unrolled(other), app=task.app)
    return make_chain(task, other, app=task._app)


def chain_then(chain: Any, other: Signature) -> Any:
    """Return what a chain and its successor make; *chain* itself stays as it is."""
    if is_empty_group(other):
        return chain
    if is_group(other):
        return _chain_then_group(chain, unrolled(other))
    if is_chain(other):
        return reduce(operator.or_, other.unchain_tasks(), chain)  # type: ignore[attr-defined]
    last = chain.tasks[-1] if chain.tasks else None
    if is_group(last):
        return _waiting_for_group(chain.clone(), other)
    if is_chord(last) and not is_chord(other):
        longer = chain.clone()
        longer.tasks[-1].body = longer.tasks[-1].body | other
        return longer
    return type(chain)([*chain.unchain_tasks(), other], app=chain._app)


def _chain_then_group(chain: Any, other: Any) -> Any:
    if not is_group(other):
        return chain | other
    steps = chain.unchain_tasks()
    if not steps:
        return other
    if is_chord(steps[-1]):
        steps[-1].body = steps[-1].body | other
        return type(chain)(steps, app=chain.app)
    return type(chain)([*steps, other], app=chain._app)


def _waiting_for_group(chain: Any, body: Signature) -> Any:
    """Make a chord of the group at the end of *chain* and *body*; two chords in a row become one in the other."""
    chain.tasks[-1] = make_chord(chain.tasks[-1], body, app=chain._app)
    if len(chain.tasks) > 1 and is_chord(chain.tasks[-2]):
        chain.tasks[-2].body = chain.tasks[-2].body | chain.tasks[-1]
        chain.tasks = chain.tasks[:-1]
    return chain


def group_then(group: Any, other: Any) -> Any:
    """Return the chord of a group and what waits for it."""
    if is_group(other) and not isinstance(other.tasks, _regen) and not other.tasks:
        return group  # an empty group; a lazy one is not asked, for that would make its members
    return make_chord(group, body=other, app=group._app)


def chord_then(chord: Any, other: Signature) -> Any:
    """Return what a chord and its successor make: a task, or a group of one, joins the body."""
    alone = is_group(other) and len(other.tasks) == 1  # type: ignore[attr-defined]
    if alone or not (is_group(other) or is_chain(other)):
        longer = chord.clone()
        longer.body = longer.body | (unrolled(other) if alone else other)
        return longer
    return task_then(chord, other)


class NoCall(TypeError):
    """Something that is no signature was to be joined."""


class Folding:
    """Joins many calls one after the other, as ``|`` would, copying each only once.

    ``a | b | c | …`` copies the whole chain for each further step. The rules only look at the last step, so they can be
    followed on a growing list.

    Arguments:
        is_call: tells a signature from anything else.
    """

    def __init__(self, is_call: Callable[[Any], bool]) -> None:
        self._is_call = is_call
        self.steps: list[Any] = []

    def add(self, other: Any, keep: bool) -> Any:
        """Join *other*; return None, or the call that takes over because the whole is no chain any more.

        Arguments:
            other: what follows.
            keep: whether *other* itself becomes the step, not a copy.

        Raises:
            NoCall: when *other* is no signature.
        """
        if is_empty_group(other):
            return None
        if is_group(other):
            member = unrolled(other)
            return self.add(member, keep) if not is_group(member) else self._add_group(member, keep)
        if is_chain(other):
            return self._add_chain(other.unchain_tasks(), keep)
        if not self._is_call(other):
            raise NoCall(other)
        last: Any = self.steps[-1] if self.steps else None
        if is_group(last):
            self.steps[-1] = make_chord(last, other if keep else other.clone())
        elif is_chord(last) and not is_chord(other):
            last.body = last.body | other
        else:
            self.steps.append(other if keep else other.clone())
        return None

    def _add_group(self, group: Any, keep: bool) -> Any:
        if not self.steps:
            return group
        if is_chord(self.steps[-1]):
            self.steps[-1].body = self.steps[-1].body | group
        else:
            self.steps.append(group if keep else group.clone())
        return None

    def _add_chain(self, tasks: list[Any], keep: bool) -> Any:
        for place, task in enumerate(tasks):
            taken_over = self.add(task, keep and place == len(tasks) - 1)
            if taken_over is not None:
                return reduce(operator.or_, tasks[place + 1 :], taken_over)
        return None


def folded(tasks: Iterable[Any], is_call: Callable[[Any], bool]) -> Any:
    """Return what ``tasks[0] | tasks[1] | …`` makes; the last call goes in as it is, all others as copies.

    Raises:
        TypeError: when one of them is no signature.
    """
    tasks = list(tasks)
    folding = Folding(is_call)
    for place, task in enumerate(tasks):
        try:
            taken_over = folding.add(task, keep=place == len(tasks) - 1)
        except NoCall:
            return reduce(operator.or_, tasks, make_chain())  # says what cannot be joined, in Python's words
        if taken_over is not None:
            return reduce(operator.or_, tasks[place + 1 :], taken_over)
    # the steps of an inner chain share its errbacks until now; copies have their own, so that each can be stamped
    return make_chain([*(step.clone() for step in folding.steps[:-1]), *folding.steps[-1:]])
